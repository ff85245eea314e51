"""A channel of Akinon's with all that an order refers to, made through the face."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from bot.runtime import Runtime
from catalog.store import upsert_products
from orders.domain.ids import Face, Kind, Thing
from orders.ids import adopt_id
from tests.api import Answer, Caller
from tests.factories import a_product, a_shirt

#: The order and the item of the public page "SalesChannelCreateOrder", as printed.
PRINTED: Mapping[str, Any] = {
    "order": {
        "number": "1234567890",
        "channel": 1,
        "status": "cancellation_waiting",
        "date_placed": "2025-01-01T00:00:00Z",
        "customer": 1,
        "shipping_address": 1,
        "billing_address": 1,
        "currency": "try",
        "amount": 100,
        "shipping_amount": 10,
        "shipping_tax_rate": 10,
        "extra_field": {"id": 1, "name": "test"},
        "payment_option": 1,
        "payment_option_slug": "credit_card",
        "bin_number": "123456",
        "installment": 1,
        "installment_count": 1,
        "delivery_type": "same_day",
        "installment_interest_amount": 10,
        "cargo_company": 1,
        "invoice_number": "1234567890",
        "invoice_date": "2025-01-01T00:00:00Z",
        "e_archive_url": "https://e-archive.com/1234567890",
        "refund_amount": 10,
        "discount_refund_amount": 10,
        "shipping_refund_amount": 10,
        "discount_amount": 10,
        "is_send": False,
        "shipping_interest_amount": 10,
        "tracking_number": "1234567890",
        "carrier_shipping_code": "1234567890",
        "remote_addr": "0.0.0.127",
        "fundstransfertransaction_set": [1],
        "has_gift_box": True,
        "gift_box_note": "text",
        "external_status": 1,
        "client_type": "default",
        "language_code": "text",
        "notes": "text",
        "delivery_range": {
            "start": "2025-05-22T09:57:02.290Z",
            "end": "2025-05-22T09:57:02.290Z",
        },
        "shipping_option_slug": "text",
        "segment": "text",
        "modified_date": "2025-05-22T09:57:02.290Z",
        "checkout_provider_id": 1,
        "created_date": "2025-05-22T09:57:02.290Z",
        "cancellation_info": {},
        "defined_tracking_url": "https://tracking.com/1234567890",
    },
    "order_item": [
        {
            "order": 1,
            "product": 1,
            "status": "waiting",
            "price_currency": "try",
            "price": 100,
            "quantity": 1,
            "unit_price": 100,
            "total_price": 100,
            "tax_rate": 10,
            "tax_amount": 10,
            "extra_field": {"id": 1, "name": "test"},
            "price_list": 1,
            "stock_list": 1,
            "shipping_company": "ups",
            "shipment_code": "1234567890",
            "attributes": {},
            "cancel_status": "waiting",
            "installment_interest_amount": 10,
            "is_tradable": False,
            "datasource": 1,
            "localized_attributes": {},
            "localized_attributes_kwargs": {},
            "cancellation_reconciliation": 1,
            "reconciliation": 1,
            "forced_refund": False,
            "original_stock": 1,
            "shipping_option_group": 1,
            "discount_amount": 10,
            "retail_price": 100,
            "image": "binary",
            "parent": 1,
            "estimated_delivery_date": "2025-01-01",
            "defined_tracking_url": "https://tracking.com/1234567890",
            "defined_shipping_company": "ups",
        }
    ],
}
#: What only the printed answer has.
PRINTED_BESIDE: Mapping[str, Any] = {
    "net_shipping_amount": 10,
    "shipping_company": "yurtici",
    "cancel_status": "waiting",
    "installment_free": True,
    "first_refund_strategy": "text",
}
#: Numbers in a body that name something, and may not be any number.
_NAMES = ("customer", "shipping_address", "billing_address")
_OPTIONS = ("payment_option", "cargo_company")
_LISTS = ("price_list", "stock_list")


@dataclass
class Channel:
    """Akinon's software, and a channel that it sells in."""

    caller: Caller
    number: int = 5
    key: str = "co_test_key_integration"
    made: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    async def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Call an address below the channel's."""
        return await self.caller(
            method,
            f"/api/v1/channel/{self.number}/{path}",
            body,
            headers={"Authorization": self.key},
        )

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.call(method, path, body)
        assert answer.status in {200, 201}, answer.raw
        return answer.body

    async def furnish(self) -> "Channel":
        """Make one of everything that an order refers to."""
        make = self.ok
        person = await make(
            "POST",
            "customers/",
            {"channel_code": "C-7", "first_name": "Ada", "last_name": "Yılmaz"},
        )
        where = {
            "customer": person["pk"],
            "remote_id": "A-9",
            "line": "Moda Cad. 5",
            "city": "İstanbul",
            "township": "Kadıköy",
            "first_name": "Can",
            "company_name": "Çay A.Ş.",
            "tax_no": "1234567890",
            "tax_office": "Kadıköy",
        }
        address = await make("POST", "addresses/", where)
        products = await make("GET", "products/?sku=LATTE")
        self.made = {
            "customer": person["pk"],
            "shipping_address": address["pk"],
            "billing_address": address["pk"],
            "product": products["results"][0]["pk"],
        }
        for name, path, given in (
            (
                "payment_option",
                "payment_options/",
                {"slug": "credit_card", "first_refund_strategy": "text"},
            ),
            ("cargo_company", "cargo_companies/", {"slug": "yurtici"}),
            ("price_list", "price_lists/", {"slug": "retail"}),
            ("stock_list", "stock_lists/", {"slug": "istanbul"}),
        ):
            named = {"name": name.replace("_", " "), **given}
            self.made[name] = (await make("POST", path, named))["pk"]
        return self

    def body(self, *, items: int = 1, **changes: Any) -> dict[str, Any]:
        """Return the printed order with numbers that are there, and a fresh `number`.

        `item={...}` changes every item.
        """
        self._count += 1
        of_item = changes.pop("item", {})
        known = {name: self.made[name] for name in (*_NAMES, *_OPTIONS)}
        lists = {name: self.made[name] for name in (*_LISTS, "product")}
        order = {
            **PRINTED["order"],
            "number": f"CH-{self._count}",
            "channel": self.number,
            **known,
            **changes,
        }
        item = {**PRINTED["order_item"][0], **lists, **of_item}
        return {"order": order, "order_item": [item] * items}

    async def wrong(self, body: Any, status: int = 400) -> Mapping[str, list[str]]:
        """Send an order that is refused; return why, by field."""
        answer = await self.call("POST", "create_orders/", body)
        assert answer.status == status, answer.raw
        found: Mapping[str, list[str]] = answer.body
        return found


async def open_channel(
    runtime: Runtime, tenant_id: str, channel_id: str, number: int
) -> None:
    """Give a shop goods, and one of its channels a number."""
    latte = a_product(id=f"latte_{tenant_id}", sku="LATTE", price=Decimal(100))
    shirt = a_shirt()
    forms = tuple(replace(e, id=f"{e.id}_{tenant_id}") for e in shirt.variants)
    goods = [latte, replace(shirt, id=f"shirt_{tenant_id}", variants=forms)]
    now = runtime.clock()
    async with runtime.database.transaction() as connection:
        await upsert_products(
            connection, tenant_id, goods, new_id=runtime.new_id, now=now
        )
        await adopt_id(
            connection,
            tenant_id,
            Face.AKINON,
            Thing(Kind.CHANNEL, channel_id),
            str(number),
            now=now,
        )
