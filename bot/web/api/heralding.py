"""Which news a call is to pages: what it wrote to, by the ids of its path."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.news import Herald, News, What
from bot.web.api.endpoint import Endpoint
from bot.web.api.face import NATIVE
from orders.table import draft, order

#: What a call may have changed, by the name of the id in its path.
_CHANGED: Mapping[str, tuple[What, ...]] = {
    "conversation_id": (What.CHAT, What.MESSAGE),
    "draft_id": (What.DRAFT,),
    "order_id": (What.ORDER,),
    "contact_id": (What.CHAT,),
    "customer_id": (What.CHAT,),
    "activity_id": (What.DRAFT,),
    "import_id": (What.IMPORT,),
}
#: Where an id of a path leads to a conversation.
_ROWS = {"draft_id": draft, "order_id": order}


async def heralds(
    connection: AsyncConnection,
    tenant_id: str,
    endpoint: Endpoint,
    given: Mapping[str, object],
) -> Sequence[Herald]:
    """Return what a writing call changed; asked in its transaction."""
    if endpoint.face is not NATIVE:
        # Other systems' words for things: they make orders, and move them on.
        return [Herald(None, (What.ORDER,))]
    found = []
    for name in endpoint.places:
        if name in _CHANGED:
            place = await _conversation(connection, tenant_id, name, str(given[name]))
            found.append(Herald(place, _CHANGED[name]))
    return found


def tell(news: News, tenant_id: str, told: Iterable[Herald]) -> None:
    """Tell it, after the commit. Never waits, never raises."""
    for each in told:
        news.tell(tenant_id, each.conversation_id, *each.changed)


async def _conversation(
    connection: AsyncConnection, tenant_id: str, name: str, given: str
) -> str | None:
    if name == "conversation_id":
        return given
    table = _ROWS.get(name)
    if table is None:
        return None
    found = await connection.execute(
        select(table.c.conversation_id).where(
            table.c.id == given, table.c.tenant_id == tenant_id
        )
    )
    conversation_id: str | None = found.scalar_one_or_none()
    return conversation_id
