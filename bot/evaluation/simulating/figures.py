"""What came of many made-up conversations, in figures. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evaluation.scores import pass_hat


@dataclass(frozen=True, slots=True)
class Conversed:
    """One conversation, and what was wrong with it."""

    goal: str  #: Conversations of the same goal differ in their words only.
    seed: int  #: Plays it again.
    persona: str
    language: str
    problems: tuple[str, ...] = ()
    false_orders: int = 0  #: Orders that are not what their customer wanted.
    lost: tuple[str, ...] = ()  #: Lines: said, and neither noted nor asked about.
    wrong: tuple[str, ...] = ()  #: Lines: not what was said.
    unanswered: int = 0  #: Messages with neither an answer nor a reason.
    orders: int = 0
    questions: int = 0
    turns: int = 0
    chat: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Return whether every goal became exactly its order."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a group of conversations."""

    name: str
    conversations: int
    passed: int
    orders: int
    false_orders: int
    lost: int
    wrong: int
    unanswered: int
    questions: int
    turns: int
    pass_hat: tuple[float, ...]

    @property
    def success(self) -> float:
        return self.passed / self.conversations if self.conversations else 0.0

    @property
    def questions_per_order(self) -> float:
        return self.questions / self.orders if self.orders else 0.0

    @property
    def turns_per_order(self) -> float:
        return self.turns / self.orders if self.orders else 0.0


def figures(name: str, group: Sequence[Conversed]) -> Figures:
    """Return the figures of a group."""
    goals: dict[str, list[bool]] = defaultdict(list)
    for each in group:
        goals[each.goal].append(each.passed)
    return Figures(
        name=name,
        conversations=len(group),
        passed=sum(each.passed for each in group),
        orders=sum(each.orders for each in group),
        false_orders=sum(each.false_orders for each in group),
        lost=sum(len(each.lost) for each in group),
        wrong=sum(len(each.wrong) for each in group),
        unanswered=sum(each.unanswered for each in group),
        questions=sum(each.questions for each in group),
        turns=sum(each.turns for each in group),
        pass_hat=pass_hat([(sum(each), len(each)) for each in goals.values()]),
    )


def grouped(all_of_them: Sequence[Conversed]) -> list[Figures]:
    """Return the figures of all, of each persona, and of each language."""
    rows = [figures("all", all_of_them)]
    for of in ("persona", "language"):
        groups: dict[str, list[Conversed]] = defaultdict(list)
        for each in all_of_them:
            groups[getattr(each, of)].append(each)
        rows += [figures(name, group) for name, group in groups.items()]
    return rows
