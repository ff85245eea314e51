"""Akinon's face: channels, products, and what only this face knows of a channel."""

from pydantic import Field

from bot.inbox.lines import list_channels
from bot.web.api.call import Call
from bot.web.api.problems import CONFLICT
from bot.web.api.roles import ORDERING
from bot.web.faces.akinon_face import (
    PATH,
    ChannelNumber,
    Part,
    endpoints,
    known_channel,
    numbered,
    taken,
)
from catalog.listing import Wanted, list_products
from orders.domain.ids import Face as System
from orders.domain.ids import Kind, Thing
from orders.faces.akinon_reference import (
    ChannelTold,
    Listed,
    ProductTold,
    ReferenceGiven,
    ReferenceTold,
    RefKind,
    product_told,
    sellables,
)
from orders.ids import give_id
from orders.references import Place, Reference, add_reference, list_references


@endpoints.get("/api/v1/channels/", roles=ORDERING, own_transaction=True)
async def akinon_list_channels(call: Call, query: Part) -> Listed[ChannelTold]:
    """List the shop's channels, with their numbers."""
    async with call.runtime.database.reading() as connection:
        found, total = await list_channels(
            connection, call.tenant_id, limit=query.limit, offset=query.offset
        )
    things = [Thing(Kind.CHANNEL, each.id) for each in found]
    numbers = await numbered(call, things)
    told = [
        ChannelTold(pk=int(numbers[thing]), name=each.external_id, kind=each.kind)
        for thing, each in zip(things, found, strict=True)
    ]
    return Listed(count=total, next=query.following(total), results=told)


# -- products and the rest ------------------------------------------------------------


class ProductsWanted(Part):
    """Which products."""

    sku: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Of a product, or of one of its variants.",
    )


@endpoints.get(f"{PATH}/products/", roles=ORDERING, own_transaction=True)
async def akinon_list_products(
    call: Call, channel_id: ChannelNumber, query: ProductsWanted
) -> Listed[ProductTold]:
    """List what can be ordered: products, and the variants of those that have some.

    `count` and `limit` count products: a page holds all variants of each.
    """
    async with call.runtime.database.reading() as connection:
        await known_channel(call, connection, channel_id)
        found, total = await list_products(
            connection,
            call.tenant_id,
            Wanted(sku=query.sku, active=True),
            limit=query.limit,
            offset=query.offset,
        )
    names = {name: each for each in found for name in sellables(each.product)}
    numbers = await numbered(call, [Thing(Kind.PRODUCT, name) for name in names])
    told = [
        product_told(numbers[Thing(Kind.PRODUCT, name)], each.product, name, each.held)
        for name, each in names.items()
    ]
    variants = [each for each in told if query.sku in {None, each.sku}]
    return Listed(count=total, next=query.following(total), results=variants or told)


class ReferencesWanted(Part):
    """Which of them."""

    slug: str | None = Field(None, min_length=1, max_length=100)


async def _listed(
    call: Call, channel_id: int, kind: RefKind, query: ReferencesWanted
) -> Listed[ReferenceTold]:
    async with call.runtime.database.reading() as connection:
        channel = await known_channel(call, connection, channel_id)
        found, total = await list_references(
            connection,
            Place(call.tenant_id, System.AKINON, channel, kind),
            slug=query.slug,
            limit=query.limit,
            offset=query.offset,
        )
    numbers = await numbered(call, [Thing(kind, each.id) for each in found])
    told = [_reference_told(numbers[Thing(kind, each.id)], each) for each in found]
    return Listed(count=total, next=query.following(total), results=told)


