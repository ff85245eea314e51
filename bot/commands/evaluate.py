"""`chatorder eval`: how well a reader reads, in figures."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.failing import CommandFailed
from bot.commands.model_choice import (
    ModelOption,
    PromptOption,
    ReaderName,
    dollars,
    need_service,
    version_of,
    wallet_with,
    with_model,
)
from bot.commands.opening import configured
from bot.commands.printing import JsonFlag, show, table
from bot.commands.simulating import languages_of, simulate
from bot.evaluation.running import Plan, Report, Which, cases_of, run
from bot.evaluation.scores import Played, Score, by_language, kind_of, score
from bot.evaluation.simulating.crowd import Crowd
from bot.evaluation.wallet import Wallet
from bot.settings import Settings
from bot.telemetry import configure_logging

_HEAD = (
    *("set", "cases", "runs", "passed", "false orders", "needless", "F1"),
    *("read ms", "p95", "turn ms", "tokens in/cached/out", "US$", "pass^k"),
)
_PERCENT, _MS = 100, 1000
#: A model is waited for; the rules want the processor for themselves.
_TOGETHER = {ReaderName.OPENAI: 4, ReaderName.RULES: 1}
#: What the table does not say of itself.
_LEGEND = (
    "needless: questions of all asked that the customer had left no reason for;"
    " F1: of products and amounts in single messages; pass^k: that k runs of a case"
    " all pass, for k = 1, 2 ...; times are medians"
)

_Least = Annotated[
    float | None,
    typer.Option(
        help="Exit with 1 when a smaller share of the runs of a set passes: 0.9.",
        metavar="SHARE",
        min=0,
        max=1,
    ),
]


_MadeUp = Annotated[
    bool,
    typer.Option(
        "--simulate", help="Let made-up customers shop instead of playing sets."
    ),
]
_Conversations = Annotated[
    int, typer.Option(help="With --simulate: so many.", min=1, max=100_000)
]
_Seed = Annotated[int, typer.Option(help="With --simulate: another crowd.", min=0)]
_Languages = Annotated[
    str | None, typer.Option(help="With --simulate: a list such as en,tr.")
]


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    program.command("eval", epilog="Example: chatorder eval --reader rules")(evaluate)


def evaluate(
    *,
    reader: Annotated[ReaderName, typer.Option(help="Who is to read.")],
    which: Annotated[
        Which, typer.Option("--set", help="What is to be read.")
    ] = Which.ALL,
    language: Annotated[
        str | None, typer.Option(help="Only cases in it: en, tr, es, pt or ru.")
    ] = None,
    repeat: Annotated[
        int, typer.Option(help="Play every case so often.", min=1, max=50)
    ] = 1,
    at_a_time: Annotated[
        int | None,
        typer.Option(help="Cases that are played together.", min=1, max=50),
    ] = None,
    model: ModelOption = None,
    prompt: PromptOption = None,
    most_usd: Annotated[
        float, typer.Option(help="US dollars that it may cost.", min=0, max=10_000)
    ] = 5.0,
    least: _Least = None,
    out: Annotated[
        Path | None, typer.Option(help="Write every run to this file, as JSON lines.")
    ] = None,
    made_up: _MadeUp = False,
    conversations: _Conversations = 135,
    seed: _Seed = 1,
    languages: _Languages = None,
    as_json: JsonFlag = False,
) -> None:
    """Play dialogues and single messages through the product, and count how it went.

    With --simulate customers who are made up, without any model, shop instead: they
    type badly, change their minds, come back days later. They are the same for the same
    seed.

    It works on a database of its own and sends nothing. With openai it calls the model,
    which costs money, and nothing of any tenant's budget.

    Exits with 1 when a run could not be played to its end or was left out, and when
    --least was missed; runs that did not pass are no failure by themselves, nor are
    cases that need eyes or ears which the reader has not.
    """
    settings = with_model(configured(), model)
    configure_logging(
        level="ERROR", as_json=settings.log_format == "json", lasting=False
    )
    if reader is ReaderName.OPENAI:
        need_service(settings)
    if made_up:
        crowd = Crowd(reader.value, conversations, seed, languages_of(languages))
        wallet = wallet_with(most_usd, reader)
        simulate(crowd, settings, wallet, least=least, out=out, as_json=as_json)
        return
    together = at_a_time or _TOGETHER[reader]
    plan = Plan(reader.value, which, language, repeat, together, version_of(prompt))
    _play(plan, settings, wallet_with(most_usd, reader), least, out, as_json=as_json)


def _play(
    plan: Plan,
    settings: Settings,
    wallet: Wallet,
    least: float | None,
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    if not cases_of(plan):
        raise CommandFailed(
            f"no case of --set {plan.which} is in --language {plan.language}"
        )
    report = asyncio.run(run(plan, settings, wallet))
    if out is not None:
        _write(out, report.played)
    by = settings.openai_model if plan.reader == ReaderName.OPENAI.value else None
    _show(report, {"reader": plan.reader, "model": by}, as_json=as_json)
    if short := shortcomings(report, least):
        raise CommandFailed("; ".join(short))


def _show(report: Report, by: Mapping[str, object], *, as_json: bool) -> None:
    scores = _scores(report.played)
    show({**by, **_data(report, scores)}, _lines(report, scores), as_json=as_json)


def shortcomings(report: Report, least: float | None) -> list[str]:
    """Return why a run is no success, nothing when it is one.

    `least`: the share of a set's runs that must pass, if any.
    """
    stuck = sum(each.error is not None for each in report.played)
    found = []
    if not report.played:
        found.append("nothing was played")
    if stuck:
        found.append(f"{stuck} runs could not be played to their end: see their reason")
    if report.not_played:
        found.append(f"{report.not_played} runs were left out")
    if least is not None:
        sets = dict.fromkeys(kind_of(each.case) for each in report.played)
        found += [
            f"{each.passed} of {each.runs} runs of {each.name} passed: less than"
            f" --least {least:g}"
            for each in _scores(report.played)
            if each.name in sets and each.accuracy < least
        ]
    return found


def _scores(played: Sequence[Played]) -> list[Score]:
    """Return the figures of each set, then of each of its languages."""
    kinds = dict.fromkeys(kind_of(each.case) for each in played)
    whole = {
        kind: [each for each in played if kind_of(each.case) == kind] for kind in kinds
    }
    groups = {**whole, **by_language(played)}
    return [score(name, runs) for name, runs in groups.items()]


def _data(report: Report, scores: Sequence[Score]) -> dict[str, object]:
    return {
        "scores": [{**asdict(each), "accuracy": each.accuracy} for each in scores],
        "without_senses": report.without_senses,
        "not_played": report.not_played,
        "usd_spent": dollars(report.spent),
    }


def _lines(report: Report, scores: Sequence[Score]) -> list[str]:
    lines = table([_HEAD, *map(_row, scores)])
    lines.append(_LEGEND)
    if report.without_senses:
        lines.append(
            f"{report.without_senses} cases have photos or voice notes: only"
            " --reader openai has eyes and ears"
        )
    if report.not_played:
        lines.append(
            f"{report.not_played} runs are missing: the money was used up (see"
            " --most-usd) or the service stayed away (see below)"
        )
    lines += [_failure(each) for each in report.played if not each.passed]
    return lines


def _row(each: Score) -> tuple[str, ...]:
    used = each.used
    return (
        each.name,
        str(each.cases),
        str(each.runs),
        f"{_PERCENT * each.accuracy:.1f} %",
        str(each.false_orders),
        f"{each.needless} of {each.questions}",
        "" if each.f1 is None else f"{each.f1:.3f}",
        f"{_MS * each.reading_seconds:.1f}",
        f"{_MS * each.slow_reading_seconds:.1f}",
        f"{_MS * each.turn_seconds:.0f}",
        f"{used.input_tokens}/{used.cached_tokens}/{used.output_tokens}",
        dollars(used.cost_micros),
        " ".join(f"{chance:.3f}" for chance in each.pass_hat),
    )


def _failure(each: Played) -> str:
    why = each.error or "; ".join(each.problems)
    wrong = "FALSE ORDER " if each.false_order else ""
    return f"{kind_of(each.case)} {each.case.language}: {each.case.name}: {wrong}{why}"


def _write(path: Path, played: Sequence[Played]) -> None:
    rows = (
        {
            "set": kind_of(each.case),
            "language": each.case.language,
            "name": each.case.name,
            "passed": each.passed,
            "problems": each.problems,
            "error": each.error,
            "false_order": each.false_order,
            "chat": each.chat,
            "questions": each.questions,
            "needless": each.needless,
            "seconds": each.seconds,
            "reading": each.reading,
            "readers": each.readers,
            **asdict(each.used),
        }
        for each in played
    )
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"--out {path}: {error.strerror}") from None
