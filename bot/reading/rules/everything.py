"""What is said of every line: "both large", "all of them except the tea", "swap them".

Lines are told by their number, so that whoever acts on it needs no more words for them.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import takewhile

from bot.domain.understanding import Act, Mention, OptionMention
from bot.reading.rules.items import Item, items_of, split_options
from bot.reading.rules.marks import Kind, Mark, Sentence, asks, says
from bot.reading.rules.names import Shelf, option_at
from bot.reading.rules.quoting import POINTING, Source, quote_of
from bot.reading.rules.tokens import tokenize
from catalog import Ambiguous, Certain
from orders import Line

#: Nothing is said of "every" line of these.
_FEW = 2
#: Verbs that make of "all but the tea" that the others go.
_DROPS = ("remove", "cancel")


def of_every_line(
    sentence: Sentence, source: Source, shelf: Shelf, earlier: Sequence[Mention]
) -> tuple[Mention, ...]:
    """Return what a sentence says of all lines of the draft, nothing if it does not."""
    if asks(sentence) or any(mention.text for mention in earlier):
        return ()
    if says(sentence, "reverse"):
        return _reversed(sentence, source)
    if not source.lines:
        return ()
    place = next((at for at, e in enumerate(sentence) if is_all(e, shelf)), None)
    if place is None:
        return _kept_only(sentence, source, shelf)
    spared = _spared(sentence, place, source, shelf)
    if spared is not None:
        return _but(sentence, spared, source, shelf)
    return _told(sentence, source.lines, source, shelf)


def is_all(mark: Mark, shelf: Shelf) -> bool:
    """Return whether a mark stands for every line: "both", the "each" of "2 each"."""
    if mark.means("all"):
        return True
    if mark.means("cancel"):  # "remove everything"
        said = (shelf.words.phrase_at((token,), 0) for token in mark.tokens)
        return any(phrase is not None and "all" in phrase.keys for phrase in said)
    last = shelf.words.phrase_at(mark.tokens, len(mark.tokens) - 1)
    return mark.amount is not None and last is not None and "all" in last.keys


def for_all(item: Item, shelf: Shelf, found: list[Mention]) -> bool:
    """Give what is said of both, or of all, to the items just ordered.

    False when it is said of nothing that this turn orders: "2 latte, both with oat
    milk" says it of the lattes.
    """
    said = any(is_all(mark, shelf) for mark in item.marks)
    ordered = [at for at, m in enumerate(found) if m.act is Act.ADD and m.text]
    if not said or not ordered or ordered[-1] != len(found) - 1:
        return False
    options = _wishes(item, shelf)
    last = found[-1]
    last_only = last.quantity is not None and last.quantity >= _FEW
    places = [
        at
        for at in (ordered[-1:] if last_only else ordered)
        if all(_takes_words(o.text, found[at].text, shelf) for o in options)
    ]
    if not options or not places:
        return False
    for at in places:
        before = found[at].options
        found[at] = found[at].model_copy(update={"options": (*before, *options)})
    return True


def _reversed(sentence: Sentence, source: Source) -> tuple[Mention, ...]:
    """Return two lines with their quantities exchanged; of more nobody can tell."""
    if len(source.lines) != _FEW:
        return ()
    first, second = source.lines
    if first.quantity == second.quantity or first.unit != second.unit:
        return ()
    return tuple(
        _mention(Act.SET, number, sentence, source, quantity=other.quantity)
        for number, other in ((1, second), (2, first))
    )


def _kept_only(sentence: Sentence, source: Source, shelf: Shelf) -> tuple[Mention, ...]:
    """Return the removal of the others: "keep only the tea", "only the tea"."""
    if not says(sentence, "only"):
        return ()
    rest = [mark for mark in sentence if not mark.means("only", "keep")]
    if not says(sentence, "keep") and not _names_only(rest):
        return ()
    kept = lines_named(rest, source, shelf)
    return _dropped(kept, sentence, source) if kept else ()


def _names_only(marks: Sequence[Mark]) -> bool:
    """Return whether nothing but one thing is named: no number, no wish."""
    beside = ("correction", "no", "but", "yes", "weak_yes", "thanks")
    telling = [m for m in marks if m.kind is not Kind.FILLER and not m.means(*beside)]
    return bool(telling) and all(m.kind in (Kind.NAME, Kind.WORD) for m in telling)


def _spared(
    sentence: Sentence, place: int, source: Source, shelf: Shelf
) -> frozenset[str] | None:
    """Return the ids of the lines that "except" spares; None when it is not said."""
    at = next((n for n, mark in enumerate(sentence) if mark.means("except")), None)
    if at is None and place + 1 < len(sentence) and sentence[place + 1].means("but"):
        at = place + 1
    if at is None:
        return None
    before, after = sentence[:at], sentence[at + 1 :]
    names = tuple(takewhile(lambda m: not _ends(m), after))
    if at < place or not any(m.kind in (Kind.NAME, Kind.WORD) for m in names):
        names = before
    return lines_named(names, source, shelf)


def _ends(mark: Mark) -> bool:
    apart = bool(mark.before) and not mark.means("connectors")
    return mark.means("set", "with") or apart


def _but(
    sentence: Sentence, spared: frozenset[str], source: Source, shelf: Shelf
) -> tuple[Mention, ...]:
    """Return what happens to all lines but those."""
    if not spared:
        return ()
    if any(m.means(*_DROPS) and not m.means("except") for m in sentence):
        return _dropped(spared, sentence, source)
    others = [line for line in source.lines if line.id not in spared]
    named = {line.name for line in source.lines if line.id in spared}
    told = _told(sentence, others, source, shelf, apart=named)
    if told:
        return told
    gone = frozenset(line.id for line in others)
    return _dropped(gone, sentence, source)


def _dropped(
    kept: frozenset[str], sentence: Sentence, source: Source
) -> tuple[Mention, ...]:
    return tuple(
        _mention(Act.REMOVE, number, sentence, source)
        for number, line in enumerate(source.lines, start=1)
        if line.id not in kept
    )


def _told(
    sentence: Sentence,
    lines: Sequence[Line],
    source: Source,
    shelf: Shelf,
    apart: Iterable[str] = (),
) -> tuple[Mention, ...]:
    """Return what is set on each of some lines: an amount, or how they shall be."""
    marks = [m for m in sentence if not m.means("except", "but", "only")]
    items = items_of(marks, shelf)
    quantity = _each(sentence, shelf)
    spared = {_product_of(name, shelf) for name in apart}
    wishes = [
        _as_said(wish, sentence, source)
        for item in items
        if not item.body or _product_of(item.text(shelf), shelf) not in spared
        for wish in _wishes(item, shelf)
    ]
    fitting = [ln for ln in lines if all(_takes(w.text, ln, shelf) for w in wishes)]
    points = any(m.kind is not Kind.FILLER and is_all(m, shelf) for m in sentence)
    if not fitting and points and _are_wishes(items, shelf):
        fitting = list(lines)  # No option: the shop sees it as a note of each.
    if (not wishes and quantity is None) or not fitting:
        return ()
    ids = {line.id for line in fitting}
    return tuple(
        _mention(
            Act.SET, number, sentence, source, quantity=quantity, options=tuple(wishes)
        )
        for number, line in enumerate(source.lines, start=1)
        if line.id in ids
    )


def _each(sentence: Sentence, shelf: Shelf) -> Decimal | None:
    """Return the amount of "two of each", "make them 2 each"; "both" counts nothing."""
    for at, mark in enumerate(sentence):
        if mark.amount is None or not mark.amount.said or mark.amount.is_measure:
            continue
        each = at + 1 < len(sentence) and is_all(sentence[at + 1], shelf)
        apart = at > 0 and is_all(sentence[at - 1], shelf)
        if each or apart or is_all(mark, shelf):
            return mark.amount.quantity
    return None


def _wishes(item: Item, shelf: Shelf) -> tuple[OptionMention, ...]:
    """Return how an item shall be: its options, and the words that are left of it."""
    words = [
        token
        for mark in item.marks
        if mark.kind in (Kind.WORD, Kind.NAME) and not is_all(mark, shelf)
        for token in mark.tokens
        if token in item.body
    ]
    text = " ".join(token.text for token in words)
    return (*item.options, OptionMention(text=text)) if text else item.options


def _as_said(wish: OptionMention, sentence: Sentence, source: Source) -> OptionMention:
    """Return a wish with the small words inside of it: "leche de avena"."""
    words = wish.text.split()
    tokens = [token for mark in sentence for token in mark.tokens]
    first = next((t for t in tokens if t.text == words[0]), None)
    last = next((t for t in reversed(tokens) if t.text == words[-1]), None)
    if first is None or last is None or last.start < first.start:
        return wish
    return wish.model_copy(update={"text": source.text[first.start : last.end]})


def _takes(text: str, line: Line, shelf: Shelf) -> bool:
    """Return whether a line's product may be so: by an option or another form."""
    return _takes_words(text, line.name, shelf)


