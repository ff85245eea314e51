"""Voice notes by OpenAI's transcription API."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.domain.speech import Timeline
from bot.reading.listening import ENDINGS, Sound, Transcript
from bot.reading.openai.client import Service, Written
from bot.reading.openai.errors import NotNow, NotReached, RateLimited, Rejected

#: Models that are helped by lists of languages and words, by how their names begin.
_TAKES_HINTS = "gpt-transcribe"
#: Models that must be told to cut what is long, by how their names begin.
_CUTS = "gpt-4o-transcribe-diarize"
#: How models are asked when words were said, by what their names hold. Others refuse.
_TELLS_TIMES: Mapping[str, Mapping[str, Any]] = {
    "whisper": {
        "response_format": "verbose_json",
        # Some servers of these models know one of them only.
        "timestamp_granularities": ["word", "segment"],
    },
    _CUTS: {"response_format": "diarized_json"},
}
#: No voice note that is listened to says more, in characters.
_LONGEST = 65_536
_PAUSE = 0.25
_LEAST = 1.0


class OpenAITranscriber:
    """Raises the forms of `bot.reading.openai.errors`."""

    def __init__(self, service: Service, model: str, *, seconds: float) -> None:
        """`seconds`: for a voice note with its one retry."""
        self._service = service
        self._model = model
        self._seconds = seconds
        asks = (ask for name, ask in _TELLS_TIMES.items() if name in model.lower())
        self._times: Mapping[str, Any] = next(asks, {})

    async def transcribe(self, sound: Sound) -> Transcript:
        """Return what is said, and when, as far as the model tells."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        times = self._times
        try:
            return await self._once(sound, self._seconds, times)
        except (NotNow, Rejected) as error:
            wait = _wait(error, asked_for_times=bool(times))
            if wait is None or wait + _LEAST > end - loop.time():
                raise
            is_refused = isinstance(error, Rejected)
            if not isinstance(error, RateLimited | NotReached):
                times = {}  # They may be what failed, and are not worth the words.
        await asyncio.sleep(wait)
        heard = await self._once(sound, end - loop.time(), times)
        if is_refused:
            self._times = {}
        return heard

    async def _once(
        self, sound: Sound, within: float, times: Mapping[str, Any]
    ) -> Transcript:
        seconds = sound.seconds
        told = await self._service.transcribe(
            (f"voice.{ENDINGS[sound.mime]}", sound.data, sound.mime),
            self._model,
            seconds=seconds,
            within=within,
            options={**self._hints(sound), **times},
        )
        # NUL cannot be stored.
        text = told.text.replace("\0", "")[:_LONGEST].strip()
        timeline = _timeline(sound, text, told)
        return Transcript(text, self._model, seconds, (told.call,), timeline)

    def _hints(self, sound: Sound) -> dict[str, Any]:
        if self._model.startswith(_CUTS):
            return {"chunking_strategy": "auto"}
        if not self._model.startswith(_TAKES_HINTS):
            return {}
        hints = {"languages": list(sound.languages), "keywords": list(sound.words)}
        return {name: words for name, words in hints.items() if words}


def _wait(error: NotNow | Rejected, *, asked_for_times: bool) -> float | None:
    """Return the seconds until one more try, None when it is of no use."""
    if isinstance(error, Rejected):
        return 0 if asked_for_times else None
    if not error.again:
        return None
    return error.retry_after.total_seconds() if error.retry_after else _PAUSE


def _timeline(sound: Sound, text: str, told: Written) -> Timeline | None:
    """Return when a transcript was said. The sound knows best how long it plays."""
    ends = max((each.end for each in told.pieces), default=None)
    lengths = (sound.told_seconds, told.seconds, ends)
    seconds = next((each for each in lengths if each), None)
    return None if seconds is None else Timeline.told(text, seconds, told.pieces)
