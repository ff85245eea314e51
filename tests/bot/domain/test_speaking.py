"""Hello, thanks, help, stop: who may speak, when, and with which words."""

from dataclasses import replace

import pytest

from bot.domain.decision import Decision
from bot.domain.message import (
    Contacts,
    Content,
    Form,
    Media,
    MediaKind,
    Reaction,
    System,
    Text,
    Unsupported,
)
from bot.domain.replies import AskField, CannotRead, OrderNews
from bot.domain.snapshot import Contact, Memory, Owner, Snapshot
from bot.domain.understanding import Detail, Intent, Quote, Understanding
from orders import Field, OrderState
from tests.factories import an_order
from tests.turns import (
    Chat,
    a_snapshot,
    decided,
    is_told,
    kinds,
    messages,
    reply,
    says,
    wants,
)

HI = Text(text="hi")


def known(snapshot: Snapshot, **changes: object) -> Contact:
    return replace(snapshot.contact, **changes)  # type: ignore[arg-type]  # any field


def test_the_first_contact_is_welcomed_once() -> None:
    chat = Chat(a_snapshot(memory=Memory()))
    assert kinds(chat.turn(says(Intent.GREET))) == ["Welcome", "AskWhatElse"]
    assert kinds(chat.turn(says(Intent.GREET))) == ["Greeting", "AskWhatElse"]


def test_a_first_message_that_orders_is_welcomed_and_taken() -> None:
    chat = Chat(a_snapshot(memory=Memory()))
    decision = chat.orders(wants("latte", 2))
    assert kinds(decision)[:2] == ["Welcome", "LinesPut"]


SMALL_TALK = [
    (Intent.THANKS, ["YouAreWelcome"]),
    (Intent.BROWSE, ["Browse", "AskWhatElse"]),
    (Intent.ASK_DELIVERY, ["Delivers", "AskWhatElse"]),
    (Intent.ORDER_STATUS, ["NoOrderYet"]),
    (Intent.CANCEL_ORDER, ["NoOrderYet"]),
    (Intent.CANCEL_DRAFT, ["DraftCancelled"]),
    (Intent.DECLINE, ["AllRight"]),
    (Intent.HUMAN, ["HandedOver"]),
    (Intent.COMPLAINT, ["HandedOver"]),
    (Intent.STOP, ["Stopped"]),
    (Intent.REPEAT, ["NoOrderYet"]),
    (Intent.OTHER, ["NotUnderstood", "AskWhatElse"]),
]


@pytest.mark.parametrize(
    ("intent", "expected"), SMALL_TALK, ids=[i.value for i, _ in SMALL_TALK]
)
def test_with_nothing_open_every_intent_has_its_answer(
    intent: Intent, expected: list[str]
) -> None:
    assert kinds(Chat().turn(says(intent))) == expected


def test_small_talk_does_not_lose_the_open_question() -> None:
    chat = Chat()
    chat.orders(wants("latte"))
    for intent in (Intent.THANKS, Intent.GREET, Intent.BROWSE, Intent.ORDER_STATUS):
        question = reply(chat.turn(says(intent)), AskField)
        assert question.field is Field.FULFILMENT


def test_an_order_status_is_that_of_the_last_order() -> None:
    last = an_order(number=12, state=OrderState.SHIPPED)
    decision = decided(a_snapshot([HI], last_order=last), says(Intent.ORDER_STATUS))
    assert decision.replies == (OrderNews(12, OrderState.SHIPPED),)


def test_cancelling_a_placed_order_goes_to_a_person() -> None:
    at = a_snapshot([HI], last_order=an_order(number=12))
    decision = decided(at, says(Intent.CANCEL_ORDER))
    assert kinds(decision) == ["CancelNeedsHuman"]
    assert decision.owner is Owner.AGENT


def test_an_order_that_is_cancelled_already_is_only_told() -> None:
    last = an_order(number=12, state=OrderState.CANCELLED)
    decision = decided(a_snapshot([HI], last_order=last), says(Intent.CANCEL_ORDER))
    assert decision.replies == (OrderNews(12, OrderState.CANCELLED),)
    assert decision.owner is Owner.BOT


def test_who_asks_for_a_person_keeps_what_was_ordered_with_it() -> None:
    decision = Chat().turn(says(Intent.HUMAN, mentions=(wants("latte"),)))
    assert kinds(decision) == ["LinesPut", "HandedOver"]
    assert decision.owner is Owner.AGENT


@pytest.mark.parametrize("intent", [i for i in Intent if i is not Intent.STOP])
def test_the_bot_is_silent_while_a_person_owns_the_conversation(intent: Intent) -> None:
    at = a_snapshot([HI], owner=Owner.AGENT)
    decision = decided(at, says(intent, mentions=(wants("latte"),)))
    assert (decision.replies, decision.changes) == ((), ())
    assert decision.silent_because == "agent"
    assert decision.owner is Owner.AGENT


@pytest.mark.parametrize("owner", Owner)
def test_stop_is_answered_once_and_stops(owner: Owner) -> None:
    decision = decided(a_snapshot([HI], owner=owner), says(Intent.STOP))
    assert kinds(decision) == ["Stopped"]
    assert decision.opted_out
    assert decision.owner is owner


def test_after_stop_there_is_silence_until_start() -> None:
    chat = Chat()
    chat.turn(says(Intent.STOP))
    for intent in (Intent.STOP, Intent.ORDER, Intent.HUMAN, Intent.CONFIRM):
        decision = chat.turn(says(intent, mentions=(wants("latte"),)))
        assert decision.silent_because == "opted_out"
        assert decision.opted_out
    back = chat.turn(says(Intent.START))
    assert kinds(back)[0] == "Started"
    assert not back.opted_out


