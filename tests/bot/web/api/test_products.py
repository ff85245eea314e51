"""Products through the API: listed, searched, created, changed, taken off the shelf."""

from decimal import Decimal
from typing import Any

import pytest

from bot.inbox.accounts import Role
from catalog.store import catalog_revision, reserve
from tests.api import Api, Caller
from tests.bot.web.entrance import ANA
from tests.product_files import imported

LATTE: dict[str, Any] = {
    "sku": "LAT",
    "name": "Latte",
    "price": {"amount": "85.50", "currency": "TRY"},
    "category": "Coffee",
    "aliases": ["caffe latte", "a|b"],
    "stock": "12",
    "option_groups": [
        {
            "name": "Milk",
            "values": [
                {"name": "whole milk"},
                {"name": "oat milk", "surcharge": "12.5", "aliases": ["yulaf"]},
            ],
            "default": "Oat Milk",
        }
    ],
}
SHIRT: dict[str, Any] = {
    "sku": "TEE",
    "name": "T-Shirt",
    "price": {"amount": "400", "currency": "TRY"},
    "variants": [
        {"sku": "TEE-RM", "attributes": {"colour": "red", "size": "M"}, "stock": "4"},
        {"sku": "TEE-BM", "attributes": {"colour": "blue", "size": "M"}},
    ],
}


async def create(caller: Caller, body: dict[str, Any], **changes: Any) -> Any:
    answer = await caller.post("/v1/products", {**body, **changes})
    assert answer.status == 201, answer.raw
    return answer.body


async def patch(caller: Caller, product: Any, **body: Any) -> Any:
    return await caller("PATCH", f"/v1/products/{product['id']}", body)


async def revision(api: Api) -> int:
    async with api.runtime.database.reading() as connection:
        return (await catalog_revision(connection, [ANA.tenant_id]))[ANA.tenant_id]


async def test_a_product_is_created_with_all_that_it_says(api: Api) -> None:
    made = await create(api.manager, LATTE, weight_kg="0.35", step="0.5", unit="kg")
    assert made["version"] == 1
    assert made["price"] == {"amount": "85.50", "currency": "TRY"}
    assert (made["step"], made["minimum"], made["default_quantity"]) == ("0.5",) * 3
    assert (made["stock"], made["held"], made["weight_kg"]) == ("12", "0", "0.35")
    assert made["aliases"] == ["caffe latte", "a|b"]
    (group,) = made["option_groups"]
    assert (group["id"], group["default"]) == ("milk", "oat-milk")
    assert [value["surcharge"]["amount"] for value in group["values"]] == [
        *("0.00", "12.50"),
    ]
    assert made["match"] is None
    assert await api.agent.read(f"/v1/products/{made['id']}") == made


async def test_variants_become_exactly_those_sent_and_keep_their_ids(api: Api) -> None:
    made = await create(api.integration, SHIRT)
    red, blue = made["variants"]
    assert (red["name"], red["stock"], blue["stock"]) == ("red, M", "4", None)
    variants = [{**SHIRT["variants"][1], "price": LATTE["price"]}]
    changed = (await patch(api.integration, made, variants=variants)).body
    (form,) = changed["variants"]
    assert form["id"] == blue["id"]
    assert form["price"]["amount"] == "85.50"
    assert changed["version"] == 2
    assert changed["name"] == "T-Shirt", "what is not sent stays"


async def test_a_change_of_an_old_version_is_refused(api: Api) -> None:
    made = await create(api.admin, LATTE)
    dearer = {"amount": "95", "currency": "TRY"}
    first = await patch(api.admin, made, price=dearer, version=1)
    assert (first.status, first.body["version"]) == (200, 2)
    late = await patch(api.admin, made, stock="1", version=1)
    assert (late.status, late.kind) == (409, "version-conflict")
    assert late.body["version"] == 2
    same = await patch(api.admin, made, price=dearer, version=2)
    assert same.body["version"] == 2, "nothing was changed"


async def test_null_empties_a_field(api: Api) -> None:
    made = await create(api.admin, LATTE)
    body: dict[str, Any] = {
        "price": None,
        "stock": None,
        "category": None,
        "aliases": [],
    }
    changed = (await patch(api.admin, made, **body)).body
    assert {name: changed[name] for name in body} == body


