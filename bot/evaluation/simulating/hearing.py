"""The bot's messages as a person reads them: what is asked, shown and offered.

What a sentence is about is told by the texts that customers read, and nothing else: no
decision and no row of the database is looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from bot.domain.message import (
    Button,
    OutboundMessage,
    OutButtons,
    OutImage,
    OutList,
    Row,
)
from bot.domain.outgoing import OutDocument, OutReaction
from bot.texts import load_wording

_FIELD = re.compile(r"\{\w+\}")
#: "• 2 \u00d7 Latte: ..." and "• 0.5 kg Tomatoes: ...".
_BULLET = re.compile(
    r"^• ([\d.,\u00a0\u202f]+)\s*(?:\u00d7\s*|\S+\s+)(.+?)(?:: \S.*)?$"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button or a row."""

    id: str
    title: str
    is_row: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer of the bot."""

    words: str
    topic: str | None  #: The key of its question below `ask`, None: nothing is asked.
    about: str  #: What the question names.
    choices: tuple[Choice, ...]
    lines: tuple[tuple[str, Decimal], ...]  #: Of a summary: name and amount.
    is_summary: bool
    is_ordered: bool  #: It says that an order is placed.
    is_lost: bool  #: It says that it did not understand, or could not find.


def heard(said: Sequence[OutboundMessage], language: str) -> Heard:
    """Return what a person of a language takes from messages."""
    words: list[str] = []
    choices: tuple[Choice, ...] = ()
    for content in (message.content for message in said):
        if isinstance(content, OutImage | OutDocument):
            words.append(content.caption or "")
        elif not isinstance(content, OutReaction):
            words.append(content.body)
        if isinstance(content, OutButtons):
            choices = tuple(_choice(each) for each in content.buttons)
        elif isinstance(content, OutList):
            choices = tuple(_choice(each) for each in content.rows)
    text = "\n".join(words)
    topic, about = _question(text, language)
    is_summary = _contains(text, "summary.head", language)
    return Heard(
        words=text,
        topic=topic,
        about=about,
        choices=choices,
        lines=_lines(text, language) if is_summary else (),
        is_summary=is_summary,
        is_ordered=_contains(text, "say.order_placed", language),
        is_lost=any(
            _contains(text, key, language)
            for key in ("say.not_understood", "say.not_found")
        ),
    )


def _choice(each: Button | Row) -> Choice:
    return Choice(each.id, each.title, isinstance(each, Row))


def _question(text: str, language: str) -> tuple[str | None, str]:
    """Return the topic of the last question in a text, and what it names."""
    best: tuple[int, str, str] | None = None
    for key, pattern in _patterns("ask", language):
        for found in pattern.finditer(text):
            about = next((part for part in found.groups() if part), "")
            if best is None or found.end() > best[0]:
                best = (found.end(), key, about)
    return (best[1], best[2]) if best else (None, "")


def _contains(text: str, key: str, language: str) -> bool:
    return any(pattern.search(text) for _, pattern in _patterns(key, language))


@cache
def _patterns(root: str, language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return how the sentences at and below a key look, the longest first."""
    found: list[tuple[str, str]] = []
    for key, template in load_wording(language).texts.items():
        if key != root and not key.startswith(f"{root}."):
            continue
        forms = [template] if isinstance(template, str) else list(template.values())
        topic = key.removeprefix(f"{root}.").split(".")[0]
        found += [(topic, form) for form in forms]
    return tuple((topic, _pattern(form)) for topic, form in found)


def _pattern(template: str) -> re.Pattern[str]:
    fixed = [re.escape(part) for part in _FIELD.split(template)]
    return re.compile("(.+?)".join(fixed) + "(?=\\s|$)", re.DOTALL)


def _lines(text: str, language: str) -> tuple[tuple[str, Decimal], ...]:
    """Return the lines of a summary: what is bought, and how much of it."""
    decimal = load_wording(language).number(Decimal("0.5")).strip("05")
    found = []
    for each in text.splitlines():
        match = _BULLET.match(each)
        if match:
            number = re.sub(r"[\u00a0\u202f]", "", match[1]).replace(decimal, ".")
            found.append((match[2], Decimal(number)))
    return tuple(found)


def titled(choices: Sequence[Choice], wanted: str) -> Choice | None:
    """Return the choice that reads most like something, None when there is none.

    Titles may be cut short; "Tea" is not taken for the apple tea that stands below it.
    """
    whole = wanted.casefold()
    fitting: dict[str, Choice] = {}
    for each in choices:
        title = each.title.rstrip("…. ").casefold()
        if title and (whole.startswith(title) or title in whole):
            fitting.setdefault(title, each)
    return fitting[max(fitting, key=len)] if fitting else None


def button_title(key: str, language: str) -> str:
    """Return what stands on a button of ours."""
    text = load_wording(language).texts[key]
    return text if isinstance(text, str) else str(dict[str, str](text)["other"])
