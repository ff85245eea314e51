"""Meta's webhooks at a real server: every code that we promise, and nothing half done.

What is signed is stored or kept aside, and answered with 200; what is not signed, or
not by the app that owns the number, leaves no trace.
"""

import asyncio
import gzip
import itertools
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from bot.inbox.accounts import ChannelState
from bot.inbox.table import channel, contact_alias, message, quarantine
from bot.serving import bind, listening, upkeep, working
from bot.simulator import webhooks
from bot.web.application import build
from bot.wiring import running
from tests.bot.web.entrance import (
    ANA,
    BEN,
    Entrance,
    body,
    change,
    envelope,
    open_entrance,
    status,
    text,
)
from tests.databases import execute
from tests.house import open_house

PATH = "/webhooks/whatsapp"
NOTHING = {"messages": 0, "statuses": 0, "quarantined": 0, "aliases": 0}
#: The laws are tried often enough on every run; each try is a real request.
LAW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
async def entrance(database_url: str) -> AsyncIterator[Entrance]:
    """Serve two merchants: once on each engine."""
    async with open_entrance(database_url) as opened:
        yield opened


@pytest.fixture
async def door(sqlite_url: str) -> AsyncIterator[Entrance]:
    """Serve two merchants where the engine does not matter."""
    async with open_entrance(sqlite_url) as opened:
        yield opened


def signed(secret: str, raw: bytes) -> str:
    return webhooks.signature(secret, raw)


# -- the handshake --------------------------------------------------------------------


