"""A shop with customers who bought, and people who visit them: for tests of advice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select

from bot.inbox.users import add_user
from bot.runtime import Runtime
from catalog.store import load_products, upsert_products
from orders.table import customer, order, order_line
from tests.goods import GOODS


@dataclass(frozen=True)
class Sales:
    """What is there, by our ids. Products are by SKU."""

    client: str
    stranger: str  #: A customer who never bought.
    rep: str
    products: dict[str, str]
    orders: tuple[str, ...]  #: The client's, oldest first.


#: What the client bought each fortnight; the last one is a fortnight ago.
_BASKETS: Sequence[Sequence[str]] = (
    ("LATTE", "BAGEL"),
    ("LATTE", "CHOC"),
    ("LATTE", "BAGEL", "TEA"),
    ("LATTE", "BAGEL"),
    ("LATTE", "TEA"),
    ("LATTE", "BAGEL"),
)
#: What others had: their baskets say what goes together.
_OTHERS: Sequence[Sequence[str]] = (
    ("LATTE", "BUTTER"),
    ("LATTE", "BUTTER", "BAGEL"),
    ("TEA", "WATER"),
    ("BUTTER", "LATTE"),
    ("CHOC", "ALMOND"),
    ("CAKE", "TEA"),
)


async def furnish_sales(runtime: Runtime, tenant_id: str) -> Sales:
    """Put customers, a rep, goods and orders into a tenant's shop."""
    new_id, now = runtime.new_id, runtime.clock()
    async with runtime.database.transaction() as connection:
        await upsert_products(connection, tenant_id, GOODS, new_id=new_id, now=now)
        products = {
            each.sku: each.id for each in await load_products(connection, tenant_id)
        }
        prices = {each.sku: each.price or Decimal(0) for each in GOODS}
        people = [new_id("cus") for _ in range(5)]
        await connection.execute(
            insert(customer),
            [
                {"id": each, "tenant_id": tenant_id, "name": name, "created_at": now}
                for each, name in zip(
                    people, ("Bakkal Veli", "New Corner", "A", "B", "C"), strict=True
                )
            ],
        )
        rep = await add_user(
            connection,
            id=new_id("usr"),
            tenant_id=tenant_id,
            email="rep@shop.example",
            name="Rüya Rep",
            role="agent",
            password_hash="",
            now=now,
        )
        last = (
            await connection.execute(
                select(func.max(order.c.number)).where(order.c.tenant_id == tenant_id)
            )
        ).scalar() or 0
        made: list[str] = []
        told = [(people[0], basket) for basket in _BASKETS]
        told += [(people[2 + i % 3], basket) for i, basket in enumerate(_OTHERS)]
        for place, (who, skus) in enumerate(told):
            order_id = new_id("ord")
            weeks = len(_BASKETS) - place % len(_BASKETS)
            if who == people[0]:
                made.append(order_id)
            row: dict[str, Any] = {
                "id": order_id,
                "tenant_id": tenant_id,
                "number": last + place + 1,
                "draft_id": order_id,
                "draft_version": 1,
                "customer_id": who,
                "state": "delivered",
                "external_id": f"ERP-{last + place + 1}",
                "currency": "TRY",
                "grand_total": 0,
                "body": {},
                "placed_at": now - timedelta(weeks=2 * weeks),
                "updated_at": now,
            }
            await connection.execute(insert(order).values(row))
            await connection.execute(
                insert(order_line),
                [
                    {
                        "order_id": order_id,
                        "line_id": str(number),
                        "tenant_id": tenant_id,
                        "product_id": products[sku],
                        "sku": sku,
                        "quantity": Decimal(4),
                        "total": int(prices[sku] * 400),
                        "reserved": Decimal(0),
                    }
                    for number, sku in enumerate(skus)
                ],
            )
    return Sales(people[0], people[1], rep.id, products, tuple(made))
