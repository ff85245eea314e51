"""Channels are looked after: who is in trouble is told once, and once when it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.domain.alarming import AlarmKind
from bot.inbox.health_table import alarm, channel_vitals, webhook_tally
from bot.inbox.pausing import activate_channel, link_found, link_lost, pause_channel
from bot.inbox.table import conversation
from bot.inbox.tallying import Tally
from bot.runtime import Runtime
from bot.worker.watching import CHECK_EVERY, check_accounts, ring
from orders import DraftState
from orders.domain.events import SinkAccount
from orders.outbox.store import Topic
from orders.sinks import add_sink
from orders.table import draft, outbox
from tests.api import Api, open_api
from tests.bot.web.entrance import ANA, body, open_entrance
from tests.bot.worker.by_hand import by_hand
from tests.graph_api import GraphApi, Say, graph_api

CHANNEL = "chn_10001"
WRONG = "not-the-secret"


@pytest.fixture(scope="module")
async def outside() -> AsyncIterator[GraphApi]:
    async with graph_api() as opened:
        yield opened


class Odd:
    """A channel whose provider answers what nobody has thought of."""

    async def check(self, account: object) -> object:
        raise KeyError(account)


async def sink(runtime: Runtime, tenant_id: str, kind: str, url: str) -> None:
    account = SinkAccount(
        id=f"sink_{kind}",
        tenant_id=tenant_id,
        kind=kind,
        url=url,
        secret=runtime.seal_secret("whsec_" + "c2VjcmV0" * 4),
    )
    async with runtime.database.transaction() as connection:
        await add_sink(connection, account, now=runtime.clock())


def at(runtime: Runtime, **later: float) -> Runtime:
    """Return a runtime whose clock is ahead; its counts fall into that time, too."""
    ahead = timedelta(**later)

    def clock() -> datetime:
        return runtime.clock() + ahead

    return replace(runtime, clock=clock, tally=Tally(runtime.database, clock))


async def turns(runtime: Runtime) -> tuple[list[str], list[str]]:
    """Look once; return the kinds that were raised, and that were cleared."""
    turned = await ring(runtime)
    raised = sorted(each.kind.value for each in turned.raised)
    return raised, sorted(each.kind.value for each in turned.cleared)


async def told(api: Api) -> list[Any]:
    rows = [row for row in await api.entrance.rows(outbox) if row.topic == Topic.EVENT]
    return [(row.payload["type"], row.payload["sink_id"]) for row in rows]


async def test_a_wrongly_rotated_secret_rings_once_and_ends_once(
    database_url: str,
) -> None:
    async with open_api(database_url) as api:
        runtime, post = api.runtime, api.entrance.post
        await sink(runtime, ANA.tenant_id, "webhook", "http://127.0.0.1:9/w")
        await sink(runtime, ANA.tenant_id, "omnichat", "http://127.0.0.1:9/o")
        path = f"/webhooks/whatsapp/{ANA.app_id}"
        for _ in range(3):
            assert await post(body(), secret=WRONG, path=path) == 403
        await runtime.tally.flush()
        with capture_logs() as logs:
            assert await turns(runtime) == (["signatures"], [])
            assert await turns(runtime) == ([], []), "it stands"
        (line,) = [each for each in logs if each["event"] == "alarm_raised"]
        assert (line["log_level"], line["about"]) == ("error", ANA.app_id)
        # Nobody calls for hours: Meta is about to try again, and nothing is well.
        assert await turns(at(runtime, hours=5)) == ([], [])
        later = at(runtime, hours=6)
        later.tally.took(ANA.app_id, ANA.tenant_id)
        await later.tally.flush()
        assert await turns(later) == ([], ["signatures"])
        assert await told(api) == [
            ("channel.alarm.raised", "sink_webhook"),
            ("channel.alarm.cleared", "sink_webhook"),
        ]
        shown = await api.manager.read("/v1/alarms", state="cleared")
        (one,) = shown["data"]
        assert (one["kind"], one["about"]) == ("signatures", "channel")
        assert (await api.ben.read("/v1/alarms"))["total"] == 0
        assert (await api.agent.get("/v1/alarms")).status == 403
        sample = runtime.metrics.registry.get_sample_value
        named = {"kind": "signatures", "what": "raised"}
        assert sample("chatorder_alarms_total", named) == 1
        assert sample("chatorder_alarms_standing", {"kind": "signatures"}) == 0
        refused = {"channel": "whatsapp", "why": "wrong"}
        assert sample("chatorder_webhook_refusals_total", refused) == 3


async def test_a_channels_health_is_counted_without_a_write_for_each_message(
    database_url: str,
) -> None:
    async with open_api(database_url) as api:
        runtime, post = api.runtime, api.entrance.post
        for number in range(3):
            assert await post(body(f"wamid.{number}")) == 200
        assert await post(body(), secret=WRONG) == 403
        assert not await api.entrance.rows(webhook_tally), "it is counted in memory"
        await runtime.tally.flush()
        await runtime.tally.flush()
        (row,) = await api.entrance.rows(webhook_tally)
        assert (row.subject, row.taken, row.refused) == (ANA.app_id, 3, 1)
        assert await post(body("wamid.9")) == 200
        await runtime.tally.flush()
        health = await api.manager.read(f"/v1/channels/{CHANNEL}/health")
        assert (health["webhooks_taken"], health["webhooks_refused"]) == (4, 1)
        assert health["refusal_rate"] == 0.2
        assert health["last_inbound_at"] == "2026-11-22T12:00:00Z"
        assert (health["connected"], health["token_works"]) == (None, None)
        assert health["alarms"] == []
        listed = await api.manager.read("/v1/channels")
        moments = {each["id"]: each["last_inbound_at"] for each in listed["data"]}
        assert moments == {CHANNEL: "2026-11-22T12:00:00Z", "chn_10002": None}
        assert (await api.ben.get(f"/v1/channels/{CHANNEL}/health")).status == 404
        await ring(runtime)
        sample = runtime.metrics.registry.get_sample_value
        name = "chatorder_channel_last_inbound_timestamp_seconds"
        assert sample(name, {"channel": CHANNEL}) == 1795348800


async def test_what_providers_say_of_tokens_is_asked_once_an_hour(
    database_url: str, outside: GraphApi
) -> None:
    async with open_api(database_url, graph_api_url=outside.url) as api:
        runtime = api.runtime
        soon = int((runtime.clock() + timedelta(days=3)).timestamp())
        fine = Say(200, {"verified_name": "Ana", "display_phone_number": "1"})
        refused = Say(401, {"error": {"code": 190, "message": "expired"}})
        ends = Say(200, {"data": {"is_valid": True, "expires_at": soon}})
        never = Say(200, {"data": {"is_valid": True, "expires_at": 0}})
        outside.calls.clear()
        outside.will(fine, ends, refused, fine, never, fine, never)
        await check_accounts(runtime)
        await check_accounts(runtime)
        asked = [call.path.rpartition("/")[2] for call in outside.calls]
        assert asked == [
            *("10001", "debug_token", "10002"),
            *("20001", "debug_token", "20002", "debug_token"),
        ]
        turned = await ring(runtime)
        assert {(e.kind, e.subject) for e in turned.raised} == {
            (AlarmKind.TOKEN, CHANNEL),
            (AlarmKind.TOKEN, "chn_10002"),
        }
        health = await api.manager.read(f"/v1/channels/{CHANNEL}/health")
        assert health["token_works"] is True
        assert health["token_expires_at"] is not None
        assert [each["kind"] for each in health["alarms"]] == ["token"]
        later = at(runtime, seconds=CHECK_EVERY.total_seconds() + 1)
        outside.will(fine, never, fine, never, fine, never, fine, never)
        await check_accounts(later)
        assert await turns(later) == ([], ["token", "token"])


async def test_a_lost_connection_and_a_pause_are_told_and_what_a_person_did_is_not(
    sqlite_url: str,
) -> None:
    async with open_api(sqlite_url) as api:
        runtime, database = api.runtime, api.runtime.database
        odd: Any = Odd()
        await check_accounts(
            replace(runtime, channels=dict.fromkeys(runtime.channels, odd))
        )
        health = await api.manager.read(f"/v1/channels/{CHANNEL}/health")
        assert health["token_works"] is None, "what is strange is no bad token"
        now = runtime.clock()
        async with database.transaction() as connection:
            await link_lost(connection, CHANNEL, reason="the phone is off", now=now)
            await pause_channel(connection, "chn_20001", reason="we move", now=now)
            await pause_channel(
                connection, "chn_20002", reason="code 190", now=now, refused=True
            )
        assert await turns(runtime) == (["paused"], [])
        assert await turns(at(runtime, minutes=2)) == (["link"], [])
        async with database.transaction() as connection:
            await link_found(connection, CHANNEL, now=now)
            await activate_channel(connection, "chn_20002", now=now)
        assert await turns(runtime) == ([], ["link", "paused"])
        async with database.transaction() as connection:
            soon = now + timedelta(minutes=5)
            await pause_channel(
                connection, "chn_20002", reason="code 190", now=soon, refused=True
            )
        # One that comes and goes does not ring all day: it rests, and is not forgotten.
        assert await turns(at(runtime, minutes=6)) == ([], [])
        assert await turns(at(runtime, minutes=11)) == (["paused"], [])
        paused = {
            each: runtime.metrics.registry.get_sample_value(
                "chatorder_channel_paused", {"channel": each}
            )
            for each in (CHANNEL, "chn_20001")
        }
        assert paused == {CHANNEL: 0, "chn_20001": 1}


async def test_who_waits_for_people_is_told_to_the_merchants_own_system(
    sqlite_url: str, tmp_path: Path, outside: GraphApi
) -> None:
    async with by_hand(sqlite_url, tmp_path) as shop:
        house = shop.house
        runtime, ana = house.runtime, house.phone()
        await shop.hear(ana, "1 latte")
        await shop.deliver(times=2)
        chat = await house.chat(ana)
        async with runtime.database.transaction() as connection:
            await connection.execute(update(draft).values(state=DraftState.AWAITING))
            await connection.execute(
                update(conversation)
                .where(conversation.c.id == chat.id)
                .values(attention="unanswered")
            )
        await sink(runtime, house.tenant_id, "webhook", f"{outside.url}/hear")
        assert await turns(runtime) == (["approval", "unanswered"], [])
        outside.calls.clear()
        # One is taken at once, the other only when it is sent again, as it was.
        outside.will(Say(503), Say(200), Say(200))
        for _ in range(3):
            await shop.deliver()
            shop.wait(minutes=1)
        first, second, third = (call.json for call in outside.calls)
        assert first in (second, third)
        kinds = {each["type"]: each["data"]["alarm"] for each in (second, third)}
        assert kinds["draft.alarm.raised"]["kind"] == "approval"
        waiting = kinds["conversation.alarm.raised"]
        assert (waiting["subject"], waiting["cleared_at"]) == (chat.id, None)
        assert "905551112233" not in json.dumps([first, second, third])
        assert {"webhook-id", "webhook-signature"} <= {
            name.lower() for name in outside.calls[0].headers
        }
        rows = await house.rows(outbox, topic="event")
        assert {row.state for row in rows} == {"done"}


async def test_two_workers_raise_an_alarm_once(database_url: str) -> None:
    async with open_entrance(database_url) as one, open_entrance(database_url) as two:
        now = one.runtime.clock()
        async with one.runtime.database.transaction() as connection:
            await pause_channel(
                connection, CHANNEL, reason="code 190", now=now, refused=True
            )
        raised = await asyncio.gather(*(ring(each.runtime) for each in (one, two)))
        assert sum(len(each.raised) for each in raised) == 1
        assert len(await one.rows(alarm)) == 1
        assert not await one.rows(channel_vitals)
