"""Runs the roles of a process: web, worker or both, until a signal says stop."""

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import structlog
from aiohttp import web

from bot.reading.rules.warming import learn_languages
from bot.runtime import Runtime
from bot.web.application import build
from bot.web.first_run import announce
from bot.web.watching import build_watched
from bot.worker.loop import Worker
from bot.worker.watching import keep_watch

_log = structlog.get_logger(__name__)


#: Connections that may wait to be accepted.
_BACKLOG = 1024


class PortTaken(Exception):
    """Another program listens on the port."""


@asynccontextmanager
async def beside(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run background work beside the block, and cancel it afterwards.

    Work that dies ends the block with its error: half a process helps nobody.
    """
    owner = asyncio.current_task()
    tasks = [asyncio.ensure_future(work) for work in works]

    def failed() -> BaseException | None:
        ended = (task for task in tasks if task.done() and not task.cancelled())
        return next((error for task in ended if (error := task.exception())), None)

    def watch(_: asyncio.Future[None]) -> None:
        if owner is not None and failed() is not None:
            owner.cancel()

    for task in tasks:
        task.add_done_callback(watch)
    try:
        yield
    except asyncio.CancelledError:
        error = failed()
        if error is None or owner is None:
            raise
        owner.uncancel()
        raise error from None
    finally:
        for task in tasks:
            task.remove_done_callback(watch)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def upkeep(runtime: Runtime) -> AsyncIterator[None]:
    """Run what every role needs."""
    async with beside(
        runtime.writer.run(),
        runtime.turn_bell.run(),
        runtime.outbox_bell.run(),
        runtime.news.run(),
        runtime.imports.run(),
        runtime.tally.run(),
    ):
        yield


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[Worker]:
    """Run a worker beside the block; let it end its work afterwards.

    Before its first turn it learns the languages of the rules.
    """
    worker = Worker(runtime)
    stopped = asyncio.Event()

    async def work() -> None:
        try:
            # In a thread: whoever also serves requests answers them meanwhile.
            await asyncio.to_thread(learn_languages)
            await worker.run()
        finally:
            stopped.set()

    async with beside(work(), keep_watch(runtime)):
        try:
            yield worker
        finally:
            worker.stop()
            await stopped.wait()


def bind(host: str, port: int, *, tries: int = 1) -> socket.socket:
    """Return a socket that listens on the port, or on one of the next: `tries` in all.

    Raises PortTaken when other programs have them.
    """
    for candidate in range(port, port + tries):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return listener
    raise PortTaken(
        f"port {port} on {host} is taken by another program;"
        " set CHATORDER_PORT to a free one"
    )


#: Hosts that mean every address, and how this machine reaches them.
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # read


def reachable(host: str, port: int) -> str:
    """Return the URL at which this machine reaches what listens on a host and port.

    What listens everywhere is reached on the loopback of its family.
    """
    name = _LOOPBACK.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


@asynccontextmanager
async def listening(
    app: web.Application, listener: socket.socket
) -> AsyncIterator[int]:
    """Serve an application on a socket beside the block; yield the port."""
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=30,
        # With the worker's grace after it, everything ends within ten seconds.
        shutdown_timeout=1.5,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield listener.getsockname()[1]
    finally:
        await runner.cleanup()


@contextmanager
def stopping() -> Iterator[asyncio.Future[str]]:
    """Hear SIGINT and SIGTERM from now on; yield what the first one's name comes with.

    Begin with it: a signal that comes while a process still starts must not kill it in
    the middle of something.
    """
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[str] = loop.create_future()

    def stop(name: str) -> None:
        if not stopped.done():
            stopped.set_result(name)

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop, each.name)
    try:
        yield stopped
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


async def serve(
    runtime: Runtime, listener: socket.socket, *, with_worker: bool
) -> None:
    """Serve HTTP, and work when asked to, until a signal comes."""
    async with AsyncExitStack() as stack:
        stopped = stack.enter_context(stopping())
        await stack.enter_async_context(upkeep(runtime))
        worker = (
            await stack.enter_async_context(working(runtime)) if with_worker else None
        )
        port = await stack.enter_async_context(listening(build(runtime), listener))
        _log.info("listening", host=runtime.settings.host, port=port)
        here = f"http://{runtime.settings.host}:{port}"
        await announce(runtime, runtime.settings.public_url or here)
        _log.info("stopping", signal=await stopped)
        if worker is not None:
            # At once: requests and turns end beside each other, not one by one.
            worker.stop()


@asynccontextmanager
async def watched(runtime: Runtime) -> AsyncIterator[int | None]:
    """Show how a worker does, where its settings say so; yield the port or None.

    Raises PortTaken.
    """
    host, port = runtime.settings.worker_host, runtime.settings.worker_port
    if port is None:
        yield None
        return
    try:
        listener = bind(host, port)
    except PortTaken:
        raise PortTaken(
            f"port {port} on {host} is taken by another program; give each worker of"
            " a machine its own CHATORDER_WORKER_PORT"
        ) from None
    with listener:
        async with listening(build_watched(runtime), listener) as shown:
            _log.info("watched", host=host, port=shown)
            yield shown


async def work(runtime: Runtime) -> None:
    """Work until a signal comes."""
    with stopping() as stopped:
        async with watched(runtime), upkeep(runtime), working(runtime):
            _log.info("working")
            _log.info("stopping", signal=await stopped)
