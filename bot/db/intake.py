"""Storing what webhooks brought: the hot path.

One call stores one batch in the caller's transaction with a fixed number of statements:

1. which messages are known already (they are left out),
2. who wrote: aliases are claimed, and only the winner's contact is written,
3. conversations are made or touched: that locks their rows and numbers the messages,
4. messages, statuses and quarantined bodies are written.

A conversation becomes ready `debounce` after its last message, and at most `cap` after
the first one that waits.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.intake_sql import POSTGRESQL, SQLITE
from catalog.column import to_micros


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to store. `aliases` are (kind, value), the best one to answer first."""

    id: str
    tenant_id: str
    shard: int
    channel_id: str
    event: str
    kind: str
    provider_id: str
    aliases: tuple[tuple[str, str], ...]
    name: str | None
    content: Mapping[str, Any]
    reply_to: Mapping[str, Any] | None
    sent_at: datetime
    contact_id: str  #: Used when nobody is known by any of the aliases.
    flush: bool = False  #: A complete act in itself: the turn starts at once.

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
    """Stores deliveries on one engine. Holds no state but its dialect and pace."""

    def __init__(self, dialect: str, pace: Pace) -> None:
        self._sqlite = dialect == "sqlite"
        self._sql = SQLITE if self._sqlite else POSTGRESQL
        self._pace = pace

    async def store(
        self, connection: AsyncConnection, batch: Sequence[Delivery], now: datetime
    ) -> int:
        """Store a batch in the caller's transaction; return how many were new."""
        messages = await self._unknown(
            connection, [m for delivery in batch for m in delivery.messages]
        )
        if messages:
            contacts = await self._contacts(connection, messages, now)
            numbers = await self._touch(connection, messages, contacts, now)
            await self._put(connection, messages, contacts, numbers, now)
        statuses = [self._status(s) for d in batch for s in d.statuses]
        await self._run(connection, self._sql.put_statuses, statuses, now=now)
        quarantines = [
            {
                "id": q.id,
                "app_id": q.app_id,
                "account": q.account,
                "reason": q.reason,
                "raw": q.raw,
            }
            for delivery in batch
            for q in delivery.quarantines
        ]
        await self._run(connection, self._sql.put_quarantines, quarantines, now=now)
        return len(messages)

    async def _unknown(
        self, connection: AsyncConnection, messages: Sequence[NewMessage]
    ) -> list[NewMessage]:
        first = {message.key: message for message in reversed(messages)}
        rows = [
            {
                "tenant_id": m.tenant_id,
                "channel_id": m.channel_id,
                "event": m.event,
                "provider_id": m.provider_id,
            }
            for m in first.values()
        ]
        known = {
            (row.channel_id, row.event, row.provider_id)
            for row in await self._run(connection, self._sql.known_messages, rows)
        }
        return [m for m in messages if m.key not in known and first[m.key] is m]

    async def _contacts(
        self,
        connection: AsyncConnection,
        messages: Sequence[NewMessage],
        now: datetime,
    ) -> dict[str, str]:
        """Return message id -> contact id; people are made when nobody knows them."""
        aliases = {
            (m.channel_id, kind, value) for m in messages for kind, value in m.aliases
        }
        known = await self._known(connection, aliases)
        wanted: dict[tuple[str, str, str], tuple[str, str]] = {}
        for m in messages:
            keys = [(m.channel_id, kind, value) for kind, value in m.aliases]
            met = [known[key][0] for key in keys if key in known]
            met += [wanted[key][1] for key in keys if key in wanted]
            person = met[0] if met else m.contact_id
            for key in keys:
                if key not in known:
                    wanted.setdefault(key, (m.tenant_id, person))
        if wanted:
            rows = [
                dict(
                    zip(("channel_id", "kind", "value"), key, strict=True),
                    tenant_id=tenant_id,
                    contact_id=contact_id,
                )
                for key, (tenant_id, contact_id) in wanted.items()
            ]
            await self._run(connection, self._sql.claim_aliases, rows)
            # Another process may have been first: its word counts.
            known |= await self._known(connection, set(wanted))
        who = {m.id: known[(m.channel_id, *m.aliases[0])] for m in messages}
        people = {
            who[m.id][0]: {
                "id": who[m.id][0],
                "tenant_id": m.tenant_id,
                "channel_id": m.channel_id,
                "name": m.name,
            }
            for m in messages
            if who[m.id][1] is None or (m.name and who[m.id][1] != (m.name,))
        }
        await self._run(
            connection, self._sql.put_contacts, list(people.values()), now=now
        )
        return {m.id: who[m.id][0] for m in messages}

    async def _known(
        self, connection: AsyncConnection, aliases: set[tuple[str, str, str]]
    ) -> dict[tuple[str, str, str], tuple[str, tuple[str | None] | None]]:
        rows = [
            dict(zip(("channel_id", "kind", "value"), key, strict=True))
            for key in aliases
        ]
        return {
            (row.channel_id, row.kind, row.value): (
                row.contact_id,
                (row.name,) if row.known else None,
            )
            for row in await self._run(connection, self._sql.known_aliases, rows)
        }

    async def _touch(
        self,
        connection: AsyncConnection,
        messages: Sequence[NewMessage],
        contacts: Mapping[str, str],
        now: datetime,
    ) -> dict[str, int]:
        """Return conversation id -> the number of its last message, all new counted."""
        counts = Counter(contacts[m.id] for m in messages)
        flushed = {contacts[m.id] for m in messages if m.flush}
        latest = {contacts[m.id]: m for m in messages}
        rows = []
        for contact_id, m in latest.items():
            kind, value = m.aliases[0]
            pause = timedelta(0) if contact_id in flushed else self._pace.debounce
            rows.append(
                {
                    "id": conversation_of(contact_id),
                    "tenant_id": m.tenant_id,
                    "channel_id": m.channel_id,
                    "contact_id": contact_id,
                    "shard": m.shard,
                    "address": {"kind": kind, "value": value},
                    "sent_at": self._moment(m.sent_at),
                    "ready_at": self._moment(now + pause),
                    "messages": counts[contact_id],
                }
            )
        cap = (
            self._pace.cap // timedelta(microseconds=1)
            if self._sqlite
            else self._pace.cap
        )
        touched = await self._run(
            connection, self._sql.touch_conversations, rows, now=now, cap=cap
        )
        return {row.id: row.seq for row in touched}

    async def _put(
        self,
        connection: AsyncConnection,
        messages: Sequence[NewMessage],
        contacts: Mapping[str, str],
        last: Mapping[str, int],
        now: datetime,
    ) -> None:
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
                {
                    "id": m.id,
                    "tenant_id": m.tenant_id,
                    "channel_id": m.channel_id,
                    "conversation_id": conversation_of(contact_id),
                    "seq": following[contact_id],
                    "event": m.event,
                    "kind": m.kind,
                    "provider_id": m.provider_id,
                    "content": m.content,
                    "reply_to": m.reply_to,
                    "state": "pending",
                    "sent_at": self._moment(m.sent_at),
                }
            )
        await self._run(connection, self._sql.put_messages, rows, now=now)

    def _status(self, status: NewStatus) -> Mapping[str, Any]:
        return {
            "channel_id": status.channel_id,
            "provider_id": status.provider_id,
            "state": status.state,
            "tenant_id": status.tenant_id,
            "at": self._moment(status.at),
            "callback": status.callback,
            "error_code": status.error_code,
            "error_title": status.error_title,
        }

    def _moment(self, moment: datetime) -> int | str:
        return to_micros(moment) if self._sqlite else moment.isoformat()

    async def _run(
        self,
        connection: AsyncConnection,
        statement: TextClause,
        rows: Sequence[Mapping[str, Any]],
        *,
        now: datetime | None = None,
        **parameters: object,
    ) -> Sequence[Any]:
        if not rows:
            return ()
        if now is not None:
            parameters["now"] = to_micros(now) if self._sqlite else now
        result = await connection.execute(
            statement, {"rows": json.dumps(rows), **parameters}
        )
        return result.all() if result.returns_rows else ()
