"""Optimistic concurrency: who changes a thing says which version they had read."""


class VersionConflict(Exception):
    """Somebody has changed the thing since it was read."""

    def __init__(self, thing: str, expected: int, actual: int) -> None:
        super().__init__(
            f"{thing} is at version {actual}, not {expected}:"
            " read it again, and send the version that you read"
        )
        self.thing = thing
        self.expected = expected
        self.actual = actual


def require_version(thing: str, expected: int | None, actual: int) -> None:
    """Raise VersionConflict unless the expected version is the actual one.

    None expects nothing: the last one to write wins. `actual` is read under a lock.
    """
    if expected is not None and expected != actual:
        raise VersionConflict(thing, expected, actual)
