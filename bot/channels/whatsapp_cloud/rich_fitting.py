"""Documents, links, products and templates as messages that WhatsApp takes.

Pure, and never raises: a part of `bot.channels.whatsapp_cloud.fitting`. What has no
form here after all is said in words.
"""

from collections.abc import Iterator, Sequence
from functools import singledispatch

from bot.channels.emoji import without_emoji
from bot.channels.graphemes import trim, width
from bot.channels.splitting import cut_tail, split
from bot.channels.whatsapp_cloud.checks import is_address
from bot.channels.whatsapp_cloud.limits import (
    CAPTION,
    FILENAME,
    FOOTER,
    HEADER,
    HEADER_PARAMETER,
    INTERACTIVE_BODY,
    LINK_TITLE,
    PARAMETER,
    PRODUCTS,
    SECTION_TITLE,
    SECTIONS,
    TEXT_BODY,
    URL,
    Limit,
)
from bot.channels.words import words_of
from bot.domain.message import OutContent, OutImage, OutText
from bot.domain.outgoing import (
    OutCatalog,
    OutDocument,
    OutLink,
    OutLocationRequest,
    OutProduct,
    OutProducts,
    OutReaction,
    OutTemplate,
    ProductSection,
    Rich,
)

#: What a parameter says that has nothing to say: Meta refuses an empty one.
_NOTHING = "-"


def texts(body: str) -> Iterator[OutText]:
    """Yield texts that joined say the same; one of blanks alone would be refused."""
    for part in split(body, TEXT_BODY.most):
        if part.strip():
            yield OutText(body=part)


def trimmed(text: str | None, limit: Limit) -> str | None:
    """Return text that fits, None for one that says nothing."""
    return trim((text or "").strip(), limit.most) or None


@singledispatch
def rich_fitted(content: Rich) -> Iterator[OutContent]:
    """Yield the contents that say one within the limits."""
    yield content


@rich_fitted.register
def _(content: OutDocument) -> Iterator[OutContent]:
    caption = content.caption or ""
    first = next(iter(split(caption, CAPTION.most)), "")
    name = (content.filename or "").replace("/", " ").replace("\\", " ").strip()
    yield content.model_copy(
        update={
            "caption": first if first.strip() else None,
            "filename": _named(name) or None,
        }
    )
    yield from texts(caption[len(first) :])


def _named(name: str) -> str:
    """Return the name of a file that fits: what is cut is not its ending."""
    if width(name) <= FILENAME.most:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or width(ending) > LINK_TITLE.most:
        return trim(name, FILENAME.most)
    return trim(stem, FILENAME.most - width(dot + ending)) + dot + ending


@rich_fitted.register
def _(content: OutLink) -> Iterator[OutContent]:
    title = trim(without_emoji(content.title).strip(), LINK_TITLE.most)
    if not title or not is_address(content.url) or width(content.url) > URL.most:
        yield from texts(words_of(content))
        return
    head, tail = cut_tail(content.body.rstrip(), INTERACTIVE_BODY.most)
    yield from texts(head)
    yield content.model_copy(
        update={
            "title": title,
            "body": tail if tail.strip() else title,
            "header": trimmed(content.header, HEADER),
            "footer": trimmed(content.footer, FOOTER),
        }
    )


@rich_fitted.register
def _(content: OutLocationRequest) -> Iterator[OutContent]:
    yield from _with_tail(content)


@rich_fitted.register
def _(content: OutProduct) -> Iterator[OutContent]:
    if content.catalog_id.strip() and content.card.retailer_id.strip():
        yield from _with_tail(content)
    elif content.link is not None and is_address(content.link):
        caption, *rest = split(content.body, CAPTION.most) or ("",)
        yield OutImage(link=content.link, caption=caption.strip() or None)
        yield from texts("".join(rest))
    else:
        yield from texts(words_of(content))


@rich_fitted.register
def _(content: OutCatalog) -> Iterator[OutContent]:
    if content.thumbnail.strip():
        yield from _with_tail(content)
    else:
        yield from texts(words_of(content))


@rich_fitted.register
def _(content: OutProducts) -> Iterator[OutContent]:
    sections = tuple(_filled(content.sections))
    if not sections or not content.catalog_id.strip() or not content.body.strip():
        yield from texts(words_of(content))
        return
    head, tail = cut_tail(content.body.rstrip(), INTERACTIVE_BODY.most)
    yield from texts(head)
    header = trimmed(content.header, HEADER) or trimmed(sections[0].title, HEADER)
    for some in _batches(sections):
        yield content.model_copy(
            update={
                "body": tail,
                "header": header,
                "footer": trimmed(content.footer, FOOTER),
                "sections": some,
            }
        )


def _filled(sections: Sequence[ProductSection]) -> Iterator[ProductSection]:
    """Yield sections with products, each product once, under titles that fit."""
    seen: set[str] = set()
    for section in sections:
        cards = []
        for card in section.cards:
            if card.retailer_id.strip() and card.retailer_id not in seen:
                seen.add(card.retailer_id)
                cards.append(card)
        if cards:
            title = trimmed(section.title, SECTION_TITLE)
            title = title or trimmed(cards[0].name, SECTION_TITLE) or _NOTHING
            yield ProductSection(title=title, cards=tuple(cards))


def _batches(
    sections: Sequence[ProductSection],
) -> Iterator[tuple[ProductSection, ...]]:
    """Yield sections as one message takes them: so many products, so many sections."""
    some: list[ProductSection] = []
    room = PRODUCTS.most
    for section in sections:
        cards = section.cards
        while cards:
            if not room or len(some) == SECTIONS.most:
                yield tuple(some)
                some, room = [], PRODUCTS.most
            part = section.model_copy(update={"cards": cards[:room]})
            some.append(part)
            cards, room = cards[room:], room - len(part.cards)
    yield tuple(some)


@rich_fitted.register
def _(content: OutTemplate) -> Iterator[OutContent]:
    header = " ".join((content.header or "").split())
    yield content.model_copy(
        update={
            "parameters": tuple(
                trim(" ".join(each.split()), PARAMETER.most) or _NOTHING
                for each in content.parameters
            ),
            "header": trimmed(header, HEADER_PARAMETER),
            "button": (content.button or "").strip() or None,
        }
    )


@rich_fitted.register
def _(content: OutReaction) -> Iterator[OutContent]:
    yield content


def _with_tail(
    content: OutLocationRequest | OutProduct | OutCatalog,
) -> Iterator[OutContent]:
    """Yield long words ahead, and the content with their end."""
    head, tail = cut_tail(content.body.rstrip(), INTERACTIVE_BODY.most)
    yield from texts(head)
    update: dict[str, object] = {"body": tail}
    if not isinstance(content, OutLocationRequest):
        update["footer"] = trimmed(content.footer, FOOTER)
    yield content.model_copy(update=update)
