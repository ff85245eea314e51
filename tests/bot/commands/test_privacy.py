"""`chatorder contact` and `chatorder retention`, as an operator uses them."""

import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.inbox.table import contact_alias, message
from tests.bot.commands.conftest import Run
from tests.databases import apart
from tests.messages import a_message, add_channel, store

pytestmark = pytest.mark.usefixtures("on_both")


@pytest.fixture
def ana(database_url: str, tenant: str) -> str:
    """Let Ana write to the tenant; return her id."""

    async def write() -> str:
        database = Database.open(database_url)
        channel_id = await add_channel(database, tenant)
        arrived = a_message(tenant, channel_id, name="Ana Lovelace")
        await store(database, arrived)
        await database.close()
        return arrived.contact_id

    return apart(write())


def count(database_url: str, table: object) -> int:
    async def ask() -> int:
        database = Database.open(database_url)
        async with database.reading() as connection:
            found = await connection.execute(select(func.count()).select_from(table))  # type: ignore[arg-type]  # a table
        await database.close()
        return found.scalar_one()

    return apart(ask())


def test_a_person_is_exported_by_number_into_a_file_of_ones_own(
    run: Run, tenant: str, ana: str
) -> None:
    done = run("contact", "export", "+90 555 111 22 33", "--tenant", tenant, "--json")
    assert done.code == 0, done.err
    assert done.json["file"] == f"{ana}.zip"
    assert done.json["rows"]["messages"] == 1
    path = Path(done.json["file"])
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(zipfile.ZipFile(path).read("contact.json"))
    assert document["contacts"][0]["contact"][0]["name"] == "Ana Lovelace"


def test_a_file_that_is_there_is_not_written_over(
    run: Run, tenant: str, ana: str
) -> None:
    Path("mine.zip").write_text("precious")
    done = run("contact", "export", ana, "--tenant", tenant, "--out", "mine.zip")
    assert done.code == 1
    assert "mine.zip is there already: name another with --out" in done.err
    assert Path("mine.zip").read_text() == "precious"


def test_nobody_is_exported_by_a_number_that_nobody_has(
    run: Run, tenant: str, ana: str
) -> None:
    done = run("contact", "export", "+900000000000", "--tenant", tenant)
    assert done.code == 1
    assert "has no contact with the id or the number '+900000000000'" in done.err
    assert list(Path().glob("*.zip")) == []


def test_erasing_asks_first_and_then_nothing_is_left(
    run: Run, tenant: str, ana: str, database_url: str
) -> None:
    done = run("contact", "erase", ana, "--tenant", tenant)
    assert done.code == 1
    assert "nothing was erased: say --yes" in done.err
    assert count(database_url, message) == 1
    done = run("contact", "erase", ana, "--tenant", tenant, "--yes", "--json")
    assert done.code == 0, done.err
    (report,) = done.json["data"]
    assert report["contact_id"] == ana
    assert report["removed"] == {"messages": 1, "aliases": 2}
    assert count(database_url, message) == 0
    assert count(database_url, contact_alias) == 0
    again = run("contact", "erase", ana, "--tenant", tenant, "--yes")
    assert again.code == 0
    assert "nothing was left to remove" in again.out


def test_retention_is_shown_and_set(run: Run, tenant: str) -> None:
    shown = run("retention", "show", "--tenant", tenant, "--json").json["retention"]
    assert shown["media"] == {"days": 180, "effective_days": 180, "default": True}
    words = ("retention", "set", "media=90", "messages=30", "--tenant", tenant)
    set_to = run(*words, "--json").json["retention"]
    assert set_to["media"] == {"days": 90, "effective_days": 30, "default": False}
    assert set_to["audit"]["default"] is True
    lines = run("retention", "set", "media=default", "--tenant", tenant).out
    assert "messages    30 (set)" in lines


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("media", "'media': write KIND=DAYS, such as media=90"),
        ("media=soon", "'media=soon': write KIND=DAYS"),
        ("orders=1", "orders: is no kind; there are media,"),
        ("media=0", "media: give 1 to 36500 days, not 0"),
    ],
)
def test_a_wrong_word_is_named_and_nothing_is_set(
    run: Run, tenant: str, word: str, why: str
) -> None:
    done = run("retention", "set", "audit=10", word, "--tenant", tenant)
    assert done.code == 1
    assert why in done.err
    shown = run("retention", "show", "--tenant", tenant, "--json").json["retention"]
    assert shown["audit"]["default"] is True
