"""What was learnt, weighed against what the catalog says to the words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import Ambiguous, Certain, Index, Taught, Unknown, Variant
from catalog.domain.learnt import SHOP, Learnt, Lesson, Meaning, key_of
from tests.factories import a_product

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILLERS = frozenset({"the", "my"})


def a_tee() -> Any:
    return a_product(
        id="tee",
        sku="T-144",
        name="T-Shirt",
        variants=tuple(
            Variant(f"tee-{size}", f"T-144-{size}", size, {"size": size})
            for size in ("S", "M")
        ),
    )


PRODUCTS = (
    a_product(id="latte", sku="LAT", name="Latte", aliases=("milk coffee",)),
    a_product(id="mocha", sku="MOC", name="Mocha"),
    a_product(id="choc", sku="CHO", name="Chocolate croissant", price=Decimal(60)),
    a_product(id="butter", sku="BUT", name="Butter croissant", price=Decimal(50)),
    a_product(id="twin1", sku="TW1", name="Twin"),
    a_product(id="twin2", sku="TW2", name="Twin"),
    a_product(id="gone", sku="GON", name="Gone", active=False),
    a_tee(),
)
INDEX = Index.build(PRODUCTS)


def means(words: str, meaning: str, weight: float = 1.0, **more: Any) -> Learnt:
    """Return an alias: `tee/tee-M` is a product and its variant."""
    product_id, _, variant_id = meaning.partition("/")
    return Learnt(
        owner=more.get("owner", "ana"),
        key=key_of(words, FILLERS),
        words=words,
        meaning=Meaning(product_id, variant_id or None),
        lesson=more.get("lesson", Lesson.ORDER),
        times=more.get("times", 1),
        weight=weight,
        learnt_at=NOW,
        forgotten=more.get("forgotten", False),
    )


def index_of(*aliases: Learnt, **more: Any) -> Taught:
    return Taught(INDEX, aliases, now=NOW, fillers=FILLERS, **more)


def test_a_taught_index_answers_everything_that_an_index_does() -> None:
    public = {name for name in vars(Index) if not name.startswith("_")} - {"build"}
    assert public <= set(vars(Taught)), "hand it on to the index that it stands on"
    taught = index_of()
    assert taught.plain is INDEX
    assert (taught.products, taught.revision) == (INDEX.products, INDEX.revision)
    assert taught.find("latte") == INDEX.find("latte")
    assert taught.search("croissant") == INDEX.search("croissant")
    assert taught.look("croissant") == INDEX.look("croissant")
    assert taught.by_retailer_id("LAT") == INDEX.by_retailer_id("LAT")
    assert taught.categories() == INDEX.categories()
    assert taught.knows("latte")
    assert not taught.phrases
    assert isinstance(taught.changed((), ("latte",), revision=2).find("latte"), Unknown)


def test_what_a_turn_asks_twice_is_looked_up_once() -> None:
    taught = index_of(means("flat white", "latte"))
    for words in ("latte", "flat white"):
        assert taught.find(words) is taught.find(words)
    assert taught.find("twin", limit=1) != taught.find("twin")


def test_words_that_nobody_sells_are_known_after_one_order() -> None:
    found = index_of(means("the usual", "mocha")).find("my usual")
    assert isinstance(found, Certain)
    assert found.candidate.product_id == "mocha"
    assert found.candidate.why == ("learnt: this customer's orders (1)",)
    assert isinstance(INDEX.find("my usual"), Unknown)


def test_one_order_leads_a_choice_and_a_second_one_settles_it() -> None:
    assert isinstance(INDEX.find("croissant"), Ambiguous)
    once = index_of(means("croissant", "butter")).find("croissant")
    assert isinstance(once, Ambiguous)
    assert [each.product_id for each in once.candidates] == ["butter", "choc"]
    twice = index_of(means("croissant", "butter", 2)).find("croissant")
    assert isinstance(twice, Certain)
    assert twice.candidate.product_id == "butter"
    assert [each.product_id for each in twice.others] == ["choc"]


def test_a_correction_outweighs_what_the_catalog_was_sure_of() -> None:
    own = INDEX.find("mocca")
    assert isinstance(own, Certain)
    assert own.candidate.product_id == "mocha"
    found = index_of(means("mocca", "latte", 5)).find("mocca")
    assert isinstance(found, Certain)
    assert found.candidate.product_id == "latte"
    asked = index_of(means("mocca", "latte", 1)).find("mocca")
    assert isinstance(asked, Ambiguous), "one order alone makes it a question"


@pytest.mark.parametrize(
    "words", ["latte", "LAT", "milk coffee", "T-144", "Chocolate croissant"]
)
def test_nothing_that_was_learnt_beats_a_code_a_name_or_an_alias(words: str) -> None:
    taught = index_of(means(words, "mocha", 8, lesson=Lesson.TOLD))
    assert taught.find(words) == INDEX.find(words)
    assert taught.search(words)[0] == INDEX.search(words)[0]


def test_of_products_of_one_name_it_tells_which() -> None:
    assert isinstance(INDEX.find("twin"), Ambiguous)
    found = index_of(means("twin", "twin2", 2), means("twin", "latte", 8)).find("twin")
    assert isinstance(found, Certain)
    assert found.candidate.product_id == "twin2"


def test_a_customers_own_words_come_before_the_shops() -> None:
    shop = means("usual", "latte", 8, owner=SHOP, lesson=Lesson.TOLD)
    own = means("usual", "mocha")
    both = index_of(shop, own).find("usual")
    assert isinstance(both, Certain)
    assert both.candidate.product_id == "mocha"
    others = index_of(shop).find("usual")
    assert isinstance(others, Certain)
    assert others.candidate.why == ("learnt: told by an agent for the shop (1)",)


@pytest.mark.parametrize("meaning", ["gone", "nothing", "tee/tee-XL"])
def test_what_is_no_longer_sold_is_not_remembered(meaning: str) -> None:
    taught = index_of(means("usual", meaning, 8))
    assert taught.find("usual") == INDEX.find("usual")


@pytest.mark.parametrize(
    "alias",
    [means("usual", "mocha", 0.2), means("usual", "mocha", 8, forgotten=True)],
    ids=["faded", "forgotten"],
)
def test_what_has_faded_or_was_forgotten_counts_for_nothing(alias: Learnt) -> None:
    assert index_of(alias).find("usual") == INDEX.find("usual")


def test_a_variant_is_remembered_and_without_it_the_choice_stays_open() -> None:
    medium = index_of(means("my shirt thing", "tee/tee-M")).find("my shirt thing")
    assert isinstance(medium, Certain)
    assert (medium.candidate.variant_id, medium.variant_required) == ("tee-M", False)
    some = index_of(means("zzz", "tee")).find("zzz")
    assert isinstance(some, Certain)
    assert some.variant_required


@pytest.mark.parametrize(
    ("words", "lessons", "variant_id"),
    [
        ("zzz", [("tee/tee-M", 1), ("tee/tee-S", 1)], None),
        ("zzz", [("tee/tee-M", 8), ("tee", 1)], "tee-M"),
        ("zzz", [("tee/tee-M", 1), ("tee", 8)], None),
        ("zzz", [("tee/tee-M", 4), ("tee/tee-S", 0.3)], "tee-M"),
        ("tshirtt", [("tee/tee-M", 0.4)], None),
        ("tshirtt", [("tee/tee-M", 4)], "tee-M"),
    ],
    ids=[
        "two orders that disagree",
        "one habit and one open order",
        "an agent left it open",
        "a habit that has changed",
        "one old order, and the catalog knows the words",
        "a habit, and the catalog knows the words",
    ],
)
def test_a_variant_is_taken_when_lessons_agree_on_it_and_asked_for_when_not(
    words: str, lessons: list[tuple[str, float]], variant_id: str | None
) -> None:
    found = index_of(*(means(words, *each) for each in lessons)).find(words)
    assert isinstance(found, Certain)
    assert (found.candidate.product_id, found.candidate.variant_id) == (
        *("tee", variant_id),
    )
    assert found.variant_required is (variant_id is None)


def test_a_list_names_no_variant_that_lessons_disagree_on() -> None:
    one, two = means("zzz", "tee/tee-M"), means("zzz", "tee/tee-S")
    assert index_of(one).search("zzz")[0].variant_id == "tee-M"
    assert index_of(one, two).search("zzz")[0].variant_id is None


def test_a_careful_shop_asks_where_another_takes_it() -> None:
    alias = means("usual", "mocha")
    assert isinstance(index_of(alias, sure=0.6).find("usual"), Certain)
    careful = index_of(alias, sure=0.95).find("usual")
    assert isinstance(careful, Unknown)
    assert careful.near[0].product_id == "mocha", "offered, and not taken"
    assert isinstance(index_of(alias).find("usual", sure=0.95), Unknown)


def test_two_meanings_of_unknown_words_are_a_choice() -> None:
    found = index_of(means("usual", "mocha"), means("usual", "latte", 1.1)).find(
        "usual"
    )
    assert isinstance(found, Ambiguous)
    assert [each.product_id for each in found.candidates] == ["latte", "mocha"]


def test_a_learnt_phrase_is_known_and_leads_the_list() -> None:
    taught = index_of(means("blue box", "mocha"))
    assert taught.phrases == {"blue box": "mocha"}
    assert taught.search("blue box")[0].product_id == "mocha"
    assert taught.knows("blue box")
    assert not taught.knows("box")
    (play,) = taught.in_play("the blue box")
    assert play.alias.meaning == Meaning("mocha")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(("latte", "croissant", "mocca", "usual", "twin", "t-shirt")),
    st.lists(
        st.tuples(
            st.sampled_from([each.id for each in PRODUCTS]),
            st.floats(0, 8),
            st.booleans(),
        ),
        max_size=4,
        unique_by=lambda each: (each[0], each[2]),
    ),
)
def test_chances_stay_chances_and_only_what_is_sold_is_found(
    words: str, learnt: list[tuple[str, float, bool]]
) -> None:
    aliases = [
        means(words, product_id, weight, owner=SHOP if is_shop else "ana")
        for product_id, weight, is_shop in learnt
    ]
    found = index_of(*aliases).look(words)
    match = found.match
    if isinstance(match, Certain):
        listed = [match.candidate, *match.others]
    else:
        listed = [*(match.candidates if isinstance(match, Ambiguous) else match.near)]
    chances = [each.probability for each in listed]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= each <= 1 for each in chances)
    assert sum(chances) <= 1.001
    ids = [each.product_id for each in listed]
    assert len(ids) == len(set(ids)) or words == "twin"
    assert "gone" not in ids
