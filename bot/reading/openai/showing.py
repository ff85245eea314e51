"""What a model is shown of a turn: one JSON document, and pictures.

Whatever comes from outside stands in the document as JSON strings. No text can leave
its string, so none can pass for a part of the document or for an instruction of ours.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.message import Content, Location, Media, Tap, Text
from bot.domain.paging import page_named
from bot.domain.selection import NONE, choice_id
from bot.domain.understanding import FactPointer
from bot.reading.openai.candidates import candidates_for
from bot.reading.openai.offering import facts_for, shown_fact
from bot.reading.openai.redacting import Personal, redacted
from bot.reading.openai.weighing import newest_within
from bot.reading.reader import Picture, ReadableMessage, ReadingRequest
from catalog import Product
from orders import Line

#: Tokens of history, so estimated; and letters of one message.
HISTORY = 700
LONGEST = 6000
_LONGEST_BEFORE = 600
#: Forms and values of one product that are listed.
_FORMS, _GROUPS, _NAMES = 12, 6, 4


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message of the turn: its own words, and the same with masks."""

    original: str
    masked: str
    has_picture: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the model is shown, and what its numbers stand for."""

    document: str
    messages: tuple[ShownMessage, ...]
    candidates: Mapping[str, Product]
    pictures: tuple[tuple[int, Picture], ...]
    facts: Mapping[str, FactPointer] = field(default_factory=dict)


def words_of(content: Content) -> str:
    """Return what the customer wrote in a message.

    None for buttons: they are ours; nor for forms: nobody sent one to be filled in.
    """
    match content:
        case Text(text=text):
            return text
        case Media(caption=caption):
            return caption or ""
        case Location(name=name, address=address):
            return ", ".join(part for part in (name, address) if part)
    return ""


def shown_for(request: ReadingRequest, hidden: Collection[Personal]) -> Shown:
    """Return what a model is shown of a turn. Pure."""
    said = tuple(_shown(each, request, hidden) for each in request.messages)
    products = candidates_for(request, [each.original for each in said])
    candidates = {f"c{n}": product for n, product in enumerate(products, start=1)}
    facts = facts_for(request, [each.original for each in said])
    document = {
        "shop": {
            "language": request.language,
            "country": request.country,
            "zone": request.timezone,
        },
        "candidates": [_candidate(n, p) for n, p in candidates.items()],
        "history": _history(request, hidden),
        "draft": [_line(n, line) for n, line in enumerate(request.draft.lines, 1)],
        "facts": [shown_fact(n, p, fact) for n, (_, p, fact) in facts.items()],
        "now": _local(request),
        "asked": _asked(request),
        "messages": [
            _message(n, each, shown, request, hidden)
            for n, (each, shown) in enumerate(zip(request.messages, said, strict=True))
        ],
    }
    return Shown(
        document=json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        messages=said,
        candidates=candidates,
        facts={number: pointer for number, (pointer, *_) in facts.items()},
        pictures=tuple(
            (n, each.picture)
            for n, each in enumerate(request.messages)
            if each.picture is not None
        ),
    )


def _shown(
    message: ReadableMessage, request: ReadingRequest, hidden: Collection[Personal]
) -> ShownMessage:
    original = words_of(message.content)[:LONGEST]
    masked = redacted(original, hidden, request.country)
    has_picture = message.picture is not None or message.seen is not None
    return ShownMessage(original, masked, has_picture)


def _message(
    number: int,
    message: ReadableMessage,
    shown: ShownMessage,
    request: ReadingRequest,
    hidden: Collection[Personal],
) -> Mapping[str, object]:
    row: dict[str, object] = {"number": number, "kind": message.content.type}
    if shown.masked:
        row["text"] = shown.masked
    if isinstance(message.content, Tap):
        row["tapped"] = message.content.title
    if message.quoted:
        quoted = message.quoted[:_LONGEST_BEFORE]
        row["answers"] = redacted(quoted, hidden, request.country)
    card = message.reply_to.product_retailer_id if message.reply_to else None
    found = request.index.by_retailer_id(card) if card else None
    if found is not None:
        row["card"] = found[0].name
    sighting = message.sighting
    if sighting is not None and sighting.is_settled:
        row["card"] = sighting.visual(number, request.index).query
    if message.picture is not None:
        row["picture"] = number
    elif message.seen is not None:
        row["seen"] = _seen(message, request, hidden)
    return row


def _seen(
    message: ReadableMessage, request: ReadingRequest, hidden: Collection[Personal]
) -> Mapping[str, object]:
    seen = message.seen
    if seen is None:
        return {}
    text = seen.attributes.visible_text
    fields = seen.attributes.model_dump(exclude_none=True)
    if text:
        fields["visible_text"] = redacted(text, hidden, request.country)
    return {"description": seen.description, "query": seen.query, **fields}


def _history(
    request: ReadingRequest, hidden: Collection[Personal]
) -> Sequence[Mapping[str, str]]:
    words = [
        redacted(_before(m.content)[:_LONGEST_BEFORE], hidden, request.country)
        for m in request.history
    ]
    rows = [
        {"from": "customer" if m.from_customer else "shop", "text": text}
        for m, text in zip(request.history, words, strict=True)
        if text
    ]
    return newest_within(rows, [row["text"] for row in rows], HISTORY)


def _before(content: Content) -> str:
    return content.title if isinstance(content, Tap) else words_of(content)


def _candidate(number: str, product: Product) -> Mapping[str, object]:
    """Return a product without its price and stock: those are not the model's."""
    row: dict[str, object] = {"n": number, "name": product.name}
    facts = {
        "also": list(product.aliases[:_NAMES]),
        "brand": product.brand,
        "color": product.colour,
        "category": product.category,
        "unit": product.unit if product.unit != "piece" else None,
        "packs": [pack.unit for pack in product.packs],
        "comes_in": [variant.name for variant in product.variants[:_FORMS]],
        "options": {
            group.name: [value.name for value in group.values[:_FORMS]]
            for group in product.option_groups[:_GROUPS]
        },
    }
    row.update({name: fact for name, fact in facts.items() if fact})
    return row


