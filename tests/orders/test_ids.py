"""What our things are called elsewhere: given once, for ever, on both engines."""

import asyncio

import pytest

from bot.db import Database
from orders.domain.ids import FORMS, Face, Form, Thing, line_thing, made_id
from orders.ids import (
    IdTaken,
    adopt_id,
    give_id,
    give_ids,
    list_ids,
    resolve_id,
    resolve_ids,
)
from tests.databases import add_test_tenant
from tests.factories import NOON

LATTE, BUN = Thing("product", "product_latte"), Thing("product", "product_bun")


async def given(
    database: Database, tenant_id: str, face: Face, *things: Thing
) -> list[str]:
    found = await database.retried(
        lambda connection: give_ids(connection, tenant_id, face, things, now=NOON)
    )
    return [found[thing] for thing in things]


def test_every_system_has_its_form() -> None:
    assert set(FORMS) == set(Face)
    hexed = made_id(Face.REPZO, "t", LATTE)
    assert hexed is not None
    assert len(hexed) == 24
    assert int(hexed, 16)
    assert hexed != made_id(Face.REPZO, "other", LATTE)
    assert made_id(Face.TICARET, "t", LATTE) == "product_latte"
    assert line_thing("ord_1", "L1") == Thing("order_line", "ord_1/L1")


async def test_each_system_gets_ids_in_its_form_and_they_stay(
    database: Database, tenant_id: str
) -> None:
    other = await add_test_tenant(database, "tenant_other")
    for face in Face:
        first = await given(database, tenant_id, face, LATTE, BUN)
        assert await given(database, tenant_id, face, BUN, LATTE) == first[::-1]
        counted = FORMS[face] is Form.NUMBER
        assert not counted or sorted(first) == ["1", "2"]
        theirs = await given(database, other, face, BUN)
        assert not counted or theirs == ["1"]
        async with database.reading() as connection:
            back = await resolve_ids(
                connection, tenant_id, face, "product", [*first, "999"]
            )
            assert {back[each] for each in first} == {"product_latte", "product_bun"}
            assert ("999" in back) is (FORMS[face] is Form.TEXT)
            assert not counted or (
                await resolve_id(connection, other, face, "product", "2") is None
            )


async def test_many_that_number_the_same_things_at_once_agree(
    database: Database, tenant_id: str
) -> None:
    things = [Thing("order", f"ord_{n}") for n in range(8)]
    parts = [things[n : n + 5] for n in (0, 3, 1, 0, 2)]
    answers = await asyncio.gather(
        *(given(database, tenant_id, Face.AKINON, *part) for part in parts)
    )
    names: dict[Thing, str] = {}
    for part, answer in zip(parts, answers, strict=True):
        for thing, name in zip(part, answer, strict=True):
            assert names.setdefault(thing, name) == name
    assert sorted(map(int, names.values())) == list(range(1, 9))


async def test_what_the_other_system_named_first_keeps_its_name(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction() as connection:
        for _ in range(2):
            await adopt_id(connection, tenant_id, Face.AKINON, LATTE, "1", now=NOON)
        for thing, name in ((BUN, "1"), (LATTE, "2")):
            with pytest.raises(IdTaken, match=r"product_latte"):
                await adopt_id(
                    connection, tenant_id, Face.AKINON, thing, name, now=NOON
                )
        # The number 1 is taken: the next one is given.
        bun = await give_id(
            connection, tenant_id, Face.AKINON, *(BUN.kind, BUN.internal_id), now=NOON
        )
        assert bun == "2"
        await adopt_id(
            connection, tenant_id, Face.OMNICHAT, LATTE, BUN.internal_id, now=NOON
        )
        with pytest.raises(IdTaken, match="another product"):
            await give_ids(connection, tenant_id, Face.OMNICHAT, [BUN], now=NOON)
        found, total = await list_ids(connection, tenant_id, face="akinon")
        assert [(each.external_id, each.internal_id) for each in found] == [
            ("1", "product_latte"),
            ("2", "product_bun"),
        ]
        assert total == 2
        (one,), total = await list_ids(
            connection, tenant_id, kind="product", external="2", internal="product_bun"
        )
        assert (one.face, one.created_at, total) == ("akinon", NOON, 1)
