"""A sentence that orders from a menu, read as a whole: dishes with their options."""

from collections.abc import Sequence
from itertools import pairwise

from bot.domain.understanding import Act, Mention, OptionMention, Quote
from bot.reading.rules.amounts import is_nothing
from bot.reading.rules.binding import events_of
from bot.reading.rules.dishes import Dish, chosen, dishes_of
from bot.reading.rules.events import Event, Heard, Kind
from bot.reading.rules.marks import Sentence
from bot.reading.rules.menu import EXACT, INFLECTED, PART, Menu, menu_of
from bot.reading.rules.names import Shelf
from bot.reading.rules.pieces import Piece, cover
from bot.reading.rules.quoting import CHOICE, SURE, UNKNOWN, Source
from bot.reading.rules.taking import Value
from orders import times

#: More words in a sentence, or characters in a message, are no order of dishes; what
#: they say is found word by word, in a time that grows no faster than they do.
MOST_WORDS, LONGEST_TEXT = 150, 2_000
#: Phrases of sentences about an order that there is already.
_ELSEWHERE = (
    "ask_have",
    "ask_price",
    "cancel",
    "correction",
    "instead",
    "instead_after",
    "repeat",
    "swap",
)
#: Phrases that an order without options may hold.
_PLAIN = frozenset({"connectors", "greet", "manner", "thanks", "want", "with"})
#: A menu explains a sentence when it leaves no more of its words than these open.
_OPEN_WORDS, _OPEN_SHARE = 1, 0.2


def served(
    sentence: Sentence, source: Source, shelf: Shelf, earlier: Sequence[Mention]
) -> Sequence[Mention]:
    """Return what a sentence orders from the shop's menu.

    Nothing when the shop has no menu, or when the sentence is not such an order as a
    whole, with options: then it is read word by word.
    """
    tokens = [token for mark in sentence for token in mark.tokens]
    if len(tokens) > MOST_WORDS or len(source.text) > LONGEST_TEXT:
        return ()
    menu = menu_of(shelf.index)
    if menu is None or _counts_oddly(sentence, shelf):
        return ()
    pieces = cover(tokens, menu, shelf.words)
    if any(_is_odd_number(piece, shelf) for piece in pieces):
        return ()
    changes = bool(source.drafted or earlier)
    if not _may_order(pieces, changes=changes) or _weighs_option(pieces, shelf):
        return ()
    return _dishes_in(pieces, source, shelf, menu)


def _dishes_in(
    pieces: Sequence[Piece], source: Source, shelf: Shelf, menu: Menu
) -> Sequence[Mention]:
    """Return what pieces order, nothing when the menu is not what they are about."""
    heard = events_of(pieces, menu, shelf.words)
    dishes = dishes_of(heard.events, menu)
    if not dishes or not _explains(heard, pieces, menu):
        return ()
    if heard.stray and _has_forms(dishes, menu):
        return ()
    return tuple(_mention(dish, source, menu) for dish in dishes)


def _counts_oddly(sentence: Sentence, shelf: Shelf) -> bool:
    """Return whether a number counts none or some, or cannot: "12345678 pizzas"."""
    return any(
        (mark.amount is not None and mark.amount.unclear)
        or any(is_nothing(t) or shelf.words.is_share(t.word) for t in mark.tokens)
        for mark in sentence
    )


def _is_odd_number(piece: Piece, shelf: Shelf) -> bool:
    """Return whether a piece is a number that makes no amount: "two million"."""
    token = piece.tokens[0]
    counts = token.number is not None or token.word in shelf.words.multipliers
    return counts and piece.is_unknown


def _may_order(pieces: Sequence[Piece], *, changes: bool) -> bool:
    """Return whether nothing is said about lines that there are already."""
    named = False
    telling = max((at for at, each in enumerate(pieces) if _tells(each)), default=-1)
    for place, piece in enumerate(pieces):
        named = named or bool(piece.sense.products)
        if piece.is_named:
            continue
        following = pieces[place + 1] if place + 1 < len(pieces) else None
        last = telling <= place
        if piece.means("set") and (last or (changes and not named)):
            return False
        if piece.means("remove") and not named:
            return False
        optional = following is not None and following.sense.value_level > PART
        optional = optional or piece.means("set")
        if piece.means(*_ELSEWHERE) and not optional:
            return False
    return True


