"""`chatorder conversation list` and `hand-back`: chats that a person has."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import utc_now
from bot.inbox.ownership import OwnedChat, hand_back, handed_over

_LIST = 'Example: chatorder conversation list --tenant "Kahve Evi"'
_BACK = 'Example: chatorder conversation hand-back cnv_01k --tenant "Kahve Evi"'


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Chats in which a person answers.")
    group.command("list", epilog=_LIST)(list_handed_over)
    group.command("hand-back", epilog=_BACK)(give_back)
    program.add_typer(group, name="conversation")


def list_handed_over(*, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """List the chats in which the bot is silent, the longest waiting first."""

    async def work(connection: AsyncConnection) -> Sequence[OwnedChat]:
        entry = await tenant_named(connection, tenant)
        return await handed_over(connection, entry.tenant.id)

    chats = in_transaction(configured(), work)
    rows = [(each.id, _since(each)) for each in chats]
    data = [{"id": each.id, "last_inbound_at": _since(each)} for each in chats]
    show(
        {"data": data, "total": len(data)},
        table([("id", "customer wrote last"), *rows]),
        as_json=as_json,
    )


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
