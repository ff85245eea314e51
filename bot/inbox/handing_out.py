"""Giving what needs a person to somebody, where the shop's rules say so."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.assigning import assign_each
from bot.inbox.audit import audited
from orders.domain.humans import Assigns, Humans

#: In the audit: the same as when a person asks for the next one.
_ACTION = "assign_conversation_to_next"


async def hand_out(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_ids: Collection[str],
    humans: Humans,
    *,
    new_id: Callable[[str], str],
    now: datetime,
) -> None:
    """Give what begins to need a person, and is nobody's, to whoever is next.

    Nothing happens where the rules say nobody, or nobody is there: it waits in the
    inbox as ever. The caller holds the conversations, and calls this late.
    """
    if humans.assigns is Assigns.NOBODY or not conversation_ids:
        return
    for given in await assign_each(
        connection, tenant_id, conversation_ids, team=humans.assigns_team, now=now
    ):
        await audited(
            connection,
            id=new_id("audit"),
            tenant_id=tenant_id,
            actor="bot",
            action=_ACTION,
            target=given.conversation_id,
            details={"user_id": given.user_id, "team": given.team},
            now=now,
        )
