"""The rows of the log tell a stored draft again, on both databases."""

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from bot.db import Database
from orders import (
    Change,
    Draft,
    DraftState,
    DropLine,
    PutLine,
    Reopen,
    SetName,
    SetQuantity,
    changed,
)
from orders.codec import load_draft
from orders.domain.replaying import back_to, content_of, replayed
from orders.store import DraftWrite, write_drafts
from orders.table import draft as draft_table
from orders.table import draft_version
from orders.versions import earlier_of, versions_of
from tests.factories import NOON, SAID, a_line

TEA = PutLine(a_line(product_id="product_tea", sku="TEA"))
CAKE = PutLine(a_line(product_id="product_cake", sku="CAKE"))


class Desk:
    """A stored draft that is changed and taken back, as conversations do it."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self.draft = Draft("draft_1", "TRY", name="Ada")

    async def write(
        self, *changes: Change, created: bool = False, restored: int | None = None
    ) -> None:
        async with self.database.transaction() as connection:
            write = DraftWrite(
                tenant_id=self.tenant_id,
                conversation_id="conversation_1",
                draft=self.draft,
                changes=changes,
                actor="contact:1",
                created=created,
                restored=restored,
            )
            await write_drafts(connection, [write], now=NOON)

    async def change(self, *changes: Change) -> None:
        self.draft = changed(self.draft, changes)
        await self.write(*changes)

    async def undo(self, *changes: Change) -> int:
        """Take the last change back, and change more in the same version."""
        async with self.database.reading() as connection:
            earlier = await earlier_of(connection, self.draft)
        # As a turn does: who asked for it is a change of its own.
        said = (Reopen(SAID), *changes)
        self.draft = changed(back_to(self.draft, earlier.draft), said)
        await self.write(*said, restored=earlier.version)
        return earlier.version

    async def show(self) -> None:
        self.draft = replace(
            self.draft,
            state=DraftState.PROPOSED,
            shown_version=self.draft.version,
        )
        await self.write()


async def test_the_log_in_the_database_tells_every_version_of_a_draft(
    database: Database, tenant_id: str
) -> None:
    desk = Desk(database, tenant_id)
    created = desk.draft
    await desk.write(created=True)
    await desk.change(PutLine(a_line()), SetName("Eve"))
    await desk.change(SetQuantity("L1", Decimal(5), SAID))
    await desk.show()
    assert await desk.undo() == 1
    assert [line.quantity for line in desk.draft.lines] == [Decimal(2)]
    await desk.change(TEA)
    # Taken back and changed at once: that version is none of the older ones.
    assert await desk.undo(CAKE) == 1
    assert [line.sku for line in desk.draft.lines] == ["LATTE", "CAKE"]
    await desk.change(DropLine("L1", SAID))
    assert await desk.undo() == 5
    assert [line.sku for line in desk.draft.lines] == ["LATTE", "CAKE"]
    assert await desk.undo() == 1
    assert [line.sku for line in desk.draft.lines] == ["LATTE"]
    assert await desk.undo() == 0
    assert (desk.draft.lines, desk.draft.name) == ((), "Ada")

    async with database.reading() as connection:
        log = await versions_of(connection, desk.draft.id)
        kept = await connection.execute(
            select(draft_version.c.version, draft_version.c.body)
        )
        stored = {row.version: content_of(load_draft(row.body)) for row in kept}
        body = (await connection.execute(select(draft_table.c.body))).scalar_one()
    again = replayed(created, [entry for entry in log if entry.version])
    assert again == stored
    assert again[desk.draft.version] == content_of(load_draft(body))
