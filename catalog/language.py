"""The language files, loaded and checked."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import TypeVar

from catalog.domain.folding import fold
from catalog.domain.language import (
    ANSWERS,
    PHRASES,
    QUOTED,
    SUBJECTS,
    LanguagePack,
)
from catalog.domain.lexicon import Chatter

T = TypeVar("T")

_SUFFIX = ".toml"
_CHATTER = "chatter"
_KEYS = frozenset(
    {
        "letters",
        "fillers",
        "suffixes",
        "base_endings",
        "without_suffixes",
        "with_suffixes",
        "verb_suffixes",
        "final_letters",
        "verbs_last",
        "units",
        "packs",
        "numbers",
        "multipliers",
        "fractions",
        "ordinals",
        "colours",
        "sizes",
        "spelt",
        "romanised",
        "days",
        "day_parts",
        "phrases",
        "subjects",
        "answers",
        "quoted",
    }
)
#: What the file of everyday words has besides a table for each language.
_AROUND = frozenset({"units", "packs"})
#: Days from today, and days of the week.
DAYS = ("0", "1", "2", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_PARTS = ("am", "pm")  #: Before noon, and after it.


class BadLanguageFile(Exception):
    """A language file is malformed or incomplete; the message says where and why."""


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages that have a file, sorted."""
    folder = resources.files("catalog.languages")
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(_SUFFIX) for n in names if n.endswith(_SUFFIX)))


@cache
def load_language(code: str) -> LanguagePack:
    """Return a language. Raises `BadLanguageFile`, also when there is no such file."""
    if code not in languages():
        known = ", ".join(languages())
        raise BadLanguageFile(f"catalog/languages has no {code}.toml; it has {known}")
    file = resources.files("catalog.languages") / f"{code}{_SUFFIX}"
    return parse_language(code, file.read_text(encoding="utf-8"))


@cache
def load_chatter() -> Chatter:
    """Return the everyday words of all languages that customers may write in."""
    file = resources.files("catalog") / f"{_CHATTER}{_SUFFIX}"
    return parse_chatter(file.read_text(encoding="utf-8"))


def parse_chatter(text: str) -> Chatter:
    """Return the everyday words that a file's text lists. Raises `BadLanguageFile`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadLanguageFile(f"{_CHATTER}.toml is not valid TOML: {error}") from error
    file = _File(_CHATTER, data)
    file.expect_keys("", {key: 0 for key in ("units", "packs") if key in data}, _AROUND)
    fillers: set[str] = set()
    for code in data.keys() - _AROUND:
        words = file.table(code)
        file.expect_keys(f"{code}.", words, {"fillers"})
        fillers.update(file.words(f"{code}.fillers", words["fillers"]))
    packs = file.table("packs")
    file.expect_keys("packs.", packs, {"words"})
    return Chatter(
        fillers=frozenset(part for word in fillers for part in word.split()),
        units=file.inverted("units"),
        packs=frozenset(file.words("packs.words", packs["words"])),
    )


def parse_language(code: str, text: str) -> LanguagePack:
    """Return the language that a file's text describes, or raise `BadLanguageFile`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadLanguageFile(f"{code}.toml is not valid TOML: {error}") from error
    file = _File(code, data)
    file.expect_keys("", data, _KEYS)
    phrases = file.table("phrases")
    file.expect_keys("phrases.", phrases, PHRASES.keys())
    file.expect_keys("subjects.", file.table("subjects"), frozenset(SUBJECTS))
    file.expect_keys("answers.", file.table("answers"), frozenset(ANSWERS))
    file.expect_keys("quoted.", file.table("quoted"), frozenset(QUOTED))
    return LanguagePack(
        code=code,
        letters=frozenset("".join(file.texts("letters", data["letters"]))),
        fillers=frozenset(file.words("fillers", data["fillers"])),
        suffixes=file.endings("suffixes"),
        base_endings=file.words("base_endings", data["base_endings"]),
        without_suffixes=file.endings("without_suffixes"),
        with_suffixes=file.endings("with_suffixes"),
        verb_suffixes=file.endings("verb_suffixes"),
        final_letters=file.valued("final_letters", _letter, "a letter"),
        verbs_last=file.flag("verbs_last"),
        units=file.inverted("units"),
        packs=file.inverted("packs"),
        numbers=file.valued("numbers", _decimal, "a number, written as a text"),
        multipliers=file.valued("multipliers", _decimal, "a number, written as a text"),
        fractions=file.valued("fractions", _decimal, "a number, written as a text"),
        ordinals=file.valued("ordinals", _whole, "a whole number: 1 first, -1 last"),
        colours=file.inverted("colours"),
        sizes=file.inverted("sizes"),
        spelt=file.valued("spelt", _several, "several words in one text"),
        romanised=file.valued("romanised", _spellings, "a list of Latin letters"),
        days=file.named("days", DAYS),
        day_parts=file.named("day_parts", DAY_PARTS),
        phrases={k: file.words(f"phrases.{k}", v) for k, v in phrases.items()},
        subjects=file.inverted("subjects"),
        answers=file.inverted("answers"),
        quoted=file.inverted("quoted"),
    )


