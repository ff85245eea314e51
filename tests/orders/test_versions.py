"""What a draft was before can be had again, as often as there is something before."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import delete

from bot.db import Database
from orders import Draft, DraftState, PutLine, SetName, SetQuantity, changed
from orders.store import DraftWrite, write_drafts
from orders.table import draft_version
from orders.versions import NothingBefore, Version, before, keep_versions, versions_of
from tests.factories import NOON, a_line

LATTE, TEA = PutLine(a_line()), PutLine(a_line(product_id="product_tea", sku="TEA"))


async def stored(database: Database, tenant_id: str, *changes: object) -> Draft:
    """Store a draft, one version for each change."""
    draft = Draft("draft_1", "TRY")
    async with database.transaction() as connection:
        for number, change in enumerate(changes):
            draft = changed(draft, [change])  # type: ignore[list-item]  # a change
            await write_drafts(
                connection,
                [
                    DraftWrite(
                        tenant_id=tenant_id,
                        conversation_id="conversation_1",
                        draft=draft,
                        changes=(change,),  # type: ignore[arg-type]  # a change
                        actor=f"actor {number}",
                        created=number == 0,
                    )
                ],
                now=NOON,
            )
    return draft


async def test_a_draft_goes_back_by_one_change(
    database: Database, tenant_id: str
) -> None:
    draft = await stored(database, tenant_id, LATTE, SetName("Ada"), TEA)
    async with database.reading() as connection:
        old, version = await before(
            connection, replace(draft, state=DraftState.PROPOSED)
        )
    assert version == 2
    assert (old.version, old.state, old.name) == (4, DraftState.OPEN, "Ada")
    assert [line.sku for line in old.lines] == ["LATTE"]
    # The next line is no other one's.
    assert old.next_line == draft.next_line == 3


async def test_what_was_taken_back_goes_back_further(
    database: Database, tenant_id: str
) -> None:
    draft = await stored(database, tenant_id, LATTE, SetQuantity("L1", Decimal(5)), TEA)
    async with database.transaction() as connection:
        first, version = await before(connection, draft)
        await keep_versions(
            connection, [Version(tenant_id, first, "x", version)], now=NOON
        )
        second, version = await before(connection, first)
        await keep_versions(
            connection, [Version(tenant_id, second, "x", version)], now=NOON
        )
        assert [line.quantity for line in second.lines] == [Decimal(2)]
        # Its first change made the draft: before it there was nothing on it.
        third, version = await before(connection, second)
        await keep_versions(
            connection, [Version(tenant_id, third, "x", version)], now=NOON
        )
        assert (third.lines, third.version, version) == ((), 6, 0)
        with pytest.raises(NothingBefore):
            await before(connection, third)


async def test_a_draft_that_began_with_a_name_goes_back_to_it(
    database: Database, tenant_id: str
) -> None:
    begun = Draft("draft_1", "TRY", name="Ada")
    put = changed(begun, [LATTE])
    async with database.transaction() as connection:
        for draft, changes in ((begun, ()), (put, (LATTE,))):
            write = DraftWrite(
                tenant_id=tenant_id,
                conversation_id="conversation_1",
                draft=draft,
                changes=changes,
                actor="contact",
                created=draft is begun,
            )
            await write_drafts(connection, [write], now=NOON)
        old, version = await before(connection, put)
    assert (old.name, old.lines, version) == ("Ada", (), 0)


async def test_a_draft_from_before_versions_were_kept_has_nothing_before(
    database: Database, tenant_id: str
) -> None:
    draft = await stored(database, tenant_id, LATTE, TEA)
    async with database.transaction() as connection:
        await connection.execute(delete(draft_version))
        with pytest.raises(NothingBefore):
            await before(connection, draft)
        entries = await versions_of(connection, draft.id)
    assert [(e.version, e.actor, len(e.changes)) for e in entries] == [
        (2, "actor 1", 1),
        (1, "actor 0", 1),
    ]


async def test_a_version_that_is_kept_stays_as_it_is(
    database: Database, tenant_id: str
) -> None:
    draft = await stored(database, tenant_id, LATTE)
    async with database.transaction() as connection:
        again = Version(tenant_id, replace(draft, name="Eve"), "somebody")
        await keep_versions(connection, [again], now=NOON)
        (entry,) = await versions_of(connection, draft.id)
    assert entry.actor == "actor 0"
