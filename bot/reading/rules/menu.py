"""A menu: the words for a shop's products and for the options that they take.

A name is kept by its letters without spaces, so that "cheeseburger" finds "Cheese
Burger". What is meant may stay open: "pepper" may be three toppings, and a "cola" one
of two drinks; the words around it decide, or somebody is asked.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, product
from weakref import WeakKeyDictionary

from rapidfuzz.distance import OSA

from bot.reading.rules.called import spelt_alike, words_in
from bot.reading.rules.taking import Takers, Value
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import Words, joining_words, words_for
from catalog import Index, OptionGroup, OptionValue, Product
from catalog.domain.folding import fold

#: A shop with more products than these is searched, not read as a menu.
LARGEST = 5_000
#: How much words tell: the name itself, an inflected or misspelt one, a part of it.
EXACT, INFLECTED, MISSPELT, PART = 1.0, 0.97, 0.8, 0.62
_LONGEST = 7
_MOST_SPELLINGS = 8
_SHORTEST_STEM = 3
#: A word may be an abbreviation, or misspelt once (twice) from so many letters on.
_ABBREVIATED, _ONE_SLIP, _TWO_SLIPS = 4, 6, 9
_LONGEST_ENDING = 2
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Sense:
    """What words on a menu mean: these products, these values of option groups."""

    products: frozenset[str] = frozenset()
    values: frozenset[Value] = frozenset()
    #: How much of it was said, 0..1, for products and for values.
    product_level: float = 0.0
    value_level: float = 0.0

    @property
    def level(self) -> float:
        return max(self.product_level, self.value_level)


@dataclass(slots=True)
class _Gathered:
    products: dict[str, float] = field(default_factory=dict)
    values: dict[Value, float] = field(default_factory=dict)

    def sense(self) -> Sense:
        """Return the best of what was gathered."""
        most = max(self.products.values(), default=0.0)
        best = max(self.values.values(), default=0.0)
        return Sense(
            frozenset(k for k, level in self.products.items() if level == most),
            frozenset(k for k, level in self.values.items() if level == best),
            most,
            best,
        )


class Menu:
    """The names of a shop, its option groups numbered; groups alike are one."""

    def __init__(self, products: Iterable[Product], words: Words) -> None:
        self.words = words
        self.products: dict[str, Product] = {}
        self.groups: list[OptionGroup] = []
        self.groups_of: dict[str, tuple[int, ...]] = {}
        self.group_words: set[str] = set()
        self.sizes: dict[str, Sense] = {}
        self.longest = 1
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = {}
        self._names: dict[str, _Gathered] = {}
        self._stumps: dict[str, _Gathered] = {}
        self._parts: dict[str, _Gathered] = {}
        self._senses: dict[str, Sense] = {}
        self._part_senses: dict[str, Sense] = {}
        self._corrected: dict[str, str] = {}
        self._called: dict[str, Sequence[tuple[str, str, float]]] = {}
        self._read: dict[str, tuple[str, ...]] = {}
        goods = list(products)
        self._spelt = spelt_alike(goods)
        for each in goods:
            self._add(each)
        self._close()
        self.takers = Takers(self.groups, self.groups_of)

    def value(self, value: Value) -> OptionValue:
        return self.groups[value[0]].values[value[1]]

    def takes(self, product_id: str, value: Value) -> bool:
        """Return whether a product can have a value."""
        return value[0] in self.groups_of[product_id]

    def is_single(self, value: Value) -> bool:
        """Return whether a value excludes the others of its group."""
        return self.groups[value[0]].maximum == 1

    def is_generic(self, product_id: str) -> bool:
        """Return whether a product is called as the category of others is: "drink"."""
        return product_id in self._generic

    def at(self, tokens: Sequence[Token], place: int) -> Mapping[int, Sense]:
        """Return what the catalog calls the words from a token on, by their number."""
        found: dict[int, Sense] = {}
        spellings, said = {""}, set[str]()
        end = min(len(tokens), place + self.longest)
        for here in range(place, end):
            token = tokens[here]
            if here > place and token.before:
                break
            spelt = self._spellings(token.word)
            if here > place and self._is_light(token):
                spelt = ("", *spelt)  # It may be left out: "all [the] cheese".
            joined = (a + b for a, b in product(spellings, spelt))
            spellings = set(islice(filter(self._opens, joined), _MOST_SPELLINGS))
            if not spellings:
                break
            told = {key for key in spellings if key in self._senses} - said
            said |= told  # "feta and a" says no more than "feta".
            senses = [self._senses[key] for key in told]
            if senses and not (here > place and self._is_light(token)):
                found[here + 1 - place] = self._best(senses, tokens[place : here + 1])
        if 1 not in found and (sense := self._stump(tokens[place])):
            found[1] = sense
        for length, sense in self._parts_at(tokens[place:end]):
            found.setdefault(length, sense)
        return found

    def _stump(self, token: Token) -> Sense | None:
        """Return what a single word of the menu means, without its ending."""
        spelt = self._spellings(token.word)
        found = (self._stump_senses.get(spelling) for spelling in spelt)
        return next((sense for sense in found if sense), None)

    def _parts_at(self, tokens: Sequence[Token]) -> Iterable[tuple[int, Sense]]:
        """Yield what words of longer names mean: "sparkling", "sparkling water"."""
        said: Sense | None = None
        for length in (2, 1):
            if (size := self._size(tokens[:length])) in self.sizes:
                yield length, self.sizes[size]
        for length, token in enumerate(tokens, start=1):
            if (length > 1 and token.before) or is_spoken(token.word, self.words):
                return
            part = self._part(token)
            said = _both(said, part) if said and part else part if length == 1 else None
            if said and said.level:
                yield length, said
            elif length > 1:
                return

    # -- building --

    def _add(self, each: Product) -> None:
        self.products[each.id] = each
        for name in (each.name, *each.aliases):
            self._call(name, each.id)
        self.groups_of[each.id] = tuple(self._group(g) for g in each.option_groups)

    def _group(self, group: OptionGroup) -> int:
        key = (group.id, tuple(value.id for value in group.values))
        if key in self._numbers:
            return self._numbers[key]
        number = self._numbers[key] = len(self.groups)
        self.groups.append(group)
        self.group_words.update(words_in(group.name))
        for place, value in enumerate(group.values):
            for name in (value.name, *value.aliases):
                self._call(name, (number, place))
                self._call_size(name, (number, place))
        return number

    def _call(self, name: str, what: str | Value) -> None:
        """Note that a product or a value has a name."""
        tables = {"name": self._names, "stump": self._stumps, "part": self._parts}
        if name not in self._called:
            self._called[name] = tuple(self._spelt_out(words_in(name)))
        for kind, key, level in self._called[name]:
            _note(tables[kind], key, what, level)

    def _spelt_out(self, said: tuple[str, ...]) -> Iterable[tuple[str, str, float]]:
        """Yield what finds a name: whether whole, without endings or a part of it."""
        self.longest = max(self.longest, min(len(said) + 1, _LONGEST))
        spelt = [self._forms(word) for word in said]
        for forms in islice(product(*spelt), _MOST_SPELLINGS * 4):
            level = EXACT if forms == said else INFLECTED
            # What is left of one word is no part of anything: "bea" of "beans".
            stump = len(said) == 1 and forms != said
            yield "stump" if stump else "name", "".join(forms), level
        for word in said if len(said) > 1 else ():
            if len(word) >= _SHORTEST_STEM and word.isalpha():
                for form in self._forms(word):
                    yield "part", form, PART

    def _call_size(self, name: str, value: Value) -> None:
        size = self.words.sizes.get(fold(name))
        if size is not None:
            old = self.sizes.get(size, Sense())
            self.sizes[size] = Sense(values=old.values | {value}, value_level=INFLECTED)

    def _close(self) -> None:
        self._senses = {key: found.sense() for key, found in self._names.items()}
        self._part_senses = {key: found.sense() for key, found in self._parts.items()}
        self._stump_senses = {key: found.sense() for key, found in self._stumps.items()}
        self._names, self._parts, self._stumps, self._called = {}, {}, {}, {}
        self._keys = sorted(self._senses)
        self._singles = sorted(
            w
            for w in {*self._senses, *self._stump_senses, *self._part_senses}
            if w.isalpha()
        )
        kinds = Counter(fold(each.category or "") for each in self.products.values())
        self._generic = frozenset(
            each.id
            for each in self.products.values()
            if kinds[fold(each.name)] > (fold(each.category or "") == fold(each.name))
        )

    def _forms(self, word: str) -> tuple[str, ...]:
        """Return a word of the catalog, and what is left of it without its ending."""
        stems = (stem for stem in self.words.stems(word)[1:] if len(stem) > 2)  # noqa: PLR2004  shorter ones are no words
        alike = self._spelt.get(word, ())
        return (*self._plain(word), *alike, *islice(stems, 3))

    def _plain(self, word: str) -> tuple[str, ...]:
        """Return a word, or the number or unit that it stands for."""
        number = self.words.numbers.get(word)
        if number is not None and len(word) > 2:  # noqa: PLR2004  "a" is no "1" here
            return word, f"{number:f}"
        unit = self.words.units.get(word)
        return (word, unit) if unit and unit not in (word, "piece") else (word,)

    # -- looking up --

    def _has(self, word: str) -> bool:
        tables = (self._senses, self._part_senses, self._stump_senses)
        return any(word in table for table in tables)

    def _opens(self, key: str) -> bool:
        """Return whether any name starts with these letters."""
        place = bisect_left(self._keys, key)
        return place < len(self._keys) and self._keys[place].startswith(key)

    def _spellings(self, word: str) -> tuple[str, ...]:
        read = self._read.get(word)
        if read is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            read = self._read[word] = self._read_word(word)
        return read

    def _read_word(self, word: str) -> tuple[str, ...]:
        """Return a word, and what it may be on this menu."""
        roots = (r for r in self.words.roots(word) if r != word and len(r) > 1)
        known = tuple(filter(self._has, roots))
        return (*self._plain(word), *known, *self._correction(word))

    def _best(self, senses: Sequence[Sense], tokens: Sequence[Token]) -> Sense:
        """Return what spellings mean, the surest; what is misspelt is less sure."""
        raw = self._senses.get("".join(token.word for token in tokens))
        if raw is not None:
            return raw
        best = max(senses, key=lambda sense: sense.level)
        slipped = any(self._correction(token.word) for token in tokens)
        weight = MISSPELT if slipped else INFLECTED
        return Sense(
            best.products,
            best.values,
            best.product_level * weight,
            best.value_level * weight,
        )

    def _size(self, tokens: Sequence[Token]) -> str:
        """Return the size that words say; one letter only when it stands alone."""
        alone = len(tokens) > 1 or len(tokens[0].word) > 1 or not tokens[0].glued
        told = " ".join(each.word for each in tokens)
        return self.words.sizes.get(told, "") if alone else ""

    def _part(self, token: Token) -> Sense | None:
        """Return what a word of a longer name means."""
        senses = (self._part_senses.get(w) for w in self._spellings(token.word))
        return next((sense for sense in senses if sense), None)

    def _is_light(self, token: Token) -> bool:
        """Return whether a word inside a name says nothing: "all [the] cheese"."""
        return token.word in joining_words() or token.word in self.words.fillers

    def _correction(self, word: str) -> tuple[str, ...]:
        corrected = self._corrected.get(word)
        if corrected is None:
            if len(self._corrected) >= _REMEMBERED:
                self._corrected.clear()
            corrected = self._corrected[word] = self._corrected_word(word) or ""
        return (corrected,) if corrected else ()

    def _corrected_word(self, word: str) -> str | None:
        """Return the catalog's word for a misspelt or shortened one, if it is one."""
        if len(word) < _ABBREVIATED or not word.isalpha() or self._knows(word):
            return None
        place = bisect_left(self._singles, word)
        longer = [
            w for w in islice(self._singles, place, place + 9) if w.startswith(word)
        ]
        if longer and self._alike(longer):
            return min(longer, key=len)
        slips = 2 if len(word) >= _TWO_SLIPS else int(len(word) >= _ONE_SLIP)
        near = [
            (slip, other)
            for other in self._singles
            if slips
            and abs(len(other) - len(word)) <= slips
            and (slip := OSA.distance(word, other, score_cutoff=slips)) <= slips
        ]
        closest = min((slip for slip, _ in near), default=0)
        best = [other for slip, other in near if slip == closest]
        return best[0] if best and self._alike(best) else None

    def _alike(self, words: Sequence[str]) -> bool:
        """Return whether words are forms of one."""
        shortest = min(words, key=len)
        return all(
            w.startswith(shortest[:-1]) and len(w) - len(shortest) <= _LONGEST_ENDING
            for w in words
        )

    def _knows(self, word: str) -> bool:
        roots = self.words.roots(word)
        own = any(map(self._has, roots))
        return own or is_spoken(word, self.words)