async def test_stock_is_what_there_is_whatever_orders_hold(api: Api) -> None:
    made = await create(api.admin, LATTE)
    async with api.runtime.database.transaction() as connection:
        await reserve(connection, {(made["id"], None): Decimal(3)})
    shown = await api.admin.read(f"/v1/products/{made['id']}")
    assert (shown["stock"], shown["held"]) == ("12", "3")
    changed = (await patch(api.admin, made, name="Big latte")).body
    assert (changed["stock"], changed["held"]) == ("12", "3")


async def test_a_product_is_taken_off_the_shelf_and_put_back(api: Api) -> None:
    made = await create(api.admin, LATTE)
    for _ in range(2):
        gone = await api.admin("DELETE", f"/v1/products/{made['id']}")
        assert (gone.status, gone.raw) == (204, b"")
    assert not (await api.admin.read(f"/v1/products/{made['id']}"))["active"]
    assert (await patch(api.admin, made, active=True)).body["active"]


WRONG = [
    ({"price": {"amount": "1", "currency": "EUR"}}, "price", "it must be TRY"),
    ({"price": {"amount": "-1", "currency": "TRY"}}, "price", "cannot be negative"),
    ({"name": " "}, "name", "it is empty: write one"),
    ({"name": "x" * 501}, "name", "write at most 500"),
    ({"gtin": "123"}, "gtin", "is not a GTIN"),
    ({"tax_rate": "101"}, "tax_rate", "from 0 to 100"),
    ({"step": "0.5", "minimum": "0.7"}, "minimum", "not a multiple of the step"),
    ({"step": "0"}, "step", "write a number above 0"),
    ({"unit": "u" * 21}, "unit", "write at most 20"),
    ({"stock": "1234567890"}, "stock", "at most 9 digits"),
    ({"description": "a\u0001"}, "description", "control character"),
    ({"colour": 3}, "colour", "valid string"),
    ({"prize": 3}, "prize", "is not a field here"),
    (
        {"variants": [{"sku": "S", "attributes": {}}]},
        "variants.0.attributes",
        "it is empty: write one",
    ),
    (
        {"variants": [{"sku": "LAT", "attributes": {"a": "b"}}]},
        "variants.0.sku",
        "is given twice",
    ),
    (
        {"option_groups": [{"name": "A", "values": [{"name": "!"}]}]},
        "option_groups.0.values",
        "has no letters or digits",
    ),
    (
        {"option_groups": [{"name": "A", "values": [{"name": "b"}], "default": "c"}]},
        "option_groups.0.default",
        "is none of its values",
    ),
    (
        {"option_groups": [{"name": "A", "values": [{"name": "b"}], "maximum": 2}]},
        "option_groups",
        "does not fit the 1 value(s)",
    ),
]


@pytest.mark.parametrize(("body", "field", "message"), WRONG, ids=lambda v: str(v)[:40])
async def test_a_wrong_field_is_named(
    quick_api: Api, body: dict[str, Any], field: str, message: str
) -> None:
    for answer in (
        await quick_api.admin.post("/v1/products", {**LATTE, **body}),
        await patch(quick_api.admin, await create(quick_api.admin, {**LATTE}), **body),
    ):
        assert (answer.status, answer.kind) == (422, "invalid-request")
        (error,) = answer.body["errors"]
        assert error["field"] == field
        assert message in error["message"]


async def test_a_sku_belongs_to_one_product_or_variant(api: Api) -> None:
    shirt, latte = await create(api.admin, SHIRT), await create(api.admin, LATTE)
    for body in (
        LATTE,
        {**LATTE, "sku": "TEE-RM"},
        {**SHIRT, "sku": "CAP"},
        {
            **SHIRT,
            "sku": "CAP",
            "variants": [{"sku": "LAT", "attributes": {"a": "b"}}],
        },
    ):
        refused = await api.admin.post("/v1/products", body)
        assert (refused.status, refused.kind) == (409, "conflict")
    stolen = await patch(api.admin, latte, variants=SHIRT["variants"])
    assert stolen.status == 409
    assert shirt["id"] in stolen.body["detail"]
    assert (await create(api.ben, LATTE))["sku"] == "LAT", "another shop may have it"


