"""The shop's rules as merchants write them: in JSON or TOML, amounts as decimal texts.

`bot.inbox.shop_rules` turns them into the `orders.Shop` that decides, and back.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from bot.inbox.calls_wire import CallsRules
from bot.inbox.fields_wire import AskRules
from bot.inbox.humans_wire import HumansTimes
from bot.inbox.manners_wire import MannersRules
from bot.inbox.rule_types import Amount, Format, Language, Rules, Words, written
from bot.inbox.style_wire import StyleRules
from bot.inbox.templates_wire import TemplateRules, one_each
from orders import Confirms, Fulfilment, PaymentKind, WhenClosed
from orders.domain.payment import Instrument
from orders.domain.rules import REQUIRABLE

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SPAN = re.compile(f"{_CLOCK}-({_CLOCK}|24:00)")
_LINK = re.compile(r"https://[^\s/]+\.[^\s]+")
_MONTH = 30 * 24 * 60
_REQUIRABLE = tuple(field.value for field in REQUIRABLE)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _span(value: object) -> object:
    if not isinstance(value, str) or not _SPAN.fullmatch(value):
        raise ValueError("give opening hours as '09:00-18:00'; '22:00-02:00' is fine")
    return value


def _link(value: str) -> str:
    if not _LINK.fullmatch(value):
        raise ValueError("give a link that begins with https://")
    return value


def _required(value: object) -> object:
    if value not in _REQUIRABLE:
        raise ValueError(f"there is no such field; use one of {', '.join(_REQUIRABLE)}")
    return value


Span = Annotated[str, BeforeValidator(_span), written(_SPAN, "09:00-18:00")]
Link = Annotated[
    str,
    Field(max_length=500),
    AfterValidator(_link),
    written(_LINK, "https://pay.example"),
]
Required = Annotated[
    str,
    BeforeValidator(_required),
    WithJsonSchema({"type": "string", "enum": list(_REQUIRABLE)}),
]
Prefix = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z -]{0,11}$")]
Instructions = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)
]
Ways = Annotated[tuple[Fulfilment, ...], Field(min_length=1, max_length=2)]
_BOTH = (Fulfilment.DELIVERY, Fulfilment.PICKUP)


class AreaRules(Rules):
    """A part of the world with its own terms, which replace the shop's own."""

    name: Words = Field(description="As customers read it.", examples=["Kadıköy"])
    postal_prefixes: tuple[Prefix, ...] = Field(
        (),
        max_length=1000,
        description="How postal codes there begin; the longest of all areas wins.",
        examples=[["347"]],
    )
    cities: tuple[Words, ...] = Field(
        (),
        max_length=1000,
        description="Cities or districts, found in an address as whole words.",
        examples=[["Kadıköy", "Moda"]],
    )
    fee: Amount = Field("0", description="What a delivery costs.")
    minimum_order: Amount = Field("0", description="Goods before discount.")
    free_from: Amount | None = Field(
        None, description="Goods from which delivery is free; null: never."
    )
    lead_minutes: int | None = Field(
        None, ge=1, le=_MONTH, description="From the order to the door.", examples=[45]
    )

    @model_validator(mode="after")
    def _lies_somewhere(self) -> Self:
        if not self.postal_prefixes and not self.cities:
            raise ValueError("an area needs postal_prefixes or cities")
        return self


class DeliveryRules(Rules):
    """What deliveries cost, and where they go. Without areas: everywhere."""

    fee: Amount = Field("0", description="What a delivery costs where no area says.")
    free_from: Amount | None = Field(
        None, description="Goods from which delivery is free; null: never."
    )
    areas: tuple[AreaRules, ...] = Field(
        (),
        max_length=500,
        description="In order of preference. Elsewhere is refused.",
    )
    postal_formats: tuple[Format, ...] = Field(
        (),
        max_length=10,
        description="What postal codes look like (9 digit, A letter); empty: as in the"
        " country of the shop.",
        examples=[["99999"]],
    )


class PaymentRules(Rules):
    """One way to pay."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", examples=["transfer"])
    names: dict[Language, Words] = Field(
        min_length=1,
        max_length=50,
        description="By language; buttons show the first 20 characters.",
        examples=[{"en": "Bank transfer", "tr": "Havale"}],
    )
    kind: PaymentKind | None = Field(
        None,
        description="What customers call it in any language; null: what the id says.",
    )
    instructions: dict[Language, Instructions] = Field(
        default_factory=dict,
        max_length=50,
        description="Told with the confirmed order.",
        examples=[{"en": "IBAN TR00 0000 ... to Kahve Evi"}],
    )
    link: Link | None = Field(None, description="Where it is paid.")
    fulfilments: Ways = Field(_BOTH, description="What it can be used for.")
    accepts: tuple[Instrument, ...] = Field(
        (), max_length=4, description="Of cards and the like: which, for other systems."
    )


class HolidayRules(Rules):
    """A day with its own hours."""

    date: date
    hours: tuple[Span, ...] = Field((), max_length=10, description="None: closed.")
    name: Words | None = None

    @model_validator(mode="after")
    def _does_not_overlap(self) -> Self:
        check_apart(self.hours)
        return self


class HoursRules(Rules):
    """Opening hours in the shop's time zone. What begins on a day belongs to it."""

    mon: tuple[Span, ...] = Field((), max_length=10, examples=[["09:00-18:00"]])
    tue: tuple[Span, ...] = Field((), max_length=10)
    wed: tuple[Span, ...] = Field((), max_length=10)
    thu: tuple[Span, ...] = Field((), max_length=10)
    fri: tuple[Span, ...] = Field((), max_length=10)
    sat: tuple[Span, ...] = Field((), max_length=10)
    sun: tuple[Span, ...] = Field((), max_length=10)
    holidays: tuple[HolidayRules, ...] = Field((), max_length=500)
    when_closed: WhenClosed = Field(
        WhenClosed.ACCEPT,
        description="accept: say when it will be handled; refuse: keep it until then.",
    )

    @model_validator(mode="after")
    def _opens(self) -> Self:
        for day in DAYS:
            check_apart(getattr(self, day))
        days = [holiday.date for holiday in self.holidays]
        if len(set(days)) != len(days):
            raise ValueError("holidays: a date is given twice")
        if not any(getattr(self, day) for day in DAYS):
            raise ValueError("never open: give hours, or null to be always open")
        return self


