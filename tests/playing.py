"""What the words of a dialogue do: steps, what is heard, and what must be in the end.

A new word is a method here: `do_*` acts, `hear_*` looks at the answer to the act
before, `end_*` at the database when all is over. The type of its argument is what may
be written, its keyword-only arguments are words that may stand beside it, and the
README of the dialogues has a line about it.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.inbox.ownership import hand_back, take_over
from bot.inbox.shop_rules import (
    InvalidRules,
    load_shop_rules,
    parse_rules,
    shop_of,
    store_shop_rules,
)
from bot.ordering import confirm, hold, reject
from bot.simulator.actions import sample
from bot.simulator.bubble import Bubble
from bot.simulator.erp import Failure, Step
from bot.simulator.phone import Phone
from orders import DraftState, Evidence, Source
from tests.goods import GOODS
from tests.house import House

CURRENCY = "TRY"  #: Of the house's merchant.
ZONE = ZoneInfo("Europe/Istanbul")  #: Of the house's merchant.


def _checked_rules(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        shop_of(parse_rules(rules), CURRENCY)
    except InvalidRules as error:
        raise ValueError(str(error)) from None
    return rules


Texts = str | list[str]
Title = str | Annotated[int, Field(ge=0, le=9)]
Sku = str
Amounts = Mapping[Sku, Decimal]
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
Time = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Rules = Annotated[Mapping[str, Any], AfterValidator(_checked_rules)]
Span = Annotated[str, Field(pattern=r"^\d+ (minute|hour|day)s?$")]


class WantedOrder(BaseModel):
    """What the newest order must be; what is not named is not looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: Amounts | None = None
    total: int | None = None  #: In minor units.
    state: str | None = None
    name: str | None = None
    fulfilment: str | None = None
    payment: str | None = None
    address: str | None = None


class Edited(BaseModel):
    """Which message of the customer is edited, and what it says then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int = -1
    to: str


class Quoted(BaseModel):
    """Which message is answered, and with what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int = -1
    of: Literal["shop", "me", "nobody"] = "shop"
    say: str


