"""How often something was tried, counted for all processes of one database."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.rate import Rate
from bot.inbox.people_table import sign_in_try as tries

#: Each try takes so many along that are over: there are never more than that limit
#: somebody, however many names a stranger makes up.
_BATCH = 20


async def count_try(
    connection: AsyncConnection, name: str, rate: Rate, *, now: datetime
) -> float:
    """Count a try, unless the rate is used up; return how far ahead it was (s).

    `Rate.wait` tells what that means.
    """
    # Whose address it is stays out of the database.
    hashed = hashlib.sha256(name.encode(errors="replace")).hexdigest()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(tries).values(name=hashed, used_until=now)
    # An update of nothing locks it as well, and what is purged meanwhile comes back.
    found = await connection.execute(
        fresh.on_conflict_do_update(
            index_elements=[tries.c.name], set_={"name": fresh.excluded.name}
        ).returning(tries.c.used_until)
    )
    used_until: datetime = max(now, found.scalar_one())
    ahead = (used_until - now).total_seconds()
    if not rate.wait(ahead):
        await connection.execute(
            update(tries)
            .where(tries.c.name == hashed)
            .values(used_until=used_until + timedelta(seconds=rate.every))
        )
    # At last: who holds what is over would wait for a row that somebody else holds.
    await _forget_some(connection, now=now)
    return ahead


async def _forget_some(connection: AsyncConnection, *, now: datetime) -> None:
    """Forget a few that no longer limit anybody."""
    over = (
        select(tries.c.name)
        .where(tries.c.used_until <= now)
        .order_by(tries.c.used_until)
        .limit(_BATCH)
        # Who counts at the same time forgets others: nobody waits for anybody.
        .with_for_update(skip_locked=True)
    )
    await connection.execute(delete(tries).where(tries.c.name.in_(over)))


async def purge_tries(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget what no longer limits anybody; return how many."""
    gone = await connection.execute(delete(tries).where(tries.c.used_until <= now))
    return gone.rowcount
