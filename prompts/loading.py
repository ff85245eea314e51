"""Loads prompts: versioned folders of words for models, complete or not at all."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

#: What the folder of every prompt has.
SYSTEM, REPAIR, FIELDS = "system.md", "repair.md", "fields.toml"


class PromptError(Exception):
    """A prompt is missing, incomplete or malformed; the message says what."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of a prompt."""

    name: str
    version: str
    system: str  #: The same for every call, so that providers can cache it.
    repair: str  #: Asked once after an answer that was not valid; has `{problem}`.
    fields: Mapping[str, str]  #: "Type.field" -> what the answer's field is for.

    @property
    def id(self) -> str:
        """Return its name and version in one word: `read_message/v1`."""
        return f"{self.name}/{self.version}"


@cache
def load_prompt(name: str, version: str) -> Prompt:
    """Return a prompt. Raises PromptError; meant to be called when a process starts."""
    system, repair = _text(name, version, SYSTEM), _text(name, version, REPAIR)
    if "{problem}" not in repair:
        raise PromptError(f"prompts/{name}/{version}/{REPAIR} has no {{problem}}")
    return Prompt(name, version, system, repair, _fields(name, version))


def versions(name: str) -> tuple[str, ...]:
    """Return the versions that a prompt has, the oldest first."""
    folder = resources.files("prompts") / name
    found = [e.name for e in folder.iterdir() if e.is_dir()] if folder.is_dir() else []
    numbers = [int(each[1:]) for each in found if each[1:].isdigit()]
    return tuple(f"v{number}" for number in sorted(numbers))


def _text(name: str, version: str, file: str) -> str:
    path = resources.files("prompts") / name / version / file
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        has = ", ".join(versions(name)) or "nothing"
        raise PromptError(
            f"prompts/{name}/{version}/{file} is missing; {name} has {has}"
        ) from None
    if not text:
        raise PromptError(f"prompts/{name}/{version}/{file} is empty")
    return text


def _fields(name: str, version: str) -> Mapping[str, str]:
    where = f"prompts/{name}/{version}/{FIELDS}"
    try:
        tables = tomllib.loads(_text(name, version, FIELDS))
    except tomllib.TOMLDecodeError as error:
        raise PromptError(f"{where}: {error}") from error
    notes = {
        f"{owner}.{field}": note
        for owner, table in tables.items()
        if isinstance(table, dict)
        for field, note in table.items()
    }
    odd = [key for key, note in notes.items() if not (isinstance(note, str) and note)]
    if odd or not notes:
        raise PromptError(f"{where}: {', '.join(odd) or 'it'} has no words")
    return notes
