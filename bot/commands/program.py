"""The program `chatorder`: its commands, and how it fails."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from bot.commands import (
    apps,
    channels,
    chat,
    conversations,
    demo,
    goods,
    keys,
    schema,
    secret,
    serving,
    sinks,
    tenants,
    turns,
)
from bot.commands.failing import EXPECTED

#: Every module of commands, in the order of the help. A new one is a line here.
COMMANDS: tuple[Callable[[typer.Typer], None], ...] = (
    schema.register,
    secret.register,
    tenants.register,
    apps.register,
    channels.register,
    keys.register,
    sinks.register,
    goods.register,
    turns.register,
    conversations.register,
    serving.register,
    demo.register,
    chat.register,
)


class Program(TyperGroup):
    """Says in one line what went wrong: exit code 2 for wrong usage, else 1."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002  # Typer's signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002  # Typer's signature
        **extra: Any,  # noqa: ANN401  # Typer's signature
    ) -> Any:  # noqa: ANN401  # Typer's signature
        del standalone_mode  # it prints boxes
        try:
            code = super().main(
                args,
                prog_name or "chatorder",
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except TyperException as error:
            _complain(_described(error))
            raise SystemExit(error.exit_code) from None
        except EXPECTED as error:
            _complain(str(error))
            raise SystemExit(1) from None
        raise SystemExit(code or 0)


def _described(error: TyperException) -> str:
    """Return a usage error with the way out of it."""
    message = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    if context is None:
        return str(message)
    return f"{message} See `{context.command_path} --help`."


def _complain(message: str) -> None:
    typer.echo(f"chatorder: {' '.join(message.split())}", err=True)


def build() -> typer.Typer:
    """Return the program with all its commands."""
    program = typer.Typer(
        cls=Program,
        help="Turns WhatsApp conversations into confirmed orders.",
        epilog="Example: chatorder demo",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    program.callback(invoke_without_command=True)(_root)
    for register in COMMANDS:
        register(program)
    return program


def _root(
    context: typer.Context,
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.")
    ] = False,
) -> None:
    """Turn WhatsApp conversations into confirmed orders."""
    if show_version:
        typer.echo(version("chatorder"))
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
