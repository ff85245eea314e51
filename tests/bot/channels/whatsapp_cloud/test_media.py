"""Media is fetched from where it may be, and kept if it is what was promised."""

import base64
import hashlib
import socket
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.channels.channel import Account, MediaGone, MediaUnavailable
from bot.channels.whatsapp_cloud.client import WhatsAppCloud
from tests.graph_api import BreakOff, Drop, GraphApi, Hang, Say

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 20
SHA256 = hashlib.sha256(JPEG)
LIMIT = 1000


@pytest.fixture
def channel(session: aiohttp.ClientSession, api: GraphApi) -> WhatsAppCloud:
    return a_channel(session, api)


def a_channel(
    session: aiohttp.ClientSession, api: GraphApi, **changes: Any
) -> WhatsAppCloud:
    given: dict[str, Any] = {
        "graph_url": api.url,
        "version": "v23.0",
        "media_hosts": frozenset(),
        "media_limit": LIMIT,
        "timeout": 20.0,
    }
    return WhatsAppCloud(session, **(given | changes))


def described(api: GraphApi, **changes: object) -> Say:
    told: dict[str, object] = {
        "messaging_product": "whatsapp",
        "url": f"{api.url}/media/?mid=1&hash=a%2Fb",
        "mime_type": "image/jpeg",
        "sha256": SHA256.hexdigest(),
        "file_size": str(len(JPEG)),
        "id": "1001",
    }
    return Say(body=told | changes)


async def test_media_is_described_and_then_downloaded(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(described(api), Say(body=JPEG, headers={"Content-Type": "image/evil"}))
    media = await channel.fetch(account, "1001")
    assert (media.mime, media.size, media.data) == ("image/jpeg", len(JPEG), JPEG)
    assert media.sha256 == SHA256.hexdigest()
    first, second = api.calls
    assert (first.method, first.path) == ("GET", "/v23.0/1001")
    assert first.query == {"phone_number_id": "1065"}
    assert (second.path, second.query) == ("/media/", {"mid": "1", "hash": "a/b"})
    for call in api.calls:
        assert call.headers["Authorization"] == "Bearer EAAB-token"
        assert call.headers["User-Agent"]


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": base64.b64encode(SHA256.digest()).decode()},
        {"sha256": SHA256.hexdigest().upper()},
        {"file_size": len(JPEG)},
        {"sha256": None, "file_size": None},
    ],
)
async def test_a_hash_and_a_size_come_in_several_forms(
    channel: WhatsAppCloud, api: GraphApi, account: Account, change: dict[str, object]
) -> None:
    api.will(described(api, **change), Say(body=JPEG))
    assert (await channel.fetch(account, "1001")).data == JPEG


ZIP = b"PK\x03\x04" + b"\0" * 50
NOT_AS_PROMISED = {
    "another hash": ({"sha256": "0" * 64}, Say(body=JPEG)),
    "a hash that is none": ({"sha256": "é"}, Say(body=JPEG)),
    "a zip named .jpg": ({"sha256": hashlib.sha256(ZIP).hexdigest()}, Say(body=ZIP)),
    "nothing": ({"sha256": None}, Say(body=b"")),
    "more than announced": ({"sha256": None, "file_size": 10}, Say(body=JPEG)),
    "more than announced, in pieces": (
        {"sha256": None, "file_size": 10},
        Say(body=JPEG, chunked=True),
    ),
    "more than the limit": (
        {"sha256": None, "file_size": None},
        Say(body=JPEG + b"x" * LIMIT),
    ),
    "more than the limit, in pieces": (
        {"sha256": None, "file_size": None},
        Say(body=JPEG + b"x" * 500_000, chunked=True),
    ),
    "refused": ({}, Say(400)),
}


@pytest.mark.parametrize(
    ("change", "say"), NOT_AS_PROMISED.values(), ids=NOT_AS_PROMISED
)
async def test_what_is_not_as_promised_is_not_kept(
    channel: WhatsAppCloud,
    api: GraphApi,
    account: Account,
    change: dict[str, object],
    say: Say,
) -> None:
    api.will(described(api, **change), say)
    with pytest.raises(MediaGone):
        await channel.fetch(account, "1001")


