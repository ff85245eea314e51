"""Voice notes by OpenAI's transcription API."""

import asyncio
from typing import Any

from bot.reading.listening import ENDINGS, Sound, Transcript
from bot.reading.openai.client import Service
from bot.reading.openai.errors import NotNow

#: Models that are helped by lists of languages and words, by how their names begin.
_TAKES_HINTS = "gpt-transcribe"
_PAUSE = 0.25
_LEAST = 1.0


class OpenAITranscriber:
    """Raises the forms of `bot.reading.openai.errors`."""

    def __init__(self, service: Service, model: str, *, seconds: float) -> None:
        """`seconds`: for a voice note with its one retry."""
        self._service = service
        self._model = model
        self._seconds = seconds

    async def transcribe(self, sound: Sound) -> Transcript:
        """Return what is said."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        try:
            return await self._once(sound, self._seconds)
        except NotNow as error:
            wait = error.retry_after.total_seconds() if error.retry_after else _PAUSE
            if not error.again or wait + _LEAST > end - loop.time():
                raise
        await asyncio.sleep(wait)
        return await self._once(sound, end - loop.time())

    async def _once(self, sound: Sound, within: float) -> Transcript:
        seconds = sound.seconds
        told = await self._service.transcribe(
            (f"voice.{ENDINGS[sound.mime]}", sound.data, sound.mime),
            self._model,
            seconds=seconds,
            within=within,
            options=self._hints(sound),
        )
        text = told.text.strip()
        return Transcript(text, self._model, seconds, (told.call,))

    def _hints(self, sound: Sound) -> dict[str, Any]:
        if not self._model.startswith(_TAKES_HINTS):
            return {}
        hints = {"languages": list(sound.languages), "keywords": list(sound.words)}
        return {name: words for name, words in hints.items() if words}
