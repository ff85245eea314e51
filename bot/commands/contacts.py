"""`chatorder contact export` and `contact erase`."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.asking import is_interactive
from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, opened, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from bot.inbox.accounts import TenantEntry
from bot.inbox.audit import audited
from bot.privacy.erasing import Erased, erase_contact
from bot.privacy.exporting import Exported, export_contacts
from bot.privacy.subject import contacts_known_as
from bot.wiring import media_store_of

_TENANT = "--tenant tenant_01..."
_EXPORT = f"Example: chatorder contact export +905551112233 {_TENANT} --out person.zip"
_ERASE = f"Example: chatorder contact erase con_01... {_TENANT} --yes"


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="What is known about a person: shown, and forgotten.")
    group.command("export", epilog=_EXPORT)(export)
    group.command("erase", epilog=_ERASE)(erase)
    program.add_typer(group, name="contact")


def export(
    contact: Annotated[str, typer.Argument(help="Id of a contact, or phone number.")],
    *,
    tenant: TenantOption,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write.", show_default="CONTACT.zip here"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write everything that is known about a person into a ZIP file."""
    settings = configured()
    store = media_store_of(settings)

    async def work() -> tuple[Exported, Path]:
        async with opened(settings) as database:
            async with database.reading() as connection:
                owner = await tenant_named(connection, tenant)
                found = await _known(connection, owner, contact)
                path = out or Path(f"{found[0]}.zip")
                with _new_file(path) as file:
                    exported = await export_contacts(
                        connection, store, owner.tenant.id, found, file, now=utc_now()
                    )
            async with database.transaction() as connection:
                for each in found:
                    await audited(
                        connection,
                        id=new_id("audit"),
                        tenant_id=owner.tenant.id,
                        actor="command",
                        action="export_contact",
                        target=each,
                        now=utc_now(),
                    )
        return exported, path

    exported, path = asyncio.run(work())
    missing = len(exported.missing)
    lines = [
        f"Wrote {path}: {sum(exported.rows.values())} rows, {exported.files} files"
    ]
    if missing:
        lines.append(f"{missing} files are named and not there any more")
    show({"file": str(path), **asdict(exported)}, lines, as_json=as_json)


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Make a file that only its owner reads; half of it would be taken for all."""
    try:
        path.touch(0o600, exist_ok=False)
    except FileExistsError:
        raise CommandFailed(
            f"{path} is there already: name another with --out"
        ) from None
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from None
    try:
        with path.open("wb") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _known(
    connection: AsyncConnection, owner: TenantEntry, wanted: str
) -> tuple[str, ...]:
    found = await contacts_known_as(connection, owner.tenant.id, wanted)
    if not found:
        raise CommandFailed(
            f"{owner.tenant.name} has no contact with the id or the number {wanted!r}"
        )
    return found


def erase(
    contact: Annotated[str, typer.Argument(help="Id of a contact, or phone number.")],
    *,
    tenant: TenantOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Forget a person: for good. Orders stay, under a pseudonym."""
    settings = configured()

    async def look(connection: AsyncConnection) -> tuple[str, ...]:
        owner = await tenant_named(connection, tenant)
        return await _known(connection, owner, contact)

    found = in_transaction(settings, look)
    if not (yes or _is_meant(found)):
        raise CommandFailed("nothing was erased: say --yes to erase without a question")

    async def work(connection: AsyncConnection) -> list[Erased]:
        owner = await tenant_named(connection, tenant)
        reports = [
            await erase_contact(
                connection,
                owner.tenant.id,
                each,
                actor="command",
                new_id=new_id,
                now=utc_now(),
            )
            for each in found
        ]
        return [report for report in reports if report is not None]

    reports = in_transaction(settings, work)
    lines = [line for report in reports for line in _lines(report)]
    data = [_plain(asdict(report)) for report in reports]
    show({"data": data, "total": len(data)}, lines, as_json=as_json)


def _is_meant(contact_ids: Sequence[str]) -> bool:
    return is_interactive() and typer.confirm(
        f"Erase {', '.join(contact_ids)} for good? Messages, files, drafts and"
        " addresses go; orders stay under a pseudonym.",
        err=True,
    )


def _lines(report: Erased) -> list[str]:
    rows = ", ".join(f"{count} {room}" for room, count in report.removed.items())
    lines = [f"Erased {report.contact_id}: {rows or 'nothing was left to remove'}"]
    if report.files:
        lines.append(f"{report.files} files are taken away by a worker within minutes")
    if report.orders:
        lines.append(f"{report.orders} orders are kept as those of {report.pseudonym}")
    if report.open_orders:
        lines.append(f"Not finished yet: {', '.join(report.open_orders)}")
    if report.told:
        lines.append("These systems were told of the person: have it erased there, too")
        lines += [f"  {each.sink_id}: {each.event_id}" for each in report.told]
    return lines


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value
