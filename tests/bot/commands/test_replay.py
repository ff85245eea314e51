"""Stored turns are read again as they began, and nothing comes of it but figures."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import select, text, update

from bot.domain.understanding import Understanding
from bot.inbox.table import analysis, message
from bot.migrations.comparing import METADATA
from bot.reading.reader import Reading, ReadingRequest
from bot.reading.rules.reader import RulesReader
from catalog.domain.learnt import SHOP, Heard, Lesson, Meaning
from catalog.table import product
from catalog.teaching import teach
from tests.bot.commands.conftest import Run
from tests.drawings import ean, jpeg, photo_of
from tests.house import SECRET_KEY, House, open_house
from tests.openai_reader import obliging
from tests.openai_server import openai_server, settings_for


class Misreader:
    """Reads as the rules do, but takes every amount for five."""

    name: ClassVar[str] = "rules"

    async def read(self, request: ReadingRequest) -> Reading:
        reading = await RulesReader().read(request)
        said = reading.understanding.model_dump()
        for each in said["mentions"]:
            each["quantity"] = 5
        wrong = Understanding.model_validate(said)
        return Reading(wrong, provider="rules", model="five")


async def everything(house: House) -> dict[str, list[Any]]:
    """Return all rows of all tables."""
    async with house.runtime.database.reading() as connection:
        return {
            table.name: sorted(map(repr, await connection.execute(select(table))))
            for table in METADATA.sorted_tables
        }


Replay = Callable[..., Any]


@asynccontextmanager
async def a_past(
    url: str, folder: Path, reader: Any, run: Run
) -> AsyncIterator[tuple[House, Replay]]:
    """Yield a house in which somebody bought, and the command, run beside it."""

    async def replay(*words: str, fails: bool = False) -> Any:
        # The command has a loop of its own, and so a thread.
        shop = ("--tenant", "Corner Cafe and Home", "--json")
        done = await asyncio.to_thread(run, "replay", *shop, *words)
        assert (done.code != 0) == fails, done.err
        return done.err if fails else done.json

    async with open_house(url, folder, readers=[reader]) as house:
        ana = house.phone()
        for said in ("2 latte please", "pickup", "yes", "thanks!"):
            await ana.say(said)
            await house.settle()
        yield house, replay


@pytest.fixture
def past(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Any], AbstractAsyncContextManager[tuple[House, Replay]]]:
    """Return what opens a house, and sets the command to its database."""

    def opening(
        url: str, reader: Any
    ) -> AbstractAsyncContextManager[tuple[House, Replay]]:
        monkeypatch.setenv("CHATORDER_DATABASE_URL", url)
        monkeypatch.setenv("CHATORDER_SECRET_KEY", SECRET_KEY)
        monkeypatch.setenv("CHATORDER_MEDIA_DIR", str(tmp_path / "media"))
        return a_past(url, tmp_path, reader, run)

    return opening


Past = Callable[[str, Any], AbstractAsyncContextManager[tuple[House, Replay]]]


async def test_the_same_reader_comes_to_the_same_and_nothing_is_touched(
    database_url: str, past: Past
) -> None:
    async with past(database_url, RulesReader()) as (house, replay):
        (order,) = await house.orders()
        before, inbox = await everything(house), house.phone().inbox
        told = await replay()
        assert (told["turns"], told["read"], told["differ"]) == (4, 4, 0)
        words = [turn["words"] for turn in told["data"]]
        assert words == ["2 latte please", "pickup", "yes", "thanks!"]
        ordered = [turn["now"]["ordered"] for turn in told["data"]]
        assert ordered == [False, False, True, False], "the yes is a yes once more"
        assert all(turn["is_whole"] for turn in told["data"])
        await house.settle()
        assert await everything(house) == before
        assert house.phone().inbox == inbox
        assert [each.id for each in await house.orders()] == [order.id]


async def test_another_reader_shows_where_the_draft_would_differ(
    sqlite_url: str, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with past(sqlite_url, Misreader()) as (house, replay):
        told = await replay()
        first, *others = told["data"]
        assert (told["differ"], first["differs"]) == (1, True)
        assert "5 x Latte" in first["was"]["draft"][0]
        assert "2 x Latte" in first["now"]["draft"][0]
        # Each turn starts from what was stored, not from what would have been.
        assert not any(each["differs"] for each in others)

        first_turn = first["turn"]
        one = await replay("--turn", first_turn)
        assert [each["turn"] for each in one["data"]] == [first_turn]
        chat = await house.chat(house.phone())
        assert (await replay("--conversation", chat.id))["turns"] == 4
        why = await replay("--conversation", "cnv_nobody", fails=True)
        assert "no turn was read: none of those asked for ended well" in why
        assert (await replay("--since", "1h"))["turns"] == 4
        assert (await replay("--limit", "1"))["data"][0]["words"] == "thanks!"
        why = await replay("--turn", "anl_nobody", fails=True)
        assert "no such turn that ended well: anl_nobody" in why
        why = await replay("--since", "yesterday", fails=True)
        assert "give 7d, 24h, 30m or a day" in why

        await house.change("LATTE", active=False)
        (sold_out,) = (await replay("--turn", first_turn))["data"]
        assert sold_out["then"] != sold_out["was"], "not another reading's doing"


async def test_what_is_not_kept_any_more_is_left_out_with_its_reason(
    sqlite_url: str, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with past(sqlite_url, RulesReader()) as (house, replay):
        ids = [turn["turn"] for turn in (await replay())["data"]]
        async with house.runtime.database.transaction() as connection:
            await connection.execute(
                update(message)
                .where(message.c.analysis_id == ids[0])
                .values(analysis_id=None)
            )
            # As a process of 0.1.0 stores it.
            await connection.execute(
                update(analysis).where(analysis.c.id == ids[3]).values(before=None)
            )
        told = (await replay())["data"]
        assert told[0]["skipped"] == "its messages were removed"
        assert [turn["is_whole"] for turn in told] == [True, True, True, False]


async def test_a_model_reads_again_for_so_much_and_no_daily_budget(
    sqlite_url: str, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        openai_server() as server,
        past(sqlite_url, Misreader()) as (house, replay),
    ):
        server.mind = obliging
        for name, value in settings_for(server).items():
            monkeypatch.setenv(name.upper(), value)
        before = await everything(house)
        told = await replay("--reader", "openai", "--model", "gpt-5.4-nano")
        by = [turn["provider"] for turn in told["data"]]
        assert by[0] == "openai"
        assert by[2] == "rules", "a clear yes needs no model"
        assert {asked.body["model"] for asked in server.asked} == {"gpt-5.4-nano"}
        assert "2 x Latte" in told["data"][0]["now"]["draft"][0]
        assert float(told["usd_spent"]) > 0
        assert await everything(house) == before, "model_spending, too"

        asked = len(server.asked)
        why = await replay("--reader", "openai", "--most-usd", "0", fails=True)
        assert "no turn was read: --most-usd was used up" in why
        assert len(server.asked) == asked
        v1 = ("--prompt", "read_message@v1")
        assert (await replay("--reader", "openai", *v1))["read"] == 4
        why = await replay("--reader", "openai", "--prompt", "v9", fails=True)
        assert "prompts/read_message/v9" in why


async def test_a_turn_that_cannot_be_read_keeps_no_other_from_it(
    sqlite_url: str, past: Past
) -> None:
    async with past(sqlite_url, RulesReader()) as (house, replay):
        ids = [turn["turn"] for turn in (await replay())["data"]]
        async with house.runtime.database.transaction() as connection:
            await connection.execute(
                update(analysis)
                .where(analysis.c.id == ids[0])
                .values(result={"mentions": "to 5 Rose Street"})
            )
            # It cannot even be taken from the database.
            await connection.execute(
                text("UPDATE analysis SET result = '{ Rose' WHERE id = :id"),
                {"id": ids[1]},
            )
        told = await replay()
        assert (told["turns"], told["read"]) == (4, 2)
        assert [turn["skipped"] for turn in told["data"]] == [
            "it cannot be read: ValidationError",
            "it cannot be read: JSONDecodeError",
            None,
            None,
        ]
        assert "Rose" not in str(told), "a customer's words"
        why = await replay("--turn", ids[0], fails=True)
        assert "no turn was read: each has its reason beside it" in why


async def test_what_a_picture_shows_is_found_in_it_again(
    sqlite_url: str, past: Past
) -> None:
    async with past(sqlite_url, RulesReader()) as (house, replay):
        await house.change("BAGEL", gtin="8690000000012")
        ben = house.phone("905551112244", "Ben")
        await ben.send_image(jpeg(photo_of(ean("8690000000012"))))
        await house.settle()
        chat = ("--conversation", (await house.chat(ben)).id)
        told = await replay(*chat)
        (turn,) = told["data"]
        assert (told["read"], told["differ"]) == (1, 0)
        assert "1 x Bagel" in turn["now"]["draft"]

        for kept in house.runtime.settings.media_dir.rglob("*"):
            if kept.is_file():
                kept.unlink()
        why = await replay(*chat, fails=True)
        assert "no turn was read" in why, "blind is not another reading"


async def test_what_was_learnt_since_a_turn_is_not_known_in_it(
    sqlite_url: str, past: Past
) -> None:
    async with past(sqlite_url, RulesReader()) as (house, replay):
        ben = house.phone("905551112244", "Ben")
        for _ in range(2):
            await ben.say("2 zorgles please")
            await house.settle()
            (latte,) = await house.rows(product, sku="LATTE")
            told = Heard(SHOP, "zorgles", Meaning(latte.id), Lesson.TOLD)
            async with house.runtime.database.transaction() as connection:
                now = house.runtime.clock()
                await teach(connection, house.tenant_id, [told], now=now)
        chat = (await house.chat(ben)).id
        first, second = (await replay("--conversation", chat))["data"]
        assert not any("Latte" in part for part in first["now"]["draft"])
        assert any("2 x Latte" in part for part in second["now"]["draft"])
        assert not first["differs"]
        assert not second["differs"]
