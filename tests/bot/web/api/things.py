"""People and orders of Ana's shop, for tests of what the API says of them."""

from dataclasses import replace
from typing import Any

from bot.runtime import Runtime
from catalog.store import upsert_products
from orders import Order
from orders.domain.events import provisioning_events
from orders.outbox.store import Item, Topic, append
from orders.sinks import load_sinks
from orders.store import PlacedOrder, place_orders
from tests.api import Api
from tests.bot.web.entrance import ANA, body
from tests.factories import a_product, an_order


async def a_person(api: Api, wamid: str = "wamid.1", **message: Any) -> Any:
    """Let a customer of Ana's write; return them as the API shows them."""
    assert await api.entrance.post(body(wamid, **message)) == 200
    found = await api.agent.read("/v1/contacts")
    return found["data"][0]


async def an_order_of(api: Api, person: Any = None, **changes: Any) -> Order:
    """Place an order in Ana's shop as turns do, and let her sinks be told."""
    runtime = api.runtime
    wanted = replace(
        an_order(),
        id=runtime.new_id("ord"),
        draft_id=runtime.new_id("drf"),
        placed_at=runtime.clock(),
        **changes,
    )
    async with runtime.database.transaction() as connection:
        await upsert_products(
            connection,
            ANA.tenant_id,
            [a_product()],
            new_id=runtime.new_id,
            now=runtime.clock(),
        )
        placed = await place_orders(
            connection,
            [
                PlacedOrder(
                    tenant_id=ANA.tenant_id,
                    conversation_id=person and person["conversation_id"],
                    contact_id=person and person["id"],
                    order=wanted,
                )
            ],
            new_id=runtime.new_id,
            now=runtime.clock(),
        )
        sinks = await load_sinks(connection, [ANA.tenant_id])
        await append(
            connection,
            [
                Item(
                    tenant_id=ANA.tenant_id,
                    shard=0,
                    topic=Topic.EVENT,
                    lane=event.lane,
                    unique_key=event.unique_key,
                    payload=event.payload,
                    due_at=runtime.clock(),
                )
                for event in provisioning_events(
                    wanted.id, ANA.tenant_id, sinks[ANA.tenant_id]
                )
            ],
            now=runtime.clock(),
        )
    order = placed[wanted.id]
    assert isinstance(order, Order)
    return order


def at(runtime: Runtime) -> str:
    return runtime.clock().date().isoformat()
