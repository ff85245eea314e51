"""What every channel must do, whatever its provider: run for each in the registry."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.channels.channel import Account, Channel
from bot.channels.registry import CHANNELS, Surroundings
from bot.domain.message import (
    Alias,
    AliasKind,
    Button,
    InboundMessage,
    OutboundMessage,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
    Quarantined,
    Received,
    Row,
    StatusUpdate,
)
from orders.outbox.delivery import Unavailable

TESTS = Path(__file__).parent.parent / "bot" / "channels"
#: Where the samples of a kind are.
FOLDERS = {"whatsapp": "whatsapp_cloud"}


def samples(kind: str) -> list[Path]:
    return sorted((TESTS / FOLDERS[kind] / "payloads").glob("*.json"))


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


async def test_a_channel_is_what_the_registry_calls_it(
    channel: Channel, kind: str
) -> None:
    assert channel.kind == kind
    assert len(kind) <= 20, "the column's length"


async def test_it_has_samples_and_hears_messages_and_news_in_them(
    channel: Channel, kind: str
) -> None:
    told = [item for path in samples(kind) for item in heard(channel, path)]
    assert any(isinstance(item, InboundMessage) for item in told)
    assert any(isinstance(item, StatusUpdate) for item in told)


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
            case OutImage(link=link):
                assert link in bare.content.body


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
    )
    with pytest.raises(Unavailable):
        await channel.check(account)
