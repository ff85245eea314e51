"""What every channel must do, whatever its provider: run for each in the registry."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.channel import Account, Channel, MediaGone, MediaUnavailable
from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.channels.registry import CHANNELS, Surroundings
from bot.channels.words import words_of
from bot.domain.message import (
    Alias,
    AliasKind,
    Button,
    Contacts,
    Ignored,
    InboundMessage,
    Location,
    Media,
    OutboundMessage,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
    Quarantined,
    Reaction,
    Received,
    Row,
    StatusUpdate,
    System,
    Tap,
    Text,
)
from bot.domain.outgoing import (
    OutDocument,
    OutLink,
    OutProducts,
    OutReaction,
    OutTemplate,
)
from orders.outbox.delivery import OutcomeUnknown, Unavailable
from tests.graph_api import BreakOff, Drop, GraphApi, Hang, Say, graph_api
from tests.mutations import mutated
from tests.outgoing import SOUND, WILD

TESTS = Path(__file__).parent.parent / "bot" / "channels"
#: Where the samples of a kind are, when not in a folder of its name.
FOLDERS = {"whatsapp": "whatsapp_cloud"}
#: How a provider says that it took a message, and what it calls that one.
TAKEN: dict[str, Say] = {
    "whatsapp": Say(200, {"messages": [{"id": "3EB0A1"}]}),
    "evolution": Say(201, {"key": {"id": "3EB0A1", "fromMe": True}}),
    "waha": Say(201, {"id": "true_5511999999999@c.us_3EB0A1", "body": "hi"}),
}
HINT = "add the new kind to this table"


def samples(kind: str) -> list[Path]:
    return sorted((TESTS / FOLDERS.get(kind, kind) / "payloads").glob("*.json"))


@pytest.fixture(params=sorted(CHANNELS))
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def channel(kind: str) -> AsyncIterator[Channel]:
    async with aiohttp.ClientSession() as session:
        yield CHANNELS[kind](
            Surroundings(
                session=session,
                graph_url="http://127.0.0.1:9",
                graph_version="v23.0",
                media_hosts=frozenset(),
                media_limit=1000,
                timeout=5.0,
            )
        )


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[GraphApi]:
    """Run a provider that says what it is told to say."""
    async with graph_api() as api:
        yield api


@pytest.fixture
async def speaking(kind: str, provider: GraphApi) -> AsyncIterator[Channel]:
    """Return the channel at that provider."""
    async with spoken_to(kind, provider, timeout=30.0) as made:
        yield made


@pytest.fixture
async def hurried(kind: str, provider: GraphApi) -> AsyncIterator[Channel]:
    """Return the channel at that provider, with a short patience."""
    async with spoken_to(kind, provider, timeout=2.0) as made:
        yield made


@asynccontextmanager
async def spoken_to(
    kind: str,
    provider: GraphApi,
    *,
    timeout: float,  # noqa: ASYNC109  # of each call of the channel
) -> AsyncIterator[Channel]:
    provider.calls.clear()
    provider.queue.clear()
    async with aiohttp.ClientSession() as session:
        yield CHANNELS[kind](
            Surroundings(
                session=session,
                graph_url=provider.url,
                graph_version="v23.0",
                media_hosts=frozenset(),
                media_limit=1000,
                timeout=timeout,
            )
        )


@pytest.fixture
def account(provider: GraphApi) -> Account:
    return Account(
        channel_id="channel_1",
        tenant_id="tenant_1",
        external_id="106540352242922",
        access_token="a-token",
        base_url=provider.url,
        instance="shop 1",
    )


async def test_a_channel_is_what_the_registry_calls_it(
    channel: Channel, kind: str
) -> None:
    assert channel.kind == kind
    assert len(kind) <= 20, "the column's length"


async def test_it_has_samples_and_hears_messages_and_news_in_them(
    channel: Channel, kind: str
) -> None:
    told = [item for path in samples(kind) for item in heard(channel, path)]
    assert any(isinstance(item, StatusUpdate) for item in told)
    assert any(isinstance(item, Ignored) for item in told)
    messages = [item for item in told if isinstance(item, InboundMessage)]
    said = {type(item.content) for item in messages}
    assert said >= {Text, Media, Location, Contacts, Reaction}
    if not channel.numbered:
        assert Tap in said, "choices come back as taps, or by their numbers"
    corrections = {i.content.event for i in messages if isinstance(i.content, System)}
    assert corrections >= {"edit", "revoke"}
    assert any(item.event == "echo" for item in messages)
    assert any(item.reply_to for item in messages)


def heard(channel: Channel, path: Path) -> list[Received]:
    return list(channel.translate(path.read_bytes()))


async def test_the_same_body_twice_has_the_same_ids(
    channel: Channel, kind: str
) -> None:
    for path in samples(kind):
        assert heard(channel, path) == heard(channel, path)


async def test_what_was_heard_fits_into_the_database(
    channel: Channel, kind: str
) -> None:
    for path in samples(kind):
        for item in heard(channel, path):
            if isinstance(item, InboundMessage):
                assert 0 < len(item.provider_id) <= 200
                assert 0 < len(item.account) <= 100
                assert item.sender.aliases
                assert all(len(alias.value) <= 160 for alias in item.sender.aliases)
                assert item.sent_at.tzinfo is not None
            if isinstance(item, Quarantined):
                assert len(item.reason) <= 60


async def test_no_truncated_body_raises_and_none_is_lost_silently(
    channel: Channel, kind: str
) -> None:
    for path in samples(kind):
        body = path.read_bytes().strip()
        for end in range(1, len(body), max(1, len(body) // 50)):
            (told,) = channel.translate(body[:end])
            assert isinstance(told, Quarantined)


@pytest.mark.parametrize(
    "body",
    [b"", b"\0", b"\xff\xfe", b"null", b"[]", b"{}", b"[" * 10_000 + b"]" * 10_000],
    ids=repr,
)
async def test_what_nobody_understands_is_kept(channel: Channel, body: bytes) -> None:
    (told,) = channel.translate(body)
    assert isinstance(told, Quarantined)


@settings(
    max_examples=25,
    deadline=timedelta(seconds=5),
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_damaged_bodies_are_translated_and_never_raise(
    channel: Channel, kind: str, data: st.DataObject
) -> None:
    body = data.draw(st.sampled_from(samples(kind)).flatmap(mutated))
    told = channel.translate(body)
    assert all(len(each.reason) <= 60 for each in told if isinstance(each, Quarantined))


CONTENTS: dict[str, OutContent] = {
    "text": OutText(body="word " * 5000),
    "buttons": OutButtons(
        body="line\n" * 2000,
        buttons=tuple(Button(id=f"{n}", title="Same long title" * 3) for n in range(5)),
    ),
    "list": OutList(
        body="line\n" * 2000,
        button="Choose",
        rows=tuple(Row(id=f"{n}", title=f"Row {n}") for n in range(14)),
    ),
    "image": OutImage(link="https://shop.example/a.jpg", caption="word " * 1000),
    **{f"sound {name}": content for name, content in SOUND.items()},
    **{f"wild {name}": content for name, content in WILD.items()},
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
async def test_any_message_has_parts_and_parts_have_no_parts(
    channel: Channel, content: OutContent
) -> None:
    to = Alias(kind=AliasKind.PHONE, value="+16505551234")
    parts = channel.parts(OutboundMessage(to=to, content=content))
    assert parts
    assert [again for part in parts for again in channel.parts(part)] == list(parts)


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
async def test_any_part_can_be_said_in_bare_words_and_those_not_barer(
    channel: Channel, content: OutContent
) -> None:
    to = Alias(kind=AliasKind.PHONE, value="+16505551234")
    message = OutboundMessage(to=to, content=content, reply_to="wamid.1")
    for part in channel.parts(message):
        if not words_of(part.content):
            assert channel.plain(part) is None, "it has no words"
            continue
        bare = channel.plain(part) or part
        assert isinstance(bare.content, OutText)
        assert (bare.to, bare.reply_to) == (to, None)
        assert list(channel.parts(bare)) == [bare]
        assert channel.plain(bare) is None
        match part.content:
            case (
                OutButtons(body=body, buttons=choices)
                | OutList(body=body, rows=choices)
            ):
                assert body.strip() in bare.content.body
                assert all(each.title in bare.content.body for each in choices)
            case OutImage(link=link) | OutDocument(link=link) | OutLink(url=link):
                assert link in bare.content.body
            case OutProducts(sections=sections):
                cards = [card for section in sections for card in section.cards]
                assert all(card.name in bare.content.body for card in cards)


@pytest.mark.parametrize("code", [None, 0, -1, 10**9])
async def test_any_reported_failure_says_what_to_do(
    channel: Channel, code: int | None
) -> None:
    failure = channel.failure(code)
    assert failure.code == code
    assert str(failure)


async def test_an_account_that_nobody_answers_for_is_unavailable(
    channel: Channel,
) -> None:
    account = Account(
        channel_id="channel_1",
        tenant_id="tenant_1",
        external_id="106540352242922",
        access_token="a-token",
        base_url="http://127.0.0.1:9",
        instance="shop1",
    )
    with pytest.raises(Unavailable):
        await channel.check(account)


# -- sending --------------------------------------------------------------------------

TO = Alias(kind=AliasKind.WA_ID, value="5511999999999")
SENT: dict[str, OutContent] = {
    "text": OutText(body="Olá, ä, \N{SLICE OF PIZZA}"),
    "buttons": OutButtons(
        body="Right?",
        buttons=(Button(id="ok.1", title="Confirm"), Button(id="no", title="Cancel")),
    ),
    "list": OutList(
        body="Which?",
        button="Choose",
        rows=(
            Row(id="1", title="Latte", description="95.00"),
            Row(id="2", title="Tea"),
        ),
    ),
    "image": OutImage(link="https://shop.example/a.jpg", caption="Latte"),
    **SOUND,
}
#: Of a content, what is no word for the customer.
_MACHINES = {"type", "button", "catalog_id", "thumbnail", "name", "language", "target"}


#: Ids of choices, which numbers stand for; names of products, which ids stand for.
_IDS = {"ok.1", "no", "1", "2", "latte", "ayran"}
_NAMES = {"Latte", "Ayran"}


async def send(
    channel: Channel, account: Account, content: OutContent = SENT["text"]
) -> str:
    message = OutboundMessage(to=TO, content=content)
    return await channel.send(account, message, callback="reply:1")


def strings(found: Any) -> list[str]:
    """Return every text of parsed JSON."""
    if isinstance(found, str):
        return [found]
    inner = found.values() if isinstance(found, dict) else found
    return (
        [s for each in inner for s in strings(each)]
        if isinstance(found, dict | list)
        else []
    )


@pytest.mark.parametrize("content", SENT.values(), ids=SENT)
async def test_everything_that_is_said_is_sent_in_one_call(
    speaking: Channel,
    kind: str,
    account: Account,
    provider: GraphApi,
    content: OutContent,
) -> None:
    assert kind in TAKEN, HINT
    provider.will(TAKEN[kind])
    sent = await send(speaking, account, content)
    is_reaction = isinstance(content, OutReaction) and speaking.numbered
    assert sent == "3EB0A1" or is_reaction
    assert len(sent) <= 200, "the column's length"
    (call,) = provider.calls
    said = "\n".join(strings(call.json))
    if isinstance(content, OutTemplate) and speaking.numbered:
        assert content.body in said
    elif isinstance(content, OutTemplate):
        assert all(words in strings(call.json) for words in content.parameters)
    else:
        for words in strings(content.model_dump(mode="json", exclude=_MACHINES)):
            if words not in _IDS or not speaking.numbered:
                assert words in said or words in _NAMES
    assert "a-token" not in call.path
    assert "a-token" not in said, "the key goes in a header only"


@pytest.mark.parametrize(
    "content",
    [OutText(body=" "), OutTemplate(name="hello", language="en")],
    ids=["blank", "a template of unknown words"],
)
async def test_what_says_nothing_is_refused_or_left_to_the_provider(
    speaking: Channel,
    kind: str,
    account: Account,
    provider: GraphApi,
    content: OutContent,
) -> None:
    if isinstance(content, OutTemplate) and not speaking.numbered:
        provider.will(TAKEN[kind])
        assert await send(speaking, account, content) == "3EB0A1"
        return
    with pytest.raises(SendRefused):
        await send(speaking, account, content)
    assert not provider.calls


ANSWERS: dict[str, tuple[Say, type[Exception], Action | None]] = {
    "a key that is refused": (Say(401, {}), SendRefused, Action.PAUSE_CHANNEL),
    "too often": (Say(429, {}), SendUnavailable, Action.SLOW_DOWN),
    "in trouble": (Say(503, {}), SendUnavailable, Action.RETRY),
    "given up on the way": (Say(502, b"<html>"), OutcomeUnknown, None),
    "taken without an id": (Say(200, b"{"), OutcomeUnknown, None),
    "taken, and nonsense": (Say(201, [1, 2]), OutcomeUnknown, None),
    "a redirect": (
        Say(302, headers={"Location": "/other"}),
        SendRefused,
        Action.REFUSE,
    ),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_what_a_provider_answers_says_what_to_do(
    speaking: Channel,
    account: Account,
    provider: GraphApi,
    answer: tuple[Say, type[Exception], Action | None],
) -> None:
    say, expected, action = answer
    provider.will(say)
    with pytest.raises(expected) as raised:
        await send(speaking, account)
    assert getattr(raised.value, "action", None) == action
    assert len(provider.calls) == 1, "nothing is sent twice by itself"


@pytest.mark.parametrize(
    "way", [Drop(), Hang(), BreakOff(b"{", 100)], ids=lambda way: type(way).__name__
)
async def test_a_call_without_an_answer_may_have_arrived(
    hurried: Channel, account: Account, provider: GraphApi, way: Any
) -> None:
    provider.will(way)
    with pytest.raises(OutcomeUnknown):
        await send(hurried, account)


async def test_a_retry_is_as_late_as_the_provider_asks(
    speaking: Channel, account: Account, provider: GraphApi
) -> None:
    provider.will(Say(429, {}, headers={"Retry-After": "7"}))
    with pytest.raises(SendUnavailable) as raised:
        await send(speaking, account)
    assert raised.value.retry_after == timedelta(seconds=7)


async def test_read_marks_go_out_for_the_one_who_wrote(
    speaking: Channel, account: Account, provider: GraphApi
) -> None:
    provider.will(Say(200, {}), Say(200, {}))
    await speaking.mark_read(account, "3A55", typing=True, to=TO)
    assert "3A55" in "".join(strings([call.json for call in provider.calls]))


# -- media ----------------------------------------------------------------------------

_ELSEWHERE = "http://169.254.169.254/latest/meta-data"


@pytest.mark.parametrize(
    "media_id",
    [
        "../../instance/fetchInstances",
        "3A55/../x",
        "",
        "|",
        f"3A55|{_ELSEWHERE}",
        f"false_5511999999999@c.us_3A55|{_ELSEWHERE}",
        f"false_5511999999999@c.us_3A55|{_ELSEWHERE}/api/files/%2e%2e/secret",
        "3A55|http://user:pass@shop.example/api/files/../../x",
        "x" * 5000,
        "\x00",
    ],
)
async def test_media_that_leads_elsewhere_is_not_fetched_there(
    speaking: Channel, account: Account, provider: GraphApi, media_id: str
) -> None:
    provider.will(*[Say(404, {})] * 3)
    with pytest.raises((MediaGone, MediaUnavailable)):
        await speaking.fetch(account, media_id)
    for call in provider.calls:
        assert ".." not in call.path
        assert "fetchInstances" not in call.path


async def test_a_redirect_does_not_take_the_key_with_it(
    speaking: Channel, account: Account, provider: GraphApi
) -> None:
    away = Say(302, headers={"Location": _ELSEWHERE})
    provider.will(away, away, away)
    with pytest.raises((MediaGone, MediaUnavailable)):
        await speaking.fetch(
            account, f"false_5511999999999@c.us_3A55|{provider.url}/api/files/s/1.jpg"
        )
    assert all(call.path != "/latest/meta-data" for call in provider.calls)


async def test_media_is_what_it_is_and_not_too_much(
    speaking: Channel, account: Account, provider: GraphApi
) -> None:
    """Every kind asks in its own words; too much or nonsense is refused by all."""
    provider.will(*[Say(200, b"x" * 5000)] * 3)
    with pytest.raises((MediaGone, MediaUnavailable)):
        await speaking.fetch(account, "3A55")


async def test_samples_are_json_and_hold_no_real_secret(kind: str) -> None:
    for path in samples(kind):
        assert json.loads(path.read_bytes())
