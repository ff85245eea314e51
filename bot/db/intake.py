"""Storing what webhooks brought: the hot path.

One transaction stores one batch with a fixed number of statements:

1. which messages are known already, forgotten ones among them (they are left out);
   later, which echoes are only of what we sent ourselves,
2. who wrote: aliases are claimed, and only the winner's contact is written,
3. conversations are made or touched: that locks their rows and numbers the messages,
4. messages, statuses and quarantined bodies are written.

A conversation becomes ready `debounce` after its last message, and at most `cap` after
the first one that waits. What a person wrote past us (an echo) gives it to them in the
same transaction, and a turn of the clock is due at once.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.db.flow import Ask, Flow, LostRace, Row
from bot.db.forgetting import SENT, forgotten_key
from bot.db.intake_echoes import CLOCK, ECHO, PHONE, is_ours, standing_of, ticked
from bot.db.intake_people import People, PeopleMeet
from bot.db.intake_sql import POSTGRESQL, SQLITE
from bot.db.intake_twins import twins
from catalog.column import to_micros

_MICROSECOND = timedelta(microseconds=1)
#: So long after we sent something its echo may have been written.
_LATELY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to store; `content`, `reply_to` and `origin` are JSON.

    `aliases` are (kind, value), the best one to answer first; user names come last.
    With the event `echo` a person wrote it for the shop, to them.
    """

    id: str
    tenant_id: str
    shard: int
    channel_id: str
    event: str
    kind: str
    provider_id: str
    aliases: tuple[tuple[str, str], ...]
    name: str | None
    content: str
    reply_to: str | None
    sent_at: datetime
    contact_id: str  #: Used when nobody is known by any of the aliases.
    origin: str | None = None  #: JSON.
    flush: bool = False  #: A complete act in itself: the turn starts at once.
    identity: str | None = None  #: What the platform knows the writer's phone by.
    identity_changed: bool = False  #: The platform says that it may be another one's.

    @property
    def key(self) -> tuple[str, str, str]:
        """What a message is known by for ever."""
        return (self.channel_id, self.event, self.provider_id)


@dataclass(frozen=True, slots=True)
class NewStatus:
    """News about a message that we sent."""

    tenant_id: str
    channel_id: str
    provider_id: str
    state: str
    at: datetime
    callback: str | None = None
    error_code: int | None = None
    error_title: str | None = None
    pricing: str | None = None  #: JSON.


@dataclass(frozen=True, slots=True)
class NewChange:
    """Other ids of a person on a channel, as (kind, value), from a moment on."""

    tenant_id: str
    channel_id: str
    previous: tuple[tuple[str, str], ...]
    current: tuple[tuple[str, str], ...]
    at: datetime
    contact_id: str | None  #: Used when nobody is known by any; None: forget it then.


