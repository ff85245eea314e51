"""The course of one turn: what was changed and said so far, on the way to a decision.

It is the one value in these rules that grows; it lives inside `decide` and leaves it as
a frozen `Decision`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property

from bot.domain.buttons import OfferTap, SummaryTap
from bot.domain.corrected import DeleteTaken, EditTaken
from bot.domain.decision import Timer
from bot.domain.handed import Why
from bot.domain.message import Cart, Media, Tap, Text
from bot.domain.message import ChoiceSource as From
from bot.domain.replies import (
    CannotTake,
    Greeting,
    LinesDropped,
    LinesPut,
    NotFound,
    NotInOrder,
    Question,
    Started,
    Statement,
)
from bot.domain.snapshot import Asked, Memory, Snapshot, TurnMessage
from bot.domain.understanding import Quote, Understanding
from catalog import Match, Product
from orders import Change, DraftState, Evidence, Line, Order, PutLine, Source
from orders.domain.changes import ChangeRefused
from orders.domain.editing import apply
from orders.domain.rules import Field, stock_of

#: What comes before anything else.
_HELLO = (Started, Greeting, EditTaken, DeleteTaken)


class Course:
    """What a turn has come to. `draft` is the draft with every change so far."""

    def __init__(
        self,
        snapshot: Snapshot,
        understanding: Understanding,
        matches: dict[int, Match],
    ) -> None:
        self.snapshot = snapshot
        self.understanding = understanding
        self.matches = matches
        self.messages = sorted(snapshot.messages, key=lambda m: (m.sent_at, m.seq))
        #: What the changes of this turn are made to: not always the draft as it is.
        self.base = snapshot.draft
        self.restored: int | None = None  #: The version that `base` is again.
        self.draft = snapshot.draft
        self.memory: Memory = snapshot.memory
        self.changes: list[Change] = []
        self.said: list[Statement] = []
        self.dropped: list[str] = []
        #: Products of lines that an edited message brought, and the ids of those.
        self.standing: dict[str, str] = {}
        self.touched: list[str] = []  #: Ids of lines that were put or changed.
        self.silences: list[str] = []  #: Why parts of the turn get no answer.
        self.settled: set[int] = set()  #: Mentions that were done with others.
        self.heard = False  #: Something was understood.
        self.unclear = False  #: Something was not.
        self.attention: str | None = None  #: What a person is to look at.
        self.owner = snapshot.owner
        self.opted_out = snapshot.contact.opted_out
        self.done = False  #: No question follows: handed over, stopped, ended.
        self.confirmed_by: Evidence | None = None
        self.awaits = False  #: Confirmed; an agent has to approve.
        #: The last button under a summary that was tapped, and its message.
        self.summary_tap: tuple[SummaryTap, TurnMessage] | None = None
        self.rejected = False  #: The summary was not right: ask what to change.
        self.asks_again = False  #: A yes came too late: the summary is shown again.
        #: Choices that an answer left over: they are asked about again.
        self.narrowed: frozenset[str] = frozenset()
        #: The page of a question's choices that was asked for: (field, about, page).
        self.turned: tuple[Field, str | None, int] | None = None
        self.end: DraftState | None = None
        self.order: Order | None = None
        self.question: Question | None = None
        #: An answer to an offer of ours that was tapped.
        self.offer_tap: tuple[OfferTap, TurnMessage] | None = None
        self.cancelled: Order | None = None  #: The order that the customer cancels.
        self.handed: Why | None = None  #: Why a person takes over in this turn.
        self.taking_up: str | None = None  #: Taken back from a person: see `returning`.
        self.takes_up: str | None = None  #: How this turn takes it back from a person.
        self.hushed = False  #: A person wrote past us: what we had to say is withdrawn.
        self.timers: list[Timer] = []  #: That were set again when they fired.

    # -- changing ---------------------------------------------------------------------

    def change(self, change: Change) -> bool:
        """Make one change; False when the draft refuses it."""
        try:
            self.draft = apply(self.draft, change)
        except ChangeRefused:
            return False
        self.changes.append(change)
        self.heard = True
        return True

    def putting(self, line: Line) -> PutLine:
        """Return the change that puts a line: the one that it was, if that was edited.

        One of those lines stands again once.
        """
        return PutLine(line, self.standing.pop(line.product_id, None))

    def touch(self, line_id: str) -> None:
        """Remember the line as the one spoken of last."""
        if line_id in self.touched:
            self.touched.remove(line_id)
        self.touched.append(line_id)
        spoken_of = {"last_line": line_id, "last_asked": None}
        self.memory = self.memory.model_copy(update=spoken_of)

    def drop(self, name: str) -> None:
        """Note that something left the draft, to be said once for all."""
        self.heard = True
        self.dropped.append(name)

    # -- saying -----------------------------------------------------------------------

    def say(self, statement: Statement) -> None:
        """Say it, once, however often it came up; names of one kind together."""
        self.heard = True
        for place, before in enumerate(self.said):
            together = _together(before, statement)
            if together is not None:
                self.said[place] = together
                return
        self.said.append(statement)

    def statements(self) -> tuple[Statement, ...]:
        """Return everything that is said: a hello, the lines, the rest."""
        lines = tuple(line for line in map(self.draft.line, self.touched) if line)
        put = (LinesPut(lines),) if lines else ()
        gone = (LinesDropped(tuple(dict.fromkeys(self.dropped))),)
        hello = tuple(each for each in self.said if isinstance(each, _HELLO))
        rest = tuple(each for each in self.said if not isinstance(each, _HELLO))
        return (*hello, *put, *(gone if self.dropped else ()), *rest)

    # -- looking ----------------------------------------------------------------------

    @property
    def asked(self) -> Asked | None:
        """Our question that was open when the turn began."""
        return self.snapshot.memory.asked

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which to name things, the customer's first."""
        told, snapshot = self.understanding.language, self.snapshot
        known = (snapshot.answers_in(told), snapshot.tenant.language, "en")
        return tuple(code.replace("_", "-").split("-")[0].lower() for code in known)

    @cached_property
    def readable(self) -> tuple[int, ...]:
        """Return the places of the messages whose words a reader may speak for."""
        return tuple(i for i, m in enumerate(self.messages) if _has_words(m))

    @cached_property
    def said_at(self) -> Mapping[int | None, tuple[Sequence[int], Sequence[int]]]:
        """Return which mentions and which details each message has, by its place."""
        found: dict[int | None, tuple[list[int], list[int]]] = {}
        for each, mention in enumerate(self.understanding.mentions):
            found.setdefault(self.place_of(mention.quote), ([], []))[0].append(each)
        for each, detail in enumerate(self.understanding.details):
            found.setdefault(self.place_of(detail.quote), ([], []))[1].append(each)
        return found

    @property
    def late(self) -> bool:
        """Return whether all words of the turn precede something handled already."""
        places = self.readable
        return bool(places) and all(self.messages[place].late for place in places)

    def place_of(self, quote: Quote | None) -> int | None:
        """Return which message said it; None: one whose words do not count."""
        places = self.readable
        if quote is not None and 0 <= quote.message < len(self.messages):
            return quote.message if quote.message in self._readable_places else None
        return places[-1] if places else None

    @cached_property
    def _readable_places(self) -> frozenset[int]:
        return frozenset(self.readable)

    def evidence(self, message: TurnMessage, quote: str | None = None) -> Evidence:
        """Return the reason for a change that the message asks for."""
        content = message.content
        if isinstance(content, Cart):
            return self._evidence(Source.CART, message.amends or message.id, None)
        if quote is None and isinstance(content, Text):
            quote = content.text
        if quote is None and isinstance(content, Tap):
            quote = content.title
        return self._evidence(Source.MESSAGE, message.amends or message.id, quote)

    def profile(self) -> Evidence:
        """Return the reason for what the customer's profile says."""
        return self._evidence(Source.PROFILE, None, None)

    def _evidence(self, source: Source, ref: str | None, quote: str | None) -> Evidence:
        return Evidence(source, ref, quote, self.snapshot.contact.id)

    def product(self, product_id: str) -> Product | None:
        """Return a product that is sold, or None."""
        product = self.snapshot.index.product(product_id)
        return product if product is not None and product.active else None

    def left_for(
        self, product: Product, variant_id: str | None, line_id: str | None
    ) -> Decimal | None:
        """Return what may be sold of it besides the draft's other lines."""
        there = stock_of(product, variant_id, self.snapshot.available)
        if there is None or (product.variants and variant_id is None):
            return None
        others = (
            line.quantity
            for line in self.draft.lines
            if line.id != line_id
            and (line.product_id, line.variant_id) == (product.id, variant_id)
        )
        return max(there - sum(others, Decimal(0)), Decimal(0))


