"""A made-up customer: what they say next, given what they read.

They know what they want, what they said so far, and what the bot's messages say. They
compare every summary with it, put right what is wrong, and say yes to what is right.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from rapidfuzz import fuzz

from bot.domain.message import ChoiceSource, Content, Media, MediaKind, Tap, Text
from bot.evaluation.simulating.goals import Goal, an_amount, shop_things
from bot.evaluation.simulating.hearing import Choice, Heard, button_title, titled
from bot.evaluation.simulating.mistyping import mistyped, sloppy
from bot.evaluation.simulating.personas import Manner, Whim
from bot.evaluation.simulating.speaking import Speech

#: How often somebody puts the same thing right before they give up.
_CORRECTIONS = 4
#: How often somebody says that this was all, when nothing was asked.
_NUDGES = 3
#: How often the same words are said once more.
_TWICE = 2
_LIKELY_WHIM = 0.5
_NEAR = 60.0
#: Questions that lead to the order; before the others nobody has a whim.
_CALM = frozenset({"fulfilment", "address", "payment", "name", "confirmation"})


@dataclass(frozen=True, slots=True)
class Says:
    """What is sent next, all at once; and how long the customer was away before."""

    contents: tuple[Content, ...]
    after: timedelta = timedelta()


@dataclass
class Customer:
    """One person with one goal."""

    goal: Goal
    manner: Manner
    speech: Speech
    language: str
    photo: str  #: The id of a picture that shows nothing of the shop.
    rng: random.Random
    told: dict[str, Decimal] = field(default_factory=dict)
    gave_up: str | None = None  #: Why.
    has_ordered: bool = False

    def __post_init__(self) -> None:
        self._whims = list(self.manner.whims)
        self._confirms: list[Choice] = []
        self._tries: dict[str, int] = {}
        self._nudges = 0
        self._first_basket = self._basket_at_first()
        #: What they do about a question, by its key below `ask` in the texts.
        self._answers: Mapping[str, Callable[[Heard], Says | None]] = {
            "lines": self._says_basket,
            "product": self._again,
            "which": self._chooses_product,
            "pictured": self._chooses_product,
            "instead": self._chooses_product,
            "variant": self._takes_first,
            "options": self._takes_first,
            "quantity": self._says_amount,
            "fulfilment": self._fulfilment,
            "payment": self._payment,
            "address": self._address,
            "address_unclear": self._address,
            "name": self._name,
            "confirmation": self._confirms_or_corrects,
            "change": self._change,
        }

    # -- what they say first ----------------------------------------------------------

    def opens(self) -> Says:
        """Return the first messages."""
        self.told = dict(self._first_basket)
        items = [self._item(sku, amount) for sku, amount in self.told.items()]
        if not self.manner.in_bursts:
            whole = self._phrase("order").format(items=self.speech.listed(items))
            return self._says(whole)
        first, *others = items
        return self._says(
            self._phrase("greet"),
            self._phrase("order").format(items=first),
            *(self._phrase("one").format(item=each) for each in others),
        )

    def _basket_at_first(self) -> dict[str, Decimal]:
        """Return what they say first, where a whim will make the goal of it."""
        basket = dict(self.goal.basket)
        if Whim.ADD in self._whims and len(basket) == 1:
            self._whims.remove(Whim.ADD)
            if Whim.CHANGE_AMOUNT not in self._whims:
                self._whims.insert(0, Whim.CHANGE_AMOUNT)
        elif Whim.ADD in self._whims:
            del basket[self.rng.choice(sorted(basket))]
        if Whim.CHANGE_AMOUNT in self._whims:
            pieces = [sku for sku in basket if not shop_things()[sku].is_weighed]
            if pieces:
                many = basket[pieces[0]] == max(self.speech.numbers)
                basket[pieces[0]] += -1 if many else 1
        if Whim.DROP in self._whims:
            other = self.rng.choice(sorted(set(self.speech.goods) - set(basket)))
            if other not in self.goal.basket:
                basket[other] = an_amount(other, self.speech, self.rng)
        return basket

    # -- what they say then -----------------------------------------------------------

    def answers(self, heard: Heard) -> Says | None:
        """Return the next messages, None when they have nothing more to say."""
        confirm = self._confirm_in(heard)
        if confirm is not None:
            self._confirms.append(confirm)
        if heard.is_ordered or self.has_ordered:
            return self._after_order()
        if self._whims and heard.topic in _CALM:
            is_last = heard.topic == "confirmation"
            soon = not self.manner.waits and self.rng.random() < _LIKELY_WHIM
            if is_last or soon:
                whim = self._do(self._whims.pop(0))
                if whim is not None:
                    return whim
        answer = self._answers.get(heard.topic or "")
        if answer is not None:
            return answer(heard)
        if heard.is_lost:
            return self._again(heard)
        return self._nudged(heard)

    def _after_order(self) -> Says | None:
        was_new, self.has_ordered = not self.has_ordered, True
        if was_new and self.manner.taps_twice and self._confirms:
            return self._tapped(self._confirms[-1])
        return None

    def _nudged(self, heard: Heard) -> Says | None:
        self._nudges += 1
        if self._nudges > _NUDGES:
            return self._gives_up(f"nothing was asked: {heard.words[:80]!r}")
        return self._says(self._phrase("nothing_else"))

    def _gives_up(self, why: str) -> Says | None:
        self.gave_up = why
        return None

    # -- whims ------------------------------------------------------------------------

    def _do(self, whim: Whim) -> Says | None:
        """Return what a whim makes them say, None when there is no occasion for it."""
        match whim:
            case Whim.CHANGE_AMOUNT | Whim.ADD | Whim.DROP:
                fixes = self._fixes(self.told, self.goal.basket)
                kind = {Whim.CHANGE_AMOUNT: "amount", Whim.ADD: "more"}.get(whim)
                wanted = [f for f in fixes if f[0] == (kind or "drop")]
                return self._fix(*wanted[0]) if wanted else None
            case Whim.ASIDE:
                sku = self.rng.choice(sorted(self.told))
                name = self.speech.name(sku)
                return self._says(self._phrase("aside").format(name=name))
            case Whim.PHOTO:
                caption = self.rng.choice((None, self._phrase("photo")))
                picture = Media(
                    kind=MediaKind.IMAGE, provider_media_id=self.photo, caption=caption
                )
                return Says((picture,))
            case Whim.LEAVE:
                away = timedelta(days=self.rng.randint(1, 6))
                back = self._says(self._phrase("back"))
                return Says(back.contents, after=away)
            case Whim.TAP_OLD:
                old = self._confirms[:-1]
                return self._tapped(old[0]) if old else None

    # -- answers ----------------------------------------------------------------------

    def _confirms_or_corrects(self, heard: Heard) -> Says | None:
        shown = self._shown(heard)
        fixes = self._fixes(shown, self.goal.basket)
        if not fixes:
            return self._chosen(self._confirm_in(heard), "yes")
        tried = self._tries["fix"] = self._tries.get("fix", 0) + 1
        if tried > _CORRECTIONS:
            return self._gives_up(f"the summary stays wrong: {shown}")
        self.told = {sku: n for sku, n in shown.items() if sku in self.speech.goods}
        return self._fix(*fixes[0])

    def _confirm_in(self, heard: Heard) -> Choice | None:
        return titled(heard.choices, button_title("buttons.confirm", self.language))

    def _shown(self, heard: Heard) -> dict[str, Decimal]:
        """Return the lines of a summary by SKU; what they do not know by its name."""
        sku_of = {thing.name.casefold(): sku for sku, thing in shop_things().items()}
        shown: dict[str, Decimal] = {}
        for name, amount in heard.lines:
            plain = name.split(" (")[0].strip()
            sku = sku_of.get(plain.casefold(), plain)
            shown[sku] = shown.get(sku, Decimal(0)) + amount
        return shown

    def _fixes(
        self, have: Mapping[str, Decimal], want: Mapping[str, Decimal]
    ) -> list[tuple[str, str, Decimal]]:
        """Return how to come from one basket to another: what to say, of what."""
        wrong = [s for s in have if s in want and have[s] != want[s]]
        amounts = [("amount", s, want[s]) for s in wrong if s in self.speech.goods]
        missing = [("more", s, n) for s, n in want.items() if s not in have]
        extra = [("drop", s, Decimal(0)) for s in have if s not in want]
        return amounts + missing + extra

    def _fix(self, kind: str, sku: str, amount: Decimal) -> Says:
        phrase = self._phrase(kind)
        if kind == "more":
            self.told[sku] = amount
            return self._says(phrase.format(item=self._item(sku, amount)))
        known = sku in self.speech.goods
        name = self.speech.name(sku, amount or Decimal(1)) if known else sku
        if kind == "drop":
            self.told.pop(sku, None)
            return self._says(phrase.format(name=name))
        self.told[sku] = amount
        if shop_things()[sku].is_weighed:
            return self._says(self._item(sku, amount))
        return self._says(phrase.format(name=name, number=str(amount)))

    def _chooses_product(self, heard: Heard) -> Says | None:
        for sku in self.told:
            choice = titled(heard.choices, shop_things()[sku].name)
            if choice is not None:
                return self._tapped(choice)
        return self._again(heard)

    def _again(self, heard: Heard) -> Says | None:
        """Say what was not understood once more, plainly."""
        near = [
            sku
            for sku in self.told
            if heard.about
            and fuzz.partial_ratio(self.speech.name(sku).casefold(), heard.about)
            >= _NEAR
        ]
        due = [sku for sku in near or self.told if self._tries.get(sku, 0) < _TWICE]
        if not due:
            return self._gives_up(f"was not understood: {heard.about or heard.words}")
        for sku in due:
            self._tries[sku] = self._tries.get(sku, 0) + 1
        items = [self._item(sku, self.told[sku], plain=True) for sku in due]
        return self._says(self.speech.listed(items), plain=True)

    def _says_basket(self, heard: Heard) -> Says | None:
        tried = self._tries["lines"] = self._tries.get("lines", 0) + 1
        if tried > _TWICE:
            return self._gives_up(f"is asked again what it shall be: {heard.words}")
        items = [self._item(sku, amount) for sku, amount in self.told.items()]
        return self._says(self.speech.listed(items))

    def _says_amount(self, heard: Heard) -> Says | None:
        names = {sku: shop_things()[sku].name for sku in self.told}
        sku = next((s for s, n in names.items() if n == heard.about), None)
        if sku is None:
            return self._again(heard)
        return self._says(str(self.told[sku]))

    def _takes_first(self, heard: Heard) -> Says | None:
        if heard.choices:
            return self._tapped(heard.choices[0])
        return self._again(heard)

    def _fulfilment(self, heard: Heard) -> Says | None:
        wanted = self.goal.fulfilment
        title = button_title(f"fulfilment.{wanted}", self.language)
        return self._chosen(titled(heard.choices, title), wanted)

    def _payment(self, heard: Heard) -> Says | None:
        title = button_title(f"payment.{self.goal.payment}", self.language)
        return self._chosen(titled(heard.choices, title), self.goal.payment)

    def _address(self, _: Heard) -> Says | None:
        return self._says(self.goal.address, plain=True)

    def _name(self, _: Heard) -> Says | None:
        return self._says(self.goal.name, plain=True)

    def _change(self, heard: Heard) -> Says | None:
        fixes = self._fixes(self.told, self.goal.basket)
        return self._fix(*fixes[0]) if fixes else self._nudged(heard)

    # -- how they say it --------------------------------------------------------------

    def _chosen(self, choice: Choice | None, kind: str) -> Says:
        if choice is not None and self.rng.random() < self.manner.taps:
            return self._tapped(choice)
        return self._says(self._phrase(kind), plain=kind == "yes")

    def _tapped(self, choice: Choice) -> Says:
        source = ChoiceSource.LIST if choice.is_row else ChoiceSource.BUTTON
        return Says((Tap(id=choice.id, title=choice.title, source=source),))

    def _item(self, sku: str, amount: Decimal, *, plain: bool = False) -> str:
        weighed = shop_things()[sku].is_weighed
        if plain and not weighed:
            return f"{amount} {self.speech.name(sku, amount)}"
        return self.speech.item(sku, amount, weighed=weighed, rng=self.rng)

    def _phrase(self, kind: str) -> str:
        phrases: Sequence[str] = getattr(self.speech.say, kind)
        return self.rng.choice(phrases)

    def _says(self, *texts: str, plain: bool = False) -> Says:
        if not plain:
            texts = tuple(self._written(each) for each in texts)
        return Says(tuple(Text(text=each) for each in texts))

    def _written(self, text: str) -> str:
        if self.manner.typos:
            text = mistyped(text, self.manner.typos, self.rng)
        if self.manner.is_sloppy:
            text = sloppy(text, self.speech.short, self.rng)
        return text
