"""What a shop asks for, as merchants write it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.inbox.shop_rules import InvalidRules, parse_rules, rules_of, shop_of
from orders import FieldRules, Fulfilment, Need, OwnField, OwnKind, OwnOption, When
from orders.codec import dump_shop, load_shop

WRITTEN: dict[str, Any] = {
    "payments": [{"id": "transfer", "names": {"en": "Transfer"}}],
    "fields": {
        "needs": [
            {"field": "email"},
            {
                "field": "tax_id",
                "when": {
                    "total_from": "5000.00",
                    "business": True,
                    "fulfilment": "delivery",
                    "payments": ["transfer"],
                },
            },
        ],
        "order": ["table", "phone"],
        "own": [
            {
                "id": "table",
                "names": {"en": "Table", "tr": "Masa"},
                "kind": "number",
                "questions": {"en": "At which table do you sit?"},
                "examples": {"en": "12"},
                "minimum": "1",
                "maximum": "40",
                "when": {"fulfilment": "pickup"},
            },
            {
                "id": "slot",
                "names": {"en": "Slot"},
                "kind": "choice",
                "options": [
                    {"id": "am", "names": {"en": "Morning"}},
                    {"id": "pm", "names": {"en": "Evening"}},
                ],
                "required": False,
            },
            {"id": "plate", "names": {"en": "Plate"}, "formats": ["99 AA 999"]},
            {"id": "day", "names": {"en": "Day"}, "kind": "date", "days_ahead": 2},
        ],
    },
}
MEANT = FieldRules(
    needs=(
        Need("email"),
        Need(
            "tax_id",
            When(
                fulfilment=Fulfilment.DELIVERY,
                total_from=500_000,
                business=True,
                payments=("transfer",),
            ),
        ),
    ),
    order=("table", "phone"),
    own=(
        OwnField(
            "table",
            {"en": "Table", "tr": "Masa"},
            OwnKind.NUMBER,
            {"en": "At which table do you sit?"},
            {"en": "12"},
            minimum=Decimal(1),
            maximum=Decimal(40),
            when=When(fulfilment=Fulfilment.PICKUP),
        ),
        OwnField(
            "slot",
            {"en": "Slot"},
            OwnKind.CHOICE,
            options=(
                OwnOption("am", {"en": "Morning"}),
                OwnOption("pm", {"en": "Evening"}),
            ),
            required=False,
        ),
        OwnField("plate", {"en": "Plate"}, formats=("99 AA 999",)),
        OwnField("day", {"en": "Day"}, OwnKind.DATE, days_ahead=2),
    ),
)


def test_what_is_written_is_what_decides_and_comes_back() -> None:
    shop = shop_of(parse_rules(WRITTEN), "TRY")
    assert shop.fields == MEANT
    written = rules_of(shop, "TRY").model_dump(mode="json")
    assert shop_of(parse_rules(json.loads(json.dumps(written))), "TRY") == shop
    assert load_shop(json.loads(json.dumps(dump_shop(shop)))) == shop


def test_a_kind_that_only_a_newer_version_knows_is_read_as_text() -> None:
    stored = json.loads(json.dumps(dump_shop(shop_of(parse_rules(WRITTEN), "TRY"))))
    stored["fields"]["own"][0]["kind"] = "colour"
    assert load_shop(stored).fields.own[0].kind is OwnKind.TEXT


def own(**changes: Any) -> dict[str, Any]:
    return {"fields": {"own": [{"id": "x", "names": {"en": "X"}, **changes}]}}


OPTION = {"id": "a", "names": {"en": "A"}}
WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "a field that there is not",
        {"fields": {"needs": [{"field": "shoe_size"}]}},
        "fields.needs[0].field",
        "use one of",
    ),
    (
        "a number for money",
        {"fields": {"needs": [{"field": "email", "when": {"total_from": 5}}]}},
        "fields.needs[0].when.total_from",
        "in quotes",
    ),
    (
        "a way to pay that there is not",
        {"fields": {"needs": [{"field": "email", "when": {"payments": ["x"]}}]}},
        "rules",
        "there is no payment 'x'",
    ),
    ("an order of nothing", {"fields": {"order": ["x"]}}, "fields", "no field 'x'"),
    ("the id of a field", own(id="email"), "fields", "is a field already"),
    ("a choice of one", own(kind="choice", options=[OPTION]), "fields.own[0]", "two"),
    ("options of a text", own(options=[OPTION]), "fields.own[0]", "kind: choice"),
    ("a minimum of a text", own(minimum="1"), "fields.own[0]", "kind: number"),
    (
        "a minimum above the maximum",
        own(kind="number", minimum="5", maximum="1"),
        "fields.own[0]",
        "above",
    ),
    (
        "a format that says nothing",
        own(formats=["abc"]),
        "fields.own[0].formats[0]",
        "9",
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
