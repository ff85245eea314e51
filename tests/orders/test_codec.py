"""What is stored comes back, also when the code has changed since."""

import json
from dataclasses import fields, is_dataclass
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import (
    Address,
    Area,
    Change,
    ChangeRefused,
    Clear,
    Confirms,
    Draft,
    DraftState,
    Fulfilment,
    Holiday,
    Hours,
    Interval,
    Order,
    OrderLine,
    OrderState,
    PaymentKind,
    PaymentMethod,
    SetName,
    Shop,
    WhenClosed,
    changed,
)
from orders.codec import (
    TAGS,
    UnknownChange,
    dump_address,
    dump_change,
    dump_draft,
    dump_order,
    dump_shop,
    load_address,
    load_change,
    load_draft,
    load_order,
    load_shop,
    storable,
)
from tests.factories import NOON, a_draft, a_line, an_order
from tests.orders.strategies import (
    EMPTY,
    addresses,
    changes,
    evidences,
    histories,
    option_lists,
    prices,
    quantities,
    rates,
    texts,
)

amounts = st.integers(0, 10**12)
order_lines = st.builds(
    OrderLine,
    id=texts,
    product_id=texts,
    sku=texts,
    name=texts,
    quantity=quantities,
    unit=texts,
    unit_price=prices,
    subtotal=amounts,
    discount=amounts,
    tax_rate=rates,
    tax=amounts,
    total=amounts,
    variant_id=st.none() | texts,
    options=option_lists,
    snapshot=st.dictionaries(texts, st.none() | st.booleans() | texts, max_size=3),
    evidence=st.lists(evidences, max_size=2).map(tuple),
)
areas = st.builds(
    Area,
    name=texts,
    postal_prefixes=st.lists(texts, max_size=2).map(tuple),
    cities=st.lists(texts, max_size=2).map(tuple),
    fee=amounts,
    minimum_order=amounts,
    free_from=st.none() | amounts,
    lead_minutes=st.none() | st.integers(1, 9999),
)
by_language = st.dictionaries(st.sampled_from(["en", "tr"]), texts, max_size=2)
payments = st.builds(
    PaymentMethod,
    id=texts,
    names=by_language,
    kind=st.sampled_from(PaymentKind),
    instructions=by_language,
    link=st.none() | texts,
    fulfilments=st.lists(st.sampled_from(Fulfilment), unique=True).map(tuple),
)
spans = st.lists(st.builds(Interval, st.times(), st.times()), max_size=2).map(tuple)
holidays = st.lists(
    st.builds(Holiday, st.dates(), spans, st.none() | texts), max_size=2
).map(tuple)
orders = st.builds(
    Order,
    id=texts,
    draft_id=texts,
    draft_version=st.integers(0, 99),
    currency=st.just("TRY"),
    lines=st.lists(order_lines, max_size=2).map(tuple),
    subtotal=amounts,
    discount_total=amounts,
    tax_total=amounts,
    shipping_total=amounts,
    grand_total=amounts,
    placed_at=st.just(NOON),
    state=st.sampled_from(OrderState),
    number=st.none() | st.integers(1, 10**9),
    fulfilment=st.none() | st.sampled_from(Fulfilment),
    address=st.none() | addresses,
    confirmed_by=st.none() | evidences,
    approved_by=st.none() | evidences,
    payment_method=st.none() | payments,
)
shops = st.builds(
    Shop,
    fulfilments=st.lists(st.sampled_from(Fulfilment), unique=True).map(tuple),
    delivery_fee=amounts,
    free_delivery_from=st.none() | amounts,
    minimum_order=amounts,
    tax_included=st.booleans(),
    required=st.lists(texts, max_size=3).map(tuple),
    areas=st.lists(areas, max_size=2).map(tuple),
    payments=st.lists(payments, max_size=2).map(tuple),
    hours=st.none() | st.builds(Hours, st.tuples(*[spans] * 7), holidays),
    when_closed=st.sampled_from(WhenClosed),
    confirms=st.sampled_from(Confirms),
    approval_from=amounts,
    timezone=st.sampled_from(["UTC", "Europe/Istanbul"]),
    country=st.sampled_from(["", "TR"]),
    postal_formats=st.lists(texts, max_size=2).map(tuple),
)


def through_json(stored: dict[str, object]) -> dict[str, object]:
    again: dict[str, object] = json.loads(json.dumps(stored, allow_nan=False))
    assert again == stored
    return again


@given(histories, st.sampled_from(DraftState))
def test_a_draft_comes_back(history: list[Change], state: DraftState) -> None:
    draft = EMPTY
    for change in history:
        try:
            draft = changed(draft, [change])
        except ChangeRefused:
            continue
    assert load_draft(through_json(dump_draft(draft))) == draft


@given(changes)
def test_a_change_comes_back(change: Change) -> None:
    assert load_change(through_json(dump_change(change))) == change


@given(orders)
def test_an_order_comes_back(order: Order) -> None:
    assert load_order(through_json(dump_order(order))) == order


@given(shops)
def test_a_shop_comes_back(shop: Shop) -> None:
    assert load_shop(through_json(dump_shop(shop))) == shop


@given(addresses)
def test_an_address_comes_back(address: Address) -> None:
    assert load_address(through_json(dump_address(address))) == address


