"""Who wrote: the part of the intake that knows people by their ids.

In the usual case all ids of a message are known and name one contact: one statement
for the whole batch tells that. An unknown number is looked for in its other forms;
ids that nobody knows are claimed for whom the others name, else for somebody new.

What ids say of several people is not decided here: `PeopleMeet` ends the flow, and
whoever ran it lets them be one, or two, in a transaction of its own first.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.db.flow import Ask, Flow, LostRace, Row
from bot.db.intake_sql import IntakeSql
from bot.db.numbers import forms_of
from bot.domain.identity import (
    NUMBERS,
    Known,
    are_others,
    have_other_numbers,
    identifies,
)
from bot.domain.message import AliasKind

#: Channel id, kind and value.
AliasKey = tuple[str, str, str]
#: Whose aliases shall be: (tenant id, contact id).
_Wanted = dict[AliasKey, tuple[str, str]]


class Writer(Protocol):
    """What is read here of a message."""

    @property
    def id(self) -> str: ...
    @property
    def tenant_id(self) -> str: ...
    @property
    def channel_id(self) -> str: ...
    @property
    def aliases(self) -> tuple[Known, ...]: ...
    @property
    def name(self) -> str | None: ...
    @property
    def sent_at(self) -> datetime: ...
    @property
    def contact_id(self) -> str: ...
    @property
    def identity(self) -> str | None: ...
    @property
    def identity_changed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Meeting:
    """Ids that one message shows and that name several people, or maybe another one."""

    tenant_id: str
    channel_id: str
    aliases: tuple[Known, ...]
    at: datetime


class PeopleMeet(Exception):
    """Somebody must say who is who before the batch can be stored."""

    def __init__(self, meetings: Sequence[Meeting]) -> None:
        super().__init__(f"{len(meetings)} messages show ids of several people")
        self.meetings = tuple(meetings)


class _Owner(NamedTuple):
    """Whom an alias names."""

    contact_id: str
    name: str | None
    identity: str | None
    is_stored: bool  #: False: its alias was claimed a moment ago.


@dataclass
class _Owners:
    """Whose the aliases are, and whose they were until when."""

    now: dict[AliasKey, _Owner] = field(default_factory=dict)
    moved: set[AliasKey] = field(default_factory=set)  #: Somebody else's before.
    past: dict[AliasKey, list[tuple[int | datetime, _Owner]]] = field(
        default_factory=dict
    )

    def add(self, rows: Sequence[Row]) -> None:
        for channel_id, kind, value, who, name, identity, stored, since in rows:
            key = (channel_id, kind, value)
            self.now[key] = _Owner(who, name, identity, bool(stored))
            if since is not None:
                self.moved.add(key)

    def add_past(self, rows: Sequence[Row]) -> None:
        for channel_id, kind, value, who, name, identity, stored, until in rows:
            past = self.past.setdefault((channel_id, kind, value), [])
            past.append((until, _Owner(who, name, identity, bool(stored))))

    def at(self, key: AliasKey, moment: int | datetime) -> _Owner | None:
        """Return whose an alias was at that moment."""
        if self.past and key in self.past:
            later = [e for e in self.past[key] if moment < e[0]]  # type: ignore[operator]  # moments of one engine
            if later:
                return min(later, key=lambda each: each[0])[1]
        return self.now.get(key)


class People:
    """Finds and makes the contacts of a batch. Holds no state."""

    def __init__(self, sql: IntakeSql, moment: "Moment") -> None:
        self._sql = sql
        self._moment = moment

    def of(
        self, messages: Sequence[Writer], now: datetime, *, lenient: bool
    ) -> Flow[dict[str, str]]:
        """Return message id -> contact id; people are made when nobody knows them.

        Raises PeopleMeet, unless `lenient`: the best alias counts then.
        """
        owners = _Owners()
        shown = {(m.channel_id, k, v) for m in messages for k, v in m.aliases}
        yield from self._look(shown, owners)
        unknown = {key for key in shown if key not in owners.now}
        forms = {key: _forms(key) for key in unknown if key[1] in NUMBERS}
        if others := {form for each in forms.values() for form in each} - shown:
            yield from self._look(others, owners)
        # Only what somebody gave up, and nobody else's, may have been another's.
        if before := owners.moved | (unknown | others - owners.now.keys()):
            found = yield Ask(self._sql.past_aliases, list(before), answers=True)
            owners.add_past(found)
        who = self._known(messages, owners)
        if len(who) < len(messages):
            wanted = yield from self._wanted(messages, owners, forms, lenient=lenient)
            yield from self._claim(wanted, owners, now)
            who = {m.id: self._writer(m, owners) for m in messages}
        yield from self._put(messages, who, now)
        if any(key[1] == AliasKind.USERNAME for key in shown):
            yield from self._name(messages, who, owners, now)
        return {message_id: owner.contact_id for message_id, owner in who.items()}

    def _look(self, keys: AbstractSet[AliasKey], owners: _Owners) -> Flow[None]:
        found = yield Ask(self._sql.known_aliases, list(keys), answers=True)
        owners.add(found)

    @staticmethod
    def _known(messages: Sequence[Writer], owners: _Owners) -> dict[str, _Owner]:
        """Return who wrote what, where all is known and nothing was anybody else's."""
        who: dict[str, _Owner] = {}
        if owners.past:
            return who
        now = owners.now
        for m in messages:
            first: _Owner | None = None
            for kind, value in m.aliases:
                if kind != AliasKind.USERNAME:
                    owner = now.get((m.channel_id, kind, value))
                    if owner is None or (first and owner[0] != first[0]):
                        return who
                    first = first or owner
            if first is not None:
                who[m.id] = first
        return who

    def _claim(self, wanted: _Wanted, owners: _Owners, now: datetime) -> Flow[None]:
        if not wanted:
            return
        since = self._moment(now)
        rows = [
            (*key, *owner, since if key in owners.past else None)
            for key, owner in wanted.items()
        ]
        yield Ask(self._sql.claim_aliases, rows)
        # Another process may have been first: its word counts.
        yield from self._look(set(wanted), owners)
        if any(owners.now[k].contact_id != w[1] for k, w in wanted.items()):
            raise LostRace("somebody else was first: look again who is who")

    def _writer(self, message: Writer, owners: _Owners) -> _Owner:
        moment = self._moment(message.sent_at)
        found = (owners.at(key, moment) for key in _identifying(message))
        return next(owner for owner in found if owner is not None)

    def _wanted(
        self,
        messages: Sequence[Writer],
        owners: _Owners,
        forms: Mapping[AliasKey, tuple[AliasKey, ...]],
        *,
        lenient: bool,
    ) -> Flow[_Wanted]:
        """Return whose the unknown aliases shall be."""
        wanted: _Wanted = {}
        meetings: list[Meeting] = []
        doubts: list[tuple[Meeting, str]] = []
        for m in messages:
            moment, keys = self._moment(m.sent_at), _identifying(m)
            keys = (*keys, *(form for key in keys for form in forms.get(key, ())))
            known = {key: owners.at(key, moment) for key in keys}
            theirs = dict.fromkeys(o.contact_id for o in known.values() if o)
            # Recorded is what was shown, and its E.164 form.
            unknown = [
                key
                for key, owner in known.items()
                if owner is None and (key[1:] in m.aliases or key[1] == AliasKind.PHONE)
            ]
            if len(theirs) > 1:
                meetings.append(_meeting(m, keys))
            if unknown:
                owner = _claim(wanted, m, unknown, theirs)
                doubts += [(_meeting(m, keys), owner)] if theirs else []
        if not lenient:
            if doubts:
                meetings += yield from self._doubtful(doubts)
            if meetings:
                raise PeopleMeet(meetings)
        return wanted

    def _doubtful(self, doubts: Sequence[tuple[Meeting, str]]) -> Flow[list[Meeting]]:
        """Return those by somebody else, or by somebody with another number."""
        rows = [(contact_id,) for contact_id in {each for _, each in doubts}]
        found = yield Ask(self._sql.aliases_of, rows, answers=True)
        known: dict[str, list[Known]] = {}
        for contact_id, kind, value in found:
            known.setdefault(contact_id, []).append((kind, value))
        return [
            meeting
            for meeting, contact_id in doubts
            if are_others(meeting.aliases, known.get(contact_id, ()))
            or have_other_numbers(meeting.aliases, known.get(contact_id, ()))
        ]

    def _put(
        self, messages: Sequence[Writer], who: Mapping[str, _Owner], now: datetime
    ) -> Flow[None]:
        people = {
            who[m.id].contact_id: (
                who[m.id].contact_id,
                m.tenant_id,
                m.channel_id,
                m.name,
                m.identity,
                m.identity_changed,
            )
            for m in messages
            if _is_news(m, who[m.id])
        }
        if people:
            new = list(people.values())
            yield Ask(self._sql.put_contacts, new, (self._moment(now),))

    def _name(
        self,
        messages: Sequence[Writer],
        who: Mapping[str, _Owner],
        owners: _Owners,
        now: datetime,
    ) -> Flow[None]:
        """Note new user names: the one before is past, whoever had it."""
        names: dict[AliasKey, tuple[str, str, str]] = {}
        for m in messages:
            contact_id = who[m.id].contact_id
            for kind, value in m.aliases:
                key = (m.channel_id, kind, value)
                had = owners.now.get(key)
                if kind == AliasKind.USERNAME and (
                    had is None or had.contact_id != contact_id
                ):
                    names[key] = (value, m.tenant_id, contact_id)
        if names:
            rows = [(key[0], *named) for key, named in sorted(names.items())]
            yield Ask(self._sql.leave_names, rows, (self._moment(now),))
            yield Ask(self._sql.drop_names, [(r[0], r[1], r[3]) for r in rows])
            yield Ask(self._sql.take_names, rows)


