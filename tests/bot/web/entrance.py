"""The web role alone, on a real server, with two merchants: for tests of the edge."""

import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy import func, select

from bot.inbox.accounts import add_app, add_channel, add_tenant, find_tenant
from bot.inbox.table import contact_alias, message, message_status, quarantine
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.serving import bind, listening, upkeep
from bot.settings import Settings
from bot.simulator.webhooks import signature
from bot.web.application import build
from bot.wiring import running
from orders import Shop

SECRET_KEY = "test-secret-key-0123456789abcdef-0123456789"
#: Tables that a webhook may write to.
STORED = {
    "messages": message,
    "statuses": message_status,
    "quarantined": quarantine,
    "aliases": contact_alias,
}


@dataclass(frozen=True)
class Merchant:
    """A tenant with one app and two numbers."""

    tenant_id: str
    app_id: str
    secret: str
    verify_token: str
    numbers: tuple[str, str]


ANA = Merchant("tnt_ana", "app_ana", "ana-app-secret", "ana token", ("10001", "10002"))
BEN = Merchant("tnt_ben", "app_ben", "ben-app-secret", "ben token", ("20001", "20002"))


@dataclass(frozen=True)
class Entrance:
    """A running server and somebody who calls it."""

    runtime: Runtime
    url: str
    session: aiohttp.ClientSession

    async def post(
        self,
        body: bytes | Mapping[str, Any],
        *,
        secret: str = ANA.secret,
        path: str = "/webhooks/whatsapp",
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Post a body, signed with a secret; return the status."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if headers is None:
            headers = {"X-Hub-Signature-256": signature(secret, raw)}
        async with self.session.post(
            self.url + path,
            data=io.BytesIO(raw),
            headers=headers,
        ) as response:
            await response.read()
            return response.status

    async def stored(self) -> dict[str, int]:
        """Return how many rows each table has."""
        async with self.runtime.database.reading() as connection:
            return {
                name: (
                    await connection.execute(select(func.count()).select_from(table))
                ).scalar_one()
                for name, table in STORED.items()
            }

    async def rows(self, table: Any) -> Sequence[Any]:
        async with self.runtime.database.reading() as connection:
            return (await connection.execute(select(table))).all()


@asynccontextmanager
async def open_entrance(database_url: str, **changes: Any) -> AsyncIterator[Entrance]:
    """Serve two merchants on a migrated database."""
    async with AsyncExitStack() as stack:
        settings = Settings(
            database_url=database_url,
            secret_key=SECRET_KEY,
            **{"graph_api_url": "http://127.0.0.1:9", **changes},
        )
        runtime = await stack.enter_async_context(running(settings))
        async with runtime.database.reading() as connection:
            known = await find_tenant(connection, ANA.tenant_id)
        if known is None:
            await _furnish(runtime)
        await stack.enter_async_context(upkeep(runtime))
        listener = bind("127.0.0.1", 0)
        app = build(runtime)
        port = await stack.enter_async_context(listening(app, listener))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Entrance(runtime, f"http://127.0.0.1:{port}", session)


async def _furnish(runtime: Runtime) -> None:
    sealer, now = Sealer(SECRET_KEY), runtime.clock()
    async with runtime.database.transaction() as connection:
        for each in (ANA, BEN):
            await add_tenant(
                connection,
                id=each.tenant_id,
                name=each.tenant_id,
                language="en",
                timezone="Europe/Istanbul",
                currency="TRY",
                country="TR",
                shop=Shop(),
                now=now,
            )
            await add_app(
                connection,
                id=each.app_id,
                tenant_id=each.tenant_id,
                secret=each.secret,
                verify_token=each.verify_token,
                sealer=sealer,
                now=now,
            )
            for number in each.numbers:
                await add_channel(
                    connection,
                    id=f"chn_{number}",
                    tenant_id=each.tenant_id,
                    app_id=each.app_id,
                    external_id=number,
                    access_token="token",
                    sealer=sealer,
                    now=now,
                )


# -- bodies ---------------------------------------------------------------------------


def text(wamid: str, body: str = "2 latte", sender: str = "905551112233") -> Any:
    """Return one message as Meta writes it."""
    return {
        "from": sender,
        "id": wamid,
        "timestamp": "1795348800",
        "type": "text",
        "text": {"body": body},
    }


def status(wamid: str, state: str = "delivered") -> Any:
    return {
        "id": wamid,
        "status": state,
        "timestamp": "1795348801",
        "recipient_id": "905551112233",
    }


def change(number: str, *messages: Any, **more: Any) -> Any:
    """Return one change: messages for one number."""
    senders = dict.fromkeys(str(each["from"]) for each in messages)
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "90212", "phone_number_id": number},
        "contacts": [{"wa_id": each, "profile": {"name": "Ana"}} for each in senders],
        "messages": list(messages),
        **more,
    }
    return {"field": "messages", "value": value}


def envelope(*entries: Sequence[Any]) -> dict[str, Any]:
    """Return a whole body; each entry is a list of changes."""
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": list(changes)} for changes in entries],
    }


def body(wamid: str = "wamid.1", number: str = ANA.numbers[0], **message: Any) -> Any:
    """Return a body with one text message."""
    return envelope([change(number, text(wamid) | message)])
