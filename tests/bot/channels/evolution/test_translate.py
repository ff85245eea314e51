"""What Evolution API tells us, sample by sample, in our words."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.evolution.translate import translate
from bot.domain.message import (
    AT_RECEIPT,
    AliasKind,
    Cart,
    Form,
    Ignored,
    InboundMessage,
    LinkChanged,
    Location,
    Media,
    MediaKind,
    Quarantined,
    Reaction,
    Received,
    StatusUpdate,
    System,
    Tap,
    Text,
    Unsupported,
)
from bot.domain.origin import Origin, Referral
from tests.mutations import mutated

PAYLOADS = Path(__file__).parent / "payloads"
SAMPLES = sorted(PAYLOADS.glob("*.json"))
KEY = "3A554E20ECABF3D45BB2"
API_KEY = "B6D711FCDE4D4FD5936544120E713976"


def told(name: str) -> tuple[Received, ...]:
    return translate((PAYLOADS / f"{name}.json").read_bytes())


def message(name: str, place: int = 0) -> InboundMessage:
    item = told(name)[place]
    assert isinstance(item, InboundMessage), item
    return item


def test_a_text_is_read_with_its_sender_and_its_moment() -> None:
    item = message("text")
    assert item.content == Text(text="2 pizzas grandes, por favor 🍕")
    assert (item.account, item.event, item.provider_id) == ("shop1", "message", KEY)
    (alias,) = item.sender.aliases
    assert (alias.kind, alias.value) == (AliasKind.WA_ID, "905551112233")
    assert item.sender.name == "Ana"
    assert item.sent_at == datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "not date_time"


def test_a_hidden_id_stands_beside_the_number_and_alone() -> None:
    both = message("text_from_lid").sender.aliases
    assert [alias.kind for alias in both] == [AliasKind.WA_ID, AliasKind.LID]
    (alone,) = message("text_from_lid_only").sender.aliases
    assert (alone.kind, alone.value) == (AliasKind.LID, "103899771998284@lid")
    assert message("text_from_lid").provider_id == message("text").provider_id


def test_quotes_forwards_and_ads_are_told() -> None:
    quoting = message("text_quoting")
    assert quoting.content == Text(text="2 of this")
    assert quoting.reply_to is not None
    assert quoting.reply_to.provider_id == "3EB0A1B2C3D4E5F60718"
    assert quoting.origin == Origin(forwarded=1)
    assert message("forwarded_often").origin == Origin(forwarded=2)
    assert message("text_from_ad").origin == Origin(
        referral=Referral(
            source_id="120212345678901234",
            source_url="https://fb.me/xyz",
            headline="Autumn",
            body="Order now",
        )
    )


def test_wrappers_are_taken_off() -> None:
    once, document = (
        message("wrapped").content,
        message("document_with_caption").content,
    )
    assert isinstance(once, Media)
    assert isinstance(document, Media)
    assert (once.kind, once.caption, once.size) == (
        MediaKind.IMAGE,
        "this one x2",
        1234,
    )
    assert (document.filename, document.caption) == ("order.pdf", "our list")


def test_wrappers_are_taken_off_however_deep_and_also_those_of_the_future() -> None:
    assert message("wrapped_deep").content == Text(text="two wrappers")
    assert message("wrapped_deep", 1).content == Text(text="a wrapper of the future")
    assert message("wrapped_deep", 2).content == System(event="revoke", target=KEY)


def test_a_cart_without_what_is_in_it_is_an_empty_one() -> None:
    assert message("order").content == Cart(note="the usual")


def test_a_form_that_nobody_can_read_is_kept_for_people() -> None:
    assert message("forms").content == Form(
        name="flow", fields={"unreadable": '{"what": '}
    )
    assert message("forms", 1).content == Form(name="flow", fields={"unreadable": ""})


def test_what_phones_tell_each_other_is_nobodys_word() -> None:
    reasons = [
        item.reason for item in told("ignored_kinds") if isinstance(item, Ignored)
    ]
    among = "the phones talk among themselves"
    assert reasons == [among] * 4 + ["not decrypted yet"] * 3
    assert told("call") == (Ignored(reason="event that we have no use for"),)


HIDDEN = [
    '{"apikey": "SECRET", "data": 1',
    '{"APIKEY":"SECRET',
    '{"text": "{\\"apikey\\":\\"SECRET\\"}", ',
    '{"\\u0061pikey": "SECRET", ',
    '{"apikey": SECRET, ',
    '{"data": {"config": {"apikey": {"of": "SECRET"}}}}',
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_key_is_hidden_wherever_it_stands(text: str) -> None:
    (item,) = translate(text.replace("SECRET", API_KEY).encode())
    assert isinstance(item, Quarantined)
    assert API_KEY not in item.raw


def test_media_comes_along_or_is_named() -> None:
    item = message("media")
    assert isinstance(item.content, Media)
    assert item.inline is not None
    assert item.inline.startswith(b"\x89PNG")
    assert str(item.content.provider_media_id).startswith(f"{KEY}|https://media.")
    voice = message("voice")
    assert isinstance(voice.content, Media)
    assert (voice.content.kind, voice.inline) == (MediaKind.VOICE, None)
    assert "inline" not in item.model_dump(), "bytes are never in JSON"


OTHERS: list[tuple[int, Callable[[Any], bool]]] = [
    (0, lambda c: isinstance(c, Location) and c.address == "Divan Yolu 1"),
    (1, lambda c: isinstance(c, Location) and c.name is None),
    (2, lambda c: c.cards[0].phones == ("+90 555 999 88 77",) and not c.requested),
    (3, lambda c: [card.name for card in c.cards] == ["A", "B"]),
    (4, lambda c: c == Reaction(target="3EB0A1B2C3D4E5F60718", emoji="👍")),
    (5, lambda c: c == Reaction(target="3EB0A1B2C3D4E5F60718", emoji=None)),
    (6, lambda c: isinstance(c, Tap) and c.id == "row:latte" and c.source == "list"),
    (7, lambda c: isinstance(c, Tap) and c.title == "Confirm"),
    (8, lambda c: isinstance(c, Tap) and c.source == "template"),
    (9, lambda c: isinstance(c, Tap) and c.id == "ok.1"),
    (
        10,
        lambda c: isinstance(c, Form) and c.fields == {"city": "Ankara", "count": "2"},
    ),
    (11, lambda c: c == Text(text="Latte")),
    (12, lambda c: c == Cart()),
    (13, lambda c: c == Unsupported(original_type="pollCreationMessageV3")),
    (14, lambda c: c.kind is MediaKind.STICKER),
    (15, lambda c: c.kind is MediaKind.VIDEO and c.caption == "look"),
    (16, lambda c: c.kind is MediaKind.VIDEO),
    (17, lambda c: c == Unsupported(original_type="hologramMessage")),
]


@pytest.mark.parametrize(("place", "fits"), OTHERS)
def test_every_type_becomes_what_it_says(
    place: int, fits: Callable[[Any], bool]
) -> None:
    assert fits(message("others", place).content)


def test_a_product_that_was_asked_about_is_named() -> None:
    about = message("others", 11).reply_to
    assert about is not None
    assert about.product_retailer_id == "LAT"


def test_groups_stories_newsletters_and_the_own_number_are_left_out() -> None:
    reasons = [item.reason for item in told("ignored") if isinstance(item, Ignored)]
    assert reasons == [
        "group message",
        "status or broadcast",
        "newsletter",
        "our own number",
        "not decrypted yet",
        "the phones talk among themselves",
        "the shop reacted",
    ]
    assert told("history") == (Ignored(reason="history from before we were connected"),)
    (own,) = told("own_send")
    assert isinstance(own, Ignored)
    assert own.reason == "sent through the API"
    assert own.own is not None
    assert (own.own.event, own.own.provider_id) == ("echo", "3EB0FF")


def test_what_is_typed_on_the_shops_phone_is_an_echo_to_the_customer() -> None:
    item = message("echo")
    assert (item.event, item.provider_id) == ("echo", "3AFFEE")
    assert item.content == Text(text="I answer this myself")
    assert item.sender.aliases[0].value == "905551112233"
    assert item.sender.name is None, "the shop's name is not the customer's"


def test_edits_and_deletes_are_known_however_they_come() -> None:
    edit, inside = message("edit"), message("edit_in_message")
    assert edit.content == System(event="edit", target=KEY, text="3 pizzas grandes")
    assert inside.content == System(event="edit", target=KEY, text="3 pizzas")
    assert edit.provider_id == inside.provider_id, "one edit, told twice"
    for name in ("revoke", "revoke_in_message", "status_deleted"):
        revoke = message(name)
        assert revoke.content == System(event="revoke", target=KEY)
        assert (revoke.event, revoke.provider_id) == ("revoke", KEY)
    assert message("revoke").sent_at == AT_RECEIPT, "Evolution does not say when"


def test_acks_become_news() -> None:
    states = [str(i.state) for i in told("statuses") if isinstance(i, StatusUpdate)]
    assert states == ["sent", "delivered", "read", "played", "failed", "delivered"]


def test_the_connection_is_told() -> None:
    (lost,), (found,) = told("connection_lost"), told("connection_found")
    assert isinstance(lost, LinkChanged)
    assert isinstance(found, LinkChanged)
    assert not lost.connected
    assert "401" in lost.reason
    assert found.connected


def test_a_damaged_item_costs_only_itself() -> None:
    kinds = [type(item) for item in told("batch_with_malformed_items")]
    assert kinds == [InboundMessage, Quarantined, Quarantined, InboundMessage]


def test_old_and_upper_case_names_of_events_are_known() -> None:
    body = json.loads((PAYLOADS / "text.json").read_bytes())
    for event in ("MESSAGES_UPSERT", "messages-upsert"):
        (item,) = translate(json.dumps(body | {"event": event}).encode())
        assert isinstance(item, InboundMessage)


def test_moments_in_every_form_are_read() -> None:
    body = json.loads((PAYLOADS / "text.json").read_bytes())
    for stamp in ("1795348800", 1795348800, {"low": 1795348800, "high": 0}):
        body["data"]["messageTimestamp"] = stamp
        (item,) = translate(json.dumps(body).encode())
        assert isinstance(item, InboundMessage)
        assert item.sent_at == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_the_key_of_the_api_is_kept_nowhere() -> None:
    for path in SAMPLES:
        body = path.read_bytes()
        for raw in (body, body[:-9], body.replace(b'"event"', b'"evemt"')):
            assert API_KEY not in repr(translate(raw)), path.stem


@settings(
    max_examples=40,
    deadline=timedelta(seconds=5),
    suppress_health_check=list(HealthCheck),
)
@given(st.sampled_from(SAMPLES).flatmap(mutated))
def test_whatever_comes_is_translated_and_never_raises(body: bytes) -> None:
    items = translate(body)
    assert items
    assert all(len(i.reason) <= 60 for i in items if isinstance(i, Quarantined))
    assert API_KEY not in repr(items)


def test_what_the_shop_wrote_is_never_said_to_be_to_the_shop_itself() -> None:
    """Whatever names the sender of it is the shop's own, beside every customer."""
    body = json.loads((PAYLOADS / "echo.json").read_bytes())
    body["data"]["key"] |= {
        "senderPn": "902120000000@s.whatsapp.net",
        "senderLid": "77700000000000@lid",
        "remoteJidAlt": "77700000000000@lid",
    }
    (echo,) = translate(json.dumps(body).encode())
    assert isinstance(echo, InboundMessage)
    assert [alias.value for alias in echo.sender.aliases] == ["905551112233"]
