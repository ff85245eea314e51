"""Products as a spreadsheet (XLSX), written while it is sent.

Every cell is a text in a column of texts: nothing is a formula, nothing becomes a date
or loses its leading zeros.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from html import escape
from typing import IO

from catalog.domain.product import Product
from catalog.domain.spelling import HEADER, rows_of

#: Rows that spreadsheet programs read.
MOST_ROWS = 1_048_576
_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""  # noqa: E501  # names that cannot be broken
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
{links}</Relationships>"""
_LINK = '<Relationship Id="rId{n}" Type="{office}/{kind}" Target="{target}"/>\n'
_BOOK = f"""<?xml version="1.0" encoding="UTF-8"?>
<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}">
<sheets><sheet name="Products" sheetId="1" r:id="rId1"/></sheets></workbook>"""
#: Style 1 takes whatever is typed into a cell as text, too.
_STYLES = f"""<?xml version="1.0" encoding="UTF-8"?>
<styleSheet xmlns="{_SHEETS}"><fonts count="1"><font><sz val="11"/></font></fonts>
<fills count="1"><fill><patternFill patternType="none"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>
<cellXfs count="2"><xf numFmtId="0" xfId="0"/>
<xf numFmtId="49" xfId="0" applyNumberFormat="1" quotePrefix="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
_SHEET_BEGIN = f"""<?xml version="1.0" encoding="UTF-8"?>
<worksheet xmlns="{_SHEETS}"><sheetViews><sheetView workbookViewId="0">\
<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>\
</sheetView></sheetViews><cols><col min="1" max="{len(HEADER)}" width="16" style="1"/>\
</cols><sheetData>"""
_SHEET_END = "</sheetData></worksheet>"
#: Texts that stand for another character, and characters that XML does not hold.
_MARKED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")
_LETTERS = 26


class TooManyRows(Exception):
    """A spreadsheet cannot hold the catalog."""


class _Pipe(io.RawIOBase):
    """Takes what an archive writes; it is given away at once."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]  # whatever has bytes
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


class SpreadsheetWriter:
    """Writes one sheet with our own columns."""

    def __init__(self) -> None:
        self.left_out = 0
        self._pipe = _Pipe()
        self._archive = zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED)
        self._sheet: IO[bytes] | None = None
        self._row = 0

    def head(self) -> bytes:
        book = [("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")]
        self._part("[Content_Types].xml", _TYPES)
        self._part("_rels/.rels", _linked([("officeDocument", "xl/workbook.xml")]))
        self._part("xl/workbook.xml", _BOOK)
        self._part("xl/_rels/workbook.xml.rels", _linked(book))
        self._part("xl/styles.xml", _STYLES)
        part = _named("xl/worksheets/sheet1.xml")
        self._sheet = self._archive.open(part, "w", force_zip64=True)
        self._sheet.write(_SHEET_BEGIN.encode())
        return self._rows([HEADER])

    def write(self, products: Sequence[Product]) -> bytes:
        return self._rows(row for each in products for row in rows_of(each))

    def tail(self) -> bytes:
        if self._sheet is not None:
            self._sheet.write(_SHEET_END.encode())
            self._sheet.close()
        self._archive.close()
        return self._pipe.taken()

    def _rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        text: list[str] = []
        for row in rows:
            self._row += 1
            text.append(_row(self._row, row))
        if self._row > MOST_ROWS:
            raise TooManyRows(
                f"a spreadsheet holds {MOST_ROWS} rows and the catalog has more: export"
                " it as csv"
            )
        if self._sheet is not None:
            self._sheet.write("".join(text).encode())
        return self._pipe.taken()

    def _part(self, name: str, text: str) -> None:
        self._archive.writestr(_named(name), text)


def _named(name: str) -> zipfile.ZipInfo:
    """Return an entry that is the same whenever it is written."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _linked(links: Iterable[tuple[str, str]]) -> str:
    return _LINKS.format(
        links="".join(
            _LINK.format(n=n, office=_OFFICE, kind=kind, target=target)
            for n, (kind, target) in enumerate(links, 1)
        )
    )


def _row(number: int, cells: Sequence[str]) -> str:
    written = (
        f'<c r="{_letters(place)}{number}" s="1" t="inlineStr"><is>'
        f'<t xml:space="preserve">{_text(cell)}</t></is></c>'
        for place, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}">{"".join(written)}</row>'


def _text(cell: str) -> str:
    marked = _MARKED.sub("_x005F_", cell)
    held = _UNHELD.sub(lambda found: f"_x{ord(found[0]):04X}_", marked)
    return escape(held, quote=False)


def _letters(place: int) -> str:
    """Return the name of a column: A, B, ... Z, AA."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, _LETTERS)
        name = chr(ord("A") + letter) + name
    return name
