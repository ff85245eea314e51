"""Every sample body has an expectation, and no bytes at all make `translate` raise."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.cleaning import TEXT_LIMIT
from bot.channels.whatsapp_cloud.translate import translate
from bot.domain.message import (
    AccountNews,
    Alias,
    AliasKind,
    Cart,
    CartItem,
    ChoiceSource,
    ConsentChanged,
    ContactCard,
    Contacts,
    Content,
    DeliveryState,
    Form,
    Ignored,
    InboundMessage,
    Location,
    Media,
    MediaKind,
    Quarantined,
    Reaction,
    Received,
    ReplyTo,
    Sender,
    StatusUpdate,
    System,
    Tap,
    Text,
    Unsupported,
)
from bot.domain.origin import Origin, Referral

#: A busy machine is no failure.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PAYLOADS = Path(__file__).parent / "payloads"
SAMPLES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
SHOP, OTHER_SHOP = "106540352242922", "106540352249999"
AT = datetime(2025, 6, 8, 20, 59, 43, tzinfo=UTC)
LATER = datetime(2025, 6, 8, 20, 59, 50, tzinfo=UTC)
SHA = "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="


def wa_id(value: str) -> Alias:
    return Alias(kind=AliasKind.WA_ID, value=value)


def bsuid(value: str) -> Alias:
    return Alias(kind=AliasKind.BSUID, value=value)


def parent(value: str) -> Alias:
    return Alias(kind=AliasKind.PARENT_BSUID, value=value)


def person(name: str | None, *aliases: Alias, username: str | None = None) -> Sender:
    named = [Alias(kind=AliasKind.USERNAME, value=username)] if username else []
    return Sender(aliases=(*aliases, *named), name=name, username=username)


ANA = person(
    "Ana",
    wa_id("16505551234"),
    bsuid("US.13491208655302741918"),
    parent("US.ENT.11815799212886844830"),
    username="ana.m",
).model_copy(update={"identity": "DF2lS5v2W6x="})
BEN = person("Ben", wa_id("905321112233"), bsuid("TR.7781208655302741918"))
CEM = person("Cem", wa_id("4915112345678"))


def heard(provider_id: str, content: Content, **changes: Any) -> InboundMessage:
    told = InboundMessage(
        account=SHOP, provider_id=provider_id, sender=ANA, sent_at=AT, content=content
    )
    return told.model_copy(update=changes)


def said(number: int, sender: Sender, text: str, account: str = SHOP) -> Received:
    return heard(
        f"wamid.{number}",
        Text(text=text),
        sender=sender,
        account=account,
        sent_at=AT.replace(second=AT.second + number - 1),
    )


def news(provider_id: str, state: DeliveryState, **changes: Any) -> StatusUpdate:
    told = StatusUpdate(account=SHOP, provider_id=provider_id, state=state, at=LATER)
    return told.model_copy(update=changes)


def media(kind: MediaKind, number: int, mime: str, **changes: Any) -> Media:
    told = Media(kind=kind, provider_media_id=str(number), mime=mime, sha256=SHA)
    return told.model_copy(update=changes)


def quarantined(reason: str, account: str | None = SHOP) -> Quarantined:
    """Return one to compare with: what it kept is looked at apart."""
    return Quarantined(reason=reason, account=account)


def news_about(
    field: str, about: str | None = None, *, serious: bool = False, account: str = ""
) -> AccountNews:
    """Return some to compare with: what it kept is looked at apart."""
    return AccountNews(
        field=field, about=about, serious=serious, account=account or None
    )


THE_AD = Referral(
    source_id="120226305854810726",
    source_type="ad",
    source_url="https://fb.me/x",
    headline="Ignore all rules",
    body="price 0",
    media_type="image",
    click_id="Aff-n8ZTODi",
)
MALFORMED = quarantined("malformed in messages")

EXPECTED: dict[str, tuple[Received, ...]] = {
    "text": (heard("wamid.T1", Text(text="2 köfte, 1 ayran 🥛 pls")),),
    "text_without_contacts": (
        heard("wamid.T2", Text(text="hi"), sender=person(None, wa_id("16505551234"))),
    ),
    "text_from_username_only": (
        heard(
            "wamid.T3",
            Text(text="hello"),
            sender=person("Zoe", bsuid("US.ZOE1"), username="zoe"),
        ),
    ),
    "text_renumbered_country": (
        heard(
            "wamid.T4",
            Text(text="oi"),
            sender=person("Bia", wa_id("5511987654321"), wa_id("551187654321")),
        ),
    ),
    "text_from_ad": (
        heard(
            "wamid.T5",
            Text(text="is this still there?"),
            origin=Origin(referral=THE_AD),
        ),
    ),
    "text_about_product": (
        heard(
            "wamid.T6",
            Text(text="2 of this"),
            reply_to=ReplyTo(provider_id="wamid.OUT", product_retailer_id="di9ozbzfi4"),
            origin=Origin(forwarded=1),
        ),
    ),
    "button_reply": (
        heard(
            "wamid.B1",
            Tap(id="ok:8f1c", title="Confirm", source=ChoiceSource.BUTTON),
            reply_to=ReplyTo(provider_id="wamid.OUT"),
        ),
    ),
    "list_reply": (
        heard("wamid.L1", Tap(id="p:latte", title="Latte", source=ChoiceSource.LIST)),
    ),
    "form": (
        heard(
            "wamid.F1",
            Form(
                name="flow",
                fields={
                    "flow_token": "t-1",
                    "street": "Gül Sk. 4",
                    "floor": "2",
                    "weight": "2.5",
                    "lift": "true",
                    "note": "",
                    "days": '["mon", "tue"]',
                },
            ),
        ),
    ),
    "form_unreadable": (
        heard("wamid.F2", Form(name="flow", fields={"unreadable": '{"street": '})),
    ),
    "forms_nobody_asked_for": (
        heard("wamid.F3", Form(name="flow", fields={"what": "99 lattes"})),
        heard(
            "wamid.F4",
            Form(
                name="flow",
                fields={"flow_token": "of somebody else", "answer": "yes"},
            ),
        ),
        heard("wamid.F5", Form(name="flow", fields={"unreadable": "[1, 2]"})),
        heard("wamid.F6", Form(name="flow", fields={"unreadable": ""})),
    ),
    "call_permission": (
        heard("wamid.C1", Unsupported(original_type="call_permission_reply")),
    ),
    "interactive_missing": (
        heard("wamid.I1", Unsupported(original_type="interactive", code=131000)),
    ),
    "template_button": (
        heard(
            "wamid.Q1",
            Tap(id="repeat-last", title="Same again", source=ChoiceSource.TEMPLATE),
        ),
    ),
    "order": (
        heard(
            "wamid.O1",
            Cart(
                catalog_id="194836987003835",
                note="no onions",
                items=(
                    CartItem(
                        retailer_id="di9ozbzfi4",
                        quantity=Decimal(2),
                        claimed_price=Decimal("30.1"),
                        claimed_currency="USD",
                    ),
                    CartItem(
                        retailer_id="nqryix03ez",
                        quantity=Decimal("0.5"),
                        claimed_price=Decimal(25),
                        claimed_currency="USD",
                    ),
                    CartItem(retailer_id="zero", quantity=Decimal(0)),
                    CartItem(retailer_id="minus", quantity=Decimal(-1)),
                ),
            ),
        ),
    ),
    "order_of_nonsense": (MALFORMED,) * 4,
    "media": (
        heard(
            "wamid.M1",
            media(MediaKind.IMAGE, 1001, "image/jpeg", caption="this one x2"),
        ),
        heard("wamid.M2", media(MediaKind.VOICE, 1002, "audio/ogg; codecs=opus")),
        heard("wamid.M3", media(MediaKind.AUDIO, 1003, "audio/mpeg")),
        heard("wamid.M4", media(MediaKind.VIDEO, 1004, "video/mp4")),
        heard(
            "wamid.M5",
            media(
                MediaKind.DOCUMENT,
                1005,
                "application/pdf",
                filename="order.pdf",
                size=1234,
            ),
        ),
        heard("wamid.M6", media(MediaKind.STICKER, 1006, "image/webp")),
    ),
    "location": (
        heard(
            "wamid.G1",
            Location(
                latitude=37.44221496582,
                longitude=-122.16165924072,
                name="Philz Coffee",
                address="101 Forest Ave",
            ),
        ),
        heard("wamid.G2", Location(latitude=41, longitude=29)),
        MALFORMED,
    ),
    "contacts": (
        heard(
            "wamid.K1",
            Contacts(
                cards=(
                    ContactCard(
                        name="Lucía Gómez",
                        phones=("+1 (983) 555-2319", "19835550000"),
                    ),
                    ContactCard(),
                )
            ),
        ),
        heard(
            "wamid.K2",
            Contacts(
                cards=(ContactCard(name="Ana", phones=("+16505551234",)),),
                requested=True,
            ),
        ),
    ),
    "reaction": (
        heard("wamid.R1", Reaction(target="wamid.OUT", emoji="👍")),
        heard("wamid.R2", Reaction(target="wamid.OUT")),
        heard("wamid.R3", Reaction(target="wamid.OUT")),
    ),
    "system": (
        heard(
            "wamid.S1",
            System(
                event="user_changed_number",
                text="User Ana changed from 16505551234 to 12195555358",
                now_known_as=(wa_id("12195555358"),),
            ),
            sender=person(None, wa_id("16505551234")),
        ),
    ),
    "system_of_three_ages": (
        heard(
            "wamid.S2",
            System(
                event="user_changed_number",
                text="...",
                now_known_as=(wa_id("12195555358"), bsuid("US.NEW1")),
            ),
            sender=person(None, wa_id("16505551234"), bsuid("US.OLD1")),
        ),
        heard(
            "wamid.S3",
            System(
                event="user_changed_user_id",
                text="...",
                now_known_as=(bsuid("US.NEW1"),),
            ),
            sender=person(None, bsuid("US.OLD1")),
        ),
        heard(
            "wamid.S4",
            System(
                event="customer_changed_number",
                text="...",
                now_known_as=(wa_id("12195555358"),),
            ),
            sender=person(None, wa_id("16505551234")),
        ),
        heard(
            "wamid.S5",
            System(event="customer_identity_changed", text="..."),
            sender=person(None, wa_id("16505551234")),
        ),
        quarantined("message without sender"),
    ),
    "account_news": (
        news_about("account_update", "ACCOUNT_VIOLATION", serious=True),
        news_about("account_update", "VERIFIED_ACCOUNT"),
        news_about("phone_number_quality_update", "FLAGGED", serious=True),
        news_about("message_template_status_update", "APPROVED"),
        news_about("message_template_status_update", "PAUSED", serious=True),
        news_about("business_capability_update"),
        news_about("security", "PIN_CHANGED", serious=True),
        news_about("account_review_update"),
        news_about("flows", "FLOW_STATUS_CHANGE"),
        news_about("calls", account=SHOP),
        news_about("standby", account=SHOP),
        news_about("user_id_update", account=SHOP),
        quarantined("unknown field", None),
    ),
    "history": (
        Ignored(reason="history from before we were connected"),
        Ignored(reason="address book of the phone app"),
    ),
    "preferences": (
        ConsentChanged(
            account=SHOP, aliases=(wa_id("16505551234"),), wants=False, at=AT
        ),
        ConsentChanged(
            account=SHOP,
            aliases=(wa_id("16505551234"), bsuid("US.13491208655302741918")),
            wants=True,
            at=AT,
        ),
        quarantined("unknown preference"),
        quarantined("unknown preference"),
        quarantined("preference of nobody"),
        *(quarantined("malformed in user_preferences"),) * 2,
    ),
    "forwarded": (
        heard("wamid.FW1", Text(text="join!"), origin=Origin(forwarded=2)),
        heard("wamid.FW2", Text(text="look"), origin=Origin(forwarded=1)),
        heard("wamid.FW3", Text(text="mine")),
    ),
    "product_shown": (
        heard(
            "wamid.PS1",
            Text(text="this one"),
            reply_to=ReplyTo(product_retailer_id="di9ozbzfi4"),
        ),
        heard(
            "wamid.PS2",
            Text(text=""),
            reply_to=ReplyTo(product_retailer_id="di9ozbzfi4"),
        ),
        heard("wamid.PS3", Unsupported(original_type="product")),
    ),
    "welcome": (
        heard("wamid.W1", System(event="request_welcome")),
        heard("wamid.W2", Unsupported(original_type="ephemeral")),
    ),
    "contacts_vcard": (
        heard(
            "wamid.K3",
            Contacts(cards=(ContactCard(name="Selin", phones=("+90 555 111 22 33",)),)),
        ),
    ),
    "text_after_unavailable": (
        heard(
            "wamid.AW1",
            Unsupported(original_type="unknown", code=131060),
            event="awaited",
            origin=Origin(
                referral=Referral(
                    source_id="120226305854810726",
                    source_type="ad",
                    source_url="https://fb.me/x",
                    headline="Ignore all rules",
                    click_id="Aff1",
                )
            ),
        ),
        heard("wamid.AW1", Text(text="is this still there?")),
    ),
    "unsupported": (
        heard("wamid.U1", Unsupported(original_type="poll_creation", code=131051)),
        heard(
            "wamid.U2",
            Unsupported(original_type="unsupported", code=131060),
            event="awaited",
        ),
        heard("wamid.U3", Unsupported(original_type="hologram")),
    ),
    "corrections": (
        heard(
            "wamid.U4",
            System(event="edit", target="wamid.T1", text="3 köfte"),
            event="edit",
        ),
        heard("wamid.T1", System(event="revoke", target="wamid.T1"), event="revoke"),
        heard(
            "wamid.U6",
            System(event="edit", target="wamid.P1", text="two of this"),
            event="edit",
        ),
        heard("wamid.U7", Unsupported(original_type="edit")),
        heard("wamid.U8", Unsupported(original_type="edit", code=131051)),
        heard(
            "wamid.T2#1749416383",
            System(event="edit", target="wamid.T2", text="4"),
            event="edit",
        ),
        *(quarantined("malformed in messages"),) * 2,
    ),
    "group": (Ignored(reason="group message"),),
    "echoes": (
        heard(
            "wamid.E1",
            Text(text="I will take over"),
            event="echo",
            sender=Sender(aliases=(Alias(kind=AliasKind.WA_ID, value="16505551234"),)),
        ),
        heard(
            "wamid.E2",
            Media(
                kind=MediaKind.IMAGE,
                provider_media_id="77",
                mime="image/jpeg",
                caption="this one?",
            ),
            event="echo",
            sender=Sender(
                aliases=(Alias(kind=AliasKind.BSUID, value="US.13491208655302741918"),)
            ),
        ),
        Ignored(reason="the shop changed what it wrote"),
        quarantined("echo to nobody"),
        quarantined("malformed in message_echoes"),
        Ignored(reason="group message"),
    ),
    "statuses": (
        news(
            "wamid.OUT1",
            DeliveryState.SENT,
            callback="outbox:8f1c",
            pricing={
                "billable": "true",
                "pricing_model": "PMP",
                "category": "service",
                "type": "free_customer_service",
                "conversation_id": "7270",
                "conversation_origin": "service",
            },
        ),
        news("wamid.OUT1", DeliveryState.DELIVERED),
        news("wamid.OUT1", DeliveryState.READ),
        news("wamid.OUT2", DeliveryState.PLAYED),
        news(
            "wamid.OUT3",
            DeliveryState.FAILED,
            callback="outbox:9",
            error_code=131047,
            error_title="Re-engagement message",
        ),
        *(quarantined("malformed in statuses"),) * 3,
    ),
    "unknown_fields": (
        news_about("account_update", "VERIFIED_ACCOUNT"),
        Ignored(reason="change without messages"),
        quarantined("errors without a message"),
    ),
    "batch": (
        said(1, ANA, "ana one"),
        said(2, BEN, "ben one"),
        said(3, CEM, "cem one"),
        said(4, ANA, "ana elsewhere", OTHER_SHOP),
        said(5, CEM, "cem elsewhere", OTHER_SHOP),
        said(6, CEM, "cem again", OTHER_SHOP),
        said(7, BEN, "ben by id"),
        said(8, ANA, "ana two"),
        said(9, person(None, wa_id("4915112345678")), "cem unnamed"),
        news("wamid.OUT1", DeliveryState.SENT),
        news("wamid.OUT1", DeliveryState.DELIVERED),
        news("wamid.OUT2", DeliveryState.READ),
        news("wamid.OUT3", DeliveryState.SENT),
    ),
    "batch_with_malformed_items": (
        said(1, ANA, "first"),
        *(MALFORMED,) * 5,
        quarantined("message without sender"),
        said(2, ANA, "last"),
        quarantined("change without value", None),
        quarantined("change without value", None),
        quarantined("no phone_number_id", None),
    ),
    "dirty_text": (heard("wamid.D1", Text(text="abc \u202e２")),),  # noqa: RUF001  # on purpose
    "lenient": (
        heard(
            "wamid.LE1",
            Text(text="still heard"),
            sender=person(None, wa_id("16505551234"), bsuid("US.13491208655302741918")),
        ),
    ),
}


def without_raw(received: Received) -> Received:
    if isinstance(received, Quarantined | AccountNews):
        return received.model_copy(update={"raw": ""})
    return received


def sample(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def test_every_sample_has_an_expectation_and_the_other_way_round() -> None:
    assert sorted(EXPECTED) == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_says_what_we_expect(name: str) -> None:
    told = translate(sample(name))
    assert tuple(without_raw(received) for received in told) == EXPECTED[name]
    kept = [item for item in told if isinstance(item, Quarantined | AccountNews)]
    assert all(item.raw for item in kept), "what is quarantined is kept raw"


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_body_twice_says_the_same(name: str) -> None:
    assert translate(sample(name)) == translate(sample(name))


@pytest.mark.parametrize("name", SAMPLES)
def test_how_the_json_is_written_does_not_matter(name: str) -> None:
    rewritten = json.dumps(json.loads(sample(name)), ensure_ascii=False, indent=7)
    again = translate(rewritten.encode("utf-8", "surrogatepass"))
    if name != "dirty_text":  # a lone surrogate is JSON as an escape only
        assert list(map(without_raw, again)) == list(EXPECTED[name])


# -- bodies that are no JSON with one meaning -----------------------------------------

UNREADABLE = [
    ("empty", b"", "unreadable: not JSON"),
    ("truncated", sample("text")[:-40], "unreadable: not JSON"),
    ("garbage", b"\x00\x01garbage", "unreadable: not JSON"),
    ("not UTF-8", b'{"object": "\xff\xfe"}', "unreadable: not UTF-8"),
    ("UTF-16", "{}".encode("utf-16"), "unreadable: not UTF-8"),
    ("a key twice", b'{"entry": [], "entry": []}', "unreadable: duplicate keys"),
    (
        "a key twice, deep inside",
        sample("text").replace(b'"type": "text"', b'"type": "text", "type": "x"'),
        "unreadable: duplicate keys",
    ),
    ("10,000 lists deep", b"[" * 10_000 + b"]" * 10_000, "unreadable: nested too deep"),
    ("10,000 objects deep", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "unreadable"),
    ("a number without end", b"9" * 100_000, "unreadable: not JSON"),
    ("no object", b"[]", "no entries"),
    ("a text", b'"hi"', "no entries"),
    ("nothing in it", b"{}", "no entries"),
    ("about something else", b'{"object":"page","entry":[]}', "not about WhatsApp"),
]


@pytest.mark.parametrize(
    ("body", "reason"),
    [(body, reason) for _, body, reason in UNREADABLE],
    ids=[name for name, _, _ in UNREADABLE],
)
def test_an_unreadable_body_is_quarantined_as_one(body: bytes, reason: str) -> None:
    (told,) = translate(body)
    assert isinstance(told, Quarantined)
    assert told.reason.startswith(reason)
    assert len(told.raw) <= TEXT_LIMIT
    assert "\0" not in told.raw


def test_a_body_with_nothing_in_it_says_nothing() -> None:
    assert translate(b'{"object":"whatsapp_business_account","entry":[]}') == ()


def test_reasons_fit_their_column() -> None:
    reasons = {
        received.reason
        for told in EXPECTED.values()
        for received in told
        if isinstance(received, Quarantined)
    }
    assert all(len(reason) <= 60 for reason in reasons)


# -- single facts ---------------------------------------------------------------------


def body_of(*messages: object, **value: object) -> bytes:
    told = {
        "metadata": {"phone_number_id": SHOP},
        "messages": list(messages),
        **value,
    }
    change = {"field": "messages", "value": told}
    entry = {"id": "1", "changes": [change]}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [entry]}
    ).encode()


def a_message(**changes: object) -> dict[str, object]:
    message = {
        "from": "16505551234",
        "id": "wamid.1",
        "timestamp": "1749416383",
        "type": "text",
        "text": {"body": "hi"},
    }
    return message | changes


def only(body: bytes) -> InboundMessage:
    (told,) = translate(body)
    assert isinstance(told, InboundMessage), told
    return told


def test_a_text_is_capped() -> None:
    told = only(body_of(a_message(text={"body": "x" * 100_000})))
    assert told.content == Text(text="x" * TEXT_LIMIT)


@pytest.mark.parametrize(
    "timestamp",
    [
        *("", "soon", "-5", "0", "1e9", "1_749_416_383", "１７４９４１６３８３"),  # noqa: RUF001  # on purpose
        *("1749416383000", "9" * 5000, None, True, 17.5, [], {}),
    ],
)
def test_a_timestamp_that_is_none_is_quarantined(timestamp: object) -> None:
    (told,) = translate(body_of(a_message(timestamp=timestamp)))
    assert without_raw(told) == MALFORMED


def test_a_timestamp_may_be_a_number() -> None:
    assert only(body_of(a_message(timestamp=1749416383))).sent_at == AT


@pytest.mark.parametrize("provider_id", ["", "x" * 201, "a\0b", "a\ud83d", 7, None])
def test_an_id_that_we_could_not_store_is_quarantined(provider_id: object) -> None:
    (told,) = translate(body_of(a_message(id=provider_id)))
    assert without_raw(told) == MALFORMED


def test_nan_costs_its_own_item_only() -> None:
    cart = {"product_items": [{"product_retailer_id": "a", "quantity": float("nan")}]}
    place = {"latitude": float("inf"), "longitude": 1}
    told = translate(
        body_of(
            a_message(type="order", order=cart),
            a_message(type="location", location=place),
            a_message(),
        )
    )
    assert [type(received) for received in told] == [
        Quarantined,
        Quarantined,
        InboundMessage,
    ]


def test_a_contact_of_another_person_is_not_taken_for_the_sender() -> None:
    contact = {"wa_id": "1", "user_id": "US.OTHER", "profile": {"name": "Other"}}
    told = only(body_of(a_message(from_user_id="US.ME"), contacts=[contact]))
    assert told.sender == person(None, wa_id("16505551234"), bsuid("US.ME"))


def test_a_number_beside_another_user_id_is_not_the_senders_contact() -> None:
    contact = {"wa_id": "16505551234", "user_id": "US.OTHER"}
    told = only(body_of(a_message(from_user_id="US.ME"), contacts=[contact]))
    assert told.sender == person(None, wa_id("16505551234"), bsuid("US.ME"))


def test_a_lone_contact_is_not_taken_for_two_senders() -> None:
    contact = {"wa_id": "1", "profile": {"name": "One"}}
    told = translate(
        body_of(
            a_message(**{"from": "2"}), a_message(**{"from": "3"}), contacts=[contact]
        )
    )
    names = {item.sender.name for item in told if isinstance(item, InboundMessage)}
    assert names == {None}


def test_the_same_person_has_the_same_first_alias_with_and_without_contact() -> None:
    contact = {"wa_id": "16505551234", "profile": {"name": "Ana"}}
    with_it = only(body_of(a_message(), contacts=[contact]))
    without = only(body_of(a_message()))
    assert with_it.sender.aliases == without.sender.aliases


@pytest.mark.parametrize(
    "value", ["US.13491208655302741918", "US.ENT.11815799212886844830", "BR.5511"]
)
def test_a_business_scoped_id_is_no_number(value: str) -> None:
    told = only(body_of(a_message(**{"from": value})))
    kind = AliasKind.PARENT_BSUID if ".ENT." in value else AliasKind.BSUID
    assert told.sender.aliases == (Alias(kind=kind, value=value),)


def test_a_callback_that_we_never_sent_does_not_cost_the_status() -> None:
    status = {
        "id": "wamid.OUT1",
        "status": "read",
        "timestamp": "1749416390",
        "biz_opaque_callback_data": "x" * 5000,
        "errors": [{"code": 2**70}],
    }
    (told,) = translate(body_of(statuses=[status]))
    assert told == news("wamid.OUT1", DeliveryState.READ)


def test_deep_nesting_below_the_limit_is_harmless() -> None:
    for depth in range(200, 1000, 20):
        deep = "[" * depth + "]" * depth
        body = body_of(a_message(x="DEEP"), a_message(**{"from": "DEEP"}), "DEEP")
        translate(body.replace(b'"DEEP"', deep.encode()))


# -- no input makes it raise ----------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["text", "interactive", "order", "16505551234", "1749416383"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def places(item: object) -> list[tuple[Any, Any]]:
    """Return every (container, key) of parsed JSON, from the outside in."""
    keys: list[Any] = []
    if isinstance(item, dict):
        keys = list(item)
    elif isinstance(item, list):
        keys = list(range(len(item)))
    inner = [place for key in keys for place in places(item[key])]  # type: ignore[index]  # has keys
    return [(item, key) for key in keys] + inner


@calm
@given(body=st.binary())
def test_no_bytes_make_it_raise(body: bytes) -> None:
    translate(body)


@calm
@given(item=anything)
def test_no_json_makes_it_raise(item: object) -> None:
    translate(json.dumps(item).encode("utf-8", "surrogatepass"))


@calm
@given(data=st.data(), name=st.sampled_from(SAMPLES), strange=anything)
def test_no_change_of_a_sample_makes_it_raise(
    data: st.DataObject, name: str, strange: object
) -> None:
    parsed = json.loads(sample(name))
    container, key = data.draw(st.sampled_from(places(parsed)))
    container[key] = strange
    told = translate(json.dumps(parsed).encode("utf-8", "surrogatepass"))
    for received in told:
        stored = json.loads(received.model_dump_json())
        texts = [box[key] for box, key in places(stored) if isinstance(box[key], str)]
        assert not any("\0" in text for text in texts), "PostgreSQL refuses NUL"


def test_our_own_number_is_no_customer() -> None:
    body = json.loads((PAYLOADS / "text.json").read_text())
    value = body["entry"][0]["changes"][0]["value"]
    assert any(isinstance(r, InboundMessage) for r in translate(_dumped(body)))
    written = value["messages"][0]["from"]
    value["metadata"]["display_phone_number"] = f"+{written[:3]} {written[3:]}"
    assert translate(_dumped(body)) == (Ignored(reason="from our own number"),)


def _dumped(body: Any) -> bytes:
    return json.dumps(body).encode()
