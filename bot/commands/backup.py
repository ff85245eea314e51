"""`chatorder backup` and `chatorder restore`."""

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from bot.backup.archive import Manifest
from bot.backup.exporting import back_up
from bot.backup.restoring import Restored, restore
from bot.commands.beginning import check_database_url
from bot.commands.opening import configured, opened
from bot.commands.printing import JsonFlag, show
from bot.ident import utc_now
from bot.inbox.resealing import find_unopened
from bot.settings import Settings
from bot.wiring import media_store_of, sealer_of
from orders.outbox.store import Topic

_BACKUP = "Example: chatorder backup chatorder-2026-11-22.tar.zst"
_RESTORE = (
    "Example: chatorder restore chatorder-2026-11-22.tar.zst"
    " --into postgresql://chatorder:password@db/chatorder"
)


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    program.command("backup", epilog=_BACKUP)(backup)
    program.command("restore", epilog=_RESTORE)(bring_back)


def backup(
    file: Annotated[
        Path, typer.Argument(help="New file: *.tar, *.tar.gz or *.tar.zst.")
    ],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Write everything that is stored to one file, while servers run.

    Database and media as they were at one moment. Not in it: CHATORDER_SECRET_KEY and
    the other settings. It holds what customers wrote: keep it as safe as the database.
    """
    settings = configured()
    made = asyncio.run(_back_up(settings, file))
    size = file.stat().st_size
    show(
        {"file": str(file), "bytes": size, **_summary(made)},
        [
            f"{file}: {size} bytes, {_counts(made)}, schema {made.revision}",
            *_missing_media(made),
            "It is without CHATORDER_SECRET_KEY, which opens the stored tokens: keep",
            "that in another place.",
        ],
        as_json=as_json,
    )


def bring_back(
    file: Annotated[Path, typer.Argument(help="What `chatorder backup` wrote.")],
    *,
    into: Annotated[
        str | None,
        typer.Option(help="Another database than CHATORDER_DATABASE_URL."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Fill an empty database, and the media folder, from a backup: all or nothing.

    An older backup is migrated to this version; a SQLite backup may go to PostgreSQL
    and the other way round. Stop servers that use the database.
    """
    settings = configured()
    if into is not None:
        url = check_database_url(into)
        settings = settings.model_copy(update={"database_url": url})
    done = asyncio.run(_restore(settings, file))
    unopened = asyncio.run(_unopened(settings))
    where = make_url(settings.database_url).render_as_string(hide_password=True)
    made = done.manifest
    show(
        {
            "database": where,
            "unopened_secrets": unopened,
            "due": {topic.value: count for topic, count in done.due.items()},
            **_summary(made),
        },
        [
            f"{where}: {_counts(made)}, as of {made.created_at}",
            *_missing_media(made),
            _about_due(done),
            *_about_key(unopened),
        ],
        as_json=as_json,
    )


async def _back_up(settings: Settings, file: Path) -> Manifest:
    return await back_up(
        settings.database_url,
        media_store_of(settings),
        file,
        version=version("chatorder"),
        now=utc_now(),
        say=_say,
    )


async def _restore(settings: Settings, file: Path) -> Restored:
    return await restore(
        settings.database_url, media_store_of(settings), file, say=_say
    )


async def _unopened(settings: Settings) -> int | None:
    """Return how many secrets the key does not open; None when no key is set."""
    if settings.secret_key is None:
        return None
    async with opened(settings) as database, database.reading() as connection:
        _, unopened = await find_unopened(connection, sealer_of(settings))
        return len(unopened)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _summary(manifest: Manifest) -> dict[str, object]:
    return {
        "revision": manifest.revision,
        "version": manifest.version,
        "created_at": manifest.created_at,
        "tenants": manifest.tenants,
        "rows": {entry.name: entry.rows for entry in manifest.tables},
        "media": manifest.media.files,
        "missing_media": list(manifest.media.missing),
        "lacks": manifest.lacks,
    }


def _counts(manifest: Manifest) -> str:
    rows = sum(entry.rows for entry in manifest.tables)
    return (
        f"{manifest.tenants} tenants, {rows} rows, {manifest.media.files} media files"
    )


def _missing_media(manifest: Manifest) -> list[str]:
    missing = manifest.media.missing
    if not missing:
        return []
    return [f"{len(missing)} media files that the database names were not there."]


def _about_due(done: Restored) -> str:
    replies, events = done.due[Topic.REPLY], done.due[Topic.EVENT]
    if not replies + events:
        return "Nothing waits to be sent when workers start."
    return (
        f"When workers start they send what was due: {replies} replies to customers,"
        f" {events} events to sinks."
    )


def _about_key(unopened: int | None) -> list[str]:
    if unopened is None:
        return ["Set the CHATORDER_SECRET_KEY that was used before, then run serve."]
    if unopened:
        return [
            f"{unopened} stored secrets do not open: CHATORDER_SECRET_KEY is not the",
            "one that was used before. Set that one.",
        ]
    return ["Next: chatorder doctor"]
