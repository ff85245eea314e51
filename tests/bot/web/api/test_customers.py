"""Customers through the API: who they are, where they live, who buys for them."""

from tests.api import Api
from tests.bot.web.api.things import a_person, an_order_of

WHOLE = {
    "name": "Analytical Engines",
    "first_name": "João",
    "last_name": "Medeiros",
    "email": "ada@example.com",
    "phone": "+5541999999999",
    "phone_country_code": "55",
    "phone_area_code": "41",
    "phone_number": "999999999",
    "gender": "Male",
    "birth_date": "2023-10-09",
    "business": True,
    "company": "Analytical Engines",
    "tax_id": "12.345.678/0001-95",
    "tax_office": "Marylebone",
    "state_tax_id": "PASS",
    "documents": [{"kind": "CPF", "number": "123.456.789-09", "country": "BR"}],
    "external_id": "ERP-1",
}


async def test_a_customer_is_made_read_and_changed_with_all_that_is_known(
    quick_api: Api,
) -> None:
    made = await quick_api.agent.post("/v1/customers", WHOLE)
    assert made.status == 201
    assert {name: made.body[name] for name in WHOLE} == WHOLE
    address = f"/v1/customers/{made.body['id']}"
    assert await quick_api.agent.read(address) == made.body
    change: dict[str, object] = {"gender": None, "documents": [], "entity_version": 1}
    changed = await quick_api.agent("PATCH", address, change)
    assert changed.status == 200
    assert (changed.body["gender"], changed.body["documents"]) == (None, [])
    assert (changed.body["name"], changed.body["entity_version"]) == (WHOLE["name"], 2)
    stale = await quick_api.agent("PATCH", address, change)
    assert (stale.status, stale.kind) == (409, "conflict")
    assert "at version 2, not 1" in stale.body["detail"]
    taken = await quick_api.agent.post("/v1/customers", {"external_id": "ERP-1"})
    assert (taken.status, taken.kind) == (409, "conflict")
    wrong = await quick_api.agent.post("/v1/customers", {"birth_date": "9 October"})
    assert wrong.status == 422


async def test_a_customer_has_addresses_of_which_one_is_the_usual(
    quick_api: Api,
) -> None:
    made = await quick_api.agent.post("/v1/customers", {"name": "Ada"})
    path = f"/v1/customers/{made.body['id']}/addresses"
    for text, default in (("one", None), ("two", None), ("three", True)):
        body = {"address": {"text": text}, "is_default": default}
        assert (await quick_api.agent.post(path, body)).status == 201
    found = await quick_api.agent.read(path)
    told = [(each["address"]["text"], each["is_default"]) for each in found["data"]]
    assert told[0] == ("three", True)
    assert sorted(told[1:]) == [("one", False), ("two", False)]


async def test_several_people_buy_for_one_customer(quick_api: Api) -> None:
    agent = quick_api.agent
    made = await agent.post("/v1/customers", {"name": "Engines"})
    other = await agent.post("/v1/customers", {"name": "Others"})
    path = f"/v1/customers/{made.body['id']}/contacts"
    writer = await a_person(quick_api)
    ada = await agent.post(path, {"name": "Ada", "role": "buyer"})
    grace = await agent.post(path, {"contact_id": writer["id"]})
    assert (ada.status, grace.status) == (201, 201)
    again = f"/v1/customers/{other.body['id']}/contacts"
    taken = await agent.post(again, {"contact_id": writer["id"]})
    assert (taken.status, taken.kind) == (409, "conflict")
    nobody = await agent.post(path, {"contact_id": "nobody"})
    assert nobody.status == 422
    found = await agent.read(path)
    assert sorted(each["id"] for each in found["data"]) == sorted(
        (ada.body["id"], grace.body["id"])
    )
    gone = await agent("DELETE", f"{path}/{ada.body['id']}")
    assert gone.status == 204
    assert (await agent.read(path))["total"] == 1


async def test_an_order_is_paid_leaves_in_parts_and_is_given_back(
    quick_api: Api,
) -> None:
    agent = quick_api.agent
    order = await an_order_of(quick_api)
    path = f"/v1/orders/{order.id}"
    part = {"lines": [{"line_id": "L1", "quantity": "1"}], "message": "van 1"}
    sent = await agent.post(f"{path}/fulfilments", part)
    assert (sent.status, sent.body["state"]) == (200, "partially_shipped")
    assert sent.body["fulfilment_status"] == "partially_fulfilled"
    assert sent.body["lines"][0]["fulfilled"] == "1"
    much = await agent.post(f"{path}/fulfilments", {"lines": [part["lines"][0]] * 2})
    assert (much.status, much.body["errors"][0]["field"]) == (422, "lines")
    rest = await agent.post(f"{path}/fulfilments", {})
    assert (rest.body["state"], rest.body["fulfilment_status"]) == (
        *("shipped", "fulfilled"),
    )
    unpaid = await agent.post(f"{path}/refunds", {})
    assert (unpaid.status, unpaid.kind) == (409, "conflict")
    paid = await agent.post(f"{path}/payment", {"status": "paid"})
    assert (paid.body["payment_status"], paid.body["state"]) == ("paid", "shipped")
    some = {"amount": {"amount": "1.00", "currency": "TRY"}}
    back = await agent.post(f"{path}/refunds", some)
    assert back.body["refunded"] == some["amount"]
    assert back.body["payment_status"] == "partially_refunded"
    stale = await agent.post(f"{path}/return", {"entity_version": 1})
    assert (stale.status, stale.kind) == (409, "conflict")
    assert (await agent.post(f"{path}/return", {})).body["fulfilment_status"] == (
        "returned"
    )
    whole = await agent.post(f"{path}/refunds", {})
    assert (whole.body["payment_status"], whole.body["state"]) == (
        *("refunded", "refunded"),
    )
    history = await agent.read(f"{path}/history")
    kinds = [each["kind"] for each in history["data"]]
    assert kinds.count("refund") == 2
    assert kinds.count("fulfilment") == 3
    (van,) = [each for each in history["data"] if each["message"] == "van 1"]
    assert (van["parts"], van["value"]) == ({"L1": "1"}, "partially_fulfilled")
    listed = await agent.read("/v1/orders")
    assert listed["data"][0]["lines"][0]["fulfilled"] == "2"
