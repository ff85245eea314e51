"""How far an order is paid, given back and fulfilled: others report it here."""

from decimal import Decimal

from pydantic import ConfigDict, Field

from bot.notices import lock_conversation
from bot.progress import move_on
from bot.web.api.call import Call
from bot.web.api.models import Exact, Given, Id, Money
from bot.web.api.order_views import OrderView, order_view
from bot.web.api.orders import VERSION
from bot.web.api.orders import endpoints as endpoints  # noqa: PLC0414  # more of it
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import ORDERING
from orders import IllegalMove, Order, OrderState
from orders.domain.entity_version import VersionConflict
from orders.domain.order import PaymentStatus
from orders.domain.standing import (
    BadPart,
    BadRefund,
    state_after_fulfilment,
    state_after_payment,
)
from orders.standing import fulfil, give_back, load_parts, refund, set_payment
from orders.store import StoredOrder, load_order

_MESSAGE = Field(
    None, min_length=1, max_length=500, description="It stands in the history."
)


class PaymentGiven(Given):
    """How far an order is paid."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "paid"}]})

    status: PaymentStatus = Field(strict=False)
    message: str | None = _MESSAGE
    entity_version: int | None = VERSION


class PartGiven(Given):
    """How much of a line has left the house."""

    line_id: str = Field(min_length=1, max_length=20, examples=["L1"])
    quantity: Exact


class FulfilmentGiven(Given):
    """What has left the house."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lines": [{"line_id": "L1", "quantity": "2"}]}]
        }
    )

    lines: list[PartGiven] | None = Field(
        None, max_length=500, description="Null: all that is still open."
    )
    message: str | None = _MESSAGE
    entity_version: int | None = VERSION


class RefundGiven(Given):
    """What was given back."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"amount": {"amount": "12.50", "currency": "TRY"}}]
        }
    )

    amount: Money | None = Field(None, description="Null: all that is left.")
    message: str | None = _MESSAGE
    entity_version: int | None = VERSION


class ReturnGiven(Given):
    """Why the goods came back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"message": "They were too small."}]}
    )

    message: str | None = _MESSAGE
    entity_version: int | None = VERSION


@endpoints.post("/v1/orders/{order_id}/payment", roles=ORDERING, raises=(CONFLICT,))
async def set_order_payment(call: Call, order_id: Id, body: PaymentGiven) -> OrderView:
    """Report how far an order is paid.

    We take no payment. An order that waits for its payment goes on once it is paid.
    """
    stored = await _held(call, order_id)
    try:
        changed = await set_payment(
            call.connection,
            stored,
            body.status,
            actor=call.actor,
            message=body.message,
            expected_version=body.entity_version,
            now=call.now,
        )
    except (IllegalMove, VersionConflict) as error:
        raise _conflict(order_id, error) from None
    target = state_after_payment(changed.state, changed.payment_status)
    return await _moved(call, stored, changed, target)


@endpoints.post("/v1/orders/{order_id}/fulfilments", roles=ORDERING, raises=(CONFLICT,))
async def fulfil_order(call: Call, order_id: Id, body: FulfilmentGiven) -> OrderView:
    """Report what of an order has left the house.

    It leaves the stock, and the order is shipped, or partially so: the customer is
    told.
    """
    stored = await _held(call, order_id)
    try:
        changed = await fulfil(
            call.connection,
            stored,
            _quantities(body),
            actor=call.actor,
            message=body.message,
            expected_version=body.entity_version,
            now=call.now,
        )
    except BadPart as error:
        raise invalid("lines", str(error)) from None
    except (IllegalMove, VersionConflict) as error:
        raise _conflict(order_id, error) from None
    target = state_after_fulfilment(changed.state, changed.fulfilment_status)
    return await _moved(call, stored, changed, target)


@endpoints.post("/v1/orders/{order_id}/refunds", roles=ORDERING, raises=(CONFLICT,))
async def refund_order(call: Call, order_id: Id, body: RefundGiven) -> OrderView:
    """Report money that was given back.

    We pay nothing out. An order of which all was given back is refunded.
    """
    stored = await _held(call, order_id)
    given = body.amount
    try:
        amount = None if given is None else given.minor(stored.order.currency)
        changed = await refund(
            call.connection,
            stored,
            amount,
            actor=call.actor,
            message=body.message,
            expected_version=body.entity_version,
            now=call.now,
        )
    except (IllegalMove, VersionConflict) as error:
        raise _conflict(order_id, error) from None
    except (BadRefund, ValueError) as error:
        raise invalid("amount", str(error)) from None
    target = state_after_payment(changed.state, changed.payment_status)
    return await _moved(call, stored, changed, target)


@endpoints.post("/v1/orders/{order_id}/return", roles=ORDERING, raises=(CONFLICT,))
async def return_order(
    call: Call, order_id: Id, body: ReturnGiven | None = None
) -> OrderView:
    """Report that an order's goods came back.

    The stock stays as it is: whoever counts the goods puts them back.
    """
    stored = await _held(call, order_id)
    given = body or ReturnGiven()
    try:
        changed = await give_back(
            call.connection,
            stored,
            actor=call.actor,
            message=given.message,
            expected_version=given.entity_version,
            now=call.now,
        )
    except (IllegalMove, VersionConflict) as error:
        raise _conflict(order_id, error) from None
    return await _moved(call, stored, changed, changed.state)


async def _held(call: Call, order_id: str) -> StoredOrder:
    """Return an order; conversations are locked before orders, here as elsewhere."""
    stored = await load_order(call.connection, call.tenant_id, order_id)
    if stored is None:
        raise not_found("order", order_id)
    await lock_conversation(call.connection, stored)
    return stored


def _quantities(body: FulfilmentGiven) -> dict[str, Decimal] | None:
    if body.lines is None:
        return None
    found: dict[str, Decimal] = {}
    for each in body.lines:
        found[each.line_id] = found.get(each.line_id, Decimal(0)) + each.quantity
    if not found:
        raise invalid("lines", "name a line, or leave it out for all of them")
    return found


def _conflict(order_id: str, error: Exception) -> Problem:
    return Problem(CONFLICT, f"order {order_id!r}: {error}")


async def _moved(
    call: Call, stored: StoredOrder, changed: Order, target: OrderState
) -> OrderView:
    """Move the order on where what was reported asks for it; return it as it is."""
    if target is not changed.state:
        _, told = await move_on(
            call.connection,
            call.runtime,
            tenant_id=call.tenant_id,
            order_id=changed.id,
            target=target,
            actor=call.actor,
        )
        if told:
            call.after_commit(call.runtime.outbox_bell.ring)
    found = await load_order(call.connection, call.tenant_id, changed.id)
    parts = await load_parts(call.connection, [changed.id])
    return order_view(found or stored, parts[changed.id])
