"""A customer's phone: what it sends arrives as signed webhooks."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bot.simulator import webhooks
from bot.simulator.bubble import Bubble, CartLine, Choice, Tick, further
from bot.simulator.media import MediaStore
from bot.simulator.network import Network, WebhookRefused
from bot.simulator.news import News
from bot.simulator.webhooks import Json, Person

Wanted = str | Callable[[Bubble], bool]

_KEPT = 300  #: Older bubbles are forgotten.


class NothingLikeThat(AssertionError):
    """A phone waited for a message in vain."""


class Phone:
    """One customer's phone. Works while its simulator is running."""

    def __init__(
        self, person: Person, network: Network, media: MediaStore, news: News
    ) -> None:
        self.person = person
        self.is_reachable = True  #: Switched off: messages stay at `sent`.
        self.reads = True  #: Otherwise messages stay at `delivered`.
        self.is_typed_to = False  #: The shop shows that it is typing.
        self.last_wrote_at: datetime | None = None
        self._network = network
        self._media = media
        self._news = news
        self._bubbles: dict[str, Bubble] = {}
        self._expected: str | None = None  # the last one that a test waited for
        self._changed = asyncio.Condition()

    @property
    def wa_id(self) -> str:
        return self.person.wa_id

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def bubbles(self) -> tuple[Bubble, ...]:
        """Everything on the screen, oldest first."""
        return tuple(self._bubbles.values())

    @property
    def inbox(self) -> tuple[Bubble, ...]:
        """What the shop sent, oldest first."""
        return tuple(bubble for bubble in self.bubbles if not bubble.mine)

    def bubble(self, wamid: str) -> Bubble | None:
        return self._bubbles.get(wamid)

    # -- sending ----------------------------------------------------------------------

    async def say(
        self,
        text: str,
        *,
        sent_at: datetime | None = None,
        wamid: str | None = None,
        reply_to: Bubble | None = None,
    ) -> Bubble:
        """Send a text and return its bubble once the product has taken it.

        Every sending method raises WebhookRefused when the product does not answer
        200. `sent_at` may lie in the past; a repeated `wamid` is Meta's repetition.
        """
        content = {"type": "text", "text": {"body": text}}
        shown = self._draft("text", wamid, sent_at, text=text)
        return await self._send(content, shown, reply_to)

    async def tap(
        self,
        choice: str | int,
        *,
        on: Bubble | None = None,
        wamid: str | None = None,
    ) -> Bubble:
        """Tap a reply button, by title or position, of the last message with buttons.

        `on` names an older message. Raises LookupError if there is no such button.
        """
        bubble = on or self._last(lambda each: bool(each.buttons))
        return await self._choose("button_reply", bubble, choice, wamid)

    async def pick(
        self,
        row: str | int,
        *,
        on: Bubble | None = None,
        wamid: str | None = None,
    ) -> Bubble:
        """Pick a row, by title or position, of the last list. Like `tap`."""
        bubble = on or self._last(lambda each: bool(each.rows))
        return await self._choose("list_reply", bubble, row, wamid)

    async def answer(
        self,
        kind: str,
        choice: Choice,
        *,
        on: Bubble | None = None,
        wamid: str | None = None,
    ) -> Bubble:
        """Send a `button_reply` or `list_reply` with any id, also a forged one."""
        reply = {"id": choice.id, "title": choice.title}
        if choice.description:
            reply["description"] = choice.description
        content = {"type": "interactive", "interactive": {"type": kind, kind: reply}}
        if on is not None and on.id in self._bubbles:
            self._put(replace(self._bubbles[on.id], chosen=choice.id))
        shown = self._draft("choice", wamid, text=choice.title)
        return await self._send(content, shown, on)

    async def send_image(
        self, data: bytes, mime: str = "image/jpeg", caption: str | None = None
    ) -> Bubble:
        """Send a picture; its bytes wait in the media store."""
        media = self._media.add(data, mime)
        part = {"mime_type": mime, "sha256": media.sha256_base64, "id": media.id}
        content = {"type": "image", "image": {**part, **_given(caption=caption)}}
        shown = self._draft("image", text=caption or "", media_id=media.id, mime=mime)
        return await self._send(content, shown)

    async def send_voice(
        self, data: bytes, mime: str = "audio/ogg; codecs=opus"
    ) -> Bubble:
        """Send a voice note."""
        media = self._media.add(data, mime)
        part = {
            "mime_type": mime,
            "sha256": media.sha256_base64,
            "id": media.id,
            "voice": True,
        }
        shown = self._draft("voice", media_id=media.id, mime=mime)
        return await self._send({"type": "audio", "audio": part}, shown)

    async def send_cart(
        self,
        items: Sequence[tuple[str, int, Decimal | float | int]],
        *,
        currency: str = "TRY",
        note: str = "",
        titles: Sequence[str] = (),
    ) -> Bubble:
        """Send a catalog cart of (retailer id, quantity, claimed price)."""
        lines = [
            {
                "product_retailer_id": retailer_id,
                "quantity": quantity,
                "item_price": float(price),
                "currency": currency,
            }
            for retailer_id, quantity, price in items
        ]
        catalog_id = self._network.number.catalog_id
        part = {"catalog_id": catalog_id, "text": note, "product_items": lines}
        names = [*titles, *[None] * (len(items) - len(titles))]
        cart = tuple(
            CartLine(retailer_id, quantity, Decimal(str(price)), currency, title)
            for (retailer_id, quantity, price), title in zip(items, names, strict=True)
        )
        shown = self._draft("cart", text=note, cart=cart)
        return await self._send({"type": "order", "order": part}, shown)

    async def react(self, emoji: str | None, *, to: Bubble | None = None) -> Bubble:
        """React to a message (the shop's last one); None takes the reaction back."""
        target = to or self._last(lambda _: True)
        part = {"message_id": target.id, **_given(emoji=emoji)}
        if target.id in self._bubbles:
            self._put(replace(self._bubbles[target.id], reaction=emoji))
        shown = self._draft("reaction", text=emoji or "", quotes=target.id)
        return await self._send({"type": "reaction", "reaction": part}, shown)

    async def amend(self, bubble: Bubble, text: str | None) -> Bubble:
        """Edit an own message; None deletes it."""
        self._put(replace(bubble, text=text or "\N{NO ENTRY SIGN}"))
        shown = self._draft("amend", text=text or "", quotes=bubble.id)
        return await self._send(webhooks.amended(bubble.id, text), shown)

    async def send_location(
        self,
        latitude: float,
        longitude: float,
        *,
        name: str | None = None,
        address: str | None = None,
    ) -> Bubble:
        """Send a place; a live pin has neither name nor address."""
        part = {
            "latitude": latitude,
            "longitude": longitude,
            **_given(name=name, address=address),
        }
        content = {"type": "location", "location": part}
        text = "\n".join(filter(None, (name, address))) or f"{latitude}, {longitude}"
        return await self._send(content, self._draft("location", text=text))

    async def send(self, content: Json, *, wamid: str | None = None) -> Bubble:
        """Send any content, `{"type": "sticker", "sticker": {...}}` for example."""
        kind = str(content["type"])
        return await self._send(content, self._draft(kind, wamid, text=f"[{kind}]"))

    async def post(self, payload: Json) -> int:
        """Sign and post a payload as it is, once; return the HTTP status."""
        return await self._network.post(payload)

    # -- waiting ----------------------------------------------------------------------

    async def expects(self, wanted: Wanted, *, within: float = 5) -> Bubble:
        """Return the shop's next message that fits, among those not yet expected.

        A text fits when it stands somewhere on the bubble. Raises NothingLikeThat
        after `within` seconds, naming what came instead.
        """
        fits = _fits(wanted)

        def found() -> Bubble | None:
            return next((each for each in self._unexpected() if fits(each)), None)

        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(lambda: found() is not None)
        except TimeoutError:
            fresh = [bubble.words for bubble in self._unexpected()]
            raise NothingLikeThat(
                f"{self.name} waited {within} s for {wanted!r}; came: {fresh}"
            ) from None
        bubble = found()
        assert bubble is not None  # noqa: S101 - the wait above ended with one
        self._expected = bubble.id
        return bubble

    async def until(
        self, holds: Callable[["Phone"], bool], *, within: float = 5
    ) -> None:
        """Wait until something is true of this phone. Raises NothingLikeThat."""
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(lambda: holds(self))
        except TimeoutError:
            shown = [(each.words, str(each.state)) for each in self.bubbles]
            raise NothingLikeThat(
                f"not true of {self.name}'s phone after {within} s; it shows {shown}"
            ) from None

    async def stays_silent(self, *, seconds: float) -> None:
        """Return after a time without unexpected messages of the shop.

        Raises NothingLikeThat as soon as one comes.
        """
        try:
            bubble = await self.expects(lambda _: True, within=seconds)
        except NothingLikeThat:
            return
        raise NothingLikeThat(f"{self.name} expected silence; came: {bubble.words!r}")

    # -- what the network does to a phone ---------------------------------------------

    async def receive(self, bubble: Bubble) -> None:
        """Show a message of the shop; typing ends with it."""
        self.is_typed_to = False
        target = self._bubbles.get(bubble.quotes or "")
        if bubble.kind == "reaction" and target is not None:
            self._put(replace(target, reaction=bubble.text or None))
        self._put(bubble)
        await self._tell()

    async def advance(
        self, wamid: str, tick: Tick, *, error: str | None = None
    ) -> None:
        """Move a bubble's tick on, never back."""
        bubble = self._bubbles.get(wamid)
        if bubble is not None:
            state = further(bubble.state, tick)
            self._put(replace(bubble, state=state, error=error or bubble.error))
            await self._tell()

    async def show_media(self, wamid: str, media_id: str) -> None:
        """Show a picture that was fetched for a bubble."""
        bubble = self._bubbles.get(wamid)
        if bubble is not None:
            self._put(replace(bubble, media_id=media_id))
            await self._tell()

    async def read_until(self, wamid: str, *, typing: bool) -> bool:
        """Mark a message and all before it as read by the shop; False if unknown."""
        if wamid not in self._bubbles:
            return False
        for bubble in self.bubbles:
            if bubble.mine:
                self._put(replace(bubble, state=further(bubble.state, Tick.READ)))
            if bubble.id == wamid:
                break
        self.is_typed_to = typing or self.is_typed_to
        await self._tell()
        return True

    # -- inside -----------------------------------------------------------------------

    def _unexpected(self) -> Sequence[Bubble]:
        inbox = self.inbox
        ids = [bubble.id for bubble in inbox]
        return inbox[ids.index(self._expected) + 1 if self._expected in ids else 0 :]

    def _last(self, fits: Callable[[Bubble], bool]) -> Bubble:
        for bubble in reversed(self.inbox):
            if fits(bubble):
                return bubble
        raise LookupError(f"{self.name} has no such message: {self.inbox}")

    def _draft(
        self,
        kind: str,
        wamid: str | None = None,
        at: datetime | None = None,
        **shown: object,
    ) -> Bubble:
        return Bubble(
            id=wamid or self._network.new_wamid(),
            mine=True,
            kind=kind,
            at=at or self._network.clock(),
            **shown,  # type: ignore[arg-type]  # fields of a bubble
        )

    async def _choose(
        self, kind: str, bubble: Bubble, wanted: str | int, wamid: str | None
    ) -> Bubble:
        choices = bubble.buttons or bubble.rows
        if isinstance(wanted, int):
            choice = choices[wanted]
        else:
            titles = {choice.title: choice for choice in choices}
            if wanted not in titles:
                raise LookupError(f"no {wanted!r} among {sorted(titles)}")
            choice = titles[wanted]
        return await self.answer(kind, choice, on=bubble, wamid=wamid)

    async def _send(
        self, content: Json, shown: Bubble, context: Bubble | None = None
    ) -> Bubble:
        about: Json | None = None
        if context is not None:
            author = (
                self.wa_id if context.mine else self._network.number.business_number
            )
            about = {"from": author, "id": context.id}
            shown = replace(shown, quotes=context.id)
        message = webhooks.message(self.person, shown.id, shown.at, content, about)
        if shown.id not in self._bubbles:
            self._put(shown)
        self.last_wrote_at = self._network.clock()
        await self._tell()
        payload = webhooks.of_messages(self._network.number, self.person, message)
        try:
            await self._network.deliver(payload)
        except WebhookRefused as error:
            await self.advance(shown.id, Tick.FAILED, error=str(error))
            raise
        await self.advance(shown.id, Tick.DELIVERED)
        return self._bubbles.get(shown.id, shown)

    def _put(self, bubble: Bubble) -> None:
        self._bubbles[bubble.id] = bubble
        if len(self._bubbles) > _KEPT:
            del self._bubbles[next(iter(self._bubbles))]

    async def _tell(self) -> None:
        self._news.tell(self.wa_id)
        async with self._changed:
            self._changed.notify_all()


def _fits(wanted: Wanted) -> Callable[[Bubble], bool]:
    if isinstance(wanted, str):
        text = wanted
        return lambda bubble: text in bubble.words
    return wanted


def _given(**values: str | None) -> Mapping[str, object]:
    return {name: value for name, value in values.items() if value is not None}
