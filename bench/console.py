"""How long the server takes for pages of the console, with a desk that is full.

    python -m bench.console [--conversations 10000] [--messages 10] [--engine NAME]

Ten customers write to a real shop; what became of it is copied, with other ids, names
and times, until there are that many conversations with that many messages each. Then
one agent looks at pages, one after the other, over HTTP on loopback, whole and as the
parts that live news ask for. `/live` is the bare handler that the pages are compared
with. Both engines are run unless one is named.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Table, insert, select

from bench.shop import database_url
from bot.commands.serving import calm_collector
from bot.inbox.accounts import Role
from bot.inbox.table import analysis, contact, contact_alias, conversation, message
from bot.migrations.upgrade import upgrade
from orders.table import draft, draft_change, draft_version
from tests.console import signed_in
from tests.house import House, open_house

_BATCH = 500
_LOOKS = 60
#: What ten customers write: seven order, two leave their draft, one wants a person.
_WRITTEN = (
    *[("2 latte, pick up", "yes")] * 7,
    *[("3 croissant and a flat white",)] * 2,
    ("1 bagel", "I want to talk to a person"),
)


async def measure(engine: str, conversations: int, messages: int) -> Mapping[str, Any]:
    """Fill a shop on an engine; return the milliseconds of each page."""
    with database_url(engine) as url, tempfile.TemporaryDirectory() as folder:
        await upgrade(url)
        async with open_house(url, Path(folder)) as house:
            await write(house)
            began = time.perf_counter()
            await fill(house, conversations, messages)
            filled = time.perf_counter() - began
            found = await look(house)
    return {
        "engine": engine,
        "conversations": conversations,
        "messages": conversations * messages,
        "filled_seconds": round(filled, 1),
        "milliseconds": found,
    }


async def write(house: House) -> None:
    """Let customers write what is copied then."""
    for number, written in enumerate(_WRITTEN):
        phone = house.phone(f"90555111{number:04}", "Ana")
        for words in written:
            await phone.say(words)
            await house.settle()


async def fill(house: House, conversations: int, messages: int) -> None:
    """Copy the conversations that there are until there are enough."""
    chosen = random.Random(7)
    originals = [await _rows_of(house, chat) for chat in await house.rows(conversation)]
    for start in range(0, conversations, _BATCH):
        copies: dict[str, list[dict[str, Any]]] = {}
        for number in range(start, min(start + _BATCH, conversations)):
            original = originals[number % len(originals)]
            for table, rows in _copied(original, number, messages, chosen).items():
                copies.setdefault(table, []).extend(rows)
        async with house.runtime.database.transaction() as connection:
            for each in _TABLES:
                if copies.get(each.name):
                    await connection.execute(insert(each), copies[each.name])
    if house.runtime.database.dialect == "postgresql":
        await _vacuum(house.runtime.settings.database_url)


async def _vacuum(url: str) -> None:
    """Do what the server does by itself a minute later, and not while pages are read.

    It runs in no transaction, so not on a connection of the shop's.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


_TABLES: Sequence[Table] = (
    *(contact, contact_alias, conversation, message),
    *(analysis, draft, draft_change, draft_version),
)


async def _rows_of(house: House, chat: Any) -> Mapping[str, list[dict[str, Any]]]:
    async def rows(table: Table, **equal: Any) -> list[dict[str, Any]]:
        query = select(table).filter_by(**equal)
        async with house.runtime.database.reading() as connection:
            found = await connection.execute(query)
            return [dict(row) for row in found.mappings()]

    drafts = await rows(draft, conversation_id=chat.id)
    found = {
        "contact": await rows(contact, id=chat.contact_id),
        "contact_alias": await rows(contact_alias, contact_id=chat.contact_id),
        "conversation": await rows(conversation, id=chat.id),
        "message": await rows(message, conversation_id=chat.id),
        "analysis": await rows(analysis, conversation_id=chat.id),
        "draft": drafts,
    }
    for table in (draft_change, draft_version):
        found[table.name] = [
            row for each in drafts for row in await rows(table, draft_id=each["id"])
        ]
    return found