def _takes_words(text: str, name: str, shelf: Shelf) -> bool:
    product = shelf.certain(name)
    if product is None:
        return False
    tokens = tokenize(text)
    if tokens and option_at(tokens, 0, product.option_groups, shelf.words):
        return True
    match = shelf.find(f"{product.name} {text}")
    if not product.variants:
        return False
    forms = {w for form in product.variants for w in _form_words(form.name, shelf)}
    said = {w for token in tokens for w in _form_words(token.word, shelf)}
    sure = isinstance(match, Certain) and match.candidate.product_id == product.id
    return bool(said) and (said <= forms or sure)


def _are_wishes(items: Sequence[Item], shelf: Shelf) -> bool:
    """Return whether items say how something shall be, and name no product."""
    return all(
        not item.body or (item.amount is None and _says_how(item.text(shelf), shelf))
        for item in items
    )


def _says_how(text: str, shelf: Shelf) -> bool:
    """Return whether words are but sizes, colours and the like: "large", "hot"."""
    words = shelf.words
    tokens = tokenize(text)
    phrases = [words.phrase_at((token,), 0) for token in tokens]
    return bool(tokens) and all(
        token.word in words.sizes
        or token.word in words.colours
        or (phrase is not None and "manner" in phrase.keys)
        for token, phrase in zip(tokens, phrases, strict=True)
    )


