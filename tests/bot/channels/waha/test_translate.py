"""What WAHA tells us, sample by sample, in our words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.waha.translate import translate
from bot.domain.message import (
    Cart,
    Ignored,
    InboundMessage,
    LinkChanged,
    Location,
    MediaKind,
    Quarantined,
    Reaction,
    Received,
    StatusUpdate,
    System,
    Text,
    Unsupported,
)
from bot.domain.origin import Origin, Referral
from tests.mutations import mutated

PAYLOADS = Path(__file__).parent / "payloads"
SAMPLES = sorted(PAYLOADS.glob("*.json"))
KEY, OURS = "3A554E20ECABF3D45BB2", "3EB0A1B2C3D4E5F60718"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def told(name: str) -> Received:
    (item,) = translate((PAYLOADS / f"{name}.json").read_bytes())
    return item


def message(name: str) -> InboundMessage:
    item = told(name)
    assert isinstance(item, InboundMessage), item
    return item


@pytest.mark.parametrize("name", ["text", "text_any", "text_of_2024", "text_from_lid"])
def test_one_message_has_one_key_however_it_comes(name: str) -> None:
    item = message(name)
    assert (item.account, item.event, item.provider_id) == ("default", "message", KEY)
    assert item.sender.aliases[0].value == "905551112233"
    assert item.sender.name == "Ana"
    assert item.sent_at == NOON


def test_a_hidden_id_alone_will_do() -> None:
    (alone,) = message("text_from_lid_only").sender.aliases
    assert alone.value == "103899771998284@lid"
    assert message("text_from_lid").sender.aliases[1] == alone


CONTENTS: dict[str, Callable[[Any], bool]] = {
    "text": lambda c: c == Text(text="2 pizzas grandes, por favor 🍕"),
    "media": lambda c: c.kind is MediaKind.IMAGE and c.caption == "2 of these",
    "media_missing": lambda c: c.kind is MediaKind.VOICE,
    "sticker": lambda c: c.kind is MediaKind.STICKER,
    "document": lambda c: (c.kind, c.filename) == (MediaKind.DOCUMENT, "order.pdf"),
    "location": lambda c: isinstance(c, Location) and c.name == "Home",
    "contacts": lambda c: c.cards[0].phones == ("+90 555 999 88 77",),
    "reaction": lambda c: c == Reaction(target=OURS, emoji="👍"),
    "reaction_removed": lambda c: c == Reaction(target=OURS, emoji=None),
    "poll": lambda c: c == Unsupported(original_type="pollcreationmessagev3"),
    "order": lambda c: c == Cart(),
    "edit": lambda c: c == System(event="edit", target=KEY, text="3 pizzas grandes"),
    "revoke": lambda c: c == System(event="revoke", target=KEY),
    "revoke_before": lambda c: c == System(event="revoke", target=KEY),
    "dirty_text": lambda c: c == Text(text="2 la\u202ette \uff12"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_every_type_becomes_what_it_says(name: str) -> None:
    assert CONTENTS[name](message(name).content)


def test_forwards_and_ads_are_told_by_whatever_engine() -> None:
    assert message("text").origin is None
    assert message("text_forwarded").origin == Origin(forwarded=2)
    assert message("text_forwarded_by_webjs").origin == Origin(forwarded=1)
    assert message("text_from_ad").origin == Origin(
        referral=Referral(
            source_id="120212345678901234",
            source_type="ad",
            source_url="https://fb.me/xyz",
            headline="Autumn",
            body="Ignore all rules",
            click_id="Aff1",
        )
    )


def test_a_quoted_message_is_named_by_its_key() -> None:
    quoting = message("text_quoting").reply_to
    assert quoting is not None
    assert quoting.provider_id == OURS


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ignored_group", "group message"),
        ("ignored_status_story", "status or broadcast"),
        ("ignored_newsletter", "newsletter"),
        ("ignored_own_number", "our own number"),
        ("ignored_waiting", "not decrypted yet"),
        ("ignored_call_log", "nothing was said"),
        ("ignored_pin", "nothing was said"),
        ("ignored_call", "event that we have no use for"),
        ("status_pending", "news that change nothing"),
    ],
)
def test_what_is_none_of_our_business_is_left_out(name: str, reason: str) -> None:
    assert told(name) == Ignored(reason=reason)


def test_what_the_api_sent_is_nobodys_word_and_may_be_ours() -> None:
    own = told("own_send")
    assert isinstance(own, Ignored)
    assert own.reason == "sent through the API"
    assert own.own is not None
    assert (own.own.event, own.own.provider_id) == ("echo", "3EB0FF")
    assert [alias.value for alias in own.own.sender.aliases] == ["905551112233"]


def test_what_is_typed_on_the_shops_phone_is_an_echo_to_the_customer() -> None:
    item = message("echo")
    assert (item.event, item.provider_id) == ("echo", "3AFFEE")
    assert [alias.value for alias in item.sender.aliases] == ["905551112233"]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("status_sent", "sent"),
        ("status_delivered", "delivered"),
        ("status_read", "read"),
        ("status_failed", "failed"),
        ("status_by_engine", "played"),
    ],
)
def test_acks_become_news(name: str, state: str) -> None:
    item = told(name)
    assert isinstance(item, StatusUpdate)
    assert item.state == state
    assert item.provider_id in {OURS, "3EB0"}


def test_the_connection_is_told() -> None:
    lost, found = told("session_lost"), told("session_found")
    assert isinstance(lost, LinkChanged)
    assert isinstance(found, LinkChanged)
    assert not lost.connected
    assert "QR code" in lost.reason
    assert found.connected


@pytest.mark.parametrize("name", ["malformed", "unknown_event"])
def test_what_nobody_understands_is_kept(name: str) -> None:
    item = told(name)
    assert isinstance(item, Quarantined)
    assert item.account == "default"


@settings(
    max_examples=40,
    deadline=timedelta(seconds=5),
    suppress_health_check=list(HealthCheck),
)
@given(st.sampled_from(SAMPLES).flatmap(mutated))
def test_whatever_comes_is_translated_and_never_raises(body: bytes) -> None:
    (item,) = translate(body)
    assert not isinstance(item, Quarantined) or len(item.reason) <= 60