async def test_products_are_listed_and_filtered(api: Api) -> None:
    latte = await create(api.admin, LATTE)
    shirt = await create(api.admin, SHIRT, active=False)
    for wanted, found in (
        ({}, [latte, shirt]),
        ({"active": "false"}, [shirt]),
        ({"category": "Coffee"}, [latte]),
        ({"sku": "TEE-BM"}, [shirt]),
        ({"sku": "TEE"}, [shirt]),
        ({"sku": "NO"}, []),
        ({"limit": 1, "offset": 1}, [shirt]),
    ):
        page = await api.agent.read("/v1/products", **wanted)
        assert page["data"] == found, wanted
        assert page["outcome"] is None
    assert (await api.agent.read("/v1/products", limit=1))["total"] == 2
    assert (await api.ben.read("/v1/products"))["data"] == []


async def test_a_search_says_what_fits_and_how_surely(api: Api) -> None:
    latte = await create(api.admin, LATTE)
    shirt = await create(api.admin, SHIRT)
    found = await api.agent.read("/v1/products", q="2%20latte")
    assert found["outcome"] == "certain"
    first = found["data"][0]
    assert first["id"] == latte["id"]
    assert first["match"]["probability"] > 0.9
    assert first["match"]["why"]
    red = await api.agent.read("/v1/products", q="red%20t-shirt%20m")
    assert red["data"][0]["match"]["variant_id"] == shirt["variants"][0]["id"]
    nothing = await api.agent.read("/v1/products", q="bicycle")
    assert nothing["outcome"] == "unknown"
    await patch(api.admin, latte, name="Flat white", aliases=[])
    renamed = await api.agent.read("/v1/products", q="flat%20white")
    assert renamed["data"][0]["id"] == latte["id"], "the index follows the catalog"
    filtered = await api.agent.read("/v1/products", q="flat%20white", active="false")
    assert (filtered["data"], filtered["total"]) == ([], 0)


async def test_agents_read_products_and_do_not_write_them(quick_api: Api) -> None:
    made = await create(quick_api.admin, LATTE)
    assert (await quick_api.agent.get("/v1/products")).status == 200
    path = f"/v1/products/{made['id']}"
    for answer in (
        await quick_api.agent.post("/v1/products", SHIRT),
        await quick_api.agent("PATCH", path, {"stock": "1"}),
        await quick_api.agent("DELETE", path),
        await quick_api.agent.post("/v1/products/imports", b"x"),
    ):
        assert (answer.status, answer.kind) == (403, "forbidden")
    for role in (Role.MANAGER, Role.ADMIN, Role.INTEGRATION):
        changed = await patch(quick_api.by_role(role), made, stock="1")
        assert changed.status == 200


async def test_another_shops_product_is_not_there(api: Api) -> None:
    made = await create(api.admin, LATTE)
    path = f"/v1/products/{made['id']}"
    for answer in (
        await api.ben.get(path),
        await api.ben("PATCH", path, {"stock": "1"}),
        await api.ben("DELETE", path),
    ):
        assert (answer.status, answer.kind) == (404, "not-found")
        assert answer.body["detail"] == f"there is no product {made['id']!r}"
    assert await api.admin.read(path) == made


async def test_every_change_raises_the_catalogs_revision_once(api: Api) -> None:
    before = await revision(api)
    made = await create(api.admin, LATTE)
    await patch(api.admin, made, stock="3")
    await patch(api.admin, made, stock="3")
    assert await revision(api) == before + 2


async def test_what_the_api_makes_is_imported_from_its_export_unchanged(
    api: Api,
) -> None:
    await create(api.admin, LATTE, name="=1+1")
    await create(api.admin, SHIRT, price=None)
    exported = await api.agent.get("/v1/products/export")
    assert exported.status == 200
    assert exported.headers["Content-Type"] == "text/csv"
    assert 'filename="products.csv"' in exported.headers["Content-Disposition"]
    assert exported.raw.startswith(b"sku,parent_sku,name,price,")
    ended = await imported(api, exported.raw)
    assert (ended["state"], ended["unchanged"]) == ("done", 2)
