"""How far an order is paid, given back and fulfilled."""

from decimal import Decimal
from itertools import product

import pytest

from orders import IllegalMove, Moved, OrderState, after
from orders.domain.entity_version import VersionConflict, require_version
from orders.domain.order import FulfilmentStatus, PaymentStatus
from orders.domain.standing import (
    BadPart,
    BadRefund,
    Part,
    fulfilment_in,
    fulfilment_of_parts,
    parts_to_fulfil,
    payment_in,
    refunded_after,
    state_after_fulfilment,
)
from tests.factories import an_order

P, F, S, D = PaymentStatus, FulfilmentStatus, OrderState, Decimal
TWO = {"L1": Part("L1", D(5)), "L2": Part("L2", D(1), D(1))}


@pytest.mark.parametrize(
    ("state", "before", "expected"),
    [
        (S.PAYMENT_PENDING, P.UNPAID, P.PENDING),
        (S.PAYMENT_PENDING, P.PARTIALLY_PAID, P.PARTIALLY_PAID),
        (S.PAID, P.PENDING, P.PAID),
        (S.PAID, P.OVERPAID, P.OVERPAID),
        (S.REFUNDED, P.PAID, P.REFUNDED),
        (S.CANCELLED, P.PAID, P.PAID),
        (S.DELIVERED, P.UNPAID, P.UNPAID),
    ],
)
def test_what_a_state_tells_of_the_payment(
    state: OrderState, before: PaymentStatus, expected: PaymentStatus
) -> None:
    assert payment_in(state, before) is expected


@pytest.mark.parametrize(
    ("state", "before", "expected"),
    [
        (S.PARTIALLY_SHIPPED, F.UNFULFILLED, F.PARTIALLY_FULFILLED),
        (S.SHIPPED, F.PARTIALLY_FULFILLED, F.FULFILLED),
        (S.DELIVERED, F.UNFULFILLED, F.FULFILLED),
        (S.DELIVERED, F.RETURNED, F.RETURNED),
        (S.REFUNDED, F.FULFILLED, F.FULFILLED),
    ],
)
def test_what_a_state_tells_of_the_fulfilment(
    state: OrderState, before: FulfilmentStatus, expected: FulfilmentStatus
) -> None:
    assert fulfilment_in(state, before) is expected


def test_a_payment_fails_and_is_tried_again_and_never_taken_back_twice() -> None:
    assert after(P.FAILED, P.PAID) == Moved(P.PAID)
    assert after(P.PAID, P.PARTIALLY_REFUNDED) == Moved(P.PARTIALLY_REFUNDED)
    for given, paid in product((P.REFUNDED, P.PARTIALLY_REFUNDED), (P.PAID, P.UNPAID)):
        with pytest.raises(IllegalMove):
            after(given, paid)
    with pytest.raises(IllegalMove):
        after(P.UNPAID, P.REFUNDED)


def test_a_part_leaves_or_all_that_is_open() -> None:
    assert parts_to_fulfil(TWO, None) == {"L1": D(5)}
    assert parts_to_fulfil(TWO, {"L1": D(2)}) == {"L1": D(2)}
    for line, much, why in (
        ("L1", "6", "5 are open"),
        ("L2", "1", "0 are open"),
        ("L1", "0", "above 0"),
        ("L9", "1", "no such line"),
    ):
        with pytest.raises(BadPart, match=why):
            parts_to_fulfil(TWO, {line: D(much)})


def test_some_is_partial_and_all_is_all() -> None:
    assert fulfilment_of_parts({}) is F.UNFULFILLED
    assert fulfilment_of_parts(TWO) is F.PARTIALLY_FULFILLED
    done = {"L1": Part("L1", D(5), D(5))}
    assert fulfilment_of_parts(done) is F.FULFILLED


def test_the_state_follows_what_has_left_where_it_can() -> None:
    assert state_after_fulfilment(S.PAID, F.PARTIALLY_FULFILLED) is S.PARTIALLY_SHIPPED
    assert state_after_fulfilment(S.PARTIALLY_SHIPPED, F.FULFILLED) is S.SHIPPED
    assert state_after_fulfilment(S.DELIVERED, F.FULFILLED) is S.DELIVERED
    assert state_after_fulfilment(S.PAID, F.RETURNED) is S.PAID


def test_refunds_add_up_to_the_total_and_no_further() -> None:
    order = an_order(grand_total=1000)
    assert refunded_after(order, 400) == (400, P.PARTIALLY_REFUNDED)
    later = an_order(grand_total=1000, refunded_total=400)
    assert refunded_after(later, None) == (1000, P.REFUNDED)
    for wrong in (601, 0, -1):
        with pytest.raises(BadRefund, match="600 minor units are left"):
            refunded_after(later, wrong)


def test_a_version_that_is_not_the_newest_is_told_with_both() -> None:
    require_version("order o", None, 3)
    require_version("order o", 3, 3)
    with pytest.raises(VersionConflict, match="at version 3, not 2") as told:
        require_version("order o", 2, 3)
    assert (told.value.expected, told.value.actual) == (2, 3)
