"""A small shop of two trades, for tests of finding: cafe, grocery and a few clothes."""

from decimal import Decimal

from catalog import Index, OptionGroup, OptionValue, Product, Variant
from catalog.language import load_language
from tests.factories import a_product

LANGUAGES = (load_language("en"), load_language("tr"))

#: Names by category. A product's SKU is its place: S000, S001 ...
NAMES = {
    "Hot drinks": (
        "Latte|Latte Macchiato|Cappuccino|Espresso|Double Espresso|Filter Coffee|"
        "Turkish Coffee|Hot Chocolate|Çay"
    ),
    "Cold drinks": (
        "Coca-Cola 33 cl|Coca-Cola Zero 33 cl|Coca-Cola 1 L|Orange Juice|"
        "Water 50 cl|Water 1.5 L|Su|7 Up"
    ),
    "Bakery": (
        "Chocolate Croissant|Almond Croissant|Plain Croissant|Bagel|Chocolate Cake|"
        "Cheesecake|Blueberry Muffin|Ekmek|Kruvasan"
    ),
    "Grocery": "Tomatoes|Bananas|Feta Cheese 500 g|Oat Milk|Çikolata|Süzme Yoğurt 1 kg",
    "Paint": "Paint No 102|Paint No 105",
}
COLOURS, SIZES = ("Red", "Blue", "Light Blue"), ("S", "M", "L")


def plain_products() -> list[Product]:
    names = [
        (category, name)
        for category, joined in NAMES.items()
        for name in joined.split("|")
    ]
    return [
        a_product(
            id=f"product_{place}", sku=f"S{place:03}", name=name, category=category
        )
        for place, (category, name) in enumerate(names)
    ]


def special_products() -> list[Product]:
    """Return what has more than a name: variants, options, aliases, codes."""
    milk = OptionGroup(
        "milk", "Milk", (OptionValue("soy", "Soy", Decimal("0.5"), ("soya",)),)
    )
    return [
        a_product(
            id="tee",
            sku="T-144",
            name="Basic T-Shirt",
            category="Clothes",
            variants=tuple(
                Variant(
                    id=f"tee {colour} {size}",
                    sku=f"T-144-{colour[0]}{size}",
                    name=f"{colour}, {size}",
                    attributes={"colour": colour, "size": size},
                    gtin="8690000000012" if (colour, size) == ("Red", "M") else None,
                )
                for colour in COLOURS
                for size in SIZES
            ),
        ),
        a_product(
            id="mocha",
            sku="MOCHA",
            name="Mocha",
            category="Hot drinks",
            option_groups=(milk,),
        ),
        a_product(
            id="simit",
            sku="SIMIT",
            name="Sesame Ring",
            category="Bakery",
            aliases=("simit", "gevrek"),
            gtin="4006381333931",
            external_id="erp-77",
            brand="Fırın",
        ),
        a_product(id="cap", sku="CAP-1", name="Cap", variants=(_only("cap one"),)),
        a_product(id="gone", sku="GONE-1", name="Sahlep", active=False),
    ]


def _only(variant_id: str) -> Variant:
    return Variant(id=variant_id, sku="CAP-1-X", name="one size")


def sample_index() -> Index:
    return Index.build([*plain_products(), *special_products()], LANGUAGES, revision=7)
