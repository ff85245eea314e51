"""Descriptions in HTML, as the plain text that a chat shows, and back."""

import html
import re

_LINES = re.compile(
    r"</?(?:p|div|ul|ol|li|h[1-6]|table|tr|section)\b[^<>]*>", re.IGNORECASE
)
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->")
_UNSEEN = re.compile(r"<(style|script)\b", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]+")
#: Stand for line ends while those of the source, which mean nothing, are removed.
_BROKEN, _BLOCK = "\x1e", "\x1f"


def from_html(text: str) -> str:
    """Return what people read in a browser: tags gone, blocks on lines of their own."""
    text = text.replace(_BROKEN, "").replace(_BLOCK, "")
    text = _SPACE.sub(" ", _BREAK.sub(_BROKEN, _seen(text)))
    text = html.unescape(_TAG.sub("", _LINES.sub(_BLOCK, text)))
    blocks = (each.strip(" ") for each in text.split(_BLOCK))
    lines = "\n".join(each for each in blocks if each).split(_BROKEN)
    return "\n".join(line.strip(" ") for line in lines).strip()


def to_html(text: str) -> str:
    """Return HTML that shows the text; `from_html` undoes it, but for spare spaces."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _seen(text: str) -> str:
    """Return a document without what browsers do not show."""
    parts: list[str] = []
    at = 0
    while found := _UNSEEN.search(text, at):
        end = re.compile(f"</{found[1]}>", re.IGNORECASE).search(text, found.end())
        if end is None:
            break
        parts.append(text[at : found.start()])
        at = end.end()
    return "".join(parts) + text[at:]
