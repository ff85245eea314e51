"""A circuit breaker: while a service is away, nobody waits for it.

Closed, calls pass. After several failures in a row it opens, and calls are refused at
once. When its pause is over one call may try (half-open): if that succeeds the breaker
closes, else it opens again, for twice as long.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """When to open, and for how long. Seconds."""

    failures: int = 4  #: In a row.
    pause: float = 15
    longest: float = 240


class Breaker:
    """Of one service, for one process. `clock` is monotonic, in seconds."""

    def __init__(
        self, clock: Callable[[], float], patience: Patience | None = None
    ) -> None:
        self._clock = clock
        self._patience = patience or Patience()
        self._failures = 0
        self._pause = self._patience.pause
        self._until: float | None = None  #: Open until then; None: closed.
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Return whether calls are refused, or tried one at a time."""
        return self._until is not None

    @property
    def wait(self) -> float:
        """Return the seconds until a call may be tried."""
        return 0.0 if self._until is None else max(0.0, self._until - self._clock())

    def enter(self) -> bool:
        """Return whether a call may be made. Each that may tells how it went."""
        if self._until is None:
            return True
        if self._probing or self.wait > 0:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """Say that the service is there."""
        self._failures, self._pause = 0, self._patience.pause
        self._until, self._probing = None, False

    def failed(self, *, wait: float | None = None) -> None:
        """Say that it is not; `wait` is how long it asked to be left alone."""
        self._failures += 1
        if self._until is not None and not self._probing:
            return  # It was begun before the breaker opened: that is known.
        if self._probing:
            self._pause = min(2 * self._pause, self._patience.longest)
        elif self._failures < self._patience.failures:
            return
        self._probing = False
        self._until = self._clock() + max(self._pause, wait or 0.0)

    def left(self) -> None:
        """Say that a call ended without telling anything, such as when cancelled."""
        self._probing = False
