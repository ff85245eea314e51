"""What finds products for a caller: the shop's index, with what it has learnt."""

from bot.inbox.shop_rules import load_shop_rules
from bot.web.api.call import Call
from catalog import Product, Taught
from catalog.aliases import load_aliases
from catalog.domain.learnt import SHOP
from catalog.language import languages, load_language
from catalog.store import catalog_revision, load_products
from catalog.teachable import fillers


async def index_of(call: Call, contact_id: str | None = None) -> Taught:
    """Return what finds products as the bot does, as the catalog is now.

    With a contact: as it does for that customer.
    """
    revision = await catalog_revision(call.connection, [call.tenant_id])
    shop, _ = await load_shop_rules(call.connection, call.tenant_id)
    owner = (call.tenant_id, contact_id or SHOP)
    learnt = await load_aliases(call.connection, {owner})

    async def products() -> list[Product]:
        # On our own connection: who holds one and waits for another blocks the rest.
        return await load_products(call.connection, call.tenant_id)

    index = await call.runtime.indexes.current(
        call.tenant_id,
        revision[call.tenant_id],
        products,
        [load_language(code) for code in languages()],
    )
    return Taught(index, learnt[owner], now=call.now, fillers=fillers(), sure=shop.sure)
