"""What stands before the webs of a shop: it spreads connections over the live ones."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

_CHUNK = 65_536


class Front:
    """Passes TCP connections on to one of several ports of this machine."""

    def __init__(self, ports: Sequence[int], dice: Random) -> None:
        #: Called once with the next answer of a web, which then goes nowhere.
        self.instead_of_answer: Callable[[], None] | None = None
        self.url = ""
        self._ports = list(ports)
        self._dice = dice
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen while the block lasts."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.close()
            for writer in tuple(self._open):
                writer.close()
            await server.wait_closed()

    async def _meet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._open.add(writer)
        try:
            behind = await self._connect()
            if behind is not None:
                await self._join(reader, writer, *behind)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _connect(
        self,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._dice.sample(self._ports, len(self._ports)):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        web_reader: asyncio.StreamReader,
        web_writer: asyncio.StreamWriter,
    ) -> None:
        ways = (
            asyncio.ensure_future(self._forward(reader, web_writer)),
            asyncio.ensure_future(self._answer(web_reader, writer)),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            web_writer.close()

    @staticmethod
    async def _forward(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                writer.write(data)
                await writer.drain()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                instead, self.instead_of_answer = self.instead_of_answer, None
                if instead is not None:
                    instead()
                    return
                writer.write(data)
                await writer.drain()
