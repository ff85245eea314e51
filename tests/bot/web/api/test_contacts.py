"""Contacts over the API: found, exported, erased; customers corrected."""

import io
import json
import zipfile
from typing import Any

import pytest

from bot.inbox.api_table import audit
from bot.inbox.table import contact, contact_alias, message
from tests.api import Api
from tests.bot.web.api.things import a_person, an_order_of
from tests.bot.web.entrance import body


async def test_a_contact_is_listed_with_what_it_is_known_by(api: Api) -> None:
    person = await a_person(api)
    assert person["name"] == "Ana"
    assert {"kind": "wa_id", "value": "905551112233"} in person["aliases"]
    assert person["channel_kind"] == "whatsapp"
    assert person["erased_at"] is None
    assert await api.agent.read(f"/v1/contacts/{person['id']}") == person


@pytest.mark.parametrize(
    ("search", "found"),
    [("an", 1), ("ANA", 1), ("90555", 1), ("%2B90555", 1), ("Ben", 0), ("%25", 0)],
)
async def test_contacts_are_found_by_name_and_number(
    api: Api, search: str, found: int
) -> None:
    await a_person(api)
    answer = await api.agent.read("/v1/contacts", search=search)
    assert answer["total"] == len(answer["data"]) == found


async def test_an_export_is_a_file_with_all_that_is_known(api: Api) -> None:
    person = await a_person(api)
    await an_order_of(api, person)
    answer = await api.admin.post(f"/v1/contacts/{person['id']}/export")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert f'filename="{person["id"]}.zip"' in answer.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.raw))
    (known,) = json.loads(archive.read("contact.json"))["contacts"]
    assert known["messages"][0]["content"]["text"] == "2 latte"
    assert known["orders"][0]["body"]["name"] == "Ada Lovelace"
    (entry,) = await api.entrance.rows(audit)
    assert (entry.action, entry.target) == ("export_contact", person["id"])
    assert (entry.actor, entry.details) == ("key:key_admin", {"files": 0})


async def test_an_erased_contact_is_a_shell_and_its_orders_are_nobodys(
    api: Api,
) -> None:
    person = await a_person(api)
    order = await an_order_of(api, person)
    answer = await api.admin.post(f"/v1/contacts/{person['id']}/erase")
    assert answer.status == 200, answer.raw
    report = answer.body
    assert report["removed"]["messages"] == 1
    assert report["orders"] == 1
    assert report["open_orders"] == [order.id]
    shell = await api.agent.read(f"/v1/contacts/{person['id']}")
    assert (shell["name"], shell["aliases"]) == (None, [])
    assert shell["erased_at"] == report["erased_at"]
    kept = await api.agent.read(f"/v1/orders/{order.id}")
    assert (kept["name"], kept["phone"]) == (report["pseudonym"], None)
    assert kept["totals"]["grand_total"]["amount"] == "171.00"
    again = await api.admin.post(f"/v1/contacts/{person['id']}/erase")
    assert (again.status, again.body["removed"]) == (200, {})
    entries = await api.entrance.rows(audit)
    assert {(each.action, each.target) for each in entries} == {
        ("erase_known_contact", person["id"])
    }
    assert "Ana" not in str(entries)


async def test_the_same_webhook_after_the_erasure_stores_nothing(api: Api) -> None:
    person = await a_person(api)
    await api.admin.post(f"/v1/contacts/{person['id']}/erase")
    assert await api.entrance.post(body("wamid.1")) == 200
    assert await api.entrance.rows(message) == []
    assert await api.entrance.rows(contact_alias) == []


async def test_only_admins_export_and_erase(quick_api: Api) -> None:
    person = await a_person(quick_api)
    for caller in (quick_api.agent, quick_api.manager, quick_api.integration):
        for act in ("export", "erase"):
            answer = await caller.post(f"/v1/contacts/{person['id']}/{act}")
            assert (answer.status, answer.kind) == (403, "forbidden")


async def test_another_shop_finds_nobody(quick_api: Api) -> None:
    person = await a_person(quick_api)
    customer = await a_customer(quick_api, person)
    assert (await quick_api.ben.read("/v1/contacts"))["total"] == 0
    assert (await quick_api.ben.read("/v1/customers"))["total"] == 0
    for method, path in (
        ("GET", f"/v1/contacts/{person['id']}"),
        ("POST", f"/v1/contacts/{person['id']}/export"),
        ("POST", f"/v1/contacts/{person['id']}/erase"),
        ("GET", f"/v1/customers/{customer['id']}"),
        ("GET", f"/v1/customers/{customer['id']}/addresses"),
        ("PATCH", f"/v1/customers/{customer['id']}"),
    ):
        sent = {"name": "Ben"} if method == "PATCH" else None
        answer = await quick_api.ben(method, path, sent)
        assert (answer.status, answer.kind) == (404, "not-found"), path
    assert (await quick_api.agent.read(f"/v1/contacts/{person['id']}"))["name"] == "Ana"


# -- customers ------------------------------------------------------------------------


async def a_customer(api: Api, person: Any) -> Any:
    await an_order_of(api, person)
    found = await api.agent.read("/v1/customers", contact_id=person["id"])
    return found["data"][0]


async def test_a_first_order_makes_a_customer_with_an_address(api: Api) -> None:
    person = await a_person(api)
    customer = await a_customer(api, person)
    assert (customer["name"], customer["phone"]) == ("Ada Lovelace", "+905321234567")
    known = await api.agent.read(f"/v1/contacts/{person['id']}")
    assert known["customer_id"] == customer["id"]
    path = f"/v1/customers/{customer['id']}/addresses"
    (address,) = (await api.agent.read(path))["data"]
    assert address["is_default"] is True
    assert address["address"]["text"] == "Lale Sokak 5, Kadikoy, Istanbul"
    for search in ("love", "%2B90532"):
        found = await api.integration.read("/v1/customers", search=search)
        assert found["total"] == 1


