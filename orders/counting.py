"""Numbers counted up for a tenant: nobody ever gets one twice. Nothing here commits."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.table import counter


def upsert(
    connection: AsyncConnection, table: Table
) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that may say what to do about what is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


async def raised(
    connection: AsyncConnection, tenant_id: str, name: str, count: int
) -> int:
    """Raise a counter and return what it is now; its row is locked until the commit.

    The numbers won are the last `count` up to the answer. Raised by 0 it is only
    locked: whoever waits sees afterwards what the others did.
    """
    added = upsert(connection, counter).values(
        tenant_id=tenant_id, name=name, value=count
    )
    now = added.on_conflict_do_update(
        index_elements=["tenant_id", "name"],
        set_={"value": counter.c.value + added.excluded.value},
    ).returning(counter.c.value)
    last: int = (await connection.execute(now)).scalar_one()
    return last