def is_known(index: Index) -> bool:
    """Return whether a shop's menu is at hand; else it takes a while to be built."""
    return index.plain in _MENUS


def menu_of(index: Index) -> Menu | None:
    """Return a shop's menu, None when its products take no options."""
    index = index.plain
    if index not in _MENUS:
        few = len(index.products) <= LARGEST
        goods = [p for p in index.products.values() if p.active] if few else []
        optional = any(each.option_groups for each in goods)
        _MENUS[index] = Menu(goods, words_for("")) if optional else None
    return _MENUS[index]


@lru_cache(maxsize=20_000)
def is_spoken(word: str, words: Words) -> bool:
    """Return whether a word is one of a language's own, whatever the shop sells."""
    tables = (words.numbers, words.units, words.packs, words.fractions, words.ordinals)
    counts = any(word in table for table in tables) or word in words.multipliers
    return counts or word in words.fillers or words.speaks(word)


_MENUS: WeakKeyDictionary[Index, Menu | None] = WeakKeyDictionary()


def _both(first: Sense, second: Sense) -> Sense:
    """Return what two parts of a name mean together, nothing when they differ."""
    products = first.products & second.products
    values = first.values & second.values
    return Sense(products, values, PART * bool(products), PART * bool(values))


def _note(
    table: dict[str, _Gathered], key: str, what: str | Value, level: float
) -> None:
    entry = table.setdefault(key, _Gathered())
    if isinstance(what, str):
        entry.products[what] = max(level, entry.products.get(what, 0.0))
    else:
        entry.values[what] = max(level, entry.values.get(what, 0.0))