async def test_a_customer_is_corrected_field_by_field(api: Api) -> None:
    customer = await a_customer(api, await a_person(api))
    path = f"/v1/customers/{customer['id']}"
    changed = await api.agent(
        "PATCH", path, {"email": "ada@example.com", "external_id": "ERP-1"}
    )
    assert changed.status == 200, changed.raw
    assert changed.body["updated_at"] is not None
    expected = customer | {
        "email": "ada@example.com",
        "external_id": "ERP-1",
        "entity_version": 2,
        "updated_at": changed.body["updated_at"],
    }
    assert changed.body == expected == await api.agent.read(path)
    emptied = await api.agent("PATCH", path, {"email": None})
    assert emptied.body == expected | {
        "email": None,
        "entity_version": 3,
        "updated_at": emptied.body["updated_at"],
    }
    found = await api.agent.read("/v1/customers", external_id="ERP-1")
    assert found["total"] == 1


async def test_an_id_of_the_other_system_belongs_to_one_customer(api: Api) -> None:
    first = await a_customer(api, await a_person(api))
    other = await a_person(api, "wamid.2", **{"from": "905559998877"})
    second = await a_customer(api, other)
    taken = {"external_id": "ERP-1"}
    await api.agent("PATCH", f"/v1/customers/{first['id']}", taken)
    answer = await api.agent("PATCH", f"/v1/customers/{second['id']}", taken)
    assert (answer.status, answer.kind) == (409, "conflict")
    assert first["id"] in answer.body["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("email", "ada"), ("phone", "0532"), ("external_id", "")],
)
async def test_what_a_customer_cannot_have_is_refused(
    quick_api: Api, field: str, value: str
) -> None:
    customer = await a_customer(quick_api, await a_person(quick_api))
    answer = await quick_api.agent(
        "PATCH", f"/v1/customers/{customer['id']}", {field: value}
    )
    assert (answer.status, answer.kind) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == field


async def test_an_opt_in_is_recorded_with_when_and_how_and_taken_back(api: Api) -> None:
    person = await a_person(api)
    assert (person["opted_in_at"], person["opted_in_how"]) == (None, None)
    path = f"/v1/contacts/{person['id']}/opt-in"
    answer = await api.agent("PUT", path, {"how": "form on the web site"})
    assert answer.status == 200
    assert answer.body["opted_in_how"] == "form on the web site"
    assert answer.body["opted_in_at"] is not None
    assert (await api.agent("PUT", path, {"how": ""})).status == 422
    assert (await api.agent("DELETE", path)).status == 204
    again = await api.agent.read(f"/v1/contacts/{person['id']}")
    assert again["opted_in_at"] is None
    nobody = await api.agent("PUT", "/v1/contacts/con_nobody/opt-in", {"how": "form"})
    assert nobody.status == 404


async def test_an_agent_merges_two_contacts_that_are_one_person(quick_api: Api) -> None:
    api = quick_api
    first = await a_person(api)
    second = await a_person(api, "wamid.2", **{"from": "905559998877"})
    path = f"/v1/contacts/{first['id']}/merge"
    answer = await api.agent.post(path, {"contact_id": second["id"]})
    assert answer.status == 200, answer.raw
    kept = answer.body
    assert kept["id"] == first["id"]
    assert kept["merged_ids"] == [second["id"]]
    numbers = {each["value"] for each in kept["aliases"] if each["kind"] == "phone"}
    assert numbers == {"+905551112233", "+905559998877"}
    shell = await api.agent.read(f"/v1/contacts/{second['id']}")
    assert (shell["merged_into"], shell["aliases"]) == (first["id"], [])
    assert (await api.agent.read("/v1/contacts"))["total"] == 1
    assert (await api.agent.read("/v1/conversations"))["total"] == 1
    (entry,) = await api.entrance.rows(audit)
    assert (entry.action, entry.target) == ("merge_known_contacts", first["id"])
    assert entry.details["merged"] == second["id"]
    again = await api.agent.post(path, {"contact_id": second["id"]})
    assert (again.status, again.body["errors"][0]["field"]) == (422, "contact_id")
    alone = await api.agent.post(path, {"contact_id": first["id"]})
    assert alone.status == 422
    nobody = await api.agent.post(path, {"contact_id": "con_nobody"})
    assert nobody.status == 404


async def test_all_of_a_merged_person_is_exported_and_erased(quick_api: Api) -> None:
    api = quick_api
    first = await a_person(api)
    second = await a_person(api, "wamid.2", **{"from": "905559998877"})
    order = await an_order_of(api, second)
    merging = {"contact_id": second["id"]}
    await api.agent.post(f"/v1/contacts/{first['id']}/merge", merging)
    answer = await api.admin.post(f"/v1/contacts/{second['id']}/export")
    archive = zipfile.ZipFile(io.BytesIO(answer.raw))
    (known,) = json.loads(archive.read("contact.json"))["contacts"]
    assert {row["id"] for row in known["contact"]} == {first["id"], second["id"]}
    assert len(known["messages"]) == 2
    assert [row["id"] for row in known["orders"]] == [order.id]
    gone = await api.admin.post(f"/v1/contacts/{second['id']}/erase")
    assert gone.body["contact_id"] == first["id"]
    assert gone.body["removed"]["messages"] == 2
    assert gone.body["orders"] == 1
    assert await api.entrance.rows(contact_alias) == []
    assert await api.entrance.rows(message) == []
    for row in await api.entrance.rows(contact):
        assert (row.name, row.erased_at is not None) == (None, True)
