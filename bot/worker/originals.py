"""The messages that edits and deletes are about, and what their turns did."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.amending import Handled, targets_of, worded
from bot.domain.message import CORRECTIONS, REVOKE, Content, Media, Text
from bot.domain.snapshot import Caused, Memory
from bot.inbox.table import analysis, message
from orders import Draft
from orders.codec import UnknownChange, load_draft, load_order
from orders.domain.replaying import Step
from orders.table import draft_version
from orders.table import order as order_table
from orders.versions import versions_of

_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


@dataclass(frozen=True, slots=True)
class Originals:
    """What one conversation's corrections are about."""

    handled: Mapping[str, Handled] = field(default_factory=dict)  #: By provider id.
    caused: Mapping[str, Caused] = field(default_factory=dict)  #: By message id.


async def originals_of(
    connection: AsyncConnection, rows: Iterable[Row[Any]]
) -> Mapping[str, Originals]:
    """Return, by conversation, what the corrections among pending rows are about.

    Most turns have none: then nothing is asked.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.state == "pending" and row.event in CORRECTIONS:
            content = _CONTENT.validate_python(row.content)
            wanted[row.conversation_id] |= targets_of([content])
    return {
        conversation_id: await _originals(connection, conversation_id, targets)
        for conversation_id, targets in wanted.items()
        if targets
    }


def as_it_reads(content: Content, correction: Mapping[str, Any] | None) -> Content:
    """Return a stored content with the words that it was edited to."""
    text = (correction or {}).get("text")
    return content if text is None else worded(content, text)


def is_hidden(correction: Mapping[str, Any] | None) -> bool:
    """Return whether nobody is to read the words any more."""
    return correction is not None and correction.get("text") is None


async def _originals(
    connection: AsyncConnection, conversation_id: str, targets: set[str]
) -> Originals:
    found = await connection.execute(
        select(
            message.c.id,
            message.c.provider_id,
            message.c.content,
            message.c.correction,
            analysis.c.draft_id,
            analysis.c.before,
            order_table.c.number,
            order_table.c.body,
        )
        .outerjoin(analysis, analysis.c.id == message.c.analysis_id)
        .outerjoin(order_table, order_table.c.draft_id == analysis.c.draft_id)
        .where(
            message.c.conversation_id == conversation_id,
            message.c.event == "message",
            message.c.direction == "in",
            message.c.state != "pending",
            message.c.provider_id.in_(sorted(targets)),
        )
    )
    handled, caused = {}, {}
    drafts: dict[str, _Past] = {}
    for row in found.all():
        content = as_it_reads(_CONTENT.validate_python(row.content), row.correction)
        deleted = (row.correction or {}).get("event") == REVOKE
        handled[row.provider_id] = Handled(row.id, row.provider_id, content, deleted)
        if row.draft_id is not None and row.draft_id not in drafts:
            drafts[row.draft_id] = await _past(connection, row.draft_id)
        caused[row.id] = _caused(row, content, drafts.get(row.draft_id))
    return Originals(handled, caused)


@dataclass(frozen=True, slots=True)
class _Past:
    """How a draft became what it is."""

    log: tuple[Step, ...]
    created: Draft | None
    legible: bool


async def _past(connection: AsyncConnection, draft_id: str) -> _Past:
    legible, log = True, tuple[Step, ...]()
    try:
        log = await versions_of(connection, draft_id)
    except UnknownChange:
        legible = False
    bodies = await connection.execute(
        select(draft_version.c.body).where(
            and_(draft_version.c.draft_id == draft_id, draft_version.c.version == 0)
        )
    )
    body = bodies.scalar_one_or_none()
    return _Past(log, load_draft(body) if body is not None else None, legible)


def _caused(row: Row[*tuple[Any, ...]], content: Content, past: _Past | None) -> Caused:
    if past is None:
        return Caused(row.id, _words(content))
    placed = load_order(row.body) if row.body is not None else None
    by = placed.confirmed_by if placed else None
    return Caused(
        ref=row.id,
        said=_words(content),
        draft_id=row.draft_id,
        created=past.created,
        log=past.log,
        order=row.number,
        confirmed=by is not None and by.ref == row.id,
        memory=Memory.model_validate((row.before or {}).get("memory") or {}),
        legible=past.legible,
    )


def _words(content: Content) -> str:
    if isinstance(content, Text):
        return content.text
    return (content.caption or "") if isinstance(content, Media) else ""
