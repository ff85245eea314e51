"""Shop rules: as merchants write them, with exact errors, and stored."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db import Database
from bot.inbox.shop_rules import (
    InvalidRules,
    RulesChanged,
    ShopRules,
    TenantGone,
    load_shop_rules,
    parse_rules,
    rules_of,
    shop_of,
    store_shop_rules,
)
from catalog.domain.index import SURE
from catalog.table import tenant
from orders import (
    Area,
    Confirms,
    Fulfilment,
    Holiday,
    Hours,
    Interval,
    PaymentKind,
    PaymentMethod,
    Shop,
    WhenClosed,
)
from orders.codec import dump_shop, load_shop
from orders.domain.humans import Assigns, Humans
from orders.domain.manners import CancelUntil, Manners
from orders.domain.templates import Template
from tests.databases import add_test_tenant

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BOTH = (Fulfilment.DELIVERY, Fulfilment.PICKUP)
WRITTEN: dict[str, Any] = {
    "fulfilments": ["delivery", "pickup"],
    "minimum_order": "100",
    "tax": "excluded",
    "required": ["name", "address", "payment"],
    "delivery": {
        "fee": "30.00",
        "free_from": "500.00",
        "areas": [
            {
                "name": "Kadıköy",
                "postal_prefixes": ["347"],
                "cities": ["Kadıköy"],
                "fee": "19.90",
                "minimum_order": "150",
                "free_from": "400",
                "lead_minutes": 45,
            }
        ],
        "postal_formats": ["99999"],
    },
    "payments": [
        {
            "id": "transfer",
            "names": {"en": "Bank transfer", "tr": "Havale"},
            "instructions": {"en": "IBAN TR00"},
            "fulfilments": ["pickup"],
        },
        {"id": "web", "names": {"en": "Online"}, "link": "https://pay.example/a"},
    ],
    "hours": {
        "mon": ["09:00-13:00", "14:00-18:00"],
        "sat": ["22:00-02:00"],
        "sun": ["00:00-24:00"],
        "holidays": [{"date": "2027-01-01", "name": "New Year"}],
        "when_closed": "refuse",
    },
    "confirmation": {"by": "auto", "auto_below": "1000.00"},
    "humans": {
        "misunderstood": 2,
        "on_anger": False,
        "asked_from": "2500.00",
        "left": {
            "intents": ["order_status"],
            "words": ["wholesale"],
            "categories": ["Cakes"],
        },
        "answer_minutes": 0,
        "phone_pause_minutes": 90,
        "assign": "next",
        "assign_team": "Kadikoy",
    },
}
MEANT = Shop(
    minimum_order=10_000,
    tax_included=False,
    required=("name", "address", "payment"),
    delivery_fee=3000,
    free_delivery_from=50_000,
    areas=(Area("Kadıköy", ("347",), ("Kadıköy",), 1990, 15_000, 40_000, 45),),
    payments=(
        PaymentMethod(
            "transfer",
            {"en": "Bank transfer", "tr": "Havale"},
            PaymentKind.TRANSFER,
            {"en": "IBAN TR00"},
            None,
            (Fulfilment.PICKUP,),
        ),
        PaymentMethod("web", {"en": "Online"}, link="https://pay.example/a"),
    ),
    hours=Hours(
        week=(
            (Interval(time(9), time(13)), Interval(time(14), time(18))),
            *[()] * 4,
            (Interval(time(22), time(2)),),
            (Interval(time(0), time(0)),),
        ),
        holidays=(Holiday(date(2027, 1, 1), name="New Year"),),
    ),
    when_closed=WhenClosed.REFUSE,
    confirms=Confirms.AUTO,
    approval_from=100_000,
    postal_formats=("99999",),
    humans=Humans(
        misunderstood_at_most=2,
        on_anger=False,
        asked_from=250_000,
        intents=("order_status",),
        words=("wholesale",),
        categories=("Cakes",),
        answer_within=None,
        phone_pause=timedelta(minutes=90),
        assigns=Assigns.NEXT,
        assigns_team="Kadikoy",
    ),
)


def test_rules_as_written_mean_the_shop_that_decides() -> None:
    assert shop_of(parse_rules(WRITTEN), "TRY") == MEANT


def test_a_shop_is_written_as_it_was_meant() -> None:
    written = rules_of(MEANT, "TRY").model_dump(mode="json")
    assert shop_of(parse_rules(json.loads(json.dumps(written))), "TRY") == MEANT


def test_nothing_written_is_a_shop_with_every_default() -> None:
    assert shop_of(parse_rules({}), "TRY") == Shop()


def test_the_example_of_the_documentation_is_one() -> None:
    extra = ShopRules.model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    examples = extra["examples"]
    assert isinstance(examples, list)
    for example in examples:
        assert isinstance(example, dict)
        assert shop_of(parse_rules(example), "TRY").areas


AREA = {"name": "A", "cities": ["A"]}
MANNERS: dict[str, Any] = {
    "notices_after_stop": True,
    "thumbs_up_confirms": True,
    "quiet": "22:00-08:30",
    "stale_hours": 6,
    "remind_hours": None,
    "draft_days": 30,
    "cancel_until": "accepted",
}


def test_manners_are_written_as_they_are_meant() -> None:
    shop = shop_of(parse_rules({"manners": MANNERS}), "TRY")
    assert shop.manners == Manners(
        notices_after_stop=True,
        thumbs_up_confirms=True,
        quiet=Interval(time(22), time(8, 30)),
        stale_after=timedelta(hours=6),
        remind_after=None,
        draft_lasts=timedelta(days=30),
        cancel_until=CancelUntil.ACCEPTED,
    )
    assert rules_of(shop, "TRY").model_dump(mode="json")["manners"] == MANNERS
    assert load_shop(dump_shop(shop)) == shop


def test_a_point_that_only_a_newer_version_knows_leaves_cancelling_to_people() -> None:
    stored = dump_shop(Shop())
    stored["manners"] = {"cancel_until": "on_the_moon", "thumbs_up_confirms": True}
    manners = load_shop(stored).manners
    assert manners == Manners(thumbs_up_confirms=True)


TEMPLATES = [
    {"event": "shipped", "name": "order_shipped", "languages": ["tr", "en_US"]},
    {"event": "payment_link", "name": "pay_2", "languages": ["tr"]},
]


def test_templates_are_written_as_they_are_meant() -> None:
    shop = shop_of(parse_rules({"templates": TEMPLATES}), "TRY")
    assert shop.templates == (
        Template("shipped", "order_shipped", ("tr", "en_US")),
        Template("payment_link", "pay_2", ("tr",)),
    )
    assert rules_of(shop, "TRY").model_dump(mode="json")["templates"] == TEMPLATES
    assert load_shop(dump_shop(shop)) == shop


def test_an_event_that_only_a_newer_version_knows_is_left_alone() -> None:
    stored = dump_shop(Shop())
    unknown = {"event": "abducted", "name": "ufo", "languages": ["tr"]}
    stored["templates"] = [unknown, TEMPLATES[0]]
    shop = load_shop(stored)
    assert rules_of(shop, "TRY").model_dump(mode="json")["templates"] == [TEMPLATES[0]]


WRONG: list[tuple[str, Any, str, str]] = [
    (
        "a template for nothing",
        {"templates": [{"event": "x", "name": "x", "languages": ["tr"]}]},
        "templates[0].event",
        "payment_link",
    ),
    (
        "two templates for one event",
        {"templates": [TEMPLATES[0], TEMPLATES[0]]},
        "templates",
        "two templates: keep one",
    ),
    (
        "a template's name in words",
        {"templates": [{**TEMPLATES[0], "name": "Order shipped"}]},
        "templates[0].name",
        "match",
    ),
    (
        "a team of nobody",
        {"humans": {"assign_team": "Kadikoy"}},
        "humans",
        "assign_team belongs to `assign: next`",
    ),
    (
        "stop is left to nobody",
        {"humans": {"left": {"intents": ["stop"]}}},
        "humans.left.intents[0]",
        "only these can be left to people",
    ),
    (
        "quiet hours in words",
        {"manners": {"quiet": "at night"}},
        "manners.quiet",
        "22:00-08:00",
    ),
    (
        "quiet hours of a moment",
        {"manners": {"quiet": "08:00-08:00"}},
        "manners.quiet",
        "must end at another time",
    ),
    (
        "a reminder after the day is over",
        {"manners": {"remind_hours": 24}},
        "manners.remind_hours",
        "less than or equal to 23",
    ),
    ("a misspelt rule", {"delivry": {}}, "delivry", "Extra inputs"),
    (
        "a misspelt rule inside",
        {"delivery": {"areas": [{**AREA, "fees": "1"}]}},
        "delivery.areas[0].fees",
        "Extra inputs",
    ),
    ("a number for money", {"minimum_order": 10.5}, "minimum_order", "in quotes"),
    ("a negative amount", {"minimum_order": "-1"}, "minimum_order", "such as '30.00'"),
    (
        "a field nobody asks for",
        {"required": ["name", "shoe_size"]},
        "required[1]",
        "use one of fulfilment, address, street, number, suburb, city, state",
    ),
    (
        "an area nowhere",
        {"delivery": {"areas": [{"name": "A"}]}},
        "delivery.areas[0]",
        "needs postal_prefixes or cities",
    ),
    (
        "areas without delivery",
        {"fulfilments": ["pickup"], "delivery": {"areas": [AREA]}},
        "rules",
        "the shop does not deliver",
    ),
    ("no way at all", {"fulfilments": []}, "fulfilments", "at least 1"),
    (
        "an unknown way",
        {"fulfilments": ["pickup", "drone"]},
        "fulfilments[1]",
        "'delivery'",
    ),
    (
        "a link that is not safe",
        {"payments": [{"id": "x", "names": {"en": "X"}, "link": "http://a.example"}]},
        "payments[0].link",
        "https://",
    ),
    (
        "a method without a name",
        {"payments": [{"id": "x", "names": {}}]},
        "payments[0].names",
        "at least 1",
    ),
    (
        "two methods of one id",
        {"payments": [{"id": "x", "names": {"en": "X"}}] * 2},
        "rules",
        "an id is given twice",
    ),
    ("no such hour", {"hours": {"mon": ["9-18"]}}, "hours.mon[0]", "'09:00-18:00'"),
    (
        "no such minute",
        {"hours": {"mon": ["09:00-24:30"]}},
        "hours.mon[0]",
        "'09:00-18:00'",
    ),
    (
        "hours that overlap",
        {"hours": {"mon": ["09:00-13:00", "12:00-18:00"]}},
        "hours",
        "09:00-13:00, 12:00-18:00: these overlap",
    ),
    (
        "hours that overlap past midnight",
        {"hours": {"mon": ["23:30-23:45", "22:00-02:00"]}},
        "hours",
        "overlap",
    ),
    ("never open", {"hours": {}}, "hours", "never open"),
    (
        "a holiday twice",
        {"hours": {"mon": ["09:00-18:00"], "holidays": [{"date": "2027-01-01"}] * 2}},
        "hours",
        "a date is given twice",
    ),
    (
        "a day that there is not",
        {"hours": {"mon": ["09:00-18:00"], "holidays": [{"date": "2027-02-30"}]}},
        "hours.holidays[0].date",
        "date",
    ),
    (
        "auto without a limit",
        {"confirmation": {"by": "auto"}},
        "confirmation",
        "auto_below",
    ),
    (
        "a limit without auto",
        {"confirmation": {"by": "agent", "auto_below": "5"}},
        "confirmation",
        "auto_below",
    ),
    (
        "a format that says nothing",
        {"delivery": {"postal_formats": ["12345"]}},
        "delivery.postal_formats[0]",
        "write 9 for a digit",
    ),
]


@pytest.mark.parametrize(
    ("data", "field", "problem"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_a_wrong_rule_is_named_with_what_would_be_right(
    data: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(InvalidRules) as raised:
        parse_rules(data)
    ((where, why),) = raised.value.errors
    assert where == field
    assert problem in why
    assert where in str(raised.value)


MONEY = [
    ("TRY", "0.005", 2),
    ("JPY", "1.5", 0),
]


@pytest.mark.parametrize(("currency", "amount", "decimals"), MONEY)
def test_an_amount_that_the_currency_does_not_have_is_refused(
    currency: str, amount: str, decimals: int
) -> None:
    rules = parse_rules(
        {
            "minimum_order": amount,
            "delivery": {"areas": [AREA, {**AREA, "free_from": amount}]},
        }
    )
    with pytest.raises(InvalidRules) as raised:
        shop_of(rules, currency)
    fields = {field for field, _ in raised.value.errors}
    assert fields == {"minimum_order", "delivery.areas[1].free_from"}
    assert f"{amount} has more decimals than {currency}: {decimals}" in str(
        raised.value
    )


@pytest.mark.parametrize(
    ("currency", "minor"), [("JPY", 25), ("TRY", 2500), ("KWD", 25_000)]
)
def test_amounts_are_minor_units_of_the_currency(currency: str, minor: int) -> None:
    rules = parse_rules({"minimum_order": "25"})
    shop = shop_of(rules, currency)
    assert shop.minimum_order == minor
    assert shop_of(rules_of(shop, currency), currency) == shop


amounts = st.integers(0, 10**9)
names = st.sampled_from(["Kadıköy", "Moda", "東京"])
shops = st.builds(
    Shop,
    fulfilments=st.just(BOTH),
    delivery_fee=amounts,
    free_delivery_from=st.none() | amounts,
    minimum_order=amounts,
    tax_included=st.booleans(),
    areas=st.lists(
        st.builds(
            Area,
            names,
            st.just(("34", "EC1 A")),
            st.lists(names, max_size=2).map(tuple),
            amounts,
            amounts,
            st.none() | amounts,
            st.none() | st.integers(1, 9999),
        ),
        max_size=2,
    ).map(tuple),
    confirms=st.sampled_from([Confirms.CUSTOMER, Confirms.AGENT]),
)


@given(shops, st.sampled_from(["JPY", "TRY", "KWD"]))
def test_written_and_read_again_is_the_same_shop(shop: Shop, currency: str) -> None:
    written = rules_of(shop, currency).model_dump_json()
    assert shop_of(parse_rules(json.loads(written)), currency) == shop


# -- stored ---------------------------------------------------------------------------


async def test_rules_are_stored_and_read_with_their_version(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction() as connection:
        old, version = await load_shop_rules(connection, tenant_id)
        assert (old.minimum_order, version) == (0, 0)
        stored = await store_shop_rules(connection, tenant_id, MEANT, version, NOW)
        assert stored == 1
    async with database.reading() as connection:
        shop, version = await load_shop_rules(connection, tenant_id)
    assert version == 1
    # What the tenant's own row says is not the rules' to say.
    assert (shop.timezone, shop.country) == ("Europe/Istanbul", "TR")
    assert rules_of(shop, "TRY") == rules_of(MEANT, "TRY")


async def test_of_two_who_read_the_same_rules_the_second_is_told(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction() as connection:
        await store_shop_rules(connection, tenant_id, MEANT, 0, NOW)
    async with database.transaction() as connection:
        with pytest.raises(RulesChanged) as raised:
            await store_shop_rules(connection, tenant_id, Shop(), 0, NOW)
    assert raised.value.version == 1
    async with database.reading() as connection:
        shop, _ = await load_shop_rules(connection, tenant_id)
    assert shop.minimum_order == MEANT.minimum_order


async def test_rules_of_another_tenant_stay_as_they_are(
    database: Database, tenant_id: str
) -> None:
    other = await add_test_tenant(database, "tenant_other", name="Other")
    async with database.transaction() as connection:
        await store_shop_rules(connection, tenant_id, MEANT, 0, NOW)
        shop, version = await load_shop_rules(connection, other)
    assert (shop.minimum_order, version) == (0, 0)


async def test_no_tenant_has_no_rules(database: Database) -> None:
    async with database.transaction() as connection:
        with pytest.raises(TenantGone):
            await load_shop_rules(connection, "tenant_none")
        with pytest.raises(TenantGone):
            await store_shop_rules(connection, "tenant_none", Shop(), 0, NOW)


async def test_a_row_as_the_first_version_wrote_it_is_read(
    database: Database, tenant_id: str
) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            tenant.update()
            .where(tenant.c.id == tenant_id)
            .values(shop={"delivery_fee": 3000, "required": ["name"]})
        )
        shop, version = await load_shop_rules(connection, tenant_id)
    assert (shop.delivery_fee, shop.required, version) == (3000, ("name",), 0)


@pytest.mark.parametrize(
    ("written", "sure", "again"),
    [
        ("little", 0.5, "little"),
        ("some", 0.8, "some"),
        ("much", 0.95, "much"),
        (10, 0.9, 10),
        (5, 0.8, "some"),
    ],
)
def test_what_a_wrong_product_costs_says_how_sure_is_sure_enough(
    written: int | str, sure: float, again: int | str
) -> None:
    shop = shop_of(parse_rules({"wrong_product": written}), "TRY")
    assert shop.sure == pytest.approx(sure)
    assert rules_of(shop, "TRY").wrong_product == again
    assert load_shop(dump_shop(shop)).sure == shop.sure


def test_a_shop_that_says_nothing_is_as_sure_as_the_catalog_wants() -> None:
    assert Shop().sure == SURE == load_shop({}).sure


@pytest.mark.parametrize("written", [1, 1001, "very much", 2.5, None])
def test_a_cost_that_cannot_be_is_named(written: object) -> None:
    with pytest.raises(InvalidRules, match="wrong_product"):
        parse_rules({"wrong_product": written})
