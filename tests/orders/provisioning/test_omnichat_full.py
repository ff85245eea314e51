"""OmniChat's acceptance list, as far as it is about what is said: O2-O4, O7-O10."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from orders import Order, OrderState
from orders.domain.lifecycle import (
    AlreadyFurther,
    IllegalMove,
    Unchanged,
    after,
)
from orders.domain.payment import Instrument, PaymentKind, PaymentMethod
from orders.provisioning.around import Around, Buyer, SalesPerson, StateStep, Team
from orders.provisioning.callback_fields import Problem
from orders.provisioning.callbacks import read_provisions, read_status_change
from orders.provisioning.checkout import CheckoutUpdate, read_checkout
from orders.provisioning.omnichat import shape_of
from orders.provisioning.sink import OrderStep, SinkDelivery, SinkTenant
from tests.factories import NOON, an_address, an_order, an_order_line

D = Decimal
SHOP = SinkTenant("tenant_1", "Loja", "America/Sao_Paulo", "BRL", "BR")
#: The body that OmniChat's page prints, with the types of its values.
PRINTED: dict[str, object] = {
    "objectId": "ORDER_ID",
    "eventType": "ORDER_UPDATE",
    "retailerOrderId": "SEQUENCE_ORDER_ID",
    "isInternational": False,
    "canAcceptBoleto": True,
    "canAcceptCreditCard": True,
    "canAcceptDebitCard": True,
    "canAcceptPix": True,
    "coupon": "CUPOM",
    "salesChannel": "Instagram",
    "campaign": "Campaign",
    "team": {"objectId": "RTE2587", "name": "Team", "externalId": "padrao-1234"},
    "giftCard": "GiftGift",
    "discount": 10,
    "discountMode": "ABSOLUTE",
    "deliveryTime": "1 dia útil",
    "shippingMethod": "SEDEX",
    "freightCost": 10,
    "freeShipping": False,
    "paymentAccountSelected": "ID_CONTA_SELECIONADA",
    "orderAccountSelected": "ID_CONTA_SELECIONADA",
    "customer": {
        "objectId": "ID_CUSTOMER",
        "name": "João",
        "lastName": "Medeiros",
        "gender": "Male",
        "businessAccount": False,
        "taxDocumentnumber": "00055544465",
        "email": "joao@example.com",
        "phoneNumber": "999999999",
        "phoneAreaCode": "41",
        "phoneCountryCode": "55",
        "birthDate": "2023-10-09",
        "businessStateTaxId": "PASS",
        "businessTaxId": "TRED98E",
        "businessName": "MyBussines",
    },
    "shippingAddress": {
        "addressLine1": "STREET",
        "addressLine2": "COMPLEMENT",
        "number": "213",
        "suburb": "SUBURB",
        "zip": "CEP",
        "recipient": "RECIPIENT_NAME",
        "addressState": "STATE",
        "city": "CITY",
        "country": "COUNTRY",
    },
    "items": [
        {
            "objectId": "ID_ITEM",
            "quantity": 5,
            "price": 10,
            "externalId": "987941TRE",
            "sellerId": "SELLER888",
            "isGift": True,
            "shippingMethod": "PAC",
            "productReference": "654987321",
            "weight": 5,
            "height": 5,
            "length": 5,
            "width": 5,
            "variantId": "ID_VARIANTE",
        }
    ],
    "salesPerson": {
        "objectId": "OMNICHAT_SALESPERSON_ID",
        "name": "John",
        "lastName": "Doe",
        "salesPersonCode": "SALESPERSON_CODE",
        "externalId": "YOUR_ID",
    },
}

_TAKES = (
    Instrument.BOLETO,
    Instrument.CREDIT_CARD,
    Instrument.DEBIT_CARD,
    Instrument.PIX,
)
AROUND = Around(
    buyer=Buyer(
        first_name="João",
        last_name="Medeiros",
        gender="Male",
        birth_date="1990-10-09",
        phone_country_code="55",
        phone_area_code="41",
        phone_number="999999999",
        documents=("00055544465",),
        state_tax_id="PASS",
    ),
    sales_person=SalesPerson(
        "user_1", "John Doe", "YOUR_ID", "S-7", Team("Centro", "padrao-1234")
    ),
    payments=(PaymentMethod("online", {"pt": "Online"}, accepts=_TAKES),),
    states=(
        StateStep(OrderState.CONFIRMED, "contact:c1", None, NOON),
        StateStep(OrderState.PROVISIONED, "ERP", "created", NOON + timedelta(hours=1)),
    ),
)


def a_full_order(**changes: object) -> Order:
    """Return an order of which everything is known."""
    line = an_order_line(
        quantity=D(5),
        unit_price=D(10),
        variant_id="variant_red",
        data={"isGift": True, "shippingMethod": "PAC"},
        snapshot={
            "seller": "SELLER888",
            "reference": "654987321",
            "weight_kg": "5",
            "height_cm": "5",
            "length_cm": "5",
            "width_cm": "5",
            "variants": [{"id": "variant_red", "external_id": "987941TRE"}],
        },
    )
    whole = an_order(
        number=17,
        currency="BRL",
        lines=(line,),
        name="João Medeiros",
        phone="5541999999999",
        email="joao@example.com",
        customer_id="customer_1",
        tax_id="TRED98E",
        business=True,
        company="MyBussines",
        coupon="CUPOM",
        gift_card="GiftGift",
        discount_total=1000,
        shipping_total=1000,
        delivery_time="1 dia útil",
        shipping_method="SEDEX",
        recipient="Bia",
        address=an_address(complement="2", state="PR", country="BR"),
        data={"campaign": "Campaign", "paymentAccountSelected": "PSP-1"},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # any field


def a_delivery(**changes: object) -> SinkDelivery:
    given: dict[str, object] = {
        "event_id": "event_1",
        "url": "https://erp.test/",
        "secret": "s",
        "order": a_full_order(),
        "tenant": SHOP,
        "sent_at": NOON,
        "sales_channel": "WhatsApp",
        "options": {"order_account": "ERP-2", "status_changes": True},
        "around": AROUND,
    }
    return SinkDelivery(**{**given, **changes})  # type: ignore[arg-type]  # any field


def same_form(ours: object, printed: object, where: str = "") -> list[str]:
    """Return where the fields, or the kinds of their values, differ."""
    if isinstance(printed, dict) and isinstance(ours, dict):
        found = [f"{where}.{name}" for name in set(ours) ^ set(printed)]
        for name in set(ours) & set(printed):
            found += same_form(ours[name], printed[name], f"{where}.{name}")
        return found
    if isinstance(printed, list) and isinstance(ours, list):
        return same_form(ours[0], printed[0], f"{where}[]")
    number = (int, float)
    alike = (
        isinstance(ours, number) and isinstance(printed, number)
        if not isinstance(printed, bool)
        else isinstance(ours, bool)
    )
    return [] if alike or type(ours) is type(printed) else [where]


def test_o8_of_a_fully_known_order_no_documented_field_is_missing() -> None:
    assert same_form(shape_of(a_delivery()), PRINTED) == []


def part(shape: dict[str, object], name: str) -> dict[str, object]:
    found = shape[name]
    assert isinstance(found, dict)
    return found


def test_o8_the_traps_of_the_payload() -> None:
    shape = shape_of(a_delivery())
    customer = part(shape, "customer")
    assert customer["taxDocumentnumber"] == "00055544465"
    assert customer["businessTaxId"] == "TRED98E"
    assert customer["businessStateTaxId"] == "PASS"
    assert (customer["phoneCountryCode"], customer["phoneAreaCode"]) == ("55", "41")
    assert (shape["coupon"], shape["giftCard"]) == ("CUPOM", "GiftGift")
    assert shape["freightCost"] == 10
    assert shape["freeShipping"] is False
    assert shape["deliveryTime"] == "1 dia útil"
    assert json.dumps(shape["discount"]) == "10"


def test_o8_a_percentage_stays_one() -> None:
    shape = shape_of(a_delivery(order=a_full_order(discount_percent=D("12.5"))))
    assert (shape["discount"], shape["discountMode"]) == (12.5, "PERCENTAGE")


PAYMENTS = {
    "no methods are named": ((), None, None),
    "cash alone takes no cards": (
        (PaymentMethod("cash", {}, PaymentKind.CASH),),
        False,
        False,
    ),
    "a card method that does not say which": (
        (PaymentMethod("card", {}, PaymentKind.CARD),),
        None,
        None,
    ),
    "pix": ((PaymentMethod("pix", {}, accepts=(Instrument.PIX,)),), True, False),
}


@pytest.mark.parametrize("name", PAYMENTS)
def test_o8_what_is_accepted_is_said_only_where_the_shop_says_it(name: str) -> None:
    methods, pix, credit = PAYMENTS[name]
    shape = shape_of(a_delivery(around=replace(AROUND, payments=methods)))
    assert (shape.get("canAcceptPix"), shape.get("canAcceptCreditCard")) == (
        pix,
        credit,
    )


def test_o2_o3_every_attempt_says_the_same_with_both_ids() -> None:
    first = shape_of(a_delivery())
    assert shape_of(a_delivery(sent_at=NOON + timedelta(days=1))) == first
    assert (first["objectId"], first["retailerOrderId"]) == ("order_1", "17")
    assert first["eventType"] == "ORDER_UPDATE"


def test_o4_both_ways_to_say_that_it_is_done_mean_the_same() -> None:
    changed = read_status_change(
        b'{"responsible": "ERP", "status": "ORDER_GATEWAY_PROVISIONED"}'
    )
    done = read_provisions(b'{"responsible": "ERP", "code": 200, "message": "ok"}')
    assert not isinstance(changed, Problem)
    assert not isinstance(done, Problem)
    assert changed.state is done.state is OrderState.PROVISIONED


def test_o7_illegal_jumps_are_refused_repeats_are_harmless_late_ends_refunded() -> None:
    shipped, packed = OrderState.SHIPPED, OrderState.PREPARING
    with pytest.raises(AlreadyFurther):
        after(OrderState.DELIVERED, packed)
    with pytest.raises(IllegalMove):
        after(shipped, OrderState.CANCELLED)
    assert isinstance(after(shipped, shipped), Unchanged)
    after(packed, OrderState.CANCELLED)
    after(OrderState.CANCELLED, OrderState.REFUNDED)
    after(shipped, OrderState.REFUNDED)


def test_o7_a_notification_has_the_order_its_history_and_who_said_so() -> None:
    step = OrderStep(
        "state", "shipped", "callback", "on its way", NOON, responsible="ERP"
    )
    order = a_full_order(state=OrderState.SHIPPED, note="ring twice")
    said = shape_of(a_delivery(order=order, step=step))
    assert list(said) == ["order", "statusChange"]
    assert said["statusChange"] == {
        "status": "SHIPPED",
        "responsible": "ERP",
        "message": "on its way",
        "updatedAt": NOON.isoformat(),
    }
    told = part(said, "order")
    assert (told["objectId"], told["status"]) == ("order_1", "SHIPPED")
    assert (told["pickUpInStore"], told["notes"]) == (False, "ring twice")
    assert told["statusChanges"] == [
        {
            "status": "CREATED",
            "responsible": "contact:c1",
            "updatedAt": NOON.isoformat(),
        },
        {
            "status": "ORDER_GATEWAY_PROVISIONED",
            "responsible": "ERP",
            "message": "created",
            "updatedAt": (NOON + timedelta(hours=1)).isoformat(),
        },
    ]


STEPS = {
    ("state", "cancelled"): "CANCELLED",
    ("state", "refunded"): "REVERTED",
    ("payment", "paid"): "PAID",
    ("payment", "partially_paid"): "PARTIAL_PAID",
    ("payment", "overpaid"): "OVER_PAID",
    ("payment", "failed"): "NOT_PAID",
    ("payment", "pending"): "WAITING",
    ("refund", "refunded"): "REVERTED",
    ("refund", "partially_refunded"): None,
    ("fulfilment", "fulfilled"): None,
    ("contents", "checkout"): None,
}


@pytest.mark.parametrize("what", STEPS, ids="-".join)
def test_a_step_has_omnichats_word_or_is_the_order_again(what: tuple[str, str]) -> None:
    step = OrderStep(what[0], what[1], "user:1", None, NOON)
    said = shape_of(a_delivery(step=step))
    if STEPS[what] is None:
        assert said == shape_of(a_delivery())
    else:
        assert part(said, "statusChange")["status"] == STEPS[what]


def test_o9_who_sold_it_goes_with_the_order_by_both_ids() -> None:
    shape = shape_of(a_delivery())
    assert shape["salesPerson"] == {
        "objectId": "user_1",
        "name": "John",
        "lastName": "Doe",
        "salesPersonCode": "S-7",
        "externalId": "YOUR_ID",
    }
    assert shape["team"] == {
        "objectId": "Centro",
        "name": "Centro",
        "externalId": "padrao-1234",
    }
    alone = shape_of(a_delivery(around=replace(AROUND, sales_person=None)))
    assert "salesPerson" not in alone
    assert "team" not in alone


def test_o10_accounts_are_the_orders_own_or_those_of_the_sink() -> None:
    shape = shape_of(a_delivery())
    assert shape["paymentAccountSelected"] == "PSP-1"
    assert shape["orderAccountSelected"] == "ERP-2"
    assert "orderAccountSelected" not in shape_of(a_delivery(options={}))


def test_names_and_phones_of_somebody_else_are_the_orders_own() -> None:
    order = a_full_order(name="Ana Souza", phone="+5511912345678")
    customer = part(shape_of(a_delivery(order=order)), "customer")
    assert (customer["name"], customer["lastName"]) == ("Ana", "Souza")
    assert customer["phoneAreaCode"] == "11"


# -- updateCheckoutData ---------------------------------------------------------------

UPDATE = {
    "responsible": "checkout",
    "selectedShippingAddress": {
        "addressLine1": "Rua das Flores",
        "number": "213",
        "zip": "80000-000",
        "recipient": "Bia",
        "addressState": "PR",
        "city": "Curitiba",
        "country": "BRA",
    },
    "selectedFreight": {
        "deliveryTime": "1bd",
        "freightCost": 12.9,
        "shippingMethod": "SEDEX",
    },
    "discount": {"value": 10, "mode": "PERCENTAGE"},
}


def test_a_checkouts_data_is_read_with_its_country_in_two_letters() -> None:
    read = read_checkout(json.dumps(UPDATE).encode())
    assert isinstance(read, CheckoutUpdate)
    change = read.change
    assert change.address is not None
    assert (change.address.street, change.address.country) == ("Rua das Flores", "BR")
    assert change.address.text == "Rua das Flores 213, 80000-000 Curitiba PR BRA"
    assert change.freight is not None
    assert (change.freight.cost, change.freight.delivery_time) == (D("12.9"), "1bd")
    assert change.discount is not None
    assert (change.discount.value, change.discount.percent) == (D(10), True)
    assert (read.responsible, change.recipient) == ("checkout", "Bia")


BAD: list[tuple[str, object]] = [
    ("body", [1]),
    ("body", {"responsible": "x"}),
    ("responsible", {"discount": {"value": 1, "mode": "ABSOLUTE"}}),
    ("discount", UPDATE | {"discount": 5}),
    ("discount.mode", UPDATE | {"discount": {"value": 5, "mode": "HALF"}}),
    ("discount.value", UPDATE | {"discount": {"mode": "ABSOLUTE"}}),
    ("discount.value", UPDATE | {"discount": {"value": 101, "mode": "PERCENTAGE"}}),
    ("discount.value", UPDATE | {"discount": {"value": -1, "mode": "ABSOLUTE"}}),
    ("selectedFreight.freightCost", UPDATE | {"selectedFreight": {"freightCost": "5"}}),
    (
        "selectedFreight.freightCost",
        UPDATE | {"selectedFreight": {"freightCost": True}},
    ),
    (
        "selectedFreight.freightCost",
        UPDATE | {"selectedFreight": {"freightCost": 1e99}},
    ),
    ("selectedFreight.deliveryTime", UPDATE | {"selectedFreight": {"deliveryTime": 1}}),
    ("selectedShippingAddress.addressLine1", UPDATE | {"selectedShippingAddress": {}}),
    (
        "selectedShippingAddress.zip",
        UPDATE | {"selectedShippingAddress": {"addressLine1": "a", "zip": "1\0"}},
    ),
]


@pytest.mark.parametrize(("field", "body"), BAD)
def test_bad_checkout_data_names_the_field(field: str, body: object) -> None:
    found = read_checkout(json.dumps(body).encode())
    assert isinstance(found, Problem)
    assert found.field == field
    assert found.message
