"""Orders through gateways: an instance of Evolution API, a session of WAHA."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.inbox.table import channel, contact_alias, conversation, media, message
from bot.simulator.evolution import EvolutionApi
from bot.simulator.gateways import Person
from bot.simulator.waha import WahaApi
from orders.table import outbox
from tests.drawings import packaging, png
from tests.gateways import ACCOUNT, ANA, KINDS, Line, connected, words
from tests.house import House, open_house

BEN = Person("905559998877", "Ben", lid="203899771998285", hides_number=True)
SHOP = Person(ACCOUNT.number, "Shop")
PICTURE = png(packaging(1))


@dataclass(frozen=True)
class Street:
    """A shop with a line of every kind of gateway."""

    house: House
    lines: dict[str, Line]

    async def says(self, line: Line, text: str, who: Person = ANA, **more: Any) -> str:
        """Return what the shop answers to a text."""
        seen = len(line.gateway.sent)
        await line.gateway.says(who, text, **more)
        await self.house.settle()
        return words(line.gateway.sent[seen:])

    async def chat(self, line: Line) -> Any:
        """Return the one conversation of a line."""
        (row,) = await self.house.rows(conversation, channel_id=line.channel_id)
        return row

    async def messages(self, line: Line, **equal: Any) -> Sequence[Any]:
        """Return the stored messages of a line, oldest first."""
        rows = await self.house.rows(message, channel_id=line.channel_id, **equal)
        return sorted(rows, key=lambda row: int(row.seq))


@pytest.fixture
async def street(database_url: str, tmp_path: Path) -> AsyncIterator[Street]:
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(database_url, tmp_path))
        lines = {
            kind: await stack.enter_async_context(
                connected(house.runtime, house.tenant_id, kind, server=house.shop.url)
            )
            for kind in KINDS
        }
        yield Street(house, lines)


async def test_a_customer_orders_by_the_numbers_of_the_menus(street: Street) -> None:
    for line in street.lines.values():
        asked = await street.says(line, "2 latte please")
        assert "1. Delivery\n2. Pick-up" in asked
        summary = await street.says(line, "2")
        assert "1. Confirm" in summary, "a number took the second choice"
        assert "2 \xd7 Latte" in summary
        placed = await street.says(line, "\uff11.")
        assert "1. Confirm" not in placed
        # The same number once more chooses nothing: that menu was answered.
        await street.says(line, "1")
    assert len(await street.house.orders()) == 2, "one for each line, and no more"
    assert {line.gateway.sent[0].to for line in street.lines.values()} == {
        "905551112233@s.whatsapp.net",
        "905551112233@c.us",
    }
    assert all(line.gateway.read for line in street.lines.values()), "seen, and typing"
    for line in street.lines.values():
        sent = line.gateway.sent[0]
        await _report_delivered(line.gateway, sent)
        (stored,) = await street.messages(line, provider_id=sent.id)
        assert stored.direction == "out"


async def _report_delivered(gateway: EvolutionApi | WahaApi, sent: Any) -> None:
    if isinstance(gateway, EvolutionApi):
        assert await gateway.reports(sent, "DELIVERY_ACK") == 200
    else:
        assert await gateway.reports(sent, 2) == 200


async def test_a_hidden_person_is_answered_in_the_hidden_chat(street: Street) -> None:
    for line in street.lines.values():
        assert await street.says(line, "hello", BEN)
        assert {sent.to for sent in line.gateway.sent} == {"203899771998285@lid"}
        assert set(line.gateway.read) == {"203899771998285@lid"}
        # Ana is known by both names from the first message on: one contact.
        await street.says(line, "hello", ANA, hidden=True)
        await street.says(line, "hello again", ANA)
        rows = await street.house.rows(contact_alias, channel_id=line.channel_id)
        owners = {row.value: row.contact_id for row in rows}
        assert owners["905551112233"] == owners["103899771998284@lid"]
        assert len(set(owners.values())) == 2
        assert line.gateway.sent[-1].to.startswith("905551112233@")


async def test_own_echoes_are_nobodys_words_and_a_persons_take_over(
    street: Street,
) -> None:
    for line in street.lines.values():
        gateway = line.gateway
        await street.says(line, "2 latte please")
        menu = gateway.sent[-1]
        # The same id; another id; and what the phone made of the text.
        await gateway.echoes(menu)
        await gateway.echoes(menu, key="3EB0ANOTHERKEY")
        await _typed(gateway, menu.text.replace("\n", " ").upper())
        await street.house.settle()
        assert (await street.chat(line)).owner == "bot"
        assert not await street.messages(line, event="echo")
        await _typed(gateway, "Hi Ana, this is Selin. We are out of lattes today.")
        await street.house.settle()
        assert (await street.chat(line)).owner == "agent"
        assert await street.says(line, "2") == "", "the bot is silent meanwhile"


async def _typed(gateway: EvolutionApi | WahaApi, text: str) -> None:
    assert await gateway.shop_types(ANA, text) == 200


async def test_what_is_no_customer_or_long_past_gets_no_answer(street: Street) -> None:
    evolution, waha = street.lines["evolution"], street.lines["waha"]
    gateway, now = evolution.gateway, street.house.runtime.clock()
    assert isinstance(gateway, EvolutionApi)
    for jid in ("120363041@g.us", "status@broadcast", "120363144@newsletter"):
        data = gateway.upsert(ANA, {"conversation": "2 latte"}, gateway.new_key())
        data["key"] = {"remoteJid": jid, "fromMe": False, "id": gateway.new_key()}
        assert await gateway.tell("messages.upsert", data) == 200
    past = gateway.upsert(ANA, {"conversation": "2 latte"}, gateway.new_key())
    assert await gateway.tell("messages.set", [past]) == 200
    for line in (evolution, waha):
        assert await street.says(line, "2 latte", SHOP) == "", "our own number"
        assert not await street.messages(line)
    # What a phone brings late: seconds, and hours.
    three_hours = int((now - timedelta(hours=3)).timestamp())
    late = await street.says(evolution, "9 espresso", messageTimestamp=three_hours)
    assert late == ""
    assert await street.says(waha, "9 espresso", timestamp=three_hours) == ""
    for line in (evolution, waha):
        (old,) = await street.messages(line)
        assert (old.state, old.why_silent) == ("done", "history")
    just_now = int((now - timedelta(seconds=3)).timestamp())
    answers = (
        await street.says(evolution, "2 latte", messageTimestamp=just_now),
        await street.says(waha, "2 latte", timestamp=just_now),
    )
    for answer in answers:
        assert "2 \xd7 Latte" in answer
        assert "Espresso" not in answer, "what is past is context only"


async def test_edits_deletes_and_pictures_come_through(street: Street) -> None:
    for line in street.lines.values():
        gateway = line.gateway
        key = await gateway.says(ANA, "2 latte")
        assert await gateway.edits(ANA, key, "3 latte") == 200
        await street.house.settle()
        assert "3 \xd7 Latte" in words(gateway.sent)
        key = await gateway.says(ANA, "and 5 espresso")
        assert await gateway.deletes(ANA, key) == 200
        await street.house.settle()
        assert "Espresso" not in words(gateway.sent)
        await _picture(gateway)
        await street.house.settle()
    async with street.house.runtime.database.reading() as connection:
        found = (await connection.execute(select(media))).all()
    assert [row.outcome for row in found] == ["stored", "stored"]
    assert {row.size for row in found} == {len(PICTURE)}


async def _picture(gateway: EvolutionApi | WahaApi) -> None:
    """Bring a picture that has to be asked for."""
    key = gateway.new_key()
    if isinstance(gateway, EvolutionApi):
        gateway.files[key] = PICTURE
        await gateway.brings(ANA, {"imageMessage": {"mimetype": "image/png"}}, key=key)
        return
    file = gateway.file_of(key, PICTURE, "image/png")
    payload = gateway.message(ANA, key, "") | {"hasMedia": True, "media": file}
    assert await gateway.tell("message.any", payload) == 200


async def test_replies_wait_for_a_lost_connection_and_then_go_by_themselves(
    street: Street,
) -> None:
    for line in street.lines.values():
        gateway = line.gateway
        lost = "FAILED" if isinstance(gateway, WahaApi) else "close"
        assert await gateway.connects(lost) == 200
        await gateway.says(ANA, "hello")
        waiting = f"channel:{line.channel_id}"
        await _until(street.house, outbox, waits_for=waiting)
        assert gateway.sent == []
        assert await gateway.connects() == 200
        await street.house.settle()
        assert len(gateway.sent) == 1, "said once, when it could be"


async def test_a_send_that_finds_no_connection_pauses_the_channel(
    street: Street,
) -> None:
    for line in street.lines.values():
        gateway = line.gateway
        gateway.is_connected = False  # and nobody told of it
        if isinstance(gateway, WahaApi):
            gateway.status = "STOPPED"
        await gateway.says(ANA, "hello")
        (row,) = await _until(street.house, channel, id=line.channel_id, state="paused")
        assert "no connection to WhatsApp" in row.state_reason
        assert row.lost_at is not None, "it goes on when the gateway says so"
        assert gateway.sent == []


async def _until(house: House, table: Any, **equal: Any) -> Sequence[Any]:
    """Return rows of a table, once there are any."""
    async with asyncio.timeout(10):
        while not (found := await house.rows(table, **equal)):  # noqa: ASYNC110  # a database cannot ring
            await asyncio.sleep(0.01)
    return found
