"""What everybody who needs the database has to expect."""

from typing import Final

import asyncpg


class DatabaseUnavailable(Exception):
    """The database cannot be reached or cannot commit now."""


#: PostgreSQL's serialization_failure and deadlock_detected: nothing was done.
TRANSIENT = frozenset({"40001", "40P01"})
#: PostgreSQL's classes of "not now" and "not you": connection lost, wrong password or
#: role, no such database, too many connections, shutting down or starting up.
REFUSING = ("08", "28", "3D", "53", "57P")
#: A connection that is not there, or breaks. One that the server cuts between two
#: statements is found out by the next one, which asyncpg refuses with an
#: InternalClientError: it knows its own state only.
BROKEN: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
#: How often work is done again that lost a race.
RETRIES = 5
