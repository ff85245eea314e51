"""Reading stored turns again, with another reader, model or prompt: what would differ.

Nothing is written and nothing is sent: the database of the runtime refuses writes, and
decisions are values.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from bot.db import DatabaseUnavailable
from bot.domain.decide import decide, match_mentions
from bot.domain.message import Cart, Media, Tap, Text
from bot.domain.snapshot import Snapshot, TurnMessage
from bot.domain.understanding import Understanding
from bot.evaluation.looking import looked_at
from bot.evaluation.stored import NotKept, StoredTurn, as_it_was
from bot.evaluation.wallet import Wallet
from bot.reading.pointing import pictured
from bot.reading.reader import ReaderUnavailable
from bot.reading.registry import Senses
from bot.runtime import Runtime
from bot.worker.gathering import current_index, reading_request, snapshot_of
from catalog import Index
from orders import Draft, Line

#: What a draft says beside its lines.
_FIELDS = (
    *("name", "phone", "email", "tax_id", "fulfilment", "address", "due_at"),
    *("payment", "coupon", "gift_note", "note", "business", "company"),
    *("tax_office", "recipient", "recipient_phone", "extra"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a turn comes to: what the draft says, and whether it is ordered."""

    draft: tuple[str, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class Reread:
    """One stored turn, read again."""

    turn: str
    conversation: str
    at: str  #: ISO 8601, UTC.
    words: str = ""  #: Of the customer.
    was: Result | None = None  #: As stored.
    now: Result | None = None  #: As it would be, read anew.
    #: With what was understood then: where that differs from what is stored, the
    #: catalog, the shop's rules or the program changed since, and not the reading.
    then: Result | None = None
    intents: tuple[str, str] = ("", "")  #: Of the stored reading, and of the new one.
    provider: str = ""  #: Who read it now.
    why: str | None = None  #: Why not the reader that was asked.
    cost_micros: int = 0
    skipped: str | None = None  #: Why it was not read.
    is_whole: bool = True  #: False: it was stored without what it began with.

    @property
    def differs(self) -> bool:
        """Return whether the draft, or the order, would be another one."""
        return self.skipped is None and self.was != self.now

    @property
    def world_moved(self) -> bool:
        """Return whether even the stored understanding comes to something else now."""
        return self.skipped is None and self.was != self.then


async def reread(
    rows: Sequence[Row[Any]], senses: Senses, runtime: Runtime, wallet: Wallet
) -> AsyncIterator[Reread]:
    """Yield each turn as it would be read now. `rows` are those of `chosen`.

    A turn that cannot be read says why, and the next one follows. It ends when the
    wallet is empty: the rest is not read. Raises DatabaseUnavailable.
    """
    for row in rows:
        if wallet.is_empty:
            return
        spent = wallet.spent
        again = Reread(row.id, row.conversation_id, row.started_at.isoformat())
        try:
            async with runtime.database.reading() as connection:
                turn = await as_it_was(connection, row.id)
            again = await _again(turn, again, senses, runtime)
        except DatabaseUnavailable:
            raise
        except NotKept as gone:
            again = replace(again, skipped=str(gone))
        except ReaderUnavailable as away:
            again = replace(again, skipped=f"{away.reason}: {away}")
        except Exception as bug:  # noqa: BLE001  # one row's bug is that row's result
            # Its words may be the customer's: they are not told.
            again = replace(again, skipped=f"it cannot be read: {type(bug).__name__}")
        yield replace(again, cost_micros=wallet.spent - spent)


async def _again(
    turn: StoredTurn, shell: Reread, senses: Senses, runtime: Runtime
) -> Reread:
    # The moment of the turn is its "today".
    moment = replace(runtime, clock=lambda: turn.at)
    index = await current_index(turn.loaded, moment)
    # Who listens has eyes, too.
    has_eyes = senses.listener is not None
    media = await looked_at(turn, index, moment, has_eyes=has_eyes)
    snapshot = snapshot_of(turn.loaded, index, media, moment)
    request = reading_request(turn.loaded, snapshot, media)
    reading = pictured(await senses.reader.read(request), request)
    then = _decided(snapshot, turn.said, index)
    was = then if turn.after is None else _result(turn.after, ordered=turn.ordered)
    return replace(
        shell,
        words=" / ".join(map(_words, snapshot.messages)),
        was=was,
        now=_decided(snapshot, reading.understanding, index),
        then=then,
        intents=(turn.said.intent.value, reading.understanding.intent.value),
        provider=reading.provider,
        why=reading.why,
        is_whole=turn.is_whole,
    )


def _decided(snapshot: Snapshot, said: Understanding, index: Index) -> Result:
    decision = decide(snapshot, said, match_mentions(said, index))
    return _result(decision.draft, ordered=decision.order is not None)


# -- in words -------------------------------------------------------------------------


def _result(draft: Draft, *, ordered: bool) -> Result:
    parts = [*map(_line, draft.lines)]
    parts += [f"? {each.text}" for each in draft.unresolved]
    for field in _FIELDS:
        value = getattr(draft, field)
        if value not in (None, {}):
            parts.append(f"{field}: {getattr(value, 'text', value)}")
    return Result(tuple(sorted(parts)), ordered)


def _line(line: Line) -> str:
    options = [("no " if o.negated else "") + o.name for o in line.options]
    about = [part for part in (line.variant_name, *options, line.note) if part]
    more = f" ({', '.join(about)})" if about else ""
    return f"{line.quantity:f} x {line.name}{more}"


def _words(message: TurnMessage) -> str:
    match message.content:
        case Text(text=text):
            return text
        case Tap(title=title):
            return f"[{title}]"
        case Cart(items=items):
            return f"[cart of {len(items)}]"
        case Media(kind=kind, caption=caption):
            return f"[{kind}] {caption or ''}".strip()
        case other:
            return f"[{other.type}]"
