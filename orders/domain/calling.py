"""An order that a program makes in one call: what it says, and the order it becomes.

Free of any system's words: each face translates its body into an `OrderCall`. What the
catalog knows is the catalog's; a price that the caller gives is kept, and marked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from catalog import Product
from catalog.domain.money import line_total
from orders.domain.draft import Address, Discount, Evidence, Fulfilment
from orders.domain.order import (
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderState,
    Origin,
    PaymentStatus,
    PriceSource,
)
from orders.domain.placing import snapshot_of, unit_price
from orders.domain.pricing import Goods, LineAmounts, Totals, reckon
from orders.domain.quantities import quantity_problem
from orders.domain.standing import fulfilment_in, payment_in

_ONE, _ZERO = Decimal(1), Decimal(0)
#: Above these no shop sells; products of them still fit into a database's integers.
_MOST, _DEAREST = Decimal(10**6), Decimal(10**9)
_DECIMALS = 6
_PERCENT = Decimal(100)
_SMALLEST = Decimal(1).scaleb(-_DECIMALS)
#: Minor units that a database can add up.
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class CalledLine:
    """One line: of the catalog by `product_id`, else by hand with name and price."""

    product_id: str | None = None  #: Ours.
    variant_id: str | None = None  #: Ours.
    quantity: Decimal | None = None  #: None: the product's default; by hand: 1.
    unit_price: Decimal | None = None  #: Major units; None: the catalog's.
    name: str | None = None  #: None: the product's.
    sku: str | None = None  #: None: the product's; by hand: the caller's code, if any.
    unit: str | None = None  #: None: the product's; by hand: "piece".
    tax_rate: Decimal | None = None  #: Percent; None: the product's; by hand: 0.
    discount: Discount | None = None  #: On this line alone.
    note: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)  #: Kept as given.
    holds_stock: bool = True  #: False: its goods are gone, or nobody wants them.


@dataclass(frozen=True, slots=True)
class OrderCall:
    """What a call says of the order it makes. Amounts are minor units."""

    tenant_id: str
    origin: Origin
    currency: str  #: ISO 4217, capitals; the tenant's, where the caller says none.
    lines: tuple[CalledLine, ...]
    raw: Mapping[str, object]  #: The body as it came.
    #: Which repeats are this call: unique per face and channel. None: each is new.
    key: str | None = None
    customer_id: str | None = None  #: Ours.
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    tax_id: str | None = None
    business: bool | None = None
    company: str | None = None
    tax_office: str | None = None
    address: Address | None = None
    recipient: str | None = None
    recipient_phone: str | None = None
    fulfilment: Fulfilment | None = None
    due_at: datetime | None = None
    payment: str | None = None
    coupon: str | None = None
    gift_card: str | None = None
    gift_note: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    discount: Discount | None = None  #: On the whole order, after those of lines.
    shipping: int = 0
    tax_included: bool = True
    instalments: int | None = None
    given_number: str | None = None  #: The caller's own number of the order.
    placed_at: datetime | None = None  #: When the customer ordered; None: now.
    state: OrderState = OrderState.CONFIRMED
    payment_status: PaymentStatus | None = None  #: None: as the state tells.
    fulfilment_status: FulfilmentStatus | None = None  #: None: as the state tells.
    data: Mapping[str, object] = field(default_factory=dict)  #: Kept as given.
    #: Whether the tenant's other systems hear of it; never the one it came from.
    announced: bool = True


class CallCode(StrEnum):
    """Why a call makes no order."""

    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"
    NOT_SOLD = "NOT_SOLD"
    VARIANT_REQUIRED = "VARIANT_REQUIRED"
    UNKNOWN_VARIANT = "UNKNOWN_VARIANT"
    NAME_REQUIRED = "NAME_REQUIRED"
    PRICE_REQUIRED = "PRICE_REQUIRED"
    BAD_PRICE = "BAD_PRICE"
    BAD_QUANTITY = "BAD_QUANTITY"
    BAD_TAX_RATE = "BAD_TAX_RATE"
    BAD_DISCOUNT = "BAD_DISCOUNT"
    BAD_SHIPPING = "BAD_SHIPPING"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    SOLD_OUT = "SOLD_OUT"
    TOO_MUCH = "TOO_MUCH"


@dataclass(frozen=True, slots=True)
class CallProblem:
    """One thing that is wrong. `message` says what and what to do, without the field.

    `field` is a name of `CalledLine`, or of `OrderCall` where `line` is None.
    """

    code: CallCode
    field: str
    message: str
    line: int | None = None  #: From 0, in the order of the call's lines.


class CallRefused(Exception):
    """The call makes no order. Raise it through the transaction: nothing is kept."""

    def __init__(self, problems: Sequence[CallProblem]) -> None:
        super().__init__(
            "; ".join(
                f"{'' if p.line is None else f'lines[{p.line}].'}{p.field}: {p.message}"
                for p in problems
            )
        )
        self.problems = tuple(problems)


def order_of(
    call: OrderCall,
    products: Mapping[str, Product],
    *,
    order_id: str,
    confirmed_by: Evidence,
    now: datetime,
) -> Order:
    """Return the order that a call makes. `products` are those that its lines name.

    An order without lines is one. Raises CallRefused with every problem at once.
    """
    problems = [*_whole_problems(call)]
    for place, line in enumerate(call.lines):
        problems += _line_problems(place, line, products, call)
    if problems:
        raise CallRefused(problems)
    filled = [_filled(line, products.get(line.product_id or "")) for line in call.lines]
    totals = _totals(call, filled)
    if totals.subtotal + totals.tax + totals.shipping > _LARGEST:
        message = f"cost more than {_LARGEST} minor units together: order less at once"
        raise CallRefused([CallProblem(CallCode.TOO_MUCH, "lines", message)])
    return Order(
        id=order_id,
        draft_id=order_id,
        draft_version=0,
        currency=call.currency,
        lines=tuple(
            _order_line(line, amounts)
            for line, amounts in zip(filled, totals.lines, strict=True)
        ),
        subtotal=totals.subtotal,
        discount_total=totals.discount,
        tax_total=totals.tax,
        shipping_total=totals.shipping,
        grand_total=totals.grand_total,
        placed_at=call.placed_at or now,
        state=call.state,
        tax_included=call.tax_included,
        confirmed_by=confirmed_by,
        payment_status=call.payment_status
        or payment_in(call.state, PaymentStatus.UNPAID),
        fulfilment_status=call.fulfilment_status
        or fulfilment_in(call.state, FulfilmentStatus.UNFULFILLED),
        **{name: getattr(call, name) for name in _SAME},
    )


#: What an order says in the call's own words.
_SAME = (
    *("origin", "customer_id", "name", "phone", "email", "tax_id", "business"),
    *("company", "tax_office", "address", "recipient", "recipient_phone"),
    *("fulfilment", "due_at", "payment", "coupon", "gift_card", "gift_note", "note"),
    *("tags", "instalments", "given_number", "data"),
)


# -- what is wrong --------------------------------------------------------------------


def _whole_problems(call: OrderCall) -> Iterator[CallProblem]:
    if not 0 <= call.shipping <= _LARGEST:
        message = "give an amount of 0 or more"
        yield CallProblem(CallCode.BAD_SHIPPING, "shipping", message)
    if not _is_fair(call.discount):
        yield CallProblem(CallCode.BAD_DISCOUNT, "discount", _FAIR)


def _line_problems(
    place: int, line: CalledLine, products: Mapping[str, Product], call: OrderCall
) -> Iterator[CallProblem]:
    def problem(code: CallCode, field: str, message: str) -> CallProblem:
        return CallProblem(code, field, message, place)

    if line.product_id is None:
        yield from _by_hand(line, problem)
    else:
        yield from _of_catalog(line, products.get(line.product_id), call, problem)
    price, quantity, rate = line.unit_price, line.quantity, line.tax_rate
    if price is not None and not _is_within(price, _DEAREST):
        message = f"give 0 to {_DEAREST:f} with at most {_DECIMALS} decimals"
        yield problem(CallCode.BAD_PRICE, "unit_price", message)
    if quantity is not None and not _is_quantity(quantity):
        message = (
            f"give a number above 0, up to {_MOST:f}, with at most {_DECIMALS} decimals"
        )
        yield problem(CallCode.BAD_QUANTITY, "quantity", message)
    if rate is not None and not _is_within(rate, _PERCENT):
        yield problem(CallCode.BAD_TAX_RATE, "tax_rate", "give 0 to 100 percent")
    if not _is_fair(line.discount):
        yield problem(CallCode.BAD_DISCOUNT, "discount", _FAIR)


def _by_hand(line: CalledLine, problem: "_Problem") -> Iterator[CallProblem]:
    if not (line.name or "").strip():
        message = "is required for a line that names no product"
        yield problem(CallCode.NAME_REQUIRED, "name", message)
    if line.unit_price is None:
        message = "is required for a line that names no product; 0 is allowed"
        yield problem(CallCode.PRICE_REQUIRED, "unit_price", message)


def _of_catalog(
    line: CalledLine,
    product: Product | None,
    call: OrderCall,
    problem: "_Problem",
) -> Iterator[CallProblem]:
    if product is None:
        message = f"there is no product {line.product_id}: name one of the catalog"
        yield problem(CallCode.UNKNOWN_PRODUCT, "product_id", message)
        return
    if not product.active:
        message = f"{product.sku} is not sold any more: leave it out"
        yield problem(CallCode.NOT_SOLD, "product_id", message)
    yield from _variant_problems(line, product, problem)
    if line.unit_price is None:
        if product.currency != call.currency:
            message = f"is {call.currency}; the catalog's prices are {product.currency}"
            yield problem(CallCode.CURRENCY_MISMATCH, "currency", message)
        elif unit_price(product, line.variant_id, ()) is None:
            message = f"{product.sku} has no price in the catalog: give one"
            yield problem(CallCode.PRICE_REQUIRED, "unit_price", message)
    if line.quantity is None or not _is_quantity(line.quantity):
        return
    wrong = quantity_problem(product, line.quantity)
    if wrong is not None:
        message = (
            f"{wrong.asked:f} {wrong.unit} of {product.sku} are not sold; at least"
            f" {wrong.minimum:f} in steps of {wrong.step:f}: {wrong.nearest:f} would do"
        )
        yield problem(CallCode.BAD_QUANTITY, "quantity", message)


def _variant_problems(
    line: CalledLine, product: Product, problem: "_Problem"
) -> Iterator[CallProblem]:
    names = ", ".join(each.id for each in product.variants)
    if line.variant_id is None and product.variants:
        message = f"{product.sku} comes in variants: name one of {names}"
        yield problem(CallCode.VARIANT_REQUIRED, "variant_id", message)
    elif line.variant_id is not None and product.variant(line.variant_id) is None:
        message = f"{product.sku} has no variant {line.variant_id}; it has: " + (
            names or "none"
        )
        yield problem(CallCode.UNKNOWN_VARIANT, "variant_id", message)


class _Problem(Protocol):
    """Makes a problem of one line."""

    def __call__(self, code: CallCode, field: str, message: str) -> CallProblem: ...


_FAIR = "give an amount of 0 or more, or 0 to 100 percent"


def _is_fair(discount: Discount | None) -> bool:
    return discount is None or (
        0 <= discount.amount <= _LARGEST and _is_within(discount.percent, _PERCENT)
    )


def _is_quantity(value: Decimal) -> bool:
    return _is_within(value, _MOST) and value > 0


def _is_within(value: Decimal, most: Decimal) -> bool:
    """Return whether it is a number from 0, and a database can keep it exactly."""
    if not value.is_finite() or not 0 <= value <= most:
        return False
    return value == value.quantize(_SMALLEST)


# -- what it becomes ------------------------------------------------------------------


def _filled(line: CalledLine, product: Product | None) -> OrderLine:
    """Return a line with what the catalog says where the caller says nothing."""
    given = line.unit_price
    source = PriceSource.CATALOG if given is None else PriceSource.CALLER
    whole = OrderLine(
        id="",
        product_id="",
        sku=line.sku or "",
        name=line.name or "",
        quantity=_ONE if line.quantity is None else line.quantity,
        unit=line.unit or "piece",
        unit_price=given or _ZERO,
        subtotal=0,
        discount=0,
        tax_rate=line.tax_rate or _ZERO,
        tax=0,
        total=0,
        note=line.note,
        price_source=source,
        data=line.data,
    )
    if product is None:
        return whole
    variant = product.variant(line.variant_id)
    price = unit_price(product, line.variant_id, ()) if given is None else given
    return replace(
        whole,
        product_id=product.id,
        sku=line.sku or (variant.sku if variant else product.sku),
        name=line.name or product.name,
        quantity=product.default_quantity if line.quantity is None else line.quantity,
        unit=line.unit or product.unit,
        unit_price=price or _ZERO,
        tax_rate=product.tax_rate if line.tax_rate is None else line.tax_rate,
        variant_id=line.variant_id,
        variant_name=None if variant is None else variant.name,
        snapshot=snapshot_of(product, line.variant_id),
    )


def _totals(call: OrderCall, filled: Sequence[OrderLine]) -> Totals:
    goods = [
        Goods(
            f"L{place}",
            line_total(line.unit_price, line.quantity, call.currency),
            line.tax_rate,
            said.discount,
        )
        for place, (line, said) in enumerate(zip(filled, call.lines, strict=True), 1)
    ]
    return reckon(
        goods,
        call.currency,
        call.discount,
        shipping=call.shipping,
        tax_included=call.tax_included,
    )


def _order_line(line: OrderLine, amounts: LineAmounts) -> OrderLine:
    return replace(
        line,
        id=amounts.line_id,
        subtotal=amounts.subtotal,
        discount=amounts.discount,
        tax=amounts.tax,
        total=amounts.total,
    )
