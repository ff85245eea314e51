"""Who is let in: the webhooks of gateways, and nobody who only says so."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from bot.channels.evolution.gate import EvolutionGate
from bot.channels.gate import Knock, Refusal
from bot.channels.waha.gate import WahaGate

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW, OLD = (
    "the-new-secret-of-sixty-four-characters-0123456789-0123456789-01",
    "the-old-secret-of-sixty-four-characters-0123456789-0123456789-01",
)
BODY = b'{"event":"message","text":"\\u00e4 \\ud83c\\udf55"}'


def knock(
    headers: Sequence[tuple[str, str]],
    *,
    body: bytes | None = BODY,
    secrets: tuple[str, ...] = (NEW,),
) -> Knock:
    return Knock(CIMultiDictProxy(CIMultiDict(headers)), secrets, NOW, body)


def token(secret: str = NEW, algorithm: str = "HS256", **claims: Any) -> str:
    given = {
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=10)).timestamp()),
        "app": "evolution",
        "action": "webhook",
    } | claims
    wanted = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(wanted, secret if algorithm != "none" else "", algorithm)


def bearer(value: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {value}")]


# -- Evolution API --------------------------------------------------------------------

LET_IN: dict[str, list[tuple[str, str]]] = {
    "the static header": [("x-webhook-secret", NEW)],
    "a token": bearer(token()),
    "a token of a clock that is a little slow": bearer(
        token(exp=int(NOW.timestamp()) - 30)
    ),
}
REFUSED: dict[str, list[tuple[str, str]]] = {
    "another secret": [("X-Webhook-Secret", "wrong")],
    "a secret that is no ASCII": [("X-Webhook-Secret", "sécret\udcff")],
    "a token of another secret": bearer(token(OLD)),
    "a token without a signature": bearer(token(algorithm="none")),
    "a token of another algorithm": bearer(token(algorithm="HS512")),
    "an expired token": bearer(token(exp=int(NOW.timestamp()) - 3600)),
    "a token that never expires": bearer(token(exp=None)),
    "a token of tomorrow": bearer(token(iat=int(NOW.timestamp()) + 86400)),
    "a token for something else": bearer(token(action="login")),
    "no token at all": bearer("x.y.z"),
}
MISSING: dict[str, list[tuple[str, str]]] = {
    "nothing": [],
    "an empty header": [("X-Webhook-Secret", "")],
    "two headers": [("X-Webhook-Secret", NEW), ("X-Webhook-Secret", NEW)],
    "another scheme": [("Authorization", f"Basic {NEW}")],
    "an empty token": bearer(""),
}


@pytest.mark.parametrize("body", [None, BODY], ids=["unread", "read"])
@pytest.mark.parametrize("headers", LET_IN.values(), ids=LET_IN)
def test_evolution_is_let_in_by_a_header_or_a_token(
    headers: list[tuple[str, str]], body: bytes | None
) -> None:
    assert EvolutionGate().refusal(knock(headers, body=body)) is None


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_evolution_is_refused_before_its_body_is_read(
    headers: list[tuple[str, str]],
) -> None:
    refusal = EvolutionGate().refusal(knock(headers, body=None))
    assert refusal is not None
    assert not refusal.is_missing


@pytest.mark.parametrize("headers", MISSING.values(), ids=MISSING)
def test_who_does_not_try_is_told_what_is_missing(
    headers: list[tuple[str, str]],
) -> None:
    refusal = EvolutionGate().refusal(knock(headers, body=None))
    assert refusal is not None
    assert refusal.is_missing


def test_no_secret_lets_nobody_in() -> None:
    for headers in (*LET_IN.values(), [("X-Webhook-Secret", "")]):
        for secrets in ((), ("",)):
            assert EvolutionGate().refusal(knock(headers, secrets=secrets)) is not None


# -- WAHA -----------------------------------------------------------------------------


def signed(
    secret: str = NEW, body: bytes = BODY, algorithm: str | None = "sha512"
) -> list[tuple[str, str]]:
    digest = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()
    named = [("X-Webhook-Hmac-Algorithm", algorithm)] if algorithm else []
    return [("X-Webhook-Hmac", digest), *named]


def judged(headers: list[tuple[str, str]], **more: Any) -> Refusal | None:
    return WahaGate().refusal(knock(headers, **more))


def test_waha_is_let_in_by_its_signature_over_the_raw_bytes() -> None:
    assert judged(signed()) is None
    assert judged(signed(), body=None) is None, "read it, and ask again"
    assert judged(signed(algorithm=None)) is None
    assert judged([(n, v.upper()) for n, v in signed()]) is None
    assert judged(signed(OLD), secrets=(NEW, OLD)) is None, "while the grace lasts"


@pytest.mark.parametrize(
    ("headers", "is_missing"),
    [
        ([], True),
        ([("X-Webhook-Hmac", "")], True),
        ([("X-Webhook-Hmac", hashlib.sha256(BODY).hexdigest())], True),
        ([("X-Webhook-Hmac", "é" * 128)], True),
        (signed() + signed(), True),
        (signed(OLD), False),
        (signed(body=BODY.replace(b"\\u00e4", "ä".encode())), False),
        (signed(algorithm="sha256"), False),
        (signed(algorithm="none"), False),
    ],
)
def test_waha_is_refused(headers: list[tuple[str, str]], is_missing: bool) -> None:
    refusal = judged(headers)
    assert refusal is not None
    assert refusal.is_missing == is_missing


def test_the_algorithm_is_ours_and_not_the_headers() -> None:
    short = hmac.new(NEW.encode(), BODY, hashlib.sha256).hexdigest()
    named = [("X-Webhook-Hmac", short), ("X-Webhook-Hmac-Algorithm", "sha256")]
    assert judged(named) is not None


def test_an_empty_secret_signs_nothing() -> None:
    assert judged(signed(""), secrets=("",)) is not None