class Play:
    """One dialogue being played."""

    def __init__(self, house: House, phone: Phone) -> None:
        self.house = house
        self.phone = phone
        self.answer: tuple[Bubble, ...] = ()

    async def step(self, acts: Mapping[str, tuple[Any, Mapping[str, Any]]]) -> None:
        """Do what a step says, in its order; each with its value and what is beside."""
        for word in acts:
            if word in HEARS:
                value, _ = acts[word]
                getattr(self, f"hear_{word}")(value)
        doing = [word for word in acts if word not in HEARS]
        if not doing:
            return
        seen = len(self.phone.inbox)
        for word in doing:
            value, beside = acts[word]
            await getattr(self, f"do_{word}")(value, **beside)
        self.answer = await self.house.hears(self.phone, seen)

    @property
    def said(self) -> str:
        return "\n".join(bubble.words for bubble in self.answer)

    # -- what is heard ----------------------------------------------------------------

    def hear_bot(self, wanted: Texts) -> None:
        """Expect texts in the answer, in upper or lower case."""
        for part in [wanted] if isinstance(wanted, str) else wanted:
            found = part.casefold() in self.said.casefold()
            assert found, f"the answer lacks {part!r}:\n{self.said}"

    def hear_bot_not(self, unwanted: Texts) -> None:
        """Expect that the answer does not contain texts."""
        for part in [unwanted] if isinstance(unwanted, str) else unwanted:
            found = part.casefold() in self.said.casefold()
            assert not found, f"the answer contains {part!r}:\n{self.said}"

    def hear_silent(self, _: Literal[True]) -> None:
        """Expect no answer."""
        assert not self.answer, f"expected silence, heard:\n{self.said}"

    def hear_messages(self, number: int) -> None:
        """Expect so many messages in the answer."""
        assert len(self.answer) == number, f"{len(self.answer)} messages:\n{self.said}"

    # -- what is done -----------------------------------------------------------------

    async def do_say(self, text: str) -> None:
        """Write a text."""
        await self.phone.say(text)

    async def do_burst(self, texts: list[str]) -> None:
        """Write several texts, a second apart; the shop hears of all at once."""
        now, last = self.house.runtime.clock(), len(texts) - 1
        times = [now - timedelta(seconds=last - place) for place in range(len(texts))]
        said = zip(texts, times, strict=True)
        await asyncio.gather(*(self.phone.say(text, sent_at=at) for text, at in said))

    async def do_tap(self, title: Title, *, old: bool = False, times: int = 1) -> None:
        """Tap a button of the newest message that has it, by title or place."""
        shown = [
            bubble
            for bubble in self.phone.inbox
            if any(title in (b.title, i) for i, b in enumerate(bubble.buttons))
        ]
        assert len(shown) > old, f"there is no such button: {title!r}:\n{self.said}"
        for _ in range(times):
            await self.phone.tap(title, on=shown[-2] if old else shown[-1])

    async def do_pick(self, row: Title) -> None:
        """Pick a row of the newest list, by title or place."""
        await self.phone.pick(row)

    async def do_cart(self, lines: list[tuple[Sku, int, Decimal]]) -> None:
        """Send a catalog cart."""
        await self.phone.send_cart(lines)

    async def do_image(self, caption: str | None, *, times: int = 1) -> None:
        """Send a photo of nothing that is sold, with a caption or none."""
        photo = sample("note.jpg")
        for _ in range(times):
            await self.phone.send_image(photo, caption=caption or None)

    async def do_voice(self, _: Literal[True]) -> None:
        """Send a voice note."""
        await self.phone.send_voice(sample("voice.ogg"))

    async def do_react(self, emoji: str | None) -> None:
        """React to the newest message of the shop; None takes it back."""
        await self.phone.react(emoji)

    async def do_edit(self, edit: Edited) -> None:
        """Edit one of the customer's own messages, counted from 0 or from the end."""
        await self.phone.amend(self.own[edit.n], edit.to)

    async def do_delete(self, n: int) -> None:
        """Delete one of the customer's own messages."""
        await self.phone.amend(self.own[n], None)

    async def do_quote(self, quote: Quoted) -> None:
        """Write a text that answers an earlier message of either side."""
        there = self.own if quote.of == "me" else self.phone.inbox
        bubble = there[quote.n]
        if quote.of == "nobody":
            bubble = replace(bubble, id="wamid.of.a.message.that.never.came")
        await self.phone.say(quote.say, reply_to=bubble)

    @property
    def own(self) -> Sequence[Bubble]:
        """What the customer sent, without edits, deletes and reactions."""
        return [
            each
            for each in self.phone.bubbles
            if each.mine and each.kind not in ("amend", "reaction")
        ]

    async def do_later(self, span: Span) -> None:
        """Let time pass."""
        number, unit = span.split()
        await self.house.later(
            timedelta(seconds=int(number) * _UNITS[unit.removesuffix("s")])
        )

    async def do_until(self, time: Time) -> None:
        """Let time pass until it is `HH:MM` in the shop."""
        await self.house.later(until(self.house.clock(), time))

    async def do_catalog(
        self, changes: Mapping[Sku, Mapping[str, Decimal | str | bool | None]]
    ) -> None:
        """Change products, as the merchant does."""
        for sku, fields in changes.items():
            exact = {
                name: Decimal(str(value)) if name in ("price", "stock") else value
                for name, value in fields.items()
            }
            await self.house.change(sku, **exact)

    async def do_erp(
        self,
        word: Literal[
            "rejected",
            "provisioned",
            "packaged",
            "shipped",
            "delivered",
            "cancelled",
            "down",
            "refuse",
            "reject",
            "short",
            "pay",
        ],
    ) -> None:
        """Move the newest order on, or fail the next one, as the merchant's system."""
        if word in set(Failure):
            self.house.erp.fail_next(Failure(word))
            return
        newest = list(self.house.erp.orders)[-1]
        await self.house.erp.move(newest, Step[word.upper()])

    async def do_rules(self, rules: Rules) -> None:
        """Set the merchant's rules, as `chatorder shop set` takes them."""
        house = self.house
        async with house.runtime.database.transaction() as connection:
            loaded = await load_shop_rules(connection, house.tenant_id)
            await store_shop_rules(
                connection,
                house.tenant_id,
                shop_of(parse_rules(rules), CURRENCY),
                loaded[1],
                house.runtime.clock(),
            )

    async def do_agent(self, word: str) -> None:
        """Approve what waits, or reject it for a reason, as a person of the shop."""
        house, runtime = self.house, self.house.runtime
        draft, now = await house.draft(self.phone), runtime.clock()
        assert draft.state is DraftState.AWAITING, "nothing waits for an agent"
        async with runtime.database.transaction() as connection:
            desk = await hold(connection, house.tenant_id, draft.id, draft.version)
            if word == "approve":
                by = Evidence(Source.AGENT, actor="user:ben")
                await confirm(connection, runtime, desk, confirmed_by=by, now=now)
            else:
                await reject(
                    connection, runtime, desk, reason=word, actor="user:ben", now=now
                )
        runtime.outbox_bell.ring()

    async def do_human(self, text: str) -> None:
        """Write to the customer on the shop's own phone."""
        await self.house.shop_writes(self.phone, text)

    async def do_chat(self, what: Literal["take over", "hand back"]) -> None:
        """Take the conversation over as an agent, or hand it back to the bot."""
        house, now = self.house, self.house.runtime.clock()
        chat = (house.tenant_id, (await house.chat(self.phone)).id)
        async with house.runtime.database.transaction() as connection:
            if what == "take over":
                await take_over(connection, *chat, user_id="user_ben", now=now)
            else:
                await hand_back(connection, *chat, now=now)
        house.runtime.turn_bell.ring()

    # -- what is there in the end -----------------------------------------------------

    async def end_orders(self, number: int) -> None:
        """Expect so many orders."""
        assert len(await self.house.orders()) == number

    async def end_order(self, wanted: WantedOrder) -> None:
        """Expect that the newest order is like this."""
        order = await self.house.order_of(self.phone)
        assert order is not None, "there is no order"
        if wanted.lines is not None:
            lines = {line.sku: line.quantity for line in order.lines}
            assert lines == wanted.lines
        if wanted.total is not None:
            assert order.grand_total == wanted.total
        if wanted.address is not None:
            assert order.address is not None
            assert order.address.text == wanted.address
        for field in ("state", "name", "fulfilment", "payment"):
            value = getattr(wanted, field)
            assert value in (None, getattr(order, field)), field

    async def end_draft(self, wanted: Amounts) -> None:
        """Expect this in the draft, and nothing else."""
        sku_of = {product.name: product.sku for product in GOODS}
        draft = await self.house.draft(self.phone)
        assert {sku_of[line.name]: line.quantity for line in draft.lines} == wanted

    async def end_owner(self, owner: Literal["bot", "agent"]) -> None:
        """Expect that the conversation is theirs."""
        assert (await self.house.chat(self.phone)).owner == owner


def _words(prefix: str) -> Sequence[str]:
    names = (name for name in vars(Play) if name.startswith(prefix))
    return tuple(name.removeprefix(prefix) for name in names)


DOES, HEARS, ENDS = _words("do_"), _words("hear_"), _words("end_")


def until(now: datetime, time: str) -> timedelta:
    """Return how long it is until it is `HH:MM` in the shop."""
    hour, minute = map(int, re.findall(r"\d+", time))
    here = now.astimezone(ZONE)
    then = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return then - here if then > here else then + timedelta(days=1) - here
