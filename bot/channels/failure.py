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
    PLAIN_TEXT = "plain_text"  #: The form was refused: say it once more as text.


class SendRefused(Refused):
    """No, for good. `code` is the provider's, None if it gave none.

    `lost`: a gateway has no connection to WhatsApp, and tells when that is back.
    """

    def __init__(
        self, message: str, *, code: int | None, action: Action, lost: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.action = action
        self.lost = lost


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
