"""Changing what a tenant is called and where it is. Nothing here commits."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import TenantEntry, load_tenants
from bot.inbox.checking import (
    InvalidAccount,
    check_country,
    check_currency,
    check_language,
    check_name,
    check_timezone,
)
from catalog.table import product, tenant
from orders import Shop
from orders.table import draft, order


async def change_tenant(
    connection: AsyncConnection,
    tenant_id: str,
    given: Mapping[str, str],
    *,
    now: datetime,
) -> TenantEntry:
    """Set name, language, timezone, country or currency; return the tenant.

    The currency can change only while nothing has an amount in it: no order, no draft,
    no product and no shop rule. Raises InvalidAccount naming the field.
    """
    entry = (await load_tenants(connection, [tenant_id]))[tenant_id]
    before = entry.tenant
    checks: dict[str, Callable[[str], str]] = {
        "name": check_name,
        "language": check_language,
        "timezone": check_timezone,
        "country": check_country,
        "currency": lambda currency: check_currency(currency, now),
    }
    values = {name: checks[name](value) for name, value in given.items()}
    await connection.execute(
        select(tenant.c.id).where(tenant.c.id == tenant_id).with_for_update()
    )
    if values.get("name", before.name) != before.name:
        await _check_free(connection, tenant_id, values["name"])
    if values.get("currency", before.currency) != before.currency:
        await _check_no_amount(connection, tenant_id, before.currency, entry.shop)
    if values:
        await connection.execute(
            update(tenant).where(tenant.c.id == tenant_id).values(values)
        )
    return (await load_tenants(connection, [tenant_id]))[tenant_id]


async def may_change_currency(connection: AsyncConnection, entry: TenantEntry) -> bool:
    """Return whether nothing of a tenant has an amount in its currency yet."""
    now = entry.tenant
    try:
        await _check_no_amount(connection, now.id, now.currency, entry.shop)
    except InvalidAccount:
        return False
    return True


async def _check_free(connection: AsyncConnection, tenant_id: str, name: str) -> None:
    other = await connection.execute(
        select(tenant.c.id).where(
            func.lower(tenant.c.name) == name.lower(), tenant.c.id != tenant_id
        )
    )
    if other.first() is not None:
        raise InvalidAccount("name", "another shop here has this name; choose another")


async def _check_no_amount(
    connection: AsyncConnection, tenant_id: str, currency: str, shop: Shop
) -> None:
    placed = await connection.execute(
        select(order.c.id).where(order.c.tenant_id == tenant_id).limit(1)
    )
    begun = await connection.execute(
        select(draft.c.id)
        .where(draft.c.tenant_id == tenant_id, draft.c.version > 0)
        .limit(1)
    )
    priced = await connection.execute(
        select(product.c.id).where(product.c.tenant_id == tenant_id).limit(1)
    )
    for what, found in (("orders", placed), ("drafts", begun), ("products", priced)):
        if found.first() is not None:
            raise InvalidAccount(
                "currency", f"it stays {currency}: there are {what} in it already"
            )
    if _has_amounts(shop):
        raise InvalidAccount(
            "currency",
            f"it stays {currency}: the shop rules hold amounts in it; take them out",
        )


def _has_amounts(shop: Shop) -> bool:
    """Return whether any rule is an amount of money."""
    amounts = [
        shop.delivery_fee,
        shop.free_delivery_from,
        shop.minimum_order,
        shop.approval_from,
        shop.humans.asked_from,
        *(each.when.total_from for each in shop.fields.needs),
        *(each.when.total_from for each in shop.fields.own),
    ]
    for area in shop.areas:
        amounts += [area.fee, area.minimum_order, area.free_from]
    return any(amounts)
