"""The first-run page: whoever reads the log makes the shop, once, and nobody else."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.inbox.first_run_table import first_run
from bot.inbox.passwords import is_password
from bot.inbox.people_table import user
from bot.inbox.users import password_hash_of
from bot.runtime import Runtime
from bot.serving import bind, listening
from bot.settings import Settings
from bot.web.application import build
from bot.web.first_run import TRIES_PER_MINUTE, announce
from bot.wiring import running
from catalog.table import tenant
from tests.simulation import Clock

FORM = {
    "name": "Kahve Evi",
    "country": "TR",
    "language": "tr",
    "currency": "",
    "timezone": "",
    "admin_name": "Ana",
    "email": "Ana@shop.example",
    "password": "correct horse",
    "again": "correct horse",
}


@dataclass
class Place:
    """A server whose database has no shop, and a browser of sorts."""

    runtime: Runtime
    url: str
    session: aiohttp.ClientSession
    clock: Clock

    async def code(self) -> str:
        code = await announce(self.runtime, self.url)
        assert code is not None
        return code

    async def look(self) -> tuple[int, str]:
        async with self.session.get(f"{self.url}/setup") as answer:
            return answer.status, await answer.text()

    async def send(
        self, headers: dict[str, str] | None = None, /, **changes: str
    ) -> tuple[int, str]:
        data = {**FORM, **changes}
        async with self.session.post(
            f"{self.url}/setup", data=data, headers=headers
        ) as answer:
            return answer.status, await answer.text()

    async def rows(self, table: Any) -> list[Any]:
        async with self.runtime.database.reading() as connection:
            return list((await connection.execute(select(table))).all())


@pytest.fixture
async def place(database_url: str) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        settings = Settings(database_url=database_url, secret_key="s" * 43)
        clock = Clock()
        runtime = await stack.enter_async_context(running(settings, clock=clock))
        listener = bind("127.0.0.1", 0)
        port = await stack.enter_async_context(listening(build(runtime), listener))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Place(runtime, f"http://127.0.0.1:{port}", session, clock)


async def test_the_code_of_the_log_makes_the_shop_and_its_admin(place: Place) -> None:
    status, page = await place.look()
    assert status == 200
    assert "One-time code" in page
    status, page = await place.send(code=await place.code())
    assert status == 201
    assert "Kahve Evi is set up" in page
    [shop] = await place.rows(tenant)
    facts = (shop.name, shop.language, shop.country, shop.currency, shop.timezone)
    assert facts == ("Kahve Evi", "tr", "TR", "TRY", "Europe/Istanbul")
    assert f"chatorder catalog import products.csv --tenant {shop.id}" in page
    async with place.runtime.database.reading() as connection:
        ana, stored = await password_hash_of(connection, shop.id, "ana@shop.example")
    assert ana is not None
    assert (ana.name, ana.role) == ("Ana", "admin")
    assert await is_password(stored, "correct horse")


async def test_afterwards_the_page_is_gone_and_the_code_is_worth_nothing(
    place: Place,
) -> None:
    code = await place.code()
    await place.send(code=code)
    assert (await place.look())[0] == 404
    assert (await place.send(code=code, name="Another"))[0] == 404
    assert len(await place.rows(tenant)) == 1
    assert await announce(place.runtime, place.url) is None
    assert await place.rows(first_run) == []


async def test_every_process_prints_the_same_code_and_none_is_stored(
    place: Place,
) -> None:
    codes = set(await asyncio.gather(*(place.code() for _ in range(3))))
    [code] = codes
    assert re.fullmatch(r"[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}", code)
    [row] = await place.rows(first_run)
    assert code.replace("-", "") not in str(tuple(row))


async def test_the_code_may_be_typed_carelessly(place: Place) -> None:
    code = await place.code()
    status, _ = await place.send(code=f"  {code.upper().replace('-', ' ')} ")
    assert status == 201


@pytest.mark.parametrize("code", ["", "aaaa-aaaa-aaaa", "ş" * 50, "\0", "\ud83d"])
async def test_a_wrong_code_makes_nothing(place: Place, code: str) -> None:
    await place.code()
    status, page = await place.send(code=code.encode("utf-8", "replace").decode())
    assert status == 403
    assert "this is not the code of the last start" in page
    assert await place.rows(tenant) == []


async def test_who_tries_too_fast_waits_and_the_code_stays_good(place: Place) -> None:
    code = await place.code()
    tries = await asyncio.gather(
        *(place.send(code=f"wrong {number}") for number in range(TRIES_PER_MINUTE))
    )
    assert {status for status, _ in tries} == {403}
    status, page = await place.send(code=code)
    assert status == 429
    assert "wait a minute" in page
    assert await place.rows(tenant) == []
    assert await place.code() == code
    place.clock.advance(timedelta(minutes=1))
    assert (await place.send(code=code))[0] == 201


async def test_before_the_log_showed_a_code_there_is_none(place: Place) -> None:
    assert (await place.send(code=""))[0] == 403
    assert await place.rows(tenant) == []


async def test_two_who_send_the_form_at_once_make_one_shop(place: Place) -> None:
    code = await place.code()
    ended = await asyncio.gather(
        place.send(code=code), place.send(code=code, name="Another")
    )
    assert sorted(status for status, _ in ended) == [201, 404]
    assert len(await place.rows(tenant)) == 1
    assert len(await place.rows(user)) == 1


WRONG = {
    "name": ({"name": " "}, "name", "give a name"),
    "country": ({"country": ""}, "country", "not an ISO 3166 code"),
    "language": ({"language": "de"}, "language", "do not speak"),
    "currency": ({"currency": "XXX"}, "currency", "not an ISO 4217 code"),
    "timezone": ({"timezone": "Mars"}, "timezone", "not an IANA time zone"),
    "no one zone": ({"country": "US"}, "timezone", "US has more than one"),
    "email": ({"email": "ana"}, "email", "give an address"),
    "admin": ({"admin_name": ""}, "admin_name", "give a name"),
    "password": ({"password": "short", "again": "short"}, "password", "10 to 256"),
    "again": ({"again": "correct house"}, "again", "the two passwords differ"),
}


@pytest.mark.parametrize(("changes", "name", "why"), WRONG.values(), ids=WRONG)
async def test_a_wrong_answer_is_named_at_its_field_and_nothing_else_is_lost(
    place: Place, changes: dict[str, str], name: str, why: str
) -> None:
    code = await place.code()
    status, page = await place.send(code=code, **changes)
    assert status == 422
    [told] = re.findall(rf'id="{name}-wrong">(.*?)<', page)
    assert why in told
    assert f'aria-describedby="{name}-wrong"' in page
    if name not in {"name", "country"}:
        assert 'value="Kahve Evi"' in page
    assert "correct horse" not in page
    assert await place.rows(tenant) == []
    # The code is as good as before.
    assert (await place.send(code=code))[0] == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
async def test_a_form_that_another_site_sent_is_refused(
    place: Place, headers: dict[str, str]
) -> None:
    status, _ = await place.send(headers, code=await place.code())
    assert status == 403
    assert await place.rows(tenant) == []


async def test_our_own_page_may_send_it(place: Place) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": place.url}
    assert (await place.send(headers, code=await place.code()))[0] == 201


BODIES = {
    "json": (b"{}", "application/json", 415),
    "too long": (b"name=" + b"x" * 20_000, "", 413),
    "not text": (b"name=\xff\xfe", "", 400),
    "too many": (b"a=1&" * 50, "", 400),
}


@pytest.mark.parametrize(("body", "kind", "status"), BODIES.values(), ids=BODIES)
async def test_what_is_no_form_of_ours_is_refused(
    place: Place, body: bytes, kind: str, status: int
) -> None:
    headers = {"Content-Type": kind or "application/x-www-form-urlencoded"}
    async with place.session.post(
        f"{place.url}/setup", data=body, headers=headers
    ) as answer:
        assert answer.status == status


async def test_the_page_needs_nothing_from_elsewhere_and_is_framed_by_nobody(
    place: Place,
) -> None:
    async with place.session.get(f"{place.url}/setup") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)


async def test_what_was_entered_is_shown_as_text(place: Place) -> None:
    name = '"><script>alert(1)</script>'
    _, page = await place.send(code="wrong", name=name)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
