"""A gateway at the merchant's own phone, for demos and tests: what its kinds share.

People write to the phone's number; the gateway tells the product by webhook, and sends
what the product asks for. How webhooks look and how often they are repeated differs:
see `bot.simulator.evolution` and `bot.simulator.waha`.
"""

import asyncio
import hashlib
import hmac
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

Json = Mapping[str, object]
_TIMEOUT = aiohttp.ClientTimeout(total=30)
#: How long an answer that never comes holds the connection, seconds.
_SILENCE = 60.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with WhatsApp. Who hides the number shows a `lid` only."""

    number: str
    name: str = "Ana"
    lid: str | None = None
    hides_number: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the product had sent."""

    id: str
    to: str  #: The address as the product wrote it.
    text: str
    image: str | None = None
    quotes: str | None = None
    file: str | None = None  #: The name of a document.
    #: Key of the message that it is a reaction to; `text` is then the emoji.
    reacts_to: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A send that goes wrong. `accepted`: the person gets the message all the same."""

    status: int = 500
    body: Json = field(default_factory=dict)
    accepted: bool = False
    silent: bool = False  #: No answer at all.


@dataclass(frozen=True, slots=True)
class Account:
    """The account at the gateway: its name, its key, its own number."""

    instance: str
    api_key: str
    number: str


class Gateway(ABC):
    """One account at a gateway. Works while its application is served."""

    #: Statuses after which a webhook is not repeated.
    gives_up: frozenset[int] = frozenset()
    key_header: str
    webhook: Json | None = None  #: As its owner set it, by the gateway's API.

    def __init__(
        self,
        account: Account,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        pauses: Sequence[float],
    ) -> None:
        """`pauses`: seconds between the attempts to deliver a webhook."""
        self.account = account
        self.clock = clock
        self.sent: list[Sent] = []
        self.read: list[str] = []  #: Addresses that were shown blue ticks or typing.
        self.files: dict[str, bytes] = {}
        self.faults: deque[Fault] = deque()
        self.is_connected = True
        self.undelivered: list[Json] = []  #: Webhooks that nobody ever took.
        self._new_id = new_id
        self._pauses = tuple(pauses)
        self._session: aiohttp.ClientSession | None = None
        self._changed = asyncio.Condition()
        self._closing = asyncio.Event()

    def app(self) -> web.Application:
        """Return the gateway's API. Serve it where the channel's base URL points."""
        app = web.Application(middlewares=[self._authorized])
        app.cleanup_ctx.append(self._while_served)
        app.on_shutdown.append(self._stop_waiting)
        self._add_routes(app.router)
        return app

    def new_key(self) -> str:
        """Return a key of a message as phones make them: 20 hex digits."""
        digest = hashlib.sha256(self._new_id().encode()).hexdigest()
        return f"3A{digest[:18]}".upper()

    async def tell(self, event: str, about: object) -> int:
        """Deliver an event; return the product's last status."""
        return await self.deliver(self.envelope(event, about))

    async def deliver(self, payload: Json) -> int:
        """Tell the product, again and again as this kind of gateway does.

        Return the last status; 0 when nobody answered.
        """
        status = 0
        for pause in (*self._pauses, None):
            status = await self.post(payload)
            if status == HTTPStatus.OK:
                return status
            if pause is None or status in self.gives_up:
                break
            await asyncio.sleep(pause)
        self.undelivered.append(payload)
        return status

    async def post(self, payload: Json) -> int:
        """Tell the product once; return its status, 0 when it does not answer."""
        if self._session is None:
            raise RuntimeError("the gateway is not served yet")
        url, body, headers = self._signed(payload)
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def hears(self, number: int, *, within: float = 10) -> Sequence[Sent]:
        """Return everything that was sent, once it is so many messages."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: len(self.sent) >= number)
        return tuple(self.sent)

    # -- what a kind of gateway must say ----------------------------------------------

    @abstractmethod
    def envelope(self, event: str, about: object, /) -> Json:
        """Return what a webhook says of an event."""

    @abstractmethod
    def _add_routes(self, router: web.UrlDispatcher) -> None: ...

    @abstractmethod
    def _signed(self, payload: Json) -> tuple[str, bytes, Mapping[str, str]]:
        """Return where a webhook goes, its bytes, and its headers."""

    # -- inside -----------------------------------------------------------------------

    async def _accept(self, sent: Sent) -> None:
        async with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()

    async def _faulty(
        self, request: web.Request, sent: Sent
    ) -> web.StreamResponse | None:
        """Answer a send that is to go wrong; None for one that goes well."""
        if not self.faults:
            await self._accept(sent)
            return None
        fault = self.faults.popleft()
        if fault.accepted:
            await self._accept(sent)
        if not fault.silent:
            return web.json_response(fault.body, status=fault.status)
        try:
            async with asyncio.timeout(_SILENCE):
                await self._closing.wait()
        except TimeoutError:
            pass
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    @web.middleware
    async def _authorized(
        self,
        request: web.Request,
        handler: Handler,
    ) -> web.StreamResponse:
        given = request.headers.get(self.key_header, "").encode(errors="replace")
        if not hmac.compare_digest(given, self.account.api_key.encode()):
            return web.json_response({"error": "Unauthorized"}, status=401)
        return await handler(request)

    async def _while_served(self, _app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            self._session = session
            yield
            self._session = None

    async def _stop_waiting(self, _app: web.Application) -> None:
        self._closing.set()
