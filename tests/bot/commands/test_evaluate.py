"""`chatorder eval` says what it measured, or what it needs."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.commands.evaluate import shortcomings
from bot.domain.understanding import Intent
from bot.evaluation.cases import Extraction
from bot.evaluation.running import Report
from bot.evaluation.scores import Played
from tests.bot.commands.conftest import Run
from tests.openai_server import (
    Asked,
    OpenAIServer,
    answer,
    intent,
    mention,
    openai_server,
    settings_for,
)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIServer]:
    async with openai_server() as server:
        for name, value in settings_for(server).items():
            monkeypatch.setenv(name.upper(), value)
        yield server


def reads_one_case(asked: Asked) -> Any:
    """Understand "2 lattes y una tarta de zanahoria", and nothing else."""
    said = asked.document["messages"][0].get("text", "")
    if "lattes" not in said:
        return answer()
    cake = "una tarta de zanahoria"
    return answer(
        mentions=[mention("2 lattes", "lattes", 2), mention(cake, cake)],
        intents=[intent(Intent.ORDER, "2 lattes")],
    )


def test_the_rules_are_measured_without_any_setting(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "runs.jsonl"
    words = ("--reader", "rules", "--set", "extraction", "--language", "tr")
    ran = run("eval", *words, "--out", str(out), "--json")
    assert ran.code == 0, ran.err
    whole, turkish = ran.json["scores"]
    assert (whole["name"], turkish["name"]) == ("extraction", "extraction tr")
    assert whole["runs"] == whole["cases"] == turkish["cases"] >= 12
    assert 0.5 <= whole["accuracy"] <= 1
    assert whole["false_orders"] == 0
    assert ran.json["without_senses"] == 2
    assert (ran.json["model"], ran.json["usd_spent"]) == (None, "0.0000")
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == whole["runs"]
    assert sum(row["passed"] for row in rows) == whole["passed"]
    assert list(Path.cwd().iterdir()) == [], "the shop was a scratch one"


async def test_a_model_is_measured_with_its_tokens_and_what_they_cost(
    run: Run, server: OpenAIServer
) -> None:
    server.mind = reads_one_case
    words = ("eval", "--reader", "openai", "--set", "extraction", "--language", "es")
    more = ("--repeat", "2", "--model", "gpt-5.4", "--least", "0.9")
    ran = await asyncio.to_thread(run, *words, *more)
    assert ran.code == 1
    assert "of 16 runs of extraction passed: less than --least 0.9" in ran.err
    head, whole, spanish, legend, *failures = ran.out.splitlines()
    assert head.split()[:3] == ["set", "cases", "runs"]
    assert whole.split()[:3] == ["extraction", "8", "16"]
    assert spanish.split()[:4] == ["extraction", "es", "8", "16"]
    passed, once, twice = (float(whole.split()[place]) for place in (3, -2, -1))
    assert passed / 100 == pytest.approx(once, abs=0.001), "pass^1 is the accuracy"
    assert 0 < once == twice, "pass^2: this model says the same every time"
    assert not any("un pedido sencillo" in line for line in failures)
    assert "pass^k" in legend
    assert any("números en letras" in line for line in failures)
    assert {asked.body["model"] for asked in server.asked} == {"gpt-5.4"}
    assert len(server.heard) == 2


CASE = Extraction(name="two lattes", language="en", says="2 lattes")
PASSED, WRONG = Played(CASE), Played(CASE, problems=("no tea",))
STUCK = Played(CASE, error="away: it does not answer")


@pytest.mark.parametrize(
    ("played", "left_out", "least", "why"),
    [
        ([PASSED, WRONG], 0, None, []),
        ([PASSED, WRONG], 0, 0.5, []),
        ([PASSED, WRONG], 0, 0.6, ["1 of 2 runs of extraction passed"]),
        ([PASSED, STUCK], 0, None, ["1 runs could not be played to their end"]),
        ([PASSED], 3, None, ["3 runs were left out"]),
        ([], 0, None, ["nothing was played"]),
    ],
)
def test_what_is_no_success(
    played: list[Played], left_out: int, least: float | None, why: list[str]
) -> None:
    report = Report(tuple(played), without_senses=2, not_played=left_out, spent=0)
    found = shortcomings(report, least)
    assert len(found) == len(why)
    assert all(map(str.startswith, found, why))


def test_the_exit_codes_are_told(run: Run) -> None:
    told = " ".join(run("eval", "--help").out.split())
    assert "Exits with 1 when a run could not be played to its end" in told
    assert "runs that did not pass are no failure by themselves" in told
    told = " ".join(run("replay", "--help").out.split())
    assert "Exits with 1 when no turn was read" in told


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--reader", "openai"), "--reader openai needs OPENAI_API_KEY: set it"),
        (("--reader", "rules", "--language", "fi"), "no case of --set all"),
        (("--reader", "rules", "--prompt", "v77"), "prompts/read_message/v77"),
        (("--reader", "rules", "--prompt", "poem@v1"), "there are read_message@v1"),
        (("--reader", "none"), "'none' is not one of 'openai', 'rules'"),
        ((), "Missing option '--reader'"),
    ],
)
def test_it_says_what_it_needs(run: Run, words: tuple[str, ...], why: str) -> None:
    ran = run("eval", *words)
    assert ran.code != 0
    assert why in ran.err


def test_replay_says_what_it_needs(
    run: Run, on_sqlite: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = ("replay", "--tenant", "Test Shop")
    assert "OPENAI_API_KEY" in run(*shop, "--reader", "openai").err
    assert "there is no tenant 'Test Shop'" in run(*shop).err
    gone = tmp_path / "none.db"
    monkeypatch.setenv("CHATORDER_DATABASE_URL", f"sqlite:///{gone}")
    assert "there is no database" in run(*shop).err
    assert not gone.exists()
