"""The integrator's page is run: every example, in its order, against a real server."""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.commands.demo_shop import OpenShop, demo_settings, open_shop
from bot.inbox.table import conversation
from bot.serving import bind
from bot.settings import Settings
from bot.simulator.reports import Delays
from orders.outbox.store import State, Topic
from orders.table import outbox
from tests.documents import Block, blocks
from tests.image import clean_environment

# The page is run once: a file belongs to one of the processes that share the tests.
pytestmark = [
    pytest.mark.skipif(not shutil.which("curl"), reason="the examples need curl"),
]

PAGE = "docs/integrate.md"
EXAMPLES = blocks(PAGE, "sh", "python", "json")
#: What the page asks its reader to write from the demo's phone.
WRITTEN = "hi, 2 cappuccino and a butter croissant pls"
#: For all examples together; they take some seconds where nobody else computes.
PATIENCE = 300.0
NOT_RUN = 3


@dataclass(frozen=True)
class Output:
    """What an example printed, and what the page shows below it."""

    block: Block
    printed: str
    shown: Block | None


# -- the examples as one program ------------------------------------------------------


def runnable() -> Iterator[tuple[Block, Block | None]]:
    """Yield each example that is run, with the answer that the page shows of it."""
    for place, block in enumerate(EXAMPLES):
        if block.language == "json" or block.why_not_run:
            continue
        following = EXAMPLES[place + 1 : place + 2]
        shown = following[0] if following and following[0].language == "json" else None
        yield block, shown


def saved_as(block: Block) -> str | None:
    """Return the file that a Python example is: its first line names it."""
    first = block.text.partition("\n")[0]
    is_file = block.language == "python" and first.endswith(".py")
    return first.removeprefix("# ") if is_file else None


def program(folder: Path) -> str:
    """Return all examples as one shell script; each prints into a file of its own."""
    lines = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    for block, _ in runnable():
        out = shlex.quote(str(folder / f"{block.line}.out"))
        lines.append(f"echo {PAGE}:{block.line} >&2")
        name = saved_as(block)
        if name:
            (folder / name).write_text(block.text, encoding="utf-8")
            lines.append(f": > {out}")
        elif block.language == "python":
            (folder / f"{block.line}.py").write_text(block.text, encoding="utf-8")
            lines.append(f"python3 {block.line}.py > {out}")
        else:
            lines.append(f"{{\n{block.text}}} > {out}")
    return "\n".join([*lines, ""])


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[tuple[OpenShop, str]]:
    """Run the demo in a folder, with quick phones; yield it and its address."""
    home = folder / "data" / "demo"
    home.mkdir(parents=True)
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    chosen = Settings(
        allow_private_hosts=True, debounce_seconds=0.02, debounce_max_seconds=0.2
    )
    settings = demo_settings(chosen, home, url)
    async with open_shop(settings, listener, url, delays=Delays(0, 0, 0)) as shop:
        yield shop, url


async def rest(shop: OpenShop) -> None:
    """Return when nothing waits for a turn or to be sent."""
    waiting = (
        select(func.count()).where(conversation.c.ready_at.is_not(None)),
        select(func.count()).where(
            outbox.c.state == State.DUE, outbox.c.topic != Topic.TIMER
        ),
    )
    async with asyncio.timeout(20):
        while True:
            async with shop.runtime.database.reading() as connection:
                counts = [(await connection.execute(q)).scalar_one() for q in waiting]
            if not any(counts):
                return
            await asyncio.sleep(0.01)


async def run_examples(folder: Path, url: str) -> Sequence[Output]:
    script = folder / "examples.sh"
    script.write_text(program(folder), encoding="utf-8")
    own = Path(sys.executable).parent
    receiver = bind("127.0.0.1", 0)
    port = receiver.getsockname()[1]
    receiver.close()
    process = await asyncio.create_subprocess_exec(
        "bash",
        str(script),
        cwd=folder,
        env={
            **clean_environment(),
            "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
            "URL": url,
            "RECEIVER_PORT": str(port),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            _, errors = await process.communicate()
    finally:
        # The shell and what it started; most often nobody is left.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    printed = {block.line: (folder / f"{block.line}.out") for block, _ in runnable()}
    last = [path for path in printed.values() if path.exists()][-1:]
    said = errors.decode() + "".join(path.read_text() for path in last)
    assert process.returncode == 0, said
    return [
        Output(block, printed[block.line].read_text(encoding="utf-8"), shown)
        for block, shown in runnable()
    ]


@pytest.fixture(scope="module")
async def outputs(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Output]:
    """Run the page, once."""
    folder = tmp_path_factory.mktemp("integrate")
    async with demo(folder) as (shop, url):
        phone = shop.simulator.phone("905551110001", "Ana")
        await phone.say(WRITTEN)
        await rest(shop)
        return await run_examples(folder, url)


# -- what is promised about them ------------------------------------------------------


def test_the_page_asks_for_what_the_test_writes() -> None:
    page = (Path(__file__).parents[2] / PAGE).read_text(encoding="utf-8")
    assert WRITTEN in page


def test_few_examples_are_not_run_and_each_says_why() -> None:
    left_out = [block.why_not_run for block in EXAMPLES if block.why_not_run]
    assert len(left_out) == NOT_RUN, left_out
    assert len(list(runnable())) >= 20
    languages = {block.language for block, _ in runnable()}
    assert languages == {"sh", "python"}


def test_every_block_of_the_page_is_of_a_kind_that_is_looked_at() -> None:
    assert {block.language for block in blocks(PAGE)} <= {"sh", "python", "json"}


async def test_every_example_does_what_it_says(outputs: Sequence[Output]) -> None:
    assert len(outputs) == len(list(runnable()))


async def test_answers_have_the_fields_that_the_page_shows(
    outputs: Sequence[Output],
) -> None:
    compared = [each for each in outputs if each.shown]
    assert len(compared) >= 8
    for each in compared:
        assert each.shown
        shown = json.loads(each.shown.text)
        check(last_answer(each.printed), shown, f"{PAGE}:{each.shown.line}")


def last_answer(printed: str) -> Any:
    """Return the last of the answers that an example printed, one behind the other."""
    decoder, rest, answer = json.JSONDecoder(), printed.strip(), None
    while rest:
        answer, end = decoder.raw_decode(rest)
        rest = rest[end:].lstrip()
    return answer


#: What differs from run to run: ids, moments, numbers of rows.
VARIES = re.compile(r"_01k|^20\d\d-|^4711$")


def over(answer: list[Any]) -> list[Any]:
    """Return a list without what is under way: the newest delivery may be."""
    return [each for each in answer if not has_begun(each)] or answer


def has_begun(each: object) -> bool:
    return isinstance(each, dict) and each.get("state") == "due"


def check(answer: Any, shown: Any, where: str) -> None:
    """Fail unless an answer has all that is shown, and as it is shown."""
    assert type(answer) is type(shown), f"{where}: {shown!r}, not {answer!r}"
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in answer, f"{where}: no {name!r} in {answer}"
            check(answer[name], value, f"{where} {name}")
    elif isinstance(shown, list):
        assert bool(answer) == bool(shown), f"{where}: {shown!r}, not {answer!r}"
        for part, wanted in zip(over(answer), shown, strict=False):
            check(part, wanted, f"{where} 0")
    elif not (isinstance(shown, str) and VARIES.search(shown)):
        assert answer == shown, f"{where}: {shown!r}, not {answer!r}"
