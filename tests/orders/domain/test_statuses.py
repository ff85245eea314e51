"""Every state of ours in every system's words, and every known word read back."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from orders.domain.order import (
    FulfilmentStatus,
    OrderState,
    Origin,
    PaymentStatus,
)
from orders.domain.statuses import (
    AKINON_CANCEL,
    AKINON_ITEM,
    AKINON_NUMBERS,
    AKINON_ORDER,
    OMNICHAT_ORDER,
    OMNICHAT_PAYMENT,
    ORDER_VOCABULARIES,
    TICARET_FULFILMENT,
    TICARET_ORDER,
    TICARET_PAYMENT,
    ZEGOAL_ORDER,
    Unmapped,
    Vocabulary,
    begun_as,
    inward_table,
    outward_table,
    standing_table,
    word_of,
)
from orders.provisioning.callbacks import STATUSES
from tests.factories import an_order

S = OrderState
DOCUMENTED = {
    TICARET_ORDER: "draft pending confirmed processing completed cancelled",
    ZEGOAL_ORDER: "Draft",
    OMNICHAT_ORDER: "CREATED OPEN ORDER_GATEWAY_PROVISIONED COLLECT_PAYMENT WAITING"
    " PAID PACKAGED SHIPPED PARTIALLY_SHIPPED DELIVERED NOT_PAID PARTIAL_PAID"
    " OVER_PAID CANCELLED REVERTED ERROR",
    AKINON_ORDER: " ".join(AKINON_NUMBERS),
    AKINON_ITEM: " ".join(AKINON_NUMBERS),
    AKINON_CANCEL: "waiting",
}


def names(vocabulary: Vocabulary[OrderState]) -> str:
    return vocabulary.name


@pytest.mark.parametrize("vocabulary", ORDER_VOCABULARIES, ids=names)
def test_every_state_has_a_word_that_reads_back_as_one_with_the_same_word(
    vocabulary: Vocabulary[OrderState],
) -> None:
    assert set(vocabulary.outward) == set(OrderState)
    for state in OrderState:
        word = vocabulary.word(state)
        back = vocabulary.read(word)
        assert not isinstance(back, Unmapped)
        assert vocabulary.word(back) == word


@pytest.mark.parametrize("vocabulary", ORDER_VOCABULARIES, ids=names)
def test_every_documented_word_has_a_meaning(
    vocabulary: Vocabulary[OrderState],
) -> None:
    for word in DOCUMENTED[vocabulary].split():
        for spelling in (word, word.lower(), f" {word.upper()} "):
            assert vocabulary.read(spelling) in set(OrderState), spelling


@pytest.mark.parametrize("vocabulary", ORDER_VOCABULARIES, ids=names)
@pytest.mark.parametrize("raw", ["", "weird", "999", "\0", "İPTAL"])
def test_an_unknown_word_is_kept_as_it_came(
    vocabulary: Vocabulary[OrderState], raw: str
) -> None:
    assert vocabulary.read(raw) == Unmapped(raw)


def test_payments_and_fulfilments_have_ticarets_words_and_back() -> None:
    for payment in PaymentStatus:
        word = TICARET_PAYMENT.word(payment)
        back = TICARET_PAYMENT.read(word)
        assert not isinstance(back, Unmapped)
        assert TICARET_PAYMENT.word(back) == word
    for fulfilment in FulfilmentStatus:
        assert TICARET_FULFILMENT.read(TICARET_FULFILMENT.word(fulfilment)) is (
            fulfilment
        )
    assert TICARET_PAYMENT.read("nonsense") == Unmapped("nonsense")


@pytest.mark.parametrize(
    ("state", "ticaret", "omnichat", "akinon"),
    [
        (S.CONFIRMED, "confirmed", "CREATED", 200),
        (S.PROVISIONING, "processing", "CREATED", 200),
        (S.PROVISIONED, "processing", "ORDER_GATEWAY_PROVISIONED", 400),
        (S.PAYMENT_PENDING, "processing", "WAITING", 300),
        (S.PREPARING, "processing", "PACKAGED", 450),
        (S.SHIPPED, "processing", "SHIPPED", 500),
        (S.DELIVERED, "completed", "DELIVERED", 550),
        (S.CANCELLED, "cancelled", "CANCELLED", 100),
        (S.REFUNDED, "cancelled", "REVERTED", 600),
    ],
)
def test_what_the_systems_documents_say(
    state: OrderState, ticaret: str, omnichat: str, akinon: int
) -> None:
    assert TICARET_ORDER.word(state) == ticaret
    assert OMNICHAT_ORDER.word(state) == omnichat
    assert AKINON_NUMBERS[AKINON_ORDER.word(state)] == akinon


def test_akinons_numbers_read_as_their_names() -> None:
    for name, number in AKINON_NUMBERS.items():
        assert AKINON_ORDER.read(str(number)) == AKINON_ORDER.read(name)


def test_a4_a_new_order_of_ours_is_only_waiting_approved_or_to_be_paid() -> None:
    fresh = (S.CONFIRMED, S.PROVISIONING, S.PROVISIONED, S.PAYMENT_PENDING, S.PAID)
    assert {AKINON_NUMBERS[AKINON_ORDER.word(state)] for state in fresh} <= {
        *(200, 300, 350, 400)
    }


def test_what_omnichat_says_of_payments_are_words_it_has() -> None:
    assert {word.casefold() for word in OMNICHAT_PAYMENT} <= set(OMNICHAT_ORDER.inward)


def test_a_finer_word_is_told_back_until_the_order_moves_on() -> None:
    given = "cancellation_waiting"
    assert AKINON_ORDER.said(S.CONFIRMED, given) == given
    assert AKINON_ORDER.said(S.CANCELLED, given) == "canceled"
    assert AKINON_ORDER.said(S.CONFIRMED, "their own") == "their own"
    assert AKINON_ORDER.said(S.SHIPPED, "their own") == "shipped"
    assert AKINON_ORDER.said(S.SHIPPED, None) == "shipped"


@pytest.mark.parametrize("raw", ["cancellation_waiting", "delivered", "their own"])
def test_an_order_says_what_it_came_with(raw: str) -> None:
    origin = Origin("akinon", "5", {AKINON_ORDER.name: raw})
    order = an_order(state=begun_as(AKINON_ORDER, raw), origin=origin)
    assert word_of(AKINON_ORDER, order) == raw
    assert word_of(AKINON_ORDER, replace(order, state=S.REFUNDED)) == "refunded"
    assert word_of(OMNICHAT_ORDER, an_order()) == "CREATED"


def test_the_documentation_shows_the_words_as_they_are() -> None:
    spec = find_spec("orders")
    assert spec is not None
    assert spec.origin is not None
    page = Path(spec.origin).parent.parent / "docs" / "lifecycle.md"
    text = page.read_text(encoding="utf-8")
    for table in (outward_table(), inward_table(), standing_table()):
        assert table in text


def test_o7_callbacks_mean_what_the_map_says() -> None:
    for word, state in STATUSES.items():
        assert OMNICHAT_ORDER.read(word) is state


def test_no_two_fields_have_one_name() -> None:
    found = [each.name for each in ORDER_VOCABULARIES]
    assert len(set(found)) == len(found)
