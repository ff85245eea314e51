"""What was true when a turn began and is gone when it is over, kept to read it again.

Messages, drafts and orders keep their history themselves; this is what does not.
"""

from bot.domain.message import Value
from bot.domain.snapshot import Memory, Owner
from bot.worker.loading import Loaded
from orders import DraftState


class Before(Value):
    """Stored with a turn's analysis as JSON; fields are added."""

    memory: Memory = Memory()
    language: str | None = None  #: The conversation's so far.
    owner: Owner = Owner.BOT
    opted_out: bool = False
    draft_version: int | None = None  #: None: there was no draft.
    draft_state: DraftState | None = None


def before_of(loaded: Loaded) -> Before:
    """Return what a turn began with."""
    draft = loaded.draft
    return Before(
        memory=loaded.memory,
        language=loaded.language,
        owner=loaded.owner,
        opted_out=loaded.contact.opted_out,
        draft_version=draft.version if draft else None,
        draft_state=draft.state if draft else None,
    )
