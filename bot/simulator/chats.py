"""The chats that the demo's customers had before anybody looks."""

import asyncio
import contextlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from bot.simulator.bubble import Bubble
from bot.simulator.network import WebhookRefused
from bot.simulator.phone import NothingLikeThat, Phone
from bot.simulator.simulator import Simulator

#: How long a customer waits for an answer, seconds.
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a customer does: it says something, or taps a button."""

    say: str | None = None
    tap: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """One customer and what they do, in order."""

    phone: str
    name: str
    about: str  #: The state that the chat ends in, in words.
    steps: tuple[Step, ...]


def sample_chats() -> tuple[Chat, ...]:
    """Return the chats of `chats.toml`."""
    text = (files("bot.simulator") / "chats.toml").read_text(encoding="utf-8")
    return tuple(
        Chat(
            each["phone"],
            each["name"],
            each["about"],
            tuple(Step(**step) for step in each["steps"]),
        )
        for each in tomllib.loads(text)["chat"]
    )


async def play(
    simulator: Simulator, chats: Sequence[Chat], *, patience: float = _PATIENCE
) -> None:
    """Let customers chat, all of them at once.

    A customer who gets no answer, or another one than expected, stops: a sample chat
    must never keep the demo from starting. `patience` is in seconds.
    """
    async with asyncio.TaskGroup() as group:
        for chat in chats:
            phone = simulator.phone(chat.phone, chat.name)
            group.create_task(_chat(phone, chat, patience))


async def _chat(phone: Phone, chat: Chat, patience: float) -> None:
    with contextlib.suppress(NothingLikeThat, WebhookRefused):
        for number, step in enumerate(chat.steps):
            if step.tap is not None:
                await _tap(phone, step.tap, patience)
            elif step.say is not None:
                if number:
                    await phone.expects(lambda _: True, within=patience)
                await phone.say(step.say)


async def _tap(phone: Phone, title: str, patience: float) -> None:
    """Tap a button as soon as the shop shows it."""

    def has_it(bubble: Bubble) -> bool:
        return title in (button.title for button in bubble.buttons)

    await phone.tap(title, on=await phone.expects(has_it, within=patience))
