"""How webhooks of a gateway are let in: before anything in their body is believed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from multidict import CIMultiDictProxy


@dataclass(frozen=True, slots=True)
class Knock:
    """A webhook call at the door."""

    headers: CIMultiDictProxy[str]
    secrets: tuple[str, ...]  #: What the channel's webhooks may prove themselves with.
    now: datetime
    body: bytes | None = None  #: None: it was not read yet.


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is not let in: `is_missing` says that it did not even try."""

    why: str
    is_missing: bool = False


class Gate(Protocol):
    """Judges the webhooks of a kind of gateway, and says how to set them up."""

    def refusal(self, knock: Knock) -> Refusal | None:
        """Return why a call is refused, None when it may come in. Never raises.

        Asked twice: without the body, when None means "read it, and ask again", so that
        strangers' bodies are not even read; and with it.
        """
        ...

    def to_paste(self, *, url: str, secret: str, instance: str, base_url: str) -> str:
        """Return what the owner runs so that the gateway calls `url`, for people.

        It is a command for a shell, complete but for the gateway's own key, which the
        owner puts into the variable API_KEY.
        """
        ...
