"""The lines of a draft as the panel shows them: what is sold, what lacks, and why."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.ordering import Desk
from bot.web.api.draft_evidence import BasisView, CandidateView, ProofView
from bot.web.api.draft_lacks import MissingView
from bot.web.api.draft_views import (
    DifferenceView,
    DraftView,
    LineView,
    UnresolvedView,
)
from bot.web.api.draft_voices import HeardView
from bot.web.api.models import plain
from bot.web.console.draft_past import line_told, option_told
from bot.web.console.saying import Say
from catalog import OptionGroup, Product
from orders import Line, Source


@dataclass(frozen=True, slots=True)
class Notice:
    """What is not as it should be, and the change that settles it, where one does."""

    text: str
    change: str | None = None  #: JSON of `changes`.
    action: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """Words of the customer, or who else said so."""

    view: ProofView
    who: str

    @property
    def is_picture(self) -> bool:
        return self.view.kind == "image"

    @property
    def second(self) -> str | None:
        """Return since when it is heard in a voice note, if it is known."""
        return None if self.view.heard is None else second_of(self.view.heard)


def second_of(heard: HeardView) -> str:
    """Return since when words are heard: "0:04"; about then: "≈ 0:04".

    It runs from left to right in every language.
    """
    minutes, seconds = divmod(int(heard.from_seconds), 60)
    about = "≈ " if heard.is_estimated else ""
    return f"\u2066{about}{minutes}:{seconds:02}\u2069"


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line with all that stands beside and below it."""

    view: LineView
    product: Product | None  #: None: it is no longer sold.
    told: str  #: In one sentence, for who listens.
    small: Sequence[str]  #: Variant, options and pack as small words.
    notices: Sequence[Notice]
    open_groups: frozenset[str]  #: Groups of which something has to be chosen.
    needs_variant: bool
    basis: BasisView | None
    proofs: Sequence[Proof]

    @property
    def image(self) -> str | None:
        """Return where its picture lies: the variant's, else the product's."""
        if self.product is None:
            return None
        variant = self.product.variant(self.view.variant_id)
        return safe_image((variant.image if variant else None) or self.product.image)

    @property
    def stamp(self) -> str:
        """Return what changes with the line."""
        text = f"{self.told}|{self.view.total.amount}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def quantity(self) -> str:
        return plain(self.view.quantity)

    @property
    def groups(self) -> Sequence[OptionGroup]:
        return self.product.option_groups if self.product else ()

    @property
    def kept_options(self) -> str:
        """Return its options as JSON, for those that a form does not show."""
        return json.dumps(
            [each.model_dump(exclude={"name"}) for each in self.view.options]
        )

    def has_option(self, group_id: str, value_id: str) -> bool:
        """Return whether an option is wanted."""
        wanted = {
            (each.group_id, each.value_id)
            for each in self.view.options
            if not each.negated
        }
        return (group_id, value_id) in wanted

    @property
    def candidates(self) -> Sequence[CandidateView]:
        return self.basis.candidates if self.basis else ()

    @property
    def marks(self) -> str:
        return marks_of(self.proofs)


@dataclass(frozen=True, slots=True)
class OpenShown:
    """Words that are still open, with what they may mean."""

    view: UnresolvedView
    basis: BasisView | None
    proofs: Sequence[Proof]

    @property
    def quantity(self) -> str:
        """Return how much was said; empty: nothing."""
        said = self.view.quantity
        return "" if said is None else plain(said)

    @property
    def marks(self) -> str:
        return marks_of(self.proofs)


def marks_of(proofs: Sequence[Proof]) -> str:
    """Return as JSON which words of which messages light up, and where in pictures."""
    return json.dumps(
        [
            {
                "message": each.view.message_id,
                "quote": each.view.quote,
                "region": each.view.region and each.view.region.model_dump(),
            }
            for each in proofs
            if each.view.message_id
        ]
    )


def safe_image(address: str | None) -> str | None:
    """Return the address of a picture that a page may load."""
    return address if address and address.startswith("https://") else None


