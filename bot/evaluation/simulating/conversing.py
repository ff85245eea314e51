"""One made-up conversation on the stage, from the first word to what is stored."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import select

from bot.evaluation.photographs import list_on_paper
from bot.evaluation.playing import words_of
from bot.evaluation.simulating.customer import Customer, Says
from bot.evaluation.simulating.figures import Conversed
from bot.evaluation.simulating.goals import Goal, drawn
from bot.evaluation.simulating.hearing import Heard, heard
from bot.evaluation.simulating.judging import basket_of, compared, wrong_with
from bot.evaluation.simulating.personas import MANNERS, Persona
from bot.evaluation.simulating.speaking import Speech, speech_of
from bot.evaluation.stage import Handled, NotPlayed, Stage, Talk
from bot.inbox.table import message
from bot.reading.reader import ReaderUnavailable
from orders import Order
from orders.table import order

#: What a delivery costs in the shop, in minor units.
DELIVERY_FEE = 3000
#: A customer who wrote so often goes elsewhere.
_PATIENCE = 24
#: Between an answer and the next message, seconds.
_THINKS = (4.0, 40.0)
#: What a photo shows: nothing of the shop, and nothing that rules could read.
_PHOTO = ("see you at eight",)


@dataclass
class Clock:
    """The time of a stage: it goes on when somebody thinks or goes away."""

    now: datetime = field(default=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Script:
    """Which conversation it is: the same script is the same conversation."""

    persona: Persona
    language: str
    goal: int  #: The seed of what is wanted.
    seed: int  #: The seed of how it is said.

    @property
    def name(self) -> str:
        return f"{self.persona} {self.language} {self.goal}"


async def converse(stage: Stage, clock: Clock, script: Script) -> Conversed:
    """Have a conversation. Never raises for what a reader or the product does."""
    played = _Conversation(stage, clock, script)
    try:
        await played.play()
    except (ReaderUnavailable, NotPlayed) as error:
        played.problems.append(str(error))
    except Exception as bug:  # noqa: BLE001  # one conversation's bug is its result
        played.problems.append(f"{type(bug).__name__}: {bug}")
    return played.result()


class _Conversation:
    def __init__(self, stage: Stage, clock: Clock, script: Script) -> None:
        self.problems: list[str] = []
        self._stage, self._clock, self._script = stage, clock, script
        self._speech: Speech = speech_of(script.language)
        # Not hash(): texts hash differently in every process.
        self._rng = random.Random(f"{script.name} {script.seed}")  # noqa: S311  # play
        wishes = random.Random(script.name)  # noqa: S311  # play
        people = MANNERS[script.persona].people
        self._goals: list[Goal] = [drawn(self._speech, wishes) for _ in range(people)]
        self._talk: Talk = stage.talk(self._goals[0].name)
        self._lost: list[str] = []
        self._wrong: list[str] = []
        self._excused: frozenset[str] = frozenset()
        self._false = self._questions = self._unanswered = 0
        self._chat: list[str] = []

    def result(self) -> Conversed:
        script = self._script
        return Conversed(
            goal=script.name,
            seed=script.seed,
            persona=str(script.persona),
            language=script.language,
            problems=tuple(self.problems),
            false_orders=self._false,
            lost=tuple(self._lost),
            wrong=tuple(self._wrong),
            unanswered=self._unanswered,
            orders=sum(turn.order is not None for turn in self._talk.turns),
            questions=self._questions,
            turns=len(self._talk.turns),
            chat=tuple(self._chat),
        )

    async def play(self) -> None:
        photo = self._stage.channel.keep(_a_photo())
        for goal in self._goals:
            customer = Customer(
                goal=goal,
                manner=MANNERS[self._script.persona],
                speech=self._speech,
                language=self._script.language,
                photo=photo,
                rng=self._rng,
            )
            await self._shops(customer)
        await self._check_what_is_stored()

    async def _shops(self, customer: Customer) -> None:
        """Let one person shop until they have nothing more to say."""
        ordered = len(self._orders())
        says: Says | None = customer.opens()
        for _ in range(_PATIENCE):
            if says is None:
                break
            turn, told = await self._said(says)
            self._judge(customer, turn, told)
            says = customer.answers(told)
        orders = self._orders()[ordered:]
        if customer.gave_up:
            self.problems.append(f"gave up: {customer.gave_up}")
        elif not orders:
            self.problems.append("nothing was ordered")
        if len(orders) > 1:
            self.problems.append(f"{len(orders)} orders of one goal")
        for each in orders:
            wrong = wrong_with(each, customer.goal, DELIVERY_FEE)
            self._false += bool(wrong)
            self.problems += wrong

    async def _said(self, says: Says) -> tuple[Handled, Heard]:
        thinks = timedelta(seconds=self._rng.uniform(*_THINKS))
        self._clock.now += thinks + says.after
        if says.after:
            self._chat.append(f"  ({says.after.days} days later)")
        self._chat += [f"> {words_of(each)}" for each in says.contents]
        turn = await self._stage.hear(self._talk, says.contents)
        self._chat += [f"< {words_of(each.content)}" for each in turn.said]
        told = heard(turn.said, self._script.language)
        self._questions += told.topic is not None
        return turn, told

    def _judge(self, customer: Customer, turn: Handled, told: Heard) -> None:
        """Compare the draft with what was said when the bot thinks it is complete."""
        draft = basket_of(turn.outcome.decision.draft)
        asks_about_lines = told.topic not in (None, "confirmation") and (
            told.topic not in ("fulfilment", "address", "payment", "name")
        )
        if told.is_lost or asks_about_lines:
            self._excused = frozenset(customer.told) - frozenset(draft)
        if not told.is_summary:
            return
        lines = compared(customer.told, draft, self._excused)
        self._lost += lines.lost
        self._wrong += lines.wrong

    def _orders(self) -> Sequence[Order]:
        return [turn.order for turn in self._talk.turns if turn.order is not None]

    async def _check_what_is_stored(self) -> None:
        turns = self._talk.turns
        chat_id = turns[-1].outcome.loaded.claim.conversation_id
        heard_in = [turn.outcome.analysis["id"] for turn in turns if not turn.said]
        incoming = select(message).where(
            message.c.conversation_id == chat_id, message.c.direction == "in"
        )
        async with self._stage.runtime.database.reading() as connection:
            rows = (await connection.execute(incoming)).all()
            stored = await connection.execute(
                select(order.c.id).where(order.c.conversation_id == chat_id)
            )
            placed = {row.id for row in stored}
        self._unanswered = sum(
            row.state != "done"
            or (row.analysis_id in heard_in and row.why_silent is None)
            for row in rows
        )
        if self._unanswered:
            self.problems.append(
                f"{self._unanswered} messages without answer or reason"
            )
        if placed != {each.id for each in self._orders()}:
            self.problems.append("other orders are stored than were placed")


@cache
def _a_photo() -> bytes:
    return list_on_paper(_PHOTO)
