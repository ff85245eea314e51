"""`chatorder conversation list`, `show` and `hand-back`."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import utc_now
from bot.inbox.ownership import OwnedChat, hand_back, handed_over
from bot.inbox.statuses import MessageEntry, list_messages

_LIST = 'Example: chatorder conversation list --tenant "Kahve Evi"'
_BACK = 'Example: chatorder conversation hand-back cnv_01k --tenant "Kahve Evi"'
_SHOW = 'Example: chatorder conversation show cnv_01k --tenant "Kahve Evi"'
_HEAD = ("message", "direction", "kind", "at", "state", "said by the provider")


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Chats, and who answers in them.")
    group.command("list", epilog=_LIST)(list_handed_over)
    group.command("show", epilog=_SHOW)(show_messages)
    group.command("hand-back", epilog=_BACK)(give_back)
    program.add_typer(group, name="conversation")


def list_handed_over(*, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """List the chats that need a person, the longest waiting first.

    In those of `agent` the bot is silent, for the reason that is shown; in the others
    it goes on, and somebody is to look at a photo, a voice note or a file that it could
    make nothing of. `unanswered` and `closed` wait for a person whom they asked for.
    `hand-back` takes all of them off the list, and the bot goes on.
    """

    async def work(connection: AsyncConnection) -> Sequence[OwnedChat]:
        entry = await tenant_named(connection, tenant)
        return await handed_over(connection, entry.tenant.id)

    chats = in_transaction(configured(), work)
    rows = [
        (
            each.id,
            _since(each),
            each.owner.value,
            each.why.value if each.why else "",
            each.attention or "",
        )
        for each in chats
    ]
    data = [
        {
            "id": each.id,
            "last_inbound_at": _since(each),
            "owner": each.owner.value,
            "why": each.why and each.why.value,
            "attention": each.attention,
        }
        for each in chats
    ]
    show(
        {"data": data, "total": len(data)},
        table([("id", "customer wrote last", "answers", "why", "to look at"), *rows]),
        as_json=as_json,
    )


def show_messages(
    conversation: Annotated[str, typer.Argument(help="Id of a conversation.")],
    *,
    tenant: TenantOption,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Show the newest messages of a chat and how far ours got; not their words."""

    async def work(connection: AsyncConnection) -> Sequence[MessageEntry]:
        entry = await tenant_named(connection, tenant)
        mine = entry.tenant.id
        found = await list_messages(connection, mine, conversation, limit=limit)
        if not found:
            raise CommandFailed(
                f"{entry.tenant.name} has no messages in {conversation!r}"
            )
        return found

    messages = in_transaction(configured(), work)
    show(
        {"data": [_plain(each) for each in messages]},
        table([_HEAD, *(_row(each) for each in messages)]),
        as_json=as_json,
    )


def _row(entry: MessageEntry) -> tuple[str, ...]:
    state = entry.state
    said = f"{state.error_code or ''} {state.error or ''}".strip()
    at = entry.at.isoformat(timespec="seconds")
    return (entry.id, entry.direction, entry.kind, at, state.state, said)


def _plain(entry: MessageEntry) -> dict[str, object]:
    state = entry.state
    return {
        "id": entry.id,
        "seq": entry.seq,
        "direction": entry.direction,
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "state": state.state,
        "state_at": state.at and state.at.isoformat(),
        "error_code": state.error_code,
        "error": state.error,
    }


def give_back(
    conversation: Annotated[str, typer.Argument(help="Id of a conversation.")],
    *,
    tenant: TenantOption,
    as_json: JsonFlag = False,
) -> None:
    """Let the bot answer again in a chat that a person had."""

    async def work(connection: AsyncConnection) -> None:
        entry = await tenant_named(connection, tenant)
        mine = entry.tenant.id
        if not await hand_back(connection, mine, conversation, now=utc_now()):
            raise CommandFailed(
                f"{entry.tenant.name} has no conversation {conversation!r}:"
                f" see `chatorder conversation list --tenant {mine}`"
            )

    in_transaction(configured(), work)
    show(
        {"id": conversation, "owner": "bot"},
        [f"The bot answers in {conversation} again."],
        as_json=as_json,
    )


def _since(chat: OwnedChat) -> str:
    moment = chat.last_inbound_at
    return moment.isoformat(timespec="seconds") if moment else ""
