"""The small shop that most end-to-end tests buy in."""

from decimal import Decimal

from catalog import OptionGroup, OptionValue, Pack, Product, Variant

_MILK = OptionGroup(
    "milk",
    "Milk",
    (
        OptionValue("whole", "Whole milk"),
        OptionValue(
            "oat",
            "Oat milk",
            Decimal(20),
            ("yulaf sütü", "leite de aveia", "leche de avena", "овсяное молоко"),
        ),
    ),
    minimum=1,
    default="whole",
)


def _product(sku: str, name: str, price: str, **more: object) -> Product:
    return Product(
        id="",
        sku=sku,
        name=name,
        price=Decimal(price),
        currency="TRY",
        tax_rate=Decimal(10),
        **more,  # type: ignore[arg-type]  # a table of keyword arguments
    )


GOODS = (
    _product(
        "LATTE",
        "Latte",
        "85.50",
        option_groups=(_MILK,),
        category="Coffee",
        aliases=("латте",),
    ),
    _product("TEA", "Tea", "30", aliases=("çay", "chá", "té", "чай"), category="Tea"),
    _product(
        "CHOC",
        "Chocolate Croissant",
        "95",
        category="Bakery",
        aliases=("шоколадный круассан",),
    ),
    _product(
        "ALMOND",
        "Almond Croissant",
        "98",
        category="Bakery",
        aliases=("миндальный круассан",),
    ),
    _product("BUTTER", "Butter Croissant", "75", category="Bakery"),
    _product(
        "BAGEL",
        "Bagel",
        "60",
        aliases=("simit", "rosca", "rosquilla", "бублик"),
        category="Bakery",
    ),
    _product(
        "CAKE",
        "Carrot Cake",
        "140",
        stock=Decimal(2),
        aliases=(
            "havuçlu kek",
            "bolo de cenoura",
            "pastel de zanahoria",
            "морковный торт",
        ),
    ),
    _product("SOLD", "Cheesecake", "150", stock=Decimal(0)),
    _product(
        "FETA",
        "White Cheese",
        "320",
        unit="kg",
        step=Decimal("0.1"),
        minimum=Decimal("0.1"),
        aliases=("beyaz peynir", "feta", "queijo branco", "queso blanco", "брынза"),
    ),
    _product(
        "WATER",
        "Water",
        "12",
        packs=(Pack("koli", Decimal(24)),),
        aliases=("su", "água", "agua", "вода"),
    ),
    _product(
        "SHIRT",
        "T-Shirt",
        "400",
        aliases=("tişört",),
        variants=(
            Variant("", "SHIRT-RM", "red, M", {"colour": "red", "size": "M"}),
            Variant("", "SHIRT-BM", "blue, M", {"colour": "blue", "size": "M"}),
        ),
    ),
)