class ConfirmationRules(Rules):
    """Who confirms an order of a chat beside the customer, who always does."""

    by: Confirms = Field(
        Confirms.CUSTOMER,
        description="customer: nobody else; agent: an agent approves each order; auto:"
        " an agent approves orders from `auto_below` on.",
    )
    auto_below: Amount | None = Field(
        None, description="With `auto`: below this total nobody has to approve."
    )

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if (self.by is Confirms.AUTO) != (self.auto_below is not None):
            raise ValueError("auto_below belongs to `by: auto`, and is needed there")
        return self


class HumansRules(HumansTimes):
    """When a person takes over from the bot, and how long customers wait for one."""

    asked_from: Amount | None = Field(
        None, description="Orders from this total on go to a person; null: none."
    )


#: What a wrong product costs, in words: so many questions.
COSTS: Mapping[str, int] = {"little": 2, "some": 5, "much": 20}
Cost = Annotated[int, Field(ge=2, le=1000)] | Literal["little", "some", "much"]


class ShopRules(Rules):
    """All rules of a shop. What is left out takes its default."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "fulfilments": ["delivery", "pickup"],
                    "minimum_order": "100.00",
                    "delivery": {
                        "areas": [
                            {
                                "name": "Kadıköy",
                                "postal_prefixes": ["347"],
                                "cities": ["Kadıköy"],
                                "fee": "30.00",
                                "free_from": "500.00",
                                "lead_minutes": 45,
                            }
                        ]
                    },
                    "payments": [
                        {"id": "cash", "names": {"en": "Cash", "tr": "Nakit"}},
                    ],
                    "hours": {"mon": ["09:00-13:00", "14:00-18:00"]},
                    "confirmation": {"by": "auto", "auto_below": "1000.00"},
                }
            ]
        }
    )

    fulfilments: Ways = Field(_BOTH, description="How orders reach the customer.")
    minimum_order: Amount = Field("0", description="Goods before discount.")
    tax: Literal["included", "excluded"] = Field(
        "included", description="Whether prices contain the tax."
    )
    required: tuple[Required, ...] = Field(
        ("name", "fulfilment", "address"),
        max_length=len(_REQUIRABLE),
        description="What no order is placed without.",
    )
    delivery: DeliveryRules = DeliveryRules()
    payments: tuple[PaymentRules, ...] = Field(
        (),
        max_length=30,
        description="One is taken silently, of several the customer chooses.",
    )
    hours: HoursRules | None = Field(None, description="null: always open.")
    confirmation: ConfirmationRules = ConfirmationRules()
    wrong_product: Cost = Field(
        "some",
        description="What a wrong product costs against one more question: a number of"
        " questions, or little (2), some (5), much (20). The more, the more is asked.",
        examples=["some", 8],
    )
    manners: MannersRules = MannersRules()
    style: StyleRules = StyleRules()
    humans: HumansRules = HumansRules()
    fields: AskRules = AskRules()
    calls: CallsRules = CallsRules()
    templates: Annotated[tuple[TemplateRules, ...], AfterValidator(one_each)] = Field(
        (),
        max_length=20,
        description="What tells of orders later than WhatsApp's 24 hours allow: without"
        " one, such news waits until the customer writes.",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        ids = [payment.id for payment in self.payments]
        if len(set(ids)) != len(ids):
            raise ValueError("payments: an id is given twice")
        if self.delivery.areas and Fulfilment.DELIVERY not in self.fulfilments:
            raise ValueError("delivery.areas: the shop does not deliver (fulfilments)")
        strange = sorted(self.fields.payments_named() - set(ids))
        if strange:
            raise ValueError(f"fields: there is no payment {strange[0]!r}")
        return self


def interval_of(span: str) -> tuple[time, time]:
    """Return when a span opens and closes; "24:00" is midnight."""
    opens, closes = (part.split(":") for part in span.split("-"))
    return (
        time(int(opens[0]), int(opens[1])),
        time(int(closes[0]) % 24, int(closes[1])),
    )


def check_apart(spans: tuple[str, ...]) -> None:
    """Raise ValueError when two spans of one day overlap."""
    day = 24 * 60
    minutes = []
    for span in spans:
        opens, closes = (t.hour * 60 + t.minute for t in interval_of(span))
        minutes.append((opens, closes if closes > opens else closes + day))
    ordered = sorted(minutes)
    for (_, closes), (opens, _) in pairwise(ordered):
        if opens < closes:
            raise ValueError(f"{', '.join(spans)}: these overlap")
