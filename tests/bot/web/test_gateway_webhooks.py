"""Gateways' webhooks at a real server: every code, and nothing half done."""

import asyncio
import base64
import gzip
import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.channels.waha.gate import sign
from bot.inbox.gateways import add_gateway, rotate_webhook_secret
from bot.inbox.pausing import activate_channel, channel_standing, pause_channel
from bot.inbox.table import channel, message, quarantine
from bot.sealing import Sealer
from catalog.table import metadata
from tests.bot.web.entrance import ANA, SECRET_KEY, Entrance, open_entrance
from tests.drawings import packaging, png

SECRET, NEXT = (
    "the-secret-of-this-channel-0123456789",
    "its-next-secret-of-tomorrow-0123456789",
)
API_KEY = "B6D711FCDE4D4FD5936544120E713976"
EVOLUTION, WAHA = "/webhooks/evolution/chn_evo", "/webhooks/waha/chn_waha"
SAMPLES = Path(__file__).parent.parent / "channels"
PICTURE = png(packaging(1))
NOTHING = {"messages": 0, "statuses": 0, "quarantined": 0, "aliases": 0}
#: Small, so that large bodies are quickly made.
LIMITS = {
    "body_limit_bytes": 20_000,
    "gateway_body_limit_bytes": 200_000,
}


async def add(entrance: Entrance, kind: str, channel_id: str, **changes: Any) -> None:
    async with entrance.runtime.database.transaction() as connection:
        await add_gateway(
            connection,
            **{
                "id": channel_id,
                "tenant_id": ANA.tenant_id,
                "kind": kind,
                "base_url": "http://127.0.0.1:9",
                "instance": "shop1" if kind == "evolution" else "default",
                "api_key": API_KEY,
                "webhook_secret": SECRET,
                "sealer": Sealer(SECRET_KEY),
                "now": entrance.runtime.clock(),
                **changes,
            },
        )
    entrance.runtime.directories.expire()


async def furnished(url: str, **limits: int) -> AsyncIterator[Entrance]:
    async with open_entrance(url, **{**LIMITS, **limits}) as opened:
        await add(opened, "evolution", "chn_evo")
        await add(opened, "waha", "chn_waha")
        yield opened


@pytest.fixture
async def entrance(database_url: str) -> AsyncIterator[Entrance]:
    async for opened in furnished(database_url):
        yield opened


@pytest.fixture
async def impatient(sqlite_url: str) -> AsyncIterator[Entrance]:
    """Serve what is sent within two seconds."""
    async for opened in furnished(sqlite_url, body_timeout_seconds=2):
        yield opened


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[Entrance]:
    """Serve on SQLite alone: where the database makes no difference."""
    async for opened in furnished(sqlite_url):
        yield opened


def sample(kind: str, name: str = "text", **changes: Any) -> bytes:
    raw = (SAMPLES / kind / "payloads" / f"{name}.json").read_bytes()
    return json.dumps(json.loads(raw) | changes).encode() if changes else raw


def secret(value: str = SECRET) -> Mapping[str, str]:
    return {"X-Webhook-Secret": value}


def signed(body: bytes, value: str = SECRET) -> Mapping[str, str]:
    return {"X-Webhook-Hmac": sign(value, body), "X-Webhook-Hmac-Algorithm": "sha512"}


async def test_what_is_proven_is_stored_once(entrance: Entrance) -> None:
    evolution, waha = sample("evolution"), sample("waha")
    for _ in range(2):
        assert await entrance.post(evolution, path=EVOLUTION, headers=secret()) == 200
        assert await entrance.post(waha, path=WAHA, headers=signed(waha)) == 200
    assert (await entrance.stored())["messages"] == 2


async def test_one_key_as_number_and_as_hidden_id_is_one_message(
    entrance: Entrance,
) -> None:
    bodies = [sample("evolution", name) for name in ("text", "text_from_lid")]
    codes = await asyncio.gather(
        *(entrance.post(body, path=EVOLUTION, headers=secret()) for body in bodies)
    )
    assert codes == [200, 200]
    waha = [sample("waha", name) for name in ("text", "text_from_lid", "text_any")]
    for body in waha:
        assert await entrance.post(body, path=WAHA, headers=signed(body)) == 200
    assert (await entrance.stored())["messages"] == 2, "one on each channel"
    assert (await entrance.stored())["quarantined"] == 0


