"""Voice notes, photos and outages, from the phone to the database and back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.understanding import Act, Intent
from bot.inbox.table import conversation, media
from bot.reading.breaker import Breaker
from bot.reading.budget import Payer
from bot.reading.guarding import Guard
from bot.reading.listening import Listener, Sound, Transcript
from bot.reading.pace import Pace
from bot.reading.reader import Call
from bot.reading.table import model_spending
from catalog.table import tenant
from orders import Source
from tests.graph_api import Say
from tests.house import PATIENCE, House, open_house
from tests.openai_reader import FullPurse, obliging
from tests.openai_server import (
    OpenAIServer,
    answer,
    failure,
    image,
    intent,
    mention,
    openai_server,
    settings_for,
)

SAMPLES = resources.files("bot.simulator.page.samples")
VOICE = (SAMPLES / "voice.ogg").read_bytes()
PHOTO = (SAMPLES / "cup.jpg").read_bytes()
DOWN = Say(503, failure("server_error"))


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with openai_server() as server:
        server.mind = obliging
        server.speech = lambda _: "2 latte please"
        yield server


@asynccontextmanager
async def a_house(
    url: str, folder: Path, server: OpenAIServer, **changes: Any
) -> AsyncIterator[House]:
    settings = settings_for(server, **changes)
    async with open_house(url, folder, settings=settings) as house:
        yield house


async def lines(house: House) -> list[tuple[str, str]]:
    draft = await house.draft(house.phone())
    return [(line.name, f"{line.quantity:f}") for line in draft.lines]


async def test_a_voice_note_is_written_down_and_ordered_from(
    database_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    async with a_house(database_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_voice(VOICE)
        (heard,) = await house.hears(ana, 0)
        assert "Latte: ₺171.00" in heard.text
        (sound,) = server.heard
        assert sound.sound == VOICE
        assert sound.fields["model"] == ["gpt-transcribe"]
        assert "Latte" in sound.fields["keywords[]"]
        (line,) = (await house.draft(ana)).lines
        (said, *_) = line.evidence
        (note, _) = await house.messages(ana)
        assert (said.source, said.ref, said.quote) == (
            Source.MESSAGE,
            note.id,
            "2 latte",
        )
        assert note.content["type"] == "media", "what was stored stays what it was"
        (row,) = await house.rows(media)
        assert row.reading == {"transcript": "2 latte please", "seconds": 4.76}
        (turn,) = await house.analyses()
        assert turn.source_type == "audio"
        assert [c["purpose"] for c in turn.usage["calls"]] == ["read", "transcribe"]
        (spent,) = await house.rows(model_spending)
        assert (spent.calls, spent.cost) == (2, turn.usage["cost_micros"])
        await ana.say("and one more of those for my dear colleague please")
        await house.settle()
        before = server.asked[-1].document["history"][0]
        assert before == {"from": "customer", "text": "2 latte please"}


async def test_the_same_voice_note_is_listened_to_once(
    sqlite_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    timed = {"openai_transcribe_model": "whisper-1"}
    async with a_house(sqlite_url, tmp_path, server, **timed) as house:
        await house.phone().send_voice(VOICE)
        await house.settle()
        await house.phone("905557776655", "Bea").send_voice(VOICE)
        await house.settle()
        assert len(server.heard) == 1
        assert len(server.asked) == 2
        assert house.runtime.listener is not None
        # Another process remembers nothing; the database does.
        house.runtime.listener._known.clear()  # noqa: SLF001  # said in the line above
        await house.phone("905557770000", "Cem").send_voice(VOICE)
        await house.settle()
        assert len(server.heard) == 1
        readings = [row.reading for row in await house.rows(media)]
        assert readings[0]["seconds"] == 4.76
        assert readings[0]["times"] == [[0, 0, 0.5], [2, 0.5, 1], [8, 1, 1.5]]
        assert readings == readings[:1] * 3, "when its words were said is known, too"


UNHEARD: list[tuple[str, dict[str, Any], str]] = [
    ("2 latte please", {}, "not heard: 503 server_error"),
    ("", {}, "not heard: nothing can be understood"),
    ("2 tea", {"openai_voice_seconds": 0.1}, "not heard: it plays longer"),
    ("2 tea", {"openai_daily_budget": 0}, "not heard: the budget"),
]


@pytest.mark.parametrize("number", range(len(UNHEARD)))
async def test_a_voice_note_that_is_not_heard_gets_one_honest_line(
    sqlite_url: str, tmp_path: Path, server: OpenAIServer, number: int
) -> None:
    speech, changes, why = UNHEARD[number]
    server.speech = lambda _: speech
    server.will(*[DOWN] * (2 if "503" in why else 0))
    async with a_house(sqlite_url, tmp_path, server, **changes) as house:
        ana = house.phone()
        await ana.send_voice(VOICE)
        (heard,) = await house.hears(ana, 0)
        assert "voice" in heard.text
        assert (await house.draft(ana)).lines == ()
        (row,) = await house.rows(media)
        assert row.error.startswith(why)


async def test_over_budget_the_rules_take_the_order(
    sqlite_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    async with a_house(sqlite_url, tmp_path, server, openai_daily_budget=0) as house:
        await house.phone().say("2 latte and a bagel please")
        await house.settle()
        assert await lines(house) == [("Latte", "2"), ("Bagel", "1")]
        assert server.asked == []
        (turn,) = await house.analyses()
        assert turn.provider == "rules"
        assert "(over_budget)" in str(turn.trace)
        async with house.runtime.database.transaction() as connection:
            await connection.execute(update(tenant).values(model_budget=1_000_000))
        await house.phone().say("and a latte more, thank you very much")
        await house.settle()
        assert len(server.asked) == 1


def sees(asked: Any) -> Any:
    """Look at a picture, or at what was seen in it before, with the words beside it."""
    (row,) = asked.document["messages"]
    claim = mention("2 of these", "latte", 2, where="image")
    return answer(
        images=[image(description="A cup of latte.", query="latte")]
        if asked.pictures
        else [],
        mentions=[claim] if row.get("text") else [],
        intents=[intent(Intent.ORDER, "2 of these")],
    )


async def test_a_photo_is_looked_at_with_the_words_beside_it(
    database_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    server.mind = sees
    async with a_house(database_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(PHOTO, caption="2 of these please")
        await house.settle()
        assert await lines(house) == [("Latte", "2")]
        (asked,) = server.asked
        assert asked.pictures[0].startswith("data:image/jpeg;base64,")
        (turn,) = await house.analyses()
        assert turn.source_type == "text_image"
        (seen,) = turn.result["visual"]
        assert (seen["query"], seen["status"]) == ("latte", "high_confidence")
        (row,) = await house.rows(media)
        assert row.reading["visual"]["description"] == "A cup of latte."

        await ana.send_image(PHOTO, caption="2 of these more")
        await house.settle()
        again = server.asked[1]
        assert again.pictures == [], "the same picture is looked at once"
        assert again.document["messages"][0]["seen"]["query"] == "latte"

        bea = house.phone("905557776655", "Bea")
        await bea.send_image(PHOTO)
        await house.settle()
        assert server.asked[2].pictures, "seen with Ana's words in mind: not for Bea"
        await house.phone("905557770000", "Cem").send_image(PHOTO, caption="how much?")
        await house.settle()
        assert server.asked[3].pictures == [], "seen without words: for everybody"


async def test_a_bare_photo_of_a_product_is_a_question_about_it(
    sqlite_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    server.mind = lambda _: answer(
        images=[image(description="A cup of latte.", query="latte")],
        mentions=[mention("", "latte", where="image", act=Act.ASK)],
    )
    async with a_house(sqlite_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(PHOTO)
        (heard,) = await house.hears(ana, 0)
        assert "85.50" in heard.text, "the price is the catalog's"
        assert (await house.draft(ana)).lines == ()


async def test_a_photo_that_shows_nothing_gets_one_honest_line(
    sqlite_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    server.mind = lambda _: answer(images=[image(readable=False)])
    async with a_house(sqlite_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(PHOTO)
        (heard,) = await house.hears(ana, 0)
        assert "photo" in heard.text or "picture" in heard.text
        (turn,) = await house.analyses()
        assert turn.result["warnings"] == ["the picture cannot be made out"]
        (row,) = await house.rows(media)
        assert row.reading is None
        await ana.send_image(PHOTO)
        await house.settle()
        assert server.asked[1].pictures, "it may be made out another time"


async def test_a_damaged_photo_is_not_sent_and_said_to_be_so(
    sqlite_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    async with a_house(sqlite_url, tmp_path, server) as house:
        ana = house.phone()
        await ana.send_image(PHOTO[:300], caption="2 latte please")
        await house.settle()
        assert await lines(house) == [("Latte", "2")]
        assert server.asked[0].pictures == []
        (row,) = await house.rows(media)
        assert row.error == "not seen: the picture is damaged"
        (turn,) = await house.analyses()
        assert "the picture is damaged" in turn.result["warnings"]


async def test_without_a_model_photos_and_voice_notes_get_their_honest_line(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_url, tmp_path) as house:
        ana = house.phone()
        await ana.send_voice(VOICE)
        await house.settle()
        await ana.send_image(PHOTO)
        await house.settle()
        assert len(ana.inbox) == 2
        assert [row.reading for row in await house.rows(media)] == [None, None]


async def hurry(house: House) -> None:
    """Let what waits for another attempt be due now."""
    async with house.runtime.database.transaction() as connection:
        await connection.execute(
            update(conversation)
            .where(conversation.c.ready_at.is_not(None))
            .values(ready_at=house.runtime.clock())
        )
    house.runtime.turn_bell.ring()


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Return when something is true."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110  # a database rings no bell
            await asyncio.sleep(0.02)


async def test_in_an_outage_the_model_alone_is_waited_for_with_one_kind_word(
    database_url: str, tmp_path: Path, server: OpenAIServer
) -> None:
    """Then everything is read together, and gets one answer."""
    async with a_house(database_url, tmp_path, server, reader="openai") as house:
        ana = house.phone()
        server.always = DOWN
        await ana.say("I would like 2 latte for the office please")

        async def is_asked() -> bool:
            return bool(server.asked)

        async def is_told() -> bool:
            return bool(ana.inbox)

        await until(is_asked)
        await ana.say("and 3 tea with them, thank you so much")
        # Too many failures would open the breaker: nobody hurries here.
        await until(is_told)
        server.always = None
        await hurry(house)
        await until(house.analyses)
        await house.settle()
        patience, reply = ana.inbox
        assert "takes me a little longer" in patience.text
        assert "Latte" in reply.text
        assert await lines(house) == [("Latte", "2"), ("Tea", "3")]
        (turn,) = await house.analyses()
        assert turn.status == "completed"
        assert turn.attempts > 1


class Ears:
    def __init__(self) -> None:
        self.heard = 0

    async def transcribe(self, sound: Sound) -> Transcript:
        self.heard += 1
        return Transcript("2 latte", "ears", sound.seconds, (Call("t", "ears"),))


async def test_what_one_shop_heard_no_other_shop_knows() -> None:
    ears = Ears()
    guard = Guard(Breaker(lambda: 0.0), FullPurse(), Pace(lambda: 0.0, 10))
    listener = Listener(ears, guard, longest=60)
    sound = Sound(VOICE, "audio/ogg", "the same hash")
    for tenant_id in ("one", "one", "other"):
        await listener.hear(sound, Payer(tenant_id, "UTC"))
    assert ears.heard == 2