def _has_forms(dishes: Sequence[Dish], menu: Menu) -> bool:
    """Return whether a word that the menu lacks may be a form: the red of a shirt."""
    ids = (product for dish in dishes for product in dish.products)
    return any(menu.products[product].variants for product in ids)


def _weighs_option(pieces: Sequence[Piece], shelf: Shelf) -> bool:
    """Return whether an option is weighed that is sold by itself: "2 kg tomatoes"."""
    return any(
        first.amount is not None
        and first.amount.is_measure
        and bool(second.sense.values)
        and not second.sense.products
        and _is_sold(second, shelf)
        for first, second in pairwise(pieces)
    )


def _is_sold(piece: Piece, shelf: Shelf) -> bool:
    bare = " ".join(shelf.bare(token.word) for token in piece.tokens)
    return any(shelf.certain(text) is not None for text in (piece.text, bare))


def _tells(piece: Piece) -> bool:
    return piece.is_named or piece.amount is not None


def _explains(heard: Heard, pieces: Sequence[Piece], menu: Menu) -> bool:
    """Return whether a menu is what the sentence is about.

    Options of the menu show it; without any, all words must be of a plain order.
    """
    optional = any(
        event.kind is Kind.OPTION and event.sense.value_level > PART
        for event in heard.events
    )
    if not optional:
        return not heard.stray and _is_plain(heard.events, pieces, menu)
    left_out = sum(len(piece.tokens) for piece in heard.stray)
    words = sum(len(piece.tokens) for piece in pieces)
    return left_out <= max(_OPEN_WORDS, _OPEN_SHARE * words)


def _is_plain(events: Sequence[Event], pieces: Sequence[Piece], menu: Menu) -> bool:
    """Return whether products that take options are counted, and nothing else said."""
    heads = [event.sense for event in events if event.kind is Kind.HEAD]
    named = bool(heads) and all(
        sense.product_level >= INFLECTED
        and all(menu.groups_of[product] for product in sense.products)
        for sense in heads
    )
    return named and all(map(_is_plainly_said, pieces))


def _is_plainly_said(piece: Piece) -> bool:
    if piece.amount is not None:
        return piece.amount.unit is None
    return piece.is_named or piece.filler or bool(piece.keys & _PLAIN)


def _mention(dish: Dish, source: Source, menu: Menu) -> Mention:
    sure = SURE if len(dish.products) == 1 else CHOICE
    product = min(dish.products, default=None)
    return Mention(
        act=Act.ADD,
        text=_text(dish, product, menu),
        quantity=dish.quantity,
        unit=dish.amount.unit if dish.amount else None,
        options=_options(dish, product, menu),
        quote=_quote(dish, source),
        confidence=sure if dish.products else UNKNOWN,
    )


def _text(dish: Dish, product: str | None, menu: Menu) -> str:
    """Return the customer's words where they are a name, the name where not quite.

    Words that are but a part of it stay as they are: the catalog says what they mean.
    """
    head = dish.head or dish.stands_for
    level = head.sense.product_level if head else 0.0
    named = menu.products[product].name if product else ""
    if head is None:
        return named
    if level >= EXACT or level == PART or not named:
        return head.piece.text
    return named


def _options(dish: Dish, product: str | None, menu: Menu) -> tuple[OptionMention, ...]:
    filled: set[int] = set()
    found: dict[object, OptionMention] = {}
    for event in dish.options:
        after = event in dish.after
        value = chosen(event, product, filled, menu, after=after) if product else None
        if value is not None and menu.is_single(value):
            filled.add(value[0])
        found[value or event.text] = _option(event, value, menu)
    return tuple(found.values())


def _option(event: Event, value: Value | None, menu: Menu) -> OptionMention:
    group = menu.groups[value[0]].id if value else None
    known = menu.value(value).id if value else None
    counted = times(event.count) if event.count and event.count > 1 else None
    return OptionMention(
        text=event.text,
        negated=event.negated,
        qualifier=counted or event.qualifier,
        group=group,
        value=known,
        count=event.count,
    )


def _quote(dish: Dish, source: Source) -> Quote | None:
    tokens = [token for event in dish.events for token in event.piece.tokens]
    start, end = min(t.start for t in tokens), max(t.end for t in tokens)
    return Quote(message=source.message, text=source.text[start:end])