def asking(token: str | None = ANA.verify_token, mode: str | None = "subscribe") -> Any:
    given_ = {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": "1158201"}
    return {name: value for name, value in given_.items() if value is not None}


HANDSHAKES = [
    pytest.param(PATH, asking(), 200, id="the token of an app"),
    pytest.param(PATH, asking(BEN.verify_token), 200, id="the token of another app"),
    pytest.param(f"{PATH}/app_ana", asking(), 200, id="an app's own token"),
    pytest.param(
        f"{PATH}/app_ana", asking(BEN.verify_token), 403, id="not this app's token"
    ),
    pytest.param(f"{PATH}/app_none", asking(), 404, id="no such app"),
    pytest.param(PATH, asking("wrong"), 403, id="a wrong token"),
    pytest.param(PATH, asking(""), 403, id="an empty token"),
    pytest.param(PATH, asking(None), 403, id="no token"),
    pytest.param(PATH, asking("ana tokén"), 403, id="a token that is not ASCII"),
    pytest.param(PATH, asking(mode=None), 403, id="no mode"),
    pytest.param(PATH, asking(mode="unsubscribe"), 403, id="another mode"),
    pytest.param(PATH, {}, 403, id="nothing at all"),
]


@pytest.mark.parametrize(("path", "query", "code"), HANDSHAKES)
async def test_only_the_verify_token_opens_the_handshake(
    door: Entrance, path: str, query: Mapping[str, str], code: int
) -> None:
    async with door.session.get(door.url + path, params=query) as answer:
        assert answer.status == code
        said = await answer.text()
    assert (said == "1158201") == (code == 200)


async def test_a_challenge_is_given_back_as_text_that_no_browser_runs(
    door: Entrance,
) -> None:
    query = asking() | {"hub.challenge": "<script>alert(1)</script>"}
    async with door.session.get(door.url + PATH, params=query) as answer:
        assert await answer.text() == "<script>alert(1)</script>"
        assert answer.content_type == "text/plain"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# -- signatures -----------------------------------------------------------------------

RAW = json.dumps(body()).encode()
GOOD = signed(ANA.secret, RAW)
MALFORMED = [
    pytest.param([], id="missing"),
    pytest.param([("X-Hub-Signature-256", "")], id="empty"),
    pytest.param([("X-Hub-Signature-256", "sha256=")], id="no digest"),
    pytest.param([("X-Hub-Signature-256", GOOD[:-1])], id="too short"),
    pytest.param([("X-Hub-Signature-256", GOOD + "0")], id="too long"),
    pytest.param([("X-Hub-Signature-256", GOOD[7:])], id="without its prefix"),
    pytest.param(
        [("X-Hub-Signature-256", "sha256=" + GOOD[7:].upper())], id="uppercase"
    ),
    pytest.param([("X-Hub-Signature-256", "sha256=" + "z" * 64)], id="not hex"),
    pytest.param([("X-Hub-Signature", GOOD.replace("sha256", "sha1"))], id="only sha1"),
    pytest.param(
        [("X-Hub-Signature-256", GOOD), ("X-Hub-Signature-256", GOOD)], id="twice"
    ),
]


@pytest.mark.parametrize("headers", MALFORMED)
async def test_a_body_without_one_wellformed_signature_is_unauthorised(
    door: Entrance, headers: Sequence[tuple[str, str]]
) -> None:
    async with door.session.post(door.url + PATH, data=RAW, headers=headers) as answer:
        assert answer.status == 401
    assert await door.stored() == NOTHING


async def test_a_signature_that_is_not_ascii_is_unauthorised(door: Entrance) -> None:
    header = b"X-Hub-Signature-256: sha256=" + b"\xff\xe9" * 32
    assert await spoken(door, RAW, header) == 401
    assert await door.stored() == NOTHING


async def spoken(
    door: Entrance, raw: bytes, *headers: bytes, length: int | None = None
) -> int:
    """Post over a bare socket, with bytes that no client would send; return a status.

    A `length` that is more than there is leaves the server waiting.
    """
    address = urlsplit(door.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = [
        f"POST {PATH} HTTP/1.1".encode(),
        b"Host: localhost",
        b"Connection: close",
        f"Content-Length: {len(raw) if length is None else length}".encode(),
        *headers,
    ]
    writer.write(b"\r\n".join(head) + b"\r\n\r\n" + raw)
    await writer.drain()
    async with asyncio.timeout(10):
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


WRONG = [
    pytest.param(signed("another secret", RAW), id="another secret"),
    pytest.param(signed(ANA.secret, RAW + b" "), id="another body"),
    pytest.param(signed(ANA.secret, b""), id="an empty body"),
    pytest.param("sha256=" + "0" * 64, id="zeros"),
]


@pytest.mark.parametrize("header", WRONG)
async def test_a_wrong_signature_is_forbidden_and_nothing_is_stored(
    door: Entrance, header: str
) -> None:
    assert await door.post(RAW, headers={"X-Hub-Signature-256": header}) == 403
    assert await door.stored() == NOTHING


async def test_the_bytes_are_signed_not_their_meaning(entrance: Entrance) -> None:
    said: Any = {"text": {"body": "2 şekerli kahve ☕ a/b"}}
    escaped = webhooks.encode(body(**said))
    assert b"\\u015f" in escaped
    assert b"\\/" in escaped
    again = json.dumps(json.loads(escaped), ensure_ascii=False).encode()
    headers = {"X-Hub-Signature-256": signed(ANA.secret, escaped)}
    assert await entrance.post(again, headers=headers) == 403
    assert await entrance.stored() == NOTHING
    assert await entrance.post(escaped, headers=headers) == 200
    (stored,) = await entrance.rows(message)
    assert stored.content == {"type": "text", "text": "2 şekerli kahve ☕ a/b"}


# -- whose number it is ---------------------------------------------------------------


def hidden(raw: bytes) -> bytes:
    """Write the key that names the number so that no plain search finds it."""
    return raw.replace(b'"phone_number_id"', b'"phone\\u005fnumber_id"')


FOREIGN = [
    pytest.param(body(number=BEN.numbers[0]), id="only the other's"),
    pytest.param(
        envelope(
            [change(ANA.numbers[0], text("wamid.1"))],
            [change(BEN.numbers[0], text("wamid.2"))],
        ),
        id="one of theirs and the other's",
    ),
    pytest.param(
        envelope([change(BEN.numbers[0], statuses=[status("wamid.9")])]),
        id="news about the other's message",
    ),
]


@pytest.mark.parametrize("disguise", [bytes, hidden], ids=["plain", "escaped key"])
@pytest.mark.parametrize("payload", FOREIGN)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/app_ana"], ids=["all", "own"])
async def test_an_app_cannot_speak_for_the_number_of_another(
    entrance: Entrance, payload: Any, disguise: Any, path: str
) -> None:
    raw = disguise(json.dumps(payload).encode())
    assert await entrance.post(raw, secret=ANA.secret, path=path) == 403
    assert await entrance.stored() == NOTHING


async def test_words_that_look_like_a_number_do_not_matter(door: Entrance) -> None:
    said = f'"phone_number_id":"{BEN.numbers[0]}"'
    assert await door.post(body(text={"body": said})) == 200
    (stored,) = await door.rows(message)
    assert (stored.tenant_id, stored.content["text"]) == (ANA.tenant_id, said)


async def test_a_body_that_hides_its_number_is_judged_by_what_it_says(
    entrance: Entrance,
) -> None:
    assert await entrance.post(hidden(RAW)) == 200
    (stored,) = await entrance.rows(message)
    assert stored.tenant_id == ANA.tenant_id


async def test_each_app_may_post_to_the_common_address_or_its_own(
    entrance: Entrance,
) -> None:
    for each in (ANA, BEN):
        for path in (PATH, f"{PATH}/{each.app_id}"):
            raw = body(f"wamid.{path}", each.numbers[0])
            assert await entrance.post(raw, secret=each.secret, path=path) == 200
    rows = await entrance.rows(message)
    assert (
        sorted(r.tenant_id for r in rows) == [ANA.tenant_id] * 2 + [BEN.tenant_id] * 2
    )
    theirs = body("wamid.x", ANA.numbers[0])
    assert await entrance.post(theirs, path=f"{PATH}/{BEN.app_id}") == 403
    assert await entrance.post(theirs, path=f"{PATH}/app_none") == 404
    assert len(await entrance.rows(message)) == 4


async def test_a_number_that_nobody_has_is_kept_aside(entrance: Entrance) -> None:
    assert await entrance.post(body(number="99999")) == 200
    assert await entrance.stored() == NOTHING | {"quarantined": 1}
    (kept,) = await entrance.rows(quarantine)
    assert (kept.reason, kept.account, kept.app_id) == (
        "unknown_number",
        "99999",
        ANA.app_id,
    )
    assert "2 latte" in kept.raw


async def test_a_number_whose_token_does_not_open_is_asked_to_wait(
    entrance: Entrance,
) -> None:
    async with entrance.runtime.database.transaction() as connection:
        await connection.execute(
            update(channel)
            .where(channel.c.external_id == ANA.numbers[0])
            .values(access_token="sealed with a key that is lost")
        )
    raw = json.dumps(body(number=ANA.numbers[0])).encode()
    assert await answered_503(entrance, raw)
    assert await entrance.stored() == NOTHING
    assert await entrance.post(body(number=ANA.numbers[1])) == 200


async def test_a_number_that_another_process_added_is_known_soon(
    entrance: Entrance,
) -> None:
    assert await entrance.post(body(number=ANA.numbers[0])) == 200
    async with entrance.runtime.database.transaction() as connection:
        sealed = await connection.execute(
            select(channel.c.access_token).where(channel.c.external_id == "10001")
        )
        await connection.execute(
            insert(channel).values(
                id="chn_new",
                tenant_id=ANA.tenant_id,
                app_id=ANA.app_id,
                kind="whatsapp",
                external_id="10003",
                access_token=sealed.scalar_one(),
                state=ChannelState.ACTIVE,
                created_at=entrance.runtime.clock(),
            )
        )
    # Long before a copy of the directory grows old by itself.
    await asyncio.sleep(0.6)
    assert await entrance.post(body("wamid.2", "10003")) == 200
    assert {m.channel_id for m in await entrance.rows(message)} == {
        "chn_10001",
        "chn_new",
    }


# -- bad and odd bodies ---------------------------------------------------------------

DEEP = b'{"object":"whatsapp_business_account","entry":' + b"[" * 10_000
ODD = [
    pytest.param(b"", id="empty"),
    pytest.param(RAW[:-40], id="truncated"),
    pytest.param(RAW.replace(b"latte", b"\xff\xfe"), id="not UTF-8"),
    pytest.param(b"\x00" * 100, id="NUL bytes"),
    pytest.param(DEEP, id="10,000 deep and open"),
    pytest.param(DEEP + b"]" * 10_000 + b"}", id="10,000 deep"),
    pytest.param(
        RAW.replace(b'"2 latte"', b"[" * 10_000 + b"]" * 10_000), id="a deep text"
    ),
    pytest.param(RAW[:-1] + b', "entry": []}', id="a key twice"),
    pytest.param(RAW.replace(b'"1795348800"', b"NaN"), id="NaN"),
    pytest.param(RAW.replace(b'"1795348800"', b"9" * 5000), id="a number of 5,000"),
    pytest.param(b"null", id="null"),
    pytest.param(b'"text"', id="a string"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"{}", id="no entries"),
    pytest.param(RAW.replace(b"whatsapp_business_account", b"page"), id="not WhatsApp"),
    pytest.param(RAW.replace(b'"field": "messages"', b'"field": "new"'), id="a field"),
]


@pytest.mark.parametrize("raw", ODD)
async def test_what_is_signed_and_not_understood_is_kept_aside(
    entrance: Entrance, raw: bytes
) -> None:
    assert await entrance.post(raw) == 200
    stored = await entrance.stored()
    assert stored == NOTHING | {"quarantined": 1}


ODD_MESSAGES = [
    pytest.param({"text": {"body": "a\u0000b"}}, "text", id="NUL in the text"),
    pytest.param({"text": {"body": "half \ud83d"}}, "text", id="a lone surrogate"),
    pytest.param({"type": "hologram", "hologram": {}}, "unsupported", id="a new type"),
    pytest.param({"new_field": {"a": [1]}}, "text", id="a new field"),
    pytest.param({"text": {"body": "x" * 3_000_000}}, "text", id="3 MB of text"),
]


@pytest.mark.parametrize(("odd", "kind"), ODD_MESSAGES)
async def test_an_odd_message_is_still_a_message(
    entrance: Entrance, odd: Mapping[str, Any], kind: str
) -> None:
    assert await entrance.post(body(**odd)) == 200
    assert await entrance.stored() == NOTHING | {"messages": 1, "aliases": 2}
    (stored,) = await entrance.rows(message)
    assert stored.kind == kind


async def test_one_bad_message_costs_only_itself(entrance: Entrance) -> None:
    bad = text("wamid.2") | {"timestamp": "soon"}
    both = envelope([change(ANA.numbers[0], text("wamid.1"), bad, text("wamid.3"))])
    assert await entrance.post(both) == 200
    assert await entrance.stored() == {
        "messages": 2,
        "statuses": 0,
        "quarantined": 1,
        "aliases": 2,
    }


# -- too large, too slow, broken off --------------------------------------------------


async def test_a_body_over_the_limit_is_refused(door: Entrance) -> None:
    limit = door.runtime.settings.body_limit_bytes
    assert limit == 4 * 1024 * 1024
    assert await door.post(RAW + b" " * (limit - len(RAW))) == 200
    assert await door.post(RAW + b" " * (limit + 1 - len(RAW))) == 413
    assert len(await door.rows(message)) == 1


async def test_a_body_over_the_limit_that_comes_in_pieces_is_refused(
    door: Entrance,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 65_536

    headers = {"X-Hub-Signature-256": GOOD}
    async with door.session.post(
        door.url + PATH, data=pieces(), headers=headers
    ) as answer:
        assert answer.status == 413
    assert await door.stored() == NOTHING


async def test_a_small_body_that_unpacks_to_a_large_one_is_refused(
    door: Entrance,
) -> None:
    bomb = gzip.compress(b" " * 64 * 1024 * 1024)
    headers = {
        "X-Hub-Signature-256": signed(ANA.secret, bomb),
        "Content-Encoding": "gzip",
    }
    assert await door.post(bomb, headers=headers) == 413
    assert await door.stored() == NOTHING


async def test_a_body_that_comes_too_slowly_is_given_up(sqlite_url: str) -> None:
    header = f"X-Hub-Signature-256: {GOOD}".encode()
    async with open_entrance(sqlite_url, body_timeout_seconds=2) as door:
        assert await spoken(door, RAW[:10], header, length=len(RAW)) == 408
        assert await door.stored() == NOTHING
        assert await door.post(RAW) == 200


async def test_a_body_that_is_not_packed_as_it_says_is_no_fault_of_ours(
    door: Entrance,
) -> None:
    headers = {"X-Hub-Signature-256": GOOD, "Content-Encoding": "gzip"}
    assert await door.post(RAW, headers=headers) == 400
    assert await door.stored() == NOTHING


async def test_a_caller_who_hangs_up_leaves_no_trace(door: Entrance) -> None:
    address = urlsplit(door.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
    writer.write(f"{head}X-Hub-Signature-256: {GOOD}\r\n\r\n".encode() + RAW[:20])
    await writer.drain()
    writer.transport.abort()
    # The server is there for the next caller.
    assert await door.post(RAW) == 200
    assert len(await door.rows(message)) == 1


# -- laws -----------------------------------------------------------------------------


@LAW
@given(raw=st.binary(max_size=2000))
async def test_whatever_is_signed_is_taken(door: Entrance, raw: bytes) -> None:
    assert await door.post(raw) == 200


#: Every character, lone surrogates and NUL too: JSON can write them all.
_WORDS = st.text(st.characters(), max_size=20)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3)
    ),
    max_leaves=6,
)
_RICH = envelope(
    [
        change(
            ANA.numbers[0],
            text("wamid.1") | {"context": {"id": "wamid.0", "from": "90"}},
            text("wamid.2")
            | {
                "type": "image",
                "image": {"id": "77", "mime_type": "image/jpeg", "caption": "this"},
            },
            text("wamid.3")
            | {
                "type": "order",
                "order": {
                    "catalog_id": "1",
                    "product_items": [
                        {
                            "product_retailer_id": "SKU",
                            "quantity": 2,
                            "item_price": 9.5,
                            "currency": "TRY",
                        }
                    ],
                },
            },
            statuses=[status("wamid.8")],
        )
    ]
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in a JSON tree, except the number's own."""
    keys: list[Any] = list(tree) if isinstance(tree, dict) else []
    keys = list(range(len(tree))) if isinstance(tree, list) else keys
    found = [(*path, key) for key in keys if key != "phone_number_id"]
    return [deeper for way in found for deeper in (way, *places(tree[way[-1]], way))]


def put(tree: Any, way: Sequence[Any], value: Any) -> Any:
    """Return a copy of a tree with another value in one place."""
    copy = json.loads(json.dumps(tree))
    inner = copy
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = value
    return copy


@LAW
@given(way=st.sampled_from(places(_RICH)), value=_ANYTHING)
async def test_whatever_stands_in_a_field_the_body_is_taken(
    entrance: Entrance, way: tuple[Any, ...], value: Any
) -> None:
    assert await entrance.post(put(_RICH, way, value)) == 200


@LAW
@given(
    at=st.integers(0, len(json.dumps(_RICH))),
    cut=st.integers(0, 30),
    new=st.binary(max_size=10),
)
async def test_a_damaged_body_is_taken(
    door: Entrance, at: int, cut: int, new: bytes
) -> None:
    raw = json.dumps(_RICH).encode()
    assert await door.post(raw[:at] + new + raw[at + cut :]) == 200


@LAW
@given(path=st.text(st.characters(codec="utf-8"), max_size=30))
async def test_whatever_app_is_named_nothing_breaks(door: Entrance, path: str) -> None:
    url = f"{door.url}{PATH}/"
    async with door.session.get(url + path, params=asking()) as answer:
        assert answer.status < 500


# -- everything in the body, for whom it is -------------------------------------------


async def test_everything_in_a_body_is_stored_for_whom_it_is(
    entrance: Entrance,
) -> None:
    first, second = ANA.numbers

    def three(number: str, entry: int) -> Any:
        people = ("905550000001", "905550000002", "905550000001")
        return change(
            number,
            *[
                text(f"w.{entry}.{number}.{i}", f"{entry} {number} {i}", person)
                for i, person in enumerate(people)
            ],
            statuses=[status(f"out.{entry}.{number}")],
        )

    mixed = envelope(*([three(first, n), three(second, n)] for n in (1, 2)))
    assert await entrance.post(mixed) == 200
    assert await entrance.stored() == {
        "messages": 12,
        "statuses": 4,
        "quarantined": 0,
        "aliases": 8,
    }
    who = {
        (row.channel_id, row.contact_id.removeprefix("con_")): row.value
        for row in await entrance.rows(contact_alias)
        if row.kind == "wa_id"
    }
    for row in await entrance.rows(message):
        _, _, number, position = row.provider_id.split(".")
        assert row.channel_id == f"chn_{number}"
        assert row.tenant_id == ANA.tenant_id
        person = who[row.channel_id, row.conversation_id.removeprefix("cnv_")]
        assert person == ("905550000002" if position == "1" else "905550000001")
        assert row.content["text"].split()[1:] == [number, position]


async def test_a_repeated_body_changes_nothing(entrance: Entrance) -> None:
    for _ in range(3):
        assert await entrance.post(body()) == 200
    assert (await entrance.stored())["messages"] == 1


async def test_fifty_repetitions_at_two_servers_are_one_message_and_one_answer(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path) as house, AsyncExitStack() as stack:
        second = await stack.enter_async_context(running(house.runtime.settings))
        await stack.enter_async_context(upkeep(second))
        workers = [second] if database_url.startswith("postgresql") else []
        for _ in workers * 2:  # Four in all, with that of the house.
            workers.append(
                await stack.enter_async_context(running(house.runtime.settings))
            )
            await stack.enter_async_context(upkeep(workers[-1]))
        for each in workers:
            await stack.enter_async_context(working(each))
        port = await stack.enter_async_context(
            listening(build(second), bind("127.0.0.1", 0))
        )
        number = house.shop.number
        ana = house.phone()
        said = webhooks.message(
            ana.person,
            "wamid.same",
            house.runtime.clock(),
            {"type": "text", "text": {"body": "2 latte please"}},
            None,
        )
        raw = webhooks.encode(webhooks.of_messages(number, ana.person, said))
        header = {"X-Hub-Signature-256": signed(number.app_secret, raw)}
        urls = [f"{house.shop.url}{PATH}", f"http://127.0.0.1:{port}{PATH}"] * 25
        session = house.simulator.network.session

        async def post(url: str) -> int:
            async with session.post(url, data=raw, headers=header) as answer:
                return answer.status

        assert set(await asyncio.gather(*map(post, urls))) == {200}
        await house.settle()
        incoming = [m for m in await house.messages(ana) if m.direction == "in"]
        assert [m.provider_id for m in incoming] == ["wamid.same"]
        (turn,) = await house.analyses()
        outgoing = [m for m in await house.messages(ana) if m.direction == "out"]
        assert {m.analysis_id for m in outgoing} == {turn.id}
        assert len(ana.inbox) == len(outgoing) > 0


# -- when nothing can be stored -------------------------------------------------------

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@asynccontextmanager
async def held_by_another(url: str) -> AsyncIterator[None]:
    """Let another process write to a SQLite file while the block lasts."""
    command = [sys.executable, "-c", _HOLD, url.removeprefix("sqlite:///")]
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert other.stdin is not None
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        other.stdin.close()
        async with asyncio.timeout(10):
            await other.wait()


async def answered_503(entrance: Entrance, raw: bytes) -> bool:
    headers = {"X-Hub-Signature-256": signed(ANA.secret, raw)}
    async with entrance.session.post(
        entrance.url + PATH, data=raw, headers=headers
    ) as answer:
        assert int(answer.headers.get("Retry-After", "0")) > 0
        return answer.status == 503


async def test_a_locked_file_is_unavailable_and_nothing_is_half_written(
    sqlite_url: str,
) -> None:
    async with open_entrance(sqlite_url, database_wait_seconds=0.05) as entrance:
        assert await entrance.post(body("wamid.0")) == 200
        before = await entrance.stored()
        several = envelope([change(ANA.numbers[0], text("w1"), text("w2", sender="9"))])
        raw = json.dumps(several).encode()
        async with held_by_another(sqlite_url):
            assert await answered_503(entrance, raw)
            assert await entrance.stored() == before
        assert await entrance.post(raw) == 200
        assert (await entrance.stored())["messages"] == 3


@contextmanager
def away(url: str) -> Iterator[None]:
    """Take a PostgreSQL away, as a fail-over does, and bring it back."""
    folder = Path(url.partition("host=")[2])
    (door,) = folder.glob(".s.PGSQL.*[0-9]")
    name = url.partition("?")[0].rpartition("/")[2]
    execute(
        url.replace(f"/{name}?", "/postgres?"),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}'",
    )
    hidden = door.rename(folder / "away")
    try:
        yield
    finally:
        hidden.rename(door)


async def test_a_server_that_is_gone_is_unavailable_until_it_is_back(
    postgres_url: str,
) -> None:
    async with open_entrance(postgres_url) as entrance:
        assert await entrance.post(body("wamid.0")) == 200
        with away(postgres_url):
            for _ in range(2):
                raw = json.dumps(body("wamid.1")).encode()
                assert await answered_503(entrance, raw)
            async with entrance.session.get(entrance.url + "/ready") as answer:
                assert answer.status == 503
                said = await answer.json()
            assert said["status"] == "unavailable"
            assert "database" in said["checks"]["database"]
            path = entrance.url + "/v2/orders/ord_1/statusChange"
            headers = {"Authorization": "Bearer co_i_key"}
            async with entrance.session.post(path, headers=headers) as answer:
                assert answer.status == 503
                assert answer.content_type == "application/problem+json"
                assert answer.headers["Retry-After"]
        assert await entrance.post(body("wamid.1")) == 200
        stored = await entrance.rows(message)
        assert sorted(m.provider_id for m in stored) == ["wamid.0", "wamid.1"]


async def test_a_full_queue_is_unavailable_and_what_waits_is_stored(
    sqlite_url: str,
) -> None:
    async with open_entrance(sqlite_url, intake_queue=1) as entrance:
        async with entrance.runtime.database.transaction():
            # One can be under way and one can wait: the others are turned away.
            calls = [
                asyncio.ensure_future(entrance.post(body(f"wamid.{n}")))
                for n in range(5)
            ]
            for first in itertools.islice(asyncio.as_completed(calls), 3):
                assert await first == 503
            raw = json.dumps(body("wamid.9")).encode()
            assert await answered_503(entrance, raw)
        codes = await asyncio.gather(*calls)
        assert codes.count(200) in {1, 2}
        stored = {m.provider_id for m in await entrance.rows(message)}
        assert stored == {f"wamid.{n}" for n, c in enumerate(codes) if c == 200}


async def test_calls_are_counted_by_their_answer(door: Entrance) -> None:
    assert await door.post(body()) == 200
    assert await door.post(body(), secret="wrong") == 403
    registry = door.runtime.metrics.registry
    counted = [
        registry.get_sample_value(
            "chatorder_webhooks_total", {"channel": "whatsapp", "status": code}
        )
        for code in ("200", "403")
    ]
    assert counted == [1, 1]
