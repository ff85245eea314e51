"""The last order with a difference: "the usual but 3 lattes", "without the tea"."""

from collections.abc import Iterable, Sequence

from bot.domain.understanding import Act, Mention, OptionMention
from bot.reading.rules.items import Item, items_of, split_options
from bot.reading.rules.marks import Kind, Mark, Sentence, asks, says
from bot.reading.rules.names import Shelf
from bot.reading.rules.parts import Part, parts_of
from bot.reading.rules.quoting import POINTING, Source, judged, quoted_by

#: What comes on top of what was bought before.
_MORE = ("add", "more", "connectors", "with")
#: What shall not come again.
_WITHOUT = ("negation", "negation_after", "remove", "no", "except")


def differences(
    sentence: Sentence, source: Source, shelf: Shelf
) -> tuple[Mention, ...] | None:
    """Return how the last order is wanted otherwise; None when none is repeated."""
    if not says(sentence, "repeat") or asks(sentence):
        return None
    rest = _rest(sentence)
    return tuple(
        mention
        for part in parts_of(rest)
        for item in items_of(_unjoined(part.marks), shelf)
        for mention in _told(split_options(item, shelf), part, source, shelf)
    )


def _rest(sentence: Sentence) -> Sentence:
    """Return what is said beside the wish to have the same again."""
    return tuple(
        mark
        for mark in sentence
        if not mark.means("repeat", "want", "greet", "thanks", "yes", "weak_yes")
        or mark.means("negation")
    )


def _unjoined(marks: Sequence[Mark]) -> Sequence[Mark]:
    return [mark for mark in marks if not mark.means("except", "but", "only")]


def _told(item: Item, part: Part, source: Source, shelf: Shelf) -> Iterable[Mention]:
    """Yield what an item of the rest changes about the order."""
    for option in item.options:
        yield _wished(option, item, source, shelf)
    text = item.text(shelf)
    bare = _without(item, shelf)
    spares = bare is not None or part.says(*_WITHOUT)
    text = bare or text
    if not text or not (spares or _is_product(item, text, shelf)):
        return
    mention = Mention(text=text, quantity=item.quantity, unit=item.unit)
    if spares:
        mention = mention.model_copy(update={"act": Act.REMOVE})
    elif not _adds(part) and item.quantity is not None:
        # "but 3 lattes" says how many there shall be.
        mention = mention.model_copy(update={"act": Act.SET})
    yield judged(mention, item, source, shelf)


def _without(item: Item, shelf: Shelf) -> str | None:
    """Return the product that an ending leaves out: the Turkish "ayransız"."""
    if not item.body:
        return None
    *before, last = (token.word for token in item.body)
    for ending in shelf.words.without:
        bare = " ".join((*before, last.removesuffix(ending)))
        if last.endswith(ending) and shelf.certain(bare) is not None:
            return bare
    return None


def _adds(part: Part) -> bool:
    joins = part.joint is not None and not part.joint.means("but")
    return joins or part.says(*_MORE)


def _wished(option: OptionMention, item: Item, source: Source, shelf: Shelf) -> Mention:
    """Return a wish: a product that stays out, else how all of it shall be."""
    if option.negated and shelf.certain(option.text) is not None:
        goes = Mention(act=Act.REMOVE, text=option.text)
        return judged(goes, item, source, shelf)
    said = Mention(act=Act.SET, options=(option,), confidence=POINTING)
    return quoted_by(said, item, source)


def _is_product(item: Item, text: str, shelf: Shelf) -> bool:
    """Return whether words name what is sold; talk beside a repeat does not."""
    if any(mark.kind is Kind.NAME for mark in item.marks):
        return True
    known = any(shelf.knows(token.word) for token in item.body)
    return known and (item.quantity is not None or shelf.certain(text) is not None)
