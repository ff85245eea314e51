"""Photos without a model, from the phone to the draft and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels.picture_source import PictureSource
from bot.domain.understanding import Intent
from bot.inbox.ownership import attend, hand_back, handed_over
from bot.inbox.table import media
from bot.simulator.phone import Phone
from bot.worker.picture_hosts import PictureHosts
from bot.worker.picturing import keep_pictured, look_at_some, note_all
from catalog.picture_table import catalog_picture
from orders import Source
from tests.drawings import FATES, ean, jpeg, on_screen, packaging, photo_of, qr
from tests.factories import NOON
from tests.goods import GOODS
from tests.house import House, open_house
from tests.openai_server import answer, intent, mention, openai_server, settings_for
from tests.picture_server import PictureServer, picture_server

#: The packaging of each product on the picture server.
PICTURES = {"LATTE": 1, "TEA": 2, "CHOC": 3, "ALMOND": 3, "SHIRT": 5}
TEXTS = {"CHOC": "chocolate", "ALMOND": "almond"}


#: Hosts that need no pause, and never fail so often that it matters.
HOSTS = PictureHosts(pause=0)


@pytest.fixture
async def server() -> AsyncIterator[PictureServer]:
    async with picture_server() as server:
        for sku in PICTURES:
            server.files[f"/{sku}.jpg"] = jpeg(picture(sku), 90)
        yield server


def picture(sku: str) -> Any:
    return packaging(PICTURES[sku], text=TEXTS.get(sku), size=400)


@asynccontextmanager
async def a_house(
    url: str, folder: Path, server: PictureServer, **settings: Any
) -> AsyncIterator[House]:
    """Open a shop that knows its own pictures."""
    pictured = tuple(
        replace(product, image=f"{server.url}/{product.sku}.jpg")
        if product.sku in PICTURES
        else product
        for product in GOODS
    )
    given = {
        "catalog_pictures": False,  # Here it is done by hand.
        "catalog_picture_hosts": (server.host,),
        **settings,
    }
    async with open_house(url, folder, settings=given) as house:
        await house.stock(pictured)
        await note_all(house.runtime)
        while await look_at_some(house.runtime, HOSTS):
            pass
        yield house


async def lines(house: House, phone: Phone) -> list[tuple[str, str]]:
    draft = await house.draft(phone)
    return [(line.name, f"{line.quantity:f}") for line in draft.lines]


async def test_a_forwarded_picture_of_the_shop_finds_its_product(
    database_url: str, tmp_path: Path, server: PictureServer
) -> None:
    async with a_house(database_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(
            FATES["compressed hard"](picture("LATTE")), caption="2 of these please"
        )
        (heard,) = await house.hears(ana, 0)
        assert "Latte: ₺171.00" in heard.text
        assert await lines(house, ana) == [("Latte", "2")]
        (line,) = (await house.draft(ana)).lines
        (photo, _) = await house.messages(ana)
        (said, *_) = line.evidence
        assert (said.source, said.ref) == (Source.MESSAGE, photo.id)
        (turn,) = await house.analyses()
        (seen,) = turn.result["visual"]
        assert (seen["status"], seen["query"]) == ("high_confidence", "Latte")
        assert turn.result["mentions"][0]["spot"]["region"] is None, "all of it"
        assert (turn.status, turn.source_type) == ("completed", "text_image")

        await ana.send_image(jpeg(on_screen(picture("TEA"))))
        await house.settle()
        assert await lines(house, ana) == [("Latte", "2"), ("Tea", "1")]
        assert (await house.chat(ana)).attention is None
        (_, turn) = await house.analyses()
        (said,) = turn.result["mentions"]
        region = said["spot"]["region"]
        shown = picture("TEA").height * 540 / picture("TEA").width / 1170
        found = (region["top"], region["height"], region["width"])
        expected = ((1 - shown) / 2, shown, 1)
        assert found == pytest.approx(expected, abs=0.03), "of the screen"


async def test_look_alikes_are_asked_about_and_the_amount_is_kept(
    sqlite_url: str, tmp_path: Path, server: PictureServer
) -> None:
    async with a_house(sqlite_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(jpeg(picture("CHOC"), 40), caption="3 of these")
        (heard,) = await house.hears(ana, 0)
        assert "Is it one of these?" in heard.text
        titles = {choice.title for choice in (*heard.buttons, *heard.rows)}
        assert {"Chocolate Croissant", "Almond Croissant"} <= titles
        assert await lines(house, ana) == []
        await ana.say("almond")
        await house.settle()
        assert await lines(house, ana) == [("Almond Croissant", "3")]


async def test_codes_in_a_photo_name_products(
    sqlite_url: str, tmp_path: Path, server: PictureServer
) -> None:
    async with a_house(sqlite_url, tmp_path, server) as house:
        await house.change("BAGEL", gtin="8690000000012")
        await house.change("TEA", url="https://shop.example/tea")
        ana = house.phone()
        await ana.send_image(
            jpeg(photo_of(ean("8690000000012"), qr("http://shop.example/tea/")))
        )
        await house.settle()
        assert await lines(house, ana) == [("Bagel", "1"), ("Tea", "1")]
        bagel, tea = (await house.draft(ana)).lines
        assert bagel.evidence[0].quote == "8690000000012"
        assert tea.evidence[0].quote == "http://shop.example/tea/"
        asked = len(server.asked)
        await ana.send_image(jpeg(photo_of(qr(f"{server.url}/LATTE.jpg"))))
        await house.settle()
        assert len(server.asked) == asked, "no code is ever followed"


async def test_a_photo_of_nothing_known_is_a_task_for_a_person(
    database_url: str, tmp_path: Path, server: PictureServer
) -> None:
    async with a_house(database_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(jpeg(packaging(77)))
        (heard,) = await house.hears(ana, 0)
        assert "could not recognise that photo" in heard.text
        (turn,) = await house.analyses()
        assert turn.status == "skipped"
        assert turn.error.startswith("not recognised: ")
        assert turn.result["visual"][0]["status"] == "no_match"
        (row,) = await house.rows(media)
        assert row.outcome == "stored", "the person can look at it"
        chat = await house.chat(ana)
        assert (chat.owner, chat.attention) == ("bot", "image")
        since = chat.attention_at
        assert since is not None

        await ana.say("2 tea")
        await house.settle()
        assert await lines(house, ana) == [("Tea", "2")], "the bot goes on"
        await ana.send_image(jpeg(packaging(78)))
        await house.settle()
        assert (await house.chat(ana)).attention_at == since, "since the first one"
        await ana.send_voice(b"OggS" + bytes(24) + b"OpusHead" + bytes(200))
        await house.settle()
        chat = await house.chat(ana)
        assert (chat.attention, chat.attention_at) == ("voice", since), "the newest"

        async with house.runtime.database.transaction() as connection:
            (owned,) = await handed_over(connection, house.tenant_id)
            assert (owned.id, owned.attention) == (chat.id, "voice")
            now = house.runtime.clock()
            assert await hand_back(connection, house.tenant_id, chat.id, now=now)
            assert await handed_over(connection, house.tenant_id) == ()


async def test_an_amount_in_the_next_message_is_about_the_photo_and_nothing_is_left(
    sqlite_url: str, tmp_path: Path, server: PictureServer
) -> None:
    async with a_house(sqlite_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(jpeg(picture("LATTE"), 60))
        await ana.say("2 of these")
        (heard,) = await house.hears(ana, 0)
        assert "Latte: ₺171.00" in heard.text
        assert "recognise" not in heard.text
        assert len(await house.analyses()) == 1, "one turn"
        assert await lines(house, ana) == [("Latte", "2")]
        assert (await house.chat(ana)).attention is None


async def test_a_voice_note_that_nobody_hears_is_one_too(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path) as house:
        ana = house.phone()
        await ana.send_voice(b"OggS" + bytes(24) + b"OpusHead" + bytes(200))
        (heard,) = await house.hears(ana, 0)
        assert "voice" in heard.text
        (turn,) = await house.analyses()
        assert (turn.status, turn.source_type) == ("skipped", "audio")
        assert turn.error == "not heard: nobody listens to voice notes here"
        assert (await house.chat(ana)).attention == "voice"


async def test_an_order_ends_what_a_person_was_to_look_at_but_for_what_is_new(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path) as house:
        ana = house.phone()
        await ana.send_image(jpeg(packaging(77)))
        await house.settle()
        assert (await house.chat(ana)).attention == "image"
        await ana.say("2 latte")
        for title in ("Pick-up", "Confirm"):
            await house.settle()
            await ana.tap(title)
        await house.settle()
        assert len(await house.orders()) == 1
        chat = await house.chat(ana)
        assert (chat.attention, chat.attention_at) == (None, None)
        async with house.runtime.database.transaction() as connection:
            await attend(connection, {chat.id: "image"}, now=NOON)
            later = NOON + timedelta(hours=1)
            new = {chat.id: "voice"}
            await attend(connection, new, ordered=[chat.id], now=later)
        chat = await house.chat(ana)
        assert (chat.attention, chat.attention_at) == ("voice", later)


async def pictures(house: House) -> dict[str, Any]:
    rows = await house.rows(catalog_picture)
    return {row.url.rpartition("/")[2]: row for row in rows}


async def test_pictures_come_and_go_with_their_products(
    database_url: str, tmp_path: Path, server: PictureServer
) -> None:
    server.statuses["/TEA.jpg"] = 503
    server.files["/SHIRT.jpg"] = b"no picture"
    server.moved["/LATTE.jpg"] = f"{server.url}/CHOC.jpg"
    async with a_house(database_url, tmp_path, server) as house:
        known = await pictures(house)
        assert set(known) == {f"{sku}.jpg" for sku in PICTURES}
        assert known["CHOC.jpg"].error is None
        assert known["LATTE.jpg"].print == known["CHOC.jpg"].print, "it was followed"
        assert known["TEA.jpg"].error == "the server answers 503"
        assert (known["TEA.jpg"].attempts, known["TEA.jpg"].print) == (1, None)
        assert known["SHIRT.jpg"].error is not None
        asked = len(server.asked)
        await house.change("LATTE", image=None)
        await note_all(house.runtime)
        assert await look_at_some(house.runtime, HOSTS) == 0, "nothing is due"
        assert len(server.asked) == asked
        assert set(await pictures(house)) == set(known) - {"LATTE.jpg"}


async def test_a_picture_that_breaks_us_is_one_picture_and_no_end(
    sqlite_url: str, tmp_path: Path, server: PictureServer
) -> None:
    async with a_house(sqlite_url, tmp_path, server) as house:
        async with house.runtime.database.transaction() as connection:
            await connection.execute(update(catalog_picture).values(due_at=NOON))
        broken = replace(house.runtime, picture_source=Breaking())
        before = await pictures(house)
        assert await look_at_some(broken, HOSTS) == len(before)
        assert await look_at_some(broken, HOSTS) == 0, "none of them at once"
        for name, row in (await pictures(house)).items():
            assert row.error == "our own mistake: ZeroDivisionError"
            assert row.print == before[name].print, "it is known as it was"


class Breaking(PictureSource):
    """A source with a mistake in it."""

    def __init__(self) -> None:
        pass

    async def fetch(self, text: str) -> bytes:
        del text
        raise ZeroDivisionError


async def test_no_mistake_with_pictures_ends_the_worker(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path) as house:
        asked = asyncio.Event()

        def clock() -> datetime:
            asked.set()
            raise ZeroDivisionError

        settings = house.runtime.settings.model_copy(update={"catalog_pictures": True})
        broken = replace(house.runtime, settings=settings, clock=clock)
        keeping = asyncio.create_task(keep_pictured(broken))
        await asyncio.wait_for(asked.wait(), 10)
        await asyncio.wait([keeping], timeout=0.05)
        assert not keeping.done()
        keeping.cancel()


async def test_no_private_host_is_asked_for_a_picture(
    sqlite_url: str, tmp_path: Path, server: PictureServer
) -> None:
    nobody = {"catalog_picture_hosts": ()}
    async with a_house(sqlite_url, tmp_path, server, **nobody) as house:
        assert server.asked == []
        for row in (await pictures(house)).values():
            assert row.error == "127.0.0.1 is not in the public internet"


async def test_what_a_code_tells_no_model_has_to_look_at(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with openai_server() as model:
        model.mind = lambda _: answer(
            mentions=[mention("2 of these", "", 2)],
            intents=[intent(Intent.ORDER, "2 of these")],
        )
        given = settings_for(model)
        async with open_house(sqlite_url, tmp_path, settings=given) as house:
            await house.change("BAGEL", gtin="8690000000012")
            photo = jpeg(photo_of(ean("8690000000012")))
            ana = house.phone()
            await ana.send_image(photo)
            await house.settle()
            assert await lines(house, ana) == [("Bagel", "1")]
            assert model.asked == []

            await ana.send_image(photo, caption="2 of these for my dear mother please")
            await house.settle()
            (asked,) = model.asked
            assert asked.pictures == []
            assert asked.document["messages"][0]["card"] == "Bagel"
            assert await lines(house, ana) == [("Bagel", "3")]
