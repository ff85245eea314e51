"""News of orders when the customer may not be written to freely: templates."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.message import Alias, OutboundMessage, OutText
from bot.domain.outgoing import OutTemplate
from bot.inbox.outside import outside_of
from bot.inbox.speaking import Said, speak
from bot.inbox.table import conversation
from bot.notices import TOLD
from bot.simulator.faults import refused
from orders.domain.templates import Template, TemplateEvent
from orders.outbox.store import State
from tests.bot.worker.by_hand import ByHand, by_hand

NEWS = "Your order 7 is on its way."
SHIPPED = OutTemplate(name="order_shipped", language="tr", parameters=("7",), body=NEWS)


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop."""
    async with by_hand(sqlite_url, tmp_path) as opened:
        yield opened


async def test_news_are_told_by_a_template_once_the_day_is_over(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    seen = len(ana.inbox)
    await ago(shop, hours=30)
    await put(shop, "order 8", outside=None)
    await put(shop, "order 7", outside=SHIPPED)
    await shop.deliver_all()
    await shop.deliver_all()
    assert len(ana.inbox) == seen, "what waits goes first"
    await shop.hear(ana, "hi")
    await shop.deliver_all()
    assert NEWS in {bubble.text for bubble in ana.inbox}, "who writes is told in words"


async def test_one_template_is_sent_and_people_see_what_it_says(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    seen = len(ana.inbox)
    await put(shop, "at once", outside=SHIPPED)
    await shop.deliver_all()
    assert ana.inbox[-1].text == NEWS, "within the day it is said in words"
    await ago(shop, hours=30)
    await put(shop, "later", outside=SHIPPED)
    await shop.deliver_all()
    await shop.deliver_all()
    told = ana.inbox[seen + 1 :]
    assert [(bubble.kind, bubble.text) for bubble in told] == [
        ("template", "order_shipped: 7")
    ]
    row = (await shop.sent_messages())[-1]
    assert (row.kind, row.state) == ("template", "sent")
    assert row.content["body"] == NEWS


@pytest.mark.parametrize("code", [132001, 100])
async def test_a_template_that_is_refused_waits_as_words(
    shop: ByHand, code: int
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    seen = len(ana.inbox)
    await ago(shop, hours=30)
    await put(shop, "later", outside=SHIPPED)
    shop.house.simulator.faults.add(refused(code))
    await shop.deliver_all()
    await shop.deliver_all()
    held = (await shop.items())[-1]
    assert (held.state, len(ana.inbox)) == (State.DUE, seen)
    await shop.hear(ana, "hi")
    await shop.deliver_all()
    await shop.deliver_all()
    assert NEWS in [bubble.text for bubble in ana.inbox[seen:]]


async def test_a_window_that_only_the_provider_knows_to_be_closed_takes_a_template(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    await ago(shop, hours=20)
    await put(shop, "later", outside=SHIPPED)
    shop.house.simulator.faults.add(refused(131047))
    await shop.deliver_all()
    await shop.deliver_all()
    assert ana.inbox[-1].kind == "template"


def test_a_template_speaks_the_language_of_the_customer_if_it_can() -> None:
    ours = (Template("shipped", "order_shipped", ("tr", "pt_BR", "en_US")),)

    def language(*wanted: str | None) -> str:
        found = outside_of(
            ours,
            event="shipped",
            number=7,
            languages=wanted,
            instead_of=OutText(body="b"),
        )
        assert found is not None
        assert (found.name, found.parameters, found.body) == (
            "order_shipped",
            ("7",),
            "b",
        )
        return found.language

    assert language("pt", "tr") == "pt_BR"
    assert language("ru", "en") == "en_US"
    assert language(None, "ru") == "tr"


def test_what_a_shop_has_no_template_for_has_none() -> None:
    ours = (Template("shipped", "order_shipped", ("tr",)),)
    words = OutText(body="b")
    for event in ("delivered", None):
        assert (
            outside_of(ours, event=event, number=7, languages=(), instead_of=words)
            is None
        )


def test_every_event_that_customers_are_told_of_may_have_a_template() -> None:
    assert set(TemplateEvent) == {*map(str, TOLD), "payment_link"}


async def ago(shop: ByHand, *, hours: int) -> None:
    """Let the customer's last word be so long ago."""
    wrote = shop.house.runtime.clock() - timedelta(hours=hours)
    await shop.set(conversation, last_inbound_at=wrote)


async def put(shop: ByHand, key: str, *, outside: OutTemplate | None) -> None:
    """Tell news of an order."""
    (chat,) = await shop.house.rows(conversation)
    to = Alias.model_validate(chat.address)
    said = Said(
        tenant_id=chat.tenant_id,
        shard=chat.shard,
        channel_id=chat.channel_id,
        conversation_id=chat.id,
        seq=chat.seq,
        key=key,
        messages=(OutboundMessage(to=to, content=OutText(body=NEWS)),),
        notice=True,
        outside=outside,
    )
    runtime = shop.house.runtime
    async with runtime.database.transaction() as connection:
        await speak(connection, [said], new_id=runtime.new_id, now=shop.clock())
    await shop.set(conversation, seq=chat.seq + 1)
