"""The doctor: finds what does not work, says what to do, and changes nothing."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from bot.db.migrating import migrating
from bot.doctor.clocks import check_clock
from bot.doctor.examining import examine
from bot.doctor.files import check_files
from bot.doctor.finding import Finding, Level
from bot.doctor.outside import check_sink
from bot.ident import utc_now
from bot.inbox.health_table import alarm, channel_vitals
from bot.inbox.table import analysis, channel
from bot.settings import Configured, Settings
from orders.domain.events import SinkAccount
from orders.table import outbox, sink
from tests.bot.migrations import filled
from tests.bot.migrations.filling import SECRET_KEY
from tests.graph_api import Drop, GraphApi, Say, graph_api

NUMBER = {"verified_name": "Kahve Evi", "display_phone_number": "+90 212 555 01 01"}


@pytest.fixture
async def meta() -> AsyncIterator[GraphApi]:
    async with graph_api() as api:
        yield api


@pytest.fixture
async def settings(database_url: str, tmp_path: Path, meta: GraphApi) -> Settings:
    """Return the settings of a shop in which everything is as it should be."""
    async with migrating(database_url) as connection:
        await connection.run_sync(filled.insert)
        await connection.execute(update(sink).values(url="http://localhost:9/orders"))
        done = analysis.c.status == "failed"
        await connection.execute(update(analysis).where(done).values(status="retried"))
    return Settings(
        database_url=database_url,
        secret_key=SECRET_KEY,
        media_dir=tmp_path / "media",
        graph_api_url=meta.url,
        public_url="https://shop.example",
        reader="rules",
    )


async def looked(settings: Settings, *warnings: str) -> Sequence[Finding]:
    return await examine(Configured(settings, warnings))


def about(findings: Sequence[Finding], subject: str) -> Finding:
    """Return the worst finding about a subject."""
    mine = [each for each in findings if each.subject.startswith(subject)]
    return max(mine, key=lambda each: list(Level).index(each.level))


async def test_where_all_is_well_it_says_so_for_each_part(
    settings: Settings, meta: GraphApi
) -> None:
    meta.will(Say(200, NUMBER))
    findings = await looked(settings)
    assert not [each for each in findings if each.level is Level.ERROR]
    for subject in (
        *("settings", "media folder", "database", "secrets", "work"),
        *("redis", "openai", "channel", "sink"),
    ):
        assert about(findings, subject).remedy is None, subject
    assert "Kahve Evi +90 212" in about(findings, "channel").words
    call, about_token = meta.calls
    assert about_token.path == "/v23.0/debug_token", "it asks when the token ends"
    assert call.method == "GET"
    assert call.path == "/v23.0/106540352242922"
    assert call.headers["Authorization"].startswith("Bearer ")


async def test_nothing_is_changed_by_looking(settings: Settings) -> None:
    async def told() -> list[str]:
        async with migrating(settings.database_url) as connection:
            return [
                str(await connection.run_sync(filled.rows, name))
                for name in filled.TABLES
            ]

    before = await told()
    await looked(settings)
    assert await told() == before
    assert not settings.media_dir.exists()


# -- settings and files ---------------------------------------------------------------


async def test_odd_settings_are_told_with_the_remedy(settings: Settings) -> None:
    changed = settings.model_copy(update={"public_url": "http://shop.example"})
    findings = await looked(changed, "CHATORDER_PROT is not a setting")
    told = [each for each in findings if each.subject == "settings"]
    assert [each.level for each in told] == [Level.WARNING, Level.WARNING]
    assert "CHATORDER_PROT" in told[0].words
    assert "is not https" in told[1].words


async def test_without_a_key_it_says_how_to_make_one_and_looks_on(
    settings: Settings,
) -> None:
    findings = await looked(settings.model_copy(update={"secret_key": None}))
    found = about(findings, "settings")
    assert found.level is Level.ERROR
    assert "secret new" in str(found.remedy)
    assert about(findings, "database").level is Level.OK


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    # Nobody, root included, makes a folder below a file.
    (tmp_path / "file").touch()
    (tmp_path / "db").mkdir()
    found = list(
        check_files(
            Settings(
                media_dir=Path("/proc/no/such/place"),
                database_url=f"sqlite:///{tmp_path}/db/a.db",
            )
        )
    )
    assert about(found, "media folder").level is Level.ERROR
    assert "CHATORDER_MEDIA_DIR" in str(about(found, "media folder").remedy)
    assert about(found, "database folder").level is not Level.ERROR


MOUNTS = {
    "local": ("/dev/sda1 / ext4 rw 0 0\n", False),
    "network": ("/dev/sda1 / ext4 rw 0 0\nhost:/x {place} nfs4 rw 0 0\n", True),
    "above": ("host:/ / nfs rw 0 0\n", True),
    "beside": ("/dev/sda1 / ext4 rw 0 0\nhost:/x {place}x nfs4 rw 0 0\n", False),
    "unknown": ("", False),
}


@pytest.mark.parametrize(("lines", "far"), MOUNTS.values(), ids=MOUNTS)
def test_sqlite_on_the_disk_of_another_machine_is_an_error(
    tmp_path: Path, lines: str, far: bool
) -> None:
    place = tmp_path / "with space"
    place.mkdir()
    mounts = tmp_path / "mounts"
    mounts.write_text(lines.format(place=str(place).replace(" ", r"\040")))
    settings = Settings(database_url=f"sqlite:///{place}/a.db", media_dir=tmp_path)
    found = list(check_files(settings, mounts=mounts))
    assert any("lies on another machine" in each.words for each in found) is far


# -- the database ---------------------------------------------------------------------


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/none.db",
        secret_key=SECRET_KEY,
        media_dir=tmp_path,
        reader="rules",
    )
    found = about(await looked(settings), "database")
    assert found.level is Level.ERROR
    assert "chatorder init" in str(found.remedy)
    assert names_in(tmp_path) == []


async def test_a_database_that_does_not_answer_is_an_error_without_its_password(
    tmp_path: Path,
) -> None:
    settings = Settings(
        database_url="postgresql://shop:hidden-password@127.0.0.1:9/shop",
        secret_key=SECRET_KEY,
        media_dir=tmp_path,
        reader="rules",
    )
    found = about(await looked(settings), "database")
    assert found.level is Level.ERROR
    assert "hidden-password" not in str(found)


REVISIONS = {"0001": "chatorder migrate", "9999": "run that version"}


@pytest.mark.parametrize(("revision", "remedy"), REVISIONS.items(), ids=REVISIONS)
async def test_a_schema_of_another_version_is_an_error(
    settings: Settings, revision: str, remedy: str
) -> None:
    async with migrating(settings.database_url) as connection:
        change = text("UPDATE alembic_version SET version_num = :revision")
        await connection.execute(change, {"revision": revision})
    found = about(await looked(settings), "database")
    assert found.level is Level.ERROR
    assert remedy in str(found.remedy)


async def test_a_database_that_only_reads_is_an_error(
    postgres_url: str, tmp_path: Path
) -> None:
    name = postgres_url.partition("/test")[2].partition("?")[0]
    async with migrating(postgres_url) as connection:
        only = f"ALTER DATABASE test{name} SET default_transaction_read_only = on"
        await connection.execute(text(only))
    settings = Settings(
        database_url=postgres_url,
        secret_key=SECRET_KEY,
        media_dir=tmp_path,
        reader="rules",
    )
    found = about(await looked(settings), "database")
    assert found.level is Level.ERROR
    assert "cannot be written" in found.words


async def test_secrets_that_do_not_open_are_counted(settings: Settings) -> None:
    changed = settings.model_copy(
        update={"secret_key": Settings(secret_key="x" * 43).secret_key}
    )
    found = about(await looked(changed), "secrets")
    assert found.level is Level.ERROR
    assert "4 of 4 stored secrets do not open (app." in found.words


async def test_what_waits_for_a_person_is_told(settings: Settings) -> None:
    async with migrating(settings.database_url) as connection:
        await connection.execute(update(outbox).values(state="parked"))
        await connection.execute(update(analysis).values(status="failed"))
        await connection.execute(update(channel).values(state="paused"))
        await connection.execute(update(sink).values(state="paused"))
    told = [each for each in await looked(settings) if each.subject == "work"]
    assert [each.level for each in told] == [Level.WARNING] * 4
    assert "10 deliveries are parked" in told[0].words
    assert "turn retry" in str(told[1].remedy)


async def test_how_channels_do_is_told_from_what_was_heard(settings: Settings) -> None:
    (quiet,) = [e for e in await looked(settings) if e.subject.startswith("messages")]
    assert "the last message came 2026-" in quiet.words
    now = utc_now()
    async with migrating(settings.database_url) as connection:
        (own,) = await connection.execute(select(channel.c.id, channel.c.tenant_id))
        mine = {"channel_id": own.id, "tenant_id": own.tenant_id}
        old = now - timedelta(days=8)
        await connection.execute(insert(channel_vitals).values(**mine, heard_at=old))
        raised = {"tenant_id": own.tenant_id, "subject": own.id, "raised_at": now}
        await connection.execute(
            insert(alarm).values(id="alm_1", kind="signatures", words="wrong", **raised)
        )
    silent = about(await looked(settings), "messages")
    assert silent.level is Level.WARNING
    assert "/setup" in str(silent.remedy)
    told = about(await looked(settings), "alarm")
    assert (told.level, told.words) == (Level.WARNING, f"wrong ({own.id})")
    assert "rotate-secret" in str(told.remedy)
    async with migrating(settings.database_url) as connection:
        soon = now + timedelta(days=2)
        await connection.execute(update(channel_vitals).values(expires_at=soon))
    ends = about(await looked(settings), "messages")
    assert "token is good until" in ends.words
    assert "channel activate" in str(ends.remedy)


async def test_an_empty_shop_is_told_to_be_made(
    sqlite_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        database_url=sqlite_url,
        secret_key=SECRET_KEY,
        media_dir=tmp_path,
        reader="rules",
    )
    found = about(await looked(settings), "work")
    assert found.level is Level.WARNING
    assert "chatorder init" in str(found.remedy)


# -- the network ----------------------------------------------------------------------

EXPIRED = {"error": {"message": "expired", "type": "OAuthException", "code": 190}}
CHANNELS: dict[str, tuple[Any, Level, str]] = {
    "refused": (Say(401, EXPIRED), Level.ERROR, "is refused"),
    "broken": (Say(500, b""), Level.WARNING, "nobody can say now"),
    "silent": (Drop(), Level.WARNING, "nobody can say now"),
    "strange": (Say(200, b"<html>"), Level.WARNING, "nobody can say now"),
    "poor": (Say(200, NUMBER | {"quality_rating": "RED"}), Level.WARNING, "low (red)"),
    "good": (Say(200, NUMBER | {"quality_rating": "GREEN"}), Level.OK, "token is good"),
}


@pytest.mark.parametrize(("says", "level", "words"), CHANNELS.values(), ids=CHANNELS)
async def test_a_channels_token_is_tried(
    settings: Settings, meta: GraphApi, says: Any, level: Level, words: str
) -> None:
    meta.will(says)
    found = about(await looked(settings), "channel")
    assert found.level is level
    assert words in found.words
    assert "Bearer" not in str(found)


async def test_a_clock_that_is_wrong_is_found_out_by_meta(
    settings: Settings, meta: GraphApi
) -> None:
    late = datetime.now(UTC) - timedelta(minutes=5)  # noqa: TID251  # a real clock
    meta.will(Say(200, NUMBER, {"Date": format_datetime(late, usegmt=True)}))
    findings = await looked(settings)
    clock = [each for each in findings if each.subject == "clock"][-1]
    assert clock.level is Level.ERROR
    assert "ahead of the provider" in clock.words


CLOCKS = {
    0: Level.OK,
    4: Level.OK,
    -6: Level.WARNING,
    59: Level.WARNING,
    61: Level.ERROR,
}


@pytest.mark.parametrize(("seconds", "level"), CLOCKS.items())
def test_clocks_may_differ_a_little(seconds: int, level: Level) -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    found = check_clock("Meta", noon, noon + timedelta(seconds=seconds))
    assert found.level is level


LISTED = {"data": [{"id": "gpt-5.4-mini"}, {"id": "other"}]}
MODELS: dict[str, tuple[Any, Level, str]] = {
    "good": (Say(200, LISTED), Level.OK, "takes the key and has gpt-5.4-mini"),
    "refused": (Say(401, {"error": {}}), Level.ERROR, "refuses the key"),
    "not there": (Say(404), Level.ERROR, "HTTP 404"),
    "unknown model": (Say(200, {"data": [{"id": "x"}]}), Level.WARNING, "not list"),
    "no list": (Say(200, {"hello": 1}), Level.WARNING, "no list of models"),
    "silent": (Drop(), Level.ERROR, "does not answer"),
}


@pytest.mark.parametrize(("says", "level", "words"), MODELS.values(), ids=MODELS)
async def test_the_models_server_is_asked_with_the_key(
    tmp_path: Path, meta: GraphApi, says: Any, level: Level, words: str
) -> None:
    meta.will(says, says)  # a dropped one is asked for again
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/none.db",
        secret_key=SECRET_KEY,
        media_dir=tmp_path,
        openai_api_key="sk-secret",
        openai_base_url=f"{meta.url}/v1",
    )
    found = about(await looked(settings), "openai")
    assert found.level is level
    assert words in found.words
    assert "sk-secret" not in str(found)
    assert meta.calls[0].path == "/v1/models"
    assert meta.calls[0].headers["Authorization"] == "Bearer sk-secret"


async def test_redis_is_pinged(settings: Settings, redis_url: str) -> None:
    with_redis = settings.model_copy(update={"redis_url": redis_url})
    assert about(await looked(with_redis), "redis").words == "answers"
    gone = settings.model_copy(update={"redis_url": "unix:///no/such/socket"})
    assert about(await looked(gone), "redis").level is Level.ERROR


SINKS = {
    "http://localhost:9/orders": Level.OK,
    "http://127.0.0.1/orders": Level.OK,
    f"http://{'a' * 70}.example/": Level.ERROR,
}


@pytest.mark.parametrize(("url", "level"), SINKS.items())
async def test_a_sinks_host_is_looked_up(url: str, level: Level) -> None:
    account = SinkAccount(
        id="sink_1", tenant_id="tenant_1", kind="webhook", url=url, secret=""
    )
    assert (await check_sink(account)).level is level