class _File:
    """A parsed file that knows its name, so that every complaint can say it."""

    def __init__(self, code: str, data: Mapping[str, object]) -> None:
        self.name = f"{code}{_SUFFIX}"
        self.data = data

    def expect_keys(
        self, where: str, found: Mapping[str, object], wanted: AbstractSet[str]
    ) -> None:
        """Raise unless exactly the wanted keys are there."""
        if missing := sorted(wanted - found.keys()):
            key = missing[0]
            hint = PHRASES.get(key)
            why = f" ({hint})" if hint else ""
            raise BadLanguageFile(f"{self.name}: {where}{key} is missing{why}")
        if unknown := sorted(found.keys() - wanted):
            known = ", ".join(sorted(wanted))
            raise BadLanguageFile(
                f"{self.name}: {where}{unknown[0]} is not known; known keys are {known}"
            )

    def table(self, key: str) -> Mapping[str, object]:
        value = self.data[key]
        if not isinstance(value, dict):
            raise self._wrong(key, "a table", value)
        return value

    def flag(self, key: str) -> bool:
        value = self.data[key]
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def texts(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._wrong(key, "a list of texts", value)
        return tuple(value)

    def words(self, key: str, value: object) -> tuple[str, ...]:
        """Return a list of words, folded; a sign that has no letters stays as it is."""
        return tuple(fold(word) or word for word in self.texts(key, value))

    def endings(self, key: str) -> tuple[str, ...]:
        """Return word endings, folded, the longest first."""
        found = self.words(key, self.data[key])
        return tuple(sorted(found, key=lambda ending: (-len(ending), ending)))

    def inverted(self, key: str) -> Mapping[str, str]:
        """Turn `kg = ["kilo", ...]` into {"kilo": "kg", "kg": "kg", ...}."""
        found: dict[str, str] = {}
        for meaning, said in self.table(key).items():
            for word in (fold(meaning), *self.words(f"{key}.{meaning}", said)):
                if found.setdefault(word, meaning) != meaning:
                    raise BadLanguageFile(
                        f"{self.name}: {key}: {word!r} is both {found[word]!r} "
                        f"and {meaning!r}"
                    )
        return found

    def named(self, key: str, wanted: Sequence[str]) -> Mapping[str, str]:
        """Turn `1 = ["tomorrow"]` into {"tomorrow": "1"}; the keys are the wanted."""
        self.expect_keys(f"{key}.", self.table(key), set(wanted))
        return {
            word: meaning
            for meaning, said in self.table(key).items()
            for word in self.words(f"{key}.{meaning}", said)
        }

    def valued(
        self, key: str, read: Callable[[object], T | None], expected: str
    ) -> Mapping[str, T]:
        """Turn `half = "0.5"` into {"half": Decimal("0.5")}."""
        found: dict[str, T] = {}
        for word, value in self.table(key).items():
            meaning = read(value)
            if meaning is None:
                raise self._wrong(f"{key}.{word}", expected, value)
            found[fold(word)] = meaning
        return found

    def _wrong(self, key: str, expected: str, value: object) -> BadLanguageFile:
        return BadLanguageFile(f"{self.name}: {key} must be {expected}, not {value!r}")


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number > 0 else None


def _letter(value: object) -> str | None:
    return fold(value) if isinstance(value, str) and fold(value) else None


def _several(value: object) -> tuple[str, ...] | None:
    words = fold(value).split() if isinstance(value, str) else []
    return tuple(words) if len(words) > 1 else None


def _spellings(value: object) -> tuple[str, ...] | None:
    """Return ways to write a letter; an empty one for a letter that is left out."""
    if not isinstance(value, list) or not value:
        return None
    latin = all(isinstance(each, str) and each.isascii() for each in value)
    return tuple(value) if latin else None


def _whole(value: object) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, int) and is_whole and value != 0 else None
