"""With which model and which words to read, chosen for one run."""

import re
from enum import StrEnum
from typing import Annotated

import typer

from bot.commands.failing import CommandFailed
from bot.evaluation.wallet import Wallet
from bot.reading.budget import MICROS
from bot.settings import Settings
from prompts import load_prompt, versions

#: The prompt that messages are read with.
_READING = "read_message"
_PROMPT = re.compile(r"(?:(?P<name>[a-z_]+)@)?(?P<version>v\d+)")

ModelOption = Annotated[
    str | None, typer.Option(help="A model instead of those that are set.")
]
PromptOption = Annotated[
    str | None, typer.Option(help="A version of the prompt: read_message@v1.")
]


class ReaderName(StrEnum):
    OPENAI = "openai"
    RULES = "rules"


def need_service(settings: Settings) -> None:
    """Raise CommandFailed that says what the model's reader needs."""
    if settings.openai_api_key is None:
        raise CommandFailed(
            "--reader openai needs OPENAI_API_KEY: set it in the environment or in"
            " .env (OPENAI_BASE_URL names another server that speaks OpenAI's API),"
            " or use --reader rules"
        )


def with_model(settings: Settings, model: str | None) -> Settings:
    """Return settings that read text and pictures with a model."""
    if model is None:
        return settings
    chosen = {"openai_model": model, "openai_vision_model": model}
    return settings.model_copy(update=chosen)


def version_of(prompt: str | None) -> str | None:
    """Return the version in `read_message@v1` or `v1`.

    Raises CommandFailed for another prompt, PromptError for an incomplete one.
    """
    if prompt is None:
        return None
    found = _PROMPT.fullmatch(prompt)
    known = ", ".join(f"{_READING}@{each}" for each in versions(_READING))
    if found is None or found["name"] not in (None, _READING):
        raise CommandFailed(f"there is no prompt {prompt!r}: there are {known}")
    return load_prompt(_READING, found["version"]).version


def wallet_with(usd: float, reader: ReaderName) -> Wallet:
    """Return a wallet with so many US dollars. The rules cost nothing, so need none."""
    return Wallet(round(usd * MICROS) if reader is ReaderName.OPENAI else 1)


def dollars(micros: int) -> str:
    """Return millionths as US dollars."""
    return f"{micros / MICROS:.4f}"
