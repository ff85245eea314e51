"""The shop's rules in a chat: where it delivers, how it is paid, when, who approves."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.buttons import CancelTap, ChangeTap, ConfirmTap, PickTap, mark_of
from bot.domain.decision import Decision
from bot.domain.message import Content, Location, Text
from bot.domain.places import OutsideArea
from bot.domain.replies import (
    AskField,
    DetailNoted,
    DraftRejected,
    OrderPlaced,
    PaymentNotOffered,
    Reply,
    Summary,
    TermsChanged,
)
from bot.domain.snapshot import Memory
from bot.domain.understanding import Act, Detail, Intent, Pick, Understanding
from orders import (
    Confirms,
    DraftState,
    Field,
    Fulfilment,
    Hours,
    PaymentKind,
    Shop,
    Shown,
    Unserved,
    WhenClosed,
)
from tests.factories import a_payment, a_shop, an_area, an_order, hours_on
from tests.turns import (
    Chat,
    a_snapshot,
    button,
    is_told,
    kinds,
    rendered,
    reply,
    says,
    wants,
)

KADIKOY = an_area(name="Kadıköy")
BEYKOZ = an_area(name="Beykoz", postal_prefixes=(), cities=("Beykoz",))
AREAS = a_shop(areas=(KADIKOY, BEYKOZ), country="TR")
CASH = a_payment()
CARD = a_payment(id="pos", kind=PaymentKind.CARD, names={"en": "Card", "tr": "Kart"})
ONLINE = a_payment(
    id="online",
    kind=PaymentKind.CARD,
    names={"en": "Card online", "tr": "Online kart"},
    instructions={},
    link="https://pay.example/kahve",
)
YES = says(Intent.CONFIRM)


def chat_with(shop: Shop) -> Chat:
    """Return a chat with two lattes for Ada and nothing else."""
    chat = Chat(replace(a_snapshot(), shop=shop))
    chat.orders(wants("latte", 2), details=(is_told(Detail.NAME, "Ada"),))
    return chat


def told(chat: Chat, detail: Detail, value: str) -> Decision:
    return chat.turn(says(details=(is_told(detail, value),)), Text(text=value))


def picked_up(shop: Shop) -> Chat:
    chat = chat_with(shop)
    told(chat, Detail.FULFILMENT, "pickup")
    return chat


def under(chat: Chat, shop: Shop) -> None:
    chat.snapshot = replace(chat.snapshot, shop=shop)


def words(chat: Chat, decision: Decision) -> str:
    bodies = (getattr(part, "body", "") for part in rendered(chat.snapshot, decision))
    return "\n".join(bodies)


# -- where ----------------------------------------------------------------------------


def test_an_address_inside_is_noted_and_costs_what_its_area_does() -> None:
    chat = chat_with(AREAS)
    decision = told(chat, Detail.ADDRESS, "Lale Sk. 5, 34710 Kadıköy")
    summary = reply(decision, Summary)
    assert summary.totals.shipping == 3000
    assert "Delivery takes about 45 minutes." in words(chat, decision)


def test_an_address_outside_is_refused_with_what_there_is_instead() -> None:
    chat = chat_with(AREAS)
    decision = told(chat, Detail.ADDRESS, "Atatürk Blv. 5, Beşiktaş, 34353")
    # A code says nothing where an area has only cities.
    assert reply(decision, AskField).reason is Unserved.UNCLEAR
    decision = told(chat, Detail.ADDRESS, "Beşiktaş")
    assert kinds(decision) == ["OutsideArea", "AskField"]
    refused = reply(decision, OutsideArea)
    assert (refused.areas, refused.pickup) == (("Kadıköy", "Beykoz"), True)
    asked = reply(decision, AskField)
    assert (asked.field, asked.reason) == (Field.ADDRESS, Unserved.OUTSIDE)
    assert [choice for choice, _ in asked.choices] == ["pickup"]
    said = words(chat, decision)
    assert "We do not deliver to that address. We deliver to: Kadıköy, Beykoz." in said
    assert "Deliver to:" not in said


def outside() -> Chat:
    chat = chat_with(replace(AREAS, areas=(KADIKOY,)))
    told(chat, Detail.ADDRESS, "Kızılay 5, 06500 Ankara")
    return chat


def test_pickup_is_one_tap_away() -> None:
    chat = outside()
    tap = PickTap("draft_1", Field.ADDRESS, Unserved.OUTSIDE, mark_of("pickup"))
    decision = chat.turn(says(Intent.OTHER), button(tap))
    assert decision.draft.fulfilment is Fulfilment.PICKUP
    assert kinds(decision) == ["Summary"]
    order = chat.confirms().order
    assert order is not None
    assert order.address is None


def test_another_address_is_taken_in_its_place() -> None:
    chat = outside()
    decision = told(chat, Detail.ADDRESS, "Moda Cad. 7, 34710")
    address = reply(decision, Summary).draft.address
    assert address is not None
    assert address.text == "Moda Cad. 7, 34710"


def test_a_shop_without_pickup_offers_none() -> None:
    shop = a_shop(areas=(KADIKOY,), country="TR", fulfilments=(Fulfilment.DELIVERY,))
    chat = chat_with(shop)
    decision = told(chat, Detail.ADDRESS, "Kızılay 5, 06500 Ankara")
    assert reply(decision, OutsideArea).pickup is False
    assert reply(decision, AskField).choices == ()
    assert "pick" not in words(chat, decision)


def test_an_outside_address_is_refused_at_once_whatever_else_is_open() -> None:
    chat = Chat(replace(a_snapshot(), shop=replace(AREAS, areas=(KADIKOY,))))
    chat.orders(wants("shirt"))
    decision = told(chat, Detail.ADDRESS, "Kızılay 5, 06500 Ankara")
    assert kinds(decision) == ["OutsideArea", "AskField"]
    assert reply(decision, AskField).field is Field.VARIANT


ANSWERS = [
    ("a city", "Kadıköy", "Lale Sk. 5, Kadıköy"),
    ("a postal code and a city", "34710 Kadıköy", "Lale Sk. 5, 34710 Kadıköy"),
    ("another address", "Moda Cad. 7 Kadıköy", "Moda Cad. 7 Kadıköy"),
]


@pytest.mark.parametrize(
    ("answer", "whole"), [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS]
)
def test_an_address_that_does_not_say_where_is_completed(
    answer: str, whole: str
) -> None:
    chat = chat_with(AREAS)
    decision = told(chat, Detail.ADDRESS, "Lale Sk. 5")
    asked = reply(decision, AskField)
    assert (asked.field, asked.reason) == (Field.ADDRESS, Unserved.UNCLEAR)
    assert "We deliver to: Kadıköy, Beykoz." in words(chat, decision)
    address = reply(told(chat, Detail.ADDRESS, answer), Summary).draft.address
    assert address is not None
    assert address.text == whole


def test_a_postal_code_alone_completes_an_address() -> None:
    chat = chat_with(AREAS)
    told(chat, Detail.ADDRESS, "Lale Sk. 5")
    bare = says(mentions=(wants("", 34710, Act.SET),))
    address = chat.turn(bare, Text(text="34710")).draft.address
    assert address is not None
    assert address.text == "Lale Sk. 5, 34710"


def test_a_shared_place_is_asked_for_its_city() -> None:
    chat = chat_with(AREAS)
    decision = chat.turn(says(), Location(latitude=41.0, longitude=29.0))
    assert reply(decision, AskField).reason is Unserved.UNCLEAR
    address = told(chat, Detail.ADDRESS, "Beykoz").draft.address
    assert address is not None
    assert (address.text, address.latitude) == ("Beykoz", 41.0)


def test_an_area_that_is_dropped_before_the_yes_is_refused_then() -> None:
    chat = chat_with(replace(AREAS, areas=(KADIKOY,)))
    told(chat, Detail.ADDRESS, "Lale Sk. 5, 34710")
    under(
        chat,
        a_shop(areas=(an_area(name="Şile", postal_prefixes=("349",)),), country="TR"),
    )
    decision = chat.confirms()
    assert decision.order is None
    assert "OutsideArea" in kinds(decision)


def test_a_fee_that_rose_before_the_yes_is_shown_and_asked_again() -> None:
    chat = chat_with(AREAS)
    told(chat, Detail.ADDRESS, "Lale Sk. 5, 34710")
    old = chat.snapshot.draft.version
    under(chat, replace(AREAS, areas=(an_area(name="Kadıköy", fee=4500),)))
    decision = chat.turn(YES)
    assert decision.order is None
    moved = reply(decision, TermsChanged)
    assert (moved.before.shipping, moved.after.shipping) == (3000, 4500)
    assert "Delivery is now ₺45.00 (it was ₺30.00)." in words(chat, decision)
    # The button of the old summary is stale: nobody pays what they have not seen.
    assert chat.confirms(old).order is None
    order = chat.confirms().order
    assert order is not None
    assert order.shipping_total == 4500


def test_the_minimum_of_an_area_names_it() -> None:
    chat = chat_with(
        a_shop(areas=(replace(KADIKOY, minimum_order=20_000),), country="TR")
    )
    decision = told(chat, Detail.ADDRESS, "Lale Sk. 5, 34710")
    assert reply(decision, AskField).field is Field.MINIMUM
    assert "For a delivery to Kadıköy, ₺29.00 is still to come." in words(
        chat, decision
    )


# -- how it is paid -------------------------------------------------------------------


def test_the_only_method_is_taken_silently_and_shown() -> None:
    chat = picked_up(a_shop(payments=(CASH,)))
    decision = chat.last
    assert decision is not None
    assert "Payment: Cash" in words(chat, decision)


def test_of_several_methods_the_customer_chooses_by_button() -> None:
    chat = picked_up(a_shop(payments=(CASH, CARD)))
    assert chat.last is not None
    asked = reply(chat.last, AskField)
    assert asked.field is Field.PAYMENT
    assert asked.choices == (("cash", "Cash"), ("pos", "Card"))
    tap = PickTap("draft_1", Field.PAYMENT, "", mark_of("pos"))
    decision = chat.turn(says(Intent.OTHER), button(tap))
    assert decision.draft.payment == "pos"
    assert dict(decision.draft.field_evidence)["payment"].ref == "message_1"
    assert "Payment: Card" in words(chat, decision)


def test_methods_are_named_in_the_customers_language() -> None:
    chat = chat_with(a_shop(payments=(CASH, CARD)))
    decision = chat.turn(
        says(language="tr", details=(is_told(Detail.FULFILMENT, "pickup"),))
    )
    asked = reply(decision, AskField)
    assert [title for _, title in asked.choices] == ["Nakit", "Kart"]


WORDS = [("cash", "cash"), ("Kart", "pos"), ("card online", "online")]


@pytest.mark.parametrize(("said", "method"), WORDS)
def test_a_method_may_be_said(said: str, method: str) -> None:
    chat = picked_up(a_shop(payments=(CASH, CARD, ONLINE)))
    decision = told(chat, Detail.PAYMENT, said)
    assert decision.draft.payment == method


def test_a_method_may_be_picked_by_its_name_or_number() -> None:
    for pick in (Pick(text="card"), Pick(number=2)):
        chat = picked_up(a_shop(payments=(CASH, CARD)))
        assert chat.turn(says(Intent.CHOOSE, pick=pick)).draft.payment == "pos"


def test_words_that_mean_two_methods_ask_which_of_them() -> None:
    kart = replace(CARD, names={"en": "At the door"})
    chat = picked_up(a_shop(payments=(CASH, kart, ONLINE)))
    decision = told(chat, Detail.PAYMENT, "card")
    asked = reply(decision, AskField)
    assert [choice for choice, _ in asked.choices] == ["pos", "online"]


def test_a_method_that_the_shop_does_not_take_is_refused_with_those_it_does() -> None:
    chat = picked_up(a_shop(payments=(CASH, CARD)))
    decision = told(chat, Detail.PAYMENT, "bitcoin")
    assert reply(decision, PaymentNotOffered).names == ("Cash", "Card")
    assert decision.changes == ()
    assert reply(decision, AskField).field is Field.PAYMENT


def test_without_methods_the_words_stand_as_they_were_said() -> None:
    decision = told(picked_up(a_shop()), Detail.PAYMENT, "cash")
    assert decision.draft.payment == "cash"


def test_the_order_says_how_to_pay() -> None:
    chat = picked_up(a_shop(payments=(CASH,)))
    decision = chat.confirms()
    assert "How to pay: Have the exact amount ready." in words(chat, decision)
    chat = picked_up(a_shop(payments=(ONLINE,)))
    decision = chat.confirms()
    said = words(chat, decision)
    assert "Pay here: https://pay.example/kahve" in said
    assert "How to pay" not in said


def test_a_method_taken_off_before_the_yes_is_asked_again() -> None:
    chat = picked_up(a_shop(payments=(CASH,)))
    under(chat, a_shop(payments=(CARD,)))
    decision = chat.turn(YES)
    assert decision.order is None
    assert kinds(decision) == ["TermsChanged", "Summary"]
    assert "Payment: Card" in words(chat, decision)
    order = chat.turn(YES).order
    assert order is not None
    assert order.payment == "pos"


# -- when -----------------------------------------------------------------------------

#: NOON is a Sunday in Istanbul; on Monday at nine it is six in UTC.
MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
CLOSED = a_shop(hours=hours_on(0), timezone="Europe/Istanbul")
REFUSING = replace(CLOSED, when_closed=WhenClosed.REFUSE)


def test_a_closed_shop_takes_the_order_and_says_when_it_is_handled() -> None:
    chat = picked_up(CLOSED)
    assert chat.last is not None
    summary = reply(chat.last, Summary)
    assert (summary.closed, summary.opens_at) == (True, MONDAY)
    said = words(chat, chat.last)
    assert "We are closed now: we will see to your order from Nov 23, 2026" in said
    assert "9:00" in said
    assert chat.confirms().order is not None


def test_an_open_shop_says_nothing_about_it() -> None:
    chat = picked_up(replace(CLOSED, hours=hours_on(6)))
    assert chat.last is not None
    assert "closed" not in words(chat, chat.last)


def test_a_closed_shop_that_refuses_keeps_everything_until_it_opens() -> None:
    chat = picked_up(REFUSING)
    decision = chat.last
    assert decision is not None
    assert reply(decision, AskField).field is Field.HOURS
    assert "take orders again from Nov 23, 2026" in words(chat, decision)
    assert chat.turn(YES).order is None
    chat.snapshot = replace(chat.snapshot, now=MONDAY)
    assert kinds(chat.turn(YES)) == ["Summary"]
    assert chat.turn(YES).order is not None


def test_a_shop_that_closes_between_summary_and_yes_takes_no_order() -> None:
    chat = picked_up(replace(REFUSING, hours=hours_on(6)))
    under(chat, REFUSING)
    decision = chat.confirms()
    assert decision.order is None
    assert reply(decision, AskField).field is Field.HOURS


def test_a_shop_that_does_not_say_when_it_opens_says_that_it_is_closed() -> None:
    never = Hours(week=((),) * 7)
    chat = picked_up(replace(REFUSING, hours=never))
    assert chat.last is not None
    assert "take no orders" in words(chat, chat.last)
    chat = picked_up(replace(CLOSED, hours=never))
    assert chat.last is not None
    assert "as soon as we open again" in words(chat, chat.last)


# -- who confirms ---------------------------------------------------------------------

BY_AGENT = a_shop(confirms=Confirms.AGENT)


def waiting(shop: Shop = BY_AGENT) -> Chat:
    chat = picked_up(shop)
    chat.confirms()
    assert chat.snapshot.draft.state is DraftState.AWAITING
    return chat


def test_what_an_agent_must_approve_is_no_order_yet() -> None:
    chat = picked_up(BY_AGENT)
    before = chat.snapshot.draft
    decision = chat.confirms()
    assert decision.order is None
    assert kinds(decision) == ["AwaitingApproval"]
    draft = decision.draft
    assert (draft.state, draft.version) == (DraftState.AWAITING, before.version)
    assert draft.confirmed_by is not None
    assert draft.confirmed_by.ref == "message_1"


def test_a_typed_yes_awaits_approval_as_well() -> None:
    chat = picked_up(BY_AGENT)
    assert chat.turn(YES, Text(text="yes")).draft.state is DraftState.AWAITING


def test_nothing_awaits_approval_without_the_customers_own_yes() -> None:
    chat = picked_up(BY_AGENT)
    assert chat.snapshot.draft.state is DraftState.PROPOSED
    chat.turn(says(Intent.THANKS))
    assert chat.snapshot.draft.state is DraftState.PROPOSED


@pytest.mark.parametrize(
    ("limit", "approved"), [(17_100, True), (17_101, False)], ids=["from", "below"]
)
def test_an_agent_approves_from_an_amount_on(limit: int, approved: bool) -> None:
    chat = picked_up(a_shop(confirms=Confirms.AUTO, approval_from=limit))
    decision = chat.confirms()
    assert (decision.order is None) is approved


ASKING_AGAIN: list[tuple[str, Understanding, tuple[Content, ...]]] = [
    ("another yes", YES, (Text(text="yes"),)),
    ("where is my order", says(Intent.ORDER_STATUS), (Text(text="where is it?"),)),
]


@pytest.mark.parametrize(
    ("meant", "contents"),
    [a[1:] for a in ASKING_AGAIN],
    ids=[a[0] for a in ASKING_AGAIN],
)
def test_who_asks_meanwhile_hears_that_the_shop_looks_at_it(
    meant: Understanding, contents: tuple[Content, ...]
) -> None:
    chat = waiting()
    before = chat.snapshot.draft
    decision = chat.turn(meant, *contents)
    assert kinds(decision) == ["AwaitingApproval"]
    assert decision.draft == before


def test_a_second_tap_meanwhile_changes_nothing() -> None:
    chat = waiting()
    before = chat.snapshot.draft
    decision = chat.confirms()
    assert kinds(decision) == ["AwaitingApproval"]
    assert decision.draft == before


def test_thanks_meanwhile_are_answered_and_change_nothing() -> None:
    chat = waiting()
    before = chat.snapshot.draft
    decision = chat.turn(says(Intent.THANKS))
    assert kinds(decision) == ["YouAreWelcome"]
    assert decision.draft == before


VOIDED: list[tuple[str, Understanding]] = [
    ("one more", says(mentions=(wants("tea"),))),
    ("a name", says(details=(is_told(Detail.NAME, "Grace"),))),
    ("a no", says(Intent.DECLINE)),
    ("a wish to change something", says(Intent.CHANGE)),
]


@pytest.mark.parametrize("meant", [v[1] for v in VOIDED], ids=[v[0] for v in VOIDED])
def test_a_change_meanwhile_voids_the_request_for_approval(
    meant: Understanding,
) -> None:
    chat = waiting()
    before = chat.snapshot.draft
    decision = chat.turn(meant)
    assert decision.draft.version == before.version + 1
    assert decision.draft.state in (DraftState.OPEN, DraftState.PROPOSED)
    assert decision.draft.confirmed_by is None
    assert kinds(decision)[-1] in ("Summary", "AskChange")


def test_the_change_button_meanwhile_voids_the_request_too() -> None:
    chat = waiting()
    draft = chat.snapshot.draft
    tap = button(ChangeTap(draft.id, draft.version))
    decision = chat.turn(says(Intent.OTHER), tap)
    assert kinds(decision) == ["AskChange"]
    assert decision.draft.state is DraftState.OPEN
    assert decision.draft.version == draft.version + 1


def test_after_a_change_the_customer_confirms_again_and_it_waits_again() -> None:
    chat = waiting()
    chat.orders(wants("tea"))
    old = chat.snapshot.draft.version - 1
    assert "ConfirmationStale" in kinds(chat.confirms(old))
    assert chat.confirms().draft.state is DraftState.AWAITING


CANCELLING = [says(Intent.CANCEL_DRAFT), says(Intent.CANCEL_ORDER)]


@pytest.mark.parametrize("meant", CANCELLING, ids=["the draft", "the order"])
def test_what_waits_can_be_cancelled_by_the_customer(meant: Understanding) -> None:
    chat = waiting()
    chat.snapshot = replace(chat.snapshot, last_order=an_order(draft_id="d0", number=3))
    decision = chat.turn(meant)
    assert decision.draft.state is DraftState.CANCELLED
    assert kinds(decision) == ["DraftCancelled"]


def test_the_cancel_button_cancels_what_waits() -> None:
    chat = waiting()
    draft = chat.snapshot.draft
    tap = button(CancelTap(draft.id, draft.version))
    assert chat.turn(says(Intent.OTHER), tap).draft.state is DraftState.CANCELLED


def test_a_tap_on_confirm_with_words_that_change_it_does_not_wait() -> None:
    chat = picked_up(BY_AGENT)
    draft = chat.snapshot.draft
    tap = button(ConfirmTap(draft.id, draft.version))
    meant = says(mentions=(wants("tea"),))
    decision = chat.turn(meant, tap, Text(text="and a tea"))
    assert decision.draft.state is DraftState.PROPOSED


def test_rules_that_move_while_it_waits_are_shown_and_asked_again() -> None:
    chat = waiting(replace(BY_AGENT, payments=(CASH,)))
    under(chat, replace(BY_AGENT, payments=(CARD,)))
    decision = chat.turn(says(Intent.THANKS))
    assert "TermsChanged" in kinds(decision)
    assert decision.draft.state is DraftState.PROPOSED


# -- in words -------------------------------------------------------------------------

SAID: list[tuple[Reply, str, str]] = [
    (
        OutsideArea(("Moda", "Fener"), pickup=False),
        "We deliver to: Moda, Fener.",
        "Teslimat bölgelerimiz: Moda, Fener.",
    ),
    (
        PaymentNotOffered(("Cash",)),
        "You can pay with: Cash.",
        "Ödeme seçenekleri: Cash.",
    ),
    (
        TermsChanged(Shown(0, 1000), Shown(0, 1100)),
        "The total is now ₺11.00 (it was ₺10.00).",
        "Toplam değişti: ₺10,00 yerine artık ₺11,00.",
    ),
    (
        DraftRejected("we are out of {milk}"),
        "cannot take this order: we are out of {milk}",
        "bu siparişi alamıyor: we are out of {milk}",
    ),
    (DraftRejected(" "), "Nothing was ordered.", "Sipariş verilmedi."),
    (
        DetailNoted(Detail.PAYMENT, "Papara"),
        "Payment: Papara",
        "Ödeme: Papara",
    ),
]


@pytest.mark.parametrize(
    ("said", "english", "turkish"), SAID, ids=[type(s[0]).__name__ for s in SAID]
)
def test_it_is_said_in_both_languages(said: Reply, english: str, turkish: str) -> None:
    chat = Chat()
    decision = chat.turn(says(Intent.THANKS))
    for language, expected in (("en", english), ("tr", turkish)):
        spoken = replace(decision, replies=(said,), language=language)
        assert expected in words(chat, spoken)


LEADS = [
    (45, "45 minutes"),
    (60, "1 hour"),
    (90, "90 minutes"),
    (180, "3 hours"),
    (1440, "1 day"),
    (2880, "2 days"),
    (1, "1 minute"),
]


@pytest.mark.parametrize(("minutes", "said"), LEADS)
def test_how_long_a_delivery_takes(minutes: int, said: str) -> None:
    chat = chat_with(
        a_shop(areas=(replace(KADIKOY, lead_minutes=minutes),), country="TR")
    )
    decision = told(chat, Detail.ADDRESS, "Lale Sk. 5, 34710")
    assert f"Delivery takes about {said}." in words(chat, decision)


def test_an_order_tells_its_payment_by_name_in_any_language() -> None:
    placed: Any = OrderPlaced(an_order(payment="cash", payment_method=CASH))
    chat = Chat()
    decision = chat.turn(says(Intent.THANKS))
    turkish = replace(decision, replies=(placed,), language="tr")
    said = words(chat, turkish)
    assert "Ödeme: Nakit" in said
    assert "Ödeme: Tam tutarı hazır edin." in said


def test_a_question_of_a_newer_version_is_forgotten_and_nothing_else() -> None:
    stored = {"welcomed": True, "asked": {"field": "shoe_size"}, "last_line": "L1"}
    memory = Memory.model_validate(stored)
    assert (memory.welcomed, memory.asked, memory.last_line) == (True, None, "L1")
