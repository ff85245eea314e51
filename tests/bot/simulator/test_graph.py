"""The fake Graph API refuses what Meta refuses, and tells what Meta tells."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.simulator import faults
from bot.simulator.bubble import Tick
from bot.simulator.phone import Phone
from tests.simulation import NUMBER, Stage, staged
from tests.standin import Json

WHO = "905320000001"


def text(body: object) -> Json:
    return {"type": "text", "text": {"body": body}}


def buttons(*titles: str, **more: Any) -> Json:
    replies = [{"id": f"{n}", "title": title} for n, title in enumerate(titles)]
    action = {"buttons": [{"type": "reply", "reply": each} for each in replies]}
    interactive = {"type": "button", "body": {"text": "?"}, "action": action, **more}
    return {"type": "interactive", "interactive": interactive}


def listing(*rows: Mapping[str, object], button: str = "Menu", **more: Any) -> Json:
    action = {"button": button, "sections": [{"rows": list(rows)}]}
    interactive = {"type": "list", "body": {"text": "?"}, "action": action, **more}
    return {"type": "interactive", "interactive": interactive}


def row(id_: str = "1", title: str = "Latte", **more: str) -> Mapping[str, object]:
    return {"id": id_, "title": title, **more}


@dataclass(frozen=True)
class Case:
    id: str
    body: Json
    code: int | None = None


LIMITS = [
    Case("a text may have 4096 characters", text("x" * 4096)),
    Case("and no more", text("x" * 4097), 131009),
    Case("a text needs words", text("  "), 131009),
    Case("a text is a text", text(7), 131009),
    Case("a text needs a body", {"type": "text", "text": {}}, 131008),
    Case("unknown keys are refused", {**text("x"), "colour": "red"}, 100),
    Case("unknown types are refused", {"type": "hologram"}, 131009),
    Case("three buttons", buttons("a", "b", "c")),
    Case("not four", buttons("a", "b", "c", "d"), 131009),
    Case("not none", buttons(), 131009),
    Case("a title may have 20 characters", buttons("x" * 20)),
    Case("not 21", buttons("x" * 21), 131009),
    Case("titles are unique", buttons("Yes", "Yes"), 131009),
    Case("a body may have 1024", buttons("a", body={"text": "x" * 1024})),
    Case("not 1025", buttons("a", body={"text": "x" * 1025}), 131009),
    Case("a footer 60", buttons("a", footer={"text": "x" * 60})),
    Case("not 61", buttons("a", footer={"text": "x" * 61}), 131009),
    Case(
        "a header 60 and no more",
        buttons("a", header={"type": "text", "text": "x" * 61}),
        131009,
    ),
    Case("ten rows", listing(*[row(str(n)) for n in range(10)])),
    Case("not eleven", listing(*[row(str(n)) for n in range(11)]), 131009),
    Case("row ids are unique", listing(row("1"), row("1")), 131009),
    Case("a row's title has 24", listing(row(title="x" * 24))),
    Case("not 25", listing(row(title="x" * 25)), 131009),
    Case("a description 72", listing(row(description="x" * 72))),
    Case("not 73", listing(row(description="x" * 73)), 131009),
    Case("a row's id 200", listing(row(id_="x" * 201)), 131009),
    Case("the list's button 20", listing(row(), button="x" * 21), 131009),
    Case(
        "a callback has 512 characters",
        {**text("x"), "biz_opaque_callback_data": "x" * 513},
        131009,
    ),
    Case("a number is digits", {**text("x"), "to": "Ana"}, 131009),
    Case(
        "an image has one source",
        {"type": "image", "image": {"id": "1", "link": "https://x/y.png"}},
        131009,
    ),
    Case("an image's id is known", {"type": "image", "image": {"id": "1"}}, 131053),
    Case("nobody writes to himself", {**text("x"), "to": "902125550101"}, 131021),
]


@pytest.mark.parametrize("case", LIMITS, ids=lambda case: case.id)
async def test_limits_of_the_cloud_api(stage: Stage, case: Case) -> None:
    status, answer = await stage.graph.call(
        {"messaging_product": "whatsapp", "to": WHO, **case.body}
    )
    if case.code is None:
        assert status == 200, answer
        assert answer["messages"][0]["id"].startswith("wamid.")
        return
    assert status == 400
    assert answer["error"]["code"] == case.code
    assert answer["error"]["type"] == "OAuthException"
    assert answer["error"]["error_data"]["details"]
    phone = stage.simulator.find(WHO)
    assert phone is None or not phone.inbox


async def test_several_sections_need_titles(stage: Stage) -> None:
    sections = [{"rows": [row("1")]}, {"rows": [row("2")], "title": "Cold"}]
    body = {"type": "list", "body": {"text": "?"}}
    action = {"button": "Menu", "sections": sections}
    status, answer = await stage.graph.send(
        WHO, type="interactive", interactive={**body, "action": action}
    )
    assert (status, answer["error"]["code"]) == (400, 131009)


async def test_the_token_is_checked(stage: Stage) -> None:
    stage.graph.headers = {"Authorization": "Bearer other"}
    status, answer = await stage.graph.text(WHO, "hi")
    assert (status, answer["error"]["code"]) == (401, 190)


async def test_an_unknown_number_is_refused(stage: Stage) -> None:
    stage.graph.url = stage.graph.url.replace("106540352242922", "1")
    status, answer = await stage.graph.text(WHO, "hi")
    assert (status, answer["error"]["code"]) == (400, 100)


async def test_garbage_is_refused(stage: Stage) -> None:
    for garbage in (b"{", b"[]", b"\xff"):
        async with stage.session.post(
            stage.graph.url, data=garbage, headers=stage.graph.headers
        ) as response:
            assert response.status == 400
            assert (await response.json())["error"]["code"] == 100


async def test_an_accepted_message_is_sent_delivered_and_read(
    stage: Stage, ana: Phone
) -> None:
    _, answer = await stage.graph.text(
        WHO, "hi", biz_opaque_callback_data="reply:anl_1:1"
    )
    await stage.simulator.settled()
    wamid = answer["messages"][0]["id"]
    told = stage.product.statuses
    assert [each["status"] for each in told] == ["sent", "delivered", "read"]
    for each in told:
        assert each["id"] == wamid
        assert each["recipient_id"] == WHO
        assert each["recipient_user_id"] == ana.person.user_id
        assert each["biz_opaque_callback_data"] == "reply:anl_1:1"
        assert each["timestamp"] == "1795348800"
    assert told[0]["pricing"]["pricing_model"] == "PMP"
    assert ana.inbox[0].state is Tick.READ


async def test_statuses_of_one_message_keep_their_order_among_many(
    stage: Stage, ana: Phone
) -> None:
    sent = [await stage.graph.text(WHO, f"{n}") for n in range(40)]
    await stage.simulator.settled()
    for _, answer in sent:
        wamid = answer["messages"][0]["id"]
        states = [s["status"] for s in stage.product.statuses if s["id"] == wamid]
        assert states == ["sent", "delivered", "read"]


async def test_a_phone_that_is_off_gets_no_further_than_sent(
    stage: Stage, ana: Phone
) -> None:
    ana.is_reachable = False
    await stage.graph.text(WHO, "hi")
    await stage.simulator.settled()
    assert [each["status"] for each in stage.product.statuses] == ["sent"]


async def test_an_unread_message_stays_delivered(stage: Stage, ana: Phone) -> None:
    ana.reads = False
    await stage.graph.text(WHO, "hi")
    await stage.simulator.settled()
    assert [s["status"] for s in stage.product.statuses] == ["sent", "delivered"]


async def test_statuses_are_tried_again_and_then_given_up(
    stage: Stage, ana: Phone
) -> None:
    stage.product.next_statuses.extend([500, 200, 500, 500, 500])
    await stage.graph.text(WHO, "hi")
    await stage.simulator.settled()
    assert stage.simulator.reports.undelivered == 1
    # 500 and its retry, three refusals of `delivered`, then `read`.
    assert [each["status"] for each in stage.product.statuses] == ["read"]


async def test_a_user_id_reaches_the_phone_behind_it(stage: Stage, ana: Phone) -> None:
    status, answer = await stage.graph.call(
        {
            "messaging_product": "whatsapp",
            "recipient": ana.person.user_id,
            **text("hi"),
        }
    )
    assert status == 200
    assert answer["contacts"][0]["user_id"] == ana.person.user_id
    assert ana.inbox[0].text == "hi"


async def test_everything_sent_is_kept_with_its_recipient(
    stage: Stage, ana: Phone
) -> None:
    await stage.graph.text(WHO, "hi", context={"message_id": "wamid.Q"})
    bubble = ana.inbox[0]
    assert bubble.quotes == "wamid.Q"
    assert bubble.body["text"] == {"body": "hi", "preview_url": False}


# -- faults ---------------------------------------------------------------------------

REFUSALS = [
    (faults.refused(131056), 400, 131056),
    (faults.refused(130429), 429, 130429),
    (faults.refused(190), 401, 190),
    (faults.refused(368), 403, 368),
    (faults.refused(131047), 400, 131047),
    (faults.server_error(), 500, 131000),
    (faults.server_error(503), 503, 131000),
]


@pytest.mark.parametrize(("fault", "status", "code"), REFUSALS)
async def test_errors_on_demand_hit_one_send(
    stage: Stage, fault: faults.Fault, status: int, code: int
) -> None:
    stage.simulator.faults.add(fault)
    first, answer = await stage.graph.text(WHO, "one")
    assert (first, answer["error"]["code"]) == (status, code)
    second, _ = await stage.graph.text(WHO, "two")
    assert second == 200
    phone = stage.simulator.find(WHO)
    assert phone is not None
    assert [bubble.text for bubble in phone.inbox] == ["two"]


async def test_a_fault_of_one_recipient_leaves_the_others_alone(stage: Stage) -> None:
    stage.simulator.faults.add(faults.refused(131026), to=WHO, times=2)
    assert (await stage.graph.text("905320000002", "hi"))[0] == 200
    assert (await stage.graph.text(WHO, "hi"))[0] == 400
    assert (await stage.graph.text(WHO, "hi"))[0] == 400
    assert (await stage.graph.text(WHO, "hi"))[0] == 200


async def test_retry_after_is_told(stage: Stage) -> None:
    stage.simulator.faults.add(faults.refused(130429, retry_after=7))
    async with stage.session.post(
        stage.graph.url,
        json={"messaging_product": "whatsapp", "to": WHO, **text("hi")},
        headers=stage.graph.headers,
    ) as response:
        assert response.headers["Retry-After"] == "7"


async def test_a_malformed_answer_hides_an_accepted_message(
    stage: Stage, ana: Phone
) -> None:
    stage.simulator.faults.add(faults.malformed())
    with pytest.raises(ValueError, match="Unterminated"):
        await stage.graph.text(WHO, "hi")
    assert len(ana.inbox) == 1


@pytest.mark.parametrize("accepted", [True, False])
async def test_the_connection_ends_before_or_after_accepting(
    stage: Stage, ana: Phone, accepted: bool
) -> None:
    stage.simulator.faults.add(faults.dropped(accepted=accepted))
    with pytest.raises(aiohttp.ClientError):
        await stage.graph.text(WHO, "hi")
    assert len(ana.inbox) == int(accepted)
    await stage.simulator.settled()
    assert len(stage.product.statuses) == (3 if accepted else 0)


@pytest.mark.parametrize("reported", [True, False])
async def test_an_answer_that_never_comes(
    stage: Stage, ana: Phone, reported: bool
) -> None:
    stage.simulator.faults.add(faults.times_out(reported=reported))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await stage.graph.text(WHO, "hi")
    assert len(ana.inbox) == 1
    await stage.simulator.settled()
    assert len(stage.product.statuses) == (3 if reported else 0)


async def test_what_was_accepted_may_fail_later(stage: Stage, ana: Phone) -> None:
    stage.simulator.faults.add(faults.fails_later(131026))
    status, _ = await stage.graph.text(WHO, "hi", biz_opaque_callback_data="x")
    await stage.simulator.settled()
    assert status == 200
    failed = stage.product.statuses[0]
    assert failed["status"] == "failed"
    assert failed["errors"][0]["code"] == 131026
    assert failed["biz_opaque_callback_data"] == "x"
    assert "recipient_user_id" not in failed
    value = stage.product.payloads[0]["entry"][0]["changes"][0]["value"]
    assert "contacts" not in value
    assert ana.inbox[0].state is Tick.FAILED


async def test_outside_the_window_free_words_fail() -> None:
    async with staged(window=timedelta(hours=24)) as stage:
        ana = stage.simulator.phone(WHO, "Ana")
        await ana.say("hi")
        await stage.graph.text(WHO, "in time")
        stage.clock.advance(timedelta(hours=25))
        await stage.graph.text(WHO, "too late")
        await stage.simulator.settled()
        states = [bubble.state for bubble in ana.inbox]
        assert states == [Tick.READ, Tick.FAILED]
        errors = [s["errors"] for s in stage.product.statuses if "errors" in s]
        assert [error["code"] for (error,) in errors] == [131047]


# -- media ----------------------------------------------------------------------------


async def test_media_are_fetched_in_two_steps_with_the_token(
    stage: Stage, ana: Phone
) -> None:
    await ana.send_voice(b"OggS and more")
    media_id = stage.product.messages[0]["audio"]["id"]
    where = f"{stage.graph.base}/v23.0/{media_id}"
    async with stage.session.get(where, headers=stage.graph.headers) as response:
        told = await response.json()
    assert told["mime_type"] == "audio/ogg; codecs=opus"
    assert told["file_size"] == 13
    assert len(told["sha256"]) == 64
    async with stage.session.get(told["url"], headers=stage.graph.headers) as response:
        assert await response.read() == b"OggS and more"
    async with stage.session.get(told["url"]) as response:
        assert response.status == 401
    stage.clock.advance(timedelta(minutes=5))
    async with stage.session.get(told["url"], headers=stage.graph.headers) as response:
        assert response.status == 404


async def test_unknown_media_and_wrong_tokens_are_refused(stage: Stage) -> None:
    where = f"{stage.graph.base}/v23.0/123"
    async with stage.session.get(where, headers=stage.graph.headers) as response:
        assert (await response.json())["error"]["code"] == 100
    async with stage.session.get(where) as response:
        assert response.status == 401


async def test_the_number_tells_its_name(stage: Stage) -> None:
    where = f"{stage.graph.base}/v23.0/{NUMBER.phone_number_id}"
    async with stage.session.get(where, headers=stage.graph.headers) as response:
        assert (await response.json())["verified_name"] == "Test Shop"


async def test_a_linked_picture_is_fetched_for_the_phone(
    stage: Stage, ana: Phone
) -> None:
    cup = await ana.send_image(b"a picture", "image/png")
    link = f"{stage.url}/simulator/media/{cup.media_id}"
    await stage.graph.send(WHO, type="image", image={"link": link, "caption": "this?"})
    await stage.simulator.settled()
    shown = ana.inbox[0]
    stored = stage.simulator.media.get(shown.media_id or "")
    assert stored is not None
    assert stored.data == b"a picture"
    assert shown.text == "this?"


async def test_a_picture_that_cannot_be_fetched_fails(stage: Stage, ana: Phone) -> None:
    link = f"{stage.url}/simulator/media/none"
    await stage.graph.send(WHO, type="image", image={"link": link})
    await stage.simulator.settled()
    assert stage.product.statuses[0]["errors"][0]["code"] == 131053
    assert ana.inbox[0].state is Tick.FAILED
