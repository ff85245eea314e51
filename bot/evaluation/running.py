"""Playing whole sets: which cases, how often, how many at a time, for how much."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.evaluation.cases import Case, Sense, dialogues, extractions
from bot.evaluation.playing import play
from bot.evaluation.scores import Played
from bot.evaluation.stage import Stage, open_stage
from bot.evaluation.wallet import Wallet
from bot.settings import Settings

#: After so many cases in a row that could not be played, the rest will not be, either.
_ERRORS = 4


class Which(StrEnum):
    DIALOGUES = "dialogues"
    EXTRACTION = "extraction"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played."""

    reader: str
    which: Which = Which.ALL
    language: str | None = None
    repeat: int = 1
    at_a_time: int = 1
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was played, and what was not."""

    played: tuple[Played, ...]
    without_senses: int  #: Cases that need eyes or ears, which the reader has not.
    not_played: int  #: Runs that were left out when the money ran out, or the service.
    spent: int  #: Millionths of a US dollar.


def cases_of(plan: Plan) -> tuple[Case, ...]:
    """Return the cases of a plan, those without eyes and ears too. Raises BadSet."""
    chosen: list[Case] = []
    if plan.which in (Which.DIALOGUES, Which.ALL):
        chosen += dialogues()
    if plan.which in (Which.EXTRACTION, Which.ALL):
        chosen += extractions()
    return tuple(c for c in chosen if plan.language in (None, c.language))


async def run(
    plan: Plan,
    settings: Settings,
    wallet: Wallet,
    *,
    cases: Sequence[Case] | None = None,
) -> Report:
    """Play all cases of a plan. Raises BadSet and PromptError.

    `cases` are played instead of those that come with the software. The case in which
    the wallet ran empty is not counted.
    """
    wanted = cases_of(plan) if cases is None else tuple(cases)
    senses = frozenset(Sense) if plan.reader != "rules" else frozenset()
    playable = [case for case in wanted if case.senses <= senses]
    played: list[Played] = []
    for _ in range(plan.repeat):
        if wallet.is_empty or not playable:
            break
        # A new shop each time: what was seen and heard before is remembered in a shop.
        async with open_stage(
            settings, plan.reader, wallet, prompt=plan.prompt
        ) as stage:
            await _played_once(stage, playable, plan.at_a_time, wallet, played)
    return Report(
        tuple(played),
        without_senses=len(wanted) - len(playable),
        not_played=len(playable) * plan.repeat - len(played),
        spent=wallet.spent,
    )


async def _played_once(
    stage: Stage,
    cases: Sequence[Case],
    at_a_time: int,
    wallet: Wallet,
    played: list[Played],
) -> None:
    """Play cases, several at a time, as long as there is money and a service."""
    due = iter(cases)

    def goes_on() -> bool:
        last = played[-_ERRORS:]
        is_away = len(last) == _ERRORS and all(each.error for each in last)
        return not is_away and not wallet.is_empty

    async def player() -> None:
        while goes_on() and (case := next(due, None)) is not None:
            done = await play(stage, case)
            # What the rules read for want of money says nothing of the model.
            if not wallet.is_empty:
                played.append(done)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_a_time):
            group.create_task(player())
