"""The page's server: strict headers, strict actions, and news as they happen."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from bot.simulator.actions import SampleLine
from bot.simulator.phone import Phone
from tests.simulation import Stage, staged

LATTE = SampleLine("LATTE", "Latte", 2, Decimal(95), "TRY")


async def act(stage: Stage, phone: Phone, **action: Any) -> tuple[int, Any]:
    where = f"{stage.url}/simulator/phones/{phone.wa_id}/actions"
    async with stage.session.post(where, json=action) as response:
        return response.status, await response.json()


async def events(
    response: aiohttp.ClientResponse,
) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in response.content:
        word, _, rest = line.decode().strip().partition(": ")
        if word == "event":
            name = rest
        elif word == "data":
            yield name, json.loads(rest)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/simulator/assets/phone.css", "text/css"),
        ("/simulator/assets/phone.js", "text/javascript"),
        ("/simulator/assets/icon.svg", "image/svg+xml"),
    ],
)
async def test_files_of_the_page_are_served_strictly(
    stage: Stage, path: str, kind: str
) -> None:
    async with stage.session.get(stage.url + path) as response:
        assert response.status == 200
        assert response.content_type == kind
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        text = await response.text()
    assert "http://" not in text.replace("http://www.w3.org/", "")
    assert "https://" not in text
    assert "innerHTML" not in text


async def test_no_other_file_is_served(stage: Stage) -> None:
    for name in ("app.py", "..%2Fapp.py", "samples/note.jpg", "none.js"):
        where = f"{stage.url}/simulator/assets/{name}"
        async with stage.session.get(where) as response:
            assert response.status == 404


async def test_news_begin_with_everything_and_go_on(stage: Stage, ana: Phone) -> None:
    async with stage.session.get(f"{stage.url}/simulator/events") as response:
        news = events(response)
        name, everything = await anext(news)
        assert name == "all"
        assert everything["suggestion"] == "hi, 2 latte and a choc croissant pls"
        assert everything["shop"]["name"] == "Test Shop"
        assert everything["phones"][0]["bubbles"] == []
        await stage.graph.buttons(ana.wa_id, "Right?", "Yes")
        name, phone = await anext(news)
        assert name == "phone"
        assert phone["number"] == ana.wa_id
        assert phone["bubbles"][0]["buttons"] == [{"id": "id:Yes", "title": "Yes"}]


async def test_a_page_that_was_closed_disturbs_nobody(
    stage: Stage, ana: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        async with stage.session.get(f"{stage.url}/simulator/events") as response:
            assert (await anext(events(response)))[0] == "all"
            response.close()
        for n in range(5):
            await stage.graph.text(ana.wa_id, f"{n}")
    assert not caplog.records


async def test_an_open_page_does_not_hold_up_the_end() -> None:
    async with (
        staged() as stage,
        stage.session.get(f"{stage.url}/simulator/events") as response,
    ):
        assert (await anext(events(response)))[0] == "all"
        stage.simulator.news.close()
        assert [each async for each in events(response)] == []


async def test_a_text_is_sent_and_a_button_tapped(stage: Stage, ana: Phone) -> None:
    status, bubble = await act(stage, ana, type="text", text="hi")
    assert (status, bubble["text"], bubble["state"]) == (200, "hi", "delivered")
    await stage.graph.buttons(ana.wa_id, "Right?", "Yes", "No")
    shown = ana.inbox[0].id
    status, _ = await act(stage, ana, type="tap", message=shown, index=1)
    assert status == 200
    tapped = stage.product.messages[-1]["interactive"]["button_reply"]
    assert tapped["title"] == "No"
    status, problem = await act(stage, ana, type="tap", message=shown, index=2)
    assert (status, problem["error"]) == (409, "the message has 2 choices")


async def test_rows_reactions_and_quotes(stage: Stage, ana: Phone) -> None:
    await stage.graph.listing(ana.wa_id, "What?", "Menu", ("Latte", "hot"))
    shown = ana.inbox[0].id
    assert (await act(stage, ana, type="tap", message=shown, index=0))[0] == 200
    assert (await act(stage, ana, type="reaction", message=shown, emoji="👍"))[0] == 200
    assert (await act(stage, ana, type="text", text="that", reply_to=shown))[0] == 200
    row, reaction, quote = stage.product.messages
    assert row["interactive"]["list_reply"]["title"] == "Latte"
    assert reaction["reaction"]["message_id"] == shown
    assert quote["context"]["id"] == shown


SAMPLES = [
    ({"type": "sample", "name": "note"}, "image", b"\xff\xd8\xff"),
    ({"type": "sample", "name": "cup"}, "image", b"\xff\xd8\xff"),
    ({"type": "sample", "name": "voice"}, "audio", b"OggS"),
]


@pytest.mark.parametrize(("action", "kind", "magic"), SAMPLES)
async def test_samples_are_real_media(
    stage: Stage, ana: Phone, action: dict[str, str], kind: str, magic: bytes
) -> None:
    status, bubble = await act(stage, ana, **action)
    assert status == 200
    message = stage.product.messages[0]
    assert message["type"] == kind
    async with stage.session.get(stage.url + bubble["media"]) as response:
        assert (await response.read()).startswith(magic)
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_sample_cart_is_the_shops() -> None:
    async with staged(cart=(LATTE,)) as stage:
        ana = stage.simulator.phone("905320000001", "Ana")
        assert (await act(stage, ana, type="cart"))[0] == 200
        assert (await act(stage, ana, type="location"))[0] == 200
        cart, place = stage.product.messages
        item = cart["order"]["product_items"][0]
        assert item["product_retailer_id"] == "LATTE"
        assert place["type"] == "location"


BAD = [
    {},
    {"type": "text", "text": ""},
    {"type": "text", "text": "x" * 4097},
    {"type": "hologram"},
    {"type": "text", "text": "hi", "colour": "red"},
    {"type": "sample", "name": "../secret"},
    {"type": "tap", "message": "x", "index": -1},
]


@pytest.mark.parametrize("action", BAD, ids=str)
async def test_bad_actions_are_refused(
    stage: Stage, ana: Phone, action: dict[str, Any]
) -> None:
    status, problem = await act(stage, ana, **action)
    assert status == 400
    assert problem["error"]
    assert not stage.product.messages


async def test_what_does_not_fit_the_phone_is_said(stage: Stage, ana: Phone) -> None:
    status, problem = await act(stage, ana, type="tap", message="gone", index=0)
    assert (status, problem["error"]) == (409, "the message is no longer on the phone")
    status, problem = await act(stage, ana, type="cart")
    assert (status, problem["error"]) == (409, "no sample cart was set up")
    where = f"{stage.url}/simulator/phones/1/actions"
    async with stage.session.post(where, json={}) as response:
        assert response.status == 404
    where = f"{stage.url}/simulator/phones/{ana.wa_id}/actions"
    async with stage.session.post(where, data={"type": "cart"}) as response:
        assert response.status == 415


async def test_a_product_that_refuses_is_said(stage: Stage, ana: Phone) -> None:
    stage.product.next_statuses.extend([403, 403, 403])
    status, problem = await act(stage, ana, type="text", text="hi")
    assert status == 502
    assert "answered 403" in problem["error"]
    async with stage.session.get(f"{stage.url}/simulator/state") as response:
        state = await response.json()
    assert state["phones"][0]["bubbles"][0]["state"] == "failed"


async def test_without_a_database_there_is_nothing_to_trace(
    stage: Stage, ana: Phone
) -> None:
    await ana.say("hi")
    where = f"{stage.url}/simulator/phones/{ana.wa_id}/trace"
    async with stage.session.get(where) as response:
        assert await response.json() == {"message": None, "trace": None}