def _copied(
    original: Mapping[str, list[dict[str, Any]]],
    number: int,
    messages: int,
    chosen: random.Random,
) -> dict[str, list[dict[str, Any]]]:
    """Return rows like those of an original, with ids, names and times of their own."""
    before = timedelta(minutes=chosen.randrange(1, 60 * 24 * 30))
    ids = {row["id"] for rows in original.values() for row in rows if "id" in row}
    renamed = {
        each: f"{each[:20]}{number:06x}{each[-6:]}"
        for each in ids
        if isinstance(each, str)
    }
    copies = {
        table: [_renamed(row, renamed, before) for row in rows]
        for table, rows in original.items()
    }
    copies["contact"][0]["name"] = f"{chosen.choice(_NAMES)} {number}"
    for alias in copies["contact_alias"]:
        alias["value"] = f"{alias['value'][:8]}{number:07}"
    for row in copies["draft_change"]:
        row.pop("id", None)
    return {**copies, "message": list(_talk(copies["message"], messages, number))}


_NAMES = ("Ana", "Bora", "Ceren", "Dmitri", "Elif", "João", "María", "Ольга")


def _renamed(value: Any, ids: Mapping[str, str], before: timedelta) -> Any:
    match value:
        case dict():
            return {name: _renamed(each, ids, before) for name, each in value.items()}
        case list() | tuple():
            return [_renamed(each, ids, before) for each in value]
        case str():
            return ids.get(value, value)
        case _ if hasattr(value, "tzinfo"):
            return value - before
        case _:
            return value


def _talk(
    rows: Sequence[dict[str, Any]], messages: int, number: int
) -> Iterable[dict[str, Any]]:
    """Yield so many messages, going over those that there are again and again."""
    for place in range(messages):
        like = rows[place % len(rows)]
        said = f"{number}-{place}"
        yield {
            **like,
            "id": f"{like['id'][:20]}{said}",
            "provider_id": f"wamid.{said}",
            "seq": place + 1,
            "sent_at": like["sent_at"] + timedelta(seconds=place),
        }


async def look(house: House) -> Mapping[str, Mapping[str, float]]:
    """Return what each page took, in milliseconds."""
    person = await signed_in(house, role=Role.ADMIN)
    calm_collector()  # As `chatorder serve` does.
    async with house.runtime.database.reading() as connection:
        chats = (
            (await connection.execute(select(conversation.c.id).limit(2000)))
            .scalars()
            .all()
        )
    chosen = random.Random(3)
    found = {}
    async with person.session() as session:
        for name, path, headers in _pages():
            took = []
            for _ in range(_LOOKS):
                address = path.replace("CHAT", chosen.choice(chats))
                began = time.perf_counter()
                async with session.get(address, headers=headers) as answer:
                    body = await answer.read()
                took.append((time.perf_counter() - began) * 1000)
                assert answer.status == 200, (address, body[:300])
            found[name] = _summary(took[5:])
    return found


def _pages() -> Sequence[tuple[str, str, Mapping[str, str]]]:
    return (
        ("bare handler", "/live", {}),
        ("inbox", "/console/inbox", {}),
        ("inbox, its queue alone", "/console/inbox", {"X-Part": "queue"}),
        ("inbox, who asks for a human", "/console/inbox?queue=human", {}),
        ("inbox, open drafts", "/console/inbox?queue=open", {}),
        ("inbox, a search by name", "/console/inbox?search=Ceren+77", {}),
        ("inbox, a search by words", "/console/inbox?search=croissant", {}),
        ("conversation", "/console/conversations/CHAT", {}),
        (
            "conversation, its chat alone",
            "/console/conversations/CHAT",
            {"X-Part": "chat"},
        ),
        (
            "conversation, its draft alone",
            "/console/conversations/CHAT",
            {"X-Part": "draft"},
        ),
        ("orders", "/console/orders", {}),
        ("overview", "/console/overview", {}),
        ("what alerts ask", "/console/alerts", {}),
    )


def _summary(took: Sequence[float]) -> Mapping[str, float]:
    ordered = sorted(took)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95) - 1], 1),
        "worst": round(ordered[-1], 1),
    }


async def main() -> None:
    """Print what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=10)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for engine in [given.engine] if given.engine else ("sqlite", "postgresql"):
        found = await measure(engine, given.conversations, given.messages)
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
