"""What stands around the sheets of a spreadsheet: names, shared texts, styles."""

import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from catalog.formats.markup import Markup
from catalog.formats.rows import BadFeed

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_SHARED = "xl/sharedStrings.xml"
_STYLES = "xl/styles.xml"
#: Bytes of a part that is not a sheet, unpacked; shared texts have their own bound.
_LARGEST_PART = 16 << 20
_LARGEST_SHARED = 256 << 20
#: Characters that all shared texts may have together: they are held in memory.
_MOST_TEXT = 64_000_000
_MOST_TEXTS = 2_000_000
_MOST_SHEETS = 100
#: How characters are written that XML cannot hold.
_ESCAPED = re.compile("_x(?![dD][89A-Fa-f])([0-9A-Fa-f]{4})_")
#: Number formats that spreadsheet programs know by number: dates and times, percent.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_PERCENTS = frozenset({9, 10})
#: What of a number format is text and no pattern: "kg", \d, [Red].
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
#: Codes with zeros before them: as many digits as any code has.
_CODE = re.compile("0{2,40}")
_DATE_LETTERS = frozenset("dmyhs")


@dataclass(frozen=True, slots=True)
class Workbook:
    sheet: str  #: Path of the first one that people see.
    title: str
    others: tuple[str, ...]
    texts: Sequence[str]
    dates: frozenset[int]  #: Styles of cells that show their number as a date.
    percents: frozenset[int]
    codes: Mapping[int, int]  #: Styles that show so many digits, zeros before them.

    def shared(self, place: str) -> str:
        """Return a shared text. Raises ValueError."""
        if place.isascii() and place.isdecimal() and int(place[:9]) < len(self.texts):
            return unescaped(self.texts[int(place[:9])])
        raise ValueError("its text is missing in the file: save the spreadsheet again")


def read_workbook(archive: zipfile.ZipFile, name: str) -> Workbook:
    """Read all but the sheets. Raises BadFeed, and what a damaged archive raises."""
    if _BOOK not in archive.namelist():
        raise BadFeed(
            f"{name} is a compressed archive, not a spreadsheet: send the file in it"
        )
    sheets = _elements(archive, _BOOK, name, "sheet")
    links = {
        each.get("Id", ""): each.get("Target", "")
        for each in _elements(archive, _LINKS, name, "Relationship")
    }
    seen = [each for each in sheets if each.get("state", "visible") == "visible"]
    if not seen or len(sheets) > _MOST_SHEETS:
        raise BadFeed(f"{name} has no sheet that people see: save the products as CSV")
    first, *others = seen
    target = links.get(_link(first), "")
    path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    patterns, used = _styles(archive, name)
    return Workbook(
        sheet=path,
        title=first.get("name", "")[:60],
        others=tuple(each.get("name", "")[:60] for each in others),
        texts=_texts(archive, name),
        dates=frozenset(n for n, key in enumerate(used) if _is_date(key, patterns)),
        percents=frozenset(
            n for n, key in enumerate(used) if _is_percent(key, patterns)
        ),
        codes={
            n: len(patterns[key])
            for n, key in enumerate(used)
            if _CODE.fullmatch(patterns.get(key, ""))
        },
    )


def unescaped(text: str) -> str:
    """Return a text of a cell as people see it."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class _Elements(Markup[tuple[str, dict[str, str]]]):
    """Yields the parent's name and the attributes of elements with some names."""

    def __init__(self, file: IO[bytes], name: str, wanted: Sequence[str]) -> None:
        super().__init__(file, name)
        self._wanted = wanted
        self._open: list[str] = [""]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local in self._wanted:
            self.found((self._open[-1], attributes))
        self._open.append(local)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, _text: str) -> None:
        pass


class _SharedTexts(Markup[str]):
    """Yields the shared texts, runs of different looks joined."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        super().__init__(file, name)
        self._parts: list[str] = []
        self._hearing = False
        self._phonetic = False
        self._length = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "si":
                self._parts, self._length = [], 0
            case "t":
                self._hearing = not self._phonetic
            case "rPh":
                self._phonetic = True
            case _:
                pass

    def end(self, name: str) -> None:
        match name.rpartition(" ")[2]:
            case "si":
                self.found("".join(self._parts))
            case "t":
                self._hearing = False
            case "rPh":
                self._phonetic = False
            case _:
                pass

    def text(self, text: str) -> None:
        if self._hearing:
            self._length += len(text)
            self.refuse_long(self._length)
            self._parts.append(text)


def _elements(
    archive: zipfile.ZipFile, part: str, name: str, *wanted: str
) -> list[dict[str, str]]:
    _refuse_large(archive, part, name, _LARGEST_PART)
    with archive.open(part) as file:
        return [each for _, each in _Elements(file, f"{name}, {part}", wanted).parse()]


def _texts(archive: zipfile.ZipFile, name: str) -> Sequence[str]:
    if _SHARED not in archive.namelist():
        return ()
    _refuse_large(archive, _SHARED, name, _LARGEST_SHARED)
    texts: list[str] = []
    length = 0
    with archive.open(_SHARED) as file:
        for text in _SharedTexts(file, f"{name}, {_SHARED}").parse():
            length += len(text)
            if length > _MOST_TEXT or len(texts) >= _MOST_TEXTS:
                raise BadFeed(f"{name} has too many different texts: save it as CSV")
            texts.append(text)
    return texts


def _styles(
    archive: zipfile.ZipFile, name: str
) -> tuple[Mapping[str, str], Sequence[str]]:
    """Return number formats by their keys, and the key that each style has."""
    if _STYLES not in archive.namelist():
        return {}, ()
    _refuse_large(archive, _STYLES, name, _LARGEST_PART)
    patterns: dict[str, str] = {}
    used: list[str] = []
    with archive.open(_STYLES) as file:
        reader = _Elements(file, f"{name}, {_STYLES}", ("numFmt", "xf"))
        for parent, each in reader.parse():
            if "formatCode" in each:
                patterns[each.get("numFmtId", "")] = each["formatCode"]
            elif parent == "cellXfs":
                used.append(each.get("numFmtId", "0"))
    return patterns, used


def _is_date(key: str, patterns: Mapping[str, str]) -> bool:
    if key in patterns:
        letters = _QUOTED.sub("", patterns[key]).lower()
        return letters != "general" and not _DATE_LETTERS.isdisjoint(letters)
    return key.isdecimal() and int(key) in _DATES


def _is_percent(key: str, patterns: Mapping[str, str]) -> bool:
    if key in patterns:
        return "%" in _QUOTED.sub("", patterns[key])
    return key.isdecimal() and int(key) in _PERCENTS


def _link(sheet: Mapping[str, str]) -> str:
    """Return the id by which a sheet's part is found: an attribute of a namespace."""
    for key, value in sheet.items():
        if key.endswith(" id"):
            return value
    return ""


def _refuse_large(archive: zipfile.ZipFile, part: str, name: str, most: int) -> None:
    size = archive.getinfo(part).file_size
    if size > most:
        raise BadFeed(
            f"{name} unpacks {part} to {size} bytes, which is too much: save the"
            " products as CSV"
        )
