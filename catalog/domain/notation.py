"""The compact notation of a feed's cells. Everything raises `BadCell` and nothing else.

    aliases         choc croissant|kruvasan
    attributes      colour=Red|size=M
    packs           koli=24|palet=1440
    option_groups   Milk: whole*, oat/oat milk+0.50; Syrup(0-2): vanilla+0.40, caramel

In option groups `*` marks what applies when nothing is said, `+0.50` what it adds to
the price, `/` separates other names, `(0-2)` says how many may be chosen (else 0 or 1).
A backslash before one of these marks, or before a backslash, takes it as a letter.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from catalog.domain.folding import fold
from catalog.domain.money import PRICE_DECIMALS
from catalog.domain.product import OptionGroup, OptionValue, Pack

#: Amounts have fewer digits before the point; more is a code in the wrong column.
_WHOLE_DIGITS = 9
_DECIMAL = re.compile(rf"\d{{1,{_WHOLE_DIGITS}}}(?:\.(\d+))?", re.ASCII)
_COMMA = re.compile(r"\d+,\d+", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}([.,\s]\d{3})+(?:[.,](\d+))?", re.ASCII)
#: What spreadsheets make of 12.5 and 1/2 when they take them for days.
_DATE = re.compile(
    r"\d{1,4}[./-](?:\d{1,2}|[^\W\d_]{3,9})(?:[./-]\d{1,4})?(?:[ T][\d:]+)?"
)
_GROUP = re.compile(r"(?P<name>[^(:]+)(?:\((?P<least>\d+)-(?P<most>\d+)\))?")
_VALUE = re.compile(
    r"(?P<names>[^+*]+?)\s*(?P<default>\*)?\s*(?:\+\s*(?P<surcharge>.+))?"
)
_SHORT = 60
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})
_MARKS = "\\|=;:,/*+()"
_ESCAPED = re.compile(rf"\\([{re.escape(_MARKS)}])")
#: While a cell is taken apart, escaped marks are code points that no text may hold.
_HIDDEN = {mark: chr(0xFDD0 + place) for place, mark in enumerate(_MARKS)}
_SHOWN = str.maketrans({hidden: mark for mark, hidden in _HIDDEN.items()})
#: Not for people: they belong to no text and no database takes all of them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff]")


class BadCell(ValueError):
    """A cell cannot be read; the message says what to write instead."""


def parse_text(text: str, *, longest: int) -> str:
    """Return the text, if people can have written it."""
    if len(text) > longest:
        long = f"{len(text)} characters are too many"
        raise BadCell(f"{long}: write at most {longest}")
    if not text.isprintable() and _FORBIDDEN.search(text):
        raise BadCell("it holds a control character: remove it")
    return text


def quoted(text: str) -> str:
    """Return a cell in quotes, cut where nobody needs more to recognise it."""
    return repr(text if len(text) <= _SHORT else f"{text[:_SHORT]}...")


def escape(text: str) -> str:
    """Return a text that means itself in every notation of this module."""
    return "".join(f"\\{letter}" if letter in _MARKS else letter for letter in text)


def parse_decimal(text: str, *, decimals: int = PRICE_DECIMALS) -> Decimal:
    """Return a plain number that is not negative: "1250" or "12.5"."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise BadCell(f"{quoted(text)} is not a number here: {_number_advice(text)}")
    if len(found[1] or "") > decimals:
        raise BadCell(f"{quoted(text)} has too many decimals: write at most {decimals}")
    return Decimal(text)


def parse_positive(text: str) -> Decimal:
    """Return a plain number above zero."""
    number = parse_decimal(text)
    if number == 0:
        raise BadCell("0 is not possible here: write a number above 0")
    return number


def parse_flag(text: str) -> bool:
    """Return what yes or no says."""
    word = text.lower()
    if word not in _YES | _NO:
        raise BadCell(f"{quoted(text)} is neither yes nor no: write yes or no")
    return word in _YES


def parse_list(text: str) -> tuple[str, ...]:
    """Return the parts of "a|b", empty ones and repetitions left out."""
    return tuple(_show(part) for part in _parts(text))


