"""Conversations and messages through the API: look, take over, write, hand back."""

import hashlib
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.domain.message import Alias, OutboundMessage, OutText
from bot.inbox.speaking import Said, speak
from bot.inbox.table import contact, conversation, media, message
from orders.outbox.store import State
from orders.table import outbox
from tests.api import Api, Office
from tests.bot.web.entrance import body

JPEG = (files("bot.simulator.page.samples") / "cup.jpg").read_bytes()


async def test_a_conversation_shows_who_writes_and_what_they_want(
    office: Office,
) -> None:
    ana = office.house.phone()
    chat = await office.write(ana, "2 latte")
    found = await office.agent.read("/v1/conversations")
    assert found["total"] == 1
    (shown,) = found["data"]
    assert shown["contact"]["name"] == "Ana"
    assert shown["contact"]["address"] == ana.wa_id
    assert (shown["owner"], shown["state"]) == ("bot", "quiet")
    assert shown["draft"]["state"] == "open"
    assert shown["window_closes_at"] > shown["last_inbound_at"]
    assert await office.agent.read(f"/v1/conversations/{chat}") == shown


async def test_conversations_can_be_filtered(office: Office) -> None:
    first = await office.write(office.house.phone("905550000001", "Ada Öz"), "hi")
    second = await office.write(office.house.phone("905550000002", "50% Bob"), "hi")
    await office.agent.post(f"/v1/conversations/{second}/take-over")
    async with office.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == first)
            .values(error="it broke")
        )
    for query, expected in (
        ({"owner": "agent"}, [second]),
        ({"owner": "bot"}, [first]),
        ({"state": "failed"}, [first]),
        ({"state": "quiet"}, [second]),
        ({"state": "working"}, []),
        ({"search": "ADA"}, [first]),
        ({"search": "%25"}, [second]),
        ({"search": "_"}, []),
        ({"channel_id": "none"}, []),
        ({}, [second, first]),
        ({"limit": "1"}, [second]),
        ({"limit": "1", "offset": "1"}, [first]),
    ):
        found = await office.agent.read("/v1/conversations", **query)
        assert [each["id"] for each in found["data"]] == expected, query
    assert (await office.agent.read("/v1/conversations", limit=1))["total"] == 2


async def test_while_an_agent_has_the_chat_the_bot_is_silent(office: Office) -> None:
    ana = office.house.phone()
    chat = await office.write(ana, "2 latte")
    taken = await office.agent.post(f"/v1/conversations/{chat}/take-over")
    assert (taken.body["owner"], taken.body["owner_id"]) == ("agent", "key_agent")
    seen = len(ana.inbox)
    await office.write(ana, "3 tea")
    assert len(ana.inbox) == seen
    sent = await office.agent.post(
        f"/v1/conversations/{chat}/messages", {"text": "A person speaks."}
    )
    assert sent.status == 201, sent.raw
    (heard,) = await office.house.hears(ana, seen)
    assert heard.text == "A person speaks."
    back = await office.manager.post(f"/v1/conversations/{chat}/hand-back")
    assert (back.body["owner"], back.body["owner_id"]) == ("bot", None)
    await office.write(ana, "1 tea")
    assert len(ana.inbox) > seen + 1


async def test_what_an_agent_wrote_says_who_and_how_far_it_got(office: Office) -> None:
    ana = office.house.phone()
    chat = await office.write(ana, "hi")
    await office.agent.post(f"/v1/conversations/{chat}/take-over")
    sent = await office.agent.post(
        f"/v1/conversations/{chat}/messages", {"text": "Hello Ana."}
    )
    (queued,) = sent.body["data"]
    assert (queued["direction"], queued["state"]) == ("out", "queued")
    assert (queued["actor"], queued["text"]) == ("key:key_agent", "Hello Ana.")
    await office.house.settle()
    later = await office.agent.read(f"/v1/messages/{queued['id']}")
    assert later["state"] in {"sent", "delivered", "read"}


