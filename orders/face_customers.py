"""Customers of one sales channel of a face, in the database. Nothing here commits.

Whom a channel made, with an id of its own, belongs to it. Who came in any other way,
by a chat for example, may order in every channel.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.ids import Face
from orders.table import customer, external_id

#: The kind under which a channel's own ids of customers are kept: `CHANNEL/ID`.
CODE = "customer_code"
#: And of their addresses: `CUSTOMER/ID`.
REMOTE = "address_code"


def code_of(owner: str, code: str) -> str:
    """Return the name under which somebody's own id of a thing is kept."""
    return f"{owner}/{code}"


async def channel_customers(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    channel: str,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[str], int]:
    """Return the ids of who may order in a channel, oldest first, and how many."""
    named, mine = _named(tenant_id, face), _is_of(tenant_id, channel)
    joined = customer.outerjoin(external_id, named)
    total = await connection.execute(
        select(func.count()).select_from(joined).where(*mine)
    )
    rows = await connection.execute(
        select(customer.c.id)
        .select_from(joined)
        .where(*mine)
        .order_by(customer.c.created_at, customer.c.id)
        .limit(limit)
        .offset(offset)
    )
    return list(rows.scalars()), total.scalar_one()


async def may_order(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    channel: str,
    customer_id: str,
) -> bool:
    """Return whether somebody is there, and may order in a channel."""
    rows = await connection.execute(
        select(customer.c.id)
        .select_from(customer.outerjoin(external_id, _named(tenant_id, face)))
        .where(*_is_of(tenant_id, channel), customer.c.id == customer_id)
    )
    return rows.first() is not None


def _named(tenant_id: str, face: Face) -> ColumnElement[bool]:
    return and_(
        external_id.c.tenant_id == tenant_id,
        external_id.c.face == face,
        external_id.c.kind == CODE,
        external_id.c.internal_id == customer.c.id,
    )


def _is_of(tenant_id: str, channel: str) -> tuple[ColumnElement[bool], ...]:
    own = external_id.c.external_id.startswith(code_of(channel, ""), autoescape=True)
    return (
        customer.c.tenant_id == tenant_id,
        or_(external_id.c.external_id.is_(None), own),
    )
