"""A load generator on raw sockets: one request at a time on each connection."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """What a load met."""

    per_second: float
    p50_ms: float
    p99_ms: float
    statuses: Counter[int]


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one was answered."""

    def __init__(self, requests: Iterator[bytes], until: float) -> None:
        self._requests = requests
        self._until = until
        self._sent_at = 0.0
        self._left = b""
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None or time.perf_counter() > self._until:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._left += data
        head, found, body = self._left.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if len(body) < length:
            return
        self._left = b""
        self.statuses[int(head[9:12])] += 1
        self.latencies.append(time.perf_counter() - self._sent_at)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.done.done():
            self.done.set_result(None)


async def press(
    port: int, requests: Sequence[bytes], *, connections: int, seconds: float
) -> Measured:
    """Send requests over loopback until they are used up or the time is over."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    iterator = iter(requests)
    open_ones = []
    for _ in range(connections):
        _, protocol = await loop.create_connection(
            lambda: _Connection(iterator, started + seconds), "127.0.0.1", port
        )
        open_ones.append(protocol)
    await asyncio.wait_for(
        asyncio.gather(*(protocol.done for protocol in open_ones)), seconds + 30
    )
    took = time.perf_counter() - started
    latencies = sorted(x for protocol in open_ones for x in protocol.latencies)
    statuses: Counter[int] = sum((p.statuses for p in open_ones), Counter())
    return Measured(
        per_second=len(latencies) / took,
        p50_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[len(latencies) * 99 // 100],
        statuses=statuses,
    )
