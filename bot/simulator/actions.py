"""What a person may do on the phone page, as JSON; read strictly."""

from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, TypeAdapter

from bot.simulator.bubble import Bubble
from bot.simulator.phone import Phone

_PAGE = files("bot.simulator") / "page"


class NotPossible(Exception):
    """The action does not fit what the phone shows."""


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A product of the sample cart."""

    retailer_id: str
    title: str
    quantity: int
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the location sample points to."""

    latitude: float = 41.0256
    longitude: float = 28.9741
    name: str = "Galata Tower"
    address: str = "Bereketzade, 34421 Beyoğlu, İstanbul"


Cart = tuple[SampleLine, ...]


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    async def perform(self, phone: Phone, cart: Cart) -> Bubble:
        """Do it. Raises NotPossible, or WebhookRefused by the product."""
        raise NotImplementedError


class Say(_Action):
    type: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=4096)]
    reply_to: str | None = None

    async def perform(self, phone: Phone, cart: Cart) -> Bubble:
        del cart
        quoted = _shown(phone, self.reply_to) if self.reply_to else None
        return await phone.say(self.text, reply_to=quoted)


class Tap(_Action):
    """A tap on a button or a row of a message, old ones included."""

    type: Literal["tap"]
    message: str
    index: Annotated[int, Field(ge=0, lt=10)]

    async def perform(self, phone: Phone, cart: Cart) -> Bubble:
        del cart
        bubble = _shown(phone, self.message)
        choices = bubble.buttons or bubble.rows
        if self.index >= len(choices):
            raise NotPossible(f"the message has {len(choices)} choices")
        if bubble.buttons:
            return await phone.tap(self.index, on=bubble)
        return await phone.pick(self.index, on=bubble)


class SendSample(_Action):
    """A picture or a voice note that comes with the simulator."""

    type: Literal["sample"]
    name: Literal["note", "cup", "voice"]

    async def perform(self, phone: Phone, cart: Cart) -> Bubble:
        del cart
        if self.name == "voice":
            return await phone.send_voice(sample("voice.ogg"))
        return await phone.send_image(sample(f"{self.name}.jpg"), "image/jpeg")


class SendCart(_Action):
    type: Literal["cart"]

    async def perform(self, phone: Phone, cart: Cart) -> Bubble:
        if not cart:
            raise NotPossible("no sample cart was set up")
        return await phone.send_cart(
            [(line.retailer_id, line.quantity, line.price) for line in cart],
            currency=cart[0].currency,
            titles=[line.title for line in cart],
        )


class React(_Action):
    type: Literal["reaction"]
    message: str
    emoji: Annotated[str, Field(max_length=16)] | None

    async def perform(self, phone: Phone, cart: Cart) -> Bubble:
        del cart
        return await phone.react(self.emoji, to=_shown(phone, self.message))


class SendLocation(_Action):
    type: Literal["location"]

    async def perform(self, phone: Phone, cart: Cart) -> Bubble:
        del cart
        place = Place()
        return await phone.send_location(
            place.latitude, place.longitude, name=place.name, address=place.address
        )


Action = Say | Tap | SendSample | SendCart | React | SendLocation
ACTION: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Discriminator("type")])


def sample(name: str) -> bytes:
    """Return the bytes of a sample file."""
    return (_PAGE / "samples" / name).read_bytes()


def _shown(phone: Phone, message_id: str) -> Bubble:
    bubble = phone.bubble(message_id)
    if bubble is None:
        raise NotPossible("the message is no longer on the phone")
    return bubble
