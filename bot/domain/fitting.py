"""What fits into a message: lengths that every channel of ours allows.

Lengths are UTF-16 units, which is never less than what phones count. Sources: Meta's
Cloud API reference, "Messages" and "Interactive messages".
"""

import unicodedata
from collections.abc import Iterable, Iterator

TEXT = 4096
INTERACTIVE_BODY = 1024
BUTTONS = 3
BUTTON_TITLE = 20
ROWS = 10
ROW_TITLE = 24
ROW_DESCRIPTION = 72

#: More than about two lines on a phone.
_PHONE_LINES = 90
_ELLIPSIS = "…"
#: Binds what follows to what precedes: never the end of a cut text.
_JOINER = "\u200d"


def width(text: str) -> int:
    """Return the length in UTF-16 units: what phones count, and never too little."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, limit: int) -> str:
    """Return text of at most `limit` units, cut with an ellipsis when it is longer."""
    if width(text) <= limit:
        return text
    kept, room = 0, limit - 1
    for place, char in enumerate(text):
        room -= width(char)
        if room < 0:
            break
        if not _continues(text, place + 1):
            kept = place + 1
    return text[:kept].rstrip() + _ELLIPSIS


def titled(titles: Iterable[str], limit: int) -> list[str]:
    """Return titles that fit, none empty, and no two the same."""
    fitted: list[str] = []
    for number, title in enumerate(titles, start=1):
        words = " ".join(title.split()) or str(number)
        short, copy = shortened(words, limit), 1
        while short in fitted:
            copy += 1
            mark = f" {copy}"
            short = shortened(words, limit - len(mark)) + mark
        fitted.append(short)
    return fitted


def joined(paragraphs: Iterable[str]) -> str:
    """Join paragraphs: a blank line around those that take several lines."""
    body = ""
    before = ""
    for paragraph in filter(None, paragraphs):
        if body:
            body += "\n\n" if _is_long(before) or _is_long(paragraph) else "\n"
        body += paragraph
        before = paragraph
    return body


def _is_long(paragraph: str) -> bool:
    return "\n" in paragraph or width(paragraph) > _PHONE_LINES


def split(text: str, limit: int) -> Iterator[str]:
    """Yield pieces of at most `limit` units, cut between lines, else between words."""
    piece = ""
    for line in text.splitlines(keepends=True):
        for part in _pieces(line, limit):
            if width(piece) + width(part) > limit:
                if piece.strip():
                    yield piece.strip("\n")
                piece = ""
            piece += part
    if piece.strip():
        yield piece.strip("\n")


def _pieces(line: str, limit: int) -> Iterator[str]:
    while width(line) > limit:
        room, end = limit, 0
        for end, char in enumerate(line):  # noqa: B007  # it is where the cut is
            room -= width(char)
            if room < 0:
                break
        space = line.rfind(" ", 1, end)
        cut = space + 1 if space > 0 else end
        yield line[:cut]
        line = line[cut:]
    yield line


def _continues(text: str, place: int) -> bool:
    """Return whether the character at `place` is drawn onto the one before it."""
    if place >= len(text):
        return False
    char = text[place]
    joins = char == _JOINER or text[place - 1] == _JOINER
    skin = "\U0001f3fb" <= char <= "\U0001f3ff"
    return joins or skin or unicodedata.category(char) in {"Mn", "Me", "Mc"}
