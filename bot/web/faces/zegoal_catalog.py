"""Zegoal's `AddCatalogPosition` and `GetOrderingCatalog`: what orders name."""

from bot.web.api.call import Call
from bot.web.api.problems import CONFLICT, FORBIDDEN, NOT_FOUND
from bot.web.api.roles import PRODUCTS_READ, PRODUCTS_WRITE
from bot.web.faces.zegoal import done, place_of, refused
from bot.web.faces.zegoal_orders import endpoints as endpoints  # noqa: PLC0414  # more
from catalog.changing import lock_catalog, upsert_products
from catalog.domain.product import Product, Variant
from catalog.listing import Wanted, categories, list_products
from catalog.lookup import find_products
from orders.domain.ids import Face, Kind, Thing
from orders.faces.zegoal import (
    AddCatalogPositionGiven,
    GetOrderingCatalogGiven,
)
from orders.faces.zegoal_answers import (
    AddCatalogPositionAnswer,
    AddCatalogPositionTold,
    CatalogPositionTold,
    CatalogResponse,
    DictionariesTold,
    GetOrderingCatalogAnswer,
    GetOrderingCatalogTold,
    PositionResponse,
)
from orders.faces.zegoal_telling import (
    catalog_position,
    enriched_position,
    new_product,
    product_things,
)
from orders.faces.zegoal_words import TYPES, UNITS, Code, product_type, written
from orders.ids import give_id, give_ids, resolve_id

_MOST_CATEGORIES = 1000


@endpoints.post(
    "/AddCatalogPosition",
    roles=PRODUCTS_WRITE,
    raises=(FORBIDDEN, CONFLICT),
)
async def zegoal_add_catalog_position(
    call: Call, body: AddCatalogPositionGiven
) -> AddCatalogPositionAnswer:
    """Add a position to the catalog, for orders to name."""
    place = await place_of(call, body.tenant)
    await lock_catalog(call.connection, call.tenant_id)
    product_id = call.new_id("prd")
    number = await give_id(
        call.connection,
        call.tenant_id,
        Face.ZEGOAL,
        Kind.PRODUCT,
        product_id,
        now=call.now,
    )
    # A product has a code of its own here.
    code = (body.code or "").strip() or f"zegoal-{number}"
    if await find_products(call.connection, call.tenant_id, skus=[code]):
        words = f"{code!r} is the code of another position: use another one"
        raise refused(Code.CONFLICT, ("code", words))
    made = new_product(body, product_id=product_id, code=code, currency=place.currency)
    if not isinstance(made, Product):
        raise refused(Code.INVALID_FIELD, made)
    await upsert_products(
        call.connection, call.tenant_id, [made], new_id=call.new_id, now=call.now
    )
    call.note(product_id, number=int(number))
    return AddCatalogPositionAnswer(
        processing_result=done(call, "Catalog position is added."),
        processing_date=written(call.runtime.clock(), place.zone),
        AddCatalogPosition=AddCatalogPositionTold(
            response=PositionResponse(
                tenant=body.tenant,
                catalog_position=catalog_position(made, None, int(number)),
                TZ=place.zone,
            ),
            request=body.sent,
            enriched_request=enriched_position(body, place, code),
        ),
    )


@endpoints.post(
    "/GetOrderingCatalog", roles=PRODUCTS_READ, raises=(FORBIDDEN, NOT_FOUND)
)
async def zegoal_get_ordering_catalog(
    call: Call, body: GetOrderingCatalogGiven
) -> GetOrderingCatalogAnswer:
    """List positions of the catalog, and the words that it is written in.

    A product that comes in several forms has a position for each.
    """
    place = await place_of(call, body.tenant)
    actual = body.is_actual is not False
    ours = await _named(call, body.catalog_position_id)
    found, total = await list_products(
        call.connection,
        call.tenant_id,
        Wanted(
            sku=body.catalog_position_code or None,
            category=body.category or None,
            active=actual,
            ids=None if ours is None else {ours.partition("/")[0]},
            external_id=body.catalog_position_ext_code or None,
            type=product_type(body.type) if body.type else None,
        ),
        limit=body.limit,
        offset=body.offset,
    )
    there = [
        (thing, each.product, form)
        for each in found
        for thing, form in product_things(each.product).items()
        if _is_meant(body, ours, thing, each.product, form)
    ]
    full = {"is_actual": True, **body.sent, "tenant": place.called}
    return GetOrderingCatalogAnswer(
        processing_result=done(call, "Ordering catalog is listed."),
        processing_date=written(call.runtime.clock(), place.zone),
        GetOrderingCatalog=GetOrderingCatalogTold(
            response=CatalogResponse(
                tenant=body.tenant,
                catalog_positions=await _told(call, there),
                total=total,
                dictionaries=DictionariesTold(
                    OrderingCatalogType=list(TYPES),
                    OrderingCatalogCategory=await categories(
                        call.connection, call.tenant_id, limit=_MOST_CATEGORIES
                    ),
                    Units=list(UNITS),
                ),
                TZ=place.zone,
            ),
            request=body.sent,
            enriched_request=full,
        ),
    )


async def _named(call: Call, number: int | None) -> str | None:
    """Return our id of a position that is named. Raises Problem."""
    if number is None:
        return None
    ours = await resolve_id(
        call.connection, call.tenant_id, Face.ZEGOAL, Kind.PRODUCT, str(number)
    )
    if ours is None:
        words = f"the catalog has no position {number}"
        raise refused(Code.POSITION_NOT_FOUND, ("catalog_position_id", words))
    return ours


def _is_meant(
    body: GetOrderingCatalogGiven,
    ours: str | None,
    thing: Thing,
    product: Product,
    form: Variant | None,
) -> bool:
    """Return whether one of a product's forms is meant where one is named."""
    if form is None:
        return True
    code, external = body.catalog_position_code, body.catalog_position_ext_code
    return (
        (ours is None or ours in {thing.internal_id, product.id})
        and (not code or code in {form.sku, product.sku})
        and (not external or external in {form.external_id, product.external_id})
    )


async def _told(
    call: Call, there: list[tuple[Thing, Product, Variant | None]]
) -> list[CatalogPositionTold]:
    numbers = await give_ids(
        call.connection,
        call.tenant_id,
        Face.ZEGOAL,
        [thing for thing, _, _ in there],
        now=call.now,
    )
    return [
        catalog_position(product, form, int(numbers[thing]))
        for thing, product, form in there
    ]