def label(line: Line) -> str:
    """Return what a line is called: its product, and its variant when it has one."""
    return f"{line.name} ({line.variant_name})" if line.variant_name else line.name


def remembered(memory: Memory, **changes: object) -> Memory:
    """Return the memory with some fields changed."""
    return memory.model_copy(update=changes)


def with_wishes(line: Line, note: str | None) -> Line:
    """Return the line with a note added to it, if there is one."""
    return replace(line, note="; ".join(n for n in (line.note, note) if n) or None)


def _together(one: Statement, other: Statement) -> Statement | None:
    """Return one statement that says both, or None when it takes two."""
    if one == other:
        return one
    match one, other:
        case NotFound(texts), NotFound(more):
            return NotFound(_once(texts, more))
        case NotInOrder(texts), NotInOrder(more):
            return NotInOrder(_once(texts, more))
        case DeleteTaken(names), DeleteTaken(more):
            return DeleteTaken(_once(names, more))
        case CannotTake(names), CannotTake(more):
            return CannotTake(_once(names, more))
    return None


def _once(names: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *more)))


def _has_words(message: TurnMessage) -> bool:
    content = message.content
    if isinstance(content, Tap):
        # The title of any other button is ours: only its signed id speaks.
        return content.source is From.TEMPLATE
    return isinstance(content, Text | Media)
