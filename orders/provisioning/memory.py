"""What a sink has made in a merchant's system, so that it never makes it twice."""

from dataclasses import dataclass, field
from typing import Protocol


class SinkMemory(Protocol):
    """The memory of one sink. What was noted stays, whatever happens afterwards.

    `kind` and `ours` name a thing: an order by its id, an address by whose it is and a
    print of it. Both methods raise Unavailable while nothing can be read or kept.
    """

    async def recall(self, kind: str, ours: str) -> str | None:
        """Return what the system calls the thing; None: it was not noted."""

    async def note(self, kind: str, ours: str, theirs: str, *, owner: str) -> None:
        """Note what the system calls the thing; the first note of a thing stays.

        `owner` is our id of the customer or the order that it tells of: it is forgotten
        with them.
        """


@dataclass(frozen=True, slots=True)
class ShortMemory:
    """A memory that ends with the process."""

    noted: dict[tuple[str, str], str] = field(default_factory=dict)

    async def recall(self, kind: str, ours: str) -> str | None:
        return self.noted.get((kind, ours))

    async def note(self, kind: str, ours: str, theirs: str, *, owner: str) -> None:
        del owner
        self.noted.setdefault((kind, ours), theirs)
