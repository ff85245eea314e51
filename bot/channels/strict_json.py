"""JSON from outside, read without surprises."""

import json
from decimal import Decimal

import jiter


class UnreadableJson(ValueError):
    """The bytes are not JSON that has one meaning. The message says why."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableJson("duplicate keys")
    return found


#: Made once: `json.loads` would make one for every body.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=Decimal
)


def parse(body: bytes | str) -> object:
    """Return the parsed JSON. Raises `UnreadableJson` and nothing else.

    Refused: what is not UTF-8, truncated, nested beyond the interpreter's stack, or has
    a key twice (two readers could then see two different messages). Numbers with a
    point become exact Decimals; NaN and Infinity, which are no JSON, become Decimals
    that no numeric field accepts, so that they cost their own item only.
    """
    try:
        # Nearly every body: checked as strictly as below, in half the time.
        quick: object = jiter.from_json(
            body if isinstance(body, bytes) else body.encode(),
            allow_inf_nan=False,
            catch_duplicate_keys=True,
            float_mode="decimal",
        )
    except ValueError:
        return _parse_slowly(body)
    return quick


def _parse_slowly(body: bytes | str) -> object:
    """Read what the quick parser refuses: half an emoji, NaN, or what is no JSON."""
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        parsed: object = _DECODER.decode(text)
    except UnreadableJson:
        raise
    except UnicodeDecodeError:
        raise UnreadableJson("not UTF-8") from None
    except RecursionError:
        raise UnreadableJson("nested too deep") from None
    except ValueError:
        raise UnreadableJson("not JSON") from None
    return parsed


def show(item: object) -> str:
    """Return parsed JSON as text again, for people to look at."""
    try:
        return json.dumps(item, ensure_ascii=False, default=str)
    except RecursionError:
        return "(nested too deep to show)"