async def test_a_picture_is_sent_by_its_address(office: Office) -> None:
    ana = office.house.phone()
    chat = await office.write(ana, "hi")
    await office.agent.post(f"/v1/conversations/{chat}/take-over")
    answer = await office.agent.post(
        f"/v1/conversations/{chat}/messages",
        {"image": {"link": "https://example.com/latte.jpg", "caption": "Fresh"}},
    )
    assert answer.status == 201
    assert answer.body["data"][0]["kind"] == "image"
    assert answer.body["data"][0]["content"]["link"] == "https://example.com/latte.jpg"


async def test_a_file_and_a_template_are_sent_the_template_at_any_time(
    quick_office: Office,
) -> None:
    ana = quick_office.house.phone()
    chat = await quick_office.write(ana, "hi")
    await quick_office.agent.post(f"/v1/conversations/{chat}/take-over")
    seen = len(ana.inbox)
    to = f"/v1/conversations/{chat}/messages"
    link = "https://example.com/invoice-7.pdf"
    file = {"link": link, "filename": "Invoice 7.pdf", "caption": "Here it is"}
    answer = await quick_office.agent.post(to, {"document": file})
    assert answer.status == 201
    assert answer.body["data"][0]["content"] == {"type": "document", **file}
    await quick_office.house.rest()
    await wrote(quick_office, hours_ago=30)
    template = {"name": "order_shipped", "language": "tr", "parameters": ["1 042"]}
    answer = await quick_office.agent.post(
        to, {"template": {**template, "text": "Order 1042 is on its way."}}
    )
    assert (answer.status, answer.body["data"][0]["kind"]) == (201, "template")
    assert answer.body["data"][0]["text"] == "Order 1042 is on its way."
    await quick_office.house.rest()
    shown = [(b.kind, b.filename or b.text) for b in ana.inbox[seen:]]
    assert shown == [
        ("document", "Invoice 7.pdf"),
        ("template", "order_shipped: 1 042"),
    ]


async def wrote(office: Office, *, hours_ago: int) -> None:
    """Let the customers' last words be so long ago."""
    runtime = office.house.runtime
    at = runtime.clock() - timedelta(hours=hours_ago)
    async with runtime.database.transaction() as connection:
        await connection.execute(update(conversation).values(last_inbound_at=at))


BAD_MESSAGES: dict[str, Any] = {
    "a file of this machine": {"document": {"link": "file:///etc/passwd"}},
    "a name with folders": {
        "document": {"link": "https://example.com/a.pdf", "filename": "../a.pdf"}
    },
    "a template's odd name": {"template": {"name": "Order Shipped", "language": "tr"}},
    "a template of no language": {"template": {"name": "hi", "language": "Turkish"}},
    "a blank parameter": {
        "template": {"name": "hi", "language": "tr", "parameters": [" "]}
    },
    "two things": {
        "text": "x",
        "template": {"name": "hi", "language": "tr"},
    },
    "nothing": {},
    "both": {"text": "x", "image": {"link": "https://example.com/a.jpg"}},
    "blank": {"text": "  \n "},
    "too long": {"text": "x" * 4097},
    "no address": {"image": {"link": "latte.jpg"}},
    "an address of this machine's files": {"image": {"link": "file:///etc/passwd"}},
}


@pytest.mark.parametrize("case", BAD_MESSAGES)
async def test_what_cannot_be_said_is_refused(quick_api: Api, case: str) -> None:
    answer = await quick_api.agent.post(
        "/v1/conversations/none/messages", BAD_MESSAGES[case]
    )
    assert (answer.status, answer.kind) == (422, "invalid-request")


async def test_nobody_speaks_while_the_bot_does(quick_office: Office) -> None:
    ana = quick_office.house.phone()
    chat = await quick_office.write(ana, "hi")
    seen = len(ana.inbox)
    answer = await quick_office.agent.post(
        f"/v1/conversations/{chat}/messages", {"text": "x"}
    )
    assert (answer.status, answer.kind) == (409, "conflict")
    assert "take it over" in answer.body["detail"]
    assert await quick_office.house.hears(ana, seen) == ()


