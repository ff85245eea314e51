"""How a send ends: sent, refused, not now, or nobody knows."""

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.channels.channel import Account
from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.channels.whatsapp_cloud.client import WhatsAppCloud
from bot.domain.message import Alias, AliasKind, OutboundMessage, OutText
from orders.outbox.delivery import OutcomeUnknown
from tests.graph_api import BreakOff, Drop, GraphApi, Hang, Say

SENT = Say(body={"messaging_product": "whatsapp", "messages": [{"id": "wamid.OUT"}]})
HELLO = OutboundMessage(
    to=Alias(kind=AliasKind.WA_ID, value="16505551234"), content=OutText(body="Hello")
)


def a_channel(
    session: aiohttp.ClientSession, graph_url: str, **changes: Any
) -> WhatsAppCloud:
    given: dict[str, Any] = {
        "graph_url": graph_url,
        "version": "v23.0",
        "media_hosts": frozenset(),
        "media_limit": 1000,
        "timeout": 20.0,
    }
    return WhatsAppCloud(session, **(given | changes))


@pytest.fixture
def channel(session: aiohttp.ClientSession, api: GraphApi) -> WhatsAppCloud:
    return a_channel(session, api.url)


def an_error(code: int, status: int = 400, **headers: str) -> Say:
    error = {"message": "EAAB-token is bad", "type": "OAuthException", "code": code}
    return Say(status, {"error": error}, headers)


