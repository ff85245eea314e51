"""OmniChat's face: the merchant's system says how an order goes on.

All of its calls are safe to repeat.
"""

from http import HTTPStatus
from typing import TypeVar

from bot.inbox.audit import audited
from bot.progress import CALLBACK, move_on
from bot.web.api.call import Call
from bot.web.api.endpoint import JSON, Endpoints
from bot.web.api.face import BEARER, Face, Refusal
from bot.web.api.models import Id
from bot.web.api.problems import (
    CONFLICT,
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    Problem,
    invalid,
    not_found,
)
from bot.web.api.roles import ORDERS_MOVE
from orders import IllegalMove, Order, OrderState
from orders.checkout import check_out
from orders.domain.lifecycle import AlreadyFurther
from orders.provisioning.callback_fields import Problem as Unfitting
from orders.provisioning.callback_forms import (
    CallbackProblem,
    CheckoutDataGiven,
    OrderStatusTold,
    ProvisionsGiven,
    StatusChangeGiven,
)
from orders.provisioning.callbacks import read_provisions, read_status_change
from orders.provisioning.checkout import read_checkout
from orders.provisioning.shortfalls import BadItems, Unavailable
from orders.store import OrderGone, StockGone, load_order

T = TypeVar("T")

_ORDER = "/v2/orders/{order_id}"
#: JSON under any of these names: what programs send that were told of none.
_FORMS = (
    JSON,
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/plain",
)
#: How a refusal begins that is about the body as a whole.
_WHOLE = "the body"


def _said(refusal: Refusal) -> dict[str, object]:
    field, detail = None, refusal.detail
    if refusal.errors:
        field, detail = refusal.errors[0]
    elif refusal.kind is MALFORMED and detail.lower().startswith(_WHOLE):
        field = "body"
    return {
        "type": "about:blank",
        "title": refusal.status.phrase,
        "status": refusal.status.value,
        "detail": detail,
        **({} if field is None else {"field": field}),
    }


FACE = Face(
    name="omnichat",
    prefixes=("/v2/orders",),
    keys=(BEARER,),
    error=CallbackProblem,
    said=_said,
    media_type=MEDIA_TYPE,
    statuses={INVALID.name: HTTPStatus.BAD_REQUEST},
)
endpoints = Endpoints(
    FACE.name,
    "OmniChat's callbacks: the system that works on an order says how it goes on."
    " `docs/integrate.md` says more.",
    FACE,
)


@endpoints.post(
    f"{_ORDER}/statusChange", roles=ORDERS_MOVE, accepts=_FORMS, raises=(CONFLICT,)
)
async def omnichat_status_change(
    call: Call, order_id: Id, body: StatusChangeGiven
) -> OrderStatusTold:
    """Report the status that an order has.

    The customer is told what concerns them. Orders never go back: late news are
    answered with the status that the order has.
    """
    change = _fitting(read_status_change(body.root))
    return await _moved(
        call,
        order_id,
        change.state,
        message=change.message,
        external_id=change.order_gw_id,
        responsible=change.responsible,
    )


@endpoints.post(
    f"{_ORDER}/provisions", roles=ORDERS_MOVE, accepts=_FORMS, raises=(CONFLICT,)
)
async def omnichat_provisions(
    call: Call, order_id: Id, body: ProvisionsGiven
) -> OrderStatusTold:
    """Report that an order was provisioned, or why it was not."""
    result = _fitting(read_provisions(body.root))
    return await _moved(
        call,
        order_id,
        result.state,
        message=result.message,
        checkout_url=result.checkout_url,
        responsible=result.responsible,
        unavailable=result.unavailable,
    )


@endpoints.post(
    f"{_ORDER}/updateCheckoutData",
    roles=ORDERS_MOVE,
    accepts=_FORMS,
    raises=(CONFLICT,),
)
async def omnichat_update_checkout_data(
    call: Call, order_id: Id, body: CheckoutDataGiven
) -> OrderStatusTold:
    """Report where an order goes, how, and what is off its price.

    That is possible until it is paid or on its way.
    """
    given = _fitting(read_checkout(body.root))
    stored = await load_order(call.connection, call.tenant_id, order_id)
    if stored is None:
        raise not_found("order", order_id)
    try:
        order, changed = await check_out(
            call.connection,
            stored,
            given.change,
            actor=CALLBACK,
            responsible=given.responsible,
            now=call.now,
        )
    except OrderGone:
        raise not_found("order", order_id) from None
    except IllegalMove as error:
        raise Problem(CONFLICT, str(error)) from None
    if changed:
        await _note_change(call, order)
    call.after_commit(call.runtime.outbox_bell.ring)
    return _told(order)


async def _note_change(call: Call, order: Order) -> None:
    """Note the change beside the call: calls may be repeats, and change nothing."""
    await audited(
        call.connection,
        id=call.new_id("aud"),
        tenant_id=call.tenant_id,
        actor=call.actor,
        action="update_checkout_data",
        target=order.id,
        details={"grand_total": order.grand_total},
        now=call.now,
    )


def _fitting(read: T | Unfitting) -> T:
    """Return what a body says. Raises Problem naming the field that is wrong."""
    if isinstance(read, Unfitting):
        raise invalid(read.field, read.message)
    return read


async def _moved(
    call: Call,
    order_id: str,
    target: OrderState,
    *,
    message: str | None,
    external_id: str | None = None,
    checkout_url: str | None = None,
    responsible: str,
    unavailable: tuple[Unavailable, ...] = (),
) -> OrderStatusTold:
    """Move the order on; return it as it is now. Raises Problem."""
    try:
        order, told = await move_on(
            call.connection,
            call.runtime,
            tenant_id=call.tenant_id,
            order_id=order_id,
            target=target,
            actor=CALLBACK,
            message=message,
            external_id=external_id,
            checkout_url=checkout_url,
            responsible=responsible,
            unavailable=unavailable,
        )
    except BadItems as error:
        raise invalid("unavailableItems", str(error)) from None
    except OrderGone:
        raise not_found("order", order_id) from None
    except AlreadyFurther:
        return await _as_it_is(call, order_id)
    except (IllegalMove, StockGone) as error:
        raise Problem(CONFLICT, str(error)) from None
    if told:
        call.after_commit(call.runtime.outbox_bell.ring)
    return _told(order)


async def _as_it_is(call: Call, order_id: str) -> OrderStatusTold:
    """Answer news that came late: calls overtake each other, and it is done already."""
    stored = await load_order(call.connection, call.tenant_id, order_id)
    if stored is None:
        raise not_found("order", order_id)
    return _told(stored.order)


def _told(order: Order) -> OrderStatusTold:
    return OrderStatusTold(id=order.id, number=order.number, status=order.state)