@dataclass(frozen=True, slots=True)
class NewQuarantine:
    """A signed body, or a part of one, that nobody could read."""

    id: str
    app_id: str | None
    account: str | None
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything of one webhook call: stored together or not at all."""

    messages: tuple[NewMessage, ...] = ()
    statuses: tuple[NewStatus, ...] = ()
    quarantines: tuple[NewQuarantine, ...] = ()
    changes: tuple[NewChange, ...] = ()  #: Known before the messages are stored.


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing a batch came to."""

    messages: int  #: How many were new.
    #: Where they are: (tenant, conversation).
    conversations: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a conversation gathers messages before its turn."""

    debounce: timedelta
    cap: timedelta


def conversation_of(contact_id: str) -> str:
    """Return the id of a contact's conversation.

    One follows from the other, so that processes that race to make them agree.
    """
    return "cnv_" + contact_id.removeprefix("con_")


class Intake:
    """The flow that stores deliveries, in one engine's words. Holds no other state."""

    def __init__(self, dialect: str, pace: Pace) -> None:
        self._sqlite = dialect == "sqlite"
        self._sql = SQLITE if self._sqlite else POSTGRESQL
        self._pace = pace
        self._people = People(self._sql, self._moment)

    def storing(
        self, batch: Sequence[Delivery], now: datetime, *, lenient: bool = False
    ) -> Flow[Stored]:
        """Store a batch; return what it came to.

        Raises PeopleMeet when ids of one message name several people, unless
        `lenient`: the best alias counts then.
        """
        every = [m for each in batch for m in each.messages]
        messages = yield from self._unknown(every, lenient=lenient)
        contacts: dict[str, str] = {}
        if messages:
            contacts = yield from self._people.of(messages, now, lenient=lenient)
            messages = yield from self._by_people(messages, contacts, now)
        if messages:
            written = _with_ticks(messages, contacts)
            numbers = yield from self._touch(written, contacts, now)
            if len(numbers) < len({contacts[m.id] for m in written}):
                raise LostRace("a person was erased: whoever writes now is new")
            yield from self._put(written, contacts, numbers, now)
        statuses = [self._status(s) for each in batch for s in each.statuses]
        if statuses:
            yield Ask(self._sql.put_statuses, statuses, (self._moment(now),))
        unread = [
            (q.id, q.app_id, q.account, q.reason, q.raw)
            for each in batch
            for q in each.quarantines
        ]
        if unread:
            yield Ask(self._sql.put_quarantines, unread, (self._moment(now),))
        return Stored(
            len(messages),
            frozenset((m.tenant_id, conversation_of(contacts[m.id])) for m in messages),
        )

    def _unknown(
        self, messages: Sequence[NewMessage], *, lenient: bool
    ) -> Flow[list[NewMessage]]:
        first = {message.key: message for message in reversed(messages)}
        if not first:
            return []
        rows = [
            (m.tenant_id, *m.key, forgotten_key(m.tenant_id, *m.key))
            for m in first.values()
        ]
        found = yield Ask(self._sql.known_messages, rows, answers=True)
        known = {(row[0], row[1], row[2]) for row in found}
        if known and not lenient:
            again = [m for m in messages if m.key in known]
            if meetings := (yield from twins(self._sql, again)):
                raise PeopleMeet(meetings)
        return [m for m in messages if m.key not in known and first[m.key] is m]

    def _by_people(
        self,
        messages: Sequence[NewMessage],
        contacts: Mapping[str, str],
        now: datetime,
    ) -> Flow[list[NewMessage]]:
        """Leave out the echoes of what we sent ourselves."""
        echoes = [m for m in messages if m.event == ECHO]
        if not echoes:
            return list(messages)
        rows = [
            (
                m.tenant_id,
                m.channel_id,
                m.provider_id,
                m.id,
                conversation_of(contacts[m.id]),
                # Not by when it came: a provider repeats what we did not take.
                self._moment(min(m.sent_at, now) - _LATELY),
            )
            for m in echoes
        ]
        found = yield Ask(self._sql.sent_lately, rows, answers=True)
        sent: dict[str, list[str | None]] = {}
        for echo_id, words in found:
            sent.setdefault(echo_id, []).append(words)
        ours = {m.id for m in echoes if is_ours(m.content, sent.get(m.id, ()))}
        return [m for m in messages if m.id not in ours]

    def _touch(
        self,
        messages: Sequence[NewMessage],
        contacts: Mapping[str, str],
        now: datetime,
    ) -> Flow[dict[str, int]]:
        """Return conversation id -> the number of its last message, all new counted."""
        counts = Counter(contacts[m.id] for m in messages)
        flushed = {contacts[m.id] for m in messages if m.flush}
        taken = {contacts[m.id] for m in messages if m.event == ECHO}
        inbound = [m for m in messages if m.event not in (ECHO, CLOCK)]
        latest = {contacts[m.id]: m for m in (*messages, *inbound)}
        wrote = {contacts[m.id] for m in inbound}
        soon = self._moment(now + self._pace.debounce)
        rows = []
        for contact_id, m in latest.items():
            kind, value = m.aliases[0]
            rows.append(
                (
                    conversation_of(contact_id),
                    m.tenant_id,
                    m.channel_id,
                    contact_id,
                    m.shard,
                    json.dumps({"kind": kind, "value": value}),
                    self._moment(m.sent_at) if contact_id in wrote else None,
                    self._moment(now) if contact_id in flushed else soon,
                    counts[contact_id],
                    PHONE if contact_id in taken else None,
                )
            )
        cap = self._pace.cap // _MICROSECOND if self._sqlite else self._pace.cap
        scalars = (self._moment(now), cap)
        touched = yield Ask(self._sql.touch_conversations, rows, scalars, answers=True)
        return {row[0]: row[1] for row in touched}

    def _put(
        self,
        messages: Sequence[NewMessage],
        contacts: Mapping[str, str],
        last: Mapping[str, int],
        now: datetime,
    ) -> Flow[None]:
        counts = Counter(contacts[m.id] for m in messages)
        following = {
            contact_id: last[conversation_of(contact_id)] - count
            for contact_id, count in counts.items()
        }
        rows = []
        for m in messages:
            contact_id = contacts[m.id]
            following[contact_id] += 1
            rows.append(
                (
                    m.id,
                    m.tenant_id,
                    m.channel_id,
                    conversation_of(contact_id),
                    following[contact_id],
                    m.event,
                    m.kind,
                    m.provider_id,
                    m.content,
                    m.reply_to,
                    self._moment(m.sent_at),
                    *standing_of(m.event),
                    m.origin,
                )
            )
        yield Ask(self._sql.put_messages, rows, (self._moment(now),))

    def _status(self, status: NewStatus) -> Row:
        place = (status.tenant_id, status.channel_id)
        callback = status.callback
        return (
            status.channel_id,
            status.provider_id,
            status.state,
            status.tenant_id,
            self._moment(status.at),
            callback,
            status.error_code,
            status.error_title,
            forgotten_key(*place, "message", status.provider_id),
            forgotten_key(*place, SENT, callback) if callback else None,
            status.pricing,
        )

    def _moment(self, moment: datetime) -> int | datetime:
        return to_micros(moment) if self._sqlite else moment


def _with_ticks(
    messages: Sequence[NewMessage], contacts: dict[str, str]
) -> list[NewMessage]:
    """Return the messages, and after each echo what the clock says of it."""
    written = []
    for m in messages:
        written.append(m)
        if m.event == ECHO:
            tick_id, firing, kind, content = ticked(m.id)
            contacts[tick_id] = contacts[m.id]
            tick = replace(
                m,
                id=tick_id,
                event=CLOCK,
                kind=kind,
                provider_id=firing,
                content=content,
                reply_to=None,
                origin=None,
                flush=True,
            )
            written.append(tick)
    return written
