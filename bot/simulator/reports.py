"""What Meta tells the shop after it accepted a message: sent, delivered, read."""

from dataclasses import dataclass

import aiohttp

from bot.simulator import webhooks
from bot.simulator.bubble import Tick
from bot.simulator.later import Later, TooMuch
from bot.simulator.media import MediaStore
from bot.simulator.network import Network, WebhookRefused
from bot.simulator.phone import Phone

#: What a failed status says, by Meta's error code.
TITLES = {
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131049: "Message not delivered to maintain healthy ecosystem engagement",
    131053: "Media upload error",
}
_NO_FETCH = 131053
_IMAGE_MAX = 5 * 1024 * 1024
_IMAGES = ("image/jpeg", "image/png")
_FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds until each status of an accepted message, each after the one before."""

    sent: float = 0.15
    delivered: float = 0.35
    read: float = 0.9


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message of which the shop shall hear."""

    phone: Phone
    wamid: str
    callback: str | None
    fails_with: int | None = None


class Reports:
    """Sends statuses one after the other, each when its time has come."""

    def __init__(
        self, network: Network, media: MediaStore, later: Later, delays: Delays
    ) -> None:
        self.undelivered = 0  #: Statuses that the product never took.
        self._network = network
        self._media = media
        self._later = later
        self._steps: tuple[tuple[Tick, float], ...] = (
            (Tick.SENT, delays.sent),
            (Tick.DELIVERED, delays.delivered),
            (Tick.READ, delays.read),
        )

    async def begin(self, accepted: Accepted) -> None:
        """Have the statuses of a message follow."""
        await self._plan(accepted, 0)

    async def _plan(self, accepted: Accepted, step: int) -> None:
        try:
            await self._later.after(
                self._steps[step][1], lambda: self._report(accepted, step)
            )
        except TooMuch:
            self.undelivered += 1

    async def _report(self, accepted: Accepted, step: int) -> None:
        phone, tick = accepted.phone, self._steps[step][0]
        code = accepted.fails_with
        if tick is Tick.SENT and code is None:
            code = await self._fetch_picture(accepted)
        if code is not None:
            await phone.advance(accepted.wamid, Tick.FAILED, error=TITLES.get(code))
            await self._tell(accepted, Tick.FAILED, _error(code))
            return
        if not _happens(tick, phone):
            return
        await phone.advance(accepted.wamid, tick)
        await self._tell(accepted, tick, None)
        if tick is not Tick.READ:
            await self._plan(accepted, step + 1)

    async def _tell(
        self, accepted: Accepted, tick: Tick, error: webhooks.Json | None
    ) -> None:
        person = accepted.phone.person
        status = webhooks.status(
            accepted.wamid,
            tick,
            self._network.clock(),
            recipient=person.wa_id,
            user_id=None if error else person.user_id,
            callback=accepted.callback,
            error=error,
        )
        payload = webhooks.of_status(self._network.number, person, status)
        try:
            await self._network.deliver(payload)
        except WebhookRefused:
            self.undelivered += 1

    async def _fetch_picture(self, accepted: Accepted) -> int | None:
        """Fetch what a link names, as Meta does; return an error code or None."""
        bubble = accepted.phone.bubble(accepted.wamid)
        if bubble is None or bubble.link is None:
            return None
        try:
            async with self._network.session.get(
                bubble.link, timeout=_FETCH_TIMEOUT
            ) as response:
                data = await response.content.read(_IMAGE_MAX + 1)
                fits = response.ok and response.content_type in _IMAGES
        except (aiohttp.ClientError, TimeoutError):
            return _NO_FETCH
        if not fits or len(data) > _IMAGE_MAX:
            return _NO_FETCH
        stored = self._media.add(data, response.content_type)
        await accepted.phone.show_media(accepted.wamid, stored.id)
        return None


def _happens(tick: Tick, phone: Phone) -> bool:
    match tick:
        case Tick.DELIVERED:
            return phone.is_reachable
        case Tick.READ:
            return phone.is_reachable and phone.reads
        case _:
            return True


def _error(code: int) -> webhooks.Json:
    title = TITLES.get(code, "Something went wrong")
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": f"{title}."},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }
