"""One form refused for another: "not the red one, the blue"."""

from collections.abc import Iterable, Sequence

from bot.domain.understanding import Act, Mention, OptionMention
from bot.reading.rules.marks import Kind, Mark, Sentence
from bot.reading.rules.names import Shelf
from bot.reading.rules.quoting import POINTING, Source, quote_of
from catalog.domain.folding import fold

_SHORTEST_REFUSAL = 2  #: "not red"; a bare "no" refuses everything.


def other_form(sentence: Sentence, source: Source, shelf: Shelf) -> tuple[Mention, ...]:
    """Return the form that is wanted of the line spoken of, if that is all it says."""
    kept = without_refused(sentence)
    forms = _forms_of(source, shelf)
    if kept is sentence:
        return _corrected(sentence, forms, source, shelf)
    telling = [mark for mark in kept if mark.kind is not Kind.FILLER]
    words = [mark for mark in telling if not _is_one(mark)]
    refused = [mark for mark in sentence if mark not in kept]
    if not words or not all(_is_form(mark, forms, shelf) for mark in words):
        return ()
    if not any(_is_form(mark, forms, shelf) for mark in refused):
        return ()
    text = source.text[words[0].start : words[-1].end]
    options = (OptionMention(text=_form(words, refused, source, shelf) or text),)
    quote = quote_of(sentence, source)
    told = Mention(act=Act.SET, options=options, quote=quote, confidence=POINTING)
    return (told,)


def _corrected(
    sentence: Sentence, forms: frozenset[str], source: Source, shelf: Shelf
) -> tuple[Mention, ...]:
    """Return the form of "the blue one instead", "sorry, I meant the blue"."""
    if not any(mark.means("correction") for mark in sentence):
        return ()
    signs = ("correction", "no", "set", "want")
    telling = [
        mark
        for mark in sentence
        if mark.kind is not Kind.FILLER and not mark.means(*signs)
    ]
    words = [mark for mark in telling if not _is_one(mark)]
    if not words or not all(_is_form(mark, forms, shelf) for mark in words):
        return ()
    text = source.text[words[0].start : words[-1].end]
    options = (OptionMention(text=text),)
    quote = quote_of(sentence, source)
    return (Mention(act=Act.SET, options=options, quote=quote, confidence=POINTING),)


def _is_one(mark: Mark) -> bool:
    """Return whether a mark is the "one" of "the blue one"."""
    return mark.amount is not None and mark.amount.quantity == 1


def _form(
    wanted: Sequence[Mark], refused: Sequence[Mark], source: Source, shelf: Shelf
) -> str | None:
    """Return the form of the only line that differs in nothing but what was said."""
    line = source.line
    product = shelf.index.products.get(line.product_id) if line else None
    had = product.variant(line.variant_id or "") if line and product else None
    if product is None or had is None:
        return None
    kept = _told(had.name.split(), shelf) - _told(_words(refused), shelf)
    sought = kept | _told(_words(wanted), shelf)
    found = [v.name for v in product.variants if _told(v.name.split(), shelf) == sought]
    return found[0] if len(found) == 1 else None


def _words(marks: Iterable[Mark]) -> Iterable[str]:
    """Return the words of marks that name something: none of "not the" or "one"."""
    named = (mark for mark in marks if mark.kind in (Kind.WORD, Kind.NAME))
    return (token.word for mark in named for token in mark.tokens)


def _told(words: Iterable[str], shelf: Shelf) -> frozenset[str]:
    """Return words for forms as they are called in any language: "mavi" as "blue"."""
    colours, sizes = shelf.words.colours, shelf.words.sizes
    folded = (part for word in words for part in fold(word).split())
    return frozenset(colours.get(word, sizes.get(word, word)) for word in folded)


def _forms_of(source: Source, shelf: Shelf) -> frozenset[str]:
    """Return what tells the forms of the drafted products apart."""
    products = (shelf.index.products.get(each) for each in source.drafted)
    return frozenset(
        word
        for product in products
        if product is not None
        for variant in product.variants
        for word in _told(variant.name.split(), shelf)
    )


def _is_form(mark: Mark, forms: frozenset[str], shelf: Shelf) -> bool:
    said = _told(_words((mark,)), shelf)
    return bool(said) and said <= forms


def without_refused(content: Sequence[Mark]) -> Sequence[Mark]:
    """Return the blue of "not the red one, the blue" and of "kırmızı değil, mavi"."""
    parts: list[list[Mark]] = [[]]
    for mark in content:
        joins = mark.means("but", "connectors")
        if mark.before or joins:
            parts.append([])
        if not joins:
            parts[-1].append(mark)
        if mark.means("negation_after") and mark.means("no"):
            parts.append([])  # "kırmızı değil mavi"
    several = sum(map(bool, parts)) > 1
    refused = [part for part in parts if _refuses(part) or (several and _after(part))]
    kept = [part for part in parts if part and part not in refused]
    return kept[0] if refused and len(kept) == 1 else content


def only_refused(content: Sequence[Mark]) -> Sequence[Mark]:
    """Return the red of "not the red one" when nothing else is said, else nothing."""
    kept = without_refused(content)
    if kept is not content or not _refuses(content):
        return ()
    signs = ("negation", "no", "remove", "negation_after", "set")
    return [mark for mark in content if not mark.means(*signs)]


def _after(part: Sequence[Mark]) -> bool:
    """Return whether a "no" stands last: "la roja no"."""
    telling = [mark for mark in part if mark.kind is not Kind.FILLER]
    return len(telling) >= _SHORTEST_REFUSAL and telling[-1].means("no", "negation")


def _refuses(part: Sequence[Mark]) -> bool:
    """Return whether a part says what shall not be."""
    telling = [mark for mark in part if mark.kind is not Kind.FILLER]
    if len(telling) < _SHORTEST_REFUSAL:
        return False
    first, last = telling[0], telling[-1]
    before = first.means("negation", "no", "remove") and not first.verb_last
    return before or last.means("negation_after")
