"""What a merchant's system reports, whatever it sends."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import OrderState
from orders.provisioning.callback_fields import Problem
from orders.provisioning.callbacks import (
    Provision,
    StatusChange,
    read_provisions,
    read_status_change,
)

GOOD = {"responsible": "ERP", "status": "SHIPPED"}
MADE = {"responsible": "ERP", "code": 200, "message": "done"}


def status(**changes: object) -> StatusChange | Problem:
    return read_status_change(json.dumps(GOOD | changes).encode())


def provisions(**changes: object) -> Provision | Problem:
    return read_provisions(json.dumps(MADE | changes).encode())


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("ORDER_GATEWAY_PROVISIONED", OrderState.PROVISIONED),
        ("PACKAGED", OrderState.PREPARING),
        ("PARTIALLY_SHIPPED", OrderState.PARTIALLY_SHIPPED),
        ("SHIPPED", OrderState.SHIPPED),
        ("DELIVERED", OrderState.DELIVERED),
        ("CANCELLED", OrderState.CANCELLED),
    ],
)
def test_every_status_that_may_be_set(said: str, state: OrderState) -> None:
    assert status(status=said) == StatusChange(state, "ERP")


def test_a_status_may_bring_a_message_and_the_erps_own_id() -> None:
    assert status(message=" on its way ", orderGwId="ERP-7", newer=1) == StatusChange(
        OrderState.SHIPPED, "ERP", "on its way", "ERP-7"
    )
    assert status(message=None, orderGwId="") == StatusChange(OrderState.SHIPPED, "ERP")


def test_a_provisioning_succeeds_or_fails_with_its_reason() -> None:
    assert provisions(checkoutUrl="https://pay.test/1") == Provision(
        OrderState.PROVISIONED, "ERP", "done", "https://pay.test/1"
    )
    assert provisions(code=400, message="no such zip code") == Provision(
        OrderState.PROVISIONING_FAILED, "ERP", "no such zip code"
    )


@dataclass(frozen=True)
class Case:
    id: str
    problem: StatusChange | Provision | Problem
    field: str
    says: str


KNOWN = "must be one of ORDER_GATEWAY_PROVISIONED, PACKAGED"
CASES = [
    Case("a status of theirs alone", status(status="PAID"), "status", KNOWN),
    Case("another spelling", status(status="shipped"), "status", KNOWN),
    Case("no status", status(status=None), "status", "is required"),
    Case("a number", status(status=5), "status", "must be a text"),
    Case("a list", status(status=["SHIPPED"]), "status", "must be a text"),
    Case("nobody", status(responsible=" "), "responsible", "is required"),
    Case("an object", status(responsible={}), "responsible", "must be a text"),
    Case("too long", status(responsible="x" * 101), "responsible", "at most 100"),
    Case("a novel", status(message="x" * 2001), "message", "at most 2000"),
    Case("NUL", status(message="a\0b"), "message", "NUL"),
    Case("an id as a number", status(orderGwId=7), "orderGwId", "must be a text"),
    Case("no code", provisions(code=None), "code", "number 200"),
    Case("another code", provisions(code=500), "code", "number 200"),
    Case("a code in words", provisions(code="200"), "code", "number 200"),
    Case("a broken code", provisions(code=200.0), "code", "number 200"),
    Case("yes is no code", provisions(code=True), "code", "number 200"),
    Case("no reason", provisions(code=400, message=""), "message", "is required"),
    Case("a script", provisions(checkoutUrl="javascript:1"), "checkoutUrl", "URL"),
    Case("no host", provisions(checkoutUrl="https://"), "checkoutUrl", "URL"),
    Case("a bad host", provisions(checkoutUrl="https://[1"), "checkoutUrl", "URL"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_cannot_be_used_names_the_field_and_what_it_must_be(case: Case) -> None:
    assert isinstance(case.problem, Problem)
    assert case.problem.field == case.field
    assert case.says in case.problem.message


BODIES = {
    "empty": b"",
    "truncated": b'{"responsible": "ERP", "sta',
    "not JSON": b"status=SHIPPED",
    "an array": b"[]",
    "a text": b'"SHIPPED"',
    "nothing": b"null",
    "10,000 deep": b"[" * 10_000 + b"]" * 10_000,
    "10,000 deep inside": b'{"status":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
    "not UTF-8": b'{"responsible": "\xff\xfe"}',
    "lone surrogate": b'{"responsible": "\\ud800", "status": "SHIPPED", "code": 200}',
    "NUL": b'{"responsible": "a\\u0000", "status": "SHIPPED", "code": 200}',
    "a raw NUL": b'{"responsible": "a\x00"}',
    "a very long number": b'{"code": ' + b"9" * 10_000 + b', "responsible": "E"}',
    "NaN": b'{"code": NaN, "status": NaN}',
    "two bodies": b"{}{}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_body_is_an_exception(body: bytes) -> None:
    assert isinstance(read_status_change(body), Problem)
    assert isinstance(read_provisions(body), Problem)


def test_what_is_no_json_object_is_a_problem_of_the_body() -> None:
    for name in ("empty", "an array", "10,000 deep", "not UTF-8"):
        problem = read_status_change(BODIES[name])
        assert isinstance(problem, Problem)
        assert problem.field == "body"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
names = st.sampled_from(
    ["status", "responsible", "message", "orderGwId", "code", "checkoutUrl"]
)


@given(
    st.binary() | st.dictionaries(names, json_values).map(json.dumps).map(str.encode)
)
def test_whatever_arrives_is_read(body: bytes) -> None:
    assert isinstance(read_status_change(body), StatusChange | Problem)
    assert isinstance(read_provisions(body), Provision | Problem)
