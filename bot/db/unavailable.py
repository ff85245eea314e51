"""What everybody who needs the database has to expect."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached or cannot commit now."""


#: PostgreSQL's serialization_failure and deadlock_detected: nothing was done.
TRANSIENT = frozenset({"40001", "40P01"})
#: PostgreSQL's classes of "not now" and "not you": connection lost, wrong password or
#: role, no such database, too many connections, shutting down or starting up.
REFUSING = ("08", "28", "3D", "53", "57P")
#: How often work is done again that lost a race.
RETRIES = 5