def _claim(
    wanted: _Wanted,
    message: Writer,
    unknown: Sequence[AliasKey],
    theirs: Iterable[str],
) -> str:
    """Want the unknown aliases of a message for one contact; return which.

    Somebody new whom earlier messages of the batch brought is one with whom it names.
    """
    met = dict.fromkeys(wanted[key][1] for key in unknown if key in wanted)
    owner = next(iter((*theirs, *met)), message.contact_id)
    for key in [key for key, each in wanted.items() if each[1] in met]:
        wanted[key] = (message.tenant_id, owner)
    for key in unknown:
        wanted[key] = (message.tenant_id, owner)
    return owner


class Moment(Protocol):
    """Says a moment as the engine stores it."""

    def __call__(self, moment: datetime, /) -> int | datetime: ...


def _identifying(message: Writer) -> tuple[AliasKey, ...]:
    return tuple(
        (message.channel_id, kind, value)
        for kind, value in message.aliases
        if identifies(kind)
    )


def _forms(key: AliasKey) -> tuple[AliasKey, ...]:
    return tuple((key[0], *form) for form in forms_of(key[1], key[2]))


def _meeting(message: Writer, keys: Iterable[AliasKey]) -> Meeting:
    aliases = tuple((kind, value) for _, kind, value in keys)
    return Meeting(message.tenant_id, message.channel_id, aliases, message.sent_at)


def _is_news(message: Writer, owner: _Owner) -> bool:
    """Return whether the message tells of its writer what is not stored yet."""
    return (
        not owner.is_stored
        or bool(message.name and owner.name != message.name)
        or bool(message.identity and owner.identity != message.identity)
        or message.identity_changed
    )
