"""What an operator names of a product, in words."""

import pytest

from bot.wanting import variant_meant
from catalog import Variant
from tests.factories import a_product, a_shirt

SHIRT = a_shirt(
    variants=(
        Variant(id="v_rm", sku="SHIRT-RM", name="red, M"),
        Variant(id="v_bm", sku="SHIRT-BM", name="blue, M"),
    )
)

MEANT = {
    "its id": ("product_shirt", "v_bm", "v_bm"),
    "its SKU as a note": ("product_shirt", "SHIRT-BM", "v_bm"),
    "its SKU as the product": ("SHIRT-RM", None, "v_rm"),
    "its name": ("product_shirt", "red, M", "v_rm"),
    "its name in another order, and otherwise written": (
        "product_shirt",
        "m / BLUE",
        "v_bm",
    ),
    "a part of several names": ("product_shirt", "M", None),
    "something else": ("product_shirt", "green", None),
    "nothing": ("product_shirt", None, None),
    "an empty note": ("product_shirt", "  ", None),
}


@pytest.mark.parametrize("case", MEANT)
def test_t9_a_variant_is_named_by_its_id_its_sku_or_its_words(case: str) -> None:
    named, note, expected = MEANT[case]
    found = variant_meant(SHIRT, named, note)
    assert (found.id if found else None) == expected


def test_the_only_variant_need_not_be_named() -> None:
    only = a_shirt(variants=SHIRT.variants[:1])
    assert variant_meant(only, only.id, None) == SHIRT.variants[0]
    assert variant_meant(a_product(), "LATTE", "hot") is None
