"""The catalog: what is sold, how customers' words find it, what they call it."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field

from bot.privacy.people import names_of_contacts
from bot.web.api.aliases import AliasesGiven, AliasView, list_of_aliases
from bot.web.api.matches import MatchesView, WordsGiven, match_words
from bot.web.api.models import Given, Paging, plain
from bot.web.api.product_bodies import ProductsWanted
from bot.web.api.product_views import ProductView
from bot.web.api.products import list_of_products, read_product
from bot.web.api.roles import ORDERING, PRODUCTS_WRITE
from bot.web.console.filtering import drop_empty
from bot.web.console.frame import Visit

# Its pages come first: ours would take their addresses for products.
from bot.web.console.importing import room as room  # noqa: PLC0414  # more of it
from bot.web.console.saying import percent_of
from catalog.listing import categories

#: So many categories can be chosen from, and so many learnt words are shown.
_CATEGORIES, _LEARNT = 200, 100


class CatalogWanted(Paging):
    """Which products of the list."""

    q: str | None = Field(None, min_length=1, max_length=300, pattern=r"\S")
    category: str | None = Field(None, max_length=300)
    active: bool | None = None


class ProductWanted(Given):
    """What is tried out beside a product."""

    words: str | None = Field(None, min_length=1, max_length=300, pattern=r"\S")


@room.page("/catalog", "catalog.html")
async def show_catalog(visit: Visit) -> Mapping[str, object]:
    """Show the shop's products, or those that some words find."""
    drop_empty(visit)
    wanted = visit.query(CatalogWanted)
    page = await list_of_products(
        visit.call, ProductsWanted(**wanted.model_dump(exclude_none=True))
    )
    named = await categories(visit.connection, visit.tenant.id, limit=_CATEGORIES)
    return {
        "page": page,
        "wanted": wanted,
        "categories": named,
        "found": await _found(visit, wanted.q),
        "stock_of": stock_of,
        "percent_of": percent_of,
        "can_edit": visit.role in PRODUCTS_WRITE,
    }


@room.page("/catalog/{product_id}", "product.html")
async def show_product(visit: Visit) -> Mapping[str, object]:
    """Show a product: its forms, its prices, its stock and its names."""
    drop_empty(visit)
    wanted = visit.query(ProductWanted)
    product = await read_product(visit.call, visit.place("product_id"))
    learnt = await list_of_aliases(
        visit.call, AliasesGiven(product_id=product.id, limit=_LEARNT)
    )
    return {
        "product": product,
        "wanted": wanted,
        "learnt": learnt.data,
        "callers": await _callers(visit, learnt.data),
        "variants": {each.id: each for each in product.variants},
        "found": await _found(visit, wanted.words),
        "stock_of": stock_of,
        "percent_of": percent_of,
        "plain": plain,
        "can_edit": visit.role in PRODUCTS_WRITE,
        "can_teach": visit.role in ORDERING,
    }


def stock_of(product: ProductView) -> Decimal | None:
    """Return what there is of a product in all its forms; None: nobody counts."""
    if not product.variants:
        return product.stock
    counted = [each.stock for each in product.variants if each.stock is not None]
    return sum(counted, Decimal(0)) if counted else None


async def _found(visit: Visit, words: str | None) -> MatchesView | None:
    if words is None:
        return None
    return await match_words(visit.call, WordsGiven(text=words))


async def _callers(visit: Visit, learnt: list[AliasView]) -> Mapping[str, str]:
    """Return the names of the customers whose words were learnt, by their ids."""
    ids = {each.contact_id for each in learnt if each.contact_id is not None}
    names = await names_of_contacts(visit.connection, visit.tenant.id, ids)
    nameless = visit.say("catalog.one_customer")
    return {each: names.get(each, nameless) for each in ids}
