"""A replay is told turn by turn, however many there are."""

import json

import pytest

from bot.commands.failing import CommandFailed
from bot.commands.replay_report import Report
from bot.evaluation.rereading import Reread, Result
from bot.evaluation.wallet import Wallet

LATTE, TEA = Result(("2 x Latte",), ordered=False), Result(("1 x Tea",), ordered=False)
DIFFERS = Reread("anl_1", "cnv_1", "2026-11-22", was=LATTE, now=TEA, then=LATTE)
SKIPPED = Reread("anl_2", "cnv_1", "2026-11-22", skipped="it was removed")


def test_turns_are_printed_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(Wallet(1), as_json=False)
    report.begin(3)
    report.tell(DIFFERS)
    _, gone, come = capsys.readouterr().out.splitlines()
    assert (gone, come) == ("  - 2 x Latte", "  + 1 x Tea")
    report.tell(SKIPPED)
    assert capsys.readouterr().out == "anl_2  2026-11-22  not read: it was removed\n"
    report.end()
    assert capsys.readouterr().out.splitlines() == [
        "1 of 1 turns would end with another draft",
        "1 turns were left out, for the reason beside each",
        "1 turns were not read: --most-usd was used up",
    ]


def test_as_json_they_are_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(Wallet(1), as_json=True)
    report.begin(2)
    report.tell(DIFFERS)
    report.tell(SKIPPED)
    printed = capsys.readouterr().out
    assert "anl_2" in printed, "printed before the end"
    report.end()
    told = json.loads(printed + capsys.readouterr().out)
    assert [turn["differs"] for turn in told["data"]] == [True, False]
    assert (told["turns"], told["read"], told["differ"]) == (2, 1, 1)
    assert told["usd_spent"] == "0.0000"


def test_nothing_read_is_a_failure_that_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = Report(Wallet(1), as_json=True)
    report.begin(1)
    report.tell(SKIPPED)
    with pytest.raises(CommandFailed, match="each has its reason beside it"):
        report.end()
    assert json.loads(capsys.readouterr().out)["read"] == 0
