"""What words are about (weight, gluten, pictures ...), and the facts that say it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from bot.reading.rules.words import Words, words_for, words_of
from catalog import Product
from catalog.domain.facts import Fact, facts_of
from catalog.language import languages, load_language

#: What is answered by other means than by quoting a fact.
BY_CODE = frozenset({"picture", "restock", "cheaper"})
#: Subjects that say little alone: what else is said must be in the fact, too.
_GENERIC = frozenset({"contents", "allergens"})
#: Numbers about the product as a whole: "weight limit" is another thing.
_EXACT = frozenset({"weight", "dimensions", "power", "age"})
#: Says nothing alone: "free" of "gluten free".
_MODIFIERS = frozenset({"lacks"})
#: So alike (0 to 100) two words are one: a slip in a long word. The questions of the
#: tests are answered alike from 70 up; a wrong quote costs more than a question.
_ALIKE = 90
_LONG = 4
#: So many facts answer one question.
_QUOTED = 3
#: Subjects of the fields of a product.
_FIELDS: Mapping[str, frozenset[str]] = {
    "weight": frozenset({"weight"}),
    "dimensions": frozenset({"dimensions", "forms"}),
    "brand": frozenset({"brand"}),
    "material": frozenset({"material"}),
    "colour": frozenset({"forms"}),
}


@dataclass(frozen=True, slots=True)
class About:
    """What words are about: the subjects, and the words that belong to none."""

    subjects: frozenset[str]
    rest: tuple[str, ...] = ()

    @property
    def asked(self) -> frozenset[str]:
        """The subjects that a fact can answer."""
        return self.subjects - BY_CODE - _MODIFIERS


def spans_in(
    said: Sequence[str], words: Words, codes: tuple[str, ...]
) -> list[tuple[int, int, str]]:
    """Return where subjects are named: from, to, and which; the longest first."""
    table, longest = _table(codes)
    found: list[tuple[int, int, str]] = []
    place = 0
    while place < len(said):
        for length in range(min(longest, len(said) - place), 0, -1):
            subject = _subject(said[place : place + length], words, table)
            if subject is not None:
                found.append((place, place + length, subject))
                place += length
                break
        else:
            place += 1
    return found


def facts_about(product: Product, about: About) -> tuple[Fact, ...]:
    """Return the facts of a product that answer a question, the best first.

    None when no fact surely does: a wrong quote is worse than a colleague's answer.
    """
    specific = about.asked - _GENERIC
    spare = 0 if specific & _EXACT else 1
    ranked: list[tuple[tuple[int, int, int], Fact]] = []
    for place, fact in enumerate(facts_of(product)):
        label, text = _told(fact.label), _told(fact.text)
        own = label.subjects | text.subjects
        field = _FIELDS.get(fact.kind, frozenset())
        own |= field
        missed = [word for word in about.rest if not _has(word, (label, text))]
        named = any(len(word) >= _LONG for word in about.rest) and not missed
        if specific:
            fits = specific <= own and len(missed) <= spare
            fits = fits or (named and specific == {"material"})
        elif about.rest:
            fits = named
        else:
            fits = bool(about.asked) and about.asked <= own
        if fits:
            titled = specific <= label.subjects | field
            ranked.append(((not titled, len(missed), place), fact))
    if not ranked and about.asked == {"contents"} and not about.rest:
        return tuple(f for f in facts_of(product) if f.kind == "sentence")[:_QUOTED]
    return tuple(fact for _, fact in sorted(ranked, key=lambda each: each[0])[:_QUOTED])


@dataclass(frozen=True, slots=True)
class _Told:
    subjects: frozenset[str]
    stems: frozenset[str]


def _told(text: str) -> _Told:
    """Return what a text of the catalog is about, in whatever language it is."""
    said = words_of(text)
    words = words_for("")
    subjects = {
        subject
        for code in languages()
        for _, _, subject in spans_in(said, words, (code,))
    }
    stems = {stem for word in said for stem in words.stems(word)}
    return _Told(frozenset(subjects), frozenset(stems))


def _has(word: str, told: Iterable[_Told]) -> bool:
    stems = words_for("").stems(word)
    for each in told:
        if not each.stems.isdisjoint(stems):
            return True
        if len(word) >= _LONG and any(
            len(own) >= _LONG and fuzz.ratio(word, own) >= _ALIKE for own in each.stems
        ):
            return True
    return False


def _subject(
    said: Sequence[str], words: Words, table: Mapping[tuple[str, ...], str]
) -> str | None:
    found = table.get(tuple(said))
    if found is not None or len(said) > 1:
        return found
    (word,) = said
    forms = (*words.stems(word), *sorted(words.roots(word)))
    known = (table.get((form,)) for form in forms if len(form) >= _LONG)
    return next((subject for subject in known if subject), None)


@cache
def _table(codes: tuple[str, ...]) -> tuple[Mapping[tuple[str, ...], str], int]:
    """Return the subjects by their words; the earlier language wins."""
    found: dict[tuple[str, ...], str] = {}
    for code in codes:
        for text, subject in load_language(code).subjects.items():
            if words := words_of(text):
                found.setdefault(words, subject)
    return found, max(map(len, found), default=0)