async def test_who_said_stop_gets_nothing_from_a_person_either(
    quick_office: Office,
) -> None:
    chat = await quick_office.write(quick_office.house.phone(), "hi")
    await quick_office.agent.post(f"/v1/conversations/{chat}/take-over")
    async with quick_office.house.runtime.database.transaction() as connection:
        await connection.execute(update(contact).values(opted_out=True))
    answer = await quick_office.agent.post(
        f"/v1/conversations/{chat}/messages", {"text": "x"}
    )
    assert (answer.status, answer.kind) == (409, "conflict")
    assert "STOP" in answer.body["detail"]


async def test_a_day_after_the_customers_last_word_the_window_is_closed(
    quick_office: Office,
) -> None:
    chat = await quick_office.write(quick_office.house.phone(), "hi")
    await quick_office.agent.post(f"/v1/conversations/{chat}/take-over")
    runtime = quick_office.house.runtime
    async with runtime.database.transaction() as connection:
        await connection.execute(
            update(conversation).values(
                last_inbound_at=runtime.clock() - timedelta(hours=24)
            )
        )
    answer = await quick_office.agent.post(
        f"/v1/conversations/{chat}/messages", {"text": "x"}
    )
    assert (answer.status, answer.kind) == (409, "window-closed")


_SAID: dict[str, dict[str, Any]] = {
    "of the bot": {},
    "news": {"notice": True},
    "of a person": {"agent": "key:x"},
    "farewell": {"last_word": True},
}


async def test_taking_over_cancels_what_the_bot_had_not_sent_and_nothing_else(
    api: Api,
) -> None:
    written = f"{int(api.runtime.clock().timestamp())}"
    assert await api.entrance.post(body("wamid.1", timestamp=written)) == 200
    (chat,) = await api.entrance.rows(conversation)
    say = {
        "tenant_id": chat.tenant_id,
        "shard": chat.shard,
        "channel_id": chat.channel_id,
        "conversation_id": chat.id,
    }
    to = Alias.model_validate(chat.address)
    now = api.runtime.clock()
    async with api.runtime.database.transaction() as connection:
        for seq, (key, how) in enumerate(_SAID.items(), start=1):
            words = (OutboundMessage(to=to, content=OutText(body=key)),)
            said = Said(**say, seq=seq, key=key, messages=words, **how)
            await speak(connection, [said], new_id=api.runtime.new_id, now=now)
    await api.agent.post(f"/v1/conversations/{chat.id}/take-over")
    states = {row.unique_key: row.state for row in await api.entrance.rows(outbox)}
    assert states == {
        "reply:of the bot:1": State.CANCELLED,
        "reply:news:1": State.DUE,
        "reply:of a person:1": State.DUE,
        "reply:farewell:1": State.DUE,
    }
    cancelled = [m for m in await api.entrance.rows(message) if m.state == "cancelled"]
    assert [m.content["body"] for m in cancelled] == ["of the bot"]


# -- messages -------------------------------------------------------------------------


async def test_messages_are_read_from_the_newest_back(office: Office) -> None:
    chat = await office.write(office.house.phone(), "hi", "2 latte", "pick up")
    address = f"/v1/conversations/{chat}/messages"
    whole = await office.agent.read(address)
    assert whole["next_cursor"] is None
    seqs = [each["seq"] for each in whole["data"]]
    assert seqs == sorted(seqs, reverse=True)
    pages: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        page = await office.agent.read(address, limit=2, **cursor)
        pages += page["data"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pages == whole["data"]
    inbound = [each["text"] for each in reversed(pages) if each["direction"] == "in"]
    assert inbound == ["hi", "2 latte", "pick up"]


async def test_ids_of_buttons_stay_between_us_and_the_phone(office: Office) -> None:
    chat = await office.write(office.house.phone(), "2 latte", "pick up")
    found = await office.agent.read(f"/v1/conversations/{chat}/messages")
    (asked, *_) = [each for each in found["data"] if "buttons" in each["content"]]
    assert asked["content"]["buttons"]
    assert all(set(each) == {"title"} for each in asked["content"]["buttons"])


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "1.5"])
async def test_a_cursor_that_we_never_gave_is_refused(
    quick_office: Office, cursor: str
) -> None:
    chat = await quick_office.write(quick_office.house.phone(), "hi")
    answer = await quick_office.agent.get(
        f"/v1/conversations/{chat}/messages", cursor=cursor
    )
    assert (answer.status, answer.kind) == (422, "invalid-request")


