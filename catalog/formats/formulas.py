"""Cells of text tables that a spreadsheet would take for formulas.

A cell such as =HYPERLINK(...) that came from a customer or a supplier would run on the
machine of whoever opens the file: an apostrophe before it makes it a text, there as
here. Readers take that apostrophe away again.
"""

GUARD = "'"
#: Also as wide letters, as some spreadsheets take them for the same.
_BEGINS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SUSPECT = frozenset({GUARD, *_BEGINS})


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `bare` undoes it."""
    if cell[:1] in _SUSPECT and cell.lstrip(GUARD).startswith(_BEGINS):
        return GUARD + cell
    return cell


def bare(cell: str) -> str:
    """Return a cell without the apostrophe by which it is no formula."""
    if cell.startswith(GUARD) and cell.lstrip(GUARD).startswith(_BEGINS):
        return cell[1:]
    return cell
