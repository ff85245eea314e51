"""Why a provider did not take a message, and what that asks of us.

Refused
└── SendRefused         with the provider's code and an `Action`
Unavailable
└── SendUnavailable     likewise
"""

from datetime import timedelta
from enum import StrEnum

from orders.outbox.delivery import Refused, Unavailable


class Action(StrEnum):
    """What to do about a message that was not taken."""

    RETRY = "retry"  #: Later, with growing pauses.
    SLOW_DOWN = "slow_down"  #: A limit was reached: later, and less at a time.
    REFUSE = "refuse"  #: Never: show it to a person.
    PAUSE_CHANNEL = "pause_channel"  #: Nothing gets through until somebody acts.
    HOLD_FOR_WINDOW = "hold_for_window"  #: Until the customer writes again.
    NEEDS_PHONE = "needs_phone"  #: Only a phone number can receive this.
    SLOW_PAIR = "slow_pair"  #: Too many to one customer: pauses of 4^n seconds.
    ONCE_MORE = "once_more"  #: In a moment; then, of a picture, its words alone.
    NOT_TODAY = "not_today"  #: Never by itself; by a person after `rest`.
    PLAIN_TEXT = "plain_text"  #: The form was refused: say it once more as text.


class SendRefused(Refused):
    """No, for good. `code` is the provider's, None if it gave none.

    `lost`: a gateway has no connection to WhatsApp, and tells when that is back.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None,
        action: Action,
        lost: bool = False,
        rest: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.action = action
        self.lost = lost
        self.rest = rest or timedelta(0)


class SendUnavailable(Unavailable):
    """Not now. `code` is the provider's, None if it gave none."""

    def __init__(
        self,
        message: str,
        *,
        code: int | None,
        action: Action,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.code = code
        self.action = action


_AGAIN = frozenset({Action.RETRY, Action.SLOW_DOWN, Action.SLOW_PAIR})


def failed(
    why: str,
    *,
    code: int | None,
    action: Action,
    retry_after: timedelta | None = None,
    lost: bool = False,
) -> SendRefused | SendUnavailable:
    """Return the error that an action calls for.

    `retry_after` is also how long what nobody sends by itself must rest.
    """
    if action in _AGAIN:
        return SendUnavailable(why, code=code, action=action, retry_after=retry_after)
    rest = retry_after if action is Action.NOT_TODAY else None
    return SendRefused(why, code=code, action=action, lost=lost, rest=rest)