async def test_the_file_of_a_message_is_given_to_those_who_may_see_the_chat(
    office: Office,
) -> None:
    ana = office.house.phone()
    await ana.send_image(JPEG)
    await office.house.rest()
    chat = await office.house.chat(ana)
    found = await office.agent.read(f"/v1/conversations/{chat.id}/messages")
    (shown,) = [each for each in found["data"] if each["media"]]
    assert shown["media"]["media_type"] == "image/jpeg"
    answer = await office.agent.get(shown["media"]["url"])
    assert (answer.status, answer.raw) == (200, JPEG)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert (await office.integration.get(shown["media"]["url"])).status == 403
    text = next(each for each in found["data"] if not each["media"])
    none = await office.agent.get(f"/v1/messages/{text['id']}/media")
    assert (none.status, none.kind) == (404, "not-found")


async def test_a_document_is_saved_under_its_name_and_never_shown_in_place(
    quick_api: Api,
) -> None:
    data = b"%PDF-1.7 hello"
    sha256 = hashlib.sha256(data).hexdigest()
    document: dict[str, Any] = {
        "type": "document",
        "document": {"id": "1", "mime_type": "text/html", "filename": "liste ç.pdf"},
    }
    assert await quick_api.entrance.post(body("wamid.1", **document)) == 200
    (stored,) = await quick_api.entrance.rows(message)
    await quick_api.runtime.media.put(sha256, data)
    async with quick_api.runtime.database.transaction() as connection:
        await connection.execute(
            insert(media).values(
                message_id=stored.id,
                tenant_id=stored.tenant_id,
                outcome="stored",
                mime="application/pdf",
                sha256=sha256,
                size=len(data),
                fetched_at=quick_api.runtime.clock(),
            )
        )
    answer = await quick_api.agent.get(f"/v1/messages/{stored.id}/media")
    assert answer.raw == data
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"liste__.pdf\"; filename*=UTF-8''liste%20%C3%A7.pdf"
    )
    assert (await quick_api.ben.get(f"/v1/messages/{stored.id}/media")).status == 404


async def test_who_waits_for_a_person_is_found_and_why(office: Office) -> None:
    ana = office.house.phone()
    chat = await office.write(ana, "1 latte")
    await office.write(ana, "a human please")
    await office.write(office.house.phone("905550000002", "Bob"), "1 tea")
    (waiting,) = (await office.agent.read("/v1/conversations", waits="true"))["data"]
    assert (waiting["id"], waiting["owner"]) == (chat, "agent")
    handover = waiting["handover"]
    assert (handover["why"], handover["answered_at"]) == ("request", None)
    await office.agent.post(f"/v1/conversations/{chat}/take-over")
    assert (await office.agent.read("/v1/conversations", waits="true"))["total"] == 0
    await office.agent.post(
        f"/v1/conversations/{chat}/messages", {"text": "Here I am."}
    )
    taken = (await office.agent.read(f"/v1/conversations/{chat}"))["handover"]
    # Why it came to a person stays, whoever takes it.
    assert taken["why"] == "request"
    assert taken["answered_at"] is not None


async def test_handing_back_tells_what_the_order_has_and_lacks(office: Office) -> None:
    ana = office.house.phone()
    chat = await office.write(ana, "2 latte")
    await office.agent.post(f"/v1/conversations/{chat}/take-over")
    seen = len(ana.inbox)
    given = await office.agent.post(f"/v1/conversations/{chat}/hand-back")
    so_far = given.body["so_far"]
    assert [line["quantity"] for line in so_far["lines"]] == ["2"]
    assert "fulfilment" in [each["field"] for each in so_far["missing"]]
    assert (given.body["owner"], given.body["handover"]) == ("bot", None)
    (told,) = await office.house.hears(ana, seen)
    assert "Latte" in told.words
