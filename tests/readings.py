"""A small shop and the turns that are read in it, for every reader's tests."""

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.message import Content, Text
from bot.domain.snapshot import Asked
from bot.domain.understanding import Mention
from bot.reading.reader import ReadableMessage, ReadingRequest
from catalog import Index, OptionGroup, OptionValue, Product, Variant
from catalog.language import languages, load_language
from orders import Draft
from tests.factories import NOON, a_draft, a_line, a_pack, a_product

MILK = OptionGroup(
    id="milk",
    name="Milk",
    values=(
        OptionValue(id="oat", name="Oat milk", aliases=("yulaf sütü",)),
        OptionValue(id="soy", name="Soy milk", aliases=("soya sütü",)),
    ),
)
EXTRAS = OptionGroup(
    id="extras",
    name="Extras",
    values=(
        OptionValue(id="sugar", name="Sugar", aliases=("şeker",)),
        OptionValue(id="shot", name="Extra shot"),
    ),
    maximum=2,
)
SIZES = tuple(
    Variant(id=f"tshirt_{colour}_{size}", sku=f"TS-{colour}-{size}", name=name)
    for colour, size, name in (
        ("red", "m", "red / M"),
        ("red", "l", "red / L"),
        ("blue", "m", "blue / M"),
    )
)


def _sold(name: str, *aliases: str, **changes: object) -> Product:
    key = "_".join(name.lower().split())
    return a_product(id=key, sku=key.upper(), name=name, aliases=aliases, **changes)


PRODUCTS = (
    _sold("Latte", option_groups=(MILK, EXTRAS)),
    _sold("Cappuccino", option_groups=(MILK,)),
    _sold("Tea", "Çay", option_groups=(EXTRAS,)),
    _sold("Chocolate Croissant", "Choc Croissant"),
    _sold("Croissant", "Kruvasan"),
    _sold("Bagel"),
    _sold("Simit"),
    _sold("Water", "Su", packs=(a_pack("koli", 24),)),
    _sold("Ham and Cheese Toast"),
    _sold("Cheese Toast", "Kaşarlı Tost"),
    _sold("7 Grain Bread"),
    _sold("White Cheese", "Beyaz Peynir", unit="kg", step=Decimal("0.1")),
    _sold("Feta", unit="kg", step=Decimal("0.1")),
    _sold("Tomato", "Domates", unit="kg", step=Decimal("0.1")),
    _sold("Eggs", "Yumurta"),
    _sold("Ayran"),
    _sold("Bread", "Ekmek"),
    _sold("T-Shirt", "Tişört", variants=SIZES),
    _sold("Oat Milk 1 L"),
    _sold("Brownie"),
)
LANGUAGES = tuple(load_language(code) for code in languages())
SHOP = Index.build(PRODUCTS, LANGUAGES)


def a_draft_of(*product_ids: str) -> Draft:
    """Return a draft with two of each of these products, L1 the first."""
    lines = tuple(
        a_line(
            id=f"L{place}",
            product_id=product_id,
            sku=product_id.upper(),
            name=SHOP.products[product_id].name,
        )
        for place, product_id in enumerate(product_ids, start=1)
    )
    return a_draft(lines=lines, next_line=len(lines) + 1)


def a_request(
    *said: str | Content,
    draft: Draft | None = None,
    asked: Asked | None = None,
    language: str = "en",
    index: Index = SHOP,
) -> ReadingRequest:
    """Return a turn of these messages; texts may be given as they are."""
    messages = tuple(
        ReadableMessage(
            id=f"msg_{number}",
            content=Text(text=content) if isinstance(content, str) else content,
            sent_at=NOON,
        )
        for number, content in enumerate(said)
    )
    return ReadingRequest(
        messages=messages,
        history=(),
        draft=draft or a_draft(lines=(), next_line=1),
        asked=asked,
        index=index,
        language=language,
        timezone="Europe/Istanbul",
        country="TR",
        now=NOON,
    )


def told(mentions: Sequence[Mention]) -> str:
    """Return mentions in short: "add 2 latte +oat milk -sugar; set #2 3"."""
    return "; ".join(_told(mention) for mention in mentions)


def _told(mention: Mention) -> str:
    parts = [mention.act.value]
    if mention.ordinal is not None:
        parts.append(f"#{mention.ordinal}")
    if mention.quantity is not None:
        parts.append(f"{mention.quantity:f}")
    if mention.unit is not None:
        parts.append(f"[{mention.unit}]")
    if mention.text:
        parts.append(mention.text.lower())
    for option in mention.options:
        sign = "-" if option.negated else "+"
        how = f"{option.qualifier}:" if option.qualifier else ""
        parts.append(f"{sign}{how}{option.text.lower()}")
    if mention.replaces:
        parts.append(f"<- {mention.replaces.lower()}")
    return " ".join(parts)
