"""Ticaret.pro's request for an order: what it may say, and what is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from orders.faces.ticaret import CreateOrderGiven, address_of, quantity_of

#: The body as it is printed, with ids and words in the place of its placeholders.
PRINTED: dict[str, Any] = {
    "customerId": "customer_1",
    "contactId": "contact_1",
    "items": [
        {
            "productId": "product_latte",
            "quantity": 2,
            "variantNote": "grande",
            "metadata": {},
        }
    ],
    "shipping": {},
    "payment": {},
    "notes": "ring",
    "tags": ["vip"],
    "metadata": {},
    "allowDuplicate": False,
}


def read(body: Any) -> CreateOrderGiven:
    return CreateOrderGiven.model_validate_json(json.dumps(body))


def test_the_printed_body_is_taken() -> None:
    body = read(PRINTED)
    assert body.items is not None
    assert quantity_of(body.items[0]) == 2
    assert (body.notes, body.tags, body.allow_duplicate) == ("ring", ["vip"], False)


def test_t2_nothing_at_all_is_the_draft_without_a_duplicate() -> None:
    body = read({})
    assert (body.items, body.allow_duplicate) == (None, False)


def item(**changes: Any) -> dict[str, Any]:
    return {"items": [{**PRINTED["items"][0], **changes}]}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "t5: the printed quantity 0": (item(quantity=0), "items.0.quantity"),
    "t5: less than nothing": (item(quantity=-1), "items.0.quantity"),
    "t5: a text": (item(quantity="2"), "items.0.quantity"),
    "t4: a price": (item(unitPrice=1), "items.0.unitPrice"),
    "t4: a tax": (item(taxRate=0), "items.0.taxRate"),
    "t4: a currency": (item(currency="EUR"), "items.0.currency"),
    "t4: a name": (item(name="Gold"), "items.0.name"),
    "t4: a discount on all": ({"discountTotal": 5}, "discountTotal"),
    "no product": ({"items": [{"quantity": 1}]}, "items.0.productId"),
    "an empty list": ({"items": []}, "items"),
    "a version that is none": ({"metadata": {"draftVersion": "3"}}, "metadata"),
    "a way that is none": ({"shipping": {"method": "drone"}}, "shipping"),
    "an address of nothing": ({"shipping": {"address": {}}}, "shipping"),
    "a payment that is none": ({"payment": {"method": 5}}, "payment"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_by_its_name(case: str) -> None:
    body, field = REFUSED[case]
    with pytest.raises(ValidationError) as refused:
        read(body)
    first = refused.value.errors()[0]
    assert ".".join(str(part) for part in first["loc"]) == field


def test_t5_a_tenth_is_a_tenth() -> None:
    body = read(item(quantity=0.1))
    assert body.items is not None
    assert quantity_of(body.items[0]) == Decimal("0.1")


def test_an_address_is_a_line_or_its_parts() -> None:
    line = read({"shipping": {"address": " Lale Sokak 5 "}}).shipping_known.address
    assert line is not None
    assert address_of(line).text == "Lale Sokak 5"
    parts = read(
        {"shipping": {"address": {"street": "Lale Sokak", "city": "Izmir"}}}
    ).shipping_known.address
    assert parts is not None
    found = address_of(parts)
    assert (found.text, found.city) == ("Lale Sokak, Izmir", "Izmir")


def test_other_keys_of_free_objects_are_the_callers_own() -> None:
    body = read({"shipping": {"carrier": "x", "method": "pickup"}})
    assert body.shipping == {"carrier": "x", "method": "pickup"}
    assert body.shipping_known.method == "pickup"
