"""Akinon's face: orders of a sales channel, made and listed."""

from datetime import timedelta

from pydantic import Field

from bot.inbox.calling import take_order
from bot.web.api.call import Call
from bot.web.api.problems import CONFLICT, INVALID
from bot.web.api.roles import ORDERING
from bot.web.faces import akinon_offers, akinon_people
from bot.web.faces.akinon_face import (
    FACE,
    PATH,
    ChannelNumber,
    Part,
    endpoints,
    known_channel,
    wrong,
)
from bot.web.faces.akinon_known import known_in
from orders.called_listing import called_orders
from orders.calling import CallConflict, called_before
from orders.domain.calling import CallRefused
from orders.domain.ids import Face as System
from orders.domain.ids import Kind, Thing
from orders.domain.order import Order
from orders.exporting import taken_by_sinks
from orders.faces.akinon import CreateOrderGiven, ListedOrder, OrderTold
from orders.faces.akinon_calling import (
    bare_call,
    call_of,
    unknown_statuses,
    wrong_in,
    wrong_in_call,
)
from orders.faces.akinon_reference import Listed
from orders.faces.akinon_telling import listed, order_told
from orders.ids import adopt_id

#: All three declare operations of the one face.
__all__ = ["FACE", "akinon_offers", "akinon_people", "endpoints"]


class OrdersWanted(Part):
    """Which orders."""

    number: str | None = Field(
        None, min_length=1, max_length=100, description="With this number."
    )


@endpoints.post(f"{PATH}/create_orders/", roles=ORDERING, raises=(CONFLICT,))
async def akinon_create_orders(
    call: Call, channel_id: ChannelNumber, body: CreateOrderGiven
) -> OrderTold:
    """Create an order of a channel.

    Its `number` makes it one: the same number with the same body is answered with the
    same order, with another body it is a conflict. Everything that it names must be
    there, in this channel. All of the body is kept and told again.
    """
    channel = await known_channel(call, call.connection, channel_id)
    bare = bare_call(call.tenant_id, channel, body)
    try:
        earlier = await called_before(call.connection, bare)
        if earlier is not None:
            return await _told(call, earlier, body)
        order = await _placed(call, channel, body)
    except CallConflict as error:
        message = (
            f"{error.key} is order {error.order.number} already, with another body:"
            " send that body again, or another number"
        )
        raise wrong(CONFLICT, [("order.number", message)]) from None
    except CallRefused as refused:
        raise wrong(INVALID, wrong_in_call(refused.problems)) from None
    return await _told(call, order, body)


async def _placed(call: Call, channel: str, body: CreateOrderGiven) -> Order:
    """Make the order. Raises Problem, CallRefused or CallConflict."""
    found = wrong_in(body, int(channel))
    if found:
        raise wrong(INVALID, found)
    known = await known_in(call.connection, call.tenant_id, channel, body)
    seconds = call.runtime.settings.provisioning_overdue_seconds
    called = await take_order(
        call.connection,
        call_of(call.tenant_id, channel, body, known, now=call.now),
        actor=call.actor,
        overdue_after=timedelta(seconds=seconds),
        audit=False,
        new_id=call.new_id,
        now=call.now,
    )
    order = called.order
    if not called.repeated:
        thing = Thing(Kind.ORDER, order.id)
        await adopt_id(
            call.connection,
            call.tenant_id,
            System.AKINON,
            thing,
            str(order.number),
            now=call.now,
        )
    call.note(
        target=order.id,
        number=order.number,
        channel=channel,
        unknown_statuses=len(unknown_statuses(body)),
    )
    call.after_commit(call.runtime.outbox_bell.ring)
    return order


async def _told(call: Call, order: Order, body: CreateOrderGiven) -> OrderTold:
    taken = await taken_by_sinks(call.connection, call.tenant_id, [order.id])
    return order_told(order, body.raw, is_sent=order.id in taken)


@endpoints.get(f"{PATH}/orders/", roles=ORDERING)
async def akinon_list_orders(
    call: Call, channel_id: ChannelNumber, query: OrdersWanted
) -> Listed[ListedOrder]:
    """List the orders that were created in a channel, newest first, with items."""
    channel = await known_channel(call, call.connection, channel_id)
    found, total = await called_orders(
        call.connection,
        call.tenant_id,
        System.AKINON,
        channel,
        key=query.number,
        limit=query.limit,
        offset=query.offset,
    )
    ids = [each.order.id for each in found]
    taken = await taken_by_sinks(call.connection, call.tenant_id, ids)
    told = [
        listed(each.order, each.raw, is_sent=each.order.id in taken) for each in found
    ]
    return Listed(count=total, next=query.following(total), results=told)
