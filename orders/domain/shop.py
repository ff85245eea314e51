"""The shop's rules, as data: how it delivers, is paid, opens, taxes and confirms."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from orders.domain.areas import Area, Unserved, area_of
from orders.domain.calls import Calls
from orders.domain.draft import Address, Draft, Fulfilment
from orders.domain.fields import ADDRESS_PARTS
from orders.domain.hours import Hours, WhenClosed, is_open, next_opening
from orders.domain.humans import Humans
from orders.domain.manners import Manners
from orders.domain.needs import FieldRules
from orders.domain.payment import PaymentMethod, methods_for, methods_meant
from orders.domain.postal import formats_of
from orders.domain.style import Style
from orders.domain.templates import Template


class Confirms(StrEnum):
    """Who confirms an order of a chat. The customer always does."""

    CUSTOMER = "customer"  #: Nobody else.
    AGENT = "agent"  #: An agent approves what the customer confirmed.
    AUTO = "auto"  #: An agent approves from `approval_from` on, and nobody below.


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant's rules. Amounts are minor units of the tenant's currency.

    Where there are areas, their terms stand in the place of the shop's own.
    """

    fulfilments: tuple[Fulfilment, ...] = (Fulfilment.DELIVERY, Fulfilment.PICKUP)
    delivery_fee: int = 0
    free_delivery_from: int | None = None  #: Goods after discount; None: never free.
    minimum_order: int = 0  #: Goods before discount; 0: none.
    tax_included: bool = True  #: Prices contain the tax.
    #: Names of `orders.domain.fields.REQUIRABLE` without which no order is placed.
    required: tuple[str, ...] = field(default=("name", "fulfilment", "address"))
    areas: tuple[Area, ...] = ()  #: None: everywhere.
    payments: tuple[PaymentMethod, ...] = ()  #: None: it is not asked about.
    hours: Hours | None = None  #: None: always open.
    when_closed: WhenClosed = WhenClosed.ACCEPT
    confirms: Confirms = Confirms.CUSTOMER
    approval_from: int = 0  #: `Confirms.AUTO`: from this total on an agent approves.
    #: What a wrong product costs, in questions that might have prevented it.
    wrong_product: Decimal = Decimal(5)
    manners: Manners = field(default_factory=Manners)
    style: Style = field(default_factory=Style)
    humans: Humans = field(default_factory=Humans)
    fields: FieldRules = field(default_factory=FieldRules)
    #: What tells of orders when customers may not be written to freely.
    templates: tuple[Template, ...] = ()
    calls: Calls = field(default_factory=Calls)
    #: Facts of the tenant, which its row tells better than stored rules.
    timezone: str = "UTC"
    country: str = ""
    postal_formats: tuple[str, ...] = ()  #: None: those of the country.

    def needing(self, fields: Iterable[str]) -> "Shop":
        """Return the shop that requires these fields, too: a sink may need them."""
        more = sorted(set(fields) - set(self.required))
        return replace(self, required=(*self.required, *more))

    @property
    def needs_parts(self) -> bool:
        """Return whether any part of an address may be needed by itself."""
        parts = {part.value for part in ADDRESS_PARTS}
        needed = {*self.required, *(need.field for need in self.fields.needs)}
        return bool(parts & needed)

    @property
    def sure(self) -> float:
        """Return how likely a product must be to be taken without a question.

        Asking costs one question, not asking the chance of being wrong times what a
        wrong product costs: they weigh the same there.
        """
        return float(1 - 1 / self.wrong_product)

    @property
    def formats(self) -> tuple[str, ...]:
        """What postal codes look like here."""
        return self.postal_formats or formats_of(self.country)

    def reach(self, address: Address) -> Area | Unserved | None:
        """Return the area of an address, why it has none, or None: no areas at all."""
        return area_of(address, self.areas, self.formats) if self.areas else None

    def opens_at(self, now: datetime) -> datetime | None:
        """Return when a closed shop opens, in its zone; None when it is open."""
        if self.hours is None:
            return None
        zone = ZoneInfo(self.timezone)
        if is_open(self.hours, now, zone):
            return None
        return next_opening(self.hours, now, zone)

    def is_open(self, now: datetime) -> bool:
        """Return whether the shop is open."""
        return self.hours is None or is_open(self.hours, now, ZoneInfo(self.timezone))

    def needs_approval(self, total: int) -> bool:
        """Return whether an agent approves an order of that total."""
        match self.confirms:
            case Confirms.CUSTOMER:
                return False
            case Confirms.AGENT:
                return True
            case Confirms.AUTO:
                return total >= self.approval_from


@dataclass(frozen=True, slots=True)
class Terms:
    """What a delivery costs and takes. Amounts are minor units."""

    fee: int
    free_from: int | None
    minimum_order: int
    area: Area | None = None


def fulfilment_of(draft: Draft, shop: Shop) -> Fulfilment | None:
    """Return how the draft reaches the customer, or None while that is open.

    A shop with a single way needs no answer.
    """
    if draft.fulfilment in shop.fulfilments:
        return draft.fulfilment
    return shop.fulfilments[0] if len(shop.fulfilments) == 1 else None


def terms_of(draft: Draft, shop: Shop) -> Terms:
    """Return the terms of the draft: its area's when it is delivered into one."""
    area = delivered_to(draft, shop)
    if isinstance(area, Area):
        minimum = max(shop.minimum_order, area.minimum_order)
        return Terms(area.fee, area.free_from, minimum, area)
    return Terms(shop.delivery_fee, shop.free_delivery_from, shop.minimum_order)


def delivered_to(draft: Draft, shop: Shop) -> Area | Unserved | None:
    """Return where a draft goes; None when it is picked up, or nobody asks."""
    is_delivered = fulfilment_of(draft, shop) is Fulfilment.DELIVERY
    if not is_delivered or draft.address is None:
        return None
    return shop.reach(draft.address)


def payments_of(draft: Draft, shop: Shop) -> tuple[PaymentMethod, ...]:
    """Return the ways to pay for this draft."""
    return methods_for(shop.payments, fulfilment_of(draft, shop))


def payment_of(draft: Draft, shop: Shop) -> PaymentMethod | None:
    """Return how the draft is paid, or None while that is open.

    A shop with a single way needs no answer. What somebody chose, and the shop no
    longer has, is never replaced silently.
    """
    usable = payments_of(draft, shop)
    if draft.payment is not None:
        usable = methods_meant(usable, draft.payment)
    return usable[0] if len(usable) == 1 else None
