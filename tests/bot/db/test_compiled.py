"""A statement is compiled once in a process, for every engine of its kind."""

from pathlib import Path

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import create_async_engine

from bot.db import Database
from bot.db.compiled import REMEMBERED, Alike


async def test_a_second_database_of_a_kind_compiles_nothing_again(
    database: Database, sqlite_url: str, postgres_url: str
) -> None:
    remembered = REMEMBERED["compiled_cache"]
    statement = select(literal(1).label("only_in_this_test"), literal(database.dialect))
    url = sqlite_url if database.dialect == "sqlite" else postgres_url
    before = len(remembered)
    async with database.reading() as connection:
        assert (await connection.execute(statement)).one()[0] == 1
    assert len(remembered) == before + 1
    second = Database.open(url)
    async with second.reading() as connection:
        assert (await connection.execute(statement)).one()[0] == 1
    async with second.transaction() as connection:
        assert (await connection.execute(statement)).one()[0] == 1
    assert len(remembered) == before + 1
    await second.close()


async def test_what_is_shared_holds_no_values(database: Database) -> None:
    for number in range(3):
        async with database.reading() as connection:
            found = await connection.execute(select(literal(number)))
            assert found.scalar_one() == number


def test_another_version_of_the_server_is_another_dialect(tmp_path: Path) -> None:
    url = f"sqlite+onetrip:///{tmp_path / 'x.db'}"
    one, other = (create_async_engine(url).dialect for _ in range(2))
    assert isinstance(one, Alike)
    assert one == other
    assert hash(one) == hash(other)
    one.server_version_info = (3, 99)
    assert one != other
