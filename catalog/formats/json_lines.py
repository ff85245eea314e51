"""Lines of JSON: one product on each, with the names of our own columns.

Values are texts in the notation of cells, or as JSON has them: numbers, lists for
`aliases`, objects for `attributes` and `packs`, objects with names and values for
`option_groups`. `variants` is a list of objects; a variant may be a line of its own.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from catalog.domain.feed import MOST_VARIANTS, RowError
from catalog.domain.notation import BadCell, escape, quoted
from catalog.domain.numerals import Numeral
from catalog.formats.encoding import encoding_of, undecodable
from catalog.formats.rows import BadFeed, Pulse, Record
from catalog.formats.text_table import guessed

#: Lines between two signs of life.
_STRIDE = 1000
#: Characters of a line: a product with as many variants as may be has fewer.
_LONGEST_LINE = 4_000_000
_MOST_KEYS = 500
#: Values of a line; a product with as many variants as may be has fewer.
_MOST_VALUES = 100_000
#: A text, also one that is never closed.
_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_LONGEST_KEY = 100
_NOT_JSON = "it is not JSON: write one object on each line, such as "
_EXAMPLE = '{"sku": "LAT", "name": "Latte", "price": "85.50"}'
_VARIANTS = "variants"
#: How half a character begins that JSON writes in two halves.
_HALF = "\\ud"


class JsonLines:
    """An open file: its products, once."""

    header = None

    def __init__(self, text: TextIO, name: str, size: int, pulse: Pulse) -> None:
        self.nothing = f"{name} has no products: write {_EXAMPLE} for each"
        self.warnings: tuple[RowError, ...] = ()
        self._text = text
        self._name = name
        self._size = size
        self._pulse = pulse

    @property
    def share(self) -> float:
        return min(1.0, self._text.buffer.tell() / max(1, self._size))

    def records(self) -> Iterator[Record]:
        """Yield products, and then their variants."""
        number = 0
        while line := self._text.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise BadFeed(f"{self._name}, line {number}: it is far too long")
            if line.strip():
                yield from _line_records(number, line.strip())
            elif number % _STRIDE == 0:
                self._pulse(self.share)


@contextmanager
def open_json_lines(
    path: Path, name: str, told: str | None, pulse: Pulse
) -> Iterator[JsonLines]:
    """Open a file. `pulse` hears that it goes on where lines are empty.

    Raises BadFeed, here and while its lines are read; OSError.
    """
    encoding = encoding_of(path, name, told)
    try:
        with path.open(encoding=encoding.codec) as text:
            lines = JsonLines(text, name, path.stat().st_size, pulse)
            if encoding.guessed:
                lines.warnings = (guessed(encoding.name),)
            yield lines
    except UnicodeError:
        why = undecodable(path, encoding)
        raise BadFeed(f"{name}, {why}: save the file as UTF-8") from None


def _line_records(number: int, line: str) -> Iterator[Record]:
    try:
        yield from _product_records(number, _object(line))
    except BadCell as error:
        yield Record(number, {}, wrong=RowError(number, "(line)", str(error)))


def _product_records(number: int, product: dict[str, object]) -> list[Record]:
    forms = product.pop(_VARIANTS, None)
    if forms is not None and not isinstance(forms, list):
        raise BadCell(f"{_VARIANTS} is no list: write a list of objects")
    if len(forms or ()) > MOST_VARIANTS:
        raise BadCell(f"it has more than {MOST_VARIANTS} variants: split it")
    cells = _cells(product)
    if forms and "parent_sku" in cells:
        raise BadCell("a variant has no variants: leave out parent_sku")
    if forms is not None:
        # Whoever lists variants says so of all products, also of those with none.
        cells |= {"parent_sku": "", "attributes": cells.get("attributes", "")}
    records = [Record(number, cells)]
    for place, form in enumerate(forms or (), 1):
        if not isinstance(form, dict):
            raise BadCell(f"variant {place} is no object: write {{...}}")
        own = {**_cells(form), "parent_sku": cells.get("sku", "")}
        records.append(Record(number, own, f"variant {place}"))
    return records


def _object(line: str) -> dict[str, object]:
    if _values(line) > _MOST_VALUES and _values(_TEXT.sub("", line)) > _MOST_VALUES:
        raise BadCell(f"it has more than {_MOST_VALUES} values: split the product")
    try:
        found = json.loads(
            line,
            parse_float=Numeral,
            parse_int=Numeral,
            parse_constant=_refuse_constant,
            object_pairs_hook=_pairs,
        )
    except (json.JSONDecodeError, RecursionError):
        raise BadCell(_NOT_JSON + _EXAMPLE) from None
    if not isinstance(found, dict):
        raise BadCell(f"it is no object: write {_EXAMPLE}")
    if _HALF in line.lower():
        _refuse_halves(found)
    return found


def _values(line: str) -> int:
    """Return how many values a line has at most, before any of them is made."""
    return sum(map(line.count, "{[,"))


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(pairs) > _MOST_KEYS:
        raise BadCell(f"an object has more than {_MOST_KEYS} keys: remove some")
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise BadCell(f"{quoted(key)} is given twice: give each key once")
        found[key[:_LONGEST_KEY]] = value
    return found


def _refuse_halves(found: object) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadCell(
            "it holds half a character (\\ud...): write the other half"
        ) from None


def _refuse_constant(text: str) -> object:
    raise BadCell(f"{text} is no number: write digits, or null")


def _cells(values: Mapping[str, object]) -> dict[str, str]:
    return {key.strip().lower(): _cell(key, value) for key, value in values.items()}


def _cell(key: str, value: object) -> str:
    """Return a value in the notation of cells."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list():
            if key == "option_groups":
                return "; ".join(_group(each) for each in value)
            return "|".join(_mark_free(key, each) for each in value)
        case dict():
            pairs = ((escape(name), _mark_free(key, v)) for name, v in value.items())
            return "|".join(f"{name}={text}" for name, text in pairs)
        case _:
            raise BadCell(f"{key} cannot be read: write a text or a number")


def _mark_free(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadCell(f"{key} holds {type(value).__name__} inside: write texts")
    return str(value) if isinstance(value, Numeral) else escape(value)


def _group(value: object) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("values"), list):
        raise BadCell('an option group is no {"name": ..., "values": [...]}')
    least, most = value.get("minimum", "0"), value.get("maximum", "1")
    options = ", ".join(_option(each, value.get("default")) for each in value["values"])
    return f"{_name(value)}({least}-{most}): {options}"


def _option(value: object, default: object) -> str:
    if not isinstance(value, dict):
        raise BadCell('an option is no {"name": ..., "surcharge": ...}')
    aliases = value.get("aliases") or []
    if not isinstance(aliases, list):
        raise BadCell("aliases of an option are no list: write a list of texts")
    surcharge = str(value.get("surcharge") or "0")
    names = "/".join((_name(value), *(escape(str(each)) for each in aliases)))
    mark = "*" if default is not None and default == value.get("name") else ""
    return names + mark + ("" if surcharge == "0" else f"+{surcharge}")


def _name(value: Mapping[str, object]) -> str:
    name = value.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadCell("an option or its group has no name: write one")
    return escape(name)
