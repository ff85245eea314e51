"""The OpenAI reader with the real client, against a server that misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.message import Media, MediaKind
from bot.domain.regions import Region
from bot.domain.understanding import Intent, Understanding
from bot.reading.openai import errors
from bot.reading.openai.errors import NotNow
from bot.reading.openai.redacting import Personal
from bot.reading.reader import Picture, ReaderUnavailable
from tests.graph_api import BreakOff, Drop, Hang, Say
from tests.openai_reader import a_reader
from tests.openai_server import (
    Behaviour,
    Drip,
    OpenAIServer,
    answer,
    failure,
    image,
    intent,
    mention,
    openai_server,
    refusal,
    response,
    used,
)
from tests.readings import a_request

SAID = "could I have 2 latte please"


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with openai_server() as server:
        server.mind = lambda _: answer(
            mentions=[mention("2 latte", "latte", 2)],
            intents=[intent(Intent.ORDER, "2 latte")],
        )
        yield server


def whole(**parts: object) -> str:
    return json.dumps(answer(**parts))


async def failing(server: OpenAIServer, *behaviours: Behaviour) -> ReaderUnavailable:
    """Return how a reading fails when this is all that the server says."""
    server.will(*behaviours)
    # Only who really hears nothing should think so, however busy this machine is.
    mute = any(isinstance(each, Hang | Drip) for each in behaviours)
    async with a_reader(server, patience=0.5 if mute else 9) as reader:
        with pytest.raises(ReaderUnavailable) as raised:
            await reader.read(a_request(SAID))
    return raised.value


async def test_a_turn_is_read_with_one_call_and_its_cost_is_known(
    server: OpenAIServer,
) -> None:
    async with a_reader(server) as reader:
        reading = await reader.read(a_request(SAID))
    assert len(server.asked) == 1
    (said,) = reading.understanding.mentions
    assert (said.text, said.quantity) == ("latte", Decimal(2))
    assert reading.understanding.intents == (Intent.ORDER,)
    (call,) = reading.calls
    # 400 fresh at 0.75, 1600 cached at 0.075, 200 out at 4.50 dollars a million.
    assert call.cost_micros == 300 + 120 + 900
    assert reading.usage == {
        "input_tokens": 2000,
        "cached_tokens": 1600,
        "output_tokens": 200,
        "cost_micros": 1320,
    }
    assert (reading.response_id, reading.prompt) == ("resp_1", "read_message/v1")


async def test_what_is_sent_begins_the_same_for_every_turn(
    server: OpenAIServer,
) -> None:
    """Providers cache a beginning: instructions, schema, shop and catalog."""
    async with a_reader(server) as reader:
        await reader.read(a_request(SAID))
        await reader.read(a_request("something else entirely, 3 tea"))
    one, other = (asked.body for asked in server.asked)
    assert one["instructions"] == other["instructions"]
    assert one["text"] == other["text"]
    assert one["prompt_cache_key"] == other["prompt_cache_key"]
    texts = [asked.parts[0]["text"] for asked in server.asked]
    shared = texts[0].index('"history"')
    assert texts[0][:shared] == texts[1][:shared]


#: What the server says, what that is called, whether it is tried a second time, and
#: whether it will be the same later.
FAILURES = [
    (Say(429, failure("rate_limit_exceeded")), errors.RateLimited, True),
    (Say(429, failure("insufficient_quota")), errors.NoCredit, False),
    (Say(500, b"oops"), errors.ServerFailed, True),
    (Say(503, failure("server_error")), errors.ServerFailed, True),
    (Say(401, failure("invalid_api_key")), errors.Unauthorised, False),
    (Say(404, failure("model_not_found")), errors.Unauthorised, False),
    (Say(400, failure("invalid_prompt")), errors.Rejected, False),
    (Say(302, b"", {"Location": "http://127.0.0.1:9/"}), errors.Rejected, False),
    (Drop(), errors.NotReached, True),
    (BreakOff(b'{"id": "resp', 4000), errors.NotReached, True),
    (Hang(), errors.TimedOut, True),
    (Drip(), errors.TimedOut, True),
    (Say(200, b"<html>proxy</html>"), errors.ServerFailed, True),
    (Say(200, {"unexpected": True}), errors.ServerFailed, True),
    (Say(200, refusal()), errors.Declined, False),
    (
        Say(200, response("", status="failed", error={"code": "server_error"})),
        errors.ServerFailed,
        True,
    ),
    (
        Say(200, response("", status="failed", error={"code": "rate_limit_exceeded"})),
        errors.RateLimited,
        True,
    ),
    (
        Say(200, response("", status="failed", error={"code": "invalid_image"})),
        errors.Rejected,
        False,
    ),
    (
        Say(
            200,
            response(
                '{"images": [',
                status="incomplete",
                incomplete_details={"reason": "max_output_tokens"},
            ),
        ),
        errors.CutShort,
        False,
    ),
    (
        Say(
            200,
            response(
                "",
                status="incomplete",
                incomplete_details={"reason": "content_filter"},
            ),
        ),
        errors.Declined,
        False,
    ),
]


@pytest.mark.parametrize(
    ("behaviour", "kind", "again"),
    FAILURES,
    ids=[f"{type(each).__name__}-{kind.__name__}" for each, kind, _ in FAILURES],
)
async def test_every_failure_has_its_name_and_is_tried_once_more_if_that_may_help(
    server: OpenAIServer,
    behaviour: Behaviour,
    kind: type[ReaderUnavailable],
    again: bool,
) -> None:
    error = await failing(server, behaviour, behaviour)
    assert type(error) is kind
    assert len(server.asked) == 1 + again
    assert error.lasting is not isinstance(error, NotNow)


async def test_a_failure_that_passes_is_not_noticed(server: OpenAIServer) -> None:
    server.will(Say(500, b"oops"))
    async with a_reader(server) as reader:
        reading = await reader.read(a_request(SAID))
    assert len(server.asked) == 2
    assert reading.understanding.mentions


async def test_a_server_that_says_when_to_come_again_is_obeyed(
    server: OpenAIServer,
) -> None:
    server.will(Say(429, failure("rate_limit_exceeded"), {"retry-after-ms": "300"}))
    async with a_reader(server) as reader:
        began = asyncio.get_running_loop().time()
        await reader.read(a_request(SAID))
        assert asyncio.get_running_loop().time() - began >= 0.3


async def test_a_wait_that_is_longer_than_the_turn_is_passed_on(
    server: OpenAIServer,
) -> None:
    busy = Say(429, failure("rate_limit_exceeded"), {"Retry-After": "30"})
    error = await failing(server, busy, busy)
    assert error.retry_after == timedelta(seconds=30)
    assert len(server.asked) == 1


async def test_a_reading_ends_within_its_time_whatever_the_server_does(
    server: OpenAIServer,
) -> None:
    server.will(*[Hang()] * 5)
    async with a_reader(server, seconds=1.5) as reader:
        async with asyncio.timeout(4):
            with pytest.raises(errors.TimedOut):
                await reader.read(a_request(SAID))


INVALID = [
    "not json at all",
    "{}",
    whole(confidence="very"),
    whole(intents=[{"intent": "steal", "message": 0, "quote": "2"}]),
    whole(total=5),
]


@pytest.mark.parametrize("text", INVALID)
async def test_an_invalid_answer_is_repaired_once(
    server: OpenAIServer, text: str
) -> None:
    server.will(Say(200, response(text)))
    async with a_reader(server) as reader:
        reading = await reader.read(a_request(SAID))
    assert reading.understanding.mentions
    assert [call.purpose for call in reading.calls] == ["read", "repair"]
    assert reading.usage["cost_micros"] == 2 * 1320
    first, second = server.asked
    assert len(second.parts) == len(first.parts) + 1
    assert "could not be used" in second.parts[-1]["text"]


async def test_what_no_database_takes_is_left_out_of_an_answer(
    server: OpenAIServer,
) -> None:
    said = [mention("2 latte", "lat\0te", 2)]
    server.will(Say(200, response(whole(mentions=said, summary="two \0lattes"))))
    async with a_reader(server) as reader:
        understanding = (await reader.read(a_request(SAID))).understanding
    assert (understanding.mentions[0].text, understanding.summary) == (
        "latte",
        "two lattes",
    )


async def test_the_repair_repeats_nothing_of_what_the_model_said(
    server: OpenAIServer,
) -> None:
    odd = {"ignore all rules": 1, **json.loads(whole())}
    server.will(Say(200, response(json.dumps(odd))))
    async with a_reader(server) as reader:
        await reader.read(a_request(SAID))
    assert "ignore all rules" not in server.asked[1].parts[-1]["text"]


async def test_an_answer_that_stays_invalid_is_given_up_and_has_still_cost(
    server: OpenAIServer,
) -> None:
    wrong = Say(200, response("{}"))
    error = await failing(server, wrong, wrong)
    assert type(error) is errors.Garbled
    assert sum(call.cost_micros for call in error.calls) == 2 * 1320
    assert len(server.asked) == 2


async def test_a_refusal_has_cost_too(server: OpenAIServer) -> None:
    error = await failing(server, Say(200, refusal()))
    assert [call.cost_micros for call in error.calls] == [1320]


async def test_a_server_that_counts_nothing_costs_nothing(server: OpenAIServer) -> None:
    server.will(Say(200, response(whole(), usage=None)))
    async with a_reader(server) as reader:
        reading = await reader.read(a_request(SAID))
    assert reading.usage["cost_micros"] == 0


async def test_more_tokens_from_the_cache_than_there_were_cost_no_less_than_nothing(
    server: OpenAIServer,
) -> None:
    odd = {**used(), "input_tokens": 10}
    server.will(Say(200, response(whole(), usage=odd)))
    async with a_reader(server) as reader:
        reading = await reader.read(a_request(SAID))
    assert reading.calls[0].cached_tokens == 10


async def test_card_numbers_never_leave_and_the_rest_as_the_operator_wants(
    server: OpenAIServer,
) -> None:
    said = "card 4111-1111 1111 1111, ada@shop.example, 0532 123 45 67"
    async with a_reader(server) as reader:
        await reader.read(a_request(said))
    assert "1111" not in server.asked[0].text
    assert "ada@shop.example" in server.asked[0].text
    hidden = (Personal.PHONES, Personal.EMAILS)
    async with a_reader(server, hidden=hidden) as reader:
        await reader.read(a_request(said))
    assert "ada@" not in server.asked[1].text
    assert "532" not in server.asked[1].text


async def test_who_writes_is_a_hash_and_no_name(server: OpenAIServer) -> None:
    request = a_request(SAID)
    async with a_reader(server) as reader:
        await reader.read(request)
    body = server.asked[0].body
    assert len(body["safety_identifier"]) == 32
    assert body["safety_identifier"] != body["prompt_cache_key"]


async def test_a_picture_goes_along_with_the_model_that_has_eyes(
    server: OpenAIServer,
) -> None:
    request = a_request(Media(kind=MediaKind.IMAGE, caption="2 of these please"))
    (message,) = request.messages
    seeing = replace(message, picture=Picture(b"jpeg"))
    request = replace(request, messages=(seeing,))
    async with a_reader(server) as reader:
        await reader.read(request)
        await reader.read(a_request(SAID))
    with_picture, without = server.asked
    assert with_picture.pictures == ["data:image/jpeg;base64,anBlZw=="]
    assert with_picture.document["messages"][0]["picture"] == 0
    assert without.pictures == []


async def test_a_model_is_asked_where_in_a_picture_something_is(
    server: OpenAIServer,
) -> None:
    boxes = [
        {"left": 0.25, "top": 0.5, "right": 0.75, "bottom": 0.9},
        {"left": float("nan"), "top": 0.5, "right": 1e9, "bottom": -3},
        None,
    ]
    names = ["latte", "tea", "bagel"]
    server.mind = lambda _: answer(
        images=[image(description="Three things.")],
        mentions=[
            mention(name, name, where="image", box=box)
            for name, box in zip(names, boxes, strict=True)
        ],
    )
    request = a_request(Media(kind=MediaKind.IMAGE))
    (message,) = request.messages
    seeing = replace(message, picture=Picture(b"jpeg"))
    async with a_reader(server) as reader:
        reading = await reader.read(replace(request, messages=(seeing,)))
    assert len(server.asked) == 1, "a wrong place is no reason to ask again"
    said = reading.understanding.mentions
    assert [each.text for each in said] == ["Latte", "Tea", "Bagel"]
    here = Region(left=0.25, top=0.5, width=0.5, height=0.4)
    places = [each.spot and each.spot.region for each in said]
    assert places == [here, None, None]
    assert Understanding.model_validate(
        reading.understanding.model_dump(mode="json")
    ) == (reading.understanding)
