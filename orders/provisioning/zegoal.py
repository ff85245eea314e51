"""Orders as Zegoal's CreateOrder call.

Zegoal's documents have no call that finds an order, and none that changes one. So an
order is made once: what the system calls it is noted at once, and what was noted is
never sent again. Each attempt has the same body and the same `Idempotency-Key`, which
our own face tells a repetition by; where a system does not, the order's description
names ours, so that a person finds the two.
"""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import ClassVar

import aiohttp
from pydantic import Field as Option

from orders.domain.rules import Field
from orders.outbox.delivery import Refused
from orders.provisioning.asking import Asking, Reply
from orders.provisioning.options import BadOptions, SinkOptions, read_options
from orders.provisioning.sink import SinkDelivery
from orders.provisioning.zegoal_body import (
    external_code,
    made,
    order_body,
    position_named,
    refusal,
)

_CREATE, _CATALOG = "/CreateOrder", "/GetOrderingCatalog"
#: What is noted of a line whose product the catalog there does not have.
_NONE = "-"
#: Statuses of Zegoal's own errors, whose words are read.
_OWN_ERRORS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


class ZegoalOptions(SinkOptions):
    """Which tenant of the system the orders are for."""

    #: Its name there; absent: it is that of the shop.
    tenant: str | None = Option(None, min_length=1, max_length=200)


class ZegoalSink:
    """A system that understands Zegoal's CreateOrder, below the sink's address."""

    kind: ClassVar[str] = "zegoal"
    #: An account is made of a name and an external id; the id is the customer's own.
    required: ClassVar[frozenset[Field]] = frozenset({Field.NAME})
    options: ClassVar[type[SinkOptions]] = ZegoalOptions
    keyed: ClassVar[bool] = True

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def deliver(self, delivery: SinkDelivery) -> str | None:
        """Make the order there once; return its `order_id`, if it was answered.

        Raises Refused or Unavailable.
        """
        order, memory = delivery.order, delivery.memory
        known = await memory.recall("order", order.id)
        if delivery.cancelled_at is not None:
            there = f"order {known}" if known else f"our order {order.id}"
            raise Refused(f"Zegoal has no call that cancels: cancel {there} there")
        if known is not None:
            return known
        base = delivery.url.rstrip("/").removesuffix(_CREATE)
        asking = Asking(
            self._session,
            replace(delivery, url=base),
            judged=_OWN_ERRORS,
            scheme="Bearer",
            once=True,
        )
        tenant = _tenant(delivery)
        positions = await _positions(asking, tenant)
        body = order_body(order, delivery.tenant.timezone, tenant, positions)
        theirs = made(_taken(await asking.post(_CREATE, body, step="order")))
        if theirs is not None:
            await memory.note("order", order.id, theirs, owner=order.id)
        return theirs


async def _positions(asking: Asking, tenant: str) -> Mapping[str, int]:
    """Return the catalog's numbers of lines whose products it has, by line.

    What was found is noted: another attempt says the same.
    """
    order, memory = asking.delivery.order, asking.delivery.memory
    found: dict[str, int] = {}
    for line in order.lines:
        code = external_code(line)
        if code is None:
            continue
        key = f"{order.id}/{line.id}"
        number = await memory.recall("position", key)
        if number is None:
            body = {"tenant": tenant, "catalog_position_ext_code": code}
            reply = await asking.post(_CATALOG, body, step=f"position:{line.id}")
            # A system without that call, or without that product: it goes by hand.
            number = position_named(reply, code) or _NONE
            await memory.note("position", key, number, owner=order.id)
        if number != _NONE:
            found[line.id] = int(number)
    return found


def _taken(reply: Reply) -> Reply:
    if not reply.taken:
        raise Refused(f"HTTP {reply.status}: {refusal(reply)}")
    return reply


def _tenant(delivery: SinkDelivery) -> str:
    try:
        options = read_options(ZegoalOptions, delivery.options)
    except BadOptions as error:
        raise Refused(f"the sink's options: {error}") from None
    return options.tenant or delivery.tenant.name
