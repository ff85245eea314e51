"""The record of one analysis, as everybody looks at it who acts on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter


class AnalysisStatus(StrEnum):
    """How far the analysis of a message is, in Ticaret.pro's words."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    #: Deliberately, or because nobody could make anything of it.
    SKIPPED = "skipped"


class Trigger(StrEnum):
    """What made it begin."""

    AUTO = "auto"  #: The message came.
    MANUAL = "manual"  #: Somebody put it into the queue again.


#: Of a failed or skipped one that was put into the queue again: history.
RETRIED = "retried"
#: What may be done on the strength of an analysis.
CREATE_ORDER = "create_order"


class Applied(BaseModel):
    """Something that was done on the strength of an analysis. Fields are added."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str = CREATE_ORDER
    order_id: str
    order_no: str
    actor_type: str  #: `customer`, `user` or `key`.
    actor_id: str
    allow_duplicate: bool = False
    created_at: datetime
    message_id: str | None = None  #: The message that it was done at.


_APPLIED = TypeAdapter(tuple[Applied, ...])


@dataclass(frozen=True, slots=True)
class AnalysisRecord:
    """The analysis of one message, whether it has run or not."""

    conversation_id: str
    status: AnalysisStatus
    trigger: Trigger
    source_type: str
    attempts: int
    max_attempts: int
    created_at: datetime
    updated_at: datetime
    entity_version: int
    id: str | None = None  #: None: it never ran to an end.
    provider: str | None = None
    model: str | None = None
    confidence: float | None = None
    result: Mapping[str, JsonValue] | None = None
    matches: JsonValue = None
    commerce: Mapping[str, JsonValue] | None = None
    shelf: JsonValue = None
    usage: Mapping[str, JsonValue] | None = None
    before: Mapping[str, JsonValue] | None = None
    draft_id: str | None = None
    draft_version: int | None = None
    order_id: str | None = None  #: That its turn, or somebody at it, made.
    applied: tuple[Applied, ...] = ()
    from_seq: int = 0
    to_seq: int = 0
    next_attempt_at: datetime | None = None
    error: str | None = None
    ended_at: datetime | None = None


def load_applied(stored: object) -> tuple[Applied, ...]:
    """Return what was done, the first first."""
    return _APPLIED.validate_python(stored or ())


def dump_applied(applied: Sequence[Applied]) -> object:
    """Return it as JSON."""
    return _APPLIED.dump_python(tuple(applied), mode="json")
