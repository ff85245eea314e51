"""`chatorder outbox list` and `outbox retry`: what was not delivered, once more."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, show, table
from bot.ident import utc_now
from bot.inbox.retrying import retry_deliveries
from orders.outbox.parked import Parked, list_parked
from orders.outbox.store import Topic

_HEAD = ("id", "topic", "about", "parked", "attempts", "error")
_TWICE = "may have arrived: sent again, it may arrive twice"

_Tenant = Annotated[
    str | None,
    typer.Option("--tenant", help="Id or name of a tenant; otherwise of all."),
]
_TopicOption = Annotated[
    Topic | None, typer.Option(help="Only replies, events or timers.")
]


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="What was refused or given up, and needs a person.")
    group.command("list", epilog='Example: chatorder outbox list --tenant "Kahve Evi"')(
        list_all
    )
    group.command("retry", epilog="Example: chatorder outbox retry 4711 4712")(
        try_again
    )
    program.add_typer(group, name="outbox")


def list_all(
    *,
    tenant: _Tenant = None,
    topic: _TopicOption = None,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 50,
    offset: Annotated[int, typer.Option(help="How many to leave out.", min=0)] = 0,
    as_json: JsonFlag = False,
) -> None:
    """List what nobody sends by itself any more, newest first."""

    async def work(connection: AsyncConnection) -> tuple[Sequence[Parked], int]:
        return await list_parked(
            connection,
            await _id_of(connection, tenant),
            topic=topic,
            limit=limit,
            offset=offset,
        )

    parked, total = in_transaction(configured(), work)
    lines = table([_HEAD, *(_row(each) for each in parked)])
    if total > len(parked):
        lines.append(f"{len(parked)} of {total}: see more with --limit or --offset")
    show(
        {"data": [_plain(each) for each in parked], "total": total},
        lines,
        as_json=as_json,
    )


def try_again(
    ids: Annotated[
        list[int] | None, typer.Argument(help="Ids, as `outbox list` shows them.")
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Everything that is parked.")
    ] = False,
    tenant: _Tenant = None,
    topic: _TopicOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Deliver again, at once, as if for the first time."""
    if bool(ids) == everything:
        raise typer.BadParameter("give ids, or --all")

    async def work(connection: AsyncConnection) -> Sequence[Parked]:
        mine = await _id_of(connection, tenant)
        again = await retry_deliveries(
            connection, mine, ids=ids or None, topic=topic, now=utc_now()
        )
        missing = set(ids or ()) - {each.id for each in again}
        if missing:
            raise CommandFailed(
                f"not parked: {', '.join(map(str, sorted(missing)))}; nothing was"
                " changed: see `chatorder outbox list`"
            )
        return again

    again = in_transaction(configured(), work)
    lines = [f"{each.id} ({_about(each)}) is sent again{_note(each)}" for each in again]
    show(
        {
            "retried": [
                {"id": each.id, "may_arrive_twice": each.may_have_arrived}
                for each in again
            ]
        },
        lines or ["Nothing is parked."],
        as_json=as_json,
    )


async def _id_of(connection: AsyncConnection, tenant: str | None) -> str | None:
    if tenant is None:
        return None
    return (await tenant_named(connection, tenant)).tenant.id


def _row(item: Parked) -> tuple[str, ...]:
    error = (item.error or "").partition("\n")[0]
    if item.may_have_arrived:
        error = f"{error} ({_TWICE})"
    return (
        str(item.id),
        item.topic,
        _about(item),
        _since(item),
        str(item.attempts),
        error,
    )


def _note(item: Parked) -> str:
    return f" and may arrive twice: {item.error}" if item.may_have_arrived else "."


def _about(item: Parked) -> str:
    """Return the id of what it belongs to; its words are nobody's business here."""
    payload = item.payload
    return str(
        payload.get("conversation_id") or payload.get("order_id") or item.unique_key
    )


def _since(item: Parked) -> str:
    return item.parked_at.isoformat(timespec="seconds") if item.parked_at else ""


def _plain(item: Parked) -> dict[str, object]:
    return {
        "id": item.id,
        "tenant_id": item.tenant_id,
        "topic": item.topic,
        "about": _about(item),
        "attempts": item.attempts,
        "may_have_arrived": item.may_have_arrived,
        "error": item.error,
        "created_at": item.created_at.isoformat(),
        "parked_at": item.parked_at and item.parked_at.isoformat(),
    }
