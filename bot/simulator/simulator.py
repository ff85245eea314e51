"""The simulator: phones, media, faults and the wire of one WhatsApp number."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.simulator.faults import Faults
from bot.simulator.later import Later
from bot.simulator.media import MediaStore
from bot.simulator.network import RETRIES, Network
from bot.simulator.news import News
from bot.simulator.phone import Phone
from bot.simulator.reports import Delays, Reports
from bot.simulator.webhooks import Json, Number, Person


class Simulator:
    """Several customers who write to one number of one shop."""

    def __init__(
        self,
        number: Number,
        webhook_url: str,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        delays: Delays | None = None,
        retries: Sequence[float] = RETRIES,
        window: timedelta | None = None,
    ) -> None:
        """`window`: how long after a customer's last word the shop may write freely.

        WhatsApp's is 24 hours; None does not check. `retries`: pauses in seconds
        between the attempts to deliver a webhook.
        """
        self.number = number
        self.clock = clock
        self.new_id = new_id
        self.window = window
        self.faults = Faults()
        self.media = MediaStore(new_id)
        self.news = News()
        self.later = Later()
        self.network = Network(
            number, webhook_url, clock=clock, new_id=new_id, retries=retries
        )
        self.reports = Reports(self.network, self.media, self.later, delays or Delays())
        self._phones: dict[str, Phone] = {}

    @property
    def phones(self) -> tuple[Phone, ...]:
        return tuple(self._phones.values())

    def phone(
        self, wa_id: str, name: str | None = None, *, shares_number: bool = True
    ) -> Phone:
        """Return the phone with a number (digits); make it at first sight.

        A phone that does not share its number shows only its user id to the shop.
        """
        if wa_id not in self._phones:
            person = Person.of(wa_id, name or wa_id, shares_number=shares_number)
            self._phones[wa_id] = Phone(person, self.network, self.media, self.news)
        return self._phones[wa_id]

    def find(self, address: str) -> Phone | None:
        """Return the phone behind a number or a user id."""
        if address in self._phones:
            return self._phones[address]
        for phone in self._phones.values():
            if phone.person.user_id == address:
                return phone
        return None

    async def post(self, payload: Json) -> int:
        """Sign and post a payload as it is, once; return the product's status."""
        return await self.network.post(payload)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connect, and send statuses, while the block lasts."""
        async with self.network.running(), self.later.running():
            yield

    async def settled(self) -> None:
        """Return when no status is left to send."""
        await self.later.idle()
