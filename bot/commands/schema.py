"""`chatorder migrate`."""

import asyncio

import typer
from sqlalchemy import make_url

from bot.commands.opening import configured
from bot.commands.printing import JsonFlag, show
from bot.migrations.upgrade import AtHead, Behind, upgrade


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    program.command("migrate", epilog="Example: chatorder migrate")(migrate)


def migrate(*, as_json: JsonFlag = False) -> None:
    """Bring the database to the schema of this version.

    Run it before a new version starts on PostgreSQL. It is all or nothing, and
    harmless when there is nothing to do.
    """
    settings = configured()
    found = asyncio.run(upgrade(settings.database_url))
    where = make_url(settings.database_url).render_as_string(hide_password=True)
    before = found.current if isinstance(found, Behind) else found_head(found)
    head = found.head if isinstance(found, Behind) else found_head(found)
    done = f"migrated from {before or 'nothing'} to {head}"
    show(
        {"database": where, "before": before, "now": head},
        [f"{where}: {'already at ' + head if before == head else done}"],
        as_json=as_json,
    )


def found_head(found: object) -> str:
    return found.revision if isinstance(found, AtHead) else ""
