"""Products in a stretch of marks: "2 latte no sugar 1 choc croissant" is two items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.domain.understanding import OptionMention
from bot.reading.rules.amounts import Amount
from bot.reading.rules.marks import Kind, Mark
from bot.reading.rules.names import Shelf, option_at, option_by_word
from bot.reading.rules.tokens import Token
from catalog import OptionGroup
from catalog.domain.folding import fold

#: Phrases after which an option is named, and whether it is unwanted.
_OPTION_WORDS = ("negation", "with", "qualifiers")
_ONE = Decimal(1)
#: A run of this many words may be two products without anything between them.
_LONGEST_RUN = 5


@dataclass(frozen=True, slots=True)
class Item:
    """What is said about one product. Without `body` it points at a line."""

    amount: Amount | None = None
    body: tuple[Token, ...] = ()
    product_id: str | None = None  #: Set when the body holds a whole name.
    options: tuple[OptionMention, ...] = ()
    ordinal: int | None = None
    points: bool = False
    more: bool = False
    stands_in: bool = False  #: "one" stands for the product: "a red one".
    share: Amount | None = None  #: So many of the line pointed at: "one of them".
    marks: tuple[Mark, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        said = self.body or self.options or self.points or self.ordinal
        return not said and self.amount is None and not self.more

    @property
    def quantity(self) -> Decimal | None:
        """The quantity as said; "another" is one."""
        if self.amount is not None:
            return None if self.amount.unclear else self.amount.quantity
        return _ONE if self.more else None

    @property
    def unit(self) -> str | None:
        return self.amount.unit if self.amount else None

    def text(self, shelf: Shelf) -> str:
        """Return the words for the product, without endings that hide it."""
        return _text(self.body, shelf)


def items_of(marks: Sequence[Mark], shelf: Shelf) -> tuple[Item, ...]:
    """Return the items that marks name, in order."""
    reading = _Reading(shelf, counts_last=_counts_last(marks))
    for place, mark in enumerate(marks):
        reading.take(mark, marks[place + 1 :])
    reading.close()
    return tuple(part for item in reading.items for part in _apart(item, shelf))


class _Reading:
    """The item that is being read, and those that are complete."""

    def __init__(self, shelf: Shelf, *, counts_last: bool) -> None:
        self.shelf = shelf
        self.counts_last = counts_last
        self.items: list[Item] = []
        self.item = Item()
        self.option: Mark | None = None  #: "no", "extra": an option follows.
        self.option_tokens: tuple[Token, ...] = ()

    def close(self) -> None:
        """End the running item."""
        self.close_option()
        if not self.item.is_empty:
            self.items.append(self.item)
        self.item = Item()

    def close_option(self) -> None:
        """End the option that was being named."""
        if self.option is not None and self.option_tokens:
            self.add_option(self.option_tokens, self.option)
        elif self.option is not None and self.option.means("more"):
            self.item = replace(self.item, more=True)
        self.option, self.option_tokens = None, ()

    def add_option(self, tokens: Sequence[Token], mark: Mark | None) -> None:
        text = " ".join(token.text for token in tokens)
        negated = mark is not None and mark.means("negation", "negation_after")
        qualifier = _said(mark) if mark and mark.means("qualifiers") else None
        said = OptionMention(text=text, negated=negated, qualifier=qualifier)
        self.item = replace(self.item, options=(*self.item.options, said))

    def take(self, mark: Mark, rest: Sequence[Mark]) -> None:
        """Read one more mark."""
        if mark.means("serves"):  # The number before it has said it.
            self.item = replace(self.item, marks=(*self.item.marks, mark))
            return
        match mark.kind:
            case Kind.AMOUNT:
                self.take_amount(mark, rest)
            case Kind.NAME:
                self.take_name(mark)
            case Kind.WORD if self.stands_in(mark, rest):
                self.item = replace(self.item, stands_in=True)
            case Kind.WORD:
                self.take_words(mark.tokens)
            case Kind.ORDINAL:
                self.item = replace(self.item, ordinal=mark.ordinal)
            case Kind.PHRASE:
                self.take_phrase(mark)
            case Kind.FILLER:
                pass
        if mark.kind is not Kind.FILLER:
            self.item = replace(self.item, marks=(*self.item.marks, mark))

    def take_amount(self, mark: Mark, rest: Sequence[Mark]) -> None:
        amount = mark.amount
        if amount is None or self.takes_otherwise(mark, rest):
            return
        is_negated = self.option is not None and self.option.means("negation")
        if is_negated and not self.option_tokens and not self.opens_with_no():
            if amount.said:
                self.option = None  # "2 lattes, not 3"; "not a latte" goes on.
            return
        self.close_option()
        item = self.item
        if item.points and item.amount is not None and not item.body:
            item = replace(item, share=item.amount)
        if item.amount is not None and amount.is_measure:
            following = _followed_by_product(rest)
            if not item.body or not following:
                self.item = replace(item, body=(*item.body, *mark.tokens))
                return
        if item.body:
            last = self.counts_last or not _followed_by_product(rest)
            if item.amount is None and amount.said and last:
                self.item = replace(item, amount=amount)
                return
            self.close()
            item = self.item
        self.item = replace(item, amount=amount)
        if self.shelf.words.is_share(mark.tokens[0].word):
            self.item = replace(self.item, share=amount, points=True)

    def is_size(self, mark: Mark) -> bool:
        """Return whether a number is a size: "one in 32" counts one."""
        item = self.item
        counted = item.amount is not None and not item.body and not item.points
        token = mark.tokens[0]
        plain = len(mark.tokens) == 1 and token.number is not None
        return counted and plain and not token.before and self.shelf.knows(token.word)

    def takes_otherwise(self, mark: Mark, rest: Sequence[Mark]) -> bool:
        """Take a number that counts no product: of people, or no number at all."""
        if rest and rest[0].means("serves"):
            self.close_option()
            self.add_option((*mark.tokens, *rest[0].tokens), None)
            return True
        if self.is_size(mark):
            self.add_option(mark.tokens, None)
            self.item = replace(self.item, points=True)
            return True
        if self.stands_in(mark, rest):
            self.item = replace(self.item, stands_in=True)
            return True
        return False

    def stands_in(self, mark: Mark, rest: Sequence[Mark]) -> bool:
        """Return whether a mark is the "one" of "a red one", "ones" of "2 red ones"."""
        item = self.item
        if not item.body or item.amount is None or _followed_by_product(rest):
            return False
        token, words = mark.tokens[0], self.shelf.words
        if len(mark.tokens) > 1 or token.number is not None or token.before:
            return False
        phrase = words.phrase_at(mark.tokens, 0)
        return phrase is not None and "ordinal_tail" in phrase.keys

    def take_name(self, mark: Mark) -> None:
        if self.option is not None and self.item.body:
            self.option_tokens += mark.tokens
            return
        if self.option is not None and self.option.means("negation", "with"):
            self.option_tokens += mark.tokens
            return
        if self.counts_last and self.item.body and self.item.amount:
            self.close()
        if self.item.product_id is not None:
            groups = self.groups()
            if option_at(mark.tokens, 0, groups, self.shelf.words) == len(mark.tokens):
                self.add_option(mark.tokens, None)
                return
            self.close()
        self.close_option()
        body = (*self.item.body, *mark.tokens)
        self.item = replace(self.item, body=body, product_id=mark.product_id)

    def take_words(self, tokens: tuple[Token, ...]) -> None:
        if self.counts_last and self.item.body and self.item.amount:
            self.close()
        if self.option is not None:
            self.option_tokens += tokens
            return
        for token in tokens:
            if (without := self.without(token)) is not None:
                said = OptionMention(text=without, negated=True)
                self.item = replace(self.item, options=(*self.item.options, said))
            else:
                self.item = replace(self.item, body=(*self.item.body, token))

    def take_phrase(self, mark: Mark) -> None:
        if mark.means(*_OPTION_WORDS):
            if self.option is not None and self.option_tokens:
                self.close_option()
            if self.option is None or not mark.means("qualifiers"):
                self.option = mark
            return
        if mark.means("negation_after", "with_after") and self.option is None:
            self.take_back(mark)
            return
        self.close_option()
        if mark.means("pointers"):
            self.item = replace(self.item, points=True)
        if mark.means("more"):
            self.item = replace(self.item, more=True)

    def opens_with_no(self) -> bool:
        """Return whether a "no" is an answer rather than a "without"."""
        return self.option is not None and self.option.means("no")

    def take_back(self, mark: Mark) -> None:
        """Turn the words before "free" into an option: "sugar free tea"."""
        named = {t for m in self.item.marks if m.kind is Kind.NAME for t in m.tokens}
        extra = tuple(token for token in self.item.body if token not in named)
        if extra:
            body = tuple(token for token in self.item.body if token in named)
            self.item = replace(self.item, body=body)
            self.add_option(extra, mark)

    def groups(self) -> tuple[OptionGroup, ...]:
        product = self.shelf.index.products.get(self.item.product_id or "")
        return product.option_groups if product else ()

    def without(self, token: Token) -> str | None:
        """Return what an ending takes away: "sugar" of the Turkish "sugarless"."""
        if not self.item.body and self.shelf.certain(token.text) is not None:
            return None
        for ending in self.shelf.words.without:
            bare = token.word.removesuffix(ending)
            if bare != token.word and len(bare) > 1 and len(token.text) > len(ending):
                return token.text[: len(token.text) - len(ending)]
        return None


def split_options(item: Item, shelf: Shelf) -> Item:
    """Return an item whose body holds its product only, options told apart.

    The product must be sure; words that name one of its option values become options.
    """
    item = _sized(item, shelf)
    text = item.text(shelf)
    product = shelf.index.products.get(item.product_id or "") or shelf.certain(text)
    if product is None or not product.option_groups or len(item.body) < 2:  # noqa: PLR2004  one word is the name
        return item
    own = {w for n in (product.name, *product.aliases) for w in fold(n).split()}
    rest: list[Token] = []
    options = list(item.options)
    place = 0
    while place < len(item.body):
        token = item.body[place]
        length = option_at(item.body, place, product.option_groups, shelf.words)
        if own.issuperset(t.word for t in item.body[place : place + length]):
            length = 0
        alone = token.word not in own and not own.isdisjoint(_words(item.body))
        if not length and alone and option_by_word(token.word, product.option_groups):
            length = 1
        if length:
            said = " ".join(t.text for t in item.body[place : place + length])
            options.append(OptionMention(text=said))
        else:
            rest.append(token)
        place += length or 1
    if not rest:
        return item
    return replace(item, body=tuple(rest), options=tuple(options))


def _sized(item: Item, shelf: Shelf) -> Item:
    """Return "büyük latte" with its size as an option when no product is called so."""
    if item.product_id is None or shelf.certain(item.text(shelf)) is not None:
        return item
    sizes = [token for token in item.body if token.word in shelf.words.sizes]
    body = tuple(token for token in item.body if token not in sizes)
    options = tuple(OptionMention(text=token.text) for token in sizes)
    return replace(item, body=body, options=(*item.options, *options))


def _apart(item: Item, shelf: Shelf) -> Iterable[Item]:
    """Yield an item, or two when its words name two products in a row."""
    run = item.body
    can_be_two = item.product_id is None and 1 < len(run) <= _LONGEST_RUN
    if not can_be_two or shelf.certain(_text(run, shelf)) is not None:
        yield item
        return
    for cut in range(1, len(run)):
        first = shelf.certain(_text(run[:cut], shelf))
        second = shelf.certain(_text(run[cut:], shelf)) if first else None
        if first and second and first.id != second.id:
            yield replace(item, body=run[:cut], options=())
            yield replace(item, body=run[cut:], amount=None, more=False)
            return
    yield item


def _counts_last(marks: Sequence[Mark]) -> bool:
    """Return whether numbers follow their products: "latte 2 tea 3"."""
    kinds = [
        mark.kind
        for mark in marks
        if mark.kind in (Kind.NAME, Kind.WORD)
        or (mark.amount is not None and mark.amount.said)
    ]
    amounts = kinds.count(Kind.AMOUNT)
    return amounts > 1 and kinds[0] is not Kind.AMOUNT and kinds[-1] is Kind.AMOUNT


def _followed_by_product(rest: Sequence[Mark]) -> bool:
    """Return whether a product is named after an amount, before the next one."""
    for mark in rest:
        if mark.kind in (Kind.NAME, Kind.WORD):
            return True
        if mark.kind is not Kind.FILLER:
            return False
    return False


def _text(tokens: Sequence[Token], shelf: Shelf) -> str:
    pieces: list[str] = []
    for token in tokens:
        bare = shelf.bare(token.word) if token.word.isalpha() else token.word
        if token.glued and pieces and not shelf.knows(token.word):
            if token.word.isalpha() and pieces[-1][-1:].isdigit():
                pieces[-1] += token.text
            continue
        pieces.append(token.text if bare == token.word else bare)
    return " ".join(pieces)


def _said(mark: Mark) -> str:
    return " ".join(token.word for token in mark.tokens)


def _words(tokens: Iterable[Token]) -> set[str]:
    return {token.word for token in tokens}
