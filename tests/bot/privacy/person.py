"""A customer who has told a shop everything, and what the shop then knows."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.notes import add_note
from bot.inbox.table import media
from bot.migrations.comparing import METADATA
from bot.privacy.erasing import Erased, erase_contact
from bot.simulator.actions import sample
from bot.simulator.phone import Phone
from catalog.domain.learnt import Heard, Lesson, Meaning
from catalog.lookup import find_products
from catalog.table import SEALED
from catalog.teaching import teach
from orders.advice.activities import add_activity
from orders.advice.domain.activity import Written
from orders.advice.domain.request import Activity
from orders.table import customer
from tests.bot.worker.by_hand import ByHand

#: Words that only Ana said, or that name her.
TRACES = ("Ana", "Lovelace", "905551112233", "Lale", "ana@example", "wamid.")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def tells_all(shop: ByHand) -> Phone:
    """Let Ana order, with name, address, e-mail, note and a photo; all is delivered."""
    ana = shop.house.phone(name="Ana Lovelace")
    for words in ("1 latte", "delivery to Lale Sokak 5 Kadikoy", "Ana Lovelace", "yes"):
        await shop.hear(ana, words)
        await shop.deliver_all()
    await ana.send_image(sample("note.jpg"), caption="Ana's list")
    await shop.turn()
    await shop.deliver_all()
    await shop.hear(ana, "2 croissant for Lovelace")
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(customer).values(email="ana@example.com", tax_id="Lovelace-1")
        )
        (latte,) = await find_products(connection, shop.house.tenant_id, skus=["LATTE"])
        chat = await shop.house.chat(ana)
        said = Heard(
            chat.contact_id, "Ana's usual", Meaning(latte.id), Lesson.ORDER, None
        )
        now = shop.house.runtime.clock()
        await teach(connection, shop.house.tenant_id, [said], now=now)
        await add_note(
            connection,
            shop.house.tenant_id,
            chat.id,
            id="note_ana",
            author="key:x",
            text="Ana Lovelace pays late",
            now=now,
        )
        await _advised(connection, shop)
    return ana


async def _advised(connection: AsyncConnection, shop: ByHand) -> None:
    """Let somebody have asked for advice about her."""
    runtime, tenant_id = shop.house.runtime, shop.house.tenant_id
    found = await connection.execute(
        select(customer.c.id).where(customer.c.tenant_id == tenant_id).limit(1)
    )
    asked = Written(
        customer_id=str(found.scalar_one()),
        rep_id="usr_rep",
        activity=Activity.RECOMMENDATION,
        given={"feedback": {"comments": "Lovelace likes tea"}},
        words="Ana Lovelace",
    )
    await add_activity(
        connection, tenant_id, runtime.new_id("act"), asked, now=runtime.clock()
    )


async def erase(shop: ByHand, phone: Phone) -> Erased:
    chat = await shop.house.chat(phone)
    report = await erase_id(shop, chat.contact_id)
    assert report is not None
    return report


async def erase_id(
    shop: ByHand, contact_id: str, tenant_id: str | None = None
) -> Erased | None:
    runtime = shop.house.runtime
    return await runtime.database.retried(
        lambda connection: erase_contact(
            connection,
            tenant_id or shop.house.tenant_id,
            contact_id,
            actor="command",
            new_id=runtime.new_id,
            now=runtime.clock(),
        )
    )


async def everything(shop: ByHand) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table."""
    found = {}
    async with shop.house.runtime.database.reading() as connection:
        for name, table in METADATA.tables.items():
            rows = await connection.execute(select(table))
            found[name] = [dict(row) for row in rows.mappings()]
    return found


async def traces(shop: ByHand) -> dict[str, list[str]]:
    """Return which words that name her stand in which tables.

    Not in sealed columns: what was sealed tells nothing, and has any three letters
    once in a while.
    """
    tables = await everything(shop)
    texts = {
        name: json.dumps(
            [
                {key: told for key, told in row.items() if not _is_sealed(name, key)}
                for row in rows
            ],
            default=str,
            ensure_ascii=False,
        )
        for name, rows in tables.items()
    }
    return {
        name: found
        for name, text in texts.items()
        if (found := [word for word in TRACES if word in text])
    }


def _is_sealed(table: str, column: str) -> bool:
    return METADATA.tables[table].c[column].info == SEALED


async def files(shop: ByHand) -> list[Path]:
    """Return the files of media that are kept."""
    root = shop.house.runtime.settings.media_dir
    return sorted(path for path in root.glob("*/*") if path.is_file())


async def age_files(shop: ByHand) -> None:
    """Let the files look as if nobody had touched them for years."""
    for path in await files(shop):
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


async def hashes(shop: ByHand) -> set[str]:
    return {row.sha256 for row in await shop.house.rows(media)}
