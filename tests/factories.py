"""Complete, valid values for tests: a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from catalog import OptionGroup, OptionValue, Pack, Product, Variant
from orders import (
    Address,
    Area,
    Draft,
    DraftState,
    Evidence,
    Fulfilment,
    Hours,
    Interval,
    Line,
    Order,
    OrderLine,
    PaymentKind,
    PaymentMethod,
    Shop,
    Source,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAID = Evidence(Source.MESSAGE, ref="msg_1", quote="2 latte", actor="contact_1")


def a_product(**changes: Any) -> Product:
    """Return a latte: priced, in stock, without variants or options."""
    complete = Product(
        id="product_latte",
        sku="LATTE",
        name="Latte",
        price=Decimal("85.50"),
        currency="TRY",
        tax_rate=Decimal(10),
    )
    return replace(complete, **changes)


def a_shirt(**changes: Any) -> Product:
    """Return a shirt that comes in two variants."""
    complete = a_product(
        id="product_shirt",
        sku="SHIRT",
        name="Shirt",
        price=Decimal(400),
        variants=(
            Variant(id="variant_red", sku="SHIRT-R", name="red"),
            Variant(
                id="variant_blue",
                sku="SHIRT-B",
                name="blue",
                price=Decimal(450),
            ),
        ),
    )
    return replace(complete, **changes)


def some_milk(**changes: Any) -> OptionGroup:
    """Return an option group that asks for the milk."""
    complete = OptionGroup(
        id="milk",
        name="Milk",
        values=(
            OptionValue(id="whole", name="whole milk"),
            OptionValue(id="oat", name="oat milk", surcharge=Decimal("12.50")),
        ),
        minimum=1,
    )
    return replace(complete, **changes)


def a_pack(unit: str = "koli", size: int = 24) -> Pack:
    return Pack(unit, Decimal(size))


def a_line(**changes: Any) -> Line:
    """Return a line of two lattes."""
    complete = Line(
        id="L1",
        product_id="product_latte",
        sku="LATTE",
        name="Latte",
        quantity=Decimal(2),
        unit="piece",
        unit_price=Decimal("85.50"),
        tax_rate=Decimal(10),
        evidence=(SAID,),
    )
    return replace(complete, **changes)


def an_address(**changes: Any) -> Address:
    complete = Address(
        text="Lale Sokak 5, Kadikoy, Istanbul",
        street="Lale Sokak",
        number="5",
        suburb="Kadikoy",
        city="Istanbul",
        postal_code="34710",
        country="TR",
    )
    return replace(complete, **changes)


def a_draft(**changes: Any) -> Draft:
    """Return a draft that lacks nothing: two lattes, delivered to Ada."""
    complete = Draft(
        id="draft_1",
        currency="TRY",
        version=3,
        next_line=2,
        lines=(a_line(),),
        name="Ada Lovelace",
        phone="+905321234567",
        fulfilment=Fulfilment.DELIVERY,
        address=an_address(),
    )
    return replace(complete, **changes)


def a_proposed_draft(**changes: Any) -> Draft:
    """Return a complete draft whose summary was shown."""
    draft = a_draft(**changes)
    return replace(draft, state=DraftState.PROPOSED, shown_version=draft.version)


def a_shop(**changes: Any) -> Shop:
    return replace(Shop(), **changes)


def an_order_line(**changes: Any) -> OrderLine:
    """Return two lattes as sold."""
    complete = OrderLine(
        id="L1",
        product_id="product_latte",
        sku="LATTE",
        name="Latte",
        quantity=Decimal(2),
        unit="piece",
        unit_price=Decimal("85.50"),
        subtotal=17100,
        discount=0,
        tax_rate=Decimal(10),
        tax=1555,
        total=17100,
        snapshot={"id": "product_latte", "sku": "LATTE", "variants": []},
        evidence=(SAID,),
    )
    return replace(complete, **changes)


def an_order(**changes: Any) -> Order:
    """Return an order of two lattes, delivered to Ada, just placed."""
    complete = Order(
        id="order_1",
        draft_id="draft_1",
        draft_version=3,
        currency="TRY",
        lines=(an_order_line(),),
        subtotal=17100,
        discount_total=0,
        tax_total=1555,
        shipping_total=0,
        grand_total=17100,
        placed_at=NOON,
        name="Ada Lovelace",
        phone="+905321234567",
        fulfilment=Fulfilment.DELIVERY,
        address=an_address(),
        confirmed_by=SAID,
    )
    return replace(complete, **changes)


def an_area(**changes: Any) -> Area:
    """Return an area by postal prefix and city, with terms of its own."""
    complete = Area(
        "Kadikoy",
        postal_prefixes=("347",),
        cities=("Kadıköy",),
        fee=3000,
        lead_minutes=45,
    )
    return replace(complete, **changes)


def a_payment(**changes: Any) -> PaymentMethod:
    """Return cash, for delivery and pickup."""
    complete = PaymentMethod(
        "cash",
        {"en": "Cash", "tr": "Nakit"},
        PaymentKind.CASH,
        {"en": "Have the exact amount ready.", "tr": "Tam tutarı hazır edin."},
    )
    return replace(complete, **changes)


def hours_on(*days: int) -> Hours:
    """Return 9 to 18 on these days of the week (0: Monday), closed on the others."""
    day = (Interval(time(9), time(18)),)
    return Hours(week=tuple(day if n in days else () for n in range(7)))
