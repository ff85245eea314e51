"""Playing one case on the stage, and judging what came of it."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from bot.domain.message import Content, OutButtons, OutContent, OutList
from bot.domain.questions import asked_by
from bot.domain.replies import (
    AskChange,
    AskField,
    AskWhatElse,
    AskWhich,
    NotUnderstood,
    Reply,
    Summary,
)
from bot.evaluation.cases import NOT_UNDERSTOOD, Case, Dialogue, Extraction, Move
from bot.evaluation.judging import (
    Verdict,
    judged_dialogue,
    judged_extraction,
)
from bot.evaluation.moves import CannotMove, contents_of
from bot.evaluation.scores import Played, Used
from bot.evaluation.stage import Handled, NotPlayed, Stage, Talk
from bot.reading.reader import ReaderUnavailable
from bot.worker.gathering import current_index

#: A customer who was asked so often gives up.
_PATIENCE = 12
_CUSTOMER = "Ana"

Subject = tuple[str, str | None]


async def play(stage: Stage, case: Case) -> Played:
    """Play a case once. Never raises for what a reader or the product does."""
    talk = stage.talk(_CUSTOMER)
    player = _Player(stage, talk, case)
    error = None
    try:
        verdict = await player.play()
    except ReaderUnavailable as away:
        verdict, error = Verdict(), f"{away.reason}: {away}"
    except NotPlayed as problem:
        verdict, error = Verdict(), str(problem)
    except Exception as bug:  # noqa: BLE001  # one case's bug is that case's result
        verdict, error = Verdict(), f"{type(bug).__name__}: {bug}"
    return Played(
        case,
        problems=verdict.problems,
        false_order=verdict.false_order,
        questions=player.questions,
        needless=tuple(player.needless),
        hits=verdict.hits,
        seconds=tuple(turn.seconds for turn in talk.turns),
        reading=tuple(_reading_seconds(turn) for turn in talk.turns),
        used=sum((_used(turn) for turn in talk.turns), Used()),
        chat=tuple(player.chat),
        readers=tuple(_reader(turn) for turn in talk.turns),
        error=error,
    )


class _Player:
    """The customer of one case, and who counts what they are asked."""

    def __init__(self, stage: Stage, talk: Talk, case: Case) -> None:
        self.questions = 0
        self.needless: list[str] = []
        self.chat: list[str] = []
        self._stage = stage
        self._talk = talk
        self._case = case

    async def play(self) -> Verdict:
        if isinstance(self._case, Dialogue):
            return await self._dialogue(self._case)
        return await self._extraction(self._case)

    async def _dialogue(self, case: Dialogue) -> Verdict:
        asked: Subject | None = None
        try:
            for move in case.says:
                asked = await self._said(move, case, answers=None)
            for _ in range(_PATIENCE):
                answer = case.answers.get(asked[0]) if asked else None
                if asked is None or answer is None:
                    break
                asked = await self._said(answer, case, answers=asked)
        except CannotMove as stuck:
            return Verdict((str(stuck),))
        return judged_dialogue(case, self._talk)

    async def _said(
        self, move: Move, case: Dialogue, *, answers: Subject | None
    ) -> Subject | None:
        """Make a move; return what is asked then. Asking again was not listening."""
        turn = await self._moved(move)
        replies = turn.outcome.decision.replies
        if any(isinstance(reply, NotUnderstood) for reply in replies):
            self._count(NOT_UNDERSTOOD, case)
        asked = _subject(replies)
        if asked is not None:
            self.questions += 1
            if asked[0] not in case.needs or asked == answers:
                self.needless.append(asked[0])
        return asked

    def _count(self, topic: str, case: Dialogue) -> None:
        self.questions += 1
        if topic not in case.needs:
            self.needless.append(topic)

    async def _extraction(self, case: Extraction) -> Verdict:
        try:
            for move in case.before:
                await self._moved(move)
            turn = await self._moved(case.says)
        except CannotMove as stuck:
            return Verdict((str(stuck),))
        index = await current_index(turn.outcome.loaded, self._stage.runtime)
        return judged_extraction(case, turn.outcome.analysis["result"], index)

    async def _moved(self, move: Move) -> Handled:
        contents = await contents_of(move, self._talk, self._stage.channel)
        self.chat += [f"> {words_of(content)}" for content in contents]
        turn = await self._stage.hear(self._talk, contents)
        self.chat += [f"< {words_of(message.content)}" for message in turn.said]
        return turn


def _subject(replies: Sequence[Reply]) -> Subject | None:
    """Return what the question of a turn is about, None when nothing is asked."""
    for reply in replies:
        if isinstance(reply, AskField | AskWhich | Summary | AskWhatElse | AskChange):
            asked = asked_by(reply)
            return (asked.field.value, asked.about) if asked else None
    return None


def _used(turn: Handled) -> Used:
    usage = turn.outcome.analysis["usage"]
    return Used(**{each.name: int(usage.get(each.name) or 0) for each in fields(Used)})


def _reader(turn: Handled) -> str:
    return str(turn.outcome.analysis["provider"])


def _reading_seconds(turn: Handled) -> float:
    """Return what reading took, by the trace: the listening before it is not in it."""
    at = {
        step["step"]: datetime.fromisoformat(step["at"])
        for step in turn.outcome.analysis["trace"]
    }
    return (at["read"] - at["perceived"]).total_seconds()


def words_of(content: Content | OutContent) -> str:
    """Return a message as one reads it in a log."""
    if isinstance(content, OutButtons | OutList):
        shown = content.buttons if isinstance(content, OutButtons) else content.rows
        return " ".join((content.body, *(f"[{choice.title}]" for choice in shown)))
    for name in ("text", "title", "body", "caption"):
        if words := getattr(content, name, None):
            return str(words)
    return f"[{content.type}]"
