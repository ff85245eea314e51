"""What customers call things, learnt from what they turned out to mean by it.

An alias belongs to one customer, or to the whole shop. It is learnt from an agent's
correction, from a confirmed order, or because an agent said so; it fades with time, and
a newer lesson about the same words outweighs an older one. One customer never teaches
the bot what others mean: the shop learns only what several of them agree on.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from catalog.domain.folding import tokens

#: The owner of what holds for every customer.
SHOP: Final = ""
#: Words and keys are no longer than this: nobody calls a thing by a speech.
LONGEST: Final = 120
#: Fillers no longer than this stay at the beginning, and at the end.
_SHORT_BEFORE, _SHORT_AFTER = 1, 2
#: What is learnt counts half after so long.
HALF_LIFE: Final = timedelta(days=180)
#: The most that repeated lessons come to: a new habit takes few orders to win.
_MOST = 8.0
#: So many customers must mean the same by some words, ...
_AGREEING = 3
#: ... and so large a share of all who use them, before the shop learns them.
_SHARE = 0.75
#: An alias this faded counts for nothing.
FADED: Final = 0.25


class Lesson(StrEnum):
    """How something was learnt."""

    ORDER = "order"  #: The customer confirmed an order with it.
    CORRECTION = "correction"  #: An agent put it in the place of something else.
    TOLD = "told"  #: An agent said so; it never fades.
    CUSTOMERS = "customers"  #: Several customers mean the same by it.


#: What one lesson weighs, and what is left of what was learnt otherwise before.
_GAIN = {Lesson.ORDER: 1.0, Lesson.CORRECTION: 5.0, Lesson.TOLD: _MOST}
_KEPT_OF_OTHERS = {Lesson.ORDER: 0.5, Lesson.CORRECTION: 0.0, Lesson.TOLD: 0.0}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What some words mean: a product, perhaps one of its variants."""

    product_id: str
    variant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """Words, and what their owner means by them."""

    owner: str  #: Whose words: a contact's id, or `SHOP`.
    key: str  #: By which the words are found: see `key_of`.
    words: str  #: As they were said last; without fillers when customers agree on it.
    meaning: Meaning
    lesson: Lesson  #: The last one.
    times: int  #: How many lessons.
    weight: float  #: When it was learnt last.
    learnt_at: datetime
    forgotten: bool = False  #: By an agent: only an agent brings it back.

    def strength(self, now: datetime) -> float:
        """Return what it counts for by now."""
        if self.forgotten:
            return 0.0
        if self.lesson is Lesson.TOLD:
            return self.weight
        age = max(now - self.learnt_at, timedelta(0))
        return float(self.weight * 0.5 ** (age / HALF_LIFE))


@dataclass(frozen=True, slots=True)
class Heard:
    """Words, whose they are, and what turned out to be meant by them."""

    owner: str  #: A contact's id, or `SHOP`.
    words: str
    meaning: Meaning
    lesson: Lesson
    actor: str | None = None  #: The agent who says so.


def key_of(words: str, fillers: Collection[str]) -> str:
    """Return by what words are found: "the 40 mm ones", "40mm ones" are the same.

    Empty when there is nothing to find them by, or when they are too long.
    """
    key = "".join(_telling(words, fillers))
    return key if len(key) <= LONGEST else ""


def plain(words: str, fillers: Collection[str]) -> str:
    """Return words as nobody in particular says them: what their key is made of."""
    return " ".join(_telling(words, fillers))


def _telling(words: str, fillers: Collection[str]) -> Sequence[str]:
    """Return the words between the fillers around them.

    What stands inside belongs to them: "no sugar cola" is not "sugar cola". Short words
    often are two things: "vitamin d", and the "su" that ends "cold water" in Turkish.
    """
    said = tokens(words)
    first, last = 0, len(said)
    while first < last and _is_filler(said[first], fillers, _SHORT_BEFORE):
        first += 1
    while last > first and _is_filler(said[last - 1], fillers, _SHORT_AFTER):
        last -= 1
    return said[first:last] or said


def _is_filler(word: str, fillers: Collection[str], short: int) -> bool:
    return len(word) > short and word in fillers and not word.isdecimal()


def taught(
    known: Iterable[Learnt], said: Learnt, lesson: Lesson, now: datetime
) -> tuple[Learnt, ...]:
    """Return the aliases that a lesson changes or adds.

    `known` are all of the owner's under the key; `said` tells words and meaning, its
    weight and times are 0. What an agent made the bot forget is not learnt from orders
    again.
    """
    changed = []
    mine = said
    for alias in known:
        if alias.meaning == said.meaning:
            mine = alias
        elif kept := alias.strength(now) * _KEPT_OF_OTHERS[lesson]:
            if alias.lesson is Lesson.TOLD and lesson is Lesson.ORDER:
                continue  # What an agent said is not worn down by what is bought.
            changed.append(replace(alias, weight=kept, learnt_at=now))
        elif not alias.forgotten and alias.weight:
            changed.append(replace(alias, weight=0.0, learnt_at=now))
    if mine.forgotten and lesson is Lesson.ORDER:
        return ()
    is_told = mine.lesson is Lesson.TOLD and mine.times > 0 and not mine.forgotten
    learnt = replace(
        mine,
        words=said.words,
        lesson=Lesson.TOLD if is_told else lesson,
        times=mine.times + 1,
        weight=min(mine.strength(now) + _GAIN[lesson], _MOST),
        learnt_at=now,
        forgotten=False,
    )
    return (learnt, *changed)


def agreed(
    aliases: Sequence[Learnt], now: datetime, fillers: Collection[str] = ()
) -> Learnt | None:
    """Return what the shop learns from its customers' aliases under one key, if any.

    Several customers must have ordered it, and nearly all who use the words. The shop
    does not keep how one of them wrote it.
    """
    means: dict[str, tuple[float, Learnt]] = {}
    for alias in aliases:
        strength = alias.strength(now)
        before = means.get(alias.owner, (FADED, alias))[0]
        if alias.owner != SHOP and strength > before:
            means[alias.owner] = (strength, alias)
    counted: dict[Meaning, list[Learnt]] = {}
    for _, alias in means.values():
        counted.setdefault(alias.meaning, []).append(alias)
    most = max(counted.values(), key=len, default=[])
    if len(most) < max(_AGREEING, _SHARE * len(means)):
        return None
    newest = max(most, key=lambda alias: alias.learnt_at)
    return replace(
        newest,
        owner=SHOP,
        words=plain(newest.words, fillers),
        lesson=Lesson.CUSTOMERS,
        times=len(most),
        weight=min(float(len(most)), _MOST),
        learnt_at=now,
    )