async def _made(
    call: Call, channel_id: int, kind: RefKind, body: ReferenceGiven
) -> ReferenceTold:
    connection, tenant_id = call.connection, call.tenant_id
    channel = await known_channel(call, connection, channel_id)
    made = Reference(
        id=call.new_id("ref"),
        channel=channel,
        kind=kind,
        slug=body.slug,
        name=body.name,
        created_at=call.now,
        data=body.model_dump(
            mode="json", include={"first_refund_strategy", "extra_field"}
        ),
    )
    number = await give_id(
        connection, tenant_id, System.AKINON, kind, made.id, now=call.now
    )
    stored = await add_reference(
        connection,
        Place(tenant_id, System.AKINON, channel, kind),
        id=made.id,
        slug=made.slug,
        name=made.name,
        data=made.data,
        now=call.now,
    )
    if not stored:
        raise taken("slug", body.slug)
    call.note(target=made.id, kind=kind.value)
    return _reference_told(number, made)


def _reference_told(number: str, found: Reference) -> ReferenceTold:
    return ReferenceTold.model_validate(
        {
            **found.data,
            "pk": int(number),
            "channel": int(found.channel),
            "slug": found.slug,
            "name": found.name,
        }
    )


@endpoints.get(f"{PATH}/payment_options/", roles=ORDERING, own_transaction=True)
async def akinon_list_payment_options(
    call: Call, channel_id: ChannelNumber, query: ReferencesWanted
) -> Listed[ReferenceTold]:
    """List a channel's payment options."""
    return await _listed(call, channel_id, RefKind.PAYMENT_OPTION, query)


@endpoints.post(
    f"{PATH}/payment_options/", roles=ORDERING, status=201, raises=(CONFLICT,)
)
async def akinon_create_payment_option(
    call: Call, channel_id: ChannelNumber, body: ReferenceGiven
) -> ReferenceTold:
    """Make a payment option of a channel."""
    return await _made(call, channel_id, RefKind.PAYMENT_OPTION, body)


@endpoints.get(f"{PATH}/cargo_companies/", roles=ORDERING, own_transaction=True)
async def akinon_list_cargo_companies(
    call: Call, channel_id: ChannelNumber, query: ReferencesWanted
) -> Listed[ReferenceTold]:
    """List a channel's cargo companies."""
    return await _listed(call, channel_id, RefKind.CARGO_COMPANY, query)


@endpoints.post(
    f"{PATH}/cargo_companies/", roles=ORDERING, status=201, raises=(CONFLICT,)
)
async def akinon_create_cargo_company(
    call: Call, channel_id: ChannelNumber, body: ReferenceGiven
) -> ReferenceTold:
    """Make a cargo company of a channel."""
    return await _made(call, channel_id, RefKind.CARGO_COMPANY, body)


@endpoints.get(f"{PATH}/price_lists/", roles=ORDERING, own_transaction=True)
async def akinon_list_price_lists(
    call: Call, channel_id: ChannelNumber, query: ReferencesWanted
) -> Listed[ReferenceTold]:
    """List a channel's price lists."""
    return await _listed(call, channel_id, RefKind.PRICE_LIST, query)


@endpoints.post(f"{PATH}/price_lists/", roles=ORDERING, status=201, raises=(CONFLICT,))
async def akinon_create_price_list(
    call: Call, channel_id: ChannelNumber, body: ReferenceGiven
) -> ReferenceTold:
    """Make a price list of a channel."""
    return await _made(call, channel_id, RefKind.PRICE_LIST, body)


@endpoints.get(f"{PATH}/stock_lists/", roles=ORDERING, own_transaction=True)
async def akinon_list_stock_lists(
    call: Call, channel_id: ChannelNumber, query: ReferencesWanted
) -> Listed[ReferenceTold]:
    """List a channel's stock lists."""
    return await _listed(call, channel_id, RefKind.STOCK_LIST, query)


@endpoints.post(f"{PATH}/stock_lists/", roles=ORDERING, status=201, raises=(CONFLICT,))
async def akinon_create_stock_list(
    call: Call, channel_id: ChannelNumber, body: ReferenceGiven
) -> ReferenceTold:
    """Make a stock list of a channel."""
    return await _made(call, channel_id, RefKind.STOCK_LIST, body)
