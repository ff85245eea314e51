"""Accounts found and made in the database, on both engines."""

import asyncio
import itertools
from typing import Any, cast

import pytest
from sqlalchemy import CursorResult, Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database
from orders.accounts import ResolvedAccount, resolve_account
from orders.codec import load_address
from orders.domain.accounts import AccountRefused, Code, Wanted
from orders.domain.ids import Face
from orders.ids import give_id
from orders.table import customer, customer_address
from tests.factories import NOON

_serial = itertools.count(1)
NEW = Wanted(external_id="2", name="NewClient_2")


def new_id(kind: str) -> str:
    return f"{kind}_{next(_serial):06}"


async def resolved(
    database: Database, tenant_id: str, wanted: Wanted, face: Face | None = None
) -> ResolvedAccount:
    return await database.retried(
        lambda connection: resolve_account(
            connection,
            tenant_id,
            wanted,
            face=face,
            address_text="a big white building",
            phone="+375291112233",
            new_id=new_id,
            now=NOON,
        )
    )


async def test_z5_a_new_account_has_its_first_address_and_is_found_again(
    database: Database, tenant_id: str
) -> None:
    made = await resolved(database, tenant_id, NEW)
    assert made.created
    async with database.transaction() as connection:
        (row,) = (await connection.execute(select(customer_address))).all()
        assert (row.id, row.is_default) == (made.address_id, True)
        assert load_address(row.body).text == "a big white building"
        one = await give_id(
            connection, tenant_id, Face.ZEGOAL, "customer", made.account.id, now=NOON
        )
        there = await give_id(
            connection, tenant_id, Face.ZEGOAL, "address", row.id, now=NOON
        )
    for wanted in (
        Wanted(external_id="2"),
        Wanted(name="NewClient_2", create=False),
        Wanted(account_id=one, address_id=there),
    ):
        again = await resolved(database, tenant_id, wanted, Face.ZEGOAL)
        assert (again.account, again.address_id) == (made.account, made.address_id)
        assert not again.created
    for wanted, code in (
        (Wanted(account_id="77"), Code.ACCOUNT_NOT_FOUND),
        (Wanted(account_id=made.account.id), Code.ACCOUNT_NOT_FOUND),
        (Wanted(account_id=one, address_id="77"), Code.ADDRESS_NOT_FOUND),
        (Wanted(external_id="3", name="NewClient_2"), Code.NAME_TAKEN),
        (Wanted(name="Nobody"), Code.EXTERNAL_ID_REQUIRED),
    ):
        with pytest.raises(AccountRefused) as refused:
            await resolved(database, tenant_id, wanted, Face.ZEGOAL)
        assert refused.value.code is code
    async with database.reading() as connection:
        count = select(func.count())
        assert await connection.scalar(count.select_from(customer)) == 1
        assert await connection.scalar(count.select_from(customer_address)) == 1


async def test_first_orders_of_one_external_id_at_once_make_one_account(
    database: Database, tenant_id: str
) -> None:
    found = await asyncio.gather(
        *(resolved(database, tenant_id, NEW) for _ in range(6))
    )
    assert len({each.account.id for each in found}) == 1
    assert [each.created for each in found].count(True) == 1
    assert len({each.address_id for each in found}) == 1


async def test_an_account_made_between_two_looks_is_not_somebody_else_s(
    database: Database, tenant_id: str
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("one writer: nothing happens between two looks")

    class Slow:
        """A connection during whose first look another call makes the account."""

        def __init__(self, connection: AsyncConnection) -> None:
            self.connection = connection
            self.made: ResolvedAccount | None = None

        async def execute(self, query: Select[Any]) -> CursorResult[Any]:
            found: CursorResult[Any] = await self.connection.execute(query)
            if self.made is None:
                self.made = await resolved(database, tenant_id, NEW)
            return found

    async with database.transaction() as connection:
        slow = Slow(connection)
        again = await resolve_account(
            cast("AsyncConnection", slow), tenant_id, NEW, new_id=new_id, now=NOON
        )
    assert slow.made is not None
    assert again.account == slow.made.account


async def test_accounts_of_one_name_at_once_are_one_and_an_error(
    database: Database, tenant_id: str
) -> None:
    wanted = [Wanted(external_id=str(n), name="NewClient") for n in range(3)]
    found = await asyncio.gather(
        *(resolved(database, tenant_id, each) for each in wanted),
        return_exceptions=True,
    )
    refused = [each.code for each in found if isinstance(each, AccountRefused)]
    assert refused == [Code.NAME_TAKEN] * 2


async def test_two_of_one_name_are_never_the_first(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            insert(customer),
            [
                {
                    "id": new_id("customer"),
                    "tenant_id": tenant_id,
                    "name": "Ada",
                    "created_at": NOON,
                }
                for _ in range(2)
            ],
        )
    with pytest.raises(AccountRefused) as refused:
        await resolved(database, tenant_id, Wanted(name="Ada"))
    assert refused.value.code is Code.NAME_AMBIGUOUS
