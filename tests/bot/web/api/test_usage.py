"""What reading took is summed for an order, a conversation and a day."""

from collections.abc import Awaitable
from typing import Any

from sqlalchemy import insert

from bot.inbox.table import analysis
from bot.web.api.usage import PeriodView, ReadingUsageView
from tests.api import Answer, Api
from tests.bot.web.api.things import a_person, an_order_of
from tests.bot.web.entrance import ANA


async def a_turn(api: Api, chat: str, draft: str, provider: str, **usage: int) -> None:
    """Store a turn that went into a draft, with what reading it took."""
    runtime = api.runtime
    row: dict[str, Any] = {
        "id": runtime.new_id("anl"),
        "tenant_id": ANA.tenant_id,
        "conversation_id": chat,
        "from_seq": 1,
        "to_seq": 1,
        "status": "completed",
        "trigger": "auto",
        "provider": provider,
        "source_type": "text",
        "result": {},
        "usage": usage,
        "trace": [],
        "draft_id": draft,
        "attempts": 1,
        "max_attempts": 5,
        "started_at": runtime.clock(),
    }
    async with runtime.database.transaction() as connection:
        await connection.execute(insert(analysis).values(row))


async def test_what_reading_took_is_summed_by_order_conversation_and_day(
    api: Api,
) -> None:
    person = await a_person(api)
    chat = person["conversation_id"]
    order = await an_order_of(api, person)
    calls = {"input_tokens": 2000, "cached_tokens": 1600, "output_tokens": 200}
    for _ in range(2):
        usage = {**calls, "cost_micros": 1_320}
        await a_turn(api, chat, order.draft_id, "openai", **usage)
    await a_turn(api, chat, order.draft_id, "rules")
    await a_turn(api, chat, "drf_another", "openai", cost_micros=5, input_tokens=1)

    shown = await api.manager.read(f"/v1/orders/{order.id}/usage")
    assert shown == {
        "turns": 3,
        "readings": {"openai": 2, "rules": 1},
        "input_tokens": 4000,
        "cached_tokens": 3200,
        "output_tokens": 400,
        "model_usd": "0.00264",
    }
    whole = await api.manager.read(f"/v1/conversations/{chat}/usage")
    assert (whole["turns"], whole["model_usd"]) == (4, "0.002645")
    today = (await api.manager.read("/v1/usage"))["data"][-1]
    assert today["model_usd"] == "0.002645"
    assert today["tokens"] == {
        "input_tokens": 4001,
        "cached_tokens": 3200,
        "output_tokens": 400,
    }

    by_hand = await an_order_of(api)
    nothing = await api.manager.read(f"/v1/orders/{by_hand.id}/usage")
    assert (nothing["turns"], nothing["model_usd"]) == (0, "0")
    for path in (f"orders/{order.id}", f"conversations/{chat}"):
        assert (await api.ben.get(f"/v1/{path}/usage")).status == 404
        assert (await api.agent.get(f"/v1/{path}/usage")).status == 403


async def test_months_are_counted_by_their_number(api: Api) -> None:
    def months(first: str, last: str) -> Awaitable[Answer]:
        return api.manager.get("/v1/usage", by="month", first=first, last=last)

    whole = await months("2025-12-31", "2026-11-01")
    assert len(whole.body["data"]) == 12
    # Fewer days than a year, and yet in 13 months.
    more = await months("2025-11-30", "2026-11-01")
    assert more.kind == "invalid-request"
    assert "13 months, at most 12" in str(more.body)


def test_it_says_which_calls_are_not_in_the_sums() -> None:
    for view in (PeriodView, ReadingUsageView):
        told = view.model_fields["model_usd"].description
        assert "Without calls whose result was thrown away" in (told or "")
