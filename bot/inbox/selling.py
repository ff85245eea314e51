"""Who sold an order: whose work its conversation was, else who confirmed it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.people_table import user as users
from bot.inbox.table import conversation
from orders.domain.order import Order
from orders.provisioning.around import SalesPerson, Team
from orders.table import order as orders

_USER = "user:"


async def note_sellers(connection: AsyncConnection, order_ids: Sequence[str]) -> None:
    """Keep with orders that were just placed whose work their conversations are.

    Later the conversation may be released, or somebody else's; the order stays theirs.
    """
    if not order_ids:
        return
    whose = select(conversation).where(conversation.c.id == orders.c.conversation_id)
    person = whose.with_only_columns(conversation.c.assigned_to)
    team = whose.with_only_columns(conversation.c.team)
    await connection.execute(
        update(orders)
        .where(orders.c.id.in_(order_ids))
        .values(sold_by=person.scalar_subquery(), sold_team=team.scalar_subquery())
    )


@dataclass(frozen=True, slots=True)
class Sold:
    """Who sold an order; None: a customer, or a program, alone in nobody's chat."""

    person: SalesPerson | None = None
    team: Team | None = None


async def sold_by(connection: AsyncConnection, tenant_id: str, order: Order) -> Sold:
    """Return whose work the conversation was when the order was placed.

    Where it was nobody's, the agent who approved or confirmed it.
    """
    found = await connection.execute(
        select(orders.c.sold_by, orders.c.sold_team).where(
            orders.c.tenant_id == tenant_id, orders.c.id == order.id
        )
    )
    row = found.one_or_none()
    assigned, team = (row.sold_by, row.sold_team) if row is not None else (None, None)
    user_id = assigned or _agent_of(order)
    person = None
    if user_id is not None:
        person = await _person(connection, tenant_id, user_id)
    own = None if person is None else person.team
    if team is None or (own is not None and own.name == team):
        return Sold(person, own)
    return Sold(person, await _team(connection, tenant_id, team))


async def teams_of(
    connection: AsyncConnection, tenant_id: str, order: Order
) -> tuple[str, ...]:
    """Return what the order's team is called, for routes; empty: there is none."""
    team = (await sold_by(connection, tenant_id, order)).team
    if not team:
        return ()
    return tuple(name for name in (team.name, team.external_id) if name)


def _agent_of(order: Order) -> str | None:
    said = (order.approved_by, order.confirmed_by)
    actors = [each.actor or "" for each in said if each is not None]
    ids = [each.removeprefix(_USER) for each in actors if each.startswith(_USER)]
    return ids[0] if ids else None


async def _person(
    connection: AsyncConnection, tenant_id: str, user_id: str
) -> SalesPerson | None:
    found = await connection.execute(
        select(users).where(users.c.tenant_id == tenant_id, users.c.id == user_id)
    )
    row = found.one_or_none()
    if row is None:
        return None
    team = Team(row.team, row.team_external_id) if row.team else None
    return SalesPerson(row.id, row.name, row.external_id, row.sales_code, team)


async def _team(connection: AsyncConnection, tenant_id: str, name: str) -> Team:
    """Return a team with the id that one of its people has it by elsewhere."""
    found = await connection.execute(
        select(users.c.team_external_id)
        .where(
            users.c.tenant_id == tenant_id,
            users.c.team == name,
            users.c.team_external_id.is_not(None),
        )
        .order_by(users.c.id)
        .limit(1)
    )
    return Team(name, found.scalar())
