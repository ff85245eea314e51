"""What commands ask: of a person at a terminal, or of nobody."""

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from bot.commands.failing import CommandFailed
from bot.inbox.checking import InvalidAccount
from bot.inbox.passwords import check_password

PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input."),
]
#: 120 random bits.
_RANDOM_BYTES = 15


@dataclass(frozen=True, slots=True)
class Chosen:
    """A new password; one that we made must be shown, this once."""

    password: str
    is_made: bool

    def lines(self) -> list[str]:
        """Return what a person has to be told."""
        if not self.is_made:
            return []
        return ["The password is shown this once:", f"  {self.password}"]

    def data(self) -> dict[str, object]:
        """Return what a program has to be told."""
        return {"password": self.password} if self.is_made else {}


def is_interactive() -> bool:
    """Return whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(
    question: str,
    check: Callable[[str], str],
    *,
    default: str | None = None,
    hidden: bool = False,
) -> str:
    """Ask until the answer is one, and return what `check` makes of it.

    Questions go to stderr: stdout is for results.
    """
    while True:
        answer = typer.prompt(
            question,
            default=default,
            show_default=bool(default),
            hide_input=hidden,
            err=True,
        )
        try:
            return check(str(answer))
        except InvalidAccount as error:
            typer.echo(f"  {error}", err=True)


def choose_password(
    *, from_stdin: bool, questions: bool = True, about: tuple[str, ...] = ()
) -> Chosen:
    """Return a password from stdin, from a person, or made here when nobody is there.

    `about`: what everybody would try first. Raises CommandFailed, InvalidAccount.
    """
    if from_stdin:
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise CommandFailed("--password-stdin: standard input holds no password")
        return Chosen(check_password(line, about=about), is_made=False)
    if questions and is_interactive():
        typed = _typed(about)
        if typed:
            return Chosen(typed, is_made=False)
    return Chosen(secrets.token_urlsafe(_RANDOM_BYTES), is_made=True)


def _typed(about: tuple[str, ...]) -> str | None:
    while True:
        first = typer.prompt(
            "Password (empty: one is made)",
            default="",
            show_default=False,
            hide_input=True,
            err=True,
        )
        if not first:
            return None
        try:
            password = check_password(first, about=about)
        except InvalidAccount as error:
            typer.echo(f"  {error}", err=True)
            continue
        again = typer.prompt("The same again", hide_input=True, err=True)
        if again == first:
            return password
        typer.echo("  the two differ; once more", err=True)
