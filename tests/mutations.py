"""Payloads as they might come one day: parts dropped, retyped, nested, made huge."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st


def _nested(depth: int) -> Any:
    found: Any = "deep"
    for _ in range(depth):
        found = {"message": [found]}
    return found


_STRANGE: list[Any] = [
    *(None, True, 0, -1, 1e300, "", "x" * 5000, "\x00", "\ud83d", [], {}, [[]], [None]),
    *({"low": "1", "high": None}, {"_serialized": 1}, "1e9", 10**30, "null", "@lid"),
    *("x" * 70_000, float("nan"), _nested(40), {str(n): n for n in range(300)}),
    *("\u202e\uff12", "131060", [{"id": 1}] * 200, "905551112233@g.us", -(10**19)),
]


def _places(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where something stands in parsed JSON."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(found, dict):
        inner = list(found.items())
    elif isinstance(found, list):
        inner = list(enumerate(found))
    return [
        p
        for name, value in inner
        for p in [(*path, name), *_places(value, (*path, name))]
    ]


def _changed(found: Any, path: tuple[Any, ...], how: str, value: Any) -> Any:
    at = found
    try:
        for name in path[:-1]:
            at = at[name]
        if how == "drop":
            del at[path[-1]]
        elif how == "wrap":
            at[path[-1]] = {"message": at[path[-1]]}
        elif how == "list":
            at[path[-1]] = [at[path[-1]]] * 3
        elif how == "text":
            at[path[-1]] = json.dumps(at[path[-1]])
        else:
            at[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        pass  # An earlier change took its place away.
    return found


def damaged(parsed: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of copies of parsed JSON with one to four changes inside."""
    change = st.tuples(
        st.sampled_from(_places(parsed)),
        st.sampled_from(("drop", "wrap", "list", "text", "set", "set")),
        st.integers(0, len(_STRANGE) - 1),
    )

    def apply(changes: list[tuple[tuple[Any, ...], str, int]]) -> Any:
        found = copy.deepcopy(parsed)
        for where, how, which in changes:
            found = _changed(found, where, how, copy.deepcopy(_STRANGE[which]))
        return found

    return st.lists(change, min_size=1, max_size=4).map(apply)


def mutated(path: Path) -> st.SearchStrategy[bytes]:
    """Return a strategy of bodies like a sample, but for one to four changes."""
    parsed = json.loads(path.read_bytes())
    return damaged(parsed).map(lambda found: json.dumps(found).encode())