def _form_words(text: str, shelf: Shelf) -> set[str]:
    """Return words for forms as they are called in any language."""
    colours, sizes = shelf.words.colours, shelf.words.sizes
    words = (token.word for token in tokenize(text) if token.word.isalnum())
    return {colours.get(word, sizes.get(word, word)) for word in words}


def lines_named(marks: Sequence[Mark], source: Source, shelf: Shelf) -> frozenset[str]:
    """Return the ids of the lines that marks name."""
    items = (split_options(item, shelf) for item in items_of(marks, shelf))
    ids: set[str] = set()
    for item in items:
        meant = _meant(item.text(shelf), shelf) if item.body else frozenset()
        mine = {ln.product_id for ln in source.lines if ln.product_id in meant}
        ids |= mine if len(mine) == 1 else set()
    return frozenset(ln.id for ln in source.lines if ln.product_id in ids)


def _meant(text: str, shelf: Shelf) -> frozenset[str]:
    """Return the products that words may mean; the order tells which they do."""
    match = shelf.find(text)
    if isinstance(match, Certain):
        return frozenset({match.candidate.product_id})
    found = match.candidates if isinstance(match, Ambiguous) else ()
    return frozenset(each.product_id for each in found)


def _product_of(text: str, shelf: Shelf) -> str | None:
    product = shelf.certain(text)
    return product.id if product is not None else None


def _mention(
    act: Act,
    number: int,
    sentence: Sentence,
    source: Source,
    *,
    quantity: Decimal | None = None,
    options: tuple[OptionMention, ...] = (),
) -> Mention:
    return Mention(
        act=act,
        ordinal=number,
        quantity=quantity,
        options=options,
        quote=quote_of(sentence, source),
        confidence=POINTING,
    )