def _line(number: int, line: Line) -> Mapping[str, object]:
    row: dict[str, object] = {
        "line": number,
        "name": line.name,
        "quantity": f"{line.quantity:f}",
        "unit": line.unit,
    }
    if line.variant_name:
        row["form"] = line.variant_name
    if line.options:
        signs = [f"{'no ' if o.negated else ''}{o.name}" for o in line.options]
        row["options"] = signs
    return row


def _asked(request: ReadingRequest) -> Mapping[str, object] | None:
    asked = request.asked
    if asked is None:
        return None
    row: dict[str, object] = {"about": asked.field.value}
    if asked.more:
        row["also"] = [field.value for field in asked.more]
    if asked.choices:
        titles = _titles(request)
        row["choices"] = [
            titles.get(each, each) if page_named(each) is None else "show more choices"
            for each in asked.choices
        ]
    return row


def _titles(request: ReadingRequest) -> Mapping[str, str]:
    """Return what the choices of our question are called, by their ids."""
    draft, asked = request.draft, request.asked
    titles = {NONE: "none of these"}
    for unresolved in draft.unresolved:
        titles |= {choice_id(choice): choice.name for choice in unresolved.choices}
    line = draft.line(asked.about) if asked and asked.about else None
    product = request.index.product(line.product_id) if line else None
    if product is not None:
        titles |= {variant.id: variant.name for variant in product.variants}
        titles |= {v.id: v.name for g in product.option_groups for v in g.values}
    return titles


def _local(request: ReadingRequest) -> str:
    try:
        local = request.now.astimezone(ZoneInfo(request.timezone))
    except (ValueError, ZoneInfoNotFoundError):
        local = request.now
    return local.strftime("%A %Y-%m-%dT%H:%M")