def with_strangers(stored: object) -> object:
    """Return stored JSON with a key in every object that nobody knows."""
    match stored:
        case dict():
            known = {
                key: value if key in ("extra", "own", "data") else with_strangers(value)
                for key, value in stored.items()
            }
            return {**known, "added_by_a_newer_version": {"x": 1}}
        case list():
            return [with_strangers(each) for each in stored]
        case _:
            return stored


def test_keys_that_nobody_knows_are_ignored() -> None:
    draft, order = a_draft(), an_order(lines=())
    for stored, load, expected in (
        (dump_draft(draft), load_draft, draft),
        (dump_order(order), load_order, order),
        (dump_shop(Shop()), load_shop, Shop()),
        (dump_change(SetName("Ada")), load_change, SetName("Ada")),
    ):
        strange = with_strangers(stored)
        assert isinstance(strange, dict)
        assert load(strange) == expected


def test_fields_that_were_not_stored_take_their_defaults() -> None:
    assert load_draft({"id": "draft_1", "currency": "TRY"}) == EMPTY
    assert load_shop({}) == Shop()
    old = {
        name: value
        for name, value in dump_draft(a_draft()).items()
        if name in {"id", "currency", "lines"}
    }
    assert load_draft(old) == Draft("draft_1", "TRY", lines=(a_line(),))


CAREFUL = [
    ("who confirms", {"confirms": "committee"}, Shop(confirms=Confirms.AGENT)),
    ("what a closed shop does", {"when_closed": "call"}, Shop()),
    ("whose work it becomes", {"humans": {"assigns": "expert"}}, Shop()),
    (
        "how it is delivered",
        {"fulfilments": ["pickup", "drone"]},
        Shop(fulfilments=(Fulfilment.PICKUP,)),
    ),
    (
        "how it is paid",
        {
            "payments": [
                {"id": "x", "names": {}, "kind": "coin", "fulfilments": ["drone"]}
            ]
        },
        Shop(payments=(PaymentMethod("x", {}, fulfilments=()),)),
    ),
]


@pytest.mark.parametrize(
    ("stored", "careful"), [c[1:] for c in CAREFUL], ids=[c[0] for c in CAREFUL]
)
def test_words_of_a_newer_version_take_the_careful_meaning(
    stored: dict[str, object], careful: Shop
) -> None:
    assert load_shop(stored) == careful


def test_the_tenants_row_knows_its_zone_and_country_better() -> None:
    stored = dump_shop(Shop(timezone="UTC", country="DE"))
    shop = load_shop(stored, timezone="Europe/Istanbul", country="TR")
    assert (shop.timezone, shop.country) == ("Europe/Istanbul", "TR")


#: What version 0.1.0 stored of a shop.
OLD_SHOP = {
    "fulfilments": ["delivery", "pickup"],
    "delivery_fee": 3000,
    "free_delivery_from": 50000,
    "minimum_order": 0,
    "tax_included": True,
    "required": ["name", "fulfilment", "address"],
}


def test_a_shop_of_the_first_version_still_means_the_same() -> None:
    assert load_shop(OLD_SHOP) == Shop(delivery_fee=3000, free_delivery_from=50000)


def test_every_change_has_a_tag_of_its_own() -> None:
    assert set(TAGS.values()) == set(get_args(Change))
    assert len(set(TAGS.values())) == len(TAGS)
    for kind in TAGS.values():
        assert is_dataclass(kind)
        assert "type" not in {field.name for field in fields(kind)}


#: What is in databases already. A tag may be added here; never changed, never removed.
STORED_TAGS = """
    choose_variant clear drop_line drop_unresolved put_line put_unresolved reopen
    replace_line reprice set_address set_business set_company set_coupon set_customer
    set_discount set_due set_email set_extra set_fulfilment set_gift_note set_name
    set_note set_options set_payment set_phone set_quantity set_recipient
    set_recipient_phone set_shipping set_tax_id set_tax_office take_back unset
"""


def test_tags_are_for_ever() -> None:
    assert sorted(TAGS) == STORED_TAGS.split()
    assert dump_change(Clear()) == {"type": "clear", "evidence": None}
    assert dump_change(SetName("Ada"))["type"] == "set_name"


@pytest.mark.parametrize("tag", [None, "put", 5, ["put_line"], {}])
def test_an_unknown_change_names_the_known_ones(tag: object) -> None:
    with pytest.raises(UnknownChange, match="must be one of: put_line, "):
        load_change({"type": tag})


def test_a_bad_field_is_named() -> None:
    with pytest.raises(ValueError, match="quantity"):
        load_change({"type": "set_quantity", "line_id": "L1", "quantity": "two"})


@given(st.text())
def test_any_text_can_be_stored(text: str) -> None:
    stored = storable({"note": [text]})
    assert isinstance(stored, dict)
    (clean,) = stored["note"]
    assert "\0" not in clean
    clean.encode()  # No lone surrogate is left.
    assert storable(stored) == stored


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("çay ☕ 😀", "çay ☕ 😀"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud800b", "a\N{REPLACEMENT CHARACTER}b"),
        ("\ud83d\ude00", "😀"),
    ],
    ids=["as it is", "NUL", "a lone surrogate", "a pair of surrogates is a character"],
)
def test_what_cannot_be_stored_is_replaced(text: str, kept: str) -> None:
    stored = dump_change(SetName(text))
    assert stored["name"] == kept
