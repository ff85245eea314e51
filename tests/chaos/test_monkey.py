"""Whoever is killed, and whenever: nothing is lost, and nothing happens twice.

`make chaos` plays it for long; `CHATORDER_CHAOS_SEED` repeats what a seed did.
"""

import contextlib
import os
from pathlib import Path

import pytest

from tests.chaos.monkey import haunted
from tests.chaos.plant import Plant, open_plant
from tests.chaos.verdict import judge, parked

pytestmark = pytest.mark.chaos

LONG = os.environ.get("CHATORDER_CHAOS") == "long"
SEED = int(os.environ.get("CHATORDER_CHAOS_SEED", "1"))
CUSTOMERS = 300 if LONG else 8
#: So many of them write at the same time.
AT_ONCE = 100 if LONG else 6
#: So often the monkey does harm at most.
DEEDS = 10_000 if LONG else 3


#: What only a bug writes into a log.
_BUGS = (
    "Traceback",
    "turn_failed",
    "request_failed",
    "delivery_failed",
    "preparing_broke",
    "sending_broke",
)


async def play(plant: Plant, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    people, monkey, seconds = await haunted(
        plant, customers=CUSTOMERS, at_once=AT_ONCE, seed=SEED, deeds=DEEDS
    )
    await plant.stop()
    repeated = await judge(plant, people)
    logs = "".join(each.log for each in plant.programs)
    for word in _BUGS:
        assert word not in logs, logs
    rows = {
        "seed": SEED,
        "conversations": len(people),
        "kills": plant.kills,
        "pauses past the lease": monkey.pauses,
        "orders": len(plant.erp.orders),
        "replies": len(plant.witness.replies),
        "replies twice, by unknown outcome": repeated,
        "replies parked, twice unknown": len(await parked(plant)),
        "seconds": round(seconds, 1),
    }
    lines = [f"  {name:34} {value:>8}" for name, value in rows.items()]
    with capsys.disabled() if LONG else contextlib.nullcontext():
        print("", f"chaos on {engine}", *lines, sep="\n")  # noqa: T201  # `make chaos` is run for it


@pytest.mark.skipif(not LONG, reason="one engine is enough: `make chaos` has both")
async def test_the_monkey_on_one_host_with_sqlite(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_plant(sqlite_url, tmp_path, webs=1, workers=2, seed=SEED) as plant:
        await play(plant, "SQLite, 1 web, 2 workers", capsys)


async def test_the_monkey_on_postgresql_and_redis(
    postgres_url: str,
    redis_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with open_plant(
        postgres_url, tmp_path, redis_url=redis_url, webs=2, workers=3, seed=SEED
    ) as plant:
        await play(plant, "PostgreSQL and Redis, 2 webs, 3 workers", capsys)
