"""What was found: how bad it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"  #: Works, and somebody should know.
    ERROR = "error"  #: Does not work until somebody acts.


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    subject: str
    words: str
    remedy: str | None = None


def ok(subject: str, words: str) -> Finding:
    return Finding(Level.OK, subject, words)


def warning(subject: str, words: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, subject, words, remedy)


def error(subject: str, words: str, remedy: str) -> Finding:
    return Finding(Level.ERROR, subject, words, remedy)
