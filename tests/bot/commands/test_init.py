"""`init`: from an empty folder to a shop; again, it goes on with what is missing."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands.program import build
from bot.settings import read_settings
from tests.bot.commands.conftest import Ran, Run
from tests.bot.commands.test_users import opens

SHOP = ("--yes", "--name", "Kahve Evi", "--country", "TR")
ADMIN = ("--admin-email", "ana@shop.example", "--admin-name", "Ana")
NUMBER = (
    *("--app-secret", "0f3a9c", "--phone-number-id", "106540352242922"),
    *("--access-token", "EAAG"),
)
FEED = "sku,name,price\nLAT,Caffe latte,95\nCRO,Chocolate croissant,80.50\n"
ENV = Path(".env")


def test_flags_make_a_whole_shop_without_a_question(run: Run) -> None:
    Path("products.csv").write_text(FEED)
    done = run(
        *("init", *SHOP, *ADMIN, *NUMBER, "--catalog", "products.csv", "--json"),
        *("--public-url", "https://shop.example"),
    )
    assert done.code == 0, done.err
    made = done.json
    assert made["tenant"]["name"] == "Kahve Evi"
    assert made["admin"]["email"] == "ana@shop.example"
    assert made["products"] == 2
    assert made["missing"] == []
    assert made["next"] == "chatorder serve"
    app = made["channel"]["app"]
    url = f"https://shop.example/webhooks/whatsapp/{app}"
    assert made["channel"]["webhook_url"] == url
    assert len(made["channel"]["verify_token"]) >= 20
    assert opens(
        "sqlite:///data/chatorder.db", made["tenant"]["id"], made["admin"]["password"]
    )
    shop = run("tenant", "list", "--json").json["data"][0]
    assert (shop["language"], shop["currency"]) == ("tr", "TRY")
    assert shop["timezone"] == "Europe/Istanbul"


def test_the_key_is_made_once_and_only_its_owner_can_read_it(run: Run) -> None:
    run("init", *SHOP, *ADMIN)
    first = ENV.read_text()
    assert ENV.stat().st_mode & 0o777 == 0o600
    key = read_settings().settings.secret_key
    assert key is not None
    assert len(key.get_secret_value()) >= 32
    again = run("init", "--yes")
    assert again.code == 0, again.err
    assert ENV.read_text() == first
    assert key.get_secret_value() not in again.out + again.err


def test_again_it_says_what_is_there_and_goes_on_with_what_is_missing(
    run: Run,
) -> None:
    first = run("init", *SHOP, *ADMIN, "--json").json
    assert first["missing"] == ["catalog", "channel"]
    again = run("init", "--yes")
    assert "Kahve Evi" in again.out
    assert "there already" in again.out
    assert "The password" not in again.out
    Path("products.csv").write_text(FEED)
    more = run("init", "--yes", *NUMBER, "--catalog", "products.csv", "--json").json
    assert more["made"] == ["channel", "catalog"]
    assert more["tenant"] == first["tenant"]
    assert more["missing"] == []
    last = run("init", "--yes", *NUMBER, "--json").json
    assert last["made"] == []
    assert last["channel"] is None
    assert run("tenant", "list", "--json").json["total"] == 1


def test_lines_tell_what_to_paste_at_meta_and_the_next_step(run: Run) -> None:
    done = run("init", *SHOP, *ADMIN, *NUMBER)
    assert "Callback URL: http://127.0.0.1:8080/webhooks/whatsapp/app_" in done.out
    assert "Verify token: " in done.out
    assert "CHATORDER_PUBLIC_URL is not set" in done.out
    assert done.out.rstrip().endswith("Next: chatorder serve")
    assert "EAAG" not in done.out
    assert "0f3a9c" not in done.out


def test_an_env_file_that_is_there_is_only_added_to(run: Run) -> None:
    ENV.write_text("# mine\nCHATORDER_PORT=9000")
    run("init", *SHOP, *ADMIN)
    text = ENV.read_text()
    assert text.startswith("# mine\nCHATORDER_PORT=9000\nCHATORDER_SECRET_KEY=")
    assert read_settings().settings.port == 9000


def test_a_key_of_the_environment_is_used_and_nothing_is_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_SECRET_KEY", "e" * 43)
    assert run("init", *SHOP, *ADMIN, *NUMBER).code == 0
    assert not ENV.exists()
    assert run("secret", "rotate", "--json").json == {"resealed": 0, "already": 3}


def test_a_database_whose_key_is_lost_gets_no_new_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_SECRET_KEY", "e" * 43)
    run("init", *SHOP, *ADMIN, *NUMBER)
    monkeypatch.delenv("CHATORDER_SECRET_KEY")
    refused = run("init", "--yes")
    assert refused.code == 1
    assert "the database holds 3 secrets, and the key" in refused.err
    assert not ENV.exists()


def test_an_empty_postgresql_gets_its_tables_and_is_remembered(
    run: Run, empty_postgres_url: str
) -> None:
    words = ("init", *SHOP, *ADMIN, "--database-url", empty_postgres_url)
    done = run(*words, "--json")
    assert done.code == 0, done.err
    assert read_settings().settings.database_url == empty_postgres_url
    assert run("tenant", "list", "--json").json["total"] == 1
    assert not Path("data").exists()
    assert run(*words).code == 0


WRONG = {
    "nothing given": ((), "it takes --name, --country, --admin-email as well"),
    "no admin": (SHOP[1:], "it takes --admin-email as well"),
    "country": (("--name", "A", "--country", "XX", *ADMIN), "country: 'XX'"),
    "time zone": (("--name", "A", "--country", "US", *ADMIN), "US has more than one"),
    "email": ((*SHOP[1:], "--admin-email", "ana"), "email: give an address"),
    "half a number": (
        (*SHOP[1:], *ADMIN, "--app-secret", "s"),
        "a number also needs --phone-number-id, --access-token",
    ),
    "number": (
        (*SHOP[1:], *ADMIN, *NUMBER[:3], "+90 555", *NUMBER[4:]),
        "is not a phone number ID",
    ),
    "database": ((*SHOP[1:], *ADMIN, "--database-url", "mysql://x"), "database url:"),
    "address": ((*SHOP[1:], *ADMIN, "--public-url", "shop"), "public url: give an"),
    "language": ((*SHOP[1:], *ADMIN, "--language", "de"), "do not speak 'de'"),
}


@pytest.mark.parametrize(("words", "why"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_or_missing_is_named_and_nothing_is_made(
    run: Run, words: tuple[str, ...], why: str
) -> None:
    refused = run("init", "--yes", *words)
    assert refused.code == 1
    assert why in refused.err
    assert not ENV.exists()
    assert run("tenant", "list", "--json").json["total"] == 0


def test_a_setting_is_never_changed(run: Run) -> None:
    ENV.write_text("CHATORDER_PUBLIC_URL=https://old.example\n")
    refused = run("init", *SHOP, *ADMIN, "--public-url", "https://new.example")
    assert refused.code == 1
    assert "CHATORDER_PUBLIC_URL is set to something else already" in refused.err
    assert ENV.read_text() == "CHATORDER_PUBLIC_URL=https://old.example\n"


def test_a_catalog_with_mistakes_stops_nothing_else(run: Run) -> None:
    Path("products.csv").write_text("sku,name,price\nLAT,Caffe latte,ninety\n")
    done = run("init", *SHOP, *ADMIN, "--catalog", "products.csv", "--json")
    assert done.code == 1
    assert "everything else is done: run init again" in done.err
    assert done.json["missing"] == ["catalog", "channel"]
    assert done.json["admin"]["password"]


def test_several_shops_have_to_be_told_apart(run: Run) -> None:
    run("init", *SHOP, *ADMIN)
    other = ("--name", "Other", "--country", "DE", "--admin-email", "ben@b.example")
    assert run("init", "--yes", *other).code == 0
    refused = run("init", "--yes")
    assert refused.code == 1
    assert "say which with --name (Kahve Evi, Other)" in refused.err
    assert run("init", "--yes", "--name", "kahve evi", "--json").json["made"] == []


def test_a_password_may_come_from_stdin() -> None:
    words = ("init", *SHOP, *ADMIN, "--password-stdin", "--json")
    done = CliRunner().invoke(build(), words, input="correct horse\n")
    ran = Ran(done.exit_code, done.stdout, done.stderr)
    assert ran.code == 0, ran.err
    assert "password" not in ran.json["admin"]
    tenant = ran.json["tenant"]["id"]
    assert opens("sqlite:///data/chatorder.db", tenant, "correct horse")


# -- questions ------------------------------------------------------------------------


def typed(answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run `init` at a terminal; type each answer when its question has come."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "init"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "dumb"},
        start_new_session=True,  # or passwords are asked for at our own terminal
    )
    os.close(theirs)
    screen, place, deadline = "", 0, time.monotonic() + 120
    waiting = list(answers)
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.1)
        if ready:
            try:
                screen += os.read(ours, 65_536).decode()
            except OSError:  # the other end was closed
                break
        # What is typed before the question has ended is thrown away.
        if waiting and waiting[0][0] in screen[place:] and screen.endswith(": "):
            place = len(screen)
            os.write(ours, waiting.pop(0)[1].encode() + b"\n")
    os.close(ours)
    if waiting:
        process.kill()
    code = process.wait(30)
    assert not waiting, screen
    return code, screen


def test_at_a_terminal_it_asks_and_asks_again_what_was_wrong(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    code, screen = typed(
        [
            ("Database", ""),
            ("Name of the shop", "Kahve Evi"),
            ("Country", "Turkey"),
            ("Country", "tr"),
            ("Language", ""),
            ("Time zone", ""),
            ("Currency", ""),
            ("Email of the first admin", "ana@shop.example"),
            ("Their name", ""),
            ("Password", "short"),
            ("Password", "correct horse"),
            ("The same again", "another horse"),
            ("Password", "correct horse"),
            ("The same again", "correct horse"),
            ("Connect a WhatsApp number now?", "y"),
            ("App secret", "0f3a9c"),
            ("Phone number ID", "106540352242922"),
            ("Access token", "EAAG"),
            ("File with the products", ""),
        ]
    )
    assert code == 0, screen
    assert "country: 'Turkey' is not an ISO 3166 code" in screen
    assert "password: give 10 to 256 characters" in screen
    assert "the two differ" in screen
    for secret in ("correct horse", "0f3a9c", "EAAG"):
        assert secret not in screen, "what is secret is not echoed"
    assert "Next: chatorder serve" in screen
    [shop] = run("tenant", "list", "--json").json["data"]
    assert (shop["name"], shop["language"], shop["currency"]) == (
        "Kahve Evi",
        "tr",
        "TRY",
    )
    assert opens("sqlite:///data/chatorder.db", shop["id"], "correct horse")
