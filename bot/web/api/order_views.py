"""Orders as the API shows them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import Field

from bot.web.api.draft_views import (
    AddressView,
    EvidenceView,
    OptionView,
    TotalsView,
    address_view,
    due_day,
    evidence_view,
    option_view,
)
from bot.web.api.models import Exact, Moment, Money, Shown
from orders import Fulfilment, Order, OrderLine, OrderState
from orders.domain.order import (
    FulfilmentStatus,
    Origin,
    PaymentStatus,
    PriceSource,
)
from orders.domain.standing import Part
from orders.history import MoveKind
from orders.store import OrderMove, StoredOrder


class OrderLineView(Shown):
    """One line, as it was sold."""

    id: str = Field(examples=["L1"])
    product_id: str
    variant_id: str | None
    sku: str
    name: str
    variant_name: str | None
    quantity: Exact
    unit: str
    options: list[OptionView]
    note: str | None
    unit_price: Money
    subtotal: Money
    discount: Money
    tax_rate: Exact = Field(description="Percent.")
    tax: Money
    total: Money
    evidence: list[EvidenceView]
    price_source: PriceSource = Field(
        description="Who said the price: the catalog, or the program that ordered."
    )
    fulfilled: Exact = Field(description="How much of it has left the house.")
    data: dict[str, object] = Field(description="What the program said beside that.")


class OriginView(Shown):
    """The call that made an order."""

    face: str = Field(description="Whose contract it spoke.", examples=["zegoal"])
    channel: str
    statuses: dict[str, str] = Field(description="Statuses as they were given.")


class OrderView(Shown):
    """What was bought, frozen; only its state, its payment and its way go on."""

    id: str
    number: int | None = Field(description="The shop's own, counted up.", examples=[7])
    state: OrderState
    draft_id: str
    draft_version: int
    conversation_id: str | None
    customer_id: str | None
    external_id: str | None = Field(description="Its id in the shop's other system.")
    currency: str
    lines: list[OrderLineView]
    totals: TotalsView
    name: str | None
    phone: str | None
    email: str | None
    tax_id: str | None
    business: bool | None = Field(description="Whether a company bought.")
    company: str | None
    tax_office: str | None
    recipient: str | None = Field(description="Who receives it; null: who bought.")
    recipient_phone: str | None
    extra: dict[str, str] = Field(
        description="Answers to the shop's own fields, by their id."
    )
    fulfilment: Fulfilment | None
    address: AddressView | None
    due_at: Moment | None = Field(
        description="When it is wanted; of a day without an hour, its beginning."
    )
    due_day: date | None = Field(
        description="The day by the shop's clock, when nobody said an hour; else null."
    )
    payment: str | None
    coupon: str | None
    gift_note: str | None
    note: str | None
    confirmed_by: EvidenceView | None
    approved_by: EvidenceView | None
    placed_at: Moment
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus
    refunded: Money = Field(description="What was given back so far.")
    entity_version: int = Field(description="Raised by every change of the order.")
    updated_at: Moment | None
    origin: OriginView | None = Field(description="Null: a draft became it.")
    given_number: str | None = Field(description="The number of whoever ordered.")
    gift_card: str | None
    instalments: int | None
    tags: list[str]
    data: dict[str, object] = Field(description="What the program said beside that.")


class OrderMoveView(Shown):
    """One step of an order's life, or a remark about it."""

    state: OrderState
    actor: str = Field(description="Who moved it: a key, a user, a sink, a contact.")
    message: str | None
    at: Moment
    kind: MoveKind = Field(description="What moved: the state, the payment ...")
    value: str | None = Field(description="The new payment or fulfilment status.")
    amount: Money | None = Field(description="What was given back.")
    parts: dict[str, Exact] = Field(description="How much of which line left.")
    responsible: str | None = Field(
        description="The merchant's system that said so, by its own name.",
        examples=["SAP"],
    )


def order_view(
    stored: StoredOrder, parts: Mapping[str, Part] | None = None
) -> OrderView:
    """Return an order as the API shows it; without parts it has just been placed."""
    order = stored.order
    confirmed, approved = order.confirmed_by, order.approved_by
    return OrderView(
        id=order.id,
        number=order.number,
        state=order.state,
        draft_id=order.draft_id,
        draft_version=order.draft_version,
        conversation_id=stored.conversation_id,
        customer_id=order.customer_id,
        external_id=order.external_id,
        currency=order.currency,
        lines=[_line(each, order.currency, parts or {}) for each in order.lines],
        totals=_totals(order),
        name=order.name,
        phone=order.phone,
        email=order.email,
        tax_id=order.tax_id,
        business=order.business,
        company=order.company,
        tax_office=order.tax_office,
        recipient=order.recipient,
        recipient_phone=order.recipient_phone,
        extra=dict(order.extra),
        fulfilment=order.fulfilment,
        address=address_view(order.address),
        due_at=order.due_at,
        due_day=due_day(order),
        payment=order.payment,
        coupon=order.coupon,
        gift_note=order.gift_note,
        note=order.note,
        confirmed_by=None if confirmed is None else evidence_view(confirmed),
        approved_by=None if approved is None else evidence_view(approved),
        placed_at=order.placed_at,
        payment_status=order.payment_status,
        fulfilment_status=order.fulfilment_status,
        refunded=Money.of_minor(order.refunded_total, order.currency),
        entity_version=order.entity_version,
        updated_at=order.updated_at,
        origin=_origin(order.origin),
        given_number=order.given_number,
        gift_card=order.gift_card,
        instalments=order.instalments,
        tags=list(order.tags),
        data=dict(order.data),
    )


def _origin(origin: Origin | None) -> OriginView | None:
    if origin is None:
        return None
    return OriginView(
        face=origin.face, channel=origin.channel, statuses=dict(origin.statuses)
    )


def move_view(move: OrderMove, currency: str) -> OrderMoveView:
    """Return one step of an order's life."""
    return OrderMoveView(
        state=move.state,
        actor=move.actor,
        message=move.message,
        at=move.at,
        kind=move.kind,
        value=move.value,
        amount=None if move.amount is None else Money.of_minor(move.amount, currency),
        parts=dict(move.parts),
        responsible=move.responsible,
    )


def _line(line: OrderLine, currency: str, parts: Mapping[str, Part]) -> OrderLineView:
    part = parts.get(line.id)
    return OrderLineView(
        id=line.id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        variant_name=line.variant_name,
        quantity=line.quantity,
        unit=line.unit,
        options=[option_view(each) for each in line.options],
        note=line.note,
        unit_price=Money.of_price(line.unit_price, currency),
        subtotal=Money.of_minor(line.subtotal, currency),
        discount=Money.of_minor(line.discount, currency),
        tax_rate=line.tax_rate,
        tax=Money.of_minor(line.tax, currency),
        total=Money.of_minor(line.total, currency),
        evidence=[evidence_view(each) for each in line.evidence],
        price_source=line.price_source,
        fulfilled=Decimal(0) if part is None else part.fulfilled,
        data=dict(line.data),
    )


def _totals(order: Order) -> TotalsView:
    currency = order.currency
    return TotalsView(
        subtotal=Money.of_minor(order.subtotal, currency),
        discount=Money.of_minor(order.discount_total, currency),
        shipping=Money.of_minor(order.shipping_total, currency),
        tax=Money.of_minor(order.tax_total, currency),
        tax_included=order.tax_included,
        grand_total=Money.of_minor(order.grand_total, currency),
    )
