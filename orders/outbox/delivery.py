"""How a delivery may end, whatever is delivered and whoever delivers it.

returns                 delivered
DeliveryError
├── Refused             no, and asking again cannot help: park it, tell a human
│   └── Closed          the target takes nothing from us any more, whatever it is
├── Unavailable         not now: try again, after `retry_after` if we were told
├── Waiting             something must happen first: look again, count nothing
├── Reworded            not in this form: try at once with another payload
├── OutcomeUnknown      it may have arrived: wait for news before the one resend
└── Withdrawn           nobody wants it any more: cancel it
"""

from collections.abc import Mapping
from datetime import timedelta


class DeliveryError(Exception):
    """Base of everything a delivery may raise."""


class Refused(DeliveryError):
    """The target said no for good; a person may try again, but not before `rest`."""

    rest = timedelta(0)


class Closed(Refused):
    """The target said no to us, not to what we sent: nothing else gets through."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status  #: The HTTP status that it answered.


class Unavailable(DeliveryError):
    """The target could not be reached or asked us to wait."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Waiting(DeliveryError):
    """It has to wait, for as long as it takes; nothing arrived and nothing counts.

    `waits_for` names what it waits for: whoever brings that about wakes it by that
    name (`orders.outbox.store.wake`). `payload`, if given, replaces the item's.
    """

    def __init__(
        self,
        message: str,
        *,
        waits_for: str | None = None,
        payload: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.waits_for = waits_for
        self.payload = payload


class Reworded(DeliveryError):
    """The target refused the form: it is tried again with this payload.

    At once, or `after` a moment. Whoever raises it sees to it that this comes to an
    end.
    """

    def __init__(
        self,
        message: str,
        *,
        payload: Mapping[str, object],
        after: timedelta = timedelta(0),
    ) -> None:
        super().__init__(message)
        self.payload = payload
        self.after = after


class OutcomeUnknown(DeliveryError):
    """The request was written and no answer came: it may have been delivered."""


class Withdrawn(DeliveryError):
    """Nobody wants it any more: it is cancelled, and the queue goes on."""
