"""Everything that a message says, in words: where there is no other form for it."""

from collections.abc import Sequence
from functools import singledispatch

from bot.domain import outgoing as out
from bot.domain.message import OutButtons, OutContent, OutImage, OutList, OutText, Row


def words_of(content: OutContent) -> str:
    """Return a message in words, choices numbered; nothing of a reaction."""
    return "\n\n".join(each for each in _told(content) if each and each.strip())


@singledispatch
def _told(content: object) -> Sequence[str | None]:
    """Return the paragraphs of a content."""
    raise TypeError(f"{content!r} says nothing")


@_told.register
def _(content: OutText) -> Sequence[str | None]:
    return [content.body]


@_told.register
def _(content: OutButtons) -> Sequence[str | None]:
    choices = [button.title for button in content.buttons]
    return [content.header, content.body, _numbered(choices), content.footer]


@_told.register
def _(content: OutList) -> Sequence[str | None]:
    choices = [_line(row) for row in content.rows]
    return [content.body, _numbered(choices), content.footer]


@_told.register
def _(content: OutImage) -> Sequence[str | None]:
    return [content.caption, content.link]


@_told.register
def _(content: out.OutDocument) -> Sequence[str | None]:
    named = f"{content.filename}: " if content.filename else ""
    return [content.caption, f"{named}{content.link}"]


@_told.register
def _(content: out.OutLink) -> Sequence[str | None]:
    named = f"{content.title}: " if content.title.strip() else ""
    link = None if content.url in content.body else f"{named}{content.url}"
    return [content.header, content.body, link, content.footer]


@_told.register
def _(content: out.OutProduct) -> Sequence[str | None]:
    return [content.body, content.link, content.footer]


@_told.register
def _(content: out.OutProducts) -> Sequence[str | None]:
    sections = map(_section, content.sections)
    return [content.header, content.body, *sections, content.footer]


@_told.register
def _(content: out.OutCatalog) -> Sequence[str | None]:
    return [content.body, content.footer]


@_told.register(out.OutLocationRequest | out.OutTemplate)
def _(content: out.OutLocationRequest | out.OutTemplate) -> Sequence[str | None]:
    return [content.body]


@_told.register
def _(content: out.OutReaction) -> Sequence[str | None]:
    del content
    return []


def _section(section: out.ProductSection) -> str:
    return "\n".join((section.title, *(f"• {card.name}" for card in section.cards)))


def _line(row: Row) -> str:
    return f"{row.title}: {row.description}" if row.description else row.title


def _numbered(choices: Sequence[str]) -> str:
    return "\n".join(f"{n}. {choice}" for n, choice in enumerate(choices, start=1))