def test_start_while_a_person_answers_lifts_the_stop_without_a_word() -> None:
    at = a_snapshot([HI], owner=Owner.AGENT)
    at = replace(at, contact=known(at, opted_out=True))
    decision = decided(at, says(Intent.START))
    assert (decision.opted_out, decision.silent_because) == (False, "agent")


def test_the_third_turn_in_a_row_that_says_nothing_to_us_goes_to_a_person() -> None:
    chat = Chat()
    assert kinds(chat.turn(Understanding())) == ["NotUnderstood", "AskWhatElse"]
    assert kinds(chat.turn(Understanding())) == ["NotUnderstood", "AskWhatElse"]
    decision = chat.turn(Understanding())
    assert kinds(decision) == ["HandedOver"]
    assert decision.owner is Owner.AGENT


def test_an_understood_turn_in_between_begins_the_count_again() -> None:
    chat = Chat()
    for _ in range(4):
        chat.turn(Understanding())
        chat.turn(Understanding())
        chat.turn(says(Intent.THANKS))
    assert chat.snapshot.owner is Owner.BOT


def test_not_understood_repeats_the_open_question() -> None:
    chat = Chat()
    chat.orders(wants("latte"))
    assert kinds(chat.turn(Understanding())) == ["NotUnderstood", "AskField"]


def media(kind: MediaKind, caption: str | None = None) -> Media:
    return Media(kind=kind, provider_media_id="1", caption=caption)


UNREAD: list[tuple[str, Content, str]] = [
    *((kind.value, media(kind), kind.value) for kind in MediaKind),
    ("contacts", Contacts(), "contacts"),
    ("form", Form(), "form"),
    ("a poll", Unsupported(original_type="poll"), "unsupported"),
    (
        "not delivered yet",
        Unsupported(original_type="unknown", code=131060),
        "unavailable",
    ),
]


@pytest.mark.parametrize(
    ("content", "kind"), [u[1:] for u in UNREAD], ids=[u[0] for u in UNREAD]
)
def test_what_we_cannot_read_is_answered_once(content: Content, kind: str) -> None:
    chat = Chat()
    first = chat.turn(Understanding(), content)
    assert reply(first, CannotRead).kind == kind
    again = chat.turn(Understanding(), content)
    assert again.replies == ()
    assert again.silent_because is not None
    assert again.silent_because.startswith("unsupported:")
    assert again.owner is Owner.BOT


def test_a_form_that_nobody_sent_changes_nothing_and_is_shown_to_a_person() -> None:
    form = Form(name="flow", fields={"flow_token": "of another", "what": "2 latte"})
    mention = wants("latte", 2, quote=Quote(message=0, text="2 latte"))
    chat = Chat()
    decision = chat.turn(says(Intent.ORDER, mentions=(mention,)), form)
    assert decision.draft.lines == ()
    assert decision.order is None
    assert decision.attention == "form"


def test_media_that_the_reader_understood_is_not_called_unreadable() -> None:
    mention = wants("latte", 2, quote=Quote(message=0, text="2 latte"))
    decision = Chat().turn(
        says(mentions=(mention,)), media(MediaKind.IMAGE, "this one x2")
    )
    assert decision.draft.lines[0].quantity == 2
    assert "CannotRead" not in kinds(decision)


SILENT: list[tuple[Content, str]] = [
    (Reaction(target="m", emoji="👍"), "reaction"),
    (Reaction(target="m"), "reaction"),
    (System(event="number_changed"), "system"),
]


@pytest.mark.parametrize(("content", "why"), SILENT, ids=repr)
def test_reactions_and_system_messages_are_no_words(content: Content, why: str) -> None:
    chat = Chat()
    chat.ready()
    decision = chat.turn(says(Intent.CONFIRM), content)
    assert decision.order is None
    assert (decision.replies, decision.silent_because) == ((), why)


def test_a_turn_without_messages_is_silent() -> None:
    assert decided(a_snapshot()).silent_because == "empty"


def test_the_reason_for_silence_fits_its_column() -> None:
    odd = Unsupported(original_type="x" * 500)
    chat = Chat()
    chat.turn(Understanding(), odd)
    why = chat.turn(Understanding(), odd).silent_because
    assert why is not None
    assert len(why) <= 60


def test_the_language_is_that_of_the_turn_or_stays() -> None:
    chat = Chat()
    assert chat.turn(says(Intent.GREET, language="tr")).language == "tr"
    assert chat.turn(says(Intent.GREET)).language == "tr"


def test_a_late_turn_that_changes_nothing_is_silent() -> None:
    chat = Chat()
    chat.ready()
    late = messages(HI, late=True)
    for intent in (Intent.CANCEL_DRAFT, Intent.DECLINE, Intent.CONFIRM, Intent.OTHER):
        decision: Decision = decided(
            replace(chat.snapshot, messages=late), says(intent)
        )
        assert decision.silent_because == "late"
        assert decision.draft == chat.snapshot.draft


def test_the_profile_tells_the_name_and_it_is_never_asked() -> None:
    at = a_snapshot([HI])
    at = replace(at, contact=known(at, name="Ada L."))
    meant = says(
        mentions=(wants("latte"),), details=(is_told(Detail.ADDRESS, "Lale 5"),)
    )
    decision = decided(at, meant)
    assert kinds(decision) == ["Summary"]
    assert decision.draft.name == "Ada L."
    assert dict(decision.draft.field_evidence)["name"].source == "profile"
