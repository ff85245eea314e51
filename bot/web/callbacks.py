"""OmniChat's callbacks: the merchant's system says how an order goes on.

All are safe to repeat. Errors are problem details (RFC 9457).
"""

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.inbox.accounts import KeyHolder
from bot.inbox.audit import audited
from bot.progress import CALLBACK, advance
from bot.web.auth import holder_of
from bot.web.body import read_body
from bot.web.keys import RUNTIME
from bot.web.problems import problem
from orders.checkout import check_out
from orders.domain.lifecycle import AlreadyFurther, IllegalMove
from orders.domain.order import Order, OrderState
from orders.provisioning.callback_fields import Problem
from orders.provisioning.callbacks import read_provisions, read_status_change
from orders.provisioning.checkout import CheckoutUpdate, read_checkout
from orders.provisioning.shortfalls import BadItems, Unavailable
from orders.store import OrderGone, StockGone, load_order

routes = web.RouteTableDef()
_log = structlog.get_logger(__name__)

#: Only what can be an id is looked up; a callback for anything else is a 404.
_ORDER = r"/v2/orders/{order:[\w-]{1,60}}"
#: Roles whose keys may move orders.
_ROLES = frozenset({"integration", "admin"})


@routes.post(f"{_ORDER}/statusChange")
async def status_change(request: web.Request) -> web.Response:
    """Move an order to the status that the merchant's system reports."""
    holder = await _authorised(request)
    if isinstance(holder, web.Response):
        return holder
    change = read_status_change(await read_body(request))
    if isinstance(change, Problem):
        return problem(HTTPStatus.BAD_REQUEST, change.message, field=change.field)
    return await _advance(
        request,
        holder.tenant_id,
        change.state,
        message=change.message,
        external_id=change.order_gw_id,
        responsible=change.responsible,
    )


@routes.post(f"{_ORDER}/provisions")
async def provisions(request: web.Request) -> web.Response:
    """Note that an order was provisioned, or why it was not."""
    holder = await _authorised(request)
    if isinstance(holder, web.Response):
        return holder
    result = read_provisions(await read_body(request))
    if isinstance(result, Problem):
        return problem(HTTPStatus.BAD_REQUEST, result.message, field=result.field)
    return await _advance(
        request,
        holder.tenant_id,
        result.state,
        message=result.message,
        checkout_url=result.checkout_url,
        responsible=result.responsible,
        unavailable=result.unavailable,
    )


@routes.post(f"{_ORDER}/updateCheckoutData")
async def update_checkout_data(request: web.Request) -> web.Response:
    """Take over where an order goes, how, and what is off its price."""
    holder = await _authorised(request)
    if isinstance(holder, web.Response):
        return holder
    given = read_checkout(await read_body(request))
    if isinstance(given, Problem):
        return problem(HTTPStatus.BAD_REQUEST, given.message, field=given.field)
    return await _check_out(request, holder, given)


async def _check_out(
    request: web.Request, holder: KeyHolder, given: CheckoutUpdate
) -> web.Response:
    runtime, order_id = request.app[RUNTIME], request.match_info["order"]

    async def work(connection: AsyncConnection) -> Order:
        stored = await load_order(connection, holder.tenant_id, order_id)
        if stored is None:
            raise OrderGone(order_id)
        order, changed = await check_out(
            connection,
            stored,
            given.change,
            actor=CALLBACK,
            responsible=given.responsible,
            now=runtime.clock(),
        )
        if changed:
            await audited(
                connection,
                id=runtime.new_id("aud"),
                tenant_id=holder.tenant_id,
                actor=f"key:{holder.id}",
                action="update_checkout_data",
                target=order_id,
                details={"grand_total": order.grand_total},
                now=runtime.clock(),
            )
        return order

    try:
        order = await runtime.database.retried(work)
    except OrderGone:
        return problem(HTTPStatus.NOT_FOUND, f"there is no order {order_id!r}")
    except IllegalMove as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    except DatabaseUnavailable as error:
        return _unavailable(error)
    runtime.outbox_bell.ring()
    return _told(order)


async def _authorised(request: web.Request) -> web.Response | KeyHolder:
    """Return the holder of the key, or the answer that refuses."""
    try:
        holder = await holder_of(request)
    except DatabaseUnavailable as error:
        return _unavailable(error)
    if holder is None:
        return problem(
            HTTPStatus.UNAUTHORIZED,
            "send `Authorization: Bearer KEY` with a key of `chatorder key add`",
        )
    if holder.role not in _ROLES:
        return problem(
            HTTPStatus.FORBIDDEN,
            f"a key with the role {holder.role} cannot move orders;"
            " use one with the role integration",
        )
    return holder


async def _advance(
    request: web.Request,
    tenant_id: str,
    target: OrderState,
    *,
    message: str | None,
    external_id: str | None = None,
    checkout_url: str | None = None,
    responsible: str | None = None,
    unavailable: Sequence[Unavailable] = (),
) -> web.Response:
    order_id = request.match_info["order"]
    try:
        order = await advance(
            request.app[RUNTIME],
            tenant_id=tenant_id,
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
        return problem(HTTPStatus.BAD_REQUEST, str(error), field="unavailableItems")
    except OrderGone:
        return problem(HTTPStatus.NOT_FOUND, f"there is no order {order_id!r}")
    except AlreadyFurther:
        return await _as_it_is(request, tenant_id, order_id)
    except (IllegalMove, StockGone) as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    except DatabaseUnavailable as error:
        return _unavailable(error)
    return _told(order)


async def _as_it_is(
    request: web.Request, tenant_id: str, order_id: str
) -> web.Response:
    """Answer news that came late: calls overtake each other, and it is done already."""
    try:
        async with request.app[RUNTIME].database.reading() as connection:
            stored = await load_order(connection, tenant_id, order_id)
    except DatabaseUnavailable as error:
        return _unavailable(error)
    if stored is None:
        return problem(HTTPStatus.NOT_FOUND, f"there is no order {order_id!r}")
    return _told(stored.order)


def _told(order: Order) -> web.Response:
    return web.json_response(
        {"id": order.id, "number": order.number, "status": order.state}
    )


def _unavailable(error: DatabaseUnavailable) -> web.Response:
    _log.warning("callback_refused", error=str(error))
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "nothing was stored: please send it again"
    )
