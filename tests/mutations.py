"""Payloads as they might come one day: parts dropped, retyped, nested, made huge."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

_STRANGE: list[Any] = [
    *(None, True, 0, -1, 1e300, "", "x" * 5000, "\x00", "\ud83d", [], {}, [[]], [None]),
    *({"low": "1", "high": None}, {"_serialized": 1}, "1e9", 10**30, "null", "@lid"),
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
        else:
            at[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        pass  # An earlier change took its place away.
    return found


def mutated(path: Path) -> st.SearchStrategy[bytes]:
    """Return a strategy of bodies like a sample, but for one to four changes."""
    places = _places(json.loads(path.read_bytes()))
    change = st.tuples(
        st.sampled_from(places),
        st.sampled_from(("drop", "wrap", "list", "set")),
        st.sampled_from(_STRANGE),
    )

    def apply(changes: list[tuple[tuple[Any, ...], str, Any]]) -> bytes:
        found = json.loads(path.read_bytes())
        for where, how, value in changes:
            found = _changed(found, where, how, value)
        return json.dumps(found).encode()

    return st.lists(change, min_size=1, max_size=4).map(apply)
