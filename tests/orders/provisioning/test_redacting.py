"""What is kept of a call to a merchant's system: enough to mend it, and no person."""

import json
from dataclasses import replace
from typing import Any

import pytest

from orders import Address
from orders.outbox.transcript import (
    Exchange,
    answered,
    asked,
    keep_with,
    listening,
)
from orders.provisioning.redacting import HIDDEN, redacted_for
from tests.factories import an_order

ORDER = replace(
    an_order(),
    name="Ana Yılmaz",
    phone="+905551112233",
    email="ana@shop.example",
    address=Address("Moda Cad. 5, Kadıköy", street="Moda Cad."),
    extra={"badge": "Kestane-7"},
)


def redacted(body: Any, *, url: str = "https://erp.example/orders") -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    return redacted_for(ORDER)(Exchange("POST", url, text, 400, text))


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        # What stands under a name that tells of persons, in whatever spelling.
        (
            {"customer": {"foo": "x", "n": 1}},
            {"customer": {"foo": HIDDEN, "n": HIDDEN}},
        ),
        ({"firstName": "Zoe"}, {"firstName": HIDDEN}),
        ({"lat": 40.98, "tax_no": 12}, {"lat": HIDDEN, "tax_no": HIDDEN}),
        ({"apiKey": "k", "id_token": "t"}, {"apiKey": HIDDEN, "id_token": HIDDEN}),
        # What contains words or numbers of the order's person, wherever.
        ({"ref": "for ANA"}, {"ref": HIDDEN}),
        ({"ref": "0555 111 22 33"}, {"ref": HIDDEN}),
        ({"ref": 905551112233}, {"ref": HIDDEN}),
        ({"label": ["kestane", "gift"]}, {"label": [HIDDEN, "gift"]}),
        # What a person needs to mend it.
        (
            {"items": [{"name": "Latte", "sku": "LATTE", "price": 85.5, "paid": None}]},
            {"items": [{"name": "Latte", "sku": "LATTE", "price": 85.5, "paid": None}]},
        ),
        (
            {"customerId": "cus_1", "total": "12"},
            {"customerId": "cus_1", "total": "12"},
        ),
    ],
)
def test_a_request_is_kept_without_persons(body: Any, shown: Any) -> None:
    assert json.loads(redacted(body).request or "") == shown


def test_an_answer_keeps_what_is_wrong() -> None:
    kept = redacted({"message": "unknown SKU TEA", "text": "Ana is unknown"})
    assert json.loads(kept.response or "") == {
        "message": "unknown SKU TEA",
        "text": HIDDEN,
    }
    assert json.loads(kept.request or "")["message"] == HIDDEN


def test_what_cannot_be_looked_through_is_not_kept() -> None:
    assert redacted('{"customer": {"name": "Zo').response == HIDDEN
    assert redacted("[" * 50_000 + "]" * 50_000).response == HIDDEN
    assert redacted("no such order for Ana").response == f"no such order for {HIDDEN}"
    assert len(redacted("x" * 9000).response or "") == 500


def test_an_address_keeps_no_query_and_no_person() -> None:
    url = "https://me:key@erp.example:8443/c/905551112233/orders?phone=5551112233"
    assert redacted("", url=url).url == f"https://erp.example:8443/c/{HIDDEN}/orders"


def test_nothing_is_kept_unless_somebody_says_how() -> None:
    with listening() as transcript:
        asked("POST", "https://erp.example", b"{}")
        answered(200, "{}")
        assert transcript.kept() == []
        keep_with(redacted_for(ORDER))
    (kept,) = transcript.kept()
    assert (kept["status"], kept["request"]) == (200, "{}")


def test_outside_of_an_attempt_nobody_listens() -> None:
    asked("POST", "https://erp.example", None)
    answered(200, "")
    keep_with(redacted_for(ORDER))
    with listening() as transcript:
        answered(200, "an answer to nothing")
    assert transcript.said == []
