import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp_cloud.translate import translate
from bot.channels.whatsapp_cloud.webhook import accounts_named, handshake
from bot.domain.message import InboundMessage

PAYLOADS = Path(__file__).parent / "payloads"


def test_all_accounts_of_a_batch_are_named() -> None:
    body = (PAYLOADS / "batch.json").read_bytes()
    assert accounts_named(body) == {"106540352242922", "106540352249999"}


@pytest.mark.parametrize(
    "path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem
)
def test_whatever_is_translated_was_named(path: Path) -> None:
    body = path.read_bytes()
    told = translate(body)
    accounts = {item.account for item in told if isinstance(item, InboundMessage)}
    assert accounts <= accounts_named(body)


@given(text=st.text() | st.just('"phone_number_id":"666"'), end=st.text())
def test_a_customer_cannot_name_an_account(text: str, end: str) -> None:
    said = f'{text}"phone_number_id":"666"{end}'
    for ascii_only in (True, False):
        body = json.dumps({"body": said, "also": text}, ensure_ascii=ascii_only)
        assert not accounts_named(body.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", set()),
        (b'{"phone_number_id":"1"}', {"1"}),
        (b'{"phone_number_id" :\n\t"1", "a": {"phone_number_id":"2"}}', {"1", "2"}),
        (b'{"phone_number_id":"' + b"9" * 200 + b'"}', set()),
        (b'{"phone_number_id":"../x"}', set()),
        (b'{"phone_number_id":7}', set()),
        (b"\xff\xfe garbage", set()),
    ],
)
def test_only_plain_ids_are_named(body: bytes, named: set[str]) -> None:
    assert accounts_named(body) == named


def test_a_body_that_names_without_end_is_read_in_bounded_time() -> None:
    began = time.process_time()
    many = b'"phone_number_id"' * 200_000 + b'"phone_number_id":' + b" " * 1_000_000
    assert not accounts_named(many)
    ids = b",".join(b'"phone_number_id":"%d"' % number for number in range(50_000))
    assert len(accounts_named(ids)) <= 1000
    assert time.process_time() - began < 30


TOKENS = [b"right", "ünïcode".encode()]
ASKED = {
    "hub.mode": "subscribe",
    "hub.challenge": "1158201444",
    "hub.verify_token": "right",
}


def test_a_handshake_is_answered_with_the_challenge() -> None:
    assert handshake(ASKED, TOKENS) == "1158201444"
    assert handshake(ASKED | {"hub.verify_token": "ünïcode"}, TOKENS) == "1158201444"
    assert handshake(ASKED | {"hub.challenge": "<script>"}, TOKENS) == "<script>"


@pytest.mark.parametrize(
    "change",
    [
        *({"hub.verify_token": wrong} for wrong in ("wrong", "", "RIGHT", "\ud83d")),
        *({"hub.mode": wrong} for wrong in ("unsubscribe", "", "SUBSCRIBE")),
    ],
)
def test_a_wrong_handshake_is_refused(change: dict[str, str]) -> None:
    assert handshake(ASKED | change, TOKENS) is None


@pytest.mark.parametrize("missing", ASKED)
def test_an_incomplete_handshake_is_refused(missing: str) -> None:
    asked = {name: value for name, value in ASKED.items() if name != missing}
    assert handshake(asked, TOKENS) is None


def test_an_empty_token_never_matches() -> None:
    assert handshake(ASKED | {"hub.verify_token": ""}, [b"", b"right"]) is None
    assert handshake(ASKED, []) is None
