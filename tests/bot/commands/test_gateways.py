"""Channels at gateways, by command: added, listed, and their secrets changed."""

import json
import re
from datetime import timedelta

import pytest

from bot.channels.instructions import SHOWN_ONCE
from bot.db import Database
from bot.inbox.directory import Directory, load_directory
from bot.sealing import Sealer
from tests.bot.commands.conftest import SECRET_KEY, Ran, Run
from tests.databases import apart

URL = "http://127.0.0.1:8080"


def add(run: Run, tenant: str, kind: str = "evolution", *more: str) -> Ran:
    return run(
        *("channel", "add", kind, "--tenant", tenant, "--base-url", f"{URL}/"),
        *("--instance", "shop1", "--api-key", "an-api-key", *more),
    )


def directory(url: str) -> Directory:
    async def look() -> Directory:
        database = Database.open(url)
        async with database.reading() as connection:
            found = await load_directory(connection, Sealer(SECRET_KEY))
        await database.close()
        return found

    return apart(look())


@pytest.mark.usefixtures("on_both")
def test_a_gateway_is_added_and_its_secrets_are_sealed(
    run: Run, tenant: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_PUBLIC_URL", "https://shop.example")
    made = add(run, tenant, "evolution", "--json").json
    url = f"https://shop.example/webhooks/evolution/{made['id']}"
    assert made["webhook_url"] == url
    assert url in made["paste"]
    assert made["webhook_secret"] in made["paste"]
    assert "an-api-key" not in json.dumps(made), "the gateway's key is its owner's"
    entry = directory(database_url).channel_by_id(made["id"])
    assert entry is not None
    assert (entry.kind, entry.account.base_url, entry.account.instance) == (
        "evolution",
        URL,
        "shop1",
    )
    assert entry.account.access_token == "an-api-key"
    assert entry.webhook_secret == made["webhook_secret"]


@pytest.mark.usefixtures("on_sqlite")
def test_an_account_has_one_channel_and_every_gateway_its_own_default(
    run: Run, tenant: str
) -> None:
    assert add(run, tenant, "waha").code == 0
    again = add(run, tenant, "waha")
    assert again.code == 1
    assert "has a channel already" in again.err
    other = run(
        *("channel", "add", "waha", "--tenant", tenant, "--instance", "shop1"),
        *("--base-url", "http://127.0.0.1:9090", "--api-key", "k"),
    )
    assert other.code == 0


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(
    ("url", "instance", "says"),
    [
        ("127.0.0.1:8080", "shop1", "base_url: give the address"),
        ("ftp://shop.example", "shop1", "base_url: give the address"),
        ("http://user:pass@shop.example", "shop1", "base_url: give the address"),
        (URL, "a/../b", "instance: give the name"),
        (URL, " ", "instance: give the name"),
    ],
)
def test_a_wrong_gateway_is_one_line(
    run: Run, tenant: str, url: str, instance: str, says: str
) -> None:
    ran = run(
        *("channel", "add", "evolution", "--tenant", tenant, "--base-url", url),
        *("--instance", instance, "--api-key", "k"),
    )
    assert ran.code == 1
    assert says in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.usefixtures("on_sqlite")
def test_its_secret_changes_and_the_old_one_is_taken_for_a_while(
    run: Run, tenant: str, sqlite_url: str
) -> None:
    old = add(run, tenant, "waha", "--json").json
    new = run("channel", "rotate-secret", old["id"], "--json").json
    assert new["webhook_secret"] != old["webhook_secret"]
    entry = directory(sqlite_url).channel_by_id(old["id"])
    assert entry is not None
    assert entry.webhook_secret_before_until is not None
    until = entry.webhook_secret_before_until
    both = {old["webhook_secret"], new["webhook_secret"]}
    assert set(entry.secrets(until - timedelta(seconds=1))) == both
    assert entry.secrets(until) == (new["webhook_secret"],)
    missing = run("channel", "rotate-secret", "chn_none")
    assert missing.code == 1
    assert "there is no channel 'chn_none'" in missing.err


@pytest.mark.usefixtures("on_sqlite")
def test_channels_are_listed_with_how_they_stand(run: Run, tenant: str) -> None:
    assert "no channel yet" in run("channel", "list", "--tenant", tenant).out
    made = add(run, tenant, "evolution", "--json").json
    run("channel", "pause", made["id"], "--reason", "moving")
    shown = run("channel", "list", "--tenant", tenant).out
    assert re.search(r"shop1@127\.0\.0\.1:8080\s+paused: moving\s+never", shown)
    (listed,) = run("channel", "list", "--tenant", tenant, "--json").json["channels"]
    assert (listed["id"], listed["last_inbound_at"]) == (made["id"], None)


@pytest.mark.usefixtures("on_sqlite")
def test_what_to_paste_is_told_once_more_and_alarms_are_listed(
    run: Run, tenant: str
) -> None:
    made = add(run, tenant, "waha", "--json").json
    told = run("channel", "setup", made["id"], "--json").json
    assert told["callback_url"] == made["webhook_url"]
    secret = made["webhook_secret"]
    assert told["paste"].replace(SHOWN_ONCE, secret) == made["paste"]
    assert secret not in str(told)
    assert told["steps"][0] in run("channel", "setup", made["id"]).out
    missing = run("channel", "setup", "chn_none")
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert run("alarm", "list", "--tenant", tenant).out == "Nothing is wrong.\n"
    assert run("alarm", "list", "--tenant", tenant, "--json").json == {
        "data": [],
        "total": 0,
    }
