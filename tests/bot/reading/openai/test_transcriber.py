"""What was said in voice notes, and when, as far as models tell."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import pytest

from bot.domain.speech import Timeline, Timing
from bot.reading.listening import Sound, Transcript
from bot.reading.openai.client import Service, connected
from bot.reading.openai.errors import Rejected
from bot.reading.openai.surroundings import Limits
from bot.reading.openai.transcriber import OpenAITranscriber
from tests.graph_api import Say
from tests.openai_server import KEY, OpenAIServer, failure, openai_server

VOICE = (resources.files("bot.simulator.page.samples") / "voice.ogg").read_bytes()
#: It plays so long.
SECONDS = 4.76
SAID = "2 latte, please"
#: Plays who knows how long.
OTHER = b"ID3" + bytes(3000)


@dataclass
class Studio:
    """A server, and who asks it."""

    server: OpenAIServer
    service: Service

    async def hear(
        self, model: str, data: bytes = VOICE, *, times: int = 1
    ) -> Transcript:
        """Let a model listen to a sound, so many times; return what was heard last."""
        self.server.heard.clear()
        mime = "audio/ogg" if data is VOICE else "audio/mpeg"
        sound = Sound(data, mime, "hash", languages=("en",), words=("Latte",))
        transcriber = OpenAITranscriber(self.service, model, seconds=10)
        heard = [await transcriber.transcribe(sound) for _ in range(times)]
        assert heard[-1].text == SAID
        return heard[-1]

    @property
    def asked(self) -> list[Any]:
        return [
            (
                each.fields["response_format"][0],
                each.fields.get("timestamp_granularities[]"),
            )
            for each in self.server.heard
        ]


@pytest.fixture(scope="module")
async def studio() -> AsyncIterator[Studio]:
    async with (
        openai_server() as server,
        connected(KEY, server.url, Limits(seconds=10)) as service,
    ):
        server.speech = lambda _: SAID
        yield Studio(server, service)


WORDS = (Timing(0, 0, 0.5), Timing(2, 0.5, 1), Timing(9, 1, 1.5))
MODELS: list[tuple[str, Any, Timeline]] = [
    ("gpt-transcribe", ("json", None), Timeline(SECONDS)),
    ("gpt-4o-mini-transcribe", ("json", None), Timeline(SECONDS)),
    (
        "whisper-1",
        ("verbose_json", ["word", "segment"]),
        Timeline(SECONDS, WORDS),
    ),
    (
        "gpt-4o-transcribe-diarize",
        ("diarized_json", None),
        Timeline(SECONDS, (Timing(0, 0, 1.5),)),
    ),
]


@pytest.mark.parametrize("case", MODELS)
async def test_models_that_tell_when_words_were_said_are_asked_for_it(
    studio: Studio, case: tuple[str, Any, Timeline]
) -> None:
    model, wanted, timeline = case
    transcript = await studio.hear(model)
    assert studio.asked == [wanted]
    assert transcript.timeline == timeline


async def test_a_sound_that_does_not_tell_its_length_has_the_one_that_is_told(
    studio: Studio,
) -> None:
    transcript = await studio.hear("whisper-1", OTHER)
    assert transcript.timeline == Timeline(1.5, WORDS)
    assert (await studio.hear("gpt-transcribe", OTHER)).timeline is None


def body(**more: Any) -> Say:
    return Say(200, {"text": SAID, **more})


WORD = {"word": "latte", "start": 1, "end": 1.5}
SENSELESS: list[tuple[Say, tuple[Timing, ...]]] = [
    (body(), ()),
    (body(words=None, segments="soon", duration="long"), ()),
    (body(words={"latte": 1}), ()),
    (body(words=[{"word": "2"}, WORD, 7, {**WORD, "start": -1}]), (Timing(2, 1, 1.5),)),
    (body(words=[{**WORD, "end": 0.5}, {**WORD, "start": 9, "end": 9}]), ()),
    (
        Say(
            200,
            b'{"text": "2 latte, please",'
            b' "words": [{"word": "2", "start": NaN, "end": 1e999}]}',
        ),
        (),
    ),
    (Say(200, b'{"text": "2 latte, please", "usage": {"seconds": 1e999}}'), ()),
    (body(usage={"seconds": 1e300}, duration=1e300), ()),
    (body(usage="much"), ()),
    (
        body(words=[], segments=[{"text": SAID, "start": 1, "end": 2}]),
        (Timing(0, 1, 2),),
    ),
]


@pytest.mark.parametrize("number", range(len(SENSELESS)))
async def test_times_that_make_no_sense_do_not_cost_the_words(
    studio: Studio, number: int
) -> None:
    answered, timings = SENSELESS[number]
    studio.server.will(answered)
    transcript = await studio.hear("whisper-1")
    assert transcript.timeline == Timeline(SECONDS, timings)
    assert transcript.calls[0].audio_seconds == pytest.approx(SECONDS, abs=0.01)
    assert len(studio.server.heard) == 1


async def test_a_transcript_can_be_stored_whatever_is_in_it(studio: Studio) -> None:
    studio.server.will(Say(200, {"text": f"\0{SAID}\0{' ' * 70_000}and so on"}))
    assert (await studio.hear("gpt-transcribe")).text == SAID


TIMED, PLAIN = ("verbose_json", ["word", "segment"]), ("json", None)
FAILED: list[tuple[Say, list[Any]]] = [
    # It cannot tell: it is not asked again.
    (Say(400, failure("unsupported_value")), [TIMED, PLAIN, PLAIN]),
    # Perhaps it cannot tell.
    (Say(500, failure("server_error")), [TIMED, PLAIN, TIMED]),
    (Say(200, b"{}"), [TIMED, PLAIN, TIMED]),
    # It has too much to do.
    (Say(429, failure("slow_down"), {"retry-after": "0"}), [TIMED, TIMED, TIMED]),
]


@pytest.mark.parametrize("number", range(len(FAILED)))
async def test_a_server_that_cannot_tell_times_is_asked_for_the_words(
    studio: Studio, number: int
) -> None:
    answered, wanted = FAILED[number]
    studio.server.will(answered)
    await studio.hear("whisper-1", times=2)
    assert studio.asked == wanted


async def test_what_is_refused_without_times_is_refused(studio: Studio) -> None:
    no = Say(400, failure("invalid_request"))
    studio.server.will(no)
    with pytest.raises(Rejected):
        await studio.hear("gpt-transcribe")
    studio.server.will(no, no)
    with pytest.raises(Rejected):
        await studio.hear("whisper-1")
    assert studio.asked == [TIMED, PLAIN]
