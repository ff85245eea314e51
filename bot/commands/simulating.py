"""`chatorder eval --simulate`: many made-up customers, and what came of them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bot.commands.failing import CommandFailed
from bot.commands.printing import show, table
from bot.evaluation.cases import BadSet
from bot.evaluation.simulating.crowd import Crowd, come
from bot.evaluation.simulating.figures import Conversed, Figures, grouped
from bot.evaluation.simulating.speaking import languages
from bot.evaluation.wallet import Wallet
from bot.settings import Settings

_HEAD = (
    *("customers", "conversations", "success", "orders", "false orders", "lost lines"),
    *("wrong lines", "unanswered", "questions/order", "turns/order", "pass^k"),
)
_LEGEND = (
    "success: every goal became exactly its order; lost, wrong lines: in a summary, and"
    " not what was said; pass^k: that k conversations of a goal, in other words each,"
    " all succeed; the same --seed is the same crowd"
)
_TOLD = 20  #: Failures that are told one by one.
_PERCENT = 100


def languages_of(written: str | None) -> tuple[str, ...]:
    """Return the languages of a list like "en,tr". Raises CommandFailed."""
    known = languages()
    chosen = (
        tuple(each.strip().lower() for each in written.split(",")) if written else known
    )
    unknown = [each for each in chosen if each not in known]
    if unknown:
        raise CommandFailed(
            f"--languages: no customer speaks {', '.join(unknown)};"
            f" they speak {', '.join(known)}"
        )
    return chosen


def simulate(
    crowd: Crowd,
    settings: Settings,
    wallet: Wallet,
    *,
    least: float | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Let a crowd come, and print what came of it. Raises CommandFailed."""
    try:
        conversed = asyncio.run(come(crowd, settings, wallet))
    except BadSet as error:
        raise CommandFailed(str(error)) from None
    if out is not None:
        _write(out, conversed)
    rows = grouped(conversed)
    show(_data(crowd, rows, conversed), _lines(rows, conversed), as_json=as_json)
    if least is not None and rows[0].success < least:
        raise CommandFailed(
            f"{rows[0].passed} of {rows[0].conversations} conversations succeeded:"
            f" less than --least {least:g}"
        )


def _data(
    crowd: Crowd, rows: Sequence[Figures], conversed: Sequence[Conversed]
) -> dict[str, object]:
    return {
        "reader": crowd.reader,
        "seed": crowd.seed,
        "figures": [{**asdict(each), "success": each.success} for each in rows],
        "failures": [
            {"goal": each.goal, "seed": each.seed, "problems": each.problems}
            for each in conversed
            if not each.passed
        ],
    }


def _lines(rows: Sequence[Figures], conversed: Sequence[Conversed]) -> list[str]:
    lines = [*table([_HEAD, *map(_row, rows)]), _LEGEND]
    failed = [each for each in conversed if not each.passed]
    lines += [f"{e.goal} #{e.seed}: {'; '.join(e.problems)}" for e in failed[:_TOLD]]
    if len(failed) > _TOLD:
        lines.append(f"and {len(failed) - _TOLD} more: --out FILE has all of them")
    return lines


def _row(each: Figures) -> tuple[str, ...]:
    return (
        each.name,
        str(each.conversations),
        f"{_PERCENT * each.success:.1f} %",
        str(each.orders),
        str(each.false_orders),
        str(each.lost),
        str(each.wrong),
        str(each.unanswered),
        f"{each.questions_per_order:.2f}",
        f"{each.turns_per_order:.2f}",
        " ".join(f"{chance:.3f}" for chance in each.pass_hat),
    )


def _write(path: Path, conversed: Sequence[Conversed]) -> None:
    rows = ({**asdict(each), "passed": each.passed} for each in conversed)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"--out {path}: {error.strerror}") from None
