"""What gateways' answers mean, and what they say about an account."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.channels.channel import Account, Channel
from bot.channels.evolution.client import Evolution
from bot.channels.failure import Action, SendRefused
from bot.channels.waha.client import Waha
from bot.domain.message import Alias, AliasKind, OutboundMessage, OutText
from orders.outbox.delivery import OutcomeUnknown, Refused
from tests.graph_api import GraphApi, Say, graph_api


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[GraphApi]:
    async with graph_api() as api:
        yield api


@pytest.fixture
async def kinds() -> AsyncIterator[dict[str, Channel]]:
    async with aiohttp.ClientSession() as session:
        yield {
            made.kind: made(
                session,
                session,
                media_hosts=frozenset(),
                media_limit=1000,
                timeout=30.0,
            )
            for made in (Evolution, Waha)
        }


def account(gateway: GraphApi) -> Account:
    return Account("chn_1", "tnt_1", "shop1@x", "key", gateway.url, "shop1")


def state(status: str) -> dict[str, object]:
    return {"error": "Session status is not as expected.", "status": status}


GONE = {"response": {"message": [{"exists": False, "jid": "1@s.whatsapp.net"}]}}
CLOSED = {"status": 400, "response": {"message": ["Error: Connection Closed"]}}
#: Kind, answer, what to do, and whether it ends by itself.
ANSWERS: dict[str, tuple[str, Say, Action, bool]] = {
    "no such instance": ("evolution", Say(404, {}), Action.PAUSE_CHANNEL, True),
    "not connected": ("evolution", Say(400, CLOSED), Action.PAUSE_CHANNEL, True),
    "not on WhatsApp": ("evolution", Say(400, GONE), Action.REFUSE, False),
    "another form": ("evolution", Say(400, {"x": "?"}), Action.PLAIN_TEXT, False),
    "too large": ("evolution", Say(413, {}), Action.PLAIN_TEXT, False),
    "QR": ("waha", Say(422, state("SCAN_QR_CODE")), Action.PAUSE_CHANNEL, True),
    "failed": ("waha", Say(422, state("FAILED")), Action.PAUSE_CHANNEL, True),
    "Plus only": ("waha", Say(422, {"m": "Plus version"}), Action.PLAIN_TEXT, False),
    "forbidden": ("waha", Say(403, {}), Action.PAUSE_CHANNEL, False),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_what_a_gateway_answers_says_what_to_do(
    gateway: GraphApi,
    kinds: dict[str, Channel],
    answer: tuple[str, Say, Action, bool],
) -> None:
    kind, say, action, lost = answer
    gateway.will(say)
    to = Alias(kind=AliasKind.WA_ID, value="5511999999999")
    words = OutboundMessage(to=to, content=OutText(body="hi"), reply_to="3A55")
    with pytest.raises(SendRefused) as refused:
        await kinds[kind].send(account(gateway), words, callback="c")
    assert (refused.value.action, refused.value.lost) == (action, lost)
    assert "jid" not in str(refused.value), "their words are not repeated"


@pytest.mark.parametrize(
    ("kind", "say"),
    [
        ("evolution", Say(400, {"response": {"message": ["Error: Timed Out"]}})),
        ("waha", Say(500, {"message": "Timed out after 30000ms"})),
        ("waha", Say(201, {"nothing": "known"})),
    ],
)
async def test_a_send_that_may_have_gone_out_is_not_known(
    gateway: GraphApi, kinds: dict[str, Channel], kind: str, say: Say
) -> None:
    gateway.will(say)
    to = Alias(kind=AliasKind.LID, value="103899771998284@lid")
    words = OutboundMessage(to=to, content=OutText(body="hi"))
    with pytest.raises(OutcomeUnknown):
        await kinds[kind].send(account(gateway), words, callback="c")
    assert "103899771998284@lid" in gateway.calls[-1].body.decode()


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "true_5511999999999@c.us_3EB0A1"},
        {"id": {"_serialized": "true_5511999999999@c.us_3EB0A1", "id": "3EB0A1"}},
        {"key": {"id": "3EB0A1", "fromMe": True}},
        {"id": "3EB0A1"},
    ],
)
async def test_the_answers_of_all_wahas_engines_are_read(
    gateway: GraphApi, kinds: dict[str, Channel], answer: dict[str, object]
) -> None:
    gateway.will(Say(201, answer))
    to = Alias(kind=AliasKind.WA_ID, value="5511999999999")
    words = OutboundMessage(to=to, content=OutText(body="hi"), reply_to="3A55")
    assert await kinds["waha"].send(account(gateway), words, callback="c") == "3EB0A1"
    sent = gateway.calls[-1].json
    assert sent["reply_to"] == "false_5511999999999@c.us_3A55"


LOOKS: dict[str, tuple[str, Say, str | None]] = {
    "open": ("evolution", Say(200, {"instance": {"state": "open"}}), None),
    "close": ("evolution", Say(200, {"instance": {"state": "close"}}), "QR code"),
    "working": ("waha", Say(200, {"status": "WORKING"}), None),
    "stopped": ("waha", Say(200, {"status": "STOPPED"}), "STOPPED"),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
async def test_a_look_at_an_account_says_whether_it_is_connected(
    gateway: GraphApi, kinds: dict[str, Channel], look: tuple[str, Say, str | None]
) -> None:
    kind, say, warning = look
    gateway.will(say, Say(401, {}))
    found = await kinds[kind].check(account(gateway))
    assert (warning or "None") in str(found.warning)
    with pytest.raises(Refused):
        await kinds[kind].check(account(gateway))
