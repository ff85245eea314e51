"""A POST under an Idempotency-Key has its effect once, and one answer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.inbox.api_table import audit, idempotency
from bot.inbox.idempotency import KEPT, answered, purge_answers
from bot.inbox.table import message
from tests.api import Answer, Api, Caller
from tests.bot.web.entrance import ANA, body


@pytest.fixture
async def chat(api: Api) -> str:
    """Return the address to which an agent may write."""
    return await a_chat(api)


async def a_chat(api: Api) -> str:
    written = f"{int(api.runtime.clock().timestamp())}"
    assert await api.entrance.post(body("wamid.1", timestamp=written)) == 200
    found = await api.agent.read("/v1/conversations")
    address = f"/v1/conversations/{found['data'][0]['id']}"
    assert (await api.agent.post(f"{address}/take-over")).status == 200
    return address


async def say(caller: Caller, chat: str, text: str, key: str) -> Answer:
    return await caller.post(f"{chat}/messages", {"text": text}, idempotency_key=key)


async def said(api: Api) -> int:
    """Return how many messages the shop has said."""
    async with api.runtime.database.reading() as connection:
        found = await connection.execute(
            select(func.count()).where(message.c.direction == "out")
        )
        return found.scalar_one()


async def test_the_same_call_has_its_effect_once_and_the_same_answer(
    api: Api, chat: str
) -> None:
    first = await say(api.agent, chat, "hello", "key-1")
    again = await say(api.agent, chat, "hello", "key-1")
    assert (first.status, again.status) == (201, 201)
    assert again.raw == first.raw
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first.headers
    assert await said(api) == 1
    sent = [e for e in await api.entrance.rows(audit) if e.action == "send_message"]
    assert len(sent) == 1


async def test_racing_twins_have_one_effect_and_both_get_the_answer(
    api: Api, chat: str
) -> None:
    answers = await asyncio.gather(
        *(say(api.agent, chat, "hello", "race") for _ in range(8))
    )
    assert {each.status for each in answers} == {201}
    assert len({each.raw for each in answers}) == 1
    assert await said(api) == 1
    replays = [each for each in answers if "Idempotent-Replay" in each.headers]
    assert len(replays) == 7


async def test_the_key_of_another_call_is_refused(quick_api: Api) -> None:
    chat = await a_chat(quick_api)
    await say(quick_api.agent, chat, "hello", "key-1")
    other_body = await say(quick_api.agent, chat, "another text", "key-1")
    other_path = await quick_api.agent.post(
        f"{chat}/hand-back", idempotency_key="key-1"
    )
    for answer in (other_body, other_path):
        assert (answer.status, answer.kind) == (422, "idempotency-key-reused")
    assert await said(quick_api) == 1


async def test_another_shop_may_have_the_same_key(quick_api: Api) -> None:
    chat = await a_chat(quick_api)
    await say(quick_api.agent, chat, "hello", "key-1")
    bens = await say(quick_api.ben, chat, "hello", "key-1")
    assert (bens.status, bens.kind) == (404, "not-found")


async def test_a_key_of_the_shop_belongs_to_all_of_its_people(quick_api: Api) -> None:
    chat = await a_chat(quick_api)
    first = await say(quick_api.agent, chat, "hello", "key-1")
    again = await say(quick_api.admin, chat, "hello", "key-1")
    assert again.raw == first.raw
    forbidden = await say(quick_api.integration, chat, "hello", "key-1")
    assert forbidden.status == 403


async def test_a_call_that_failed_may_be_sent_again_under_its_key(
    quick_api: Api,
) -> None:
    chat = await a_chat(quick_api)
    await quick_api.agent.post(f"{chat}/hand-back")
    refused = await say(quick_api.agent, chat, "hello", "key-1")
    assert (refused.status, refused.kind) == (409, "conflict")
    await quick_api.agent.post(f"{chat}/take-over")
    assert (await say(quick_api.agent, chat, "hello", "key-1")).status == 201


async def test_after_a_day_a_key_is_a_new_one(api: Api, chat: str) -> None:
    await say(api.agent, chat, "hello", "key-1")
    async with api.runtime.database.transaction() as connection:
        await connection.execute(
            update(idempotency).values(created_at=api.runtime.clock() - KEPT)
        )
    again = await say(api.agent, chat, "something else", "key-1")
    assert again.status == 201
    assert await said(api) == 2


async def test_old_answers_are_forgotten(api: Api, chat: str) -> None:
    await say(api.agent, chat, "hello", "key-1")
    database, now = api.runtime.database, api.runtime.clock()
    async with database.transaction() as connection:
        assert await purge_answers(connection, now=now) == 0
        later = now + KEPT + timedelta(minutes=1)
        assert await purge_answers(connection, now=later) == 1
        assert await answered(connection, ANA.tenant_id, "key-1", now=now) is None


async def test_an_answer_is_kept_sealed(quick_api: Api) -> None:
    chat = await a_chat(quick_api)
    answer = await say(quick_api.agent, chat, "a private word", "key-1")
    (row,) = await quick_api.entrance.rows(idempotency)
    assert "private" not in row.answer
    assert quick_api.runtime.open_secret(row.answer) == answer.raw.decode()


async def test_a_call_is_refused_whose_answer_no_key_opens(quick_api: Api) -> None:
    chat = await a_chat(quick_api)
    await say(quick_api.agent, chat, "hello", "key-1")
    async with quick_api.runtime.database.transaction() as connection:
        await connection.execute(update(idempotency).values(answer="of another key"))
    again = await say(quick_api.agent, chat, "hello", "key-1")
    assert (again.status, again.kind) == (422, "idempotency-key-reused")
    assert await said(quick_api) == 1


BAD_KEYS: dict[str, Any] = {"too long": "x" * 201, "two words": "a b", "empty": ""}


@pytest.mark.parametrize("case", BAD_KEYS)
async def test_a_key_that_cannot_be_one_is_refused(quick_api: Api, case: str) -> None:
    answer = await quick_api.agent.post(
        "/v1/conversations/none/take-over", idempotency_key=BAD_KEYS[case]
    )
    assert (answer.status, answer.kind) == (400, "malformed-request")
    assert "Idempotency-Key" in answer.body["detail"]
