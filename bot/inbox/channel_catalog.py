"""Which catalog of its provider a channel shows products from. Nothing here commits."""

import re

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.checking import InvalidAccount
from bot.inbox.table import channel

#: Only numbers of WhatsApp's Cloud API have a catalog that messages can show.
_KIND = "whatsapp"
_ID = re.compile(r"[0-9]{1,30}")


async def set_catalog(
    connection: AsyncConnection, channel_id: str, catalog_id: str | None
) -> None:
    """Let a channel show products as cards of that catalog; None: in words only.

    The catalog knows products by the SKU that they have here, as its "retailer id".
    Raises InvalidAccount for what is no catalog, or a channel that can show none.
    """
    mine = channel.c.id == channel_id
    if catalog_id is not None:
        kind = await connection.scalar(select(channel.c.kind).where(mine))
        if kind != _KIND:
            raise InvalidAccount(
                "catalog_id", "only a number of WhatsApp's Cloud API has a catalog"
            )
        if not _ID.fullmatch(catalog_id):
            raise InvalidAccount(
                "catalog_id",
                "a catalog's id is digits: see Commerce Manager, Catalog, Settings",
            )
    await connection.execute(update(channel).where(mine).values(catalog_id=catalog_id))
