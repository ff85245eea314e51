"""Options said apart from their product: "no sugar", "latte, oat milk"."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.understanding import Act, Mention, OptionMention
from bot.reading.rules.items import Item, split_options
from bot.reading.rules.marks import Kind
from bot.reading.rules.names import Shelf, option_at
from bot.reading.rules.parts import Part
from bot.reading.rules.quoting import POINTING, Source, judged, quoted_by
from bot.reading.rules.tokens import Token, tokenize
from catalog import Ambiguous, Unknown

#: A word that says "with" by its ending is longer than this.
_SHORTEST_WITH = 4


def tell_options(
    item: Item, verb: Act | None, source: Source, shelf: Shelf, found: list[Mention]
) -> None:
    """Place options said without a product: on the item before, or on the last line."""
    for option in item.options:
        product = shelf.certain(option.text)
        last = next((m for m in reversed(found) if m.text and m.act is Act.ADD), None)
        optional = is_option_of(option.text, last, shelf)
        optional = optional or is_drafted_option(option.text, source, shelf)
        known = product is not None
        known = known or (option.negated and _is_drafted(option.text, source, shelf))
        if known and not optional:
            act = Act.REMOVE if option.negated else verb or Act.ADD
            one = replace(item, options=(), amount=item.amount)
            mention = Mention(act=act, text=option.text, quantity=one.quantity)
            found.append(judged(mention, one, source, shelf))
        elif last is not None and found[-1] is last:
            attach(found, option)
        else:
            mention = Mention(act=Act.SET, options=(option,), confidence=POINTING)
            found.append(quoted_by(mention, item, source))


def _is_drafted(text: str, source: Source, shelf: Shelf) -> bool:
    """Return whether words are what a product on the draft is: "croissant".

    "Cheese" is not what a "Cheese Toast" is.
    """
    match = shelf.find(text)
    candidates = match.candidates if isinstance(match, Ambiguous) else ()
    said = {stem for t in tokenize(text) for stem in shelf.words.stems(t.word)}
    products = (
        shelf.index.products.get(each.product_id)
        for each in candidates
        if each.product_id in source.drafted
    )
    return any(
        said & _heads(name, shelf)
        for product in products
        if product is not None
        for name in (product.name, *product.aliases)
    )


def _heads(name: str, shelf: Shelf) -> set[str]:
    """Return the word that tells what a name is, "bread" of "bread of rye"."""
    words = [token.word for token in tokenize(name)]
    inner = (place for place, word in enumerate(words) if word in shelf.words.fillers)
    cut = next(filter(None, inner), len(words))
    return set(words[cut - 1 : cut])


def is_option_of(text: str, mention: Mention | None, shelf: Shelf) -> bool:
    """Return whether words name an option of a mention's product."""
    product = shelf.certain(mention.text) if mention else None
    if product is None:
        return False
    tokens = tokenize(text)
    return bool(option_at(tokens, 0, product.option_groups, shelf.words))


def attaches(item: Item, part: Part, found: Sequence[Mention], shelf: Shelf) -> bool:
    """Return whether an item is but an option of the one before: "latte, oat milk"."""
    last = found[-1] if found else None
    if last is None or last.act is not Act.ADD or item.amount:
        return False
    if part.verb is not None and not (part.verb.means("set") and part.verb.verb_last):
        return False
    if not last.text or not (part.comma or part.joint):
        return False
    return describes(item, last, shelf)


def describes(item: Item, mention: Mention, shelf: Shelf) -> bool:
    """Return whether an item's words say how that product shall be, and name none."""
    if not item.body:
        return False
    product = shelf.certain(mention.text)
    groups = product.option_groups if product else ()
    if option_at(item.body, 0, groups, shelf.words) == len(item.body):
        return True
    if shelf.certain(item.text(shelf)) is not None:
        return False
    return all(_is_manner(token, item, shelf) for token in item.body)


def _is_manner(token: Token, item: Item, shelf: Shelf) -> bool:
    """Return whether a word is a size, a colour, "hot", or the Turkish "with milk"."""
    words = shelf.words
    phrase = words.phrase_at((token,), 0)
    if phrase is not None and "manner" in phrase.keys:
        return True
    if token.word in words.sizes or token.word in words.colours:
        return True
    with_it = token.word.endswith(words.with_endings)
    alone = len(item.body) == 1 and len(token.word) > _SHORTEST_WITH
    return with_it and alone and not shelf.knows(token.word)


def are_forms(text: str, shelf: Shelf) -> bool:
    """Return whether words are but sizes and colours: "black L"."""
    words = [token.word for token in tokenize(text)]
    sizes, colours = shelf.words.sizes, shelf.words.colours
    return bool(words) and all(word in sizes or word in colours for word in words)


def attach(found: list[Mention], option: OptionMention) -> None:
    last = found[-1]
    found[-1] = last.model_copy(update={"options": (*last.options, option)})


def unwanted(item: Item, part: Part, source: Source, shelf: Shelf) -> Item | None:
    """Return an item whose extra words are not wanted: "latte şeker olmasın"."""
    apart = split_options(item, shelf)
    if item.product_id and len(apart.options) > len(item.options):
        return _taken_from(item, apart)
    final = part.verb is not None and part.verb.means("negation_after")
    if not final or not item.body:
        return None
    names = {
        token for mark in item.marks if mark.kind is Kind.NAME for token in mark.tokens
    }
    extra = [token for token in item.body if token not in names]
    text = " ".join(token.text for token in extra)
    known = not names and not isinstance(shelf.find(item.text(shelf)), Unknown)
    if not extra or (known and not is_drafted_option(text, source, shelf)):
        return None
    said = OptionMention(text=text, negated=True)
    body = tuple(token for token in item.body if token in names)
    return replace(item, body=body, options=(*item.options, said))


def _taken_from(item: Item, apart: Item) -> Item | None:
    """Return "remove sugar from the latte"; "the oat milk latte" is a line."""
    names = [mark for mark in item.marks if mark.kind is Kind.NAME]
    words = [mark for mark in item.marks if mark.kind is Kind.WORD]
    touching = any(abs(n.start - w.end) <= 1 for n in names for w in words)
    if touching or not words:
        return None
    negated = (option.model_copy(update={"negated": True}) for option in apart.options)
    return replace(apart, options=tuple(negated))


def is_drafted_option(text: str, source: Source, shelf: Shelf) -> bool:
    """Return whether words name an option of something on the draft."""
    tokens = tokenize(text)
    products = (shelf.index.products.get(drafted) for drafted in source.drafted)
    return any(
        option_at(tokens, 0, product.option_groups, shelf.words) == len(tokens)
        for product in products
        if product is not None and tokens
    )
