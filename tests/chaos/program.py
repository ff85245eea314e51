"""One process of the product: started, killed, paused and asked to stop, by its id."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests import nursery
from tests.image import clean_environment

#: Starting takes seconds where four suites share two processors.
START_SECONDS = 60.0
_LOOK = 0.02


class Program:
    """`python -m bot WORDS` with its settings and its log; may be started again."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        *,
        says: str,
        settings: Mapping[str, object],
        folder: Path,
        as_users_do: bool = False,
    ) -> None:
        """`says`: the event that its log shows once it is up.

        `as_users_do`: it imports everything itself, which takes some seconds.
        """
        self.name = name
        self.kills = 0
        self._words = list(words)
        self._as_users_do = as_users_do
        self._says = f'"event": "{says}"'
        self._environment = {
            **clean_environment(),
            **{f"CHATORDER_{name}": str(value) for name, value in settings.items()},
        }
        self._folder = folder
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | ForkServerProcess | None = None
        self._read_from = 0  # of its log, in the present run

    @property
    def is_running(self) -> bool:
        """Tell whether it runs; a paused one does."""
        return self._process is not None and self._code is None

    @property
    def _code(self) -> int | None:
        """With which code it ended; None while it runs."""
        if isinstance(self._process, ForkServerProcess):
            return self._process.exitcode
        return None if self._process is None else self._process.poll()

    @property
    def log(self) -> str:
        """Everything it said, in all its runs."""
        return self._log.read_text("utf-8") if self._log.exists() else ""

    def begin(self) -> None:
        """Start it, without waiting until it is up."""
        assert not self.is_running, f"{self.name} runs already"
        self._read_from = len(self.log)
        if not self._as_users_do:
            self._process = nursery.begin(
                self._words,
                environment=self._environment,
                folder=self._folder,
                out=self._log,
            )
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", *self._words],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def up(self) -> None:
        """Return when it works."""
        deadline = time.monotonic() + START_SECONDS
        while self._says not in self.log[self._read_from :]:
            assert self.is_running, f"{self.name} ended:\n{self.log}"
            assert time.monotonic() < deadline, f"{self.name} is not up:\n{self.log}"
            await asyncio.sleep(_LOOK)

    async def start(self) -> None:
        """Start it and return when it works."""
        self.begin()
        await self.up()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.kills += 1
        self._signal(signal.SIGKILL)
        if isinstance(self._process, ForkServerProcess):
            self._process.join(10)
        elif self._process is not None:
            self._process.wait(10)

    def pause(self) -> None:
        """Let it stand still where it is."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a paused one run again."""
        self._signal(signal.SIGCONT)

    async def terminate(self, *, within: float = 10.0) -> float:
        """Ask it to stop; return how many seconds it took. It must end with 0."""
        assert self._process is not None
        assert self.is_running, f"{self.name} ended by itself:\n{self.log}"
        began = time.monotonic()
        self._signal(signal.SIGTERM)
        while self.is_running:
            took = time.monotonic() - began
            assert took < within, f"{self.name} does not stop:\n{self.log}"
            await asyncio.sleep(_LOOK)
        assert self._code == 0, self.log
        return time.monotonic() - began

    def end(self) -> None:
        """Leave nothing behind."""
        if self.is_running:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.is_running:
            assert self._process.pid is not None
            os.kill(self._process.pid, number)
