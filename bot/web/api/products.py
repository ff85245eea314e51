"""Products: what the shop sells, one by one."""

from dataclasses import replace

from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.finding import index_of
from bot.web.api.models import Id
from bot.web.api.problems import (
    CONFLICT,
    VERSION_CONFLICT,
    Problem,
    not_found,
    version_conflict,
)
from bot.web.api.product_bodies import (
    ProductChangeGiven,
    ProductGiven,
    ProductsWanted,
    changed,
)
from bot.web.api.product_views import ProductPage, ProductView, product_view
from bot.web.api.roles import PRODUCTS_READ, PRODUCTS_WRITE
from catalog import Match, Product
from catalog.changing import lock_catalog
from catalog.domain.taught import candidates_of
from catalog.importing import currency_of
from catalog.listing import Listed, Wanted, find_listed, list_products
from catalog.lookup import find_products
from catalog.store import upsert_products

endpoints = Endpoints(
    "products",
    "What the shop sells. Prices are in the shop's currency; a SKU is unique among"
    " products and variants.",
)


@endpoints.get("/v1/products", roles=PRODUCTS_READ)
async def list_of_products(call: Call, query: ProductsWanted) -> ProductPage:
    """List products, or search them.

    Without `q`: oldest first. With `q`: those that a customer's words may mean, with
    the probability of each and what fits; the filters narrow what was found.
    """
    wanted = Wanted(query.sku, query.category, query.active)
    if query.q is None:
        found, total = await list_products(
            call.connection,
            call.tenant_id,
            wanted,
            limit=query.limit,
            offset=query.offset,
        )
        views = [product_view(each) for each in found]
        return ProductPage(data=views, total=total, outcome=None)
    match = (await index_of(call)).find(query.q)
    candidates = {each.product_id: each for each in reversed(candidates_of(match))}
    known = await find_listed(call.connection, call.tenant_id, list(candidates))
    hits = [
        product_view(known[product_id], candidate)
        for product_id, candidate in reversed(candidates.items())
        if product_id in known and _fits(known[product_id].product, wanted)
    ]
    page = hits[query.offset : query.offset + query.limit]
    return ProductPage(data=page, total=len(hits), outcome=_outcome(match))


@endpoints.get("/v1/products/{product_id}", roles=PRODUCTS_READ)
async def read_product(call: Call, product_id: Id) -> ProductView:
    """Read a product."""
    return product_view(await _known(call, product_id))


@endpoints.post("/v1/products", roles=PRODUCTS_WRITE, status=201, raises=(CONFLICT,))
async def create_product(call: Call, body: ProductGiven) -> ProductView:
    """Create a product, with its variants and options.

    Many at once are better imported: see `POST /v1/products/imports`.
    """
    await lock_catalog(call.connection, call.tenant_id)
    bare = Product(
        id=call.new_id("prd"),
        sku=body.sku,
        name=body.name,
        price=None,
        currency=await currency_of(call.connection, call.tenant_id),
    )
    every = frozenset(type(body).model_fields)
    return await _store(call, changed(bare, body, every), known=None)


@endpoints.patch(
    "/v1/products/{product_id}",
    roles=PRODUCTS_WRITE,
    raises=(CONFLICT, VERSION_CONFLICT),
)
async def update_product(
    call: Call, product_id: Id, body: ProductChangeGiven
) -> ProductView:
    """Change a product.

    Drafts that hold it are priced anew; orders keep what they say. Variants that are
    sent become exactly those of the product: known SKUs keep their ids.
    """
    await lock_catalog(call.connection, call.tenant_id)
    known = await _known(call, product_id, to_change=True)
    if body.version is not None and body.version != known.version:
        raise version_conflict(
            "product", product_id, sent=body.version, newest=known.version
        )
    sent = frozenset(body.model_fields_set)
    call.note(fields=sorted(sent))
    return await _store(call, changed(known.product, body, sent), known=known)


@endpoints.delete("/v1/products/{product_id}", roles=PRODUCTS_WRITE)
async def deactivate_product(call: Call, product_id: Id) -> None:
    """Take a product off the shelf.

    It can be read, and activated again; orders keep what they say.
    """
    await lock_catalog(call.connection, call.tenant_id)
    known = await _known(call, product_id, to_change=True)
    await _write(call, replace(known.product, active=False))


async def _known(call: Call, product_id: str, *, to_change: bool = False) -> Listed:
    found = await find_listed(
        call.connection, call.tenant_id, [product_id], to_change=to_change
    )
    if product_id not in found:
        raise not_found("product", product_id)
    return found[product_id]


async def _store(call: Call, product: Product, *, known: Listed | None) -> ProductView:
    """Store a product whose SKUs are its own; return it as it is then."""
    skus = [product.sku, *(form.sku for form in product.variants)]
    for other in await find_products(call.connection, call.tenant_id, skus=skus):
        if known is None or other.id != known.product.id:
            theirs = {other.sku, *(form.sku for form in other.variants)}
            sku = next(sku for sku in skus if sku in theirs)
            raise Problem(
                CONFLICT,
                f"the SKU {sku!r} belongs to the product {other.id}: change that one,"
                " or use another SKU",
            )
    await _write(call, product)
    return product_view(await _known(call, product.id))


async def _write(call: Call, product: Product) -> None:
    await upsert_products(
        call.connection, call.tenant_id, [product], new_id=call.new_id, now=call.now
    )


def _outcome(match: Match) -> str:
    return type(match).__name__.lower()


def _fits(product: Product, wanted: Wanted) -> bool:
    skus = {product.sku, *(form.sku for form in product.variants)}
    return (
        (wanted.sku is None or wanted.sku in skus)
        and (wanted.category is None or wanted.category == product.category)
        and (wanted.active is None or wanted.active == product.active)
    )
