"""Who is who: what several ids of one message, or news of the platform, say of people.

Evidence that two contacts are one: a message that shows ids of both, or the platform
says so. Evidence that they are two: other lasting ids on the same number. Then the
number is somebody else's from that moment on, and nothing of the first one is the
second one's: no orders, drafts, names, nor ids. Where nothing is certain they stay
two: a merge cannot be taken back, and an agent may do it by hand.

Everything may come late, twice, and in any order: what is said is judged by when it
was said, never by when it came. Nothing here commits.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, Table, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.intake import NewChange, conversation_of
from bot.db.intake_people import Meeting
from bot.db.numbers import forms_of
from bot.domain.identity import (
    LASTING,
    NUMBERS,
    Known,
    are_others,
    have_other_numbers,
    identifies,
)
from bot.domain.message import AliasKind
from bot.domain.ticking import CLOCK
from bot.inbox.merging import merge_contacts
from bot.inbox.merging_chats import NOBODY
from bot.inbox.table import alias_past, contact, contact_alias, conversation, message

NewId = Callable[[str], str]

#: Who merges when nobody did it by hand.
_BOT: Final = "bot"


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where it happens, and when it was said."""

    connection: AsyncConnection
    tenant_id: str
    channel_id: str
    at: datetime
    now: datetime
    new_id: NewId


async def meet(
    connection: AsyncConnection, meeting: Meeting, *, new_id: NewId, now: datetime
) -> None:
    """Settle who they are whose ids one message shows. Doing it twice is fine."""
    scene = _Scene(
        connection, meeting.tenant_id, meeting.channel_id, meeting.at, now, new_id
    )
    shown = _with_forms(meeting.aliases)
    lasting = [each for each in shown if each[0] in LASTING]
    numbers = [each for each in shown if each[0] in NUMBERS]
    why = "one message showed ids of both"
    person = await _joined(scene, await _not_others(scene, lasting), why)
    for holder in await _owners(scene, numbers):
        if holder == person:
            continue
        theirs = await _ids_of(connection, holder)
        ours = [*lasting, *(await _ids_of(connection, person) if person else ())]
        if are_others(ours, theirs) or have_other_numbers(
            _with_forms(ours), _with_forms(theirs)
        ):
            await _give_up(scene, holder, numbers)
        elif person is not None:
            person = await _joined(scene, [person, holder], why)
        else:
            person = holder
    if person is not None:
        await _take(scene, person, meeting.aliases)


async def change_ids(
    connection: AsyncConnection, change: NewChange, *, new_id: NewId, now: datetime
) -> None:
    """Note that a person has other ids from a moment on. Doing it twice is fine."""
    scene = _Scene(
        connection, change.tenant_id, change.channel_id, change.at, now, new_id
    )
    why = "the platform said that one became the other"
    had, has = _with_forms(change.previous), _with_forms(change.current)
    before = await _joined(scene, await _owners(scene, had, inclusive=True), why)
    after = [each for each in has if each[0] in LASTING]
    persons = [before] if before else []
    person = await _joined(scene, [*persons, *await _owners(scene, after)], why)
    for holder in await _owners(scene, _numbers(has)):
        if holder == person:
            continue
        theirs = await _ids_of(connection, holder)
        # Who had the number before it changed hands is somebody else.
        if are_others([*after], theirs) or await _wrote_before(scene, holder):
            await _give_up(scene, holder, has)
        else:
            known = [person, holder] if person else [holder]
            person = await _joined(scene, known, why)
    person = person or change.contact_id
    if person is None:
        return
    await _take(scene, person, [*change.current, *(p for p in had if _lasts(p))])
    gone = [each for each in _shown(change.previous) if each not in has]
    await _leave(scene, person, gone)
    if not await _wrote_after(scene, person):
        await _readdress(scene, person, [each for each in had if each not in has])


# -- whose ids ------------------------------------------------------------------------


def _lasts(alias: Known) -> bool:
    return alias[0] in LASTING


def _numbers(aliases: Iterable[Known]) -> list[Known]:
    return [each for each in aliases if each[0] in NUMBERS]


def _with_forms(aliases: Iterable[Known]) -> list[Known]:
    """Return ids with all forms of numbers, and without user names."""
    named = [each for each in aliases if identifies(each[0])]
    forms = (form for each in named for form in forms_of(*each))
    return list(dict.fromkeys([*named, *forms]))


def _shown(aliases: Iterable[Known]) -> list[Known]:
    """Return what is recorded of ids: as they came, and numbers as E.164."""
    plain = [each for each in aliases if identifies(each[0])]
    standard = (
        form for each in plain for form in forms_of(*each) if form[0] == AliasKind.PHONE
    )
    return list(dict.fromkeys([*plain, *standard]))


