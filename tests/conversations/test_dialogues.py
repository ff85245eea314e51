"""Dialogues as data: each YAML file plays a conversation through the whole product.

A step is one of:
  say / burst          the customer writes one text, or several at once
  tap / pick           a button or a list row, by title or number; `old: true` on `tap`
                       taps the last button with that title that is not the newest
  cart                 a list of [sku, quantity, price shown]
  image, voice         sample media
  catalog              {SKU: {field: value}}: the merchant changes a product
  erp                  {do: ship|deliver|fail ...}: the merchant's system moves on
  rules                the merchant's rules from now on, as `shop set` takes them
  agent                approve, or a reason: a person approves or rejects what waits
  bot                  texts that the answer to the step before must contain
  bot_not              texts that it must not contain
  silent: true         there was no answer
`rules` beside the steps are the merchant's from the beginning; `closed` (accept or
refuse) adds hours at which the shop is closed now.
At the end `order`, `orders`, `draft` and `owner` say what must be in the database.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.ident import utc_now
from bot.inbox.shop_rules import (
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
from orders import DraftState, Evidence, Shop, Source, WhenClosed
from tests.factories import hours_on
from tests.goods import GOODS
from tests.house import House, open_house

FOLDER = Path(__file__).parent
CURRENCY = "TRY"  # Of the house's merchant.
DIALOGUES = sorted(FOLDER.glob("*.yaml"))


def load(path: Path) -> list[dict[str, Any]]:
    """Return the dialogues of a file."""
    loaded: list[dict[str, Any]] = list(yaml.safe_load_all(path.read_text("utf-8")))
    return loaded


ALL = [
    pytest.param(dialogue, id=f"{path.stem}: {dialogue['name']}")
    for path in DIALOGUES
    for dialogue in load(path)
]


class Play:
    """One dialogue being played."""

    def __init__(self, house: House, phone: Phone) -> None:
        self.house = house
        self.phone = phone
        self.answer: tuple[Bubble, ...] = ()

    async def step(self, step: Mapping[str, Any]) -> None:
        for word in ("bot", "bot_not", "silent"):
            if word in step:
                self.check(word, step[word])
        acts = {"say", "burst", "tap", "pick", "cart", "image", "voice"} & set(step)
        acts |= {"catalog", "erp", "forge", "react", "rules", "agent"} & set(step)
        if not acts:
            return
        seen = len(self.phone.inbox)
        for act in acts:
            await getattr(self, f"do_{act}")(step[act], step)
        self.answer = await self.house.hears(self.phone, seen)

    def check(self, word: str, wanted: Any) -> None:
        said = "\n".join(bubble.words for bubble in self.answer)
        if word == "silent":
            assert not self.answer, f"expected silence, heard:\n{said}"
            return
        for part in [wanted] if isinstance(wanted, str) else wanted:
            found = part.casefold() in said.casefold()
            assert found == (word == "bot"), f"{word}: {part!r} in:\n{said}"

    async def do_say(self, text: str, _: Mapping[str, Any]) -> None:
        await self.phone.say(text)

    async def do_burst(self, texts: list[str], _: Mapping[str, Any]) -> None:
        for text in texts:
            await self.phone.say(text)

    async def do_tap(self, title: str | int, step: Mapping[str, Any]) -> None:
        shown = [
            bubble
            for bubble in self.phone.inbox
            if any(title in (b.title, i) for i, b in enumerate(bubble.buttons))
        ]
        times = step.get("times", 1)
        on = shown[-2] if step.get("old") else shown[-1]
        for _ in range(times):
            await self.phone.tap(title, on=on)

    async def do_pick(self, row: str | int, _: Mapping[str, Any]) -> None:
        await self.phone.pick(row)

    async def do_cart(self, lines: list[list[Any]], _: Mapping[str, Any]) -> None:
        await self.phone.send_cart(
            [
                (str(sku), quantity, Decimal(str(price)))
                for sku, quantity, price in lines
            ]
        )

    async def do_image(self, caption: str | None, _: Mapping[str, Any]) -> None:
        await self.phone.send_image(sample("note.jpg"), caption=caption or None)

    async def do_voice(self, _: Any, __: Mapping[str, Any]) -> None:
        await self.phone.send_voice(sample("voice.ogg"))

    async def do_react(self, emoji: str, _: Mapping[str, Any]) -> None:
        await self.phone.react(emoji)

    async def do_catalog(
        self, changes: Mapping[str, Mapping[str, Any]], _: Mapping[str, Any]
    ) -> None:
        for sku, fields in changes.items():
            exact = {
                name: Decimal(str(value)) if name in ("price", "stock") else value
                for name, value in fields.items()
            }
            await self.house.change(sku, **exact)

    async def do_erp(self, word: str, _: Mapping[str, Any]) -> None:
        if word in set(Failure):
            self.house.erp.fail_next(Failure(word))
            return
        newest = list(self.house.erp.orders)[-1]
        await self.house.erp.move(newest, Step[word.upper()])

    async def do_rules(self, rules: Mapping[str, Any], _: Mapping[str, Any]) -> None:
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

    async def do_agent(self, word: str, _: Mapping[str, Any]) -> None:
        """Approve what waits, or reject it for a reason, as the API does."""
        house, runtime = self.house, self.house.runtime
        draft, now = await house.draft(self.phone), runtime.clock()
        assert draft.state is DraftState.AWAITING
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


def rules_of(dialogue: Mapping[str, Any], now: datetime) -> Shop:
    """Return the merchant's rules in a dialogue."""
    shop = shop_of(parse_rules(dialogue.get("rules", {})), CURRENCY)
    if "closed" not in dialogue:
        return shop
    # Open one day of the week, and that is neither today nor tomorrow anywhere.
    hours = hours_on((now.weekday() + 3) % 7)
    return replace(shop, hours=hours, when_closed=WhenClosed(dialogue["closed"]))


@pytest.mark.parametrize("dialogue", ALL)
async def test_dialogue(
    dialogue: Mapping[str, Any], sqlite_url: str, tmp_path: Path
) -> None:
    rules = rules_of(dialogue, utc_now())
    async with open_house(sqlite_url, tmp_path, rules=rules) as house:
        play = Play(house, house.phone(name=dialogue.get("customer", "Ana")))
        for step in dialogue["steps"]:
            await play.step(step)
        await check_end(house, play.phone, dialogue)


async def check_end(house: House, phone: Phone, dialogue: Mapping[str, Any]) -> None:
    """Check what the database says when the conversation is over."""
    sku_of = {product.name: product.sku for product in GOODS}
    if "orders" in dialogue:
        assert len(await house.orders()) == dialogue["orders"]
    if "order" in dialogue:
        order = await house.order_of(phone)
        assert order is not None, "there is no order"
        lines = {line.sku: line.quantity for line in order.lines}
        wanted = dialogue["order"]
        assert lines == {s: Decimal(str(q)) for s, q in wanted["lines"].items()}
        for field in ("total", "state", "name", "fulfilment", "payment"):
            if field in wanted:
                value = order.grand_total if field == "total" else getattr(order, field)
                assert value == wanted[field], field
        if "address" in wanted:
            assert order.address is not None
            assert order.address.text == wanted["address"]
    if "draft" in dialogue:
        draft = await house.draft(phone)
        lines = {sku_of[line.name]: line.quantity for line in draft.lines}
        assert lines == {s: Decimal(str(q)) for s, q in dialogue["draft"].items()}
    if "owner" in dialogue:
        assert (await house.chat(phone)).owner == dialogue["owner"]
