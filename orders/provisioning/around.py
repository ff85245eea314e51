"""What is stored around an order, for systems that want more than the order itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from orders.domain.order import OrderState
from orders.domain.payment import PaymentMethod


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is known of a customer beside what their order says. None: nobody said."""

    first_name: str | None = None
    last_name: str | None = None
    gender: str | None = None
    birth_date: str | None = None  #: ISO 8601
    phone_country_code: str | None = None
    phone_area_code: str | None = None
    phone_number: str | None = None
    business: bool | None = None
    company: str | None = None
    tax_id: str | None = None
    state_tax_id: str | None = None
    documents: tuple[str, ...] = ()  #: Numbers that authorities gave to them.
    #: What a system said of them beside all that, by face.
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Team:
    """The people whom a seller belongs to."""

    name: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class SalesPerson:
    """Whose work the order's conversation was, else the agent who confirmed it."""

    id: str
    name: str
    external_id: str | None = None
    code: str | None = None  #: By which the merchant's books know them.
    team: Team | None = None


@dataclass(frozen=True, slots=True)
class StateStep:
    """A state that an order came to, and who said so."""

    state: OrderState
    responsible: str
    message: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """What is stored around an order."""

    buyer: Buyer = field(default_factory=Buyer)
    sales_person: SalesPerson | None = None
    #: Whose work its conversation was; None: that of the sales person.
    team: Team | None = None
    payments: tuple[PaymentMethod, ...] = ()  #: What the shop takes.
    states: tuple[StateStep, ...] = ()  #: Oldest first.
