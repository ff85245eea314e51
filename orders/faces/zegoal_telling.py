"""Zegoal's calls as ours, and our orders and products in its words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue

from catalog.domain.money import to_major
from catalog.domain.product import ONE, Product, Variant
from catalog.domain.spelling import reread
from orders.domain.calling import CalledLine, CallProblem, OrderCall
from orders.domain.draft import Address
from orders.domain.ids import Kind, Thing
from orders.domain.order import Order, OrderLine, Origin
from orders.domain.statuses import ZEGOAL_ORDER, begun_as, word_of
from orders.faces.zegoal import (
    AddCatalogPositionGiven,
    CreateOrderGiven,
    PositionGiven,
)
from orders.faces.zegoal_answers import (
    CatalogPositionTold,
    DefaultsTold,
    OrderTold,
    PositionTold,
)
from orders.faces.zegoal_words import (
    PIECE,
    in_zone,
    plain,
    product_type,
    type_word,
    unit_of,
    unit_word,
    written,
)

#: What has no pieces can be had by the thousandth: Zegoal knows no steps.
_STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Place:
    """The shop of a call, and how it counts."""

    tenant_id: str
    called: str  #: The shop as it calls itself, in the way it was named.
    zone: str  #: IANA
    currency: str
    tax_included: bool
    creates_accounts: bool


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose order it is, and where it goes."""

    customer_id: str
    name: str | None
    number: int  #: `account_id`
    address: Address | None
    address_number: int | None  #: `account_address_id`


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a stored order and its positions are called there."""

    order: int
    positions: Mapping[str, int]  #: By the line's id.


# -- an order, inward -----------------------------------------------------------------


def enriched(
    body: CreateOrderGiven, place: Place, *, now: datetime
) -> dict[str, JsonValue]:
    """Return a call with its defaults; positions stay as they were sent."""
    defaults: dict[str, JsonValue] = {
        "start_date": written(now, place.zone),
        "end_date": "",
        "order_type": "",
        "order_status": ZEGOAL_ORDER.word(begun_as(ZEGOAL_ORDER, "")),
        "order_description": "",
        "order_positions": [],
        "address_text": "",
        "tel_num": "",
        "email": "",
        "create_account": place.creates_accounts,
    }
    said = {name: value for name, value in body.sent.items() if value is not None}
    for name in ("start_date", "order_status"):
        if not str(said.get(name, "")).strip():
            said.pop(name, None)
    return {**defaults, **said, "tenant": place.called}


def order_call(
    body: CreateOrderGiven,
    full: Mapping[str, JsonValue],
    place: Place,
    buyer: Buyer,
    products: Mapping[int, str],
) -> OrderCall:
    """Return what a call says. `full` is it with its defaults.

    `products`: our ids by the catalog's numbers, as `product_things` writes them.
    """
    status, ends = str(full["order_status"]), str(full["end_date"])
    text = str(full["address_text"]).strip()
    return OrderCall(
        tenant_id=place.tenant_id,
        origin=Origin("zegoal", statuses={ZEGOAL_ORDER.name: status}),
        currency=place.currency,
        lines=tuple(_line(each, products) for each in body.positions),
        raw=body.sent,
        customer_id=buyer.customer_id,
        name=buyer.name,
        phone=str(full["tel_num"]).strip() or None,
        email=str(full["email"]).strip() or None,
        address=Address(text) if text else buyer.address,
        due_at=in_zone(ends, place.zone) if ends else None,
        note=str(full["order_description"]).strip() or None,
        tax_included=place.tax_included,
        state=begun_as(ZEGOAL_ORDER, status),
        data={name: full[name] for name in ("start_date", "end_date", "order_type")},
    )


def _line(given: PositionGiven, products: Mapping[int, str]) -> CalledLine:
    kept = {
        "position_type": given.position_type,
        "product_code": given.product_code,
        "implementation_comments": given.implementation_comments,
    }
    number = given.catalog_position_id
    by_hand = number is None
    ours = "" if number is None else products[number]
    product, _, form = ours.partition("/")
    unit = unit_of(given.unit or PIECE)
    return CalledLine(
        product_id=None if by_hand else product,
        variant_id=form or None,
        quantity=given.quantity,
        unit_price=given.price,
        name=given.product_name or None,
        sku=(given.product_code or None) if by_hand else None,
        unit=unit if by_hand else None,
        note=given.description or None,
        data={name: value for name, value in kept.items() if value is not None},
    )


#: Fields of a call in Zegoal's words.
_FIELDS = {
    "product_id": "catalog_position_id",
    "variant_id": "catalog_position_id",
    "name": "product_name",
    "unit_price": "price",
    "lines": "order_positions",
}


def field_of(problem: CallProblem) -> str:
    """Return where a problem is, in the body that was sent."""
    name = _FIELDS.get(problem.field, problem.field)
    return name if problem.line is None else f"order_positions.{problem.line}.{name}"


def unit_problems(body: CreateOrderGiven, order: Order) -> Iterator[tuple[str, str]]:
    """Yield positions of the catalog that were asked for in another unit."""
    pairs = zip(body.positions, order.lines, strict=True)
    for at, (given, line) in enumerate(pairs):
        by_hand = given.catalog_position_id is None
        if not given.unit or by_hand or unit_of(given.unit) == line.unit:
            continue
        sold = f"position {given.catalog_position_id} is sold by {unit_word(line.unit)}"
        yield f"order_positions.{at}.unit", f"{sold}: send that, or leave it out"


# -- an order, outward ----------------------------------------------------------------


def order_told(
    order: Order,
    body: CreateOrderGiven,
    full: Mapping[str, JsonValue],
    buyer: Buyer,
    numbers: Numbers,
) -> OrderTold:
    """Return a stored order as it is answered."""
    return OrderTold(
        order_id=numbers.order,
        order_num=order.number or 0,
        order_status=word_of(ZEGOAL_ORDER, order),
        order_type=str(full["order_type"]),
        order_total=plain(to_major(order.grand_total, order.currency)),
        order_description=str(full["order_description"]),
        order_positions=[
            _position_told(given, line, numbers)
            for given, line in zip(body.positions, order.lines, strict=True)
        ],
        start_date=str(full["start_date"]),
        end_date=str(full["end_date"]),
        account_id=buyer.number,
        account_address_id=buyer.address_number,
        customer_name=buyer.name or "",
        address_text=str(full["address_text"]),
    )


def _position_told(
    given: PositionGiven, line: OrderLine, numbers: Numbers
) -> PositionTold:
    kind = line.snapshot.get("type")
    name = given.product_name or named(line.name, line.variant_name)
    return PositionTold(
        position_id=numbers.positions[line.id],
        order_id=numbers.order,
        catalog_position_id=given.catalog_position_id,
        position_type=given.position_type or (type_word(str(kind)) if kind else ""),
        product_name=name,
        product_code=given.product_code,
        quantity=plain(line.quantity),
        unit=given.unit or unit_word(line.unit),
        price=plain(line.unit_price),
        description=given.description,
        implementation_comments=given.implementation_comments,
    )


def named(product: str, form: str | None) -> str:
    """Return the name of a product, or of one of its forms."""
    return f"{product}, {form}" if form else product


# -- the catalog ----------------------------------------------------------------------


def product_things(product: Product) -> dict[Thing, Variant | None]:
    """Return what of a product has a number: itself, or each of its forms."""
    if not product.variants:
        return {Thing(Kind.PRODUCT, product.id): None}
    return {
        Thing(Kind.PRODUCT, f"{product.id}/{form.id}"): form
        for form in product.variants
    }


def catalog_position(
    product: Product, form: Variant | None, number: int
) -> CatalogPositionTold:
    """Return a position of the catalog as it is answered."""
    price = product.price_of(form.id if form else None)
    external = (form and form.external_id) or product.external_id
    return CatalogPositionTold(
        catalog_position_id=number,
        name=named(product.name, form.name if form else None),
        code=form.sku if form else product.sku,
        type=type_word(product.type),
        category=product.category or "",
        external_code=external or "",
        description=product.description,
        default_parameters=DefaultsTold(
            unit=unit_word(product.unit),
            default_quantity=plain(product.default_quantity),
            price=None if price is None else plain(price),
        ),
        is_actual=product.active,
    )


def enriched_position(
    body: AddCatalogPositionGiven, place: Place, code: str
) -> dict[str, JsonValue]:
    """Return a call for a new position with its defaults."""
    given = body.sent.get("default_parameters")
    said = {name: value for name, value in body.sent.items() if value is not None}
    return {
        "category": "",
        "external_code": "",
        "description": "",
        "is_actual": True,
        **said,
        "code": code,
        "default_parameters": {
            "unit": PIECE,
            "default_quantity": 1,
            "price": 0,
            **(given if isinstance(given, dict) else {}),
        },
        "tenant": place.called,
    }


#: Columns of a product in Zegoal's words.
_COLUMNS = {
    "sku": "code",
    "external_id": "external_code",
    "active": "is_actual",
    **{name: f"default_parameters.{name}" for name in ("default_quantity", "price")},
    **dict.fromkeys(("unit", "step", "minimum"), "default_parameters.unit"),
}


def new_product(
    body: AddCatalogPositionGiven, *, product_id: str, code: str, currency: str
) -> Product | tuple[str, str]:
    """Return the product of a new position, or the field that is wrong, and how."""
    defaults = body.default_parameters
    unit = unit_of((defaults and defaults.unit) or PIECE)
    quantity, price = (
        (defaults.default_quantity, defaults.price) if defaults else (None, None)
    )
    step = ONE if unit == "piece" else _STEP
    made = Product(
        id=product_id,
        sku=code,
        name=body.name.strip(),
        price=Decimal(0) if price is None else price,
        currency=currency,
        description=body.description or "",
        active=body.is_actual is not False,
        type=product_type(body.type),
        unit=unit,
        step=step,
        minimum=step,
        default_quantity=ONE if quantity is None else quantity,
        external_id=body.external_code or None,
        category=body.category or None,
    )
    found = reread(made)
    if isinstance(found, Product):
        return found
    _, error = found
    return _COLUMNS.get(error.column, error.column), error.message
