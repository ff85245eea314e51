"""Media that is a trap: whatever a payload names, each channel asks its own host."""

import base64
import hashlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.channels.channel import (
    Account,
    Channel,
    FetchedMedia,
    MediaGone,
    MediaUnavailable,
)
from bot.channels.evolution.client import Evolution
from bot.channels.promised import check_promise
from bot.channels.waha.client import Waha
from bot.channels.whatsapp_cloud.client import WhatsAppCloud
from bot.domain.message import Media, MediaKind
from orders.provisioning.public import PublicResolver
from tests.graph_api import GraphApi, Say, graph_api

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 20
ZIP = b"PK\x03\x04" + b"\0" * 50
LIMIT = 1000
KEY = "the-token-that-nobody-else-may-see"
METADATA = "http://169.254.169.254/latest/meta-data/iam"


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[GraphApi]:
    async with graph_api() as api:
        yield api


@pytest.fixture(scope="module")
async def stranger() -> AsyncIterator[GraphApi]:
    async with graph_api() as api:
        yield api


@dataclass
class Names(AbstractResolver):
    """A name server that answers differently each time, as an attacker's does."""

    answers: list[str]
    asked: list[str] = field(default_factory=list)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Keep what it knows."""


@dataclass(frozen=True)
class Speaking:
    """A channel at its provider, and how its media is asked for."""

    kind: str
    channel: Channel
    account: Account
    provider: GraphApi

    async def fetch(self, link: str, *answers: Say) -> FetchedMedia:
        """Fetch the media of a message whose payload, or provider, names a link."""
        self.provider.calls.clear()
        self.provider.queue.clear()
        if self.kind == "whatsapp":
            told = Say(body={"url": link, "mime_type": "image/jpeg"})
            self.provider.will(told, *answers)
            return await self.channel.fetch(self.account, "1001")
        self.provider.will(*answers)
        key = "3A55" if self.kind == "evolution" else "false_55119@c.us_3A55"
        return await self.channel.fetch(self.account, f"{key}|{link}")


def speaking(
    kind: str,
    provider: GraphApi,
    session: aiohttp.ClientSession,
    public: aiohttp.ClientSession | None = None,
) -> Speaking:
    given: dict[str, Any] = {
        "media_hosts": frozenset({"lookaside.fbsbx.com"}),
        "media_limit": LIMIT,
        "timeout": 5.0,
    }
    account = Account("chn_1", "tnt_1", "1065", KEY, provider.url, "shop1")
    made: Channel
    if kind == "whatsapp":
        made = WhatsAppCloud(
            session,
            graph_url=provider.url,
            version="v23.0",
            public=public,
            **given,
        )
    else:
        gateways: dict[str, Callable[..., Channel]]
        gateways = {"evolution": Evolution, "waha": Waha}
        made = gateways[kind](session, public or session, **given)
    return Speaking(kind, made, account, provider)


@pytest.fixture(params=["whatsapp", "evolution", "waha"])
async def channel(
    request: pytest.FixtureRequest, provider: GraphApi
) -> AsyncIterator[Speaking]:
    async with aiohttp.ClientSession() as session:
        yield speaking(request.param, provider, session)


def encoded(data: bytes) -> Say:
    return Say(201, {"base64": base64.b64encode(data).decode()})


def its_file(channel: Speaking, data: bytes) -> tuple[str, Say]:
    """Return the link of a file at the provider itself, and its answer."""
    if channel.kind == "evolution":
        return "", encoded(data)
    path = "/media/1" if channel.kind == "whatsapp" else "/api/files/shop1/1.jpg"
    # WAHA names itself as it thinks that it is reached: only the path is believed.
    host = channel.provider.url if channel.kind == "whatsapp" else "http://localhost:3"
    return f"{host}{path}", Say(body=data)


#: Where a payload's link leads; `{}` is another server than the provider.
TRAPS = {
    "metadata of a cloud": METADATA,
    "metadata by number": "http://2852039166/latest/meta-data",
    "metadata over IPv6": "http://[::ffff:169.254.169.254]/latest",
    "another host": "{}/api/files/../latest.jpg",
    "our own machine": "{}/admin",
    "a name in front": "https://lookaside.fbsbx.com@{}/a",
    "a host that ends alike": "https://evil-lookaside.fbsbx.com/a",
    "no web": "gopher://127.0.0.1:6379/_FLUSHALL",
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
async def test_what_a_payload_names_is_not_asked_and_hears_no_token(
    channel: Speaking, stranger: GraphApi, trap: str
) -> None:
    stranger.calls.clear()
    link = trap.format(stranger.url.removeprefix("http://") if "@{" in trap else "")
    link = link if "@" in trap else trap.format(stranger.url)
    with pytest.raises(MediaGone):
        await channel.fetch(link, Say(404), Say(404))
    assert not stranger.calls
    for call in channel.provider.calls:
        assert "169.254" not in call.headers["Host"]


@pytest.mark.parametrize("there", [METADATA, "{}/steal"])
async def test_a_redirect_takes_no_token_along(
    channel: Speaking, stranger: GraphApi, there: str
) -> None:
    stranger.calls.clear()
    link, _ = its_file(channel, JPEG)
    away = Say(302, headers={"Location": there.format(stranger.url)})
    with pytest.raises((MediaGone, MediaUnavailable)):
        await channel.fetch(link, away, away)
    assert not stranger.calls


NOT_AS_NAMED: dict[str, bytes] = {
    "a zip named .jpg": ZIP,
    "a page": b"<html><script>alert(1)</script></html>",
    "nothing": b"",
    "more than the limit": JPEG + bytes(LIMIT),
}


@pytest.mark.parametrize("data", NOT_AS_NAMED.values(), ids=NOT_AS_NAMED)
async def test_what_is_no_media_or_too_much_is_refused(
    channel: Speaking, data: bytes
) -> None:
    link, answer = its_file(channel, data)
    with pytest.raises(MediaGone):
        await channel.fetch(link, answer, Say(404))


async def test_what_is_media_is_fetched(channel: Speaking) -> None:
    link, answer = its_file(channel, JPEG)
    found = await channel.fetch(link, answer)
    assert (found.mime, found.data) == ("image/jpeg", JPEG)
    assert all(KEY in str(call.headers) for call in channel.provider.calls)


# -- what was announced ---------------------------------------------------------------

GOOD = hashlib.sha256(JPEG)
FOUND = FetchedMedia("image/jpeg", GOOD.hexdigest(), len(JPEG), JPEG)
WRONG = hashlib.sha256(b"another")
PROMISES: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing was said": ({}, True),
    "all of it, in hex": ({"size": len(JPEG), "sha256": GOOD.hexdigest()}, True),
    "in base64": ({"sha256": base64.b64encode(GOOD.digest()).decode()}, True),
    "less came": ({"size": len(JPEG) + 1}, True),
    "a size of nothing": ({"size": 0}, True),
    "a hash that is none": ({"sha256": "[object Object]"}, True),
    "bigger than declared": ({"size": len(JPEG) - 1}, False),
    "another hash": ({"sha256": WRONG.hexdigest()}, False),
    "another in base64": ({"sha256": base64.b64encode(WRONG.digest()).decode()}, False),
}


@pytest.mark.parametrize(("said", "kept"), PROMISES.values(), ids=PROMISES)
def test_media_is_kept_if_it_is_what_the_message_announced(
    said: dict[str, Any], kept: bool
) -> None:
    announced = Media(kind=MediaKind.IMAGE, **said)
    with nullcontext() if kept else pytest.raises(MediaGone, match="announced"):
        check_promise(announced, FOUND)


# -- names that lie -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["whatsapp", "evolution", "waha"])
@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["169.254.169.254"], ["203.0.113.9", "127.0.0.1"]]
)
async def test_a_name_is_judged_by_the_address_that_is_connected(
    provider: GraphApi, kind: str, answers: list[str]
) -> None:
    """A look beforehand proves nothing: the second answer of a name may be another."""
    names = Names(list(answers))
    port = int(provider.url.rpartition(":")[2])
    resolver = PublicResolver(inner=lambda: names)
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False)
    public = aiohttp.ClientSession(connector=connector)
    if len(answers) > 1:
        await names.resolve("a look beforehand")
    async with aiohttp.ClientSession() as session, public:
        asked = speaking(kind, provider, session, public)
        link = "https://lookaside.fbsbx.com/media/1"
        if kind != "whatsapp":
            there = f"http://gateway.shop.example:{port}"
            account = replace(asked.account, base_url=there, public_only=True)
            asked = replace(asked, account=account)
            link = f"{there}/api/files/shop1/1.jpg" if kind == "waha" else ""
        with pytest.raises((MediaGone, MediaUnavailable)):
            await asked.fetch(link, Say(body=JPEG), Say(body=JPEG))
    assert len(provider.calls) == (kind == "whatsapp"), "only the Graph API was asked"
    assert names.asked


def test_the_table_names_every_channel() -> None:
    from bot.channels.registry import CHANNELS  # noqa: PLC0415  # this test alone

    made: set[Callable[..., Channel] | str] = {"whatsapp", "evolution", "waha"}
    assert made == set(CHANNELS)
