"""How a message came here, other than being written. Stored as JSON."""

from bot.domain.value import Value


class Referral(Value):
    """The ad or the post that brought somebody here.

    Text of strangers: shown to people, never an instruction to anything.
    """

    source_id: str | None = None
    source_type: str | None = None  #: ad, post ...
    source_url: str | None = None
    headline: str | None = None
    body: str | None = None
    media_type: str | None = None
    click_id: str | None = None  #: What the platform counts the click as.


class Origin(Value):
    """How a message came here, other than being written."""

    forwarded: int = 0  #: 0: written here; 1: forwarded; 2: forwarded many times.
    referral: Referral | None = None
