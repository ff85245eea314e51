"""Pieces as events: signs are bound to what they are said of.

"no" goes to the options after it, "extra" to the next one, "with" to what follows its
product, and a strange word that is counted is an item that nobody sells.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from itertools import islice, takewhile

from bot.reading.rules.ahead import (
    all_following,
    bare_text,
    coordinated,
    holds,
    is_one_item,
    joined,
    leads_to_head,
    leads_to_option,
    talks,
    with_head_of,
)
from bot.reading.rules.amounts import Amount, amount_at
from bot.reading.rules.events import Cue, Event, Heard, Kind, as_count
from bot.reading.rules.menu import PART, Menu, is_spoken
from bot.reading.rules.pieces import Piece
from bot.reading.rules.tokens import Break, tokenize
from bot.reading.rules.words import Words
from catalog.domain.folding import fold

#: "an extra", "one more"
_ANOTHER = Amount(Decimal(1), None, 1)
#: A strange item has no more words than these.
_LONGEST_ITEM = 4
#: Phrases that may follow a number that counts what stands before it.
_ENDING = ("connectors", "add", "want", "thanks", "but", "with", "negation")


class _State(StrEnum):
    FRESH = "fresh"  #: "no" was said, of nothing yet.
    USED = "used"  #: And of the option just before.
    OVER = "over"


def events_of(pieces: Sequence[Piece], menu: Menu, words: Words) -> Heard:
    """Return what pieces say."""
    reading = _Reading(menu, words)
    following = all_following(pieces)
    for place, piece in enumerate(pieces):
        reading.take(piece, pieces[place + 1 :], following[place])
    return reading.heard


class _Reading:
    def __init__(self, menu: Menu, words: Words) -> None:
        self.menu = menu
        self.words = words
        self.heard = Heard()
        self.negation = _State.OVER
        self.qualifier: Piece | None = None
        self.cue = Cue.NONE
        self.with_it = False
        self.listed = False
        self.last: Piece | None = None
        self.speaks = False  #: Talk was heard since the last comma or "and".

    def take(
        self, piece: Piece, rest: Sequence[Piece], following: Piece | None
    ) -> None:
        """Hear one more piece; `following` is the next that says something."""
        if piece.before is Break.COMMA:
            self.cue = max(self.cue, Cue.LIST)
        if piece.before is Break.COMMA or piece.means("connectors", "want"):
            self.speaks = False
        else:
            self.speaks = self.speaks or talks(piece)
        self._hear(piece, rest, following)
        self.last = piece

    def _hear(
        self, piece: Piece, rest: Sequence[Piece], following: Piece | None
    ) -> None:
        if self._qualifies(piece, following):
            self._qualify(piece, rest)
        elif self._is_named(piece, rest):
            self._name(with_head_of(piece, rest, self.menu), following)
        elif piece.amount is not None:
            self._count(piece, rest)
        elif piece.keys:
            self._say(piece, rest, following)
        elif piece.is_unknown:
            self._wonder(piece, rest)
        elif self.negation is _State.USED:
            self.negation = _State.OVER if piece.means("pointers") else self.negation

    # -- what a piece is --

    def _qualifies(self, piece: Piece, following: Piece | None) -> bool:
        if not piece.means("qualifiers", "more") or following is None:
            return False
        if piece.sense.level > PART and not following.sense.values:
            return False
        last = self.heard.events[-1] if self.heard.events else None
        told = last is not None and (self.with_it or self._touches(last))
        return bool(following.sense.values) or (told and following.is_unknown)

    def _is_named(self, piece: Piece, rest: Sequence[Piece]) -> bool:
        """Return whether a piece is of the menu: more than a stray part of a name."""
        if piece.sense.level > PART or not piece.is_named:
            return piece.is_named
        spoken = bool(piece.keys) or piece.filler or piece.amount is not None
        words = self.words
        alone = len(piece.tokens) == 1
        if spoken or (alone and is_spoken(piece.tokens[0].word, words)):
            return False
        if self._names_group(piece):
            return False
        return coordinated(rest) is not None or not self._is_absorbed(piece)

    def _is_absorbed(self, piece: Piece) -> bool:
        """Return whether a part of a name only describes: "cheddar [cheese]"."""
        if not piece.sense.values or len(piece.tokens) > 1 or self.cue:
            return False
        word, before = piece.tokens[0].word, self._option_before()
        if before is None or self.qualifier or self.with_it:
            return word in self.words.colours
        names = (fold(self.menu.value(value).name) for value in piece.sense.values)
        stems = self.words.stems(word)
        return all(name.split()[-1:] and name.split()[-1] in stems for name in names)

    def _option_before(self) -> Event | None:
        """Return the option that was said right before, without anything between."""
        last = self.heard.events[-1] if self.heard.events else None
        if last is None or last.kind is not Kind.OPTION:
            return None
        return last if self._touches(last) else None

    def _touches(self, event: Event) -> bool:
        """Return whether nothing was said since an event."""
        last = self.last
        return last is not None and event.piece.tokens[-1] is last.tokens[-1]

    def _is_head(self, piece: Piece, following: Piece | None) -> bool:
        sense = piece.sense
        if sense.product_level != sense.value_level:
            return sense.product_level > sense.value_level
        before_head = following is not None and bool(following.sense.products)
        counted = self.last is not None and self.last.amount is not None
        return not (before_head or (self.listed and not counted))

    # -- hearing --

    def _qualify(self, piece: Piece, rest: Sequence[Piece]) -> None:
        if self.negation is _State.USED:
            self.negation = _State.OVER
        number = piece.tokens[0].word in self.words.numbers
        if number and piece.means("more") and len(piece.tokens) > 1:
            self._add(Kind.NUMBER, replace(piece, amount=_ANOTHER), extra=True)
            if leads_to_head(rest):
                self.qualifier = piece
        elif self.heard.events and self.heard.events[-1].kind is Kind.NUMBER:
            self.heard.events[-1].extra = True
            self.qualifier = piece
        else:
            self.qualifier = piece

    def _name(self, piece: Piece, following: Piece | None) -> None:
        if self._is_head(piece, following):
            negated = self.negation is _State.FRESH
            self._add(Kind.HEAD, self._with_its_words(piece), negated=negated)
            self.negation, self.listed = _State.OVER, False
            return
        if self.negation is _State.USED and not self._goes_on(piece):
            self.negation = _State.OVER
        self._add_option(piece)

    def _with_its_words(self, piece: Piece) -> Piece:
        """Return a part of a name with the strange words before: "iced tea"."""
        last = self.heard.events[-1] if self.heard.events else None
        if piece.sense.level > PART or self.last is None:
            return piece
        if self.heard.stray and self.heard.stray[-1] is self.last:
            stray = self.heard.stray.pop()
            return replace(piece, tokens=(*stray.tokens, *piece.tokens))
        if last is None or last.sense.level or last.amount is not None:
            return piece
        if not self._touches(last) or self.cue or self.with_it:
            return piece
        self.heard.events.pop()
        self.cue, self.with_it = last.cue, last.with_it
        return replace(piece, tokens=(*last.piece.tokens, *piece.tokens))

    def _goes_on(self, piece: Piece) -> bool:
        """Return whether a "no" is also said of one more option: "no ham or olives"."""
        before = self.heard.events[-1].sense.values
        groups = {group for group, _ in before}
        same = any(group in groups for group, _ in piece.sense.values)
        return same and self.qualifier is None

    def _add_option(self, piece: Piece) -> None:
        negated = piece.ending > 0 or self.negation in (_State.FRESH, _State.USED)
        qualifier = self.qualifier.text if self.qualifier else None
        self._add(Kind.OPTION, piece, negated=negated, qualifier=qualifier)
        self.heard.events[-1].count = self._count_in(piece)
        if self.negation is _State.FRESH:
            self.negation = _State.USED

    def _count_in(self, piece: Piece) -> int | None:
        """Return the number in a name of an option: "two shots"; not of "2 litres"."""
        amount = amount_at(piece.tokens, 0, self.words)
        if amount is None or amount.length == len(piece.tokens):
            return None
        own = (self.menu.value(value).name for value in piece.sense.values)
        said = tokenize(" ".join(own))
        numbers = any(
            t.number is not None or t.word in self.words.numbers for t in said
        )
        whole = amount.quantity == int(amount.quantity) and not numbers
        return as_count(amount.quantity) if whole else None

    def _count(self, piece: Piece, rest: Sequence[Piece]) -> None:
        if rest and self._names_group(rest[0]):
            self._count_group(piece, rest)  # "with two shots"
            return  # "a two topping pizza"
        if self.negation is _State.FRESH and piece.amount and not piece.amount.said:
            return  # "without a thin crust"
        if rest and (rest[0].idle or (rest[0].is_talk and not piece.amount_said)):
            return  # "do me a favor", "10 minutes"
        if rest and rest[0].means("serves"):
            self._serve(piece, rest[0])
            return
        self.negation = _State.OVER
        ends = not rest or bool(rest[0].before) or rest[0].means(*_ENDING)
        ends = ends or (rest[0].filler and not rest[0].speaks)
        self._add(Kind.NUMBER, piece, ends=ends)

    def _count_group(self, piece: Piece, rest: Sequence[Piece]) -> None:
        """Hear so many of a group that is called as one of its values: "two shots"."""
        named = rest[0].sense.values and not rest[0].sense.products
        followed = len(rest) > 1 and not rest[1].before and rest[1].is_named
        amount = piece.amount
        if not self.with_it or not named or followed or amount is None:
            return
        self._add_option(rest[0])
        self.heard.events[-1].count = as_count(amount.quantity)

    def _serve(self, piece: Piece, people: Piece) -> None:
        """Keep for how many people it is, as a wish: it counts no product."""
        if any(event.kind is Kind.HEAD for event in self.heard.events):
            self._add(Kind.OPTION, joined(piece, people))

    def _names_group(self, piece: Piece) -> bool:
        words = self.words.stems(piece.tokens[0].word)
        unnamed = piece.sense.level <= PART
        return unnamed and not self.menu.group_words.isdisjoint(words)

    def _say(
        self, piece: Piece, rest: Sequence[Piece], following: Piece | None
    ) -> None:
        named = following is not None and following.is_named
        if piece.means("negation_after") and self._may_take_back(piece, named=named):
            self._take_back()
        elif piece.means("negation", "remove") or holds(piece, rest):
            self.negation = _State.FRESH
        elif piece.means("more") and not piece.means("qualifiers"):
            self._add(Kind.NUMBER, replace(piece, amount=_ANOTHER))
        elif piece.means("manner"):
            self._add_option(piece)
        elif piece.means("with"):
            self.with_it = self.listed = True
            self.negation = _State.OVER
        elif piece.means("but"):
            self._limit(rest)
        elif piece.means("connectors", "add"):
            self.cue = max(self.cue, Cue.AND)
        elif not piece.filler or self.negation is _State.USED:
            self._turn(piece)

    def _turn(self, piece: Piece) -> None:
        """Hear "I want", "please", "make it": something else may follow."""
        if self.negation is _State.USED:
            self.negation = _State.OVER
        if piece.means("want"):
            self.cue = Cue.WISH

    def _limit(self, rest: Sequence[Piece]) -> None:
        """Hear a "but": what follows "everything but" is not wanted."""
        names = bool(rest) and bool(rest[0].sense.values) and not rest[0].keys
        before = self._option_before()
        excepts = names and before is not None and not before.negated
        self.negation = _State.FRESH if excepts else _State.OVER
        self.cue = max(self.cue, Cue.LIST)

    def _may_take_back(self, piece: Piece, *, named: bool) -> bool:
        """Return whether "free" is said of what was before it: "sugar free tea"."""
        touches = self._option_before() is not None
        return not named or (touches and not piece.means("but"))

    def _take_back(self) -> None:
        """Hear a "no" after its words: "soğan olmasın"."""
        for event in reversed(self.heard.events):
            if event.kind is not Kind.OPTION or event.negated:
                return
            event.negated = True
            if event.cue is Cue.NONE:
                return

    def _wonder(self, piece: Piece, rest: Sequence[Piece]) -> None:
        governed = self.with_it or self.qualifier or self.negation is _State.FRESH
        if governed and not self._names_group(piece):
            self._add_option(piece)
        elif not self._names_group(piece):
            self._name_strange(piece, rest)

    def _name_strange(self, piece: Piece, rest: Sequence[Piece]) -> None:
        """Hear a word that nobody sells: an item when it is counted, else stray."""
        last = self.heard.events[-1] if self.heard.events else None
        if last is not None and last.is_strange and self._touches(last):
            last.piece = joined(last.piece, piece)
            last.text = last.piece.text
        elif last is not None and self._is_counted(last):
            self._add(Kind.HEAD, piece)
        elif self._is_listed(piece, rest):
            goes_on = last is not None and last.kind is Kind.OPTION and last.listed
            option = goes_on and leads_to_option(rest)
            self._add(Kind.OPTION if option else Kind.HEAD, piece)
        else:
            self.heard.stray.append(piece)

    def _is_listed(self, piece: Piece, rest: Sequence[Piece]) -> bool:
        """Return whether a strange word stands where an item of an order stands.

        After a comma or an "and", with no talk around it; a capital word after a last
        comma signs the order.
        """
        last = self.heard.events[-1] if self.heard.events else None
        counted = last is not None and last.kind is Kind.NUMBER and self._touches(last)
        cue = max(self.cue, last.cue) if counted and last else self.cue
        if cue < Cue.LIST or self.speaks or not self._names_before():
            return False
        ahead = [*takewhile(is_one_item, islice(rest, _LONGEST_ITEM))]
        after = rest[len(ahead)] if len(ahead) < len(rest) else None
        words = len(ahead) + len(piece.tokens)
        said = [each for each in (piece, *ahead) if each.is_unknown]
        signs = cue is Cue.LIST and not counted and after is None
        if signs and len(said) == 1 and piece.text.istitle():
            return False
        about = after is not None and not after.before and talks(after)
        return words <= _LONGEST_ITEM and not about and piece.text.isalpha()

    def _names_before(self) -> bool:
        """Return whether something of the menu was named before."""
        return any(event.sense.level for event in self.heard.events)

    def _is_counted(self, last: Event) -> bool:
        """Return whether a number was just said, perhaps with options: "one large"."""
        if not self._touches(last):
            return False
        described = False
        for event in reversed(self.heard.events):
            if event.kind is not Kind.OPTION or event.listed:
                said = described or (event.amount is not None and event.amount.said)
                return event.kind is Kind.NUMBER and said
            described = True
        return False

    def _add(
        self,
        kind: Kind,
        piece: Piece,
        *,
        negated: bool = False,
        qualifier: str | None = None,
        extra: bool = False,
        ends: bool = False,
    ) -> None:
        amount = piece.amount if kind is Kind.NUMBER else None
        last = self.heard.events[-1] if self.heard.events else None
        self.heard.events.append(
            Event(
                kind,
                piece,
                piece.sense,
                self.cue,
                self.with_it,
                self.listed,
                negated,
                qualifier,
                amount,
                extra=extra,
                text=bare_text(piece),
                ends=ends,
                touches=last is not None and self._touches(last),
            )
        )
        self.cue, self.with_it, self.qualifier = Cue.NONE, False, None