async def _owners(
    scene: _Scene, aliases: Sequence[Known], *, inclusive: bool = False
) -> list[str]:
    """Return whose the ids were at the moment, each once.

    `inclusive`: whose number ended in this very moment had it.
    """
    if not aliases:
        return []
    query = select(alias_past).where(
        alias_past.c.channel_id == scene.channel_id,
        tuple_(alias_past.c.kind, alias_past.c.value).in_(list(aliases)),
        alias_past.c.until >= scene.at if inclusive else alias_past.c.until > scene.at,
    )
    past: dict[Known, str] = {}
    for row in await scene.connection.execute(query.order_by(alias_past.c.until)):
        past.setdefault((row.kind, row.value), row.contact_id)
    found = await scene.connection.execute(_current(scene, aliases))
    owners = {(row.kind, row.value): row.contact_id for row in found} | past
    return list(dict.fromkeys(owners[each] for each in aliases if each in owners))


async def _not_others(scene: _Scene, aliases: Sequence[Known]) -> list[str]:
    """Return whose the ids were, but for those who are others for sure.

    Then the message contradicts what is known: a merge could not be taken back.
    """
    owners = await _owners(scene, aliases)
    known = {each: await _ids_of(scene.connection, each) for each in owners}
    return [each for each in owners if not are_others(known[owners[0]], known[each])]


def _current(scene: _Scene, aliases: Sequence[Known]) -> Select[Any]:
    return (
        select(contact_alias)
        .where(
            contact_alias.c.channel_id == scene.channel_id,
            tuple_(contact_alias.c.kind, contact_alias.c.value).in_(list(aliases)),
        )
        .order_by(contact_alias.c.kind, contact_alias.c.value)
        .with_for_update()
    )


async def _ids_of(connection: AsyncConnection, contact_id: str) -> list[Known]:
    rows = await connection.execute(
        select(contact_alias.c.kind, contact_alias.c.value).where(
            contact_alias.c.contact_id == contact_id
        )
    )
    return [(row.kind, row.value) for row in rows]


async def _joined(scene: _Scene, people: Sequence[str], why: str) -> str | None:
    """Let people be one; return whom that leaves, None of nobody.

    Of whom nothing is stored yet, there are only ids: those move.
    """
    known = list(dict.fromkeys(people))
    rows = await scene.connection.execute(
        select(contact.c.id, contact.c.created_at).where(contact.c.id.in_(known))
    )
    by_age = sorted(rows, key=lambda row: (row.created_at, row.id))
    stored = [row.id for row in by_age]
    if not stored:
        return next(iter(known), None)
    for other in stored[1:]:
        await merge_contacts(
            scene.connection,
            scene.tenant_id,
            stored[0],
            other,
            why=why,
            actor=_BOT,
            audit_id=scene.new_id("audit"),
            now=scene.now,
        )
    kept: str = stored[0]
    return kept


async def _wrote_before(scene: _Scene, contact_id: str) -> bool:
    """Return whether somebody wrote before the moment: then it is no new number."""
    first = await scene.connection.execute(
        select(func.min(message.c.sent_at)).where(
            message.c.conversation_id == conversation_of(contact_id),
            message.c.direction == "in",
            message.c.event != CLOCK,
        )
    )
    wrote: datetime | None = first.scalar()
    return wrote is not None and wrote < scene.at


# -- ids that come and go -------------------------------------------------------------


async def _take(scene: _Scene, contact_id: str, aliases: Iterable[Known]) -> None:
    """Record ids of a person, where nobody else has them.

    A number that somebody had until later is past: it is not taken again. One of whom
    lasting ids are known has one number at a time: that which they used last.
    """
    wanted = _shown(aliases)
    taken = await scene.connection.execute(
        select(alias_past.c.kind, alias_past.c.value, alias_past.c.until).where(
            alias_past.c.channel_id == scene.channel_id,
            tuple_(alias_past.c.kind, alias_past.c.value).in_(wanted),
        )
    )
    before = [(row.kind, row.value, row.until) for row in taken]
    over = {(kind, value) for kind, value, until in before if until > scene.at}
    moved = {(kind, value) for kind, value, _ in before}
    numbers = [each for each in _numbers(wanted) if each not in over]
    theirs = await _ids_of(scene.connection, contact_id)
    if (
        numbers
        and any(map(_lasts, [*wanted, *theirs]))
        and have_other_numbers(_with_forms(numbers), theirs)
        and not await _wrote_after(scene, contact_id)
    ):
        await _leave(scene, contact_id, _numbers(theirs))
    rows = [
        {
            "channel_id": scene.channel_id,
            "kind": kind,
            "value": value,
            "tenant_id": scene.tenant_id,
            "contact_id": contact_id,
            # What was nobody else's before was always theirs.
            "since": scene.at if (kind, value) in moved else None,
        }
        for kind, value in sorted(wanted)
        if (kind, value) not in over
    ]
    await _insert(scene, contact_alias, rows)