def parse_pairs(text: str) -> Mapping[str, str]:
    """Return the pairs of "k=v|k=v"."""
    pairs: dict[str, str] = {}
    for part in _parts(text):
        key, equals, value = (_show(each.strip()) for each in part.partition("="))
        if not (key and equals and value):
            raise BadCell(
                f"{quoted(_show(part))} is not a pair: write key=value|key=value"
            )
        if key in pairs:
            raise BadCell(f"{quoted(key)} is given twice: give each key once")
        pairs[key] = value
    return pairs


def parse_packs(text: str) -> tuple[Pack, ...]:
    """Return the packs of "koli=24"."""
    return tuple(
        Pack(unit, parse_positive(size)) for unit, size in parse_pairs(text).items()
    )


def parse_option_groups(text: str) -> tuple[OptionGroup, ...]:
    """Return the option groups of "Milk: whole*, oat+0.50; Syrup(0-2): vanilla"."""
    parts = (part.strip() for part in _hide(text).split(";"))
    groups = tuple(_group(part) for part in parts if part)
    _refuse_twice("option group", (group.id for group in groups))
    return groups


def option_id(name: str) -> str:
    """Return the id of an option or a group of options. Raises BadCell."""
    key = fold(name).replace(" ", "-")
    if not key:
        raise BadCell(f"{quoted(name)} has no letters or digits: write a name")
    return key


def _hide(text: str) -> str:
    return _ESCAPED.sub(lambda found: _HIDDEN[found[1]], text)


def _show(text: str) -> str:
    return text.translate(_SHOWN)


def _parts(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in _hide(text).split("|"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _group(text: str) -> OptionGroup:
    head, colon, tail = text.partition(":")
    found = _GROUP.fullmatch(head.strip())
    if not colon or found is None:
        raise BadCell(
            f"{quoted(_show(text))} is not an option group:"
            " write Milk: whole*, oat+0.50"
        )
    values = [_value(part.strip()) for part in tail.split(",") if part.strip()]
    name = _show(found["name"].strip())
    if not values:
        raise BadCell(
            f"the option group {quoted(name)} has no values: write {name}: a, b"
        )
    _refuse_twice(f"value of {quoted(name)}", (value.id for value, _ in values))
    defaults = [value.id for value, is_default in values if is_default]
    least, most = int(found["least"] or 0), int(found["most"] or 1)
    if not (0 <= least <= most and 0 < most <= len(values)):
        raise BadCell(
            f"({least}-{most}) does not fit the {len(values)} value(s) of"
            f" {quoted(name)}: write (fewest-most)"
        )
    if len(defaults) > 1:
        raise BadCell(
            f"{quoted(name)} has {len(defaults)} values with *: mark one at most"
        )
    return OptionGroup(
        id=option_id(name),
        name=name,
        values=tuple(value for value, _ in values),
        minimum=least,
        maximum=most,
        default=defaults[0] if defaults else None,
    )


def _value(text: str) -> tuple[OptionValue, bool]:
    found = _VALUE.fullmatch(text)
    parts = found["names"].split("/") if found else []
    names = [_show(part.strip()) for part in parts]
    if found is None or not all(names):
        raise BadCell(
            f"{quoted(_show(text))} is not an option: write oat, oat*, or oat+0.50"
        )
    surcharge = found["surcharge"]
    value = OptionValue(
        option_id(names[0]),
        names[0],
        parse_decimal(surcharge.strip()) if surcharge else Decimal(0),
        tuple(names[1:]),
    )
    return value, found["default"] is not None


def _refuse_twice(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise BadCell(f"the {what} {quoted(each)} is given twice: give it once")
        seen.add(each)


def _number_advice(text: str) -> str:
    if _COMMA.fullmatch(text):
        return f"write {text.replace(',', '.')} if the comma starts the decimals"
    if text.startswith("-"):
        return "it cannot be negative"
    if text.isdecimal():
        return f"write at most {_WHOLE_DIGITS} digits"
    if _THOUSANDS.fullmatch(text):
        return "write it without separators between the thousands, such as 1250.50"
    if _DATE.fullmatch(text):
        return "it looks like a date: format the column as text and write 12.50"
    return "write digits and at most one point, such as 12.50"