async def test_what_is_announced_as_too_large_is_not_downloaded(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(described(api, file_size=str(LIMIT + 1)))
    with pytest.raises(MediaGone, match="1000 bytes"):
        await channel.fetch(account, "1001")
    assert len(api.calls) == 1


# -- where the token may go -----------------------------------------------------------


async def test_a_configured_host_gets_the_token(
    session: aiohttp.ClientSession,
    api: GraphApi,
    elsewhere: GraphApi,
    account: Account,
) -> None:
    host = elsewhere.url.removeprefix("http://")
    channel = a_channel(session, api, media_hosts=frozenset({host.upper()}))
    api.will(described(api, url=f"{elsewhere.url}/media"))
    elsewhere.will(Say(body=JPEG))
    assert (await channel.fetch(account, "1001")).data == JPEG
    assert elsewhere.calls[0].headers["Authorization"] == "Bearer EAAB-token"


async def test_another_host_gets_nothing(
    channel: WhatsAppCloud, api: GraphApi, elsewhere: GraphApi, account: Account
) -> None:
    api.will(described(api, url=f"{elsewhere.url}/media"))
    with pytest.raises(MediaGone, match="not allowed"):
        await channel.fetch(account, "1001")
    assert not elsewhere.calls


async def test_a_redirect_to_another_host_is_not_followed(
    channel: WhatsAppCloud, api: GraphApi, elsewhere: GraphApi, account: Account
) -> None:
    api.will(described(api), Say(302, headers={"Location": f"{elsewhere.url}/x"}))
    with pytest.raises(MediaGone, match="not allowed"):
        await channel.fetch(account, "1001")
    assert not elsewhere.calls


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://lookaside.fbsbx.com:99999/a",
        "https://lookaside.fbsbx.com/\r\nX-Evil: 1",
        "file:///etc/passwd",
        "//lookaside.fbsbx.com/a",
        "/etc/passwd",
        "https://[::1",
        "",
    ],
)
async def test_no_strange_address_is_called(
    channel: WhatsAppCloud, api: GraphApi, account: Account, url: str
) -> None:
    api.will(described(api, url=url))
    with pytest.raises(MediaGone):
        await channel.fetch(account, "1001")
    assert len(api.calls) == 1


async def test_an_allowed_redirect_is_followed_and_not_for_ever(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    on = Say(302, headers={"Location": "/media/elsewhere"})
    api.will(described(api), on, on, Say(body=JPEG))
    assert (await channel.fetch(account, "1001")).data == JPEG
    assert api.calls[-1].path == "/media/elsewhere"
    api.will(described(api), on, on, on, on)
    with pytest.raises(MediaGone, match="one to the next"):
        await channel.fetch(account, "1001")


@pytest.mark.parametrize(
    "location", [{}, {"Location": "http://[::1"}, {"Location": "https:///x"}]
)
async def test_a_redirect_to_nowhere_is_refused(
    channel: WhatsAppCloud, api: GraphApi, account: Account, location: dict[str, str]
) -> None:
    api.will(described(api), Say(302, headers=location))
    with pytest.raises(MediaGone):
        await channel.fetch(account, "1001")


@pytest.mark.parametrize(
    "media_id", ["", "../me", "..", "a/b", "1?x=1", "é", "x" * 201]
)
async def test_an_id_that_is_none_is_not_asked_for(
    channel: WhatsAppCloud, api: GraphApi, account: Account, media_id: str
) -> None:
    with pytest.raises(MediaGone):
        await channel.fetch(account, media_id)
    assert not api.calls


# -- gone, or not now -----------------------------------------------------------------


async def test_an_expired_address_is_asked_for_once_more(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(described(api), Say(404), described(api), Say(body=JPEG))
    assert (await channel.fetch(account, "1001")).data == JPEG


async def test_an_address_that_expires_twice_is_gone(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(described(api), Say(404), described(api), Say(404))
    with pytest.raises(MediaGone, match="no longer there"):
        await channel.fetch(account, "1001")
    assert len(api.calls) == 4


async def test_media_that_meta_does_not_know_is_gone(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(Say(400, {"error": {"code": 100, "message": "does not exist"}}))
    with pytest.raises(MediaGone):
        await channel.fetch(account, "1001")


NOT_NOW: dict[str, list[Any]] = {
    "the description fails": [Say(503)],
    "the description is dropped": [Drop()],
    "the description is none": [Say(body=b"{")],
    "too many calls": [Say(400, {"error": {"code": 4, "message": "m"}})],
    "the token expired": [Say(401, {"error": {"code": 190, "message": "m"}})],
    "the download fails": [None, Say(503)],
    "the download is dropped": [None, Drop()],
    "the download breaks off": [None, BreakOff(JPEG, len(JPEG) + 10)],
    "the download is not allowed now": [None, Say(401)],
}


@pytest.mark.parametrize("says", NOT_NOW.values(), ids=NOT_NOW)
async def test_trouble_that_may_pass_is_unavailable(
    channel: WhatsAppCloud, api: GraphApi, account: Account, says: list[Any]
) -> None:
    api.will(*(say or described(api, file_size=None) for say in says))
    with pytest.raises(MediaUnavailable):
        await channel.fetch(account, "1001")


async def test_a_download_that_takes_too_long_is_unavailable(
    session: aiohttp.ClientSession, api: GraphApi, account: Account
) -> None:
    api.will(described(api), Hang())
    with pytest.raises(MediaUnavailable):
        await a_channel(session, api, timeout=2.0).fetch(account, "1001")


async def test_no_connection_is_unavailable(
    session: aiohttp.ClientSession, api: GraphApi, account: Account
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(MediaUnavailable):
            await a_channel(session, api, graph_url=url).fetch(account, "1001")


async def test_a_closed_session_is_unavailable(api: GraphApi, account: Account) -> None:
    async with aiohttp.ClientSession() as session:
        channel = a_channel(session, api)
    with pytest.raises(MediaUnavailable):
        await channel.fetch(account, "1001")


async def test_a_token_that_is_none_is_unavailable(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    with pytest.raises(MediaUnavailable):
        await channel.fetch(replace(account, access_token="\n"), "1001")
    assert not api.calls
