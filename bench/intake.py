"""Durable intake against a bare handler that only checks the HMAC.

    python -m bench.intake [--seconds 6] [--connections 64] [--rounds 3]

Each round loads, one after the other and from this process, three servers in processes
of their own: bare, SQLite, PostgreSQL (fsync on). What counts is the ratio in a round.
"""

import argparse
import asyncio
import contextlib
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import count

from aiohttp import web

from bench.load import Measured, press
from bench.shop import SECRET_KEY, database_url, furnish
from bench.webhooks import SECRET, requests
from bot.channels.signature import is_signed
from bot.commands.serving import run_loop
from bot.serving import bind, listening, stopping, upkeep
from bot.settings import Settings
from bot.telemetry import configure_logging
from bot.web.application import build
from bot.wiring import running

_PEOPLE = 1000
_PORTS = count(18_500)


async def bare(request: web.Request) -> web.Response:
    """Check the signature, and nothing else."""
    body = await request.read()
    signature = request.headers.get("X-Hub-Signature-256")
    if not is_signed(SECRET.encode(), body, signature):
        raise web.HTTPForbidden
    return web.Response()


async def serve(url: str, port: int) -> None:
    """Run one server until it is told to stop."""
    if url == "bare":
        app = web.Application()
        app.router.add_post("/webhooks/whatsapp", bare)
        app.router.add_get("/live", lambda _: _ok())
        with stopping() as stopped:
            async with listening(app, bind("127.0.0.1", port)):
                await stopped
        return
    configure_logging(level="ERROR")
    settings = Settings(
        database_url=url, secret_key=SECRET_KEY, port=port, log_level="ERROR"
    )
    with stopping() as stopped:
        async with (
            running(settings) as runtime,
            upkeep(runtime),
            listening(build(runtime), bind("127.0.0.1", port)),
        ):
            await stopped


async def _ok() -> web.Response:
    return web.Response()


def cpu_seconds() -> float:
    """Return the processor time of the servers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def server(url: str) -> Iterator[int]:
    """Run a server in a process of its own; yield its port."""
    port = next(_PORTS)
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.intake", "--serve", url, "--port", str(port)]
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/live", timeout=1)
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def measure(
    urls: dict[str, str], *, seconds: float, connections: int, first: int
) -> dict[str, tuple[Measured, float]]:
    """Load each server in turn with messages that it has not seen.

    Beside what the load met stands the server's processor time for one request, in
    microseconds, its start and end left out. (PostgreSQL's own time is not in it.)
    """
    measured = {}
    for name, url in urls.items():
        prepared = list(requests(int(seconds * 20_000), _PEOPLE, first))
        before = cpu_seconds()
        with server(url):
            pass
        idle = cpu_seconds() - before
        before = cpu_seconds()
        with server(url) as port:
            met = asyncio.run(
                press(port, prepared, connections=connections, seconds=seconds)
            )
        busy = cpu_seconds() - before - idle
        measured[name] = met, 1e6 * busy / max(1, sum(met.statuses.values()))
    return measured


def main() -> None:
    """Run the rounds and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        run_loop(serve(options.serve, options.port))
        return
    with database_url("sqlite") as sqlite, database_url("postgresql") as postgresql:
        urls = {"bare": "bare", "sqlite": sqlite, "postgresql": postgresql}
        for url in (sqlite, postgresql):
            asyncio.run(furnish(url))
        print(
            "round  server        req/s   p50 ms   p99 ms   of bare"
            "   cpu us  of bare  statuses"
        )
        for number in range(options.rounds):
            results = measure(
                urls,
                seconds=options.seconds,
                connections=options.connections,
                first=number * 1_000_000,
            )
            base, base_cpu = results["bare"]
            for name, (result, cpu) in results.items():
                print(
                    f"{number + 1:>5}  {name:<11} {result.per_second:>7.0f}"
                    f"  {result.p50_ms:>7.1f}  {result.p99_ms:>7.1f}"
                    f"  {result.per_second / base.per_second:>8.2f}"
                    f"  {cpu:>7.0f}  {base_cpu / cpu:>7.2f}  {dict(result.statuses)}"
                )


if __name__ == "__main__":
    main()
