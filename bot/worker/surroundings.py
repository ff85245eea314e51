"""What is stored around an order: who buys, who sold, where, and how it went on."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.selling import sold_by
from bot.inbox.table import channel, conversation
from orders.customers import load_customer
from orders.domain.shop import Shop
from orders.history import MoveKind, OrderMove
from orders.order_rows import StoredOrder
from orders.provisioning.around import Around, Buyer, StateStep

#: What a channel of a kind is called where people choose among several.
_CALLED = {"whatsapp": "WhatsApp", "evolution": "WhatsApp", "waha": "WhatsApp"}


async def around_order(
    connection: AsyncConnection,
    stored: StoredOrder,
    shop: Shop,
    moves: Sequence[OrderMove],
) -> Around:
    """Return what is known around an order."""
    sold = await sold_by(connection, stored.tenant_id, stored.order)
    return Around(
        buyer=await _buyer(connection, stored),
        sales_person=sold.person,
        team=sold.team,
        payments=tuple(shop.payments),
        states=_states(moves),
    )


async def sales_channel_of(
    connection: AsyncConnection, stored: StoredOrder
) -> str | None:
    """Return where the order came from, in words; None: nobody knows."""
    if stored.conversation_id is None:
        return (stored.order.origin and stored.order.origin.channel) or None
    found = await connection.execute(
        select(channel.c.kind)
        .join(conversation, conversation.c.channel_id == channel.c.id)
        .where(conversation.c.id == stored.conversation_id)
    )
    kind: str | None = found.scalar()
    return None if kind is None else _CALLED.get(kind, kind)


def _states(moves: Sequence[OrderMove]) -> tuple[StateStep, ...]:
    """Return the states that an order came to; a remark is none."""
    steps: list[StateStep] = []
    for each in moves:
        if each.kind is not MoveKind.STATE:
            continue
        if not steps or steps[-1].state is not each.state:
            steps.append(
                StateStep(
                    each.state, each.responsible or each.actor, each.message, each.at
                )
            )
    return tuple(steps)


async def _buyer(connection: AsyncConnection, stored: StoredOrder) -> Buyer:
    if stored.order.customer_id is None:
        return Buyer()
    who = await load_customer(connection, stored.tenant_id, stored.order.customer_id)
    if who is None:
        return Buyer()
    return Buyer(
        first_name=who.first_name,
        last_name=who.last_name,
        gender=who.gender,
        birth_date=who.birth_date,
        phone_country_code=who.phone_country_code,
        phone_area_code=who.phone_area_code,
        phone_number=who.phone_number,
        business=who.business,
        company=who.company,
        tax_id=who.tax_id,
        state_tax_id=who.state_tax_id,
        documents=tuple(each.number for each in who.documents),
        data=who.data,
    )
