"""Orders into an Akinon channel: customer, then address, then order.

Each step is noted as soon as it is done, and looked up before it is done again: a retry
after a crash or a time-out goes on where it was, and makes nothing twice. The paths are
those of our own Akinon face; the one of orders is Akinon's.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

import aiohttp

from orders.domain.rules import Field
from orders.outbox.delivery import Refused
from orders.provisioning.akinon_body import (
    AkinonOptions,
    address_body,
    buyer_of,
    customer_body,
    number_of,
    order_body,
)
from orders.provisioning.asking import Asking, Reply
from orders.provisioning.options import BadOptions, SinkOptions, read_options
from orders.provisioning.sink import SinkDelivery

#: What is noted of a delivery, and that an order may have been sent.
_CUSTOMER, _ADDRESS, _ORDER, _SENT = "customer", "address", "order", "sent"


class AkinonSink:
    """An Akinon that takes orders of a sales channel."""

    kind: ClassVar[str] = "akinon"
    #: A customer has a name there, and somebody who carries it a number to call.
    required: ClassVar[frozenset[Field]] = frozenset({Field.NAME, Field.PHONE})
    options: ClassVar[type[SinkOptions]] = AkinonOptions
    keyed: ClassVar[bool] = True

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def deliver(self, delivery: SinkDelivery) -> None:
        """Make the order there, if it is not. Raises Refused or Unavailable.

        News of an order that is there are none to Akinon: its own states go on there.
        A cancellation is refused, so that a person cancels it there.
        """
        try:
            options = read_options(AkinonOptions, delivery.options)
        except BadOptions as error:
            raise Refused(f"the sink's options do not fit: {error}") from None
        number = number_of(delivery.order, options)
        if delivery.cancelled_at is not None:
            raise Refused(f"cancel the order {number} in Akinon: it takes none from us")
        if delivery.step is None:
            await _Steps(self._session, delivery, options, number).run()


class _Steps:
    """One attempt of one order."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        delivery: SinkDelivery,
        options: AkinonOptions,
        number: str,
    ) -> None:
        self._ask = Asking(session, delivery)
        self._delivery = delivery
        self._order = delivery.order
        self._options = options
        self._number = number
        self._path = f"/api/v1/channel/{options.channel_id}"

    async def run(self) -> None:
        memory, order = self._delivery.memory, self._order
        if await memory.recall(_ORDER, order.id) is not None:
            return
        customer = await self._customer()
        address = await self._address(customer)
        products = {line.sku: 0 for line in order.lines}
        for sku in products:
            products[sku] = await self._product(sku)
        if await memory.recall(_SENT, order.id) is not None and await self._is_there():
            await memory.note(_ORDER, order.id, self._number, owner=order.id)
            return
        body = order_body(
            self._delivery,
            self._options,
            customer=customer,
            address=address,
            products=products,
        )
        await memory.note(_SENT, order.id, self._number, owner=order.id)
        made = await self._ask.post(f"{self._path}/create_orders/", body, step=_ORDER)
        # The number may be taken by ourselves: an earlier body said another status.
        if not made.taken and not await self._is_there():
            raise _refused(made)
        await memory.note(_ORDER, order.id, self._number, owner=order.id)

    async def _customer(self) -> int:
        code = buyer_of(self._order)
        path = f"{self._path}/customers/"
        return await self._step(
            (_CUSTOMER, code), path, {"channel_code": code}, customer_body(self._order)
        )

    async def _address(self, customer: int) -> int:
        body = address_body(self._order, self._delivery.tenant, customer)
        remote, path = str(body["remote_id"]), f"{self._path}/addresses/"
        return await self._step(
            (_ADDRESS, f"{buyer_of(self._order)}/{remote}"),
            path,
            {"customer": customer, "remote_id": remote},
            body,
        )

    async def _step(
        self,
        thing: tuple[str, str],
        path: str,
        query: Mapping[str, object],
        body: Mapping[str, object],
    ) -> int:
        """Return Akinon's number of a thing: noted, found there, or made now."""
        memory, (kind, ours) = self._delivery.memory, thing
        known = await memory.recall(kind, ours)
        if known is not None:
            return int(known)
        found = await self._found(path, query)
        if found is None:
            made = await self._ask.post(path, body, step=kind)
            found = _pk(made.data)
            if not made.taken:
                # Somebody was faster: theirs is ours.
                found = await self._found(path, query)
            if found is None:
                raise _refused(made)
        await memory.note(kind, ours, str(found), owner=buyer_of(self._order))
        return found

    async def _found(self, path: str, query: Mapping[str, object]) -> int | None:
        for each in await self._results(path, query):
            if all(each.get(name) == value for name, value in query.items()):
                return _pk(each)
        return None

    async def _product(self, sku: str) -> int:
        path, query = f"{self._path}/products/", {"sku": sku}
        found = await self._found(path, query) if sku else None
        if found is None:
            raise Refused(
                f"Akinon's channel {self._options.channel_id} has no product with the"
                f" SKU {sku!r}: add it there, then send the order again"
            )
        return found

    async def _is_there(self) -> bool:
        """Return whether the order is in the channel, as ours."""
        query = {"number": self._number}
        for each in await self._results(f"{self._path}/orders/", query):
            extra = each.get("extra_field")
            if each.get("number") == self._number and isinstance(extra, dict):
                return extra.get("order_id") == self._order.id
        return False

    async def _results(
        self, path: str, query: Mapping[str, object]
    ) -> list[Mapping[str, object]]:
        answer = await self._ask.get(path, **query)
        results = answer.data.get("results")
        if not answer.taken and answer.status != HTTPStatus.NOT_FOUND:
            raise _refused(answer)
        if not isinstance(results, list):  # A system that has no such list.
            return []
        return [each for each in results if isinstance(each, dict)]


def _pk(data: Mapping[str, object]) -> int | None:
    found = data.get("pk")
    return found if type(found) is int else None


def _refused(reply: Reply) -> Refused:
    return Refused(f"HTTP {reply.status}: {reply.words}")
