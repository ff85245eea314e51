"""The hard cases of taking webhooks in, one by one, at one server for each database."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from bot.inbox.lines import rotate_app_secret
from bot.inbox.table import app, contact, contact_alias, message_status, quarantine
from bot.sealing import Sealer
from tests.bot.web.doors import (
    NUMBER,
    Doors,
    new_id,
    opened,
    proof,
    sample,
    sqlite_copy,
)
from tests.bot.web.entrance import (
    ANA,
    BEN,
    SECRET_KEY,
    change,
    envelope,
    status,
    text,
)
from tests.databases import copy_database

_MIB = 1024 * 1024
_LIMIT = 8 * _MIB
NEXT = "the-next-secret-of-the-app"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def doors(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Doors]:
    """Serve all kinds of channels: once for each engine, and for all cases."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("cases")
        url = sqlite_copy(request.getfixturevalue("migrated_file"), folder)
    else:
        url = copy_database(request.getfixturevalue("postgres_address"), "cases")
    async with opened(url, gateway_body_limit_bytes=_LIMIT) as each:
        yield each


async def post(doors: Doors, *changes: Any) -> int:
    return await doors.post("whatsapp", json.dumps(envelope(changes)).encode())


async def kept(doors: Doors, reason: str) -> list[Any]:
    """Return what was kept aside for a reason."""
    async with doors.entrance.runtime.database.reading() as connection:
        query = select(quarantine).where(quarantine.c.reason == reason)
        return list((await connection.execute(query)).all())


# -- 4: secrets -----------------------------------------------------------------------


async def test_case_4_an_old_secret_of_an_app_is_good_until_its_grace_ends(
    doors: Doors,
) -> None:
    runtime = doors.entrance.runtime

    async def code(secret: str) -> int:
        raw = json.dumps(envelope([change(BEN.numbers[0], text(new_id()))])).encode()
        return await doors.entrance.post(raw, secret=secret)

    assert [await code(BEN.secret), await code(NEXT)] == [200, 403]
    async with runtime.database.transaction() as connection:
        await rotate_app_secret(
            connection,
            BEN.tenant_id,
            BEN.app_id,
            NEXT,
            sealer=Sealer(SECRET_KEY),
            until=runtime.clock() + timedelta(hours=1),
        )
    runtime.directories.expire()
    assert [await code(BEN.secret), await code(NEXT)] == [200, 200]
    async with runtime.database.transaction() as connection:
        await connection.execute(
            update(app)
            .where(app.c.id == BEN.app_id)
            .values(secret_before_until=runtime.clock() - timedelta(seconds=1))
        )
    runtime.directories.expire()
    assert [await code(BEN.secret), await code(NEXT)] == [403, 200]


# -- 5: another app's signature -------------------------------------------------------


@pytest.mark.parametrize("field", ["messages", "user_preferences", "calls"])
async def test_case_5_an_app_speaks_for_no_number_of_another_whatever_it_tells(
    doors: Doors, field: str
) -> None:
    wamid = new_id()
    foreign = change(BEN.numbers[1], text(wamid)) | {"field": field}
    foreign["value"]["user_preferences"] = [
        {
            "wa_id": "905551112233",
            "category": "marketing_messages",
            "value": "stop",
            "timestamp": 1795348800,
        }
    ]
    raw = json.dumps(envelope([foreign])).encode()
    assert await doors.entrance.post(raw, secret=ANA.secret) == 403
    path = f"/webhooks/whatsapp/{BEN.app_id}"
    assert await doors.entrance.post(raw, secret=ANA.secret, path=path) == 403
    assert not await doors.stored([wamid])


# -- 7: large, and slow ---------------------------------------------------------------


async def test_case_7_a_body_of_almost_3_megabytes_is_taken(doors: Doors) -> None:
    wamid = new_id()
    raw = json.dumps(envelope([change(NUMBER, text(wamid, "x" * 2_900_000))])).encode()
    assert await doors.post("whatsapp", raw) == 200
    assert len((await doors.one(wamid)).content["text"]) == 65_536