async def test_the_addresses_of_single_events_are_the_same_door(
    quick: Entrance,
) -> None:
    path = f"{EVOLUTION}/messages-upsert"
    assert await quick.post(sample("evolution"), path=path, headers=secret()) == 200
    assert (await quick.stored())["messages"] == 1


async def test_who_proves_nothing_leaves_no_trace(quick: Entrance) -> None:
    evolution, waha = sample("evolution"), sample("waha")
    short = {**signed(waha), "X-Webhook-Hmac-Algorithm": "sha256"}
    tries: list[tuple[bytes, str, Mapping[str, str], int]] = [
        (evolution, EVOLUTION, {}, 401),
        (evolution, EVOLUTION, secret("wrong"), 403),
        (evolution, EVOLUTION, secret(API_KEY), 403),
        (waha, WAHA, {}, 401),
        (waha, WAHA, signed(waha, "wrong"), 403),
        (waha + b" ", WAHA, signed(waha), 403),
        (waha, WAHA, short, 403),
        (waha, WAHA, secret(), 401),
        (evolution, "/webhooks/evolution/chn_none", secret(), 404),
        (evolution, "/webhooks/evolution/chn_waha", secret(), 404),
        (evolution, "/webhooks/evolution/chn_10001", secret(), 404),
        (evolution, "/webhooks/hologram/chn_evo", secret(), 404),
    ]
    for body, path, headers, code in tries:
        assert await quick.post(body, path=path, headers=headers) == code, (
            path,
            headers,
        )
    assert await quick.stored() == NOTHING


async def test_the_secret_of_one_channel_opens_no_other(quick: Entrance) -> None:
    await add(quick, "evolution", "chn_other", instance="shop2", webhook_secret=NEXT)
    path = "/webhooks/evolution/chn_other"
    assert await quick.post(sample("evolution"), path=path, headers=secret()) == 403
    # The right secret, and the webhook of another instance: kept aside, and no retry.
    answer = await quick.post(sample("evolution"), path=path, headers=secret(NEXT))
    assert answer == 200
    (kept,) = await quick.rows(quarantine)
    assert (kept.reason, kept.app_id) == ("unknown_number", "chn_other")
    assert (await quick.stored())["messages"] == 0


async def test_a_secret_changes_with_a_grace(quick: Entrance) -> None:
    runtime, body = quick.runtime, sample("evolution")

    async def rotate(until: timedelta) -> None:
        async with runtime.database.transaction() as connection:
            done = await rotate_webhook_secret(
                connection,
                ANA.tenant_id,
                "chn_evo",
                NEXT,
                sealer=Sealer(SECRET_KEY),
                until=runtime.clock() + until,
            )
            assert done
        runtime.directories.expire()

    await rotate(timedelta(hours=1))
    for each in (SECRET, NEXT):
        assert await quick.post(body, path=EVOLUTION, headers=secret(each)) == 200
    async with runtime.database.transaction() as connection:
        await connection.execute(
            update(channel)
            .where(channel.c.id == "chn_evo")
            .values(webhook_secret_before_until=runtime.clock() - timedelta(seconds=1))
        )
    runtime.directories.expire()
    assert await quick.post(body, path=EVOLUTION, headers=secret(SECRET)) == 403
    assert await quick.post(body, path=EVOLUTION, headers=secret(NEXT)) == 200


async def test_a_channel_whose_secrets_do_not_open_keeps_the_sender_trying(
    quick: Entrance,
) -> None:
    await add(quick, "waha", "chn_shut", instance="b", sealer=Sealer("another key" * 4))
    body = sample("waha")
    path = "/webhooks/waha/chn_shut"
    assert await quick.post(body, path=path, headers=signed(body)) == 503


