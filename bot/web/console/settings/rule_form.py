"""The form of a shop's rules, made from the fields that the rules have.

What a field is follows from the API's own schema, so that a new rule has its place in
the form at once; what is too deep for a form stays JSON.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from bot.inbox.humans_wire import LEAVABLE
from bot.inbox.shop_wire import ShopRules
from bot.texts import languages

Path = tuple[str, ...]
_Node = Mapping[str, object]

#: Where the script puts the number of a row that is added.
ROW = "__N__"
#: Asked for only while another field says so: (its name, its value).
WHEN: Mapping[str, tuple[str, str]] = {
    "rules.confirmation.auto_below": ("rules.confirmation.by", '"auto"'),
    "rules.humans.assign_team": ("rules.humans.assign", '"next"'),
}
#: Edited on a page of their own.
_ELSEWHERE: frozenset[Path] = frozenset({("style", "own_words")})
#: What of many words can be chosen, where a check of the rules says so.
_OFFERED: Mapping[Path, frozenset[str]] = {
    ("humans", "left", "intents"): frozenset(each.value for each in LEAVABLE)
}


class Kind(StrEnum):
    AMOUNT = "amount"  #: Money, as a decimal text.
    NUMBER = "number"
    TEXT = "text"
    SWITCH = "switch"
    CHOICE = "choice"  #: One of some values.
    SEVERAL = "several"
    LIST = "list"  #: Texts, in one line.
    LINES = "lines"  #: Texts, each on a line of its own.
    SPOKEN = "spoken"  #: A text in each language.
    ROWS = "rows"
    GROUP = "group"
    HIDDEN = "hidden"  #: Sent back as it is.
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form, with what it holds now."""

    path: Path  #: Its place in the rules, without numbers of rows.
    name: str  #: Its place in what is sent: `rules.delivery.areas.0.fee`.
    value: object = None
    kind: Kind = Kind.JSON
    about: str = ""  #: As the API describes it.
    is_optional: bool = False  #: Empty is null.
    is_required: bool = False
    options: tuple[str, ...] = ()
    least: object = None
    most: object = None  #: Of texts: how long.
    pattern: str = ""
    inside: "tuple[Control, ...]" = ()  #: Of a group; of rows: those of a new one.
    rows: "tuple[tuple[Control, ...], ...]" = ()

    @property
    def key(self) -> str:
        """Return what it is called in the texts."""
        return "_".join(self.path)

    @property
    def json(self) -> str:
        """Return what it holds as JSON, as people read it."""
        return json.dumps(self.value, indent=2, ensure_ascii=False)


def form_of(rules: ShopRules) -> Sequence[Control]:
    """Return the sections of the form: the rules, with what each holds."""
    whole = Control((), "rules", rules.model_dump(mode="json"))
    return tuple(_inside(_schema(), whole))


@cache
def _schema() -> _Node:
    return ShopRules.model_json_schema()


def _inside(node: _Node, of: Control) -> Iterator[Control]:
    """Yield the controls of an object's fields."""
    held = _mapping(of.value)
    required = _sequence(node.get("required"))
    for name, each in _mapping(node.get("properties")).items():
        resolved = _resolved(_mapping(each))
        yield _control(
            resolved,
            Control(
                (*of.path, name),
                f"{of.name}.{name}",
                held.get(name, resolved.get("default")),
                about=str(resolved.get("description", "")),
                is_required=name in required,
            ),
        )


def _control(node: _Node, at: Control) -> Control:
    node, is_optional = _without_null(node)
    at = replace(at, is_optional=is_optional)
    if at.path in _ELSEWHERE:
        return replace(at, kind=Kind.HIDDEN)
    match node.get("type"):
        case "array":
            return _many(node, at)
        case "object":
            return _object(node, at)
    return _one(node, at)


def _one(node: _Node, at: Control) -> Control:
    choices = _choices(node)
    pattern = str(node.get("pattern", ""))
    kind = node.get("type")
    if choices:
        held = () if at.value is None else (json.dumps(at.value),)
        every = dict.fromkeys((*map(json.dumps, choices), *held))
        return replace(at, kind=Kind.CHOICE, options=tuple(every))
    if kind == "boolean" and at.is_optional:
        return replace(at, kind=Kind.CHOICE, options=("true", "false"))
    if kind == "boolean":
        return replace(at, kind=Kind.SWITCH)
    if kind == "integer":
        least, most = node.get("minimum"), node.get("maximum")
        return replace(at, kind=Kind.NUMBER, least=least, most=most)
    if kind == "string":
        money = pattern == _mapping(_fields()["minimum_order"])["pattern"]
        made = Kind.AMOUNT if money else Kind.TEXT
        return replace(at, kind=made, most=node.get("maxLength"), pattern=pattern)
    return at


def _many(node: _Node, at: Control) -> Control:
    """Return the control of a list."""
    item = _resolved(_mapping(node.get("items")))
    choices = _choices(item)
    if choices:
        offered = _OFFERED.get(at.path)
        options = tuple(each for each in choices if not offered or each in offered)
        return replace(at, kind=Kind.SEVERAL, options=options)
    if item.get("type") == "string":
        # Words may have commas.
        kind = Kind.LIST if "pattern" in item else Kind.LINES
        return replace(at, kind=kind)
    fresh = tuple(_inside(item, replace(at, name=f"{at.name}.{ROW}", value=None)))
    if any(each.kind in {Kind.ROWS, Kind.JSON} for each in fresh) or not fresh:
        return at
    rows = tuple(
        tuple(_inside(item, replace(at, name=f"{at.name}.{number}", value=each)))
        for number, each in enumerate(_sequence(at.value))
    )
    return replace(at, kind=Kind.ROWS, inside=fresh, rows=rows)


def _object(node: _Node, at: Control) -> Control:
    if "properties" in node:
        return replace(at, kind=Kind.GROUP, inside=tuple(_inside(node, at)))
    (values,) = _mapping(node.get("patternProperties")).values() or ({},)
    text = _mapping(values)
    if text.get("type") != "string":
        return at
    spoken = dict.fromkeys((*languages(), *_mapping(at.value)))
    return replace(
        at, kind=Kind.SPOKEN, options=tuple(spoken), most=text.get("maxLength")
    )


# -- the schema -----------------------------------------------------------------------


def _fields() -> _Node:
    return _mapping(_schema()["properties"])


def _resolved(node: _Node) -> _Node:
    """Return a node with what it refers to; what stands beside the reference wins."""
    name = str(node.get("$ref", "")).removeprefix("#/$defs/")
    if not name:
        return node
    return {**_mapping(_mapping(_schema()["$defs"])[name]), **node, "$ref": ""}


def _without_null(node: _Node) -> tuple[_Node, bool]:
    """Return what a node is when it is not null, and whether it may be."""
    every = [_resolved(_mapping(each)) for each in _sequence(node.get("anyOf"))]
    rest = [each for each in every if each.get("type") != "null"]
    if not every:
        return node, False
    worded = next((each for each in rest if "enum" in each), rest[0])
    return worded, len(rest) < len(every)


def _choices(node: _Node) -> Sequence[str]:
    return [str(each) for each in _sequence(node.get("enum"))]


def _mapping(value: object) -> _Node:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