async def test_a_message_is_sent_in_one_call(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(SENT)
    assert await channel.send(account, HELLO, callback="outbox:1") == "wamid.OUT"
    (call,) = api.calls
    assert (call.method, call.path) == ("POST", "/v23.0/1065/messages")
    assert call.headers["Authorization"] == "Bearer EAAB-token"
    assert call.headers["Content-Type"] == "application/json"
    assert call.json["to"] == "16505551234"
    assert call.json["text"]["body"] == "Hello"
    assert call.json["biz_opaque_callback_data"] == "outbox:1"


async def test_reading_and_typing_are_shown(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(Say(body={"success": True}), Say(body={"success": True}))
    await channel.mark_read(account, "wamid.IN", typing=True)
    await channel.mark_read(account, "wamid.IN", typing=False)
    typing, silent = api.calls
    assert typing.path == "/v23.0/1065/messages"
    assert typing.json["typing_indicator"] == {"type": "text"}
    assert silent.json["status"] == "read"
    assert "typing_indicator" not in silent.json


REFUSED = [
    (an_error(131047), Action.HOLD_FOR_WINDOW),
    (an_error(131026), Action.REFUSE),
    (an_error(190, 401), Action.PAUSE_CHANNEL),
    (an_error(368, 403), Action.PAUSE_CHANNEL),
    (an_error(100), Action.PLAIN_TEXT),
    (an_error(131062), Action.NEEDS_PHONE),
    (Say(400, b"<html>"), Action.REFUSE),
    (Say(401, b""), Action.PAUSE_CHANNEL),
    (Say(302, b"", {"Location": "/elsewhere"}), Action.REFUSE),
    (an_error(131047, 200), Action.HOLD_FOR_WINDOW),
]


@pytest.mark.parametrize(("say", "action"), REFUSED)
async def test_a_no_is_refused_and_says_what_to_do(
    channel: WhatsAppCloud, api: GraphApi, account: Account, say: Say, action: Action
) -> None:
    api.will(say)
    with pytest.raises(SendRefused) as refused:
        await channel.send(account, HELLO, callback="outbox:1")
    assert refused.value.action is action
    assert len(api.calls) == 1
    assert "EAAB" not in str(refused.value), "Meta's words may hold the token"


UNAVAILABLE = [
    (an_error(131000, 500), None),
    (an_error(131056), None),
    (an_error(130429, 429, **{"Retry-After": "30"}), timedelta(seconds=30)),
    (an_error(2, 503, **{"Retry-After": "soon"}), None),
    (Say(503, b"", {"Retry-After": "999999999"}), timedelta(hours=1)),
    (Say(500, b"<html>"), None),
    (Say(429, b""), None),
    (an_error(131016, 502), None),
]


@pytest.mark.parametrize(("say", "retry_after"), UNAVAILABLE)
async def test_a_not_now_is_unavailable(
    channel: WhatsAppCloud,
    api: GraphApi,
    account: Account,
    say: Say,
    retry_after: timedelta | None,
) -> None:
    api.will(say)
    with pytest.raises(SendUnavailable) as unavailable:
        await channel.send(account, HELLO, callback="outbox:1")
    assert unavailable.value.retry_after == retry_after


UNKNOWN = {
    "dropped": Drop(),
    "no JSON": Say(body=b"{"),
    "no id": Say(body={"messages": []}),
    "another shape": Say(body=[1]),
    "empty": Say(),
    "broken off": BreakOff(b'{"messages"', 100),
    "without end": Say(body=b" " * 200_000),
    "a gateway that gave up": Say(504, b"<html>"),
    "a gateway that lost it": Say(502, b""),
}


@pytest.mark.parametrize("behaviour", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_may_have_arrived_is_unknown(
    channel: WhatsAppCloud,
    api: GraphApi,
    account: Account,
    behaviour: Say | Drop | BreakOff,
) -> None:
    api.will(behaviour)
    with pytest.raises(OutcomeUnknown):
        await channel.send(account, HELLO, callback="outbox:1")
    assert len(api.calls) == 1, "it is not sent again by itself"


async def test_no_answer_in_time_is_unknown(
    session: aiohttp.ClientSession, api: GraphApi, account: Account
) -> None:
    api.will(Hang())
    channel = a_channel(session, api.url, timeout=2.0)
    with pytest.raises(OutcomeUnknown):
        await channel.send(account, HELLO, callback="outbox:1")


async def test_an_error_whose_words_break_off_is_still_an_error(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(BreakOff(b"{", 100, status=400))
    with pytest.raises(SendRefused):
        await channel.send(account, HELLO, callback="outbox:1")


async def test_no_connection_is_unavailable(
    session: aiohttp.ClientSession, account: Account
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SendUnavailable):
            await a_channel(session, url).send(account, HELLO, callback="outbox:1")


async def test_no_handshake_is_unavailable(
    session: aiohttp.ClientSession, api: GraphApi, account: Account
) -> None:
    url = api.url.replace("http://", "https://")
    with pytest.raises(SendUnavailable):
        await a_channel(session, url).send(account, HELLO, callback="outbox:1")


async def test_a_closed_session_is_unavailable(api: GraphApi, account: Account) -> None:
    async with aiohttp.ClientSession() as session:
        channel = a_channel(session, api.url)
    with pytest.raises(SendUnavailable):
        await channel.send(account, HELLO, callback="outbox:1")
    assert not api.calls


async def test_what_exceeds_a_limit_is_refused_without_a_call(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    long = HELLO.model_copy(update={"content": OutText(body="x" * 5000)})
    with pytest.raises(SendRefused, match="4096"):
        await channel.send(account, long, callback="outbox:1")
    assert not api.calls


async def test_its_parts_can_be_sent(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    long = HELLO.model_copy(update={"content": OutText(body="x" * 5000)})
    api.will(SENT, SENT)
    for part in channel.parts(long):
        await channel.send(account, part, callback="outbox:1")
    assert [len(call.json["text"]["body"]) for call in api.calls] == [4096, 904]


@pytest.mark.parametrize("token", ["", "EAAB\n", "EAAB\r\nX-Evil: 1", "EÄÄB"])
async def test_a_token_that_is_none_pauses_the_channel(
    channel: WhatsAppCloud, api: GraphApi, account: Account, token: str
) -> None:
    with pytest.raises(SendRefused) as refused:
        await channel.send(
            replace(account, access_token=token), HELLO, callback="outbox:1"
        )
    assert refused.value.action is Action.PAUSE_CHANNEL
    assert not api.calls


async def test_a_token_does_not_follow_a_redirect(
    channel: WhatsAppCloud, api: GraphApi, elsewhere: GraphApi, account: Account
) -> None:
    api.will(Say(307, b"", {"Location": f"{elsewhere.url}/v23.0/1065/messages"}))
    with pytest.raises(SendRefused):
        await channel.send(account, HELLO, callback="outbox:1")
    assert not elsewhere.calls


@pytest.mark.parametrize(
    "url", ["", "graph.facebook.com", "ftp://x", "https://", "https://me:pw@x.example"]
)
async def test_an_address_that_is_none_is_refused_at_once(
    session: aiohttp.ClientSession, url: str
) -> None:
    with pytest.raises(ValueError, match="must look like"):
        a_channel(session, url)


async def test_an_account_id_stays_one_part_of_the_path(
    channel: WhatsAppCloud, api: GraphApi, account: Account
) -> None:
    api.will(SENT)
    strange = replace(account, external_id="1/../../me?x=")
    await channel.send(strange, HELLO, callback="outbox:1")
    (call,) = api.calls
    assert call.query == {}
    assert call.path.startswith("/v23.0/1")
    assert call.path.endswith("/messages")