@dataclass(frozen=True, slots=True)
class Around:
    """What lines are told with."""

    desk: Desk
    view: DraftView
    basis: Mapping[str, BasisView]
    differences: Sequence[DifferenceView]
    names: Mapping[str, str]  #: Of actors.
    say: Say


def lines_shown(around: Around) -> list[LineShown]:
    """Return every line of a draft, in its order."""
    views = {each.id: each for each in around.view.lines}
    return [_line(each, views[each.id], around) for each in around.desk.draft.lines]


def open_shown(around: Around) -> list[OpenShown]:
    """Return all words that are still open."""
    because = around.basis
    return [
        OpenShown(each, because.get(each.id), proofs_of(because.get(each.id), around))
        for each in around.view.unresolved
    ]


def proofs_of(basis: BasisView | None, around: Around) -> tuple[Proof, ...]:
    """Return what speaks for something, and whose words they are."""
    told = basis.proofs if basis else ()
    return tuple(Proof(each, around.names[actor_of(each)]) for each in told)


def actor_of(proof: ProofView) -> str:
    """Return who says so: agents by name, customers as such."""
    named = proof.actor if proof.source in {Source.AGENT, Source.KEY} else None
    return named or proof.source.value


def _line(line: Line, view: LineView, around: Around) -> LineShown:
    product = around.desk.products.get(line.product_id)
    lacks = [each for each in around.view.missing if each.about == line.id]
    groups = {each.group_id for each in lacks if each.field == "options"}
    small = [line.variant_name, *option_told(line, around.say), line.pack]
    return LineShown(
        view=view,
        product=product,
        told=line_told(line, around.say),
        small=[each for each in small if each],
        notices=tuple(_notices(line, lacks, around)),
        open_groups=frozenset(each for each in groups if each),
        needs_variant=any(each.field == "variant" for each in lacks),
        basis=around.basis.get(line.id),
        proofs=proofs_of(around.basis.get(line.id), around),
    )


def _notices(
    line: Line, lacks: Sequence[MissingView], around: Around
) -> Iterator[Notice]:
    say = around.say
    found = {each.field: each for each in lacks}
    differing = {
        each.type: each for each in around.differences if each.line_id == line.id
    }
    if "gone" in differing:
        yield Notice(say("draft.gone"), _drop(line), say("draft.drop"))
    elif short := found.get("stock") or differing.get("stock_short"):
        yield _stock(line, _there(short), say)
    if (odd := found.get("quantity")) is not None and odd.nearest:
        much = say.number(odd.nearest)
        yield Notice(
            say("draft.odd_quantity"),
            _quantity(line, odd.nearest),
            say("draft.set_quantity", much=much),
        )
    if "price_moved" in differing:
        yield _price(line, differing["price_moved"], around)
    elif "price" in found:
        yield Notice(say("draft.no_price"))


def _there(short: MissingView | DifferenceView) -> Decimal:
    """Return how much there is of what there is too little."""
    left = short.available if isinstance(short, MissingView) else short.after
    return Decimal(left or 0)


def _stock(line: Line, there: Decimal, say: Say) -> Notice:
    if there <= 0:
        return Notice(say("draft.sold_out"), _drop(line), say("draft.drop"))
    much = say.number(there)
    return Notice(
        say("draft.short", much=much),
        _quantity(line, there),
        say("draft.set_quantity", much=much),
    )


def _price(line: Line, moved: DifferenceView, around: Around) -> Notice:
    say, currency = around.say, around.view.currency
    before, after = (
        say("draft.none") if each is None else say.money(each, currency)
        for each in (moved.before, moved.after)
    )
    return Notice(
        around.say("draft.price_moved", before=before, after=after),
        json.dumps([{"type": "reprice", "line_id": line.id}]),
        around.say("draft.take_over"),
    )


def _drop(line: Line) -> str:
    return json.dumps([{"type": "drop_line", "line_id": line.id}])


def _quantity(line: Line, much: Decimal) -> str:
    return json.dumps(
        [{"type": "set_quantity", "line_id": line.id, "quantity": f"{much:f}"}]
    )
