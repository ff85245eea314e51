"""The order: what was bought, frozen, with snapshots of the products."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from orders.domain.draft import Address, Evidence, Fulfilment, LineOption
from orders.domain.payment import PaymentMethod


class OrderState(StrEnum):
    CONFIRMED = "confirmed"
    PROVISIONING = "provisioning"
    PROVISIONED = "provisioned"
    PROVISIONING_FAILED = "provisioning_failed"
    PAYMENT_PENDING = "payment_pending"
    PAID = "paid"
    PREPARING = "preparing"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class PaymentStatus(StrEnum):
    """How far an order is paid. We take no payment: others tell us."""

    UNPAID = "unpaid"
    PENDING = "pending"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class FulfilmentStatus(StrEnum):
    """How much of an order has left the house."""

    UNFULFILLED = "unfulfilled"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FULFILLED = "fulfilled"
    RETURNED = "returned"


class PriceSource(StrEnum):
    """Who said what a unit costs."""

    CATALOG = "catalog"
    CALLER = "caller"  #: The program that made the order: kept as given.


@dataclass(frozen=True, slots=True)
class Origin:
    """The call that made an order."""

    face: str  #: Whose contract it spoke: a word of `orders.domain.ids.Face`.
    channel: str = ""  #: The sales channel of that system; empty: it has none.
    #: Statuses as they were given, by vocabulary: see `orders.domain.statuses`.
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as sold. Amounts are minor units of the order's currency."""

    id: str
    product_id: str  #: Empty: the line was written by hand.
    sku: str
    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal  #: Major units, surcharges included.
    subtotal: int
    discount: int
    tax_rate: Decimal
    tax: int
    total: int
    variant_id: str | None = None
    variant_name: str | None = None
    options: tuple[LineOption, ...] = ()
    note: str | None = None
    snapshot: Mapping[str, object] = field(default_factory=dict)  #: The product.
    evidence: tuple[Evidence, ...] = ()
    price_source: PriceSource = PriceSource.CATALOG
    #: What the caller said of the line beside all that; kept as given.
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_manual(self) -> bool:
        """Return whether it was written by hand: nothing in the catalog is meant."""
        return not self.product_id


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `grand_total` = subtotal - discount + tax not in prices + shipping."""

    id: str
    draft_id: str  #: The order's own id where a call made it, without a draft.
    draft_version: int
    currency: str
    lines: tuple[OrderLine, ...]
    subtotal: int
    discount_total: int
    tax_total: int
    shipping_total: int
    grand_total: int
    placed_at: datetime
    state: OrderState = OrderState.CONFIRMED
    number: int | None = None  #: Per tenant, given by the database when saved.
    tax_included: bool = True
    customer_id: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    tax_id: str | None = None
    fulfilment: Fulfilment | None = None
    address: Address | None = None
    due_at: datetime | None = None
    payment: str | None = None
    payment_method: PaymentMethod | None = None  #: As it was offered then.
    coupon: str | None = None
    gift_note: str | None = None
    note: str | None = None
    external_id: str | None = None  #: The order's id in the merchant's system.
    checkout_url: str | None = None  #: Where it is paid, says the merchant's system.
    confirmed_by: Evidence | None = None
    approved_by: Evidence | None = None  #: The agent, where the shop asks for one.
    business: bool | None = None  #: Whether a company buys; None: nobody said.
    company: str | None = None
    tax_office: str | None = None
    recipient: str | None = None  #: Who takes it in; None: who buys.
    recipient_phone: str | None = None
    #: Answers to the shop's own fields, by their id.
    extra: Mapping[str, str] = field(default_factory=dict)
    due_day_only: bool = False  #: Of `due_at` only the day was said, no hour.
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    fulfilment_status: FulfilmentStatus = FulfilmentStatus.UNFULFILLED
    refunded_total: int = 0
    entity_version: int = 1  #: Raised by every change of the order.
    updated_at: datetime | None = None  #: None: not stored yet.
    origin: Origin | None = None  #: None: a draft became it.
    given_number: str | None = None  #: The caller's own; `number` stays ours.
    gift_card: str | None = None
    instalments: int | None = None
    #: The discount was given as this percentage; `discount_total` is it in money.
    discount_percent: Decimal | None = None
    delivery_time: str | None = None  #: What the carrier promises, in its own words.
    shipping_method: str | None = None  #: The carrier's word for how it is shipped.
    tags: tuple[str, ...] = ()
    #: What the caller said beside all that, in its own words; kept as given.
    data: Mapping[str, object] = field(default_factory=dict)
