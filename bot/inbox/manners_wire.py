"""A shop's manners as merchants write them: a part of `bot.inbox.shop_wire`."""

import re
from datetime import time, timedelta
from typing import Annotated

from pydantic import (
    BeforeValidator,
    Field,
    WithJsonSchema,
)

from bot.inbox.rule_types import Rules
from orders.domain.hours import Interval
from orders.domain.manners import CancelUntil, Manners

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_QUIET = re.compile(f"{_CLOCK}-{_CLOCK}")
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def _quiet(value: object) -> object:
    if not isinstance(value, str) or not _QUIET.fullmatch(value):
        raise ValueError("give quiet hours as '22:00-08:00'")
    begins, ends = value.split("-")
    if begins == ends:
        raise ValueError("quiet hours must end at another time than they begin")
    return value


Quiet = Annotated[
    str,
    BeforeValidator(_quiet),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_QUIET.pattern}$",
            "examples": ["22:00-08:00"],
        }
    ),
]


class MannersRules(Rules):
    """When the bot writes unasked, what it takes for a yes, how long it waits."""

    notices_after_stop: bool = Field(
        default=False,
        description="Tell news of a placed order (on its way, delivered, cancelled,"
        " refunded) also to customers who said STOP.",
    )
    thumbs_up_confirms: bool = Field(
        default=False,
        description="A thumbs-up on the current summary is a yes.",
    )
    quiet: Quiet | None = Field(
        None,
        description="Nothing is sent unasked then, in the shop's time zone; answers"
        " are. null: no quiet hours.",
    )
    stale_hours: int = Field(
        3,
        ge=1,
        le=24,
        description="What is older when it is read is apologised for, and confirms"
        " nothing.",
    )
    remind_hours: int | None = Field(
        3,
        ge=1,
        le=23,
        description="So long after the customer's last word an order that was not"
        " finished is asked about, once; null: never.",
    )
    draft_days: int | None = Field(
        14,
        ge=1,
        le=365,
        description="So long a draft waits for its customer; null: for ever.",
    )
    cancel_until: CancelUntil = Field(
        CancelUntil.NEVER,
        description="How far an order may be for its customer to cancel it alone."
        " never: a person decides; sent: until your system has taken it; accepted:"
        " until it is paid or prepared; preparing: until it is on its way, unpaid.",
    )


def manners_of(rules: MannersRules) -> Manners:
    """Return the manners that decide."""
    remind, days = rules.remind_hours, rules.draft_days
    return Manners(
        notices_after_stop=rules.notices_after_stop,
        thumbs_up_confirms=rules.thumbs_up_confirms,
        quiet=_interval(rules.quiet) if rules.quiet else None,
        stale_after=rules.stale_hours * _HOUR,
        remind_after=None if remind is None else remind * _HOUR,
        draft_lasts=None if days is None else days * _DAY,
        cancel_until=rules.cancel_until,
    )


def written_manners(manners: Manners) -> MannersRules:
    """Return manners as merchants write them."""
    quiet, remind, lasts = manners.quiet, manners.remind_after, manners.draft_lasts
    return MannersRules(
        notices_after_stop=manners.notices_after_stop,
        thumbs_up_confirms=manners.thumbs_up_confirms,
        quiet=f"{quiet.opens:%H:%M}-{quiet.closes:%H:%M}" if quiet else None,
        stale_hours=manners.stale_after // _HOUR,
        remind_hours=None if remind is None else remind // _HOUR,
        draft_days=None if lasts is None else lasts // _DAY,
        cancel_until=manners.cancel_until,
    )


def _interval(quiet: str) -> Interval:
    begins, ends = (time.fromisoformat(part) for part in quiet.split("-"))
    return Interval(begins, ends)
