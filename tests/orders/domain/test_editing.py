"""A draft changes by typed changes, and keeps its laws whatever they are."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orders import (
    Address,
    Change,
    ChangeRefused,
    ChooseVariant,
    Clear,
    Discount,
    Draft,
    DraftState,
    DropLine,
    DropUnresolved,
    Evidence,
    Fulfilment,
    IllegalMove,
    Line,
    LineOption,
    PutLine,
    PutUnresolved,
    ReplaceLine,
    Reprice,
    SetAddress,
    SetDiscount,
    SetDue,
    SetFulfilment,
    SetName,
    SetNote,
    SetOptions,
    SetPhone,
    SetQuantity,
    SetShipping,
    Source,
    Unresolved,
    Unset,
    changed,
    ended,
    proposed,
    same_item,
)
from orders.domain.details import CLEARABLE
from orders.domain.editing import apply
from tests.factories import NOON, SAID, a_draft, a_line, a_proposed_draft, an_address
from tests.orders.strategies import EMPTY, changes, histories, lines

LATER = Evidence(Source.MESSAGE, ref="msg_2", quote="make it 3")


def fold(draft: Draft, history: Iterable[Change]) -> tuple[Draft, list[Change]]:
    """Return the draft after those changes that fit, and which they were."""
    log = []
    for change in history:
        try:
            draft = changed(draft, [change])
        except ChangeRefused:
            continue
        log.append(change)
    return draft, log


def ids_of(draft: Draft) -> set[str]:
    return {line.id for line in draft.lines} | {open_.id for open_ in draft.unresolved}


# -- laws -----------------------------------------------------------------------------


@given(histories)
def test_no_two_lines_share_an_id_and_no_two_are_the_same_item(
    history: list[Change],
) -> None:
    draft, _ = fold(EMPTY, history)
    assert len(ids_of(draft)) == len(draft.lines) + len(draft.unresolved)
    for i, one in enumerate(draft.lines):
        assert not any(same_item(one, other) for other in draft.lines[i + 1 :])


@given(histories)
def test_an_id_is_never_used_again(history: list[Change]) -> None:
    draft, gone = EMPTY, set[str]()
    for change in history:
        before = ids_of(draft)
        draft, _ = fold(draft, [change])
        now = ids_of(draft)
        assert not now & gone
        gone |= before - now


@given(histories)
def test_every_line_keeps_its_evidence(history: list[Change]) -> None:
    draft, _ = fold(EMPTY, history)
    assert all(line.evidence for line in draft.lines)


@given(histories)
def test_every_amount_stays_possible(history: list[Change]) -> None:
    draft, _ = fold(EMPTY, history)
    for line in draft.lines:
        assert line.quantity > 0
        assert line.unit_price is None or line.unit_price >= 0


@given(histories)
def test_replaying_the_log_from_an_empty_draft_gives_the_draft(
    history: list[Change],
) -> None:
    draft, log = fold(EMPTY, history)
    replayed = reduce(apply, log, EMPTY)
    assert replace(replayed, version=len(log)) == draft


@given(histories, lines)
def test_dropping_and_putting_is_putting(history: list[Change], line: Line) -> None:
    draft, _ = fold(EMPTY, history)
    without = replace(
        draft, lines=tuple(kept for kept in draft.lines if not same_item(kept, line))
    )
    put = apply(without, PutLine(line))
    again = apply(apply(put, DropLine(put.lines[-1].id)), PutLine(line))
    assert [replace(kept, id="") for kept in again.lines] == [
        replace(kept, id="") for kept in put.lines
    ]


@given(histories, lines)
def test_putting_an_equal_item_grows_its_line(
    history: list[Change], line: Line
) -> None:
    draft, _ = fold(EMPTY, history)
    once = apply(draft, PutLine(line))
    twice = apply(once, PutLine(line))
    assert [kept.id for kept in twice.lines] == [kept.id for kept in once.lines]
    before = next(kept for kept in once.lines if same_item(kept, line))
    grown = next(kept for kept in twice.lines if same_item(kept, line))
    assert grown.quantity == before.quantity + line.quantity


@given(histories)
def test_clearing_leaves_no_line_and_no_open_mention(history: list[Change]) -> None:
    draft, _ = fold(EMPTY, history)
    cleared = apply(draft, Clear())
    assert cleared == replace(draft, lines=(), unresolved=())


@given(histories, st.lists(changes, min_size=1, max_size=4))
def test_several_changes_make_one_version(
    history: list[Change], more: list[Change]
) -> None:
    draft, _ = fold(EMPTY, history)
    _, fitting = fold(draft, more)
    assume(fitting)
    assert changed(draft, fitting).version == draft.version + 1


# -- versions and states --------------------------------------------------------------


def test_a_change_opens_a_proposed_draft_again() -> None:
    draft = changed(a_proposed_draft(), [SetName("Grace")])
    assert draft.state is DraftState.OPEN
    assert (draft.version, draft.shown_version) == (4, 3)


def test_without_changes_a_draft_stays_as_it_is() -> None:
    assert changed(a_proposed_draft(), []) == a_proposed_draft()


def test_one_change_that_does_not_fit_refuses_all_of_them() -> None:
    with pytest.raises(ChangeRefused, match=r"no line 'L7' in draft draft_1.*: L1"):
        changed(a_draft(), [SetName("Grace"), DropLine("L7")])


@pytest.mark.parametrize(
    "state",
    [
        DraftState.ORDERED,
        DraftState.CANCELLED,
        DraftState.REJECTED,
        DraftState.EXPIRED,
    ],
)
def test_an_ended_draft_cannot_change_nor_be_shown(state: DraftState) -> None:
    draft = ended(a_draft(), state)
    with pytest.raises(ChangeRefused, match=f"is {state.value}"):
        changed(draft, [SetName("Grace")])
    with pytest.raises(ChangeRefused):
        changed(draft, [])
    with pytest.raises(IllegalMove):
        proposed(draft)


def test_showing_the_summary_marks_this_version_and_makes_no_other() -> None:
    draft = proposed(a_draft())
    assert draft.state is DraftState.PROPOSED
    assert (draft.version, draft.shown_version) == (3, 3)
    assert proposed(draft) == draft


def test_a_draft_ends_once() -> None:
    ordered = ended(a_proposed_draft(), DraftState.ORDERED)
    assert ended(ordered, DraftState.ORDERED) == ordered
    with pytest.raises(IllegalMove):
        ended(ordered, DraftState.CANCELLED)
    with pytest.raises(ValueError, match="not an end"):
        ended(a_draft(), DraftState.OPEN)


# -- single changes -------------------------------------------------------------------


def test_a_draft_gives_the_ids_whatever_the_caller_set() -> None:
    draft = changed(EMPTY, [PutLine(a_line(id="mine")), PutLine(a_line(note="hot"))])
    assert [line.id for line in draft.lines] == ["L1", "L2"]
    open_ = apply(draft, PutUnresolved(Unresolved("mine", "cortado")))
    assert [each.id for each in open_.unresolved] == ["U3"]


def test_a_grown_line_takes_the_price_seen_last_and_forgets_the_pack_words() -> None:
    draft = a_draft(lines=(a_line(pack="2 koli"),))
    more = a_line(quantity=Decimal(1), unit_price=Decimal(90), evidence=(LATER,))
    line = apply(draft, PutLine(more)).lines[0]
    assert line == a_line(
        quantity=Decimal(3), unit_price=Decimal(90), evidence=(SAID, LATER)
    )


def test_the_order_in_which_options_were_said_makes_no_other_item() -> None:
    oat = LineOption("milk", "oat", "oat milk")
    large = LineOption("size", "large", "large")
    draft = changed(
        EMPTY,
        [
            PutLine(a_line(options=(oat, large))),
            PutLine(a_line(options=(large, oat))),
            PutLine(a_line(options=(oat,))),
        ],
    )
    assert [line.quantity for line in draft.lines] == [Decimal(4), Decimal(2)]


def test_setting_a_quantity_replaces_it_and_adds_why() -> None:
    draft = a_draft(lines=(a_line(pack="2 koli"),))
    line = apply(draft, SetQuantity("L1", Decimal(3), LATER)).lines[0]
    assert line == a_line(quantity=Decimal(3), evidence=(SAID, LATER))


def test_a_line_that_becomes_another_takes_it_in_and_keeps_its_id() -> None:
    red = a_line(variant_id="red", variant_name="red", sku="S-R")
    draft = a_draft(
        lines=(red, a_line(id="L2", quantity=Decimal(5), evidence=(LATER,))),
        next_line=3,
        unresolved=(Unresolved("U9", "the first one", replaces="L1"),),
    )
    choice = ChooseVariant("L2", "red", "red", "S-R", Decimal(99))
    after = apply(draft, choice)
    assert after.lines == (
        replace(
            red,
            id="L2",
            quantity=Decimal(7),
            unit_price=Decimal(99),
            evidence=(LATER, SAID),
        ),
    )
    assert after.unresolved[0].replaces == "L2"


def test_options_bring_their_price() -> None:
    oat = LineOption("milk", "oat", "oat milk", surcharge=Decimal(10))
    line = apply(a_draft(), SetOptions("L1", (oat,), Decimal("95.50"))).lines[0]
    assert (line.options, line.unit_price) == ((oat,), Decimal("95.50"))


def test_a_replaced_line_keeps_its_id_its_place_and_its_history() -> None:
    draft = a_draft(lines=(a_line(), a_line(id="L2", note="hot")), next_line=3)
    tea = a_line(id="x", product_id="tea", name="Tea", evidence=(LATER,))
    after = apply(draft, ReplaceLine("L1", tea))
    assert [line.id for line in after.lines] == ["L1", "L2"]
    assert (after.lines[0].name, after.lines[0].evidence) == ("Tea", (SAID, LATER))


def test_repricing_changes_nothing_but_the_price() -> None:
    line = apply(a_draft(), Reprice("L1", Decimal(90))).lines[0]
    assert line == a_line(unit_price=Decimal(90))


def test_a_mention_lets_go_of_a_line_that_is_dropped() -> None:
    draft = changed(a_draft(), [PutUnresolved(Unresolved("", "tea", replaces="L1"))])
    after = apply(draft, DropLine("L1"))
    assert [each.replaces for each in after.unresolved] == [None]


def test_an_answered_mention_is_dropped_by_its_id() -> None:
    draft = apply(a_draft(), PutUnresolved(Unresolved("", "tea")))
    assert apply(draft, DropUnresolved("U2")).unresolved == ()
    with pytest.raises(ChangeRefused, match=r"no open mention 'U7'.*: U2"):
        apply(draft, DropUnresolved("U7"))


def test_an_address_says_that_the_order_is_to_be_delivered() -> None:
    draft = apply(a_draft(fulfilment=Fulfilment.PICKUP), SetAddress(an_address(), SAID))
    assert draft.fulfilment is Fulfilment.DELIVERY
    assert draft.field_evidence == (("address", SAID), ("fulfilment", SAID))


def test_a_field_keeps_only_the_reason_of_its_last_value() -> None:
    draft = changed(a_draft(), [SetName("Ada", SAID), SetName("Grace", LATER)])
    assert (draft.name, draft.field_evidence) == ("Grace", (("name", LATER),))
    unexplained = apply(draft, SetName("Mary"))
    assert unexplained.field_evidence == ()


def test_a_fact_that_is_taken_back_was_said_by_nobody() -> None:
    full = changed(
        a_draft(),
        [
            SetName("Ada", SAID),
            SetAddress(an_address(), SAID),
            SetDue(NOON, SAID, day_only=True),
            SetShipping(0, SAID),
        ],
    )
    taken = [Unset(each, LATER) for each in ("name", "address", "due_at", "shipping")]
    bare = changed(full, taken)
    assert (bare.name, bare.address, bare.due_at) == (None, None, None)
    assert (bare.shipping, bare.due_day_only) == (None, False)
    assert bare.fulfilment is Fulfilment.DELIVERY, "another fact, another change"
    assert dict(bare.field_evidence)["name"] == LATER


@pytest.mark.parametrize("field", sorted(CLEARABLE))
def test_what_may_be_taken_back_may_be_missing(field: str) -> None:
    assert getattr(apply(a_draft(), Unset(field)), field) is None


def test_the_names_of_the_field_evidence_are_fields_of_the_draft() -> None:
    draft = changed(
        a_draft(),
        [
            SetFulfilment(Fulfilment.PICKUP, SAID),
            SetDiscount(Discount(100), SAID),
            SetShipping(250, SAID),
        ],
    )
    assert draft.field_evidence == (
        ("fulfilment", SAID),
        ("discount", SAID),
        ("shipping", SAID),
    )
    assert draft.shipping == 250
    assert draft.discount == Discount(100)
    assert draft.fulfilment is Fulfilment.PICKUP


# -- refusals -------------------------------------------------------------------------


@dataclass(frozen=True)
class Refusal:
    id: str
    change: Change
    says: str


def a_put(**fields: Any) -> PutLine:
    return PutLine(a_line(product_id="tea", **fields))


REFUSALS = [
    Refusal("no quantity", a_put(quantity=Decimal(0)), "not above 0: drop the line"),
    Refusal("less than none", SetQuantity("L1", Decimal(-1)), "not above 0"),
    Refusal("not a number", SetQuantity("L1", Decimal("NaN")), "is not a number"),
    Refusal("without end", SetQuantity("L1", Decimal("Infinity")), "is not a number"),
    Refusal("too fine", a_put(quantity=Decimal("0.1234567")), "more than 6 decimals"),
    Refusal(
        "too fine to be seen at once",
        a_put(quantity=Decimal("1.00000000000000000000000000000000001")),
        "more than 6 decimals",
    ),
    Refusal("far too many", a_put(quantity=Decimal(1_000_001)), "is above 1000000"),
    Refusal("grown too many", PutLine(a_line(quantity=Decimal(9_999_999))), "is above"),
    Refusal("a price below 0", Reprice("L1", Decimal(-1)), "unit price -1 is not"),
    Refusal(
        "more than can be counted",
        a_put(quantity=Decimal(10**6), unit_price=Decimal(10**12)),
        "cost more than an order can hold",
    ),
    Refusal("a tax above all", a_put(tax_rate=Decimal(101)), "tax rate 101"),
    Refusal("no evidence", a_put(evidence=()), "has no evidence"),
    Refusal("another unit", PutLine(a_line(unit="kg")), "counted in piece: convert kg"),
    Refusal("an unknown line", SetQuantity("L7", Decimal(1)), "no line 'L7'"),
    Refusal("to replace no line", ReplaceLine("L7", a_line()), "no line 'L7'"),
    Refusal(
        "a mention of no line",
        PutUnresolved(Unresolved("", "tea", replaces="L7")),
        "no line 'L7'",
    ),
    Refusal("an empty name", SetName("  "), "the name is empty"),
    Refusal("a name like a novel", SetName("x" * 301), "more than 300 characters"),
    Refusal("a phone like one", SetPhone("5" * 41), "more than 40 characters"),
    Refusal("an endless note", SetNote("x" * 4097), "more than 4096 characters"),
    Refusal("an empty address", SetAddress(Address(" ")), "the address is empty"),
    Refusal("off the globe", SetAddress(Address("x", latitude=91)), "latitude 91"),
    Refusal("nowhere", SetAddress(Address("x", longitude=float("nan"))), "longitude"),
    Refusal("no time zone", SetDue(datetime(2026, 1, 1)), "needs a time zone"),  # noqa: DTZ001  # the point
    Refusal("a negative discount", SetDiscount(Discount(-1)), "discount -1"),
    Refusal(
        "more than everything off",
        SetDiscount(Discount(percent=Decimal(101))),
        "101 % is not from 0 to 100",
    ),
    Refusal("negative shipping", SetShipping(-1), "shipping -1"),
    Refusal("no lines", Unset("lines"), "'lines' cannot be taken back; these can: ad"),
]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.id)
def test_a_change_that_does_not_fit_is_refused_and_says_why(case: Refusal) -> None:
    with pytest.raises(ChangeRefused) as caught:
        changed(a_draft(), [case.change])
    assert case.says in str(caught.value)


def test_trailing_zeros_are_no_decimals() -> None:
    draft = apply(a_draft(), SetQuantity("L1", Decimal("2.50000000")))
    assert draft.lines[0].quantity == Decimal("2.5")
