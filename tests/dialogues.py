"""Dialogues as they stand in YAML files, checked before anything is played.

A reader adds one without touching Python: `tests/conversations/README.md` tells how.
Every mistake is named with its file, dialogue and step, and with what may be written.
"""

import inspect
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_type_hints

import yaml
from pydantic import TypeAdapter, ValidationError

from bot.inbox.shop_rules import parse_rules, shop_of
from orders import Shop, WhenClosed
from tests.factories import hours_on
from tests.playing import CURRENCY, DOES, ENDS, HEARS, Play, Rules, Time

#: Words that move the clock: such a dialogue is played in a process of its own.
MOVES_TIME = frozenset({"later", "until"})
#: What stands beside the steps, and what it may be. `ENDS` stand there, too.
HEAD: Mapping[str, Any] = {
    "name": str,
    "customer": str,
    "rules": Rules,
    "closed": Literal["accept", "refuse"],
    "begins": Time,
    "steps": list[Any],
}
#: One of so many dialogues is also played on PostgreSQL by `make test`.
_FIFTH = 5


class BadDialogue(Exception):
    """A dialogue cannot be played: where, why, and what may be written there."""


#: What one step says: its words in their order, each with what stands beside it.
Acts = Mapping[str, tuple[Any, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation, and what must be true when it is over."""

    file: str
    name: str
    steps: tuple[Acts, ...]
    ends: Mapping[str, Any]
    customer: str = "Ana"
    rules: Mapping[str, Any] | None = None
    closed: str | None = None  #: `accept` or `refuse`: the shop is closed now.
    begins: str | None = None  #: The shop's time at which it begins.

    @property
    def moves_time(self) -> bool:
        """Return whether it needs a clock of its own."""
        return self.begins is not None or any(MOVES_TIME & set(s) for s in self.steps)

    @property
    def is_of_the_fifth(self) -> bool:
        """Return whether it is played on both databases every time."""
        return zlib.crc32(self.name.encode()) % _FIFTH == 0

    def shop(self, now: datetime) -> Shop:
        """Return the merchant's rules from the beginning."""
        shop = shop_of(parse_rules(self.rules or {}), CURRENCY)
        if self.closed is None:
            return shop
        # Open one day of the week, and that is neither today nor tomorrow anywhere.
        hours = hours_on((now.weekday() + 3) % 7)
        return replace(shop, hours=hours, when_closed=WhenClosed(self.closed))


def parse(path: Path) -> list[Dialogue | BadDialogue]:
    """Return the dialogues of a file; one that is wrong as what is wrong with it."""
    try:
        loaded = list(yaml.safe_load_all(path.read_text("utf-8")))
    except yaml.YAMLError as error:
        return [BadDialogue(f"{path.name} is not YAML: {error}")]
    found: list[Dialogue | BadDialogue] = []
    seen: set[str] = set()
    for number, each in enumerate(loaded, start=1):
        try:
            dialogue = _dialogue(path.name, number, each)
        except BadDialogue as error:
            found.append(error)
            continue
        if dialogue.name in seen:
            found.append(BadDialogue(f"{path.name}: two are named {dialogue.name!r}"))
            continue
        seen.add(dialogue.name)
        found.append(dialogue)
    return found


def _dialogue(file: str, number: int, loaded: object) -> Dialogue:
    where = f"{file}: dialogue {number}"
    if not isinstance(loaded, dict):
        raise BadDialogue(f"{where} is not a mapping with `name` and `steps`")
    for word in ("name", "steps"):
        if word not in loaded:
            raise BadDialogue(f"{where} ({loaded.get('name')}) has no `{word}`")
    where = f"{file}: {loaded['name']}"
    head = {w: _valued(where, w, v, HEAD[w]) for w, v in loaded.items() if w in HEAD}
    ends = {w: v for w, v in loaded.items() if w not in HEAD}
    for word in ends:
        _known(f"{where}: beside the steps", word, (*HEAD, *ENDS))
    steps = tuple(
        _step(f"{where}: step {place}", step)
        for place, step in enumerate(head.pop("steps"), start=1)
    )
    checked = {w: _valued(where, w, v, _takes(f"end_{w}")) for w, v in ends.items()}
    return Dialogue(file=file, steps=steps, ends=checked, **head)


def _step(where: str, loaded: object) -> Acts:
    if not isinstance(loaded, dict) or not loaded:
        raise BadDialogue(f"{where}: {loaded!r} is not `- word: value`")
    acts = [w for w in loaded if w in DOES or w in HEARS]
    if {"does", "hears"} <= {"does" if w in DOES else "hears" for w in acts}:
        raise BadDialogue(
            f"{where} does something and says what is heard: what is heard is the"
            " answer to the step before, and is a step of its own"
        )
    may_stand_beside = {name for word in acts for name in _beside(word)}
    for word in loaded:
        _known(where, word, (*DOES, *HEARS, *sorted(may_stand_beside)))
    step: dict[str, tuple[Any, Mapping[str, Any]]] = {}
    for word in acts:
        kind = f"{'do' if word in DOES else 'hear'}_{word}"
        beside = {
            name: _valued(where, name, loaded[name], annotation)
            for name, annotation in _beside(word).items()
            if name in loaded
        }
        step[word] = (_valued(where, word, loaded[word], _takes(kind)), beside)
    if not step:
        raise BadDialogue(f"{where} does nothing: {', '.join(map(str, loaded))}")
    return step


def _known(where: str, word: object, words: Sequence[str]) -> None:
    if word in words:
        return
    near = get_close_matches(str(word), words, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    raise BadDialogue(f"{where}: unknown word {word!r}{hint} Known: {', '.join(words)}")


def _valued(where: str, word: str, value: object, annotation: Any) -> Any:
    try:
        return _adapter(annotation).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(map(str, first["loc"]))
        quote = ' (in YAML, "yes", "no" and numbers need quotes to be texts)'
        is_text = first["type"] == "string_type"
        raise BadDialogue(
            f"{where}: `{word}`{f' at {at}' if at else ''}: {first['msg']},"
            f" not {first['input']!r}{quote if is_text else ''}"
        ) from None


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    key = repr(annotation)
    if key not in _ADAPTERS:
        _ADAPTERS[key] = TypeAdapter(annotation)
    return _ADAPTERS[key]


def _takes(method: str) -> Any:
    """Return what may be written after a word."""
    function = getattr(Play, method)
    name = list(inspect.signature(function).parameters)[1]
    return _hints(function)[name]


def _beside(word: str) -> Mapping[str, Any]:
    """Return what may stand beside a word, and what may be written there."""
    function = getattr(Play, f"{'do' if word in DOES else 'hear'}_{word}")
    parameters = inspect.signature(function).parameters.values()
    names = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    return {name: _hints(function)[name] for name in names}


@cache
def _hints(function: Callable[..., Any]) -> Mapping[str, Any]:
    return get_type_hints(function, include_extras=True)
