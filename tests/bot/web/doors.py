"""One server with a door of every kind of channel, for all tests of a module."""

import itertools
import json
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.channels.waha.gate import sign
from bot.inbox.gateways import add_gateway
from bot.inbox.table import message
from bot.sealing import Sealer
from bot.simulator.webhooks import signature
from tests.bot.web.entrance import ANA, SECRET_KEY, Entrance, open_entrance

SAMPLES = Path(__file__).parent.parent / "channels"
SECRET = "the-secret-of-this-channel-0123456789"
#: The samples' names of their accounts, and ours.
NUMBER, SAMPLE_NUMBER = ANA.numbers[0], "106540352242922"
FOLDERS = {"whatsapp": "whatsapp_cloud", "evolution": "evolution", "waha": "waha"}
_counter = itertools.count(1)


@dataclass(frozen=True)
class Doors:
    """A running server; `kind` below is that of a channel."""

    entrance: Entrance

    async def post(self, kind: str, body: bytes) -> int:
        """Post a body with a good proof; return the status."""
        path, headers = proof(kind, body)
        return await self.entrance.post(body, path=path, headers=headers)

    async def stored(self, ids: Iterable[str]) -> set[tuple[str, str]]:
        """Return event and id of the messages that are stored, of those with ids."""
        async with self.entrance.runtime.database.reading() as connection:
            rows = await connection.execute(
                select(message.c.event, message.c.provider_id).where(
                    message.c.provider_id.in_(list(ids))
                )
            )
        return {(row.event, row.provider_id) for row in rows}

    async def one(self, provider_id: str, event: str = "message") -> Any:
        """Return the one message with an id."""
        async with self.entrance.runtime.database.reading() as connection:
            rows = await connection.execute(
                select(message).where(
                    message.c.provider_id == provider_id, message.c.event == event
                )
            )
        return rows.one()


def proof(kind: str, body: bytes) -> tuple[str, Mapping[str, str]]:
    """Return where a body goes, and what proves it."""
    if kind == "whatsapp":
        return "/webhooks/whatsapp", {
            "X-Hub-Signature-256": signature(ANA.secret, body)
        }
    if kind == "evolution":
        return "/webhooks/evolution/chn_evo", {"X-Webhook-Secret": SECRET}
    return "/webhooks/waha/chn_waha", {"X-Webhook-Hmac": sign(SECRET, body)}


def new_id() -> str:
    """Return an id that no other message has."""
    return f"3AD00R{next(_counter):014d}"


def sample(kind: str, name: str = "text") -> Any:
    """Return a sample about an account of ours."""
    path = SAMPLES / FOLDERS[kind] / "payloads" / f"{name}.json"
    return json.loads(path.read_text("utf-8").replace(SAMPLE_NUMBER, NUMBER))


def samples(kind: str) -> list[Path]:
    return sorted((SAMPLES / FOLDERS[kind] / "payloads").glob("*.json"))


@asynccontextmanager
async def opened(url: str, **limits: Any) -> AsyncIterator[Doors]:
    """Serve two merchants of Meta's, an instance and a session on a database."""
    async with open_entrance(url, **limits) as entrance:
        kinds = (("evolution", "chn_evo", "shop1"), ("waha", "chn_waha", "default"))
        async with entrance.runtime.database.transaction() as connection:
            for kind, channel_id, instance in kinds:
                await add_gateway(
                    connection,
                    id=channel_id,
                    tenant_id=ANA.tenant_id,
                    kind=kind,
                    base_url="http://127.0.0.1:9",
                    instance=instance,
                    api_key="key of the api",
                    webhook_secret=SECRET,
                    sealer=Sealer(SECRET_KEY),
                    now=entrance.runtime.clock(),
                )
        entrance.runtime.directories.expire()
        yield Doors(entrance)


def sqlite_copy(migrated: Path, folder: Path) -> str:
    """Return the URL of a migrated, empty SQLite file."""
    return f"sqlite:///{shutil.copy(migrated, folder / 'doors.db')}"
