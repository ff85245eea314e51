"""Orders: what was bought, how it goes on, and cancelling."""

from pydantic import ConfigDict, Field

from bot.progress import move_on
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging
from bot.web.api.order_views import OrderMoveView, OrderView, move_view, order_view
from bot.web.api.problems import CONFLICT, Problem, not_found
from bot.web.api.roles import ORDERING
from orders import IllegalMove, OrderState
from orders.domain.entity_version import VersionConflict
from orders.listing import OrderFilter, list_orders
from orders.standing import load_parts
from orders.store import OrderGone, StockGone, StoredOrder, history, load_order

endpoints = Endpoints(
    "orders", "What was bought. An order never changes; only its state goes on."
)


VERSION = Field(
    None,
    ge=1,
    le=2**62,
    description="The version that you read: if it is not the newest, 409.",
)


class OrdersGiven(Paging):
    """Which orders."""

    state: OrderState | None = Field(None, description="In this state.")
    conversation_id: Id | None = Field(None, description="Of this conversation.")
    customer_id: Id | None = Field(None, description="Of this customer.")
    number: int | None = Field(None, ge=1, le=2**62, description="With this number.")
    external_id: str | None = Field(
        None, max_length=200, description="With this id in the shop's other system."
    )
    placed_from: Moment | None = Field(None, description="Placed then or later.")
    placed_before: Moment | None = Field(None, description="Placed before that.")
    search: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description="The number, or a part of the name, the phone, the company or an"
        " id.",
    )


class CancelGiven(Given):
    """Why an order is cancelled. It stands in the order's history."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The customer changed their mind."}]}
    )

    reason: str = Field(min_length=1, max_length=500, pattern=r"\S")
    entity_version: int | None = VERSION


@endpoints.get("/v1/orders", roles=ORDERING)
async def list_of_orders(call: Call, query: OrdersGiven) -> Page[OrderView]:
    """List orders, newest first."""
    found, total = await list_orders(
        call.connection,
        call.tenant_id,
        OrderFilter(
            state=query.state,
            conversation_id=query.conversation_id,
            customer_id=query.customer_id,
            number=query.number,
            external_id=query.external_id,
            placed_from=query.placed_from,
            placed_before=query.placed_before,
            search=query.search,
        ),
        limit=query.limit,
        offset=query.offset,
    )
    parts = await load_parts(call.connection, [each.order.id for each in found])
    views = [order_view(each, parts[each.order.id]) for each in found]
    return Page(data=views, total=total)


@endpoints.get("/v1/orders/{order_id}", roles=ORDERING)
async def read_order(call: Call, order_id: Id) -> OrderView:
    """Read an order."""
    return await view_of(call, await known_order(call, order_id))


@endpoints.get("/v1/orders/{order_id}/history", roles=ORDERING)
async def read_order_history(call: Call, order_id: Id) -> Page[OrderMoveView]:
    """Read how an order went on, oldest first."""
    moves = await moves_of(call, await known_order(call, order_id))
    return Page(data=moves, total=len(moves))


@endpoints.post("/v1/orders/{order_id}/cancel", roles=ORDERING, raises=(CONFLICT,))
async def cancel_order(call: Call, order_id: Id, body: CancelGiven) -> OrderView:
    """Cancel an order.

    Its stock may be sold again, and the customer is told. An order that is cancelled
    already stays so; one that was shipped cannot be cancelled any more.
    """
    try:
        _, told = await move_on(
            call.connection,
            call.runtime,
            tenant_id=call.tenant_id,
            order_id=order_id,
            target=OrderState.CANCELLED,
            actor=call.actor,
            message=body.reason,
            expected_version=body.entity_version,
        )
    except OrderGone:
        raise not_found("order", order_id) from None
    except (IllegalMove, StockGone, VersionConflict) as error:
        raise Problem(CONFLICT, f"order {order_id!r}: {error}") from None
    if told:
        call.after_commit(call.runtime.outbox_bell.ring)
    return await view_of(call, await known_order(call, order_id))


async def known_order(call: Call, order_id: str) -> StoredOrder:
    """Return an order of the tenant. Raises Problem when there is none."""
    stored = await load_order(call.connection, call.tenant_id, order_id)
    if stored is None:
        raise not_found("order", order_id)
    return stored


async def view_of(call: Call, stored: StoredOrder) -> OrderView:
    """Return an order as it is shown."""
    order_id = stored.order.id
    parts = await load_parts(call.connection, [order_id])
    return order_view(stored, parts[order_id])


async def moves_of(call: Call, stored: StoredOrder) -> list[OrderMoveView]:
    """Return how an order went on, oldest first."""
    moves = await history(call.connection, stored.order.id)
    return [move_view(each, stored.order.currency) for each in moves]
