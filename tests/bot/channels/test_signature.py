import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.signature import is_signed, sign

SECRET, BODY = b"a secret", b'{"object": "\\u00e4 \\ud83d\\ude00"}'


@pytest.mark.parametrize(
    ("secret", "body", "digest"),
    [  # test cases 2 and 3 of RFC 4231
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b"\xaa" * 20,
            b"\xdd" * 50,
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
    ],
)
def test_a_signature_is_the_published_one(
    secret: bytes, body: bytes, digest: str
) -> None:
    assert sign(secret, body) == f"sha256={digest}"
    assert is_signed(secret, body, f"sha256={digest}")
    assert is_signed(secret, body, f"sha256={digest}".encode())


def test_the_raw_bytes_count_not_what_they_mean() -> None:
    rewritten = json.dumps(json.loads(BODY), ensure_ascii=False).encode()
    assert json.loads(rewritten) == json.loads(BODY)
    assert not is_signed(SECRET, rewritten, sign(SECRET, BODY))


GOOD = sign(SECRET, BODY)
BAD = [
    *(None, "", b"", "sha256", "sha256=", GOOD[:-1], GOOD + "0", GOOD.upper()),
    "sha256=" + GOOD.removeprefix("sha256=").upper(),
    GOOD.removeprefix("sha256="),
    "sha1=" + hmac.new(SECRET, BODY, hashlib.sha1).hexdigest(),
    f"{GOOD}, {GOOD}",
    f"{GOOD}\n",
    GOOD[:-1] + "é",
    GOOD[:-1] + "\ud83d",
    b"sha256=\xff\xfe",
    sign(b"another secret", BODY),
]


@pytest.mark.parametrize("header", BAD, ids=ascii)
def test_anything_else_is_no_signature_and_no_error(header: str | bytes | None) -> None:
    assert not is_signed(SECRET, BODY, header)


def test_an_empty_secret_signs_nothing() -> None:
    assert not is_signed(b"", BODY, sign(b"", BODY))


@given(secret=st.binary(min_size=1), body=st.binary(), header=st.text() | st.binary())
def test_only_its_own_signature_fits(
    secret: bytes, body: bytes, header: str | bytes
) -> None:
    assert is_signed(secret, body, sign(secret, body))
    assert not is_signed(secret, body, header)
