"""What every test may ask for. Servers start when the first test needs them."""

import gc
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from bot.db import Database
from bot.migrations.upgrade import upgrade
from tests import migrated, network, servers
from tests.database_pool import Lending
from tests.databases import add_test_tenant, apart, copy_database, execute

network.forbid()
#: What a dialogue expects and gets is shown as in a test.
pytest.register_assert_rewrite("tests.playing")
_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Write errors plainly: with every local in colours each took seconds."""
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


#: Files that take long, by the beginning of their path: they begin first, so that at
#: the end nobody waits for one of them.
_LONG = (
    *("tests/test_distribution.py", "tests/chaos/", "tests/end_to_end/"),
    *("tests/conversations/", "tests/bot/web/api/test_fuzzing.py", "tests/docs/"),
    *("tests/bot/commands/", "tests/bot/backup/", "tests/attacks/"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; `make test` hands files out in this order."""

    def place(item: pytest.Item) -> int:
        starts = (i for i, path in enumerate(_LONG) if item.nodeid.startswith(path))
        return next(starts, len(_LONG))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Calm the collector, as the product does: what was imported never becomes free.

    Looking at it again and again was a tenth of the time of all tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish() -> None:
    """Let extensions see their objects go, or they call them leaks."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def migrations() -> Iterator[migrated.Memory]:
    """Let migrations of empty databases take no time: see `tests.migrated`."""
    with migrated.remembered() as memory:
        yield memory


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """Return a PostgreSQL of this process: `address.format(database)` is a URL.

    Its database `migrated` is the template of the others.
    """
    with servers.postgres() as address:
        execute(address.format("postgres"), "CREATE DATABASE migrated")
        apart(upgrade(address.format("migrated")))
        yield address


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.RedisServer]:
    with servers.redis() as server, pytest.MonkeyPatch.context() as patch:
        # On a machine that stops for a second, Redis is not gone.
        patch.setattr("bot.inbox.buckets._TIMEOUT", 3.0)
        yield server


@pytest.fixture(scope="session")
def redis_url(redis_server: servers.RedisServer) -> str:
    return redis_server.url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file that is migrated and empty, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    apart(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def empty_postgres_url(postgres_address: str) -> Iterator[str]:
    """Return the URL of a PostgreSQL database without any table."""
    name = f"empty{next(_numbers)}"
    yield copy_database(postgres_address, name, template="template1")
    execute(postgres_address.format("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def lending(postgres_address: str) -> Iterator[Lending]:
    """Return the PostgreSQL databases of this process: `with lending.lent() as url`."""
    with Lending(postgres_address) as lending:
        yield lending


@pytest.fixture
def postgres_url(lending: Lending) -> Iterator[str]:
    with lending.lent() as url:
        yield url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'test.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a migrated, empty database: once for each engine."""
    engine = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(engine)
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return an open, migrated, empty database: once for each engine."""
    database = Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database.open(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database.open(postgres_url)
    yield database
    await database.close()


@pytest.fixture
async def tenant_id(database: Database) -> str:
    """Return the id of a tenant, "Test Shop", in `database`."""
    return await add_test_tenant(database)
