"""Ticaret.pro's `commerce`: every stage, from the draft and what it lacks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from bot.domain.commerce import (
    FIELDS,
    Commerce,
    MissingField,
    NextAction,
    Readiness,
    Stage,
    commerce_of,
)
from bot.domain.understanding import Intent
from orders import Draft, DraftState, Field, Missing, Order, OrderState, Unresolved
from tests.factories import a_draft, a_proposed_draft, an_order

EMPTY = Draft("draft_1", "TRY")
READY, INFO = Readiness.READY, Readiness.MISSING_INFO
REVIEW, NOT = Readiness.NEEDS_REVIEW, Readiness.NOT_APPLICABLE
ORDERED = Readiness.ALREADY_ORDERED
AGAIN, NEW = NextAction.CREATE_ORDER, NextAction.CREATE_CUSTOMER
ASK, REPLY = NextAction.ASK_MISSING_FIELD, NextAction.REPLY


@dataclass(frozen=True)
class Case:
    id: str
    draft: Draft
    stage: Stage
    readiness: Readiness
    actions: tuple[NextAction, ...]
    lacking: Sequence[Field] = ()
    missing: tuple[MissingField, ...] = ()
    order: Order | None = None
    intents: tuple[Intent, ...] = ()


CASES = [
    Case("nobody speaks of buying", EMPTY, Stage.NONE, NOT, (REPLY,)),
    Case(
        "an empty draft lacks nothing that could be told",
        EMPTY,
        Stage.NONE,
        NOT,
        (REPLY,),
        lacking=(Field.LINES,),
    ),
    Case(
        "a question about a product",
        EMPTY,
        Stage.INQUIRY,
        NOT,
        (REPLY,),
        intents=(Intent.ASK_PRODUCT,),
    ),
    Case(
        "words for a product that is not known",
        replace(EMPTY, unresolved=(Unresolved("U1", "cake"),)),
        Stage.PRODUCT_SELECTION,
        INFO,
        (NextAction.CONFIRM_PRODUCT, ASK),
        lacking=(Field.PRODUCT, Field.NAME),
        missing=(MissingField.PRODUCT, MissingField.CUSTOMER),
    ),
    Case(
        "a variant and an address are open",
        a_draft(),
        Stage.DRAFTING,
        INFO,
        (NextAction.PICK_VARIANT, ASK),
        lacking=(Field.VARIANT, Field.CITY, Field.POSTAL_CODE),
        missing=(MissingField.VARIANT, MissingField.SHIPPING_ADDRESS),
    ),
    Case(
        "there is not enough of it",
        a_draft(),
        Stage.DRAFTING,
        INFO,
        (NextAction.OFFER_ALTERNATIVE,),
        lacking=(Field.STOCK,),
        missing=(MissingField.STOCK,),
    ),
    Case(
        "only a person knows the price",
        a_draft(),
        Stage.DRAFTING,
        REVIEW,
        (NextAction.HANDOFF,),
        lacking=(Field.PRICE,),
        missing=(MissingField.PRICE,),
    ),
    Case("nothing lacks", a_draft(), Stage.DRAFTING, READY, (NEW, AGAIN)),
    Case(
        "nothing lacks of a known customer",
        a_draft(customer_id="c"),
        Stage.DRAFTING,
        READY,
        (AGAIN,),
    ),
    Case(
        "the summary was shown",
        a_proposed_draft(customer_id="c"),
        Stage.AWAITING_CONFIRMATION,
        READY,
        (AGAIN,),
    ),
    Case(
        "an agent has to approve",
        a_draft(state=DraftState.AWAITING, customer_id="c"),
        Stage.AWAITING_CONFIRMATION,
        REVIEW,
        (AGAIN,),
    ),
    Case(
        "it became an order",
        a_draft(state=DraftState.ORDERED),
        Stage.ORDERED,
        ORDERED,
        (REPLY,),
        order=an_order(),
    ),
    Case(
        "the order waits for its payment",
        EMPTY,
        Stage.POST_ORDER,
        ORDERED,
        (NextAction.REQUEST_PAYMENT,),
        order=an_order(state=OrderState.PAYMENT_PENDING),
    ),
    Case(
        "the order is on its way",
        EMPTY,
        Stage.POST_ORDER,
        ORDERED,
        (REPLY,),
        order=an_order(state=OrderState.SHIPPED),
    ),
    Case(
        "the order was cancelled",
        EMPTY,
        Stage.CANCELLED,
        NOT,
        (NextAction.NONE,),
        order=an_order(state=OrderState.CANCELLED),
    ),
    Case(
        "the customer wants no order",
        a_draft(state=DraftState.CANCELLED),
        Stage.CANCELLED,
        NOT,
        (NextAction.NONE,),
    ),
    Case(
        "somebody wants a person",
        a_draft(customer_id="c"),
        Stage.DRAFTING,
        READY,
        (NextAction.HANDOFF, AGAIN),
        intents=(Intent.HUMAN,),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_where_it_stands(case: Case) -> None:
    found = commerce_of(
        case.draft,
        tuple(map(Missing, case.lacking)),
        order=case.order,
        intents=case.intents,
    )
    assert found == Commerce(case.stage, case.readiness, case.missing, case.actions)


def test_every_stage_readiness_and_action_is_reached() -> None:
    assert {case.stage for case in CASES} == set(Stage)
    assert {case.readiness for case in CASES} == set(Readiness)
    assert {each for case in CASES for each in case.actions} == set(NextAction)


def test_every_field_has_a_name_there() -> None:
    assert FIELDS.keys() == set(Field)
    assert {name for name in FIELDS.values() if name} == set(MissingField)
