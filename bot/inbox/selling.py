"""Who sold an order: the agent who approved or confirmed it, and their team."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import user as users
from orders.domain.order import Order
from orders.provisioning.around import SalesPerson, Team

_USER = "user:"


async def seller_of(
    connection: AsyncConnection, tenant_id: str, order: Order
) -> SalesPerson | None:
    """Return the agent; None where a customer, or a program, did it alone."""
    said = (order.approved_by, order.confirmed_by)
    actors = [each.actor or "" for each in said if each is not None]
    ids = [each.removeprefix(_USER) for each in actors if each.startswith(_USER)]
    if not ids:
        return None
    found = await connection.execute(
        select(users).where(users.c.tenant_id == tenant_id, users.c.id == ids[0])
    )
    row = found.one_or_none()
    if row is None:
        return None
    team = Team(row.team, row.team_external_id) if row.team else None
    return SalesPerson(row.id, row.name, row.external_id, row.sales_code, team)


async def teams_of(
    connection: AsyncConnection, tenant_id: str, order: Order
) -> tuple[str, ...]:
    """Return what the seller's team is called, for routes; empty: there is none."""
    seller = await seller_of(connection, tenant_id, order)
    team = seller and seller.team
    if not team:
        return ()
    return tuple(name for name in (team.name, team.external_id) if name)
