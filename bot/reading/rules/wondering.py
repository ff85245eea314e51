"""Questions about products that more than price and stock would answer.

"Is it gluten free?", "what is it made of?", "is there a photo?": what is asked is told
from the words of a sentence, and the facts of the catalog that answer are pointed at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from rapidfuzz import fuzz

from bot.domain.understanding import Act, Asks, FactPointer, Mention, Topic
from bot.reading.rules.marks import Kind, Mark, Sentence, asks, says
from bot.reading.rules.names import Shelf
from bot.reading.rules.quoting import POINTING, Source, quote_of
from bot.reading.rules.subjects import BY_CODE, About, facts_about, spans_in
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import whole_messages
from catalog import Ambiguous, Certain, Product, Unknown
from catalog.domain.facts import forms_of
from catalog.domain.folding import tokens as folded

_ASKING = frozenset({"ask_price", "ask_have", "questions"})
_DOING = ("want", "remove", "set", "add", "more", "repeat", "cancel", "order_status")
#: What code answers, the first of them first.
_TOPICS = (
    ("cheaper", Topic.CHEAPER),
    ("picture", Topic.PICTURE),
    ("restock", Topic.RESTOCK),
)
#: What no order speaks of: who says so asks, in whatever form.
_NEVER_ORDERED = frozenset(
    {
        "allergens",
        "calories",
        "care",
        "origin",
        "picture",
        "shelf_life",
        "warranty",
        "waterproof",
    }
)
#: What is asked of a thing, and seldom said of what is wanted.
_OF_THINGS = frozenset(
    {"brand", "cheaper", "dimensions", "forms", "material", "weight"}
)
#: A word so alike (0 to 100) a word of the product's name is that word misspelt.
_ALIKE = 75
_SHORTEST = 3
#: So many products are looked at when words may mean several.
_MEANT = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """What a question stands in: its turn."""

    source: Source
    shelf: Shelf
    codes: tuple[str, ...]  #: Its languages, the leading one first.
    spoken_of: str | None = None  #: The product that "it" is when the turn names none.


def wondered(
    sentence: Sentence, told: Sequence[Mention], before: int, beside: Beside
) -> tuple[Mention, ...]:
    """Return the mentions with what is asked about those after the first `before`."""
    question = _Question(sentence, beside)
    earlier, fresh = tuple(told[:before]), tuple(told[before:])
    if not question.is_one:
        return (*earlier, *fresh)
    pointed = _spoken_of(earlier, beside)
    if not fresh and pointed is not None and question.can_point:
        fresh = (_pointing(sentence, beside.source),)
    told_of: list[Mention] = []
    for mention in fresh:
        asked = question.asked_of(mention, pointed)
        if not question.only_repeats(asked, told_of):
            told_of.append(asked)
        pointed = _named(mention.text, beside.shelf) or pointed
    return (*earlier, *told_of)


class _Question:
    """A sentence, as far as it asks about something."""

    def __init__(self, sentence: Sentence, beside: Beside) -> None:
        self._sentence = sentence
        self._shelf = beside.shelf
        self._pairs = [(mark, token) for mark in sentence for token in mark.tokens]
        self._spans = list(self._subjects(beside.codes))
        self._covered = {n for start, end, _ in self._spans for n in range(start, end)}
        self.subjects = frozenset(subject for *_, subject in self._spans)

    @property
    def is_one(self) -> bool:
        """Return whether it asks, and orders nothing."""
        if self.subjects & _NEVER_ORDERED:
            return not says(self._sentence, "remove", "set", "repeat", "cancel")
        surely = bool(self.subjects & _OF_THINGS) and self._leads
        if says(self._sentence, *_DOING) and not surely:
            return False
        return self._leads or asks(self._sentence) or says(self._sentence, *_ASKING)

    @property
    def can_point(self) -> bool:
        """Return whether it may be about what was spoken of, without a word for it."""
        about = self.subjects - {"lacks", "restock", "cheaper"}
        return bool(about) and self._is_open

    @property
    def _is_open(self) -> bool:
        return self._leads or asks(self._sentence)

    @cached_property
    def _leads(self) -> bool:
        """Return whether it begins with the words of a question."""
        tokens = [token for _, token in self._pairs if token.word.isalnum()]
        phrase = self._shelf.words.phrase_at(tokens, 0) if tokens else None
        return phrase is not None and not phrase.keys.isdisjoint(_ASKING)

    def asked_of(self, mention: Mention, pointed: Product | None) -> Mention:
        """Return a mention with what is asked about it; an order stays an order."""
        if mention.act is Act.ADD and not self._only_wonders(mention):
            return mention
        if mention.act not in (Act.ADD, Act.ASK):
            return mention
        text = self._name_in(mention.text, pointed)
        products = _meant(text, self._shelf) if text else _one(pointed)
        asked = self._asks(text, products)
        if asked is None:
            return mention
        options = [o for o in mention.options if not self._is_subject(o.text)]
        update = {"act": Act.ASK, "text": text, "asks": asked, "quantity": None}
        return mention.model_copy(update={**update, "options": tuple(options)})

    def only_repeats(self, mention: Mention, before: Sequence[Mention]) -> bool:
        """Return whether a mention without a name adds nothing to its sentence."""
        if mention.text:
            return False
        if mention.act is Act.SET and "cheaper" in self.subjects:
            return all(self._is_subject(option.text) for option in mention.options)
        return any(each.asks == mention.asks and each.asks for each in before)

    def _only_wonders(self, mention: Mention) -> bool:
        """Return whether what was taken for an order only asks: "how heavy is it?"."""
        if self._leads and self._is_subject(mention.text):
            return True  # "which one is cheaper?"
        counted = any(mark.amount and mark.amount.said for mark in self._sentence)
        is_about = bool(self.subjects - {"lacks"})
        leads = self._leads or bool(self.subjects & _NEVER_ORDERED)
        return is_about and leads and not counted and not mention.options

    def _asks(self, text: str, products: Sequence[Product]) -> Asks | None:
        for subject, topic in _TOPICS:
            if subject in self.subjects:
                facts = self._pointers(products) if topic is Topic.RESTOCK else ()
                return Asks(topic=topic, facts=facts)
        if not products:
            return None if text else Asks()
        if "forms" in self.subjects and any(map(forms_of, products)):
            return Asks(topic=Topic.FORMS)
        found = self._pointers(products)
        if found or self._about(products[0]).asked or self._unsold_colour(products[0]):
            return Asks(facts=found)
        is_open = not text and bool(self._about(products[0]).rest)
        return Asks() if is_open else None

    def _pointers(self, products: Sequence[Product]) -> tuple[FactPointer, ...]:
        return tuple(
            FactPointer(product_id=product.id, fact=fact.id)
            for product in products
            for fact in facts_about(product, self._about(product))
        )

    def _about(self, product: Product) -> About:
        """Return what is asked, without the words that name the product."""
        named = set(folded(f"{product.name} {' '.join(product.aliases)}"))
        rest = (
            token.word
            for number, (mark, token) in enumerate(self._pairs)
            if number not in self._covered and self._tells(mark, token)
            if not _is_of(token.word, named)
        )
        return About(self.subjects, tuple(dict.fromkeys(rest)))

    def _tells(self, mark: Mark, token: Token) -> bool:
        """Return whether a word says something that no other rule understands."""
        words = self._shelf.words
        known = token.word in words.packs or token.word in words.units
        told = mark.kind is Kind.WORD and not mark.keys and not known
        return told and token.word.isalpha() and len(token.word) >= _SHORTEST

    def _unsold_colour(self, product: Product) -> bool:
        """Return whether a colour is asked for of what has no colours to choose."""
        words = self._shelf.words
        said = [t.word for m, t in self._pairs if m.kind is not Kind.NAME]
        stems = (stem for word in said for stem in words.stems(word))
        colours = {c for stem in stems if (c := words.colours.get(stem))}
        own = {words.colours.get(word) for word in folded(product.name)}
        return bool(colours - own) and not product.variants

    def _name_in(self, text: str, pointed: Product | None) -> str:
        """Return the words for the product alone, none when they only point."""
        left = [word for word in text.split() if not self._is_subject(word)]
        if not left:
            return text if self._shelf.certain(text) and not pointed else ""
        if self._finds(" ".join(left)):
            return " ".join(left)
        for tells in (self._is_plain, self._shelf.knows):
            named = " ".join(w for w in left if all(map(tells, folded(w))))
            if named and self._finds(named):
                return named
        points = pointed is not None and self._has_pointer()
        return "" if points else text

    def _finds(self, text: str) -> bool:
        return not isinstance(self._shelf.find(text), Unknown)

    def _is_plain(self, word: str) -> bool:
        """Return whether a word may name something: no colour, no word of asking."""
        words = self._shelf.words
        token = next((t for _, t in self._pairs if t.word == word), None)
        phrase = words.phrase_at((token,), 0) if token else None
        asking = phrase is not None and not phrase.keys.isdisjoint(_ASKING)
        return not asking and word not in words.colours

    def _has_pointer(self) -> bool:
        return any(token.word in _pointers() for _, token in self._pairs)

    def _is_subject(self, text: str) -> bool:
        covered = {self._pairs[number][1].word for number in self._covered}
        return bool(words := folded(text)) and covered.issuperset(words)

    def _subjects(self, codes: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
        words = ["" if m.kind is Kind.NAME else t.word for m, t in self._pairs]
        for start, end, subject in spans_in(words, self._shelf.words, codes):
            sold = any(self._shelf.index.knows(word) for word in words[start:end])
            if not (sold and subject in BY_CODE):
                yield start, end, subject


def _pointing(sentence: Sentence, source: Source) -> Mention:
    quote = quote_of(sentence, source)
    return Mention(act=Act.ASK, quote=quote, confidence=POINTING)


def _spoken_of(earlier: Sequence[Mention], beside: Beside) -> Product | None:
    for mention in reversed(earlier):
        if mention.text:
            return _named(mention.text, beside.shelf)
    return beside.shelf.index.products.get(beside.spoken_of or "")


def _named(text: str, shelf: Shelf) -> Product | None:
    return shelf.certain(text) if text else None


def _meant(text: str, shelf: Shelf) -> tuple[Product, ...]:
    match = shelf.find(text)
    if isinstance(match, Certain):
        return _one(shelf.index.products.get(match.candidate.product_id))
    if not isinstance(match, Ambiguous):
        return ()
    ids = dict.fromkeys(each.product_id for each in match.candidates[:_MEANT])
    return tuple(p for each in ids if (p := shelf.index.products.get(each)))


def _one(product: Product | None) -> tuple[Product, ...]:
    return () if product is None else (product,)


def _is_of(word: str, names: set[str]) -> bool:
    return any(fuzz.ratio(word, name) >= _ALIKE for name in names)


@cache
def _pointers() -> frozenset[str]:
    """Return the single words of all languages that only point."""
    return frozenset(w[0] for w in whole_messages("pointers") if len(w) == 1)
