"""How asking the model may fail, each by its name.

ReaderUnavailable
├── NotNow            an outage: the breaker counts it, one more try may help
│   ├── RateLimited       too many calls, or the account has no credit left
│   ├── ServerFailed      5xx, or the model failed while answering
│   ├── TimedOut          no answer in time
│   ├── NotReached        no connection, or it broke
│   └── Unauthorised      the key, the model's name or the address is wrong
└── NotThis           this very turn will not be read, now or later
    ├── Declined          the model will not answer, or its filter cut the answer
    ├── CutShort          the answer was longer than we allow
    ├── Garbled           no valid answer, not even after one repair
    └── Rejected          the request itself was refused
"""

from typing import ClassVar

from bot.reading.reader import ReaderUnavailable


class NotNow(ReaderUnavailable):
    """The service is away, or we may not use it."""

    again: ClassVar[bool] = True  #: One more try, at once, may help.


class RateLimited(NotNow):
    reason = "rate_limited"


class NoCredit(RateLimited):
    reason = "no_credit"
    again = False


class ServerFailed(NotNow):
    reason = "server_failed"


class TimedOut(NotNow):
    reason = "timeout"


class NotReached(NotNow):
    reason = "not_reached"


class Unauthorised(NotNow):
    reason = "unauthorised"
    again = False


class NotThis(ReaderUnavailable):
    """The service is there, and this turn is not for it."""

    lasting = True


class Declined(NotThis):
    reason = "declined"


class CutShort(NotThis):
    reason = "cut_short"


class Garbled(NotThis):
    reason = "garbled"


class Rejected(NotThis):
    reason = "rejected"
