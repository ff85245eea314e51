"""What the console says, in the language of who looks: texts/<language>/<room>.toml."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal

from bot.domain.wording import Template, Wording
from bot.texts import MODEL, languages, parse_wording, wording_for, written_in

_TEXTS = files("bot.web.console") / "texts"
_SUFFIX = ".toml"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: What runs from right to left, or makes what follows it run another way.
_TURNING = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2067\u2068\ufb1d-\ufdff\ufe70-\ufefc]"
)
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Say:
    """Sentences, amounts and times for one reader: `say("inbox.title")`."""

    wording: Wording
    zone: ZoneInfo
    now: datetime

    def __call__(self, key: str, count: Decimal | int = 1, **values: object) -> str:
        """Return a sentence; numbers among its values are written as people do.

        Raises KeyError for a key or a placeholder that no texts file has.
        """
        written = {name: self._written(value) for name, value in values.items()}
        # Most sentences count nothing, and a page has hundreds of them.
        counted = _one(self.language) if count == 1 else self._written(count)
        return self.wording.text(key, {"count": counted, **written}, count)

    def knows(self, key: str) -> bool:
        """Return whether there is such a sentence."""
        return self.wording.knows(key)

    def money(self, amount: Decimal | str, currency: str) -> str:
        """Return an amount of major units."""
        return self.wording.money(Decimal(amount), currency)

    def number(self, value: Decimal | float | str) -> str:
        """Return a number with as many decimals as it has, at most six."""
        return self.wording.number(Decimal(str(value)))

    def unit(self, unit: str, quantity: Decimal | str = "1") -> str:
        """Return what customers read of a unit; one without a word as it is."""
        spoken, key = wording_for(self.language), f"units.{unit}"
        return spoken.text(key, {}, Decimal(quantity)) if spoken.knows(key) else unit

    def day(self, day: date) -> str:
        """Return a day: "22 Nov 2026"."""
        return format_date(day, "medium", self._locale)

    def exactly(self, moment: datetime) -> str:
        """Return a moment in the shop's zone, to the minute."""
        return self.wording.moment(moment.astimezone(self.zone))

    def clock(self, moment: datetime) -> str:
        """Return the hour and minute in the shop's zone."""
        local = moment.astimezone(self.zone)
        return _clock(time(local.hour, local.minute), self.language)

    def span(self, length: timedelta, threshold: float = 0.85) -> str:
        """Return a length of time in one short unit: "3 min".

        From `threshold` of a unit on it is told in it: 0.85 of an hour is "1 hr".
        """
        return _span(_coarse(length), threshold, self.language)

    def ago(self, moment: datetime) -> str:
        """Return how long ago a moment was, or how far it is away."""
        return self.span(abs(self.now - moment))

    @property
    def language(self) -> str:
        return self.wording.language

    @property
    def direction(self) -> str:
        """Return `ltr` or `rtl`: how the language runs."""
        return "rtl" if self._locale.text_direction == "rtl" else "ltr"

    @property
    def _locale(self) -> Locale:
        return _locale(self.wording.language)

    def _written(self, value: object) -> str:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return self.wording.number(Decimal(value))
        return _apart(str(value))


def _apart(text: str) -> str:
    """Return what somebody wrote so that it turns no words of the sentence around."""
    if not _TURNING.search(text):
        return text
    return f"{_ISOLATE}{_DIRECTIONS.sub('', text)}{_END_ISOLATE}"


def percent_of(probability: float) -> int:
    """Return a probability in whole percent; only what is certain is 100."""
    return min(round(probability * 100), 99 if probability < 1 else 100)


def _coarse(length: timedelta) -> int:
    """Return seconds to as much as can be seen of them: a page asks for the same."""
    seconds = int(length.total_seconds())
    seen = 1 if seconds < _HOUR else _MINUTE if seconds < _DAY else _HOUR
    return seconds // seen * seen


@lru_cache(maxsize=4096)
def _span(seconds: int, threshold: float, language: str) -> str:
    return format_timedelta(
        timedelta(seconds=seconds),
        granularity="second",
        threshold=threshold,
        format="short",
        locale=_locale(language),
    )


@lru_cache(maxsize=4096)
def _clock(at: time, language: str) -> str:
    return format_time(at, "short", locale=_locale(language))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@cache
def _one(language: str) -> str:
    return format_decimal(1, locale=language)


def chosen_language(*wanted: str | None) -> str:
    """Return the first of these codes, or of Accept-Language lists, that we speak."""
    for each in wanted:
        for part in (each or "").split(","):
            code = part.split(";")[0].strip().replace("_", "-").split("-")[0].lower()
            if code in languages():
                return code
    return MODEL


def speaking(language: str, zone: str, country: str, now: datetime) -> Say:
    """Return what speaks a language to somebody in a zone and a country.

    Raises BadTexts when a file of texts is malformed or incomplete.
    """
    return Say(_wording_in(language, country), ZoneInfo(zone), now)


@cache
def rooms() -> Sequence[str]:
    """Return the names of all files of texts."""
    names = (each.name for each in (_TEXTS / MODEL).iterdir())
    return sorted(n.removesuffix(_SUFFIX) for n in names if n.endswith(_SUFFIX))


@lru_cache(maxsize=1024)
def _wording_in(language: str, country: str) -> Wording:
    return written_in(_wording(language), country)


@cache
def _wording(language: str) -> Wording:
    texts: dict[str, Template] = {
        f"{room}.{key}": text
        for room in rooms()
        for key, text in _room(language, room).texts.items()
    }
    return replace(_room(language, "frame"), texts=texts)


@cache
def _room(language: str, room: str) -> Wording:
    text = (_TEXTS / language / f"{room}{_SUFFIX}").read_text(encoding="utf-8")
    model = None if language == MODEL else _room(MODEL, room)
    return parse_wording(language, text, model)
