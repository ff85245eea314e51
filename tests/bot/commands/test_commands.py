"""Commands: an example in every help, one object as JSON, one clear line on error."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.commands.program import build
from bot.db import Database
from bot.ident import utc_now
from bot.inbox.accounts import Role, find_key
from bot.inbox.directory import load_directory
from bot.sealing import Sealer
from orders.sinks import load_sinks
from tests.bot.commands.conftest import SECRET_KEY, Ran, Run
from tests.databases import apart

ROOT = Path(__file__).parents[3]
FEED = "sku,name,price\nLAT,Caffe latte,95\nCRO,Chocolate croissant,80.50\n"


_CONTEXT: Any = None  #: Nothing of ours looks at it.


def every_command(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    if isinstance(command, TyperGroup):
        for name in command.list_commands(_CONTEXT):
            yield from every_command(command.get_command(_CONTEXT, name), *path, name)
    else:
        yield path


COMMANDS = list(every_command(get_command(build())))
MINE = [
    ("migrate",),
    ("secret", "new"),
    ("tenant", "add"),
    ("tenant", "list"),
    ("app", "add"),
    ("channel", "add", "whatsapp"),
    ("key", "add"),
    ("key", "list"),
    ("key", "revoke"),
    ("sink", "add"),
    ("catalog", "import"),
    ("catalog", "search"),
]


def test_all_commands_are_there() -> None:
    assert set(MINE) <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_has_an_example(run: Run, path: tuple[str, ...]) -> None:
    shown = run(*path, "--help")
    assert shown.code == 0
    assert f"Example: chatorder {' '.join(path)}" in " ".join(shown.out.split())


@pytest.mark.parametrize("path", MINE, ids=" ".join)
def test_every_command_can_answer_in_json(run: Run, path: tuple[str, ...]) -> None:
    assert "--json" in run(*path, "--help").out


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    shown = run()
    assert shown.code == 0
    assert "migrate" in shown.out
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", run("--version").out)


WRONG_USE = [
    (("tnant",), "No such command 'tnant'. Did you mean 'tenant'? See `chatorder"),
    (("tenant",), "Missing command. See `chatorder tenant --help`."),
    (("tenant", "add"), "Missing argument 'name'"),
    (("key", "add", "--role", "boss", "--tenant", "t"), "'boss' is not one of"),
    (("key", "list"), "Missing option '--tenant'"),
    (("migrate", "--now"), "No such option: --now"),
    (("channel", "add", "fax"), "No such command 'fax'"),
    (
        ("sink", "add", "--tenant", "t", "--kind", "fax", "--url", "http://a"),
        "'fax' is no kind of sink: use one of akinon, omnichat, webhook",
    ),
]


@pytest.mark.parametrize(("words", "says"), WRONG_USE, ids=lambda v: " ".join(v)[:30])
def test_wrong_use_is_one_line_and_exit_code_2(
    run: Run, words: tuple[str, ...], says: str
) -> None:
    ended = run(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("chatorder: ")
    assert ended.err.count("\n") == 1
    assert says in ended.err


def failed(ended: Ran) -> str:
    """Return the one line that a failing command says."""
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("chatorder: ")
    assert ended.err.count("\n") == 1
    return ended.err


# -- migrate and settings -------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_migrate_fills_an_empty_database_and_may_be_repeated(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    engine: str,
) -> None:
    if engine == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
        monkeypatch.setenv("CHATORDER_DATABASE_URL", url)
    first = run("migrate", "--json")
    assert first.code == 0
    assert first.json["before"] is None
    head = first.json["now"]
    again = run("migrate")
    assert again.code == 0
    assert f"already at {head}" in again.out
    assert Path("data/chatorder.db").exists() is (engine == "sqlite")


def test_migrate_never_prints_the_databases_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, empty_postgres_url: str
) -> None:
    url = empty_postgres_url.replace("postgres@", "postgres:hunter2@")
    monkeypatch.setenv("CHATORDER_DATABASE_URL", url)
    ended = run("migrate")
    assert ended.code == 0
    assert "hunter2" not in ended.out + ended.err


def test_postgresql_must_be_migrated_first(
    run: Run, monkeypatch: pytest.MonkeyPatch, empty_postgres_url: str
) -> None:
    monkeypatch.setenv("CHATORDER_DATABASE_URL", empty_postgres_url)
    assert "is empty: run `chatorder migrate`" in failed(run("tenant", "list"))


def test_sqlite_is_made_on_the_way(run: Run) -> None:
    assert run("tenant", "list", "--json").json == {"data": [], "total": 0}
    assert Path("data/chatorder.db").exists()


def test_a_database_that_is_not_there_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "postgresql://me@127.0.0.1:1/shop"
    monkeypatch.setenv("CHATORDER_DATABASE_URL", nowhere)
    assert "the database cannot be reached" in failed(run("tenant", "list"))
    assert "the database cannot be reached" in failed(run("migrate"))


def test_a_wrong_name_of_a_database_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, postgres_address: str
) -> None:
    monkeypatch.setenv("CHATORDER_DATABASE_URL", postgres_address.format("shpo"))
    refused = 'the database refuses: .*"shpo" does not exist'
    assert re.search(refused, failed(run("tenant", "list")))
    assert re.search(refused, failed(run("migrate")))


def test_a_folder_that_cannot_be_made_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("CHATORDER_DATABASE_URL", "sqlite:///./file/chatorder.db")
    assert "the database cannot be reached" in failed(run("tenant", "list"))


def test_a_malformed_setting_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_PORT", "eighty")
    assert "CHATORDER_PORT is 'eighty'" in failed(run("tenant", "list"))


def test_an_unknown_setting_warns_on_stderr_only(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_PROT", "1")
    ended = run("tenant", "list", "--json")
    assert ended.json["total"] == 0
    assert ended.err == (
        "warning: CHATORDER_PROT is not a setting: did you mean CHATORDER_PORT?\n"
    )


# -- tenants --------------------------------------------------------------------------


@pytest.mark.usefixtures("on_both")
def test_a_tenant_is_added_and_listed(run: Run) -> None:
    added = run(
        *("tenant", "add", "Kahve Evi", "--language", "tr", "--country", "TR"),
        *("--timezone", "Europe/Istanbul", "--json"),
    )
    assert added.code == 0
    tenant = added.json
    assert tenant == {
        "id": tenant["id"],
        "name": "Kahve Evi",
        "language": "tr",
        "timezone": "Europe/Istanbul",
        "currency": "TRY",
        "country": "TR",
    }
    assert run("tenant", "list", "--json").json == {"data": [tenant], "total": 1}
    listed = run("tenant", "list").out
    assert tenant["id"] in listed
    assert "Kahve Evi" in listed


@pytest.mark.usefixtures("on_sqlite")
def test_a_tenant_needs_only_a_name(run: Run) -> None:
    added = run("tenant", "add", "Shop")
    assert added.code == 0
    assert "currency USD" in added.out
    assert re.search(r"Next: chatorder catalog import .* tenant_\w{26}", added.out)


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--timezone", "Europe/Istambul", "did you mean Europe/Istanbul?"),
        ("--currency", "TLR", "currency: 'TLR' is not an ISO 4217 code"),
        ("--country", "UK", "country: 'UK' is not an ISO 3166 code"),
        ("--language", "ja", "language: we do not speak 'ja' yet; use en"),
    ],
)
def test_a_wrong_tenant_is_one_line(
    run: Run, option: str, value: str, says: str
) -> None:
    assert says in failed(run("tenant", "add", "Shop", option, value))


# -- apps, channels, sinks ------------------------------------------------------------


def add_app(run: Run, tenant: str, *words: str) -> Ran:
    return run("app", "add", "--tenant", tenant, "--app-secret", "5ec2e7", *words)


@pytest.mark.usefixtures("on_both")
def test_an_app_and_a_channel_are_added_and_sealed(
    run: Run, tenant: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_PUBLIC_URL", "https://shop.example")
    app = add_app(run, "Test Shop", "--verify-token", "verify-me", "--json").json
    assert app == {
        "id": app["id"],
        "webhook_url": f"https://shop.example/webhooks/whatsapp/{app['id']}",
        "verify_token": "verify-me",
    }
    channel = run(
        *("channel", "add", "whatsapp", "--tenant", tenant, "--app", app["id"]),
        *("--phone-number-id", "106540352242922", "--access-token", "EAAtoken"),
        "--json",
    ).json

    async def look() -> None:
        database = Database.open(database_url)
        async with database.reading() as connection:
            directory = await load_directory(connection, Sealer(SECRET_KEY))
        await database.close()
        entry = directory.channel("whatsapp", "106540352242922")
        assert entry is not None
        assert entry.account.channel_id == channel["id"]
        assert entry.account.tenant_id == tenant
        assert entry.account.access_token == "EAAtoken"
        assert directory.apps[0].secret == "5ec2e7"

    apart(look())


@pytest.mark.usefixtures("on_sqlite")
def test_what_to_paste_where_is_printed_but_no_given_secret(
    run: Run, tenant: str
) -> None:
    added = add_app(run, tenant)
    assert "Callback URL: http://127.0.0.1:8080/webhooks/whatsapp/app_" in added.out
    assert re.search(r"Verify token: \S{32}\n", added.out)
    assert "CHATORDER_PUBLIC_URL is not set" in added.out
    assert "5ec2e7" not in added.out + added.err


@pytest.mark.usefixtures("on_both")
def test_a_sink_is_added_with_a_secret_of_its_own(
    run: Run, tenant: str, database_url: str
) -> None:
    words = ("sink", "add", "--tenant", tenant, "--url", "https://erp.example/o")
    made = run(*words, "--kind", "webhook", "--json").json
    given = run(*words, "--kind", "omnichat", "--secret", "s" * 16)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", made["secret"])
    assert given.code == 0
    assert "s" * 16 not in given.out
    names = ("channel_id", "payment_option", "cargo_company", "price_list")
    options = [f"--option={name}=5" for name in (*names, "stock_list")]
    third = run(*words, "--kind", "akinon", "--secret", "s" * 16, *options)
    assert third.code == 0

    async def look() -> None:
        database = Database.open(database_url)
        async with database.reading() as connection:
            first, second, last = (await load_sinks(connection, [tenant]))[tenant]
        await database.close()
        assert (first.kind, second.kind) == ("webhook", "omnichat")
        assert first.options == {"format": "cloudevents"}
        assert second.options == {"status_changes": True}
        assert last.options == {**dict.fromkeys(names, 5), "stock_list": 5}
        assert Sealer(SECRET_KEY).open(first.secret) == made["secret"]
        assert Sealer(SECRET_KEY).open(second.secret) == "s" * 16

    apart(look())


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--url", "ftp://erp.example"), "url: 'ftp://erp.example' is not an http"),
        (("--url", "https://"), "is not an http or https address"),
        (("--url", "http://[x"), "is not an http or https address"),
        (("--url", "http://a", "--secret", "short"), "at least 16 characters"),
        (("--url", "http://a", "--secret", "whsec_*"), "after 'whsec_' comes base64"),
        (("--url", "http://a", "--option", "red"), "'red' is no option: write it as"),
        (("--url", "http://a", "--kind", "akinon"), "--secret: give the key that"),
        (
            (
                *("--url", "http://a", "--kind", "akinon", "--secret", "s" * 16),
                *("--option", "channel_id=five"),
            ),
            "--option: channel_id: input should be a valid integer; payment_option is",
        ),
    ],
)
def test_a_wrong_sink_is_one_line(
    run: Run, tenant: str, words: tuple[str, ...], says: str
) -> None:
    base = ("sink", "add", "--tenant", tenant, "--kind", "webhook")
    assert says in failed(run(*base, *words))


NEEDING_A_KEY = [
    ("app", "add", "--tenant", "Test Shop", "--app-secret", "s"),
    (
        *("channel", "add", "whatsapp", "--tenant", "Test Shop", "--app", "a"),
        *("--phone-number-id", "123456", "--access-token", "t"),
    ),
    ("sink", "add", "--tenant", "Test Shop", "--kind", "webhook", "--url", "http://a"),
]


@pytest.mark.parametrize("words", NEEDING_A_KEY, ids=lambda words: words[0])
def test_without_a_secret_key_nothing_secret_is_stored(
    run: Run, tenant: str, words: tuple[str, ...]
) -> None:
    line = failed(run(*words))
    assert "CHATORDER_SECRET_KEY is not set" in line
    assert "chatorder secret new" in line


def test_a_new_secret_key_is_printed_and_fits(
    run: Run, monkeypatch: pytest.MonkeyPatch, tenant: str
) -> None:
    key = run("secret", "new", "--json").json["secret_key"]
    Path(".env").write_text(f"CHATORDER_SECRET_KEY={key}\n")
    assert add_app(run, tenant).code == 0
    assert re.search(
        r"^CHATORDER_SECRET_KEY=\S{43}$", run("secret", "new").out, re.MULTILINE
    )


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(
    "words", [*NEEDING_A_KEY, ("key", "list", "--tenant", "Test Shop")], ids=str
)
def test_an_unknown_tenant_is_one_line(run: Run, words: tuple[str, ...]) -> None:
    line = failed(run(*words))
    assert "there is no tenant 'Test Shop': see `chatorder tenant list`" in line


# -- keys -----------------------------------------------------------------------------


@pytest.mark.usefixtures("on_both")
def test_a_key_is_shown_once_and_can_be_revoked(
    run: Run, tenant: str, database_url: str
) -> None:
    made = run("key", "add", "--tenant", tenant, "--role", "integration", "--json").json
    assert re.fullmatch(r"co_i_[A-Za-z0-9_-]{43}", made["key"])

    async def holder() -> object:
        database = Database.open(database_url)
        async with database.reading() as connection:
            found = await find_key(connection, made["key"], now=utc_now())
        await database.close()
        return found and (found.id, found.tenant_id, found.role)

    assert apart(holder()) == (made["id"], tenant, Role.INTEGRATION)
    listed = run("key", "list", "--tenant", tenant)
    assert made["id"] in listed.out
    assert made["key"] not in listed.out
    ended = run("key", "revoke", made["id"], "--tenant", tenant, "--json")
    assert ended.json == {"id": made["id"], "revoked": True}
    assert apart(holder()) is None
    (row,) = run("key", "list", "--tenant", tenant, "--json").json["data"]
    assert row["revoked_at"] is not None


@pytest.mark.usefixtures("on_sqlite")
def test_an_unknown_key_is_one_line(run: Run, tenant: str) -> None:
    line = failed(run("key", "revoke", "key_9", "--tenant", tenant))
    assert "key: this tenant has no key 'key_9'" in line


# -- catalog --------------------------------------------------------------------------


@pytest.mark.usefixtures("on_both")
def test_a_catalog_is_imported_and_searched(run: Run, tenant: str) -> None:
    Path("feed.csv").write_text(FEED)
    words = ("catalog", "import", "feed.csv", "--tenant", tenant, "--json")
    right = {"format": "csv", "mistakes": 0, "errors": [], "warnings": []}
    counts = right | {"added": 2, "changed": 0, "unchanged": 0}
    assert run(*words, "--dry-run").json == counts | {"stored": False}
    assert run(*words).json == counts | {"stored": True}
    again = {"added": 0, "changed": 0, "unchanged": 2, "stored": True}
    assert run(*words).json == right | again
    found = run("catalog", "search", "caffe latte", "--tenant", tenant, "--json").json
    assert found["outcome"] == "certain"
    assert found["candidates"][0]["sku"] == "LAT"
    assert found["candidates"][0]["price"] == "95 TRY"
    shown = run("catalog", "search", "caffe latte", "--tenant", tenant).out
    assert "'caffe latte': certain" in shown
    assert "Caffe latte" in shown
    nothing = run("catalog", "search", "bicycle", "--tenant", tenant, "--json").json
    assert nothing["outcome"] == "unknown"


@pytest.mark.usefixtures("on_sqlite")
def test_a_wrong_row_stops_the_import_unless_partial(run: Run, tenant: str) -> None:
    Path("feed.csv").write_text(FEED + "TEA,Tea,cheap\n")
    words = ("catalog", "import", "feed.csv", "--tenant", tenant)
    ended = run(*words)
    assert ended.code == 1
    assert ended.out == ""
    where, summary = ended.err.splitlines()
    assert where.startswith("feed.csv, line 4, price: ")
    assert "1 mistakes in feed.csv" in summary
    assert "nothing was stored" in summary
    partial = run(*words, "--partial", "--json").json
    assert (partial["added"], partial["stored"]) == (2, True)
    assert len(partial["errors"]) == 1


@pytest.mark.usefixtures("on_sqlite")
def test_a_missing_file_is_one_line(run: Run, tenant: str) -> None:
    line = failed(run("catalog", "import", "nowhere.csv", "--tenant", tenant))
    assert "there is no file nowhere.csv" in line


# -- as a process ---------------------------------------------------------------------


def test_the_program_runs_as_a_process(tmp_path: Path) -> None:
    environment = {"CHATORDER_DATABASE_URL": f"sqlite:///{tmp_path}/a/b.db"}

    def start(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env={"PATH": "", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    good = start("migrate")
    assert (good.returncode, good.stderr) == (0, "")
    assert "migrated from nothing to 0" in good.stdout
    bad = start("tenant", "add", "Shop", "--timezone", "Mars")
    assert bad.returncode == 1
    assert bad.stdout == ""
    assert bad.stderr.startswith("chatorder: timezone: 'Mars'")
    assert start("tenant", "ad").returncode == 2


def test_a_command_imports_what_it_needs_and_no_more() -> None:
    code = (
        "import sys; from bot.commands.program import build; from typer.main import"
        " get_command; get_command(build()).get_command(None, 'migrate');"
        " print(sorted({'aiohttp', 'openai', 'jinja2'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"
