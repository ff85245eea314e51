"""What the system did with one message, read from its database, step by step."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import analysis, channel, message, message_status
from orders.table import draft, order, outbox

Reading = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

#: The steps in the order in which they happen; the worker may note others.
STEPS = (
    "stored",
    "claimed",
    "read",
    "matched",
    "decided",
    "saved",
    "replied",
    "delivered",
)
_REPLIES_MAX = 20  # more than any turn says
#: How the customer's side heard of a reply: `read` without `delivered` happens.
_ARRIVED = ("delivered", "read")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `at` is None until it is done; `failed` ones ended the journey."""

    name: str
    at: datetime | None = None
    note: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """The journey of a message. `is_over`: nothing more will happen by itself."""

    steps: tuple[Step, ...]
    is_over: bool


async def trace(reading: Reading, *, account: str, provider_id: str) -> Trace | None:
    """Return what was done with a customer's message; None while it is unknown.

    `account` is the phone_number_id, `provider_id` the message's wamid.
    """
    async with reading() as connection:
        asked = await _message(connection, account, provider_id)
        if asked is None:
            return None
        read = await _analysis(connection, asked)
        if read is None:
            return _unread(asked)
        if read["status"] == "failed":
            failed = Step("failed", read["ended_at"], read["error"] or "", failed=True)
            return _assemble([_stored(asked), *_noted(read), failed], is_over=True)
        saved = Step("saved", read["ended_at"], await _saved_note(connection, read))
        replies = await _replies(connection, read)
        arrived = await _arrived(connection, asked, read)
    replied = _replied(asked, replies)
    is_silent = not replies
    is_over = is_silent or replied.failed or arrived.at is not None
    tail = (
        [saved, replied] if is_silent or replied.failed else [saved, replied, arrived]
    )
    return _assemble([_stored(asked), *_noted(read), *tail], is_over=is_over)


async def _message(
    connection: AsyncConnection, account: str, provider_id: str
) -> RowMapping | None:
    result = await connection.execute(
        select(message)
        .join(channel, channel.c.id == message.c.channel_id)
        .where(
            channel.c.external_id == account,
            message.c.tenant_id == channel.c.tenant_id,
            message.c.provider_id == provider_id,
            message.c.direction == "in",
        )
        .order_by(message.c.seq)
        .limit(1)
    )
    return result.mappings().first()


async def _analysis(
    connection: AsyncConnection, asked: RowMapping
) -> RowMapping | None:
    result = await connection.execute(
        select(analysis)
        .where(
            analysis.c.conversation_id == asked["conversation_id"],
            or_(
                analysis.c.id == asked["analysis_id"],
                (analysis.c.from_seq <= asked["seq"])
                & (analysis.c.to_seq >= asked["seq"]),
            ),
        )
        .order_by(analysis.c.started_at.desc())
        .limit(1)
    )
    return result.mappings().first()


async def _replies(
    connection: AsyncConnection, read: RowMapping
) -> Sequence[RowMapping]:
    keys = [f"reply:{read['id']}:{n}" for n in range(1, _REPLIES_MAX + 1)]
    result = await connection.execute(
        select(outbox.c.state, outbox.c.done_at, outbox.c.error)
        .where(outbox.c.tenant_id == read["tenant_id"], outbox.c.unique_key.in_(keys))
        .order_by(outbox.c.id)
    )
    return result.mappings().all()


async def _arrived(
    connection: AsyncConnection, asked: RowMapping, read: RowMapping
) -> Step:
    result = await connection.execute(
        select(message_status.c.received_at)
        .join(
            message,
            (message.c.channel_id == message_status.c.channel_id)
            & (message.c.provider_id == message_status.c.provider_id),
        )
        .where(
            message.c.conversation_id == asked["conversation_id"],
            message.c.direction == "out",
            message.c.analysis_id == read["id"],
            message_status.c.state.in_(_ARRIVED),
        )
        .order_by(message_status.c.received_at)
        .limit(1)
    )
    return Step("delivered", result.scalar())


async def _saved_note(connection: AsyncConnection, read: RowMapping) -> str:
    if read["draft_id"] is None:
        return ""
    placed = await connection.execute(
        select(order.c.number, order.c.placed_at).where(
            order.c.draft_id == read["draft_id"]
        )
    )
    row = placed.first()
    if row is not None and row.placed_at >= read["started_at"]:
        return f"order {row.number}"
    state = await connection.execute(
        select(draft.c.state).where(draft.c.id == read["draft_id"])
    )
    found = state.scalar()
    return f"draft {found}" if found else ""


def _unread(asked: RowMapping) -> Trace:
    stored = _stored(asked)
    match asked["state"]:
        case "done":
            reason = asked["why_silent"] or "nothing to do"
            note = f"no reply: {reason}"
            silent = Step("saved", stored.at, note)
            return Trace((stored, silent), is_over=True)
        case "dead":
            failed = Step("failed", stored.at, "given up: see the log", failed=True)
            return Trace((stored, failed), is_over=True)
        case _:
            return _assemble([stored], is_over=False)


def _stored(asked: RowMapping) -> Step:
    return Step("stored", asked["received_at"], asked["kind"])


def _noted(read: RowMapping) -> list[Step]:
    """Return the steps that the worker wrote down; saving is told by the row itself."""
    noted: Sequence[Mapping[str, str]] = read["trace"]
    return [
        Step(each["step"], datetime.fromisoformat(each["at"]), each.get("note", ""))
        for each in noted
        if each["step"] != "saved"
    ]


def _replied(asked: RowMapping, replies: Sequence[RowMapping]) -> Step:
    if not replies:
        return Step("replied", None, f"no reply: {asked['why_silent'] or 'none due'}")
    stuck = next((each for each in replies if each["state"] == "parked"), None)
    if stuck is not None:
        return Step(
            "replied", stuck["done_at"], stuck["error"] or "parked", failed=True
        )
    if all(each["state"] == "cancelled" for each in replies):
        return Step("replied", replies[-1]["done_at"], "withdrawn", failed=True)
    waiting = next((each["error"] for each in replies if each["error"]), None) or ""
    done = [each["done_at"] for each in replies if each["done_at"] is not None]
    count = "" if len(replies) == 1 else f"{len(replies)} messages"
    at = max(done) if len(done) == len(replies) else None
    return Step("replied", at, count if at else waiting)


def _assemble(done: Sequence[Step], *, is_over: bool) -> Trace:
    """Put what is still to come behind what is done, so that a reader sees the way."""
    steps = list(done)
    if not is_over:
        names = {step.name for step in steps}
        reached = max(STEPS.index(name) for name in names if name in STEPS)
        steps += [Step(name) for name in STEPS[reached + 1 :] if name not in names]
    return Trace(tuple(steps), is_over)
