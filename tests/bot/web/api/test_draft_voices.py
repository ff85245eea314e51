"""What was ordered by voice is told with the seconds in which it was said."""

from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import update

from bot.inbox.table import media
from bot.web.api.draft_voices import Voice, heard_in
from tests.api import open_office
from tests.console import signed_in
from tests.openai_reader import obliging
from tests.openai_server import openai_server, settings_for

VOICE = (resources.files("bot.simulator.page.samples") / "voice.ogg").read_bytes()
SAID = "hello I take 2 latte and 1 bagel"


def moment(begin: float, end: float, *, estimated: bool = False) -> Any:
    return {"from_seconds": begin, "to_seconds": end, "is_estimated": estimated}


async def test_evidence_tells_in_which_second_it_was_said(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with openai_server() as server:
        server.mind, server.speech = obliging, lambda _: SAID
        timed = settings_for(server, openai_transcribe_model="whisper-1")
        async with open_office(sqlite_url, tmp_path, settings=timed) as office:
            ana = office.house.phone()
            await ana.send_voice(VOICE)
            await office.house.rest()
            draft = await office.draft((await office.house.chat(ana)).id)

            async def told() -> list[Any]:
                path = f"/v1/drafts/{draft['id']}/evidence"
                lines = (await office.agent.read(path))["data"][:2]
                return [each["proofs"][0]["heard"] for each in lines]

            async def keep(reading: Any) -> None:
                async with office.house.runtime.database.transaction() as connection:
                    await connection.execute(update(media).values(reading=reading))

            assert await told() == [moment(1.5, 2.5), moment(3, 4)]
            note = (await office.house.rows(media))[0].message_id
            read = await office.agent.read(f"/v1/messages/{note}/analysis")
            said = [each["said"] for each in read["mentions"]]
            assert said[0] == {"message_id": note, "heard": moment(1.5, 2.5)}
            assert said[1]["heard"] == moment(3, 4)
            looking = await signed_in(office.house)
            page = await looking.page(f"/console/messages/{note}/analysis")
            assert f'data-listen="{note}" data-from="3.0"' in page
            assert f'data-voice="{note}"' in page, "beside a player"
            # By a model that tells no times.
            await keep({"transcript": SAID, "seconds": 4.8})
            (latte, bagel) = await told()
            assert latte == moment(1.95, 3, estimated=True)
            assert bagel["to_seconds"] == 4.8
            # Of an older version; and when the file is no longer kept.
            await keep({"transcript": SAID})
            assert await told() == [None, None]
            await keep(None)
            assert await told() == [None, None]


def test_the_same_words_mean_each_time_the_next_ones_of_the_voice_note() -> None:
    said = "a latte, a tea and a latte to go, for Ana"
    times = [[0, 0, 0.5], [9, 1, 1.5], [15, 2, 2.2], [19, 3, 3.5], [38, 4, 4.5]]
    quotes = ["a latte", "a tea", "a latte", "said elsewhere", ""]
    voice = Voice.of(
        {"transcript": said, "seconds": 5, "times": times},
        {"mentions": [{"quote": {"text": each}} for each in quotes] + [{}]},
    )
    assert voice is not None
    proofs = [
        ("m1", "a latte"),
        ("m1", "a tea"),
        ("m1", "a latte"),
        ("m1", "Ana"),  # No mention of a product: a fact.
        ("m1", "a latte"),  # Spoken of again, and no later words are there.
        ("m1", "said elsewhere"),
        ("m1", None),
        ("m2", "a latte"),
        (None, "a latte"),
    ]
    begins = [each and each.from_seconds for each in heard_in({"m1": voice}, proofs)]
    assert begins == [0, 1, 3, 4, 3, None, None, None, None]


def test_what_is_no_voice_note_of_known_length_has_no_seconds() -> None:
    visual: Any = {"visual": {"query": "latte"}, "seconds": 3}
    for reading in (None, {}, visual, {"transcript": "2 latte"}):
        assert Voice.of(reading, None) is None
    assert Voice.of({"transcript": "2 latte", "seconds": 3}, None) is not None
