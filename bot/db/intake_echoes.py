"""Echoes: what the shop wrote past us, told from what we sent ourselves. Pure.

Some providers repeat to us what we have sent: under the same id, under another one, or
before the call that sent it has returned. Those are no person's words.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

from bot.domain.handed import HUMAN_WROTE
from bot.domain.message import ECHO
from bot.domain.ticking import CLOCK, tick

#: Who wrote it, as far as we know.
PHONE = "phone"


def is_ours(content: str, sent: Sequence[str | None]) -> bool:
    """Return whether an echo repeats what we sent.

    `sent` are the words of our last messages there; None: one that has its very id.
    Words are compared without spaces and marks: providers change those.
    """
    if None in sent:
        return True
    words = _bare(_words_of(content))
    if not words:  # A picture alone, as we may have sent one.
        return any(not _bare(each or "") for each in sent)
    return any(_says(words, _bare(each or "")) for each in sent)


def ticked(echo_id: str) -> tuple[str, str, str, str]:
    """Return what the clock says of an echo: id, provider's id, kind and content."""
    firing = f"{HUMAN_WROTE}:{echo_id}"
    said = tick(HUMAN_WROTE)
    message_id = f"msg_{sha256(firing.encode()).hexdigest()[:26]}"
    return message_id, firing, said.type, said.model_dump_json(exclude_none=True)


def standing_of(event: str) -> tuple[str, str, str | None]:
    """Return a new message's direction, its state and who wrote it for the shop."""
    return ("out", "sent", PHONE) if event == ECHO else ("in", "pending", None)


def _words_of(content: str) -> str:
    said = json.loads(content)
    return str(said.get("body") or said.get("caption") or said.get("text") or "")


def _says(words: str, sent: str) -> bool:
    """Return whether they are the same, but for numbered choices below what we sent."""
    return words == sent or (bool(sent) and words.startswith(f"{sent}1"))


def _bare(words: str) -> str:
    letters = "".join(letter for letter in words.casefold() if letter.isalnum())
    return letters or "".join(words.split())


__all__ = ["CLOCK", "ECHO", "PHONE", "is_ours", "standing_of", "ticked"]
