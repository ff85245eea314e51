"""`user`: a password is chosen by a person, read from stdin, or made and shown once."""

import pytest
from typer.testing import CliRunner

from bot.commands.program import build
from bot.db import Database
from bot.inbox.passwords import is_password
from bot.inbox.users import password_hash_of
from tests.bot.commands.conftest import Ran, Run
from tests.databases import apart

ANA = ("--email", "Ana@shop.example", "--name", "Ana", "--role", "admin")


def hash_of(url: str, tenant: str, email: str) -> str | None:
    async def look() -> str | None:
        database = Database.open(url)
        async with database.reading() as connection:
            _, stored = await password_hash_of(connection, tenant, email)
        await database.close()
        return stored

    return apart(look())


def opens(url: str, tenant: str, password: str) -> bool:
    stored = hash_of(url, tenant, "ana@shop.example")
    return apart(is_password(stored, password))


def run_with(words: tuple[str, ...], typed: str) -> Ran:
    done = CliRunner().invoke(build(), words, input=typed, prog_name="chatorder")
    return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.mark.usefixtures("on_both")
def test_a_user_is_added_with_a_made_password_that_is_shown_once(
    run: Run, tenant: str, database_url: str
) -> None:
    added = run("user", "add", "--tenant", tenant, *ANA, "--json")
    assert added.code == 0, added.err
    assert added.json["role"] == "admin"
    assert opens(database_url, tenant, added.json["password"])
    listed = run("user", "list", "--tenant", tenant, "--json")
    assert listed.json["total"] == 1
    assert listed.json["data"][0]["email"] == "Ana@shop.example"
    assert added.json["password"] not in listed.out
    assert "hash" not in listed.out
    table = run("user", "list", "--tenant", tenant)
    assert "Ana@shop.example" in table.out


@pytest.mark.usefixtures("on_sqlite")
def test_a_password_from_stdin_is_taken_and_never_shown(
    tenant: str, sqlite_url: str
) -> None:
    words = ("user", "add", "--tenant", tenant, *ANA, "--password-stdin")
    added = run_with(words, "correct horse\nnot this\n")
    assert added.code == 0, added.err
    assert "correct horse" not in added.out + added.err
    assert opens(sqlite_url, tenant, "correct horse")


@pytest.mark.parametrize(
    ("typed", "why"),
    [("", "holds no password"), ("short\n", "10 to 256"), ("Ana\n", "10 to 256")],
)
@pytest.mark.usefixtures("on_sqlite")
def test_a_bad_password_from_stdin_is_refused_and_nobody_is_added(
    run: Run, tenant: str, typed: str, why: str
) -> None:
    words = ("user", "add", "--tenant", tenant, *ANA, "--password-stdin")
    refused = run_with(words, typed)
    assert refused.code == 1
    assert why in refused.err
    assert run("user", "list", "--tenant", tenant, "--json").json["total"] == 0


@pytest.mark.usefixtures("on_sqlite")
def test_a_password_is_reset(run: Run, tenant: str, sqlite_url: str) -> None:
    old = run("user", "add", "--tenant", tenant, *ANA, "--json").json["password"]
    words = ("user", "reset-password", "ana@shop.example", "--tenant", tenant)
    new = run(*words, "--json").json["password"]
    assert opens(sqlite_url, tenant, new)
    assert not opens(sqlite_url, tenant, old)


@pytest.mark.usefixtures("on_sqlite")
def test_people_are_disabled_and_enabled_but_never_the_last_admin(
    run: Run, tenant: str
) -> None:
    run("user", "add", "--tenant", tenant, *ANA)
    bea = ("--email", "bea@shop.example", "--name", "Bea")
    run("user", "add", "--tenant", tenant, *bea)
    done = run("user", "disable", "bea@shop.example", "--tenant", tenant, "--json")
    assert done.json["state"] == "disabled"
    done = run("user", "enable", "BEA@shop.example", "--tenant", tenant, "--json")
    assert done.json["state"] == "active"
    refused = run("user", "disable", "ana@shop.example", "--tenant", tenant)
    assert refused.code == 1
    assert "the last active admin" in refused.err


@pytest.mark.usefixtures("on_sqlite")
def test_an_unknown_person_is_named(run: Run, tenant: str) -> None:
    refused = run("user", "disable", "eve@shop.example", "--tenant", tenant)
    assert refused.code == 1
    assert "no user 'eve@shop.example': see `chatorder user list`" in refused.err


@pytest.mark.usefixtures("on_sqlite")
def test_an_integration_is_no_person(run: Run, tenant: str) -> None:
    words = ("user", "add", "--tenant", tenant, *ANA[:4], "--role", "integration")
    refused = run(*words)
    assert refused.code == 1
    assert "use one of agent, manager, admin" in refused.err
