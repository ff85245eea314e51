"""The program `chatorder`: its commands, and how it fails."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

#: The module that makes each command, in the order of the help: a new one is a line.
#: Only that of the command that runs is imported, which is most of what starting takes.
COMMANDS: Mapping[str, str] = {
    "init": "init",
    "migrate": "schema",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "backup",
    "secret": "secret",
    "tenant": "tenants",
    "model": "models",
    "app": "apps",
    "channel": "channels",
    "alarm": "alarms",
    "key": "keys",
    "user": "users",
    "sink": "sinks",
    "catalog": "goods",
    "shop": "shop",
    "turn": "turns",
    "outbox": "outbox",
    "conversation": "conversations",
    "eval": "evaluate",
    "replay": "replay",
    "contact": "contacts",
    "retention": "retention",
    "serve": "serving",
    "worker": "serving",
    "demo": "demo",
    "chat": "chat",
}


class Program(TyperGroup):
    """Says in one line what went wrong: exit code 2 for wrong usage, else 1."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401  # Typer's
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401  # Typer's
        """Return a command, made when it is asked for.

        All are made when it is none: Typer suggests the nearest of those it knows.
        """
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                made = typer.Typer(add_completion=False, rich_markup_mode=None)
                import_module(f"bot.commands.{COMMANDS[name]}").register(made)
                self.commands[name] = get_group(made).commands[name]
        return super().get_command(ctx, cmd_name)

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
        except Exception as error:
            from bot.commands.failing import EXPECTED  # noqa: PLC0415  # imports much

            if not isinstance(error, EXPECTED):
                raise
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
