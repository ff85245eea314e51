"""The wire between the simulator and the product: signed webhooks over HTTP."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp

from bot.simulator import webhooks

_TIMEOUT = aiohttp.ClientTimeout(total=30)
#: Meta retries for days with growing pauses; a demo gives up sooner.
RETRIES = (0.2, 0.5, 1.0, 2.0, 4.0)


class WebhookRefused(Exception):
    """The product did not answer 200, also not after the retries."""


class Network:
    """Posts webhooks in the name of one number. Works while `running`."""

    def __init__(
        self,
        number: webhooks.Number,
        webhook_url: str,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        retries: Sequence[float] = RETRIES,
    ) -> None:
        self.number = number
        self.webhook_url = webhook_url  #: May be set later, when the port is known.
        self.clock = clock
        self.new_id = new_id
        #: What the app subscribed to; None: its owner did not say, and hears all.
        self.fields: frozenset[str] | None = None
        self._retries = tuple(retries)
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the simulator is not running: enter `running()` first")
        return self._session

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    def new_wamid(self) -> str:
        """Return a message id of the form that Meta gives."""
        inner = base64.b64encode(self.new_id().encode()).decode().rstrip("=")
        return f"wamid.{inner}"

    async def subscribe(
        self, callback_url: str, verify_token: str, fields: Collection[str]
    ) -> None:
        """Verify an address as Meta does, and send webhooks there from now on.

        Raises WebhookRefused, as the dashboard does. Source: Meta's Graph API webhooks
        reference, "Verification requests".
        """
        challenge = self.new_wamid()
        asked = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        async with self.session.get(callback_url, params=asked) as answer:
            said = await answer.text()
            if answer.status != 200 or said != challenge:  # noqa: PLR2004  # OK
                raise WebhookRefused(f"{callback_url} answered {answer.status}")
        self.webhook_url, self.fields = callback_url, frozenset(fields)

    def hears(self, payload: webhooks.Json) -> bool:
        """Return whether the app subscribed to every field of a payload."""
        entries = payload.get("entry")
        if self.fields is None or not isinstance(entries, list | tuple):
            return True
        named = {c["field"] for entry in entries for c in entry.get("changes", ())}
        return named <= self.fields

    async def post(self, payload: webhooks.Json) -> int:
        """Sign and post a payload once; return the product's HTTP status."""
        return await self.post_bytes(webhooks.encode(payload))

    async def post_bytes(self, body: bytes, *, signature: str | None = None) -> int:
        """Post a body once as it is, signed unless a signature is given."""
        signed = signature or webhooks.signature(self.number.app_secret, body)
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signed}
        async with self.session.post(
            self.webhook_url, data=body, headers=headers
        ) as response:
            await response.read()
            return response.status

    async def deliver(self, payload: webhooks.Json) -> None:
        """Post until the product answers 200. Raises WebhookRefused in the end."""
        if not self.hears(payload):
            return
        body = webhooks.encode(payload)
        for pause in (*self._retries, None):
            problem = await self._attempt(body)
            if problem is None:
                return
            if pause is None:
                raise WebhookRefused(f"{self.webhook_url}: {problem}")
            await asyncio.sleep(pause)

    async def _attempt(self, body: bytes) -> str | None:
        try:
            status = await self.post_bytes(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"no answer ({type(error).__name__})"
        return None if status == 200 else f"answered {status}"  # noqa: PLR2004 - OK