async def test_the_gateways_own_key_is_neither_stored_nor_logged(
    entrance: Entrance,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    text = sample("evolution")
    for body in (text, text[:-30], text.replace(b'"event"', b'"evil"'), b'["apikey"]'):
        assert await entrance.post(body, path=EVOLUTION, headers=secret()) == 200
    rows = [
        row for table in metadata.sorted_tables for row in await entrance.rows(table)
    ]
    assert len([row for row in rows if hasattr(row, "raw")]) == 3, "kept aside"
    out, err = capfd.readouterr()
    assert API_KEY not in "".join((repr(rows), caplog.text, out, err))


# -- sizes and slowness ---------------------------------------------------------------


def with_picture(size: int) -> bytes:
    """Return a message with a picture in it, of about that size in base64."""
    body = json.loads(sample("evolution", "media"))
    picture = PICTURE.ljust(size * 3 // 4, b"\0")
    body["data"]["message"]["base64"] = base64.b64encode(picture).decode()
    del body["data"]["message"]["mediaUrl"]
    return json.dumps(body).encode()


async def test_media_that_comes_along_is_kept_with_its_message(quick: Entrance) -> None:
    body = with_picture(150_000)
    assert len(body) > LIMITS["body_limit_bytes"]
    assert await quick.post(body, path=EVOLUTION, headers=secret()) == 200
    (stored,) = await quick.rows(message)
    assert "base64" not in stored.content
    data = await quick.runtime.media.open(stored.content["stored"])
    assert data.startswith(PICTURE)


async def parts(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 10_000):
        yield b"x" * 10_000


async def test_too_much_is_refused_however_it_comes(quick: Entrance) -> None:
    large = with_picture(300_000)
    assert await quick.post(large, path=EVOLUTION, headers=secret()) == 413
    async with quick.session.post(
        quick.url + EVOLUTION, data=parts(500_000), headers=secret()
    ) as response:
        assert response.status == 413, "without a length"
    bomb = gzip.compress(b" " * 2_000_000)
    zipped = {**secret(), "Content-Encoding": "gzip"}
    assert await quick.post(bomb, path=EVOLUTION, headers=zipped) == 413
    assert await quick.stored() == NOTHING


async def test_a_stranger_is_refused_before_the_body_is_read(quick: Entrance) -> None:
    host, port = quick.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {EVOLUTION} HTTP/1.1\r\nHost: x\r\nContent-Length: 150000\r\n"
    writer.write(f"{head}X-Webhook-Secret: wrong\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.readline(), 5)
    assert b" 403 " in answer
    writer.close()


async def test_who_sends_for_ever_is_cut_off(impatient: Entrance) -> None:
    host, port = impatient.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {EVOLUTION} HTTP/1.1\r\nHost: x\r\nContent-Length: 150000\r\n"
    writer.write(f"{head}X-Webhook-Secret: {SECRET}\r\n\r\n".encode() + b"{" * 30_000)
    answer = await asyncio.wait_for(reader.readline(), 10)
    assert b" 408 " in answer
    writer.close()
    assert await impatient.stored() == NOTHING


# -- the connection -------------------------------------------------------------------


async def told(entrance: Entrance, name: str) -> Any:
    """Tell of the instance's connection; return how the channel stands then."""
    body = sample("evolution", name)
    assert await entrance.post(body, path=EVOLUTION, headers=secret()) == 200
    async with entrance.runtime.database.reading() as connection:
        return await channel_standing(connection, "chn_evo")


async def test_a_lost_connection_pauses_the_channel_until_it_is_back(
    entrance: Entrance,
) -> None:
    lost = await told(entrance, "connection_lost")
    assert lost.state == "paused"
    assert "connect it again" in lost.reason
    assert (await told(entrance, "connection_found")).state == "active"
    # Old news that come late change nothing.
    assert (await told(entrance, "connection_lost")).state == "active"


async def test_what_a_person_paused_stays_paused(quick: Entrance) -> None:
    database, now = quick.runtime.database, quick.runtime.clock()
    async with database.transaction() as connection:
        await pause_channel(connection, "chn_evo", reason="we move", now=now)
    assert (await told(quick, "connection_lost")).reason == "we move"
    assert (await told(quick, "connection_found")).state == "paused"
    async with database.transaction() as connection:
        await activate_channel(connection, "chn_evo", now=now)
        lost_at = select(channel.c.lost_at).where(channel.c.id == "chn_evo")
        assert (await connection.execute(lost_at)).scalar_one() is None
