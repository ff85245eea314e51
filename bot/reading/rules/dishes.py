"""Dishes: which number and which options belong to which product of a sentence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate, pairwise

from bot.reading.rules.amounts import Amount
from bot.reading.rules.events import Cue, Event, Kind, as_count
from bot.reading.rules.heads import without_idle_heads
from bot.reading.rules.menu import Menu
from bot.reading.rules.taking import Value

_ONE = Decimal(1)
#: What speaks against giving an option to a product, in the order of its weight.
_IMPOSSIBLE, _WITH_INSIDE, _TWICE, _NO_CUE, _FAR, _LATE = 10.0, 4.0, 3.0, 1.5, 0.6, 0.3


@dataclass(slots=True, eq=False)
class Dish:
    """A product with its number and options; `head` None: its words are left out."""

    head: Event | None
    number: Event | None = None
    products: frozenset[str] = frozenset()
    before: list[Event] = field(default_factory=list)  #: Options said before it.
    after: list[Event] = field(default_factory=list)
    quantity: Decimal | None = None
    stands_for: Event | None = None  #: The strange head that its words leave out.

    @property
    def amount(self) -> Amount | None:
        return self.number.amount if self.number else None

    @property
    def options(self) -> list[Event]:
        return [*self.before, *self.after]

    @property
    def events(self) -> Iterator[Event]:
        yield from filter(None, (self.number, self.head))
        yield from self.options


def dishes_of(events: Sequence[Event], menu: Menu) -> tuple[Dish, ...]:
    """Return the dishes of a sentence, in order."""
    said = without_idle_heads(list(events), menu)
    return tuple(_Table(said, menu).dishes())


class _Table:
    """The dishes of a sentence while they are being laid."""

    def __init__(self, events: list[Event], menu: Menu) -> None:
        self.events = events
        self.menu = menu
        self.owned: dict[int, int] = {}  #: The place of a head, and of its number.

    def dishes(self) -> Iterable[Dish]:
        self._own_numbers()
        anchors = self._anchors()
        self._hand_out(anchors)
        self._name_left_out([dish for _, _, dish in anchors])
        for dish in self._shared([dish for _, _, dish in anchors]):
            strange = dish.head or dish.stands_for
            if dish.products or (strange and strange.is_strange):
                yield dish

    def _own_numbers(self) -> None:
        """Give each product the number before it; after it where all stand there."""
        kinds = [event.kind for event in self.events if event.kind is not Kind.OPTION]
        counts_last = not any(
            first.kind is Kind.NUMBER and second.kind is Kind.OPTION
            for first, second in pairwise(self.events)
        )
        numbers = self._places(Kind.NUMBER)
        counts_last = counts_last and all(self.events[at].touches for at in numbers)
        counts_last = counts_last and all(map(self._may_be_late, numbers[-1:]))
        if counts_last and kinds == [Kind.HEAD, Kind.NUMBER] * (len(kinds) // 2):
            heads = self._places(Kind.HEAD)
            self.owned = dict(zip(heads, numbers, strict=True))
            return
        number: int | None = None
        head: int | None = None
        for place, event in enumerate((*self.events, None)):
            if event is None or event.kind is Kind.NUMBER:
                late = number is not None and number == place - 1
                late = late and number is not None and self._may_be_late(number)
                if late and number is not None and head is not None:
                    self.owned.setdefault(head, number)  # "latte x2, 3 teas"
                number = None if self._follows_its_head(place) else place
            elif event.kind is Kind.HEAD:
                if number is not None:
                    self.owned[place] = number
                number, head = None, place
            elif event.with_it and number is not None:
                number = None  # "one with ham and a coke"

    def _may_be_late(self, place: int) -> bool:
        """Return whether a number counts what stands right before it: not "for 4"."""
        event = self.events[place]
        return event.touches and (event.ends or event.piece.means("times"))

    def _follows_its_head(self, place: int) -> bool:
        """Take a number right after its product: "flat pie x2 with feta"."""
        before = self.events[place - 1] if place else None
        counts = before is not None and before.kind is Kind.HEAD
        if place >= len(self.events) or not counts or place - 1 in self.owned:
            return False
        rest = self.events[place + 1 :]
        if self.events[place].cue or (rest and not rest[0].with_it):
            return False
        self.owned[place - 1] = place
        return True

    def _places(self, kind: Kind) -> list[int]:
        return [at for at, event in enumerate(self.events) if event.kind is kind]

    def _anchors(self) -> list[tuple[int, int, Dish]]:
        """Return where each dish starts, where its head stands, and the dish."""
        found: list[tuple[int, int, Dish]] = []
        numbers = set(self.owned.values())
        for place, event in enumerate(self.events):
            if event.kind is Kind.HEAD:
                number = self.owned.get(place)
                start = place if number is None else min(number, place)
                counted = None if number is None else self.events[number]
                dish = Dish(event, counted, event.sense.products)
                found.append((start, place, dish))
            elif event.kind is Kind.NUMBER and place not in numbers:
                if self._counts_option(place, found):
                    continue
                if self._leaves_out(place, found):
                    found.append((place, place, Dish(None, event)))
        for _, _, dish in found:
            dish.quantity = dish.amount.quantity if dish.amount else None
        return found

    def _options_after(self, place: int) -> list[Event]:
        """Return the options after a number, up to what begins something else."""
        found = []
        for event in self.events[place + 1 :]:
            if event.kind is not Kind.OPTION:
                break
            found.append(event)
        return found

    def _counts_option(
        self, place: int, found: Sequence[tuple[int, int, Dish]]
    ) -> bool:
        """Take a number for that of an option: "with two shots", "a thin crust"."""
        number, options = self.events[place], self._options_after(place)
        if not found or not options or number.amount is None:
            return False
        first, before = options[0], found[-1][2]
        if first.with_it or first.negated:
            return False
        with_it = number.with_it and number.amount.said
        if with_it or self._counts_first(place, options, before):
            first.count = as_count(number.amount.quantity)
            return True
        if any(self._is_single(event) for event in options):
            filled = self._filled(self._said_since(found[-1][0], place))
            again = any(self._groups(event) & filled for event in options)
            return not number.amount.said and not again
        one = (before.quantity or _ONE) == _ONE
        listed = number.with_it or (number.listed and one)
        counts = number.extra or listed or (one and not number.cue and before.head)
        if counts:
            first.count = as_count(number.amount.quantity)
        return bool(counts)

    def _counts_first(self, place: int, options: Sequence[Event], dish: Dish) -> bool:
        """Return whether a number right after one product counts an option of it.

        "a latte two espresso shots large": the size is the latte's.
        """
        number = self.events[place]
        one = (dish.quantity or _ONE) == _ONE and dish.head is not None
        several = number.amount is not None and number.amount.quantity > _ONE
        after_head = place > 0 and self.events[place - 1].kind is Kind.HEAD
        if not (one and several and after_head) or self._is_single(options[0]):
            return False
        return not number.cue and number.touches

    def _leaves_out(self, place: int, found: Sequence[tuple[int, int, Dish]]) -> bool:
        """Return whether a product is meant that is not said: "and one with ham"."""
        options = self._options_after(place)
        said = [event for event in options if event.sense.values]
        amount = self.events[place].amount
        if not said or amount is None or amount.unit is not None:
            return False
        return amount.said or bool(found) or any(map(self._is_single, said))

    def _hand_out(self, anchors: Sequence[tuple[int, int, Dish]]) -> None:
        """Give every option to a dish."""
        if not anchors:
            return
        _, head, first = anchors[0]
        first.before += self._options(0, head)
        for (_, end, dish), (following, place, other) in pairwise(anchors):
            between = self._options(end + 1, following)
            if other.number is None:
                cut = self._cut(dish, between, other)
                dish.after += between[:cut]
                other.before += between[cut:]
            else:
                dish.after += between
            other.before += self._options(following + 1, place)
        anchors[-1][2].after += self._options(anchors[-1][1] + 1, len(self.events))

    def _options(self, start: int, end: int) -> list[Event]:
        return [e for e in self.events[start:end] if e.kind is Kind.OPTION]

    def _said_since(self, start: int, end: int) -> list[Event]:
        return self._options(start, end)

    def _cut(self, dish: Dish, between: Sequence[Event], other: Dish) -> int:
        """Return how many of the options between two products are the first one's."""
        mine = list(accumulate(self._costs_of_first(dish, between), initial=0.0))
        costs = (self._cost_of_second(other, each) for each in reversed(between))
        rest = [*accumulate(costs, initial=0.0)][::-1]
        wishes = [_FAR * (event.cue >= Cue.WISH) for event in between]
        late = [*accumulate(reversed(wishes), initial=0.0)][::-1]
        totals = [
            mine[cut] + rest[cut] + self._cost_of_joint(between, cut, other, late)
            for cut in range(len(between) + 1)
        ]
        return totals.index(min(totals))

    def _costs_of_first(self, dish: Dish, options: Sequence[Event]) -> Iterator[float]:
        """Yield what speaks against each option being the first product's."""
        filled = self._filled(dish.options)
        for event in options:
            only = self._groups(event)
            twice = not only.isdisjoint(filled)
            filled |= only
            cost = _IMPOSSIBLE * (not self._can(dish, event))
            yield cost + _TWICE * twice + _LATE * (not event.listed)

    def _cost_of_second(self, dish: Dish, event: Event) -> float:
        cost = _IMPOSSIBLE * (not self._can(dish, event))
        cost += _WITH_INSIDE * (event.with_it or event.negated)
        return cost + _FAR * (not self._is_single(event))

    def _cost_of_joint(
        self, between: Sequence[Event], cut: int, other: Dish, late: Sequence[float]
    ) -> float:
        """Return what speaks against the second product's words starting there."""
        opening = between[cut] if cut < len(between) else other.head
        cue = opening.cue if opening else Cue.NONE
        after = late[cut + 1] if cut < len(between) else 0.0
        return after + _NO_CUE * (cue is Cue.NONE) - _LATE * (cue is Cue.WISH)

    def _can(self, dish: Dish, option: Event) -> bool:
        values = option.sense.values
        return not values or not dish.products.isdisjoint(
            self.menu.takers.of(values).products
        )

    def _is_single(self, event: Event) -> bool:
        return self.menu.takers.of(event.sense.values).is_single

    def _groups(self, event: Event) -> frozenset[int]:
        """Return the groups of which an event would be the one value."""
        return self.menu.takers.of(event.sense.values).only

    def _filled(self, options: Sequence[Event]) -> set[int]:
        return set().union(*map(self._groups, options)) if options else set()

    # -- products that are not said --

    def _name_left_out(self, dishes: Sequence[Dish]) -> None:
        for place, dish in enumerate(dishes):
            if dish.head is not None:
                continue
            before = dishes[place - 1] if place else None
            strange = before and (before.head or before.stands_for)
            if strange and strange.is_strange:
                dish.stands_for = strange
                continue
            earlier = [d for d in reversed(dishes[:place]) if d.products]
            later = [d for d in dishes[place + 1 :] if d.head is not None]
            for other in (*earlier, *later[:1]):
                if all(self._can(other, event) for event in dish.options):
                    dish.products = other.products
                    break
            else:
                dish.products = self._only_possible(dish)

    def _only_possible(self, dish: Dish) -> frozenset[str]:
        """Return the one product that can be had that way, if there is but one."""
        said = [event.sense.values for event in dish.options if event.sense.values]
        possible = frozenset(self.menu.products) if not said else None
        for values in said:
            takers = self.menu.takers.of(values).products
            possible = takers if possible is None else possible & takers
        return possible if possible and len(possible) == 1 else frozenset()

    # -- shares --

    def _shared(self, dishes: Sequence[Dish]) -> Iterable[Dish]:
        """Take what is said of some of a dish out of it: "two pizzas, one with ham"."""
        bare: dict[int, bool] = {}  # Whether a whole has no options of its own.
        for place, dish in enumerate(dishes):
            if dish.head is not None:
                bare[place] = not dish.after
                continue
            at = self._whole(dish, dishes[:place])
            if at is None:
                continue
            whole, left = dishes[at], dishes[at].quantity or _ONE
            part = dish.quantity or _ONE
            shares = (bare[at] or left > 1) and part <= left
            if shares and self._is_share(dish, bare=bare[at]):
                whole.quantity, bare[at] = left - part, True
                self._inherit(dish, whole)
        return [d for d in dishes if d.quantity is None or d.quantity > 0]

    def _whole(self, dish: Dish, earlier: Sequence[Dish]) -> int | None:
        """Return the place of the dish that another is some of."""
        for place in range(len(earlier) - 1, -1, -1):
            whole = earlier[place]
            same = whole.products == dish.products
            same = same and (bool(dish.products) or whole.head is dish.stands_for)
            if whole.head is not None and same:
                return place if whole.quantity and whole.quantity > 0 else None
        return None

    def _is_share(self, dish: Dish, *, bare: bool) -> bool:
        number = dish.number
        if number is not None and number.piece.means("more"):
            return False  # "another with ham" comes on top.
        joined = number is not None and number.cue >= Cue.AND
        return bare or not joined or all(event.negated for event in dish.options)

    def _inherit(self, dish: Dish, whole: Dish) -> None:
        filled = self._filled(dish.options)
        said = {v for event in dish.options for v in event.sense.values}
        dish.before = [
            event
            for event in whole.options
            if not self._groups(event) & filled and not event.sense.values & said
        ] + dish.before


def chosen(
    event: Event, product: str, filled: set[int], menu: Menu, *, after: bool
) -> Value | None:
    """Return the value of a product that an option means, None when none or several.

    Where words mean several ("medium" is a size and a roast), a group that is still
    open goes first; what follows "with" is rather added than one of a kind.
    """
    possible = [value for value in event.sense.values if menu.takes(product, value)]
    order = menu.groups_of[product]

    def rank(value: Value) -> tuple[bool, bool, int]:
        single = menu.is_single(value)
        taken = single and value[0] in filled
        unlikely = single if after and event.listed else not single
        return taken, unlikely, order.index(value[0])

    ranked = sorted(possible, key=lambda value: (rank(value), value))
    if len(ranked) > 1 and rank(ranked[0]) == rank(ranked[1]):
        return None
    return ranked[0] if ranked else None
