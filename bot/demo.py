"""The demo's shop: tenant, channel, sink and catalog, and the phones at its other end.

Its secrets follow from the demo's own key, so that nothing has to be typed or kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.resources import as_file, files

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import (
    Role,
    add_app,
    add_channel,
    add_key,
    add_tenant,
    find_tenant,
    key_for,
)
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.simulator.actions import SampleLine
from bot.simulator.erp import DemoErp
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.simulator.webhooks import Number
from catalog.importing import Order, import_products
from orders import Shop
from orders.domain.events import SinkAccount
from orders.sinks import add_sink
from orders.table import sink

NAME = "Corner Cafe and Home"
#: Phones that are there when the page opens.
PHONES = (("905551110001", "Ana"), ("905551110002", "Mehmet"))
#: What a phone's catalog cart holds; its prices are what the customer saw.
SAMPLE_CART = (
    SampleLine("CAF-002", "Cappuccino", 2, Decimal(115), "TRY"),
    SampleLine("BAK-001", "Butter Croissant", 3, Decimal(70), "TRY"),
)
_NUMBER = "106540352242922"


@dataclass(frozen=True, slots=True)
class DemoShop:
    """What the shop and the simulator must agree on."""

    url: str
    sealer: Sealer
    number: Number
    verify_token: str
    erp_key: str
    erp_secret: str

    @property
    def sink_url(self) -> str:
        """Where the demo ERP takes orders."""
        return f"{self.url}/erp/orders"

    @classmethod
    def of(cls, sealer: Sealer, url: str) -> "DemoShop":
        """Return the shop of a secret key, reachable at a URL."""

        def secret(purpose: str) -> str:
            return sealer.derive(f"demo {purpose}").hex()

        return cls(
            url=url,
            sealer=sealer,
            number=Number(
                app_secret=secret("app secret")[:32],
                phone_number_id=_NUMBER,
                access_token=secret("access token"),
                business_number="902120000000",
                name=NAME,
            ),
            verify_token=secret("verify token"),
            erp_key=key_for(Role.INTEGRATION, secret("erp key")[:43]),
            erp_secret=secret("erp secret"),
        )


async def furnish(runtime: Runtime, shop: DemoShop) -> tuple[bool, str]:
    """Put the shop into the database, unless it is there; its sink follows the port.

    Returns whether it was new, and its id.
    """
    async with runtime.database.transaction() as connection:
        known = await find_tenant(connection, NAME)
        if known is not None:
            await connection.execute(
                update(sink)
                .where(sink.c.tenant_id == known.tenant.id)
                .values(url=shop.sink_url)
            )
            return False, known.tenant.id
    rules = Shop(delivery_fee=3000, free_delivery_from=50_000)
    tenant_id = await add_shop(runtime, shop, rules=rules)
    await stock(runtime, tenant_id)
    return True, tenant_id


async def stock(runtime: Runtime, tenant_id: str) -> None:
    """Put the demo's products into a tenant's catalog."""
    with as_file(files("bot.simulator") / "shop" / "products.csv") as path:
        report = await import_products(
            runtime.database,
            Order(runtime.new_id("imp"), tenant_id, path.name, "command"),
            path,
            new_id=runtime.new_id,
            clock=runtime.clock,
        )
    if report.errors:
        raise ValueError(f"the demo's products are wrong: {report.errors[0]}")


async def add_shop(
    runtime: Runtime, shop: DemoShop, *, rules: Shop, name: str = NAME
) -> str:
    """Store the tenant with its app, channel, key and sink; return its id."""
    tenant_id = runtime.new_id("tenant")
    async with runtime.database.transaction() as connection:
        await _add_shop(connection, runtime, shop, tenant_id, rules, name=name)
    return tenant_id


async def _add_shop(
    connection: AsyncConnection,
    runtime: Runtime,
    shop: DemoShop,
    tenant_id: str,
    rules: Shop,
    *,
    name: str,
) -> None:
    app_id, now = runtime.new_id("app"), runtime.clock()
    await add_tenant(
        connection,
        id=tenant_id,
        name=name,
        language="en",
        timezone="Europe/Istanbul",
        currency="TRY",
        country="TR",
        shop=rules,
        now=now,
    )
    await add_app(
        connection,
        id=app_id,
        tenant_id=tenant_id,
        secret=shop.number.app_secret,
        verify_token=shop.verify_token,
        sealer=shop.sealer,
        now=now,
    )
    await add_channel(
        connection,
        id=runtime.new_id("channel"),
        tenant_id=tenant_id,
        app_id=app_id,
        external_id=shop.number.phone_number_id,
        access_token=shop.number.access_token,
        sealer=shop.sealer,
        now=now,
    )
    await _add_erp(connection, runtime, shop, tenant_id)


async def _add_erp(
    connection: AsyncConnection, runtime: Runtime, shop: DemoShop, tenant_id: str
) -> None:
    now = runtime.clock()
    await add_key(
        connection,
        id=runtime.new_id("key"),
        tenant_id=tenant_id,
        role=Role.INTEGRATION,
        key=shop.erp_key,
        now=now,
    )
    await add_sink(
        connection,
        SinkAccount(
            id=runtime.new_id("sink"),
            tenant_id=tenant_id,
            kind="omnichat",
            url=shop.sink_url,
            secret=shop.sealer.seal(shop.erp_secret),
        ),
        now=now,
    )


def simulator_of(
    shop: DemoShop,
    *,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    delays: Delays | None = None,
) -> tuple[Simulator, DemoErp]:
    """Return the phones and the ERP that talk to the shop."""
    simulator = Simulator(
        shop.number,
        f"{shop.url}/webhooks/whatsapp",
        clock=clock,
        new_id=new_id,
        delays=delays,
    )
    for wa_id, name in PHONES:
        simulator.phone(wa_id, name)
    erp = DemoErp(
        url=shop.url,
        key=shop.erp_key,
        secret=shop.erp_secret,
        clock=clock,
        news=simulator.news,
    )
    return simulator, erp
