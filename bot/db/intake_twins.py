"""One message under two names of one person: a gateway tells of it twice.

Gateways may bring a message as that of a hidden id and, milliseconds later, as that of
a number, under the one key that the writer's phone made for it. It is stored once; that
both are one person is worth knowing.

A key is long and known to its writer and to us alone. Still it proves little, for the
writer's phone chooses it: only somebody of whom we know no number at all is taken for
somebody of whom we know no hidden id at all.
"""

from collections.abc import Collection, Sequence
from typing import Final, Protocol

from bot.db.flow import Ask, Flow
from bot.db.intake_people import Meeting, Writer
from bot.db.intake_sql import IntakeSql
from bot.domain.identity import NUMBERS, Known, identifies
from bot.domain.message import AliasKind

#: Meta's ids say who wrote, and its messages show all ids at once.
_METAS: Final = "wamid."
#: Shorter ones could be guessed: phones make keys of 16 letters and more.
_LONG: Final = 16


class Keyed(Writer, Protocol):
    """What is read here of a message."""

    @property
    def event(self) -> str: ...
    @property
    def provider_id(self) -> str: ...
    @property
    def key(self) -> tuple[str, str, str]: ...


def twins(sql: IntakeSql, known: Sequence[Keyed]) -> Flow[tuple[Meeting, ...]]:
    """Return whose messages came under another name before: they may be one.

    `known` are messages that are stored already. In the usual case this asks nothing.
    """
    halves = [m for m in known if _is_half(m)]
    if not halves:
        return ()
    rows = [(m.tenant_id, *m.key) for m in halves]
    found = yield Ask(sql.writers_of, rows, answers=True)
    first = {(row[0], row[1], row[2]): row[3] for row in found}
    shown = {(m.channel_id, *each) for m in halves for each in _named(m)}
    found = yield Ask(sql.known_aliases, sorted(shown), answers=True)
    owners = {(row[0], row[1], row[2]): row[3] for row in found}
    people = {*first.values(), *owners.values()}
    found = yield Ask(
        sql.aliases_of, [(each,) for each in sorted(people)], answers=True
    )
    ids: dict[str, list[Known]] = {}
    for contact_id, kind, value in found:
        ids.setdefault(contact_id, []).append((kind, value))
    meetings = []
    for m in halves:
        theirs = ids.get(first.get(m.key, ""), [])
        mine = [*_named(m)]
        for each in _named(m):
            mine += ids.get(owners.get((m.channel_id, *each), ""), [])
        if _complete_each_other(mine, theirs):
            both = tuple(dict.fromkeys((*mine, *theirs)))
            meetings.append(Meeting(m.tenant_id, m.channel_id, both, m.sent_at))
    return tuple(meetings)


def _is_half(message: Keyed) -> bool:
    key = message.provider_id
    if key.startswith(_METAS) or len(key) < _LONG or message.event != "message":
        return False
    return _is_hidden(_named(message)) or _is_number(_named(message))


def _named(message: Keyed) -> list[Known]:
    return [each for each in message.aliases if identifies(each[0])]


def _is_hidden(ids: Collection[Known]) -> bool:
    named = [kind for kind, _ in ids if identifies(kind)]
    return bool(named) and all(kind == AliasKind.LID for kind in named)


def _is_number(ids: Collection[Known]) -> bool:
    named = [kind for kind, _ in ids if identifies(kind)]
    return bool(named) and all(kind in NUMBERS for kind in named)


def _complete_each_other(mine: Collection[Known], theirs: Collection[Known]) -> bool:
    return (_is_hidden(mine) and _is_number(theirs)) or (
        _is_number(mine) and _is_hidden(theirs)
    )
