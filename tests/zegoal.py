"""Software that was written for Zegoal, and what the page on CreateOrder prints."""

from dataclasses import dataclass
from typing import Any

from bot.inbox.accounts import Role, add_tenant
from orders import Shop
from tests.api import Answer, Api, Caller, a_caller

TENANT = "orderingTenant885"

#: The catalog of the printed answers.
POSITIONS = (
    {"name": "position #552", "default_quantity": 3, "price": 23.1},
    {"name": "position #340", "default_quantity": 3, "price": 23.1},
    {"name": "position #296", "default_quantity": 2, "price": 50},
    {"name": "position #612", "default_quantity": 2, "price": 30},
)
#: The three calls, as their answers echo them.
MINIMAL: dict[str, Any] = {
    "tenant": "orderingtenant885",
    "tel_num": "11122233344455",
    "email": "newCusmoter@email.com",
    "account_id": 1,
    "account_address_id": 1,
}
KNOWN: dict[str, Any] = {
    "tenant": "orderingtenant885",
    "tel_num": "0012232211",
    "start_date": "2020-07-03 09:19:58",
    "order_type": "OnSite",
    "order_status": "Draft",
    "order_positions": [
        {"catalog_position_id": 4},
        {
            "unit": "кг",
            "quantity": 1,
            "product_name": "position #2",
            "product_code": "6205",
            "position_type": "Goods",
            "price": 200.5,
        },
    ],
    "order_description": "order Description",
    "end_date": "2020-07-06 09:19:58",
    "email": "newCusmoter@email.com",
    "customer_name": "NewClient_1",
    "address_text": "a big white building",
    "account_address_id": 1,
}
NEW: dict[str, Any] = {
    "tenant": "orderingtenant885",
    "tel_num": "1112223334",
    "start_date": "2020-07-03 09:26:53",
    "order_type": "OnSite",
    "order_status": "Draft",
    "order_positions": [
        {"catalog_position_id": 1},
        {"catalog_position_id": 2},
        {"catalog_position_id": 3},
    ],
    "order_description": "order Description",
    "external_customer_id": "2",
    "end_date": "2020-07-06 09:26:53",
    "email": "newCusmoter2@email.com",
    "customer_name": "NewClient_2",
    "address_text": "a big white building",
}


@dataclass(frozen=True)
class Zegoal:
    """A caller with a key of one shop."""

    caller: Caller
    tenant: str

    async def call(self, operation: str, body: Any, **headers: str) -> Answer:
        return await self.caller.post(f"/{operation}", body, **headers)

    async def ordered(self, **body: Any) -> Any:
        """Create an order; return the whole answer."""
        answer = await self.call("CreateOrder", {"tenant": self.tenant, **body})
        assert answer.status == 200, answer.raw
        return answer.body

    async def order(self, **body: Any) -> Any:
        """Create an order; return it."""
        told = await self.ordered(**body)
        return told["CreateOrder"]["response"]["order"]

    async def refused(self, **body: Any) -> tuple[int, str, str]:
        """Try to create an order; return status, name and text of the refusal."""
        answer = await self.call("CreateOrder", {"tenant": self.tenant, **body})
        result = answer.body["processing_result"]
        assert result["status"] != "ok", answer.raw
        assert result["code"] != 0
        return answer.status, result["error"], result["text"]

    async def added(self, **position: Any) -> Any:
        """Add a position to the catalog; return it."""
        body = {"tenant": self.tenant, "type": "Goods", **position}
        answer = await self.call("AddCatalogPosition", body)
        assert answer.status == 200, answer.raw
        return answer.body["AddCatalogPosition"]["response"]["catalog_position"]

    async def catalog(self, **filters: Any) -> list[Any]:
        """List the catalog; return its positions."""
        body = {"tenant": self.tenant, **filters}
        answer = await self.call("GetOrderingCatalog", body)
        assert answer.status == 200, answer.raw
        listed: list[Any] = answer.body["GetOrderingCatalog"]["response"][
            "catalog_positions"
        ]
        return listed


async def furnish_zegoal(api: Api, tenant_id: str = "tnt_minsk") -> Zegoal:
    """Open the shop of the printed examples, with its first account and two orders."""
    runtime = api.runtime
    async with runtime.database.transaction() as connection:
        await add_tenant(
            connection,
            id=tenant_id,
            name=TENANT,
            language="ru",
            timezone="Europe/Minsk",
            currency="BYN",
            country="BY",
            shop=Shop(),
            now=runtime.clock(),
        )
    caller = await a_caller(
        runtime,
        api.entrance.url,
        api.entrance.session,
        tenant_id=tenant_id,
        role=Role.INTEGRATION,
        key_id=f"key_{tenant_id}",
    )
    zegoal = Zegoal(caller, TENANT)
    for each in POSITIONS:
        defaults = {key: each[key] for key in ("default_quantity", "price")}
        await zegoal.added(name=each["name"], default_parameters=defaults)
    six = [{"product_name": f"p{n}", "price": 1} for n in range(6)]
    await zegoal.order(
        external_customer_id="1", customer_name="NewClient_1", order_positions=six
    )
    await zegoal.order(account_id=1)
    return zegoal
