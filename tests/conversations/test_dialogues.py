"""Every dialogue of this folder, through the whole product: the README has the words.

All of a database are played in one process, each in a shop of its own, many at a time.
`make test` plays all on SQLite and a fifth of them on PostgreSQL; `make chaos` all on
both.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.ident import utc_now
from tests.databases import copy_database
from tests.dialogues import BadDialogue, Dialogue, parse
from tests.house import House, open_house
from tests.mall import open_mall, visited
from tests.playing import Play, until

pytestmark = pytest.mark.chaos

FOLDER = Path(__file__).parent
LONG = os.environ.get("CHATORDER_CHAOS") == "long"
LANGUAGES = ("english", "portuguese", "russian", "spanish", "turkish")
#: Dialogues that go on at the same time.
AT_ONCE = 16
#: At what time a dialogue begins that says nothing of it, but moves the clock.
MORNING = "10:00"

FOUND = [found for path in sorted(FOLDER.glob("*.yaml")) for found in parse(path)]
DIALOGUES = [found for found in FOUND if isinstance(found, Dialogue)]
WRONG = [found for found in FOUND if isinstance(found, BadDialogue)]

#: By file and name: what became of it, None when all was as it should be.
Outcomes = Mapping[tuple[str, str], Exception | None]


def _params(dialogues: Sequence[Dialogue]) -> list[Any]:
    return [
        pytest.param(each, id=f"{Path(each.file).stem}: {each.name}")
        for each in dialogues
    ]


def test_every_dialogue_can_be_read() -> None:
    assert not WRONG, "\n".join(str(each) for each in WRONG)


def test_there_are_dialogues_enough_in_every_language() -> None:
    by_language = dict.fromkeys(LANGUAGES, 0)
    for each in DIALOGUES:
        if (stem := Path(each.file).stem) in by_language:
            by_language[stem] += 1
    assert len(DIALOGUES) >= 80
    assert min(by_language.values()) >= 10, by_language


def test_about_a_fifth_is_played_on_postgresql_too() -> None:
    share = sum(each.is_of_the_fifth for each in DIALOGUES) / len(DIALOGUES)
    assert 0.1 < share < 0.3


@pytest.mark.parametrize("dialogue", _params(DIALOGUES))
def test_dialogue(dialogue: Dialogue, on_sqlite: Outcomes) -> None:
    _tell(on_sqlite[dialogue.file, dialogue.name])


@pytest.mark.parametrize(
    "dialogue", _params([d for d in DIALOGUES if LONG or d.is_of_the_fifth])
)
def test_dialogue_on_postgresql(dialogue: Dialogue, on_postgresql: Outcomes) -> None:
    _tell(on_postgresql[dialogue.file, dialogue.name])


def _tell(outcome: Exception | None) -> None:
    if outcome is not None:
        raise outcome


@pytest.fixture(scope="module")
async def on_sqlite(
    request: pytest.FixtureRequest,
    migrated_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcomes:
    """Return what became of the dialogues that this run asks for."""
    folder = tmp_path_factory.mktemp("dialogues")

    def fresh(name: str) -> str:
        (folder / f"{name}.db").write_bytes(migrated_file.read_bytes())
        return f"sqlite:///{folder / f'{name}.db'}"

    return await _played(_asked_for(request, "test_dialogue"), fresh, folder)


@pytest.fixture(scope="module")
async def on_postgresql(
    request: pytest.FixtureRequest,
    postgres_address: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcomes:
    """Return what became of the dialogues that this run asks for."""

    def fresh(name: str) -> str:
        return copy_database(postgres_address, name)

    asked = _asked_for(request, "test_dialogue_on_postgresql")
    folder = tmp_path_factory.mktemp("dialogues")
    return await _played(asked, fresh, folder, redis_url=redis_url, workers=2)


def _asked_for(request: pytest.FixtureRequest, test: str) -> Sequence[Dialogue]:
    items = (i for i in request.session.items if isinstance(i, pytest.Function))
    mine = (i for i in items if i.originalname == test and i.path == Path(__file__))
    found = (item.callspec.params["dialogue"] for item in mine)
    return [each for each in found if isinstance(each, Dialogue)]


async def _played(
    dialogues: Sequence[Dialogue], fresh: Any, folder: Path, **premises: Any
) -> Outcomes:
    outcomes: dict[tuple[str, str], Exception | None] = {}

    async def play(dialogue: Dialogue, house: House) -> None:
        key = (dialogue.file, dialogue.name)
        try:
            await _play(dialogue, house)
        except Exception as error:  # noqa: BLE001  # raised by the dialogue's own test
            outcomes[key] = error
        else:
            outcomes[key] = None

    still = [each for each in dialogues if not each.moves_time]
    room = asyncio.Semaphore(AT_ONCE)

    async def visit(dialogue: Dialogue, house: House) -> None:
        async with room, visited(house):
            await play(dialogue, house)

    if still:
        async with open_mall(fresh("mall"), folder, **premises) as mall:
            shops = [(each, await mall.shop(each.shop(utc_now()))) for each in still]
            async with asyncio.TaskGroup() as group:
                for each, house in shops:
                    group.create_task(visit(each, house))
    for number, each in enumerate(d for d in dialogues if d.moves_time):
        url, rules = fresh(f"alone{number}"), each.shop(utc_now())
        async with open_house(url, folder, rules=rules, **premises) as house:
            await house.later(until(house.clock(), each.begins or MORNING))
            await play(each, house)
    return outcomes


async def _play(dialogue: Dialogue, house: House) -> None:
    play = Play(house, house.phone(name=dialogue.customer))
    for place, step in enumerate(dialogue.steps, start=1):
        try:
            await play.step(step)
        except Exception as error:
            error.add_note(f"{dialogue.file}: {dialogue.name}: step {place}: {step}")
            raise
    for word, wanted in dialogue.ends.items():
        await getattr(play, f"end_{word}")(wanted)