async def _wrote_after(scene: _Scene, contact_id: str) -> bool:
    """Return whether they wrote after the moment: then this message came late."""
    found = await scene.connection.execute(
        select(conversation.c.last_inbound_at).where(
            conversation.c.id == conversation_of(contact_id)
        )
    )
    last: datetime | None = found.scalar()
    return last is not None and last > scene.at


async def _give_up(scene: _Scene, contact_id: str, aliases: Iterable[Known]) -> None:
    """Take numbers from whom they were: somebody else has them."""
    theirs = set(await _ids_of(scene.connection, contact_id))
    await _leave(scene, contact_id, [each for each in aliases if each in theirs])


async def _leave(scene: _Scene, contact_id: str, aliases: Sequence[Known]) -> None:
    """Let numbers be a person's until the moment, and not any more."""
    numbers = sorted(_numbers(aliases))
    if not numbers:
        return
    found: Sequence[Row[Any]] = (
        await scene.connection.execute(_current(scene, numbers))
    ).all()
    held = {(row.kind, row.value): row for row in found}
    others = {key for key, row in held.items() if row.contact_id != contact_id}
    # They may have had it although nobody ever wrote from it.
    known = await scene.connection.execute(
        select(alias_past.c.kind, alias_past.c.value).where(
            alias_past.c.contact_id == contact_id,
            alias_past.c.until >= scene.at,
            tuple_(alias_past.c.kind, alias_past.c.value).in_(numbers),
        )
    )
    noted = {(row.kind, row.value) for row in known}
    await _note_past(
        scene,
        contact_id,
        {
            key: held[key].since if key in held else None
            for key in numbers
            if key not in noted
        },
    )
    mine = [
        key
        for key, row in sorted(held.items())
        # Not a number that came back to them later.
        if key not in others and not (row.since and row.since >= scene.at)
    ]
    if mine:
        await scene.connection.execute(
            delete(contact_alias).where(
                contact_alias.c.channel_id == scene.channel_id,
                contact_alias.c.contact_id == contact_id,
                tuple_(contact_alias.c.kind, contact_alias.c.value).in_(mine),
            )
        )
        await _readdress(scene, contact_id, mine)


async def _note_past(
    scene: _Scene, contact_id: str, numbers: Mapping[Known, datetime | None]
) -> None:
    """Record that numbers, each since when, were a person's until the moment."""
    rows = [
        {
            "channel_id": scene.channel_id,
            "kind": kind,
            "value": value,
            "until": scene.at,
            "tenant_id": scene.tenant_id,
            "contact_id": contact_id,
            "since": since,
        }
        for (kind, value), since in numbers.items()
    ]
    await _insert(scene, alias_past, rows)


async def _insert(scene: _Scene, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    dialect = postgresql if scene.connection.dialect.name == "postgresql" else sqlite
    if rows:
        new = dialect.insert(table).on_conflict_do_nothing()
        await scene.connection.execute(new, rows)


#: By which of their ids somebody is written to, the best first.
_REACHED: Final = (
    *(AliasKind.WA_ID, AliasKind.BSUID),
    *(AliasKind.PARENT_BSUID, AliasKind.LID),
)


async def _readdress(scene: _Scene, contact_id: str, gone: Sequence[Known]) -> None:
    """Write no more to ids that are not a person's any longer.

    News of their orders would reach whoever has the number now.
    """
    mine = conversation.c.id == conversation_of(contact_id)
    found = await scene.connection.execute(
        select(conversation.c.address).where(mine).with_for_update()
    )
    address = found.scalar()
    if address is None or (address["kind"], address["value"]) not in _with_forms(gone):
        return
    left = [
        each
        for each in await _ids_of(scene.connection, contact_id)
        if each[0] in _REACHED and each not in gone
    ]
    best = min(left, key=lambda each: (_REACHED.index(each[0]), each), default=None)
    now = {"kind": best[0], "value": best[1]} if best else dict(NOBODY)
    await scene.connection.execute(
        update(conversation).where(mine).values(address=now, rev=conversation.c.rev + 1)
    )
