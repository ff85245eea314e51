"""Gateways beside a running shop: set up as their owners would, by what we print."""

import itertools
import shlex
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bot.inbox.gateways import add_gateway
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.simulator.evolution import EvolutionApi
from bot.simulator.gateways import Account, Person, Sent
from bot.simulator.waha import WahaApi
from tests.house import SECRET_KEY
from tests.standin import served

ANA = Person("905551112233", "Ana", lid="103899771998284")
SECRET = "a-webhook-secret-of-forty-characters-123"
API_KEY = "B6D711FCDE4D4FD5936544120E713976"
ACCOUNT = Account("shop 1", API_KEY, "902120000000")
Double = EvolutionApi | WahaApi
KINDS: dict[str, type[EvolutionApi] | type[WahaApi]] = {
    "evolution": EvolutionApi,
    "waha": WahaApi,
}


@dataclass(frozen=True)
class Line:
    """A channel at a gateway, and the gateway at its other end."""

    kind: str
    channel_id: str
    gateway: Double
    url: str  #: Where the gateway answers.
    secret: str = SECRET


@asynccontextmanager
async def connected(
    runtime: Runtime, tenant_id: str, kind: str, *, server: str
) -> AsyncIterator[Line]:
    """Serve a gateway, add its channel, and set up its webhook by what is printed."""
    numbers = itertools.count(1)
    gateway = KINDS[kind](
        ACCOUNT,
        clock=runtime.clock,
        new_id=lambda: f"{kind}{next(numbers)}",
        pauses=(0.01, 0.02, 0.05),
    )
    channel_id = f"chn_{kind}"
    async with served(gateway.app()) as url:
        async with runtime.database.transaction() as connection:
            await add_gateway(
                connection,
                id=channel_id,
                tenant_id=tenant_id,
                kind=kind,
                base_url=url,
                instance=ACCOUNT.instance,
                api_key=API_KEY,
                webhook_secret=SECRET,
                sealer=Sealer(SECRET_KEY),
                now=runtime.clock(),
            )
        runtime.directories.expire()
        gate = runtime.channels[kind].gate
        assert gate is not None
        await paste(
            gate.to_paste(
                url=f"{server}/webhooks/{kind}/{channel_id}",
                secret=SECRET,
                instance=ACCOUNT.instance,
                base_url=url,
            )
        )
        yield Line(kind, channel_id, gateway, url)


async def paste(command: str, api_key: str = API_KEY) -> None:
    """Do what a printed curl command does, as a shell would read it."""
    joined = command.replace("\\\n", " ").replace("$API_KEY", api_key)
    words = shlex.split(joined)
    program, _, _, method, url, *options = words
    assert program == "curl"
    pairs = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for flag, value in pairs if flag == "-H")
    (body,) = (value for flag, value in pairs if flag == "-d")
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=body.encode(), headers=headers) as answer,
    ):
        assert answer.ok, await answer.text()


def words(sent: Sequence[Sent]) -> str:
    """Return everything that was sent, as one text."""
    return "\n---\n".join(each.text for each in sent)
