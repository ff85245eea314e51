"""Invented menus: shops whose products take options, for the readers' tests."""

from catalog import Index, OptionGroup, OptionValue, Product
from catalog.language import languages, load_language
from tests.factories import a_product

LANGUAGES = tuple(load_language(code) for code in languages())


def a_group(name: str, *values: str, many: bool = False) -> OptionGroup:
    """Return a group; a value is "name/alias/alias"."""
    made = tuple(_value(value) for value in values)
    return OptionGroup(
        id=name.lower(),
        name=name,
        values=made,
        maximum=len(made) if many else 1,
    )


def a_dish(
    name: str, category: str, *groups: OptionGroup, aliases: tuple[str, ...] = ()
) -> Product:
    key = name.lower().replace(" ", "_")
    return a_product(
        id=key,
        sku=key.upper(),
        name=name,
        category=category,
        option_groups=groups,
        aliases=aliases,
    )


def _value(text: str) -> OptionValue:
    name, *aliases = text.split("/")
    return OptionValue(name.lower().replace(" ", "_"), name, aliases=tuple(aliases))


_SIZE = a_group("Size", "Small", "Medium", "Large", "Extra large")
_FILLING = a_group(
    "Filling",
    *("Feta", "Goat cheese", "Spinach", "Red peppers", "Green peppers", "Capers"),
    *("Chives", "Horseradish/hot radish", "Mushrooms", "All fillings"),
    many=True,
)
_DOUGH = a_group("Dough", "Rye dough", "Spelt dough", "Thin dough")
_POT = a_group("Pot", "Cup", "Pot")
_SWEET = a_group("Sweetener", "Honey", "Sugar", "Lemon slice", many=True)
#: Pies and tea.
PIES = (
    a_dish("Flat pie", "pie", _SIZE, _DOUGH, _FILLING, aliases=("tarte",)),
    a_dish(
        "Smoked trout roll", "roll", _SIZE, a_group("Sauce", "Dill sauce", "Chives")
    ),
    a_dish("Drink", "drink", _SIZE),
    a_dish("Nettle tea", "drink", _SIZE, _POT, _SWEET),
    a_dish("Lime tea", "drink", _SIZE, _POT, _SWEET),
    a_dish("Birch soda", "drink", _SIZE),
    a_dish("Diet birch soda", "drink", _SIZE),
)

_PORSIYON = a_group("Porsiyon", "Yarım porsiyon", "Tek", "Duble", "Bir buçuk porsiyon")
_BOY = a_group("Boy", "Küçük", "Orta", "Büyük")
_IC = a_group(
    "İçindekiler",
    *("Soğan", "Domates", "Turşu", "Acı sos/acı", "Sumak", "Patates", "Marul"),
    many=True,
)
_EKMEK = a_group("Ekmek", "Lavaş", "Gobit", "Pide ekmeği")
#: A kebab shop.
KEBAPS = (
    a_dish("Adana dürüm", "dürüm", _BOY, _EKMEK, _IC, aliases=("adana",)),
    a_dish("Tavuk dürüm", "dürüm", _BOY, _EKMEK, _IC),
    a_dish("Künefe", "tatlı", a_group("Üstü", "Kaymak", "Fıstık", many=True)),
    a_dish("Ayran", "içecek", _BOY),
    a_dish("Şalgam", "içecek", _BOY, a_group("Acılık", "Acılı", "Acısız")),
)


def index_of(menu: tuple[Product, ...]) -> Index:
    return Index.build(menu, LANGUAGES)


_TAMANHO = a_group("Tamanho", "Pequeno/pequena", "Médio/média", "Grande")
_RECHEIO = a_group(
    "Recheio",
    *("Queijo", "Carne", "Frango", "Palmito", "Catupiry", "Cebola", "Azeitona"),
    many=True,
)
#: A pastel shop.
PASTEIS = (
    a_dish("Pastel", "pastel", _TAMANHO, _RECHEIO, aliases=("pasteis",)),
    a_dish("Caldo de cana", "bebida", _TAMANHO, a_group("Gelo", "Gelo", "Limão")),
    a_dish("Guaraná", "bebida", _TAMANHO),
)
