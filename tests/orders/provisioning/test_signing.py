"""Signed webhooks: the holder of the secret, now, or nobody."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.provisioning.signing import BadSignature, _signature, headers, verify
from tests.factories import NOON

BODY = '{"name":"Çay ☕"}'.encode()
SECRET = "s3cret"
SIGNED = headers(SECRET, event_id="event_1", sent_at=NOON, body=BODY)


def test_the_example_of_the_specification() -> None:
    sent_at = datetime.fromtimestamp(1731705121, tz=UTC)
    signed = headers(
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        event_id="msg_loFOjxBNrRLzqYUf",
        sent_at=sent_at,
        body=b'{"event_type":"ping","data":{"success":true}}',
    )
    assert signed == {
        "webhook-id": "msg_loFOjxBNrRLzqYUf",
        "webhook-timestamp": "1731705121",
        "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        "Idempotency-Key": "msg_loFOjxBNrRLzqYUf",
    }


@given(st.binary(), st.text(min_size=1), st.integers(0, 2**33))
def test_what_is_signed_is_verified(body: bytes, secret: str, seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, tz=UTC)
    try:
        signed = headers(secret, event_id="event_1", sent_at=now, body=body)
    except ValueError:  # A secret that begins like base64 and is none.
        assert secret.startswith("whsec_") or not secret.isascii()
        return
    assert verify(secret, signed, body, now=now) == "event_1"


def test_a_base64_secret_is_its_bytes() -> None:
    encoded = "whsec_" + base64.b64encode(SECRET.encode()).decode()
    assert verify(encoded, SIGNED, BODY, now=NOON) == "event_1"
    with pytest.raises(ValueError, match="must be base64"):
        headers("whsec_%%", event_id="e", sent_at=NOON, body=b"")


@dataclass(frozen=True)
class Case:
    id: str
    says: str
    changed: dict[str, str | None] = field(default_factory=dict)
    body: bytes = BODY
    secret: str = SECRET
    late: timedelta = timedelta(0)


CASES = [
    Case("another body", "no v1 signature that fits", body=BODY + b" "),
    Case("another secret", "no v1 signature that fits", secret="other"),
    Case("another event", "no v1 signature", {"webhook-id": "event_2"}),
    Case("a moved clock", "no v1 signature", {"webhook-timestamp": "1795348801"}),
    Case("no signature", "webhook-signature is missing", {"webhook-signature": None}),
    Case("no id", "webhook-id is missing", {"webhook-id": None}),
    Case("no time", "webhook-timestamp is missing", {"webhook-timestamp": ""}),
    Case("not base64", "no v1 signature", {"webhook-signature": "v1,\udcff☕"}),
    Case(
        "another version",
        "no v1 signature",
        {"webhook-signature": SIGNED["webhook-signature"].replace("v1,", "v1a,")},
    ),
    Case("too old", "more than 0:05:00 from now", late=timedelta(seconds=301)),
    Case("from the future", "more than 0:05:00", late=timedelta(seconds=-301)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_is_not_genuine_is_refused(case: Case) -> None:
    received = {
        name: value
        for name, value in (SIGNED | case.changed).items()
        if value is not None
    }
    with pytest.raises(BadSignature, match=case.says):
        verify(case.secret, received, case.body, now=NOON + case.late)


@pytest.mark.parametrize("stamp", ["noon", "9" * 30, "9" * 5000])
def test_a_signed_nonsense_of_a_time_is_refused(stamp: str) -> None:
    signed = headers(SECRET, event_id="event_1", sent_at=NOON, body=BODY)
    # Signed by a holder of the secret that cannot tell the time.
    signed["webhook-timestamp"] = stamp
    signed["webhook-signature"] = "v1," + _signature(SECRET, "event_1", stamp, BODY)
    with pytest.raises(BadSignature, match="not a number of seconds"):
        verify(SECRET, signed, BODY, now=NOON)


def test_header_names_have_no_case_and_one_fitting_signature_is_enough() -> None:
    received = {name.upper(): value for name, value in SIGNED.items()}
    received["WEBHOOK-SIGNATURE"] = f"v1,AAAA {SIGNED['webhook-signature']} v1a,zzz"
    assert verify(SECRET, received, BODY, now=NOON) == "event_1"


def test_the_tolerance_is_the_receivers() -> None:
    late = NOON + timedelta(minutes=9)
    hour = timedelta(hours=1)
    assert verify(SECRET, SIGNED, BODY, now=late, tolerance=hour) == "event_1"
