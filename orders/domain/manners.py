"""The shop's manners, as data: when the bot writes unasked, and when it holds back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from orders.domain.hours import Hours, Interval, next_opening
from orders.domain.order import OrderState

_DAYS_OF_A_WEEK = 7


class CancelUntil(StrEnum):
    """How far an order may be for its customer to cancel it without a person."""

    NEVER = "never"  #: A person decides.
    SENT = "sent"  #: Until the merchant's system has taken it.
    ACCEPTED = "accepted"  #: Until it is paid or being prepared.
    PREPARING = "preparing"  #: Until it is on its way, if it is not paid yet.


_UNSENT = frozenset({OrderState.CONFIRMED, OrderState.PROVISIONING_FAILED})
_TAKEN = frozenset(
    {OrderState.PROVISIONING, OrderState.PROVISIONED, OrderState.PAYMENT_PENDING}
)
#: The states in which a customer may cancel. What is paid is a person's to refund.
CANCELLABLE = {
    CancelUntil.NEVER: frozenset[OrderState](),
    CancelUntil.SENT: _UNSENT,
    CancelUntil.ACCEPTED: _UNSENT | _TAKEN,
    CancelUntil.PREPARING: _UNSENT | _TAKEN | {OrderState.PREPARING},
}


@dataclass(frozen=True, slots=True)
class Manners:
    """When the bot speaks unasked, what it takes for a yes, and how long it waits."""

    #: News of a placed order (on its way, cancelled ...) are told after STOP, too.
    notices_after_stop: bool = False
    #: A thumbs-up on the summary that is current is a yes.
    thumbs_up_confirms: bool = False
    #: No message begins a conversation then; answers are always given.
    quiet: Interval | None = None
    #: What is older when it is read is apologised for, and confirms nothing: after a
    #: few hours a yes may belong to plans that have changed.
    stale_after: timedelta = timedelta(hours=3)
    #: So long after the last word an order that was not finished is asked about, once.
    remind_after: timedelta | None = timedelta(hours=3)
    #: So long after its last change a draft is put away.
    draft_lasts: timedelta | None = timedelta(days=14)
    cancel_until: CancelUntil = CancelUntil.NEVER

    def may_cancel(self, state: OrderState) -> bool:
        """Return whether a customer may cancel an order in that state."""
        return state in CANCELLABLE[self.cancel_until]

    def not_before(self, at: datetime, timezone: str) -> datetime:
        """Return the first moment from `at` on that is not in the quiet hours.

        In the zone of `at`, unless it is moved: then in the shop's.
        """
        if self.quiet is None or self.quiet.opens == self.quiet.closes:
            return at
        spoken = Interval(opens=self.quiet.closes, closes=self.quiet.opens)
        day = Hours(week=((spoken,),) * _DAYS_OF_A_WEEK)
        moment = next_opening(day, at, ZoneInfo(timezone))
        return at if moment is None or moment == at else moment

    def is_quiet(self, at: datetime, timezone: str) -> bool:
        """Return whether nobody is written to without having written."""
        return self.not_before(at, timezone) > at
