"""OmniChat's shape: exactly its fields, and none that we would have to make up."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest

from orders import Address, Fulfilment, Order, place
from orders.provisioning.omnichat import body
from orders.provisioning.sink import SinkTenant
from tests.factories import (
    NOON,
    SAID,
    a_draft,
    a_line,
    a_shirt,
    a_shop,
    an_address,
    an_order,
    an_order_line,
)

D = Decimal
SHOP = SinkTenant("tenant_1", "Test Shop", "Europe/Istanbul", "TRY", "TR")

#: Every field of the shape that OmniChat documents.
ORDER_FIELDS = [
    "objectId",
    "eventType",
    "retailerOrderId",
    "isInternational",
    "canAcceptBoleto",
    "canAcceptCreditCard",
    "canAcceptDebitCard",
    "canAcceptPix",
    "coupon",
    "salesChannel",
    "campaign",
    "team",
    "giftCard",
    "discount",
    "discountMode",
    "deliveryTime",
    "shippingMethod",
    "freightCost",
    "freeShipping",
    "paymentAccountSelected",
    "orderAccountSelected",
    "customer",
    "shippingAddress",
    "items",
    "salesPerson",
]
CUSTOMER_FIELDS = [
    "objectId",
    "name",
    "lastName",
    "gender",
    "businessAccount",
    "taxDocumentnumber",
    "email",
    "phoneNumber",
    "phoneAreaCode",
    "phoneCountryCode",
    "birthDate",
    "businessStateTaxId",
    "businessTaxId",
    "businessName",
]
ADDRESS_FIELDS = [
    "addressLine1",
    "addressLine2",
    "number",
    "suburb",
    "zip",
    "recipient",
    "addressState",
    "city",
    "country",
]
ITEM_FIELDS = [
    "objectId",
    "quantity",
    "price",
    "externalId",
    "sellerId",
    "isGift",
    "shippingMethod",
    "productReference",
    "weight",
    "height",
    "length",
    "width",
    "variantId",
]
TEAM_FIELDS = ["objectId", "name", "externalId"]
PERSON_FIELDS = ["objectId", "name", "lastName", "salesPersonCode", "externalId"]


def a_full_order(**changes: object) -> Order:
    """Return an order of which everything is known."""
    line = an_order_line(
        quantity=D("1.5"),
        unit_price=D("85.50"),
        variant_id="variant_red",
        snapshot={
            "external_id": "PRODUCT-9",
            "seller": "seller 8",
            "reference": "REF-1",
            "weight_kg": "0.25",
            "height_cm": "5",
            "length_cm": "30.5",
            "width_cm": "20",
            "variants": [{"id": "variant_red", "external_id": "VARIANT-9"}],
        },
    )
    order = an_order(
        number=17,
        lines=(line,),
        customer_id="customer_1",
        tax_id="00055544465",
        email="ada@example.com",
        coupon="SUMMER",
        gift_note="Happy birthday",
        discount_total=1050,
        shipping_total=3000,
        address=an_address(complement="2nd floor", state="Istanbul"),
    )
    return replace(order, **changes)  # type: ignore[arg-type]  # any field


def test_a_full_order_in_omnichats_words() -> None:
    assert body(a_full_order(), SHOP, "WhatsApp") == {
        "objectId": "order_1",
        "eventType": "ORDER_UPDATE",
        "retailerOrderId": "17",
        "isInternational": False,
        "coupon": "SUMMER",
        "salesChannel": "WhatsApp",
        "discount": 10.5,
        "discountMode": "ABSOLUTE",
        "shippingMethod": "DELIVERY",
        "freightCost": 30,
        "freeShipping": False,
        "customer": {
            "objectId": "customer_1",
            "name": "Ada",
            "lastName": "Lovelace",
            "taxDocumentnumber": "00055544465",
            "email": "ada@example.com",
            "phoneNumber": "1234567",
            "phoneAreaCode": "532",
            "phoneCountryCode": "90",
        },
        "shippingAddress": {
            "addressLine1": "Lale Sokak",
            "addressLine2": "2nd floor",
            "number": "5",
            "suburb": "Kadikoy",
            "zip": "34710",
            "recipient": "Ada Lovelace",
            "addressState": "Istanbul",
            "city": "Istanbul",
            "country": "TR",
        },
        "items": [
            {
                "objectId": "L1",
                "quantity": 1.5,
                "price": 85.5,
                "externalId": "VARIANT-9",
                "sellerId": "seller 8",
                "isGift": True,
                "productReference": "REF-1",
                "weight": 0.25,
                "height": 5,
                "length": 30.5,
                "width": 20,
                "variantId": "variant_red",
            }
        ],
    }


def test_what_nobody_said_is_absent() -> None:
    bare = an_order(
        name=None,
        phone=None,
        fulfilment=None,
        address=None,
        lines=(an_order_line(snapshot={}),),
    )
    assert body(bare, SHOP) == {
        "objectId": "order_1",
        "eventType": "ORDER_UPDATE",
        "discount": 0,
        "discountMode": "ABSOLUTE",
        "freightCost": 0,
        "customer": {},
        "items": [
            {
                "objectId": "L1",
                "quantity": 2,
                "price": 85.5,
                "productReference": "LATTE",
            }
        ],
    }


def fields(value: object) -> list[str]:
    assert isinstance(value, dict)
    return list(value)


def test_no_field_is_of_our_own_making() -> None:
    shape = body(a_full_order(), SHOP, "WhatsApp")
    assert set(shape) <= set(ORDER_FIELDS)
    assert set(fields(shape["customer"])) <= set(CUSTOMER_FIELDS)
    assert set(fields(shape["shippingAddress"])) <= set(ADDRESS_FIELDS)
    items = shape["items"]
    assert isinstance(items, list)
    assert set(fields(items[0])) <= set(ITEM_FIELDS)


@pytest.mark.parametrize(
    ("total", "currency", "sent"),
    [(1050, "TRY", 10.5), (1050, "JPY", 1050), (1050, "KWD", 1.05), (0, "TRY", 0)],
)
def test_amounts_are_plain_numbers_of_major_units(
    total: int, currency: str, sent: float
) -> None:
    order = a_full_order(shipping_total=total, currency=currency)
    shape = body(order, replace(SHOP, currency=currency))
    assert json.dumps(shape["freightCost"]) == json.dumps(sent)


@pytest.mark.parametrize(
    ("fulfilment", "shipping", "free"),
    [
        (Fulfilment.DELIVERY, 0, True),
        (Fulfilment.DELIVERY, 1, False),
        (Fulfilment.PICKUP, 0, None),
        (None, 0, None),
    ],
)
def test_only_a_delivery_can_be_free(
    fulfilment: Fulfilment | None, shipping: int, free: bool | None
) -> None:
    order = a_full_order(fulfilment=fulfilment, shipping_total=shipping)
    assert body(order, SHOP).get("freeShipping") is free


@pytest.mark.parametrize(
    ("address", "international"),
    [
        (an_address(country="tr"), False),
        (an_address(country="BR"), True),
        (an_address(country=None), None),
        (an_address(country="Turkey"), None),
        (None, None),
    ],
)
def test_whether_goods_leave_the_country_is_said_only_when_it_is_known(
    address: Address | None, international: bool | None
) -> None:
    order = a_full_order(address=address)
    assert body(order, SHOP).get("isInternational") is international


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada", "Ada", None),
        (" Ada  King Lovelace ", "Ada", "King Lovelace"),
    ],
)
def test_a_name_is_split_at_its_first_space(
    name: str, first: str, last: str | None
) -> None:
    customer = body(a_full_order(name=name), SHOP)["customer"]
    assert isinstance(customer, dict)
    assert (customer["name"], customer.get("lastName")) == (first, last)


def test_words_without_a_street_are_the_first_line() -> None:
    order = a_full_order(address=Address("the blue door by the mosque"))
    assert body(order, SHOP)["shippingAddress"] == {
        "addressLine1": "the blue door by the mosque",
        "recipient": "Ada Lovelace",
    }


def test_a_variant_without_an_id_of_its_own_has_the_products() -> None:
    snapshot = {"external_id": "P-9", "variants": [{"id": "v", "external_id": None}]}
    order = a_full_order(lines=(an_order_line(snapshot=snapshot),))
    items = body(order, SHOP)["items"]
    assert isinstance(items, list)
    assert items[0]["externalId"] == "P-9"


def test_the_documentation_names_the_source_of_every_field() -> None:
    spec = find_spec("orders")
    assert spec is not None
    assert spec.origin is not None
    page = Path(spec.origin).parent.parent / "docs" / "fields-omnichat.md"
    named = re.findall(r"^\| `([\w.\[\]]+)` \|", page.read_text("utf-8"), re.MULTILINE)
    parts = {
        "customer.": CUSTOMER_FIELDS,
        "shippingAddress.": ADDRESS_FIELDS,
        "items[].": ITEM_FIELDS,
        "team.": TEAM_FIELDS,
        "salesPerson.": PERSON_FIELDS,
    }
    whole = {"customer", "shippingAddress", "items", "team", "salesPerson"}
    named = [each for each in named if not each.startswith(("order.", "statusChange"))]
    documented = [name for name in ORDER_FIELDS if name not in whole]
    documented += [prefix + name for prefix, names in parts.items() for name in names]
    assert sorted(named) == sorted(documented)


def test_a_shirt_that_was_really_placed_tells_all_that_is_stored_of_it() -> None:
    shirt = replace(
        a_shirt(weight_kg=D("0.25"), height_cm=D(5), length_cm=D(30), width_cm=D(20)),
        seller="seller 8",
        reference="REF-1",
        external_id="PRODUCT-9",
    )
    line = a_line(product_id=shirt.id, variant_id="variant_red", unit_price=shirt.price)
    order = place(
        a_draft(lines=(line,), gift_note="Happy birthday"),
        shop=a_shop(),
        products={shirt.id: shirt},
        available={},
        order_id="order_1",
        now=NOON,
        confirmed_by=SAID,
    )
    assert isinstance(order, Order)
    items = body(order, SHOP)["items"]
    assert isinstance(items, list)
    assert set(fields(items[0])) == set(ITEM_FIELDS) - {"shippingMethod"}
