"""Finding the product that a customer means, or saying honestly how unsure we are."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import Ambiguous, Certain, Index, Match, Product, Unknown, Variant
from catalog.domain.index import LONGEST_TEXT
from catalog.domain.lookalikes import LONGEST_WORD
from catalog.domain.query import MOST_TERMS
from tests.factories import a_product
from tests.sample_shop import LANGUAGES, sample_index, special_products

SHOP = sample_index()
SAID = ("latte", "late", "33", "cl", "red", "m", "t-shirt", "choc", "croissant", "2")
WORDS = st.sampled_from(SAID)
KNOWN = ("latte", "late", "lattes", "Kruvasanı", "choc", "t-shirt", "red", "kırmızı")
SMALL_TALK = ("hello", "thanks", "please", "lütfen", "address", "xyz", "", "🙂")


def name_of(product_id: str) -> str:
    return SHOP.products[product_id].name


def certain(match: Match) -> str:
    assert isinstance(match, Certain), match
    return name_of(match.candidate.product_id)


def offered(match: Match) -> set[str]:
    assert isinstance(match, Ambiguous), match
    return {name_of(candidate.product_id) for candidate in match.candidates}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("latte", "Latte"),
        ("LATTE!", "Latte"),
        ("late", "Latte"),
        ("lattes", "Latte"),
        ("latteler", "Latte"),
        ("latteyi", "Latte"),
        ("a latte pls", "Latte"),
        ("2 latte", "Latte"),
        ("iki adet latte lütfen", "Latte"),
        ("latte macchiato", "Latte Macchiato"),
        ("machiato", "Latte Macchiato"),
        ("capuccino", "Cappuccino"),
        ("cappucino", "Cappuccino"),
        ("expresso", "Espresso"),
        ("double expresso", "Double Espresso"),
        ("choc croissant", "Chocolate Croissant"),
        ("croissant choc", "Chocolate Croissant"),
        ("choclate croisant", "Chocolate Croissant"),
        ("chocolatecroissant", "Chocolate Croissant"),
        ("chocolate croissants", "Chocolate Croissant"),
        ("cheese cake", "Cheesecake"),
        ("cheescake", "Cheesecake"),
        ("blueberry muffins", "Blueberry Muffin"),
        ("kruvasan", "Kruvasan"),
        ("KRUVASAN", "Kruvasan"),
        ("krüvasan", "Kruvasan"),
        ("kruvasanı", "Kruvasan"),
        ("cikolata", "Çikolata"),
        ("ÇİKOLATA", "Çikolata"),
        ("suzme yogurt", "Süzme Yoğurt 1 kg"),
        ("su", "Su"),
        ("2 su", "Su"),
        ("suyu", "Su"),
        ("ekmeği", "Ekmek"),
        ("7up", "7 Up"),
        ("tomato", "Tomatoes"),
        ("2 kg tomatoes", "Tomatoes"),
        ("banana", "Bananas"),
        ("bagle", "Bagel"),
        ("soya mocha", "Mocha"),
        ("simit", "Sesame Ring"),
        ("2 gevrek lütfen", "Sesame Ring"),
        ("orange juice", "Orange Juice"),
    ],
)
def test_the_product_that_people_mean_is_found(typed: str, name: str) -> None:
    assert certain(SHOP.find(typed)) == name


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("coffee", {"Filter Coffee", "Turkish Coffee"}),
        (
            "croissant",
            {"Chocolate Croissant", "Almond Croissant", "Plain Croissant"},
        ),
        (
            "croissants pls",
            {"Chocolate Croissant", "Almond Croissant", "Plain Croissant"},
        ),
        ("chocolate", {"Chocolate Croissant", "Hot Chocolate", "Chocolate Cake"}),
        ("water", {"Water 50 cl", "Water 1.5 L"}),
        ("cola", {"Coca-Cola 33 cl", "Coca-Cola Zero 33 cl", "Coca-Cola 1 L"}),
        ("paint", {"Paint No 102", "Paint No 105"}),
    ],
)
def test_a_word_that_names_several_products_is_asked_about(
    typed: str, names: set[str]
) -> None:
    assert offered(SHOP.find(typed)) == names


def test_no_more_products_are_offered_than_asked_for() -> None:
    match = SHOP.find("cola", limit=2)
    assert isinstance(match, Ambiguous)
    assert len(match.candidates) == 2


def test_a_word_that_is_the_whole_name_of_one_product_means_that_one() -> None:
    names = ("Croissant", "Chocolate Croissant", "Almond Croissant")
    index = Index.build(a_product(id=n, sku=n, name=n) for n in names)
    match = index.find("croissant")
    assert isinstance(match, Certain)
    assert match.candidate.product_id == "Croissant"


def test_two_products_of_one_name_are_never_guessed_between() -> None:
    index = Index.build(a_product(id=n, sku=n, name="Latte") for n in "ab")
    match = index.find("latte")
    assert isinstance(match, Ambiguous)
    assert {c.product_id for c in match.candidates} == {"a", "b"}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "🙂",
        "hello",
        "hi",
        "thanks",
        "good morning",
        "how are you",
        "where is my order",
        "do you deliver to moda",
        "can i pay by card",
        "merhaba",
        "teşekkürler",
        "kolay gelsin",
        "siparişim nerede",
        "asdf qwer zxcv",
        "pls",
        "lütfen",
        "3",
        "x" * 5000,
        "latte " + "blah blubb " * 400,
        "milk chocolate bar with nuts",
    ],
)
def test_small_talk_and_nonsense_are_unknown(typed: str) -> None:
    match = SHOP.find(typed)
    assert isinstance(match, Unknown)
    assert match.text == typed


@pytest.mark.parametrize("typed", ["sahlep", "salep", "GONE-1", "gone-1"])
def test_inactive_products_are_never_found(typed: str) -> None:
    assert isinstance(SHOP.find(typed), Unknown)
    assert all(c.product_id != "gone" for c in SHOP.search(typed))
    assert SHOP.by_retailer_id(typed) is None
    assert not SHOP.knows("sahlep")


def test_an_inactive_product_is_still_known_by_its_id() -> None:
    product = SHOP.product("gone")
    assert product is not None
    assert product.name == "Sahlep"
    assert SHOP.product("nothing") is None


def test_a_near_miss_is_shown_and_not_guessed() -> None:
    match = SHOP.find("warm choc croissant")
    assert isinstance(match, Unknown)
    assert name_of(match.near[0].product_id) == "Chocolate Croissant"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("coca cola 33cl", "Coca-Cola 33 cl"),
        ("coca cola 330 ml", "Coca-Cola 33 cl"),
        ("cola 1lt", "Coca-Cola 1 L"),
        ("cola zero", "Coca-Cola Zero 33 cl"),
        ("water 1,5 lt", "Water 1.5 L"),
        ("water 0.5 l", "Water 50 cl"),
        ("feta 500gr", "Feta Cheese 500 g"),
        ("paint 102", "Paint No 102"),
        ("paint no 105", "Paint No 105"),
    ],
)
def test_sizes_and_numbers_choose_the_product(typed: str, name: str) -> None:
    assert certain(SHOP.find(typed)) == name


@pytest.mark.parametrize(
    "typed", ["coca cola 50 cl", "water 33 cl", "feta 1 kg", "paint 103"]
)
def test_another_size_or_number_is_another_product(typed: str) -> None:
    assert not isinstance(SHOP.find(typed), Certain)


@pytest.mark.parametrize(
    ("typed", "variant_id"),
    [
        ("red M t-shirt", "tee Red M"),
        ("t-shirt red m", "tee Red M"),
        ("2 M red tshirts", "tee Red M"),
        ("kırmızı orta tshirt", "tee Red M"),
        ("blue t shirt large", "tee Blue L"),
        ("light blue t-shirt s", "tee Light Blue S"),
        ("T-144 red m", "tee Red M"),
        ("T-144-BL", "tee Blue L"),
        ("8690000000012", "tee Red M"),
        ("cap", "cap one"),
    ],
)
def test_the_words_choose_the_variant(typed: str, variant_id: str) -> None:
    match = SHOP.find(typed)
    assert isinstance(match, Certain)
    assert match.candidate.variant_id == variant_id
    assert not match.variant_required


@pytest.mark.parametrize("typed", ["t-shirt", "tshirts", "red t-shirt", "T-144"])
def test_a_variant_that_is_still_open_must_be_asked_for(typed: str) -> None:
    match = SHOP.find(typed)
    assert isinstance(match, Certain)
    assert match.candidate.product_id == "tee"
    assert match.candidate.variant_id is None
    assert match.variant_required


def test_the_ending_of_a_joined_word_is_no_size() -> None:
    sizes = tuple(
        Variant(size, f"TS-{size}", f"black, {size}", {"size": size}) for size in "SM"
    )
    tee = a_product(id="tee", sku="TS", name="T-shirt", variants=sizes)
    shop = Index.build([tee], LANGUAGES)
    match = shop.find("black tshirts")
    assert isinstance(match, Certain)
    assert match.variant_required


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("SIMIT", "sku"),
        ("4006381333931", "gtin"),
        ("erp-77", "external id"),
        ("ERP 77", "external id"),
        ("pls send ERP-77", "external id"),
        ("sesame ring", "name"),
        ("gevrek", "alias"),
    ],
)
def test_an_exact_code_name_or_alias_says_why_it_won(typed: str, why: str) -> None:
    match = SHOP.find(typed)
    assert isinstance(match, Certain)
    assert match.candidate.product_id == "simit"
    assert match.candidate.why == (why,)
    assert match.candidate.probability > 0.95


def test_a_code_beats_a_name_and_a_name_beats_an_alias() -> None:
    index = Index.build(
        [
            a_product(id="by alias", sku="1", name="First", aliases=("tea", "a1b2")),
            a_product(id="by name", sku="2", name="Tea", aliases=()),
            a_product(id="by code", sku="A1B2", name="Other"),
        ]
    )
    for typed, product_id in (("tea", "by name"), ("a1b2", "by code")):
        match = index.find(typed)
        assert isinstance(match, Certain)
        assert match.candidate.product_id == product_id


@pytest.mark.parametrize("product", SHOP.products.values(), ids=lambda p: p.id)
def test_every_active_product_is_found_by_its_exact_name(product: Product) -> None:
    if product.active:
        assert certain(SHOP.find(product.name)) == product.name


@given(st.text(max_size=60) | st.lists(WORDS).map(" ".join))
def test_no_text_breaks_the_search_and_probabilities_are_probabilities(
    text: str,
) -> None:
    match = SHOP.find(text)
    if isinstance(match, Certain):
        found = (match.candidate, *match.others)
    elif isinstance(match, Ambiguous):
        found = match.candidates
        assert len(found) >= 2
    else:
        found = match.near
    listed = SHOP.search(text, limit=10)
    for group in (found, listed):
        likely = [candidate.probability for candidate in group]
        assert all(0 <= each <= 1 for each in likely)
        assert likely == sorted(likely, reverse=True)
    assert sum(candidate.probability for candidate in found) <= 1.0001


def test_a_list_of_products_starts_with_the_likeliest() -> None:
    found = SHOP.search("chocolate", limit=3)
    assert len(found) == 3
    assert all("hoco" in name_of(c.product_id) for c in found)
    first, *_ = SHOP.search("latte")
    assert name_of(first.product_id) == "Latte"
    assert len({c.product_id for c in SHOP.search("latte")}) == len(
        SHOP.search("latte")
    )


@pytest.mark.parametrize("text", ["SIMIT", " simit ", "erp-77", "4006381333931"])
def test_a_cart_names_a_product_by_any_of_its_codes(text: str) -> None:
    found = SHOP.by_retailer_id(text)
    assert found is not None
    assert (found[0].id, found[1]) == ("simit", None)


def test_a_cart_names_a_variant_by_its_code_even_without_leading_zeros() -> None:
    tee = special_products()[0]
    for text in ("T-144-RM", "08690000000012", "8690000000012"):
        assert SHOP.by_retailer_id(text) == (tee, tee.variants[1])
    for text in ("", "T144RM", "latte", "0"):
        assert SHOP.by_retailer_id(text) is None


@pytest.mark.parametrize(
    "word",
    [
        "latte",
        "late",
        "lattes",
        "Kruvasanı",
        "choc",
        "t-shirt",
        "red",
        "kırmızı",
        "soya",
    ],
)
def test_product_words_are_known(word: str) -> None:
    assert SHOP.knows(word)


@pytest.mark.parametrize("word", SMALL_TALK)
def test_small_talk_is_not_known(word: str) -> None:
    assert not SHOP.knows(word)


def test_categories_come_largest_first_with_a_few_names() -> None:
    categories = SHOP.categories(limit_names=2)
    sizes = {
        category: sum(
            p.category == category for p in SHOP.products.values() if p.active
        )
        for category, _ in categories
        if category
    }
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)
    assert ("Paint", ("Paint No 102", "Paint No 105")) in categories
    assert categories[-1] == ("", ("Cap",)), "products without a category come last"


def test_an_empty_catalog_finds_nothing() -> None:
    index = Index.build([], LANGUAGES)
    assert index.find("latte") == Unknown("latte")
    assert index.search("latte") == ()
    assert index.categories() == ()
    assert not index.knows("latte")


def test_an_index_knows_the_revision_that_it_was_built_at() -> None:
    assert SHOP.revision == 7


def test_twenty_thousand_products_are_indexed_and_searched() -> None:
    products = [
        a_product(id=f"p{n}", sku=f"X{n}", name=f"Ware{n % 977} Kind{n // 977} {n}")
        for n in range(20_000)
    ]
    index = Index.build(products)
    match = index.find("ware12 kind3 2943")
    assert isinstance(match, Certain)
    assert index.products[match.candidate.product_id].name == "Ware12 Kind3 2943"


def test_everyday_words_are_not_misspelt_products() -> None:
    products = [a_product(id=n, sku=n, name=n) for n in ("Tanks", "Jello", "Moring")]
    index = Index.build(products, LANGUAGES)
    for typed in ("thanks", "hello", "good morning"):
        assert isinstance(index.find(typed), Unknown)
        assert not index.knows(typed)


def test_a_category_is_a_choice_and_never_one_product() -> None:
    match = SHOP.find("hot drinks")
    assert isinstance(match, Ambiguous)
    found = {SHOP.products[c.product_id].category for c in match.candidates}
    assert found == {"Hot drinks"}


def test_a_word_that_is_a_name_here_is_no_filler_here() -> None:
    assert "su" in LANGUAGES[1].fillers, "Turkish: close to 'this'"
    assert certain(SHOP.find("3 su lütfen")) == "Su"


#: What nobody writes to a shop; each once took seconds.
HOSTILE = {
    "one letter": "a" * 4_000,
    "a long word": "latte" * 800,
    "endings": "lerini" * 700,
    "digits": "4" * 4_000,
    "codes": "a1" * 2_000,
    "long words": ("x" * 39 + " ") * 100,
    "tokens": "kirmizi croisant 33 cl " * 1_000,
    "marks": "a" + "\u0301" * 4_000,
    "ligatures": "\ufdfa" * 4_000,
    "a book": "ç" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_takes_bounded_work(text: str) -> None:
    started = process_time()
    SHOP.find(text)
    SHOP.search(text)
    SHOP.knows(text)
    for length in (LONGEST_WORD, LONGEST_TEXT):
        SHOP.knows(text[:length])
    assert process_time() - started < 0.5


def test_nothing_is_read_after_the_first_letters_of_a_long_text() -> None:
    head = "latte".ljust(LONGEST_TEXT)
    assert SHOP.find(head + "bagel") == SHOP.find(head)
    assert SHOP.search(head + "bagel") == SHOP.search(head)
    assert not SHOP.knows(head + "latte")
    assert not SHOP.knows("latte " * (MOST_TERMS + 1))


def test_a_very_long_word_is_taken_as_it_is_spelt() -> None:
    word = "croissant" * 5
    shop = Index.build([a_product(name=f"{word}")], LANGUAGES)
    assert shop.knows(word)
    assert not shop.knows(f"{word}s")
    assert isinstance(shop.find(word), Certain)


@pytest.mark.parametrize("gone", [0, 3])
def test_an_exact_name_always_beats_an_inexact_one(gone: int) -> None:
    names = ("Latte", "Lattes", "Late", "Latte Oat", "Oat Latte", "Latte Oat Cup")
    products = [a_product(id=n, sku=n, name=n, gtin=None) for n in names]
    index = Index.build(products, LANGUAGES).changed(
        products[gone : gone + 2], revision=1
    )
    for name in names:
        match = index.find(f"  {name.upper()}!")
        assert isinstance(match, Certain)
        assert match.candidate.product_id == name
        assert index.search(name)[0].product_id == name


def test_the_larger_a_shop_the_more_of_a_name_must_be_said_to_be_sure() -> None:
    said = a_product(id="said", sku="said", name="Rosa Whole Wheat Crackers Thin")
    for count, sure in ((3, True), (9_000, False)):
        others = (
            a_product(id=f"{n}", sku=f"{n}", name=f"Ware{n} Kind{n % 97}", gtin=None)
            for n in range(count)
        )
        index = Index.build([said, *others])
        match = index.find("rosa wheat crackers")
        assert isinstance(match, Certain) == sure
        assert index.search("rosa wheat crackers")[0].product_id == "said"
