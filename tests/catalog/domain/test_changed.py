"""An index that was changed finds the same as one that is built anew."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import Ambiguous, Certain, Index, Product, Unknown
from tests.factories import a_product
from tests.sample_shop import LANGUAGES, plain_products, sample_index

WORDS = ("latte", "oat", "milk", "red", "cake", "su", "500 g", "T-144", "çay", "box")
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
ASKED = (*WORDS, "late", "oatmilk", "red cake 500gr", "2 su lütfen", "t144", "cakes")


def goods(names: dict[str, str]) -> list[Product]:
    return [
        a_product(id=key, sku=f"sku {key}", name=name, gtin=None)
        for key, name in names.items()
    ]


CATALOGS = st.dictionaries(st.sampled_from("abcdefgh"), NAMES)


@settings(max_examples=60, deadline=None)
@given(before=CATALOGS, between=CATALOGS, after=CATALOGS)
def test_changes_are_a_rebuild(
    before: dict[str, str], between: dict[str, str], after: dict[str, str]
) -> None:
    changed = Index.build(goods(before), LANGUAGES)
    old = before
    for new in (between, after):
        different = {key: name for key, name in new.items() if old.get(key) != name}
        gone = [key for key in old if key not in new]
        changed = changed.changed(goods(different), gone, revision=1)
        old = new
    anew = Index.build(goods(after), LANGUAGES)
    assert dict(changed.products) == dict(anew.products)
    for text in ASKED:
        assert changed.find(text) == anew.find(text)
        assert changed.search(text) == anew.search(text)
        assert changed.knows(text) == anew.knows(text)
        assert changed.by_retailer_id(f"sku {text}") is None
    for key in "abcdefgh":
        found = changed.by_retailer_id(f"SKU {key}")
        assert found == anew.by_retailer_id(f"SKU {key}")


def test_what_was_removed_was_never_there() -> None:
    more = a_product(
        id="extra", sku="X-77", name="Unicorn Burger", gtin="4012345678901"
    )
    shop = sample_index()
    with_it = shop.changed([more], revision=8)
    assert isinstance(with_it.find("unicorn burgr"), Certain)
    without = with_it.changed([], ["extra"], revision=9)
    for text in ("unicorn burger", "X-77", "4012345678901", "latte", "burger"):
        assert without.find(text) == shop.find(text)
    assert not without.knows("unicorn")
    assert without.by_retailer_id("X-77") is None
    assert "extra" not in without.products
    assert len(without.products) == len(shop.products)


def test_a_changed_product_answers_to_its_new_name_only() -> None:
    old = plain_products()[0]
    index = Index.build(plain_products(), LANGUAGES)
    new = a_product(id=old.id, sku=old.sku, name="Galão", category=old.category)
    renamed = index.changed([new], revision=1)
    found = renamed.find("galao")
    assert isinstance(found, Certain)
    assert renamed.products[found.candidate.product_id] == new
    assert not isinstance(renamed.find("latte"), Unknown), "Latte Macchiato is left"
    assert all(each.product_id != old.id for each in renamed.search("latte"))
    assert isinstance(index.find("latte"), Certain), "holders of the old one go on"


def test_an_index_says_how_much_has_changed_and_how_large_it_is() -> None:
    index = Index.build(plain_products(), LANGUAGES)
    assert index.changes == 0
    old, other = plain_products()[:2]
    changed = index.changed([old, a_product(id="new")], [other.id], revision=3)
    assert (changed.changes, changed.revision) == (4, 3)
    assert 1_000 < index.nbytes < changed.nbytes < 1_000_000


@pytest.mark.parametrize("name", ["🙂", "", "..."])
def test_a_name_without_letters_is_found_by_its_code_alone(name: str) -> None:
    index = Index.build([a_product(id="x", sku="SMILE-1", name=name)], LANGUAGES)
    found = index.find("SMILE-1")
    assert isinstance(found, Certain)
    assert found.candidate.product_id == "x"


def test_products_of_one_name_stay_a_choice_across_changes() -> None:
    index = Index.build([a_product(id="a", sku="a", name="Latte")], LANGUAGES)
    twice = index.changed([a_product(id="b", sku="b", name="Latte")], revision=1)
    match = twice.find("latte")
    assert isinstance(match, Ambiguous)
    assert {each.product_id for each in match.candidates} == {"a", "b"}


def test_many_alike_products_are_ranked_the_same_before_and_after_a_rebuild() -> None:
    # More than are looked at closely, half of them changed since the index was built.
    names = {f"p{n}": f"Latte {'Oat' if n % 3 else 'Soy'} Cup" for n in range(120)}
    half = dict(list(names.items())[:60])
    changed = Index.build(goods(half), LANGUAGES).changed(
        goods({key: name for key, name in names.items() if key not in half}),
        revision=1,
    )
    anew = Index.build(goods(names), LANGUAGES)
    for text in ("latte", "oat latte", "cup of soy late"):
        found = changed.search(text)
        assert found == anew.search(text)
        wanted = {"oat": "Latte Oat Cup", "soy": "Latte Soy Cup"}
        said = next((name for word, name in wanted.items() if word in text), None)
        if said:
            assert {changed.products[each.product_id].name for each in found} == {said}