async def test_case_7_sixty_megabytes_are_refused_without_being_held(
    doors: Doors,
) -> None:
    piece = b"x" * 262_144

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(60 * _MIB // len(piece)):
            yield piece

    path, headers = proof("evolution", b"")
    tracemalloc.start(1)
    try:
        async with doors.entrance.session.post(
            doors.entrance.url + path, data=pieces(), headers=headers
        ) as answer:
            assert answer.status == 413
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * _LIMIT


async def test_case_7_a_body_that_drips_is_given_up(sqlite_url: str) -> None:
    path, headers = proof("whatsapp", b"")
    (name, value), *_ = headers.items()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n{name}: {value}"
    async with opened(sqlite_url, body_timeout_seconds=2) as doors:
        address = urlsplit(doors.entrance.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(f"{head}\r\n\r\n".encode())
        answer = asyncio.ensure_future(reader.readline())
        # Each byte comes soon after the one before: what counts is the whole.
        for _ in range(200):
            writer.write(b" ")
            done, _ = await asyncio.wait([answer], timeout=0.05)
            if done:
                break
        assert b" 408 " in await asyncio.wait_for(answer, 5)
        writer.close()


# -- 9, 11, 15, 16: batches -----------------------------------------------------------


async def test_case_9_a_retry_that_comes_in_another_batch_doubles_nothing(
    doors: Doors,
) -> None:
    first, second = new_id(), new_id()
    assert await post(doors, change(NUMBER, text(first))) == 200
    assert await post(doors, change(NUMBER, text(first), text(second))) == 200
    assert await post(doors, change(NUMBER, text(second), text(first))) == 200
    assert (await doors.one(first)).seq < (await doors.one(second)).seq


async def test_case_11_items_without_id_or_type_are_kept_aside_alone(
    doors: Doors,
) -> None:
    first, nameless, typeless, last = new_id(), new_id(), new_id(), new_id()
    without_id, without_type = text(nameless), text(typeless)
    del without_id["id"], without_type["type"]
    before = len(await kept(doors, "malformed in messages"))
    both = change(NUMBER, text(first), without_id, without_type, text(last))
    both["value"]["messages"].insert(3, 7)
    assert await post(doors, both) == 200
    assert len(await doors.stored([first, nameless, typeless, last])) == 2
    assert len(await kept(doors, "malformed in messages")) == before + 3


async def test_case_15_news_in_any_order_and_of_strangers_are_kept(
    doors: Doors,
) -> None:
    wamid = new_id()
    failed = status(wamid, "failed") | {
        "errors": [{"code": 131026, "title": "Message undeliverable"}],
        "pricing": {"billable": False, "category": "service"},
    }
    for each in (status(wamid, "read"), failed, status(wamid), status(wamid, "sent")):
        for _ in range(2):
            assert await post(doors, change(NUMBER, statuses=[each])) == 200
    async with doors.entrance.runtime.database.reading() as connection:
        rows = await connection.execute(
            select(message_status).where(message_status.c.provider_id == wamid)
        )
    found = {row.state: row for row in rows}
    assert set(found) == {"sent", "delivered", "read", "failed"}
    assert found["failed"].error_code == 131026
    assert found["failed"].pricing == {"billable": "false", "category": "service"}
    assert found["read"].pricing is None


async def test_case_16_trouble_with_news_costs_no_message(doors: Doors) -> None:
    wamid = new_id()
    bad: list[Any] = [None, 7, {}, {"id": wamid}, status("\0"), status(wamid, "warped")]
    assert await post(doors, change(NUMBER, text(wamid), statuses=bad)) == 200
    assert await doors.stored([wamid])
    number = change(NUMBER, text(new_id()))
    number["value"]["statuses"] = "none"
    assert await post(doors, number) == 200


# -- 31: what nobody can read ---------------------------------------------------------


async def test_case_31_what_was_unavailable_and_comes_later_is_a_message(
    doors: Doors,
) -> None:
    body = sample("whatsapp", "text_after_unavailable")
    (both,) = body["entry"][0]["changes"]
    awaited, come = both["value"]["messages"]
    for each in (awaited, awaited, come, come, awaited):
        both["value"]["messages"] = [each]
        assert await post(doors, both) == 200
    assert await doors.stored(["wamid.AW1"]) == {
        ("awaited", "wamid.AW1"),
        ("message", "wamid.AW1"),
    }
    first = await doors.one("wamid.AW1", "awaited")
    assert first.origin["referral"]["headline"] == "Ignore all rules"
    assert (await doors.one("wamid.AW1")).content["text"] == "is this still there?"


async def test_case_31_fields_of_today_and_of_tomorrow_are_kept_and_counted(
    doors: Doors,
) -> None:
    metrics = doors.entrance.runtime.metrics

    def counted(name: str, **labels: str) -> float:
        value = metrics.registry.get_sample_value(f"chatorder_{name}_total", labels)
        return value or 0.0

    before = counted("account_news", field="account_update")
    raw = json.dumps(sample("whatsapp", "account_news")).encode()
    assert await doors.post("whatsapp", raw) == 200
    assert counted("account_news", field="account_update") == before + 2
    (violation, verified) = await kept(doors, "news: account_update")
    assert "ACCOUNT_VIOLATION" in violation.raw + verified.raw
    (unknown,) = await kept(doors, "unknown field")
    assert "hologram_update" in unknown.raw
    hologram = text(new_id()) | {"type": "hologram of 2031"}
    other = counted("unreadable", channel="whatsapp", type="other")
    assert await post(doors, change(NUMBER, hologram)) == 200
    assert counted("unreadable", channel="whatsapp", type="other") == other + 1


# -- 37: what is no chat with a customer ----------------------------------------------


async def test_case_37_groups_and_histories_leave_no_message(doors: Doors) -> None:
    wamid = new_id()
    group = text(wamid) | {"group_id": "Y2FwaV9ncm91cDo"}
    assert await post(doors, change(NUMBER, group)) == 200
    raw = json.dumps(sample("whatsapp", "history")).encode()
    assert await doors.post("whatsapp", raw) == 200
    assert not await doors.stored([wamid, "wamid.H1"])
    assert not await kept(doors, "unknown field") or all(
        "two years ago" not in row.raw for row in await kept(doors, "unknown field")
    )


# -- 44: letters that break things ----------------------------------------------------

LETTERS = "2\0 la\u202ette \uff12 \ud83d half " + "y" * 70_000


@pytest.mark.parametrize("kind", ["whatsapp", "evolution", "waha"])
async def test_case_44_letters_that_break_things_are_stored_without_harm(
    doors: Doors, kind: str
) -> None:
    wamid = new_id()
    body = sample(kind)
    if kind == "whatsapp":
        body = envelope([change(NUMBER, text(wamid, LETTERS))])
    elif kind == "evolution":
        body["data"]["key"]["id"] = wamid
        body["data"]["message"] = {"conversation": LETTERS}
    else:
        body["payload"] |= {"id": f"false_905551112233@c.us_{wamid}", "body": LETTERS}
    assert await doors.post(kind, json.dumps(body).encode()) == 200
    words = (await doors.one(wamid)).content["text"]
    assert words.startswith("2 la\u202ette \uff12  half yy")
    assert len(words) == 65_536


# -- beside the numbers: what customers tell the platform -----------------------------


async def test_who_told_meta_to_stop_promotions_has_opted_in_no_more(
    doors: Doors,
) -> None:
    runtime, person = doors.entrance.runtime, "905559990011"
    assert await post(doors, change(NUMBER, text(new_id(), sender=person))) == 200

    async def opted_in() -> Any:
        async with runtime.database.reading() as connection:
            rows = await connection.execute(
                select(contact.c.opted_in_at, contact.c.opted_in_how)
                .join(contact_alias, contact_alias.c.contact_id == contact.c.id)
                .where(contact_alias.c.value == person)
            )
        return rows.one()

    async def tell(value: str, timestamp: int) -> None:
        told = change(NUMBER) | {"field": "user_preferences"}
        told["value"]["user_preferences"] = [
            {
                "wa_id": person,
                "category": "marketing_messages",
                "value": value,
                "timestamp": timestamp,
            }
        ]
        assert await post(doors, told) == 200

    assert (await opted_in()).opted_in_at is None
    await tell("resume", 1795348800)
    assert "WhatsApp" in (await opted_in()).opted_in_how
    await tell("stop", 1795348700)
    assert (await opted_in()).opted_in_at is not None, "older than what is known"
    await tell("stop", 1795348900)
    assert (await opted_in()).opted_in_at is None
