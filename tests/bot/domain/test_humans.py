"""When people take over from the bot, what customers hear then, and the way back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.buttons import OfferTap
from bot.domain.decision import Decision
from bot.domain.handed import (
    ANSWERED,
    ASKED,
    HUMAN_WROTE,
    PAUSE_OVER,
    PLAIN,
    TAKEN_UP,
    UNANSWERED,
    Handover,
    Why,
)
from bot.domain.message import Content, Text
from bot.domain.people import GO_ON
from bot.domain.snapshot import Owner, Snapshot
from bot.domain.ticking import key_of, tick
from bot.domain.understanding import (
    Act,
    Detail,
    Intent,
    Priority,
    Sentiment,
    Understanding,
)
from catalog import Index
from orders import Draft, Shop
from orders.domain.humans import Humans
from tests.factories import NOON, a_line, a_product, a_shop, hours_on
from tests.turns import (
    CONVERSATION,
    Chat,
    a_snapshot,
    button,
    decided,
    is_told,
    kinds,
    messages,
    rendered,
    reply,
    says,
    wants,
)

WORDS = Text(text="words")
A_MINUTE = timedelta(minutes=1)
#: Half an hour before NOON somebody asked for a person.
ASKED_AT = NOON - 30 * A_MINUTE


def shop(**rules: Any) -> Shop:
    return replace(a_shop(), humans=Humans(**rules))


def closed_shop() -> Shop:
    """Return a shop that is closed at NOON, and opens some days later."""
    return replace(a_shop(), hours=hours_on((NOON.weekday() + 3) % 7))


def with_person(*content: Content, **changes: Any) -> Snapshot:
    """Return a turn of a conversation that a person was asked for."""
    handover = changes.pop("handover", Handover(Why.REQUEST, ASKED_AT))
    complete = {"owner": Owner.AGENT, "handover": handover, **changes}
    return a_snapshot(content or (WORDS,), **complete)


def a_draft_with_a_line() -> Draft:
    line = a_line(id="line_1", product_id="latte", sku="LAT", name="Latte")
    return replace(Draft("draft_1", "TRY"), lines=(line,), version=1)


def timers(decision: Decision) -> dict[str, datetime | None]:
    return {each.key.rsplit(":", 1)[-1]: each.due_at for each in decision.timers}


def words_of(snapshot: Snapshot, decision: Decision) -> str:
    return "\n".join(getattr(each, "body", "") for each in rendered(snapshot, decision))


# -- who is handed over, and why ------------------------------------------------------


def unhappy(**parts: Any) -> Understanding:
    return says(Intent.OTHER, sentiment=Sentiment.NEGATIVE, **parts)


HANDED: dict[str, tuple[Shop, Understanding, Text, Why]] = {
    "asks for a person": (a_shop(), says(Intent.HUMAN), WORDS, Why.REQUEST),
    "complains": (a_shop(), says(Intent.COMPLAINT), WORDS, Why.COMPLAINT),
    "complains and asks": (
        a_shop(),
        says(Intent.COMPLAINT, Intent.HUMAN),
        WORDS,
        Why.REQUEST,
    ),
    "is angry, and we understand nothing else": (a_shop(), unhappy(), WORDS, Why.ANGER),
    "is angry, and a reader finds it grave": (
        a_shop(),
        unhappy(priority=Priority.HIGH, mentions=(wants("latte", 1),)),
        WORDS,
        Why.ANGER,
    ),
    "orders for as much as the shop's rule says": (
        shop(asked_from=20_000),
        says(mentions=(wants("latte", 3),)),
        WORDS,
        Why.VALUE,
    ),
    "wants what the shop leaves to people": (
        shop(intents=("browse",)),
        says(Intent.BROWSE),
        WORDS,
        Why.POLICY,
    ),
    "uses words that the shop leaves to people": (
        shop(words=("Wholesale price",)),
        says(Intent.ASK_PRODUCT),
        Text(text="What is your WHOLESALE price?"),
        Why.POLICY,
    ),
}


@pytest.mark.parametrize(
    ("rules", "understanding", "words", "why"), HANDED.values(), ids=HANDED
)
def test_a_person_takes_over_from_who(
    rules: Shop, understanding: Understanding, words: Text, why: Why
) -> None:
    decision = decided(a_snapshot((words,), shop=rules), understanding)
    assert (decision.owner, decision.handed) == (Owner.AGENT, why)
    assert kinds(decision).count("HandedOver") == 1
    assert decision.order is None


KEPT: dict[str, tuple[Shop, Understanding, Text]] = {
    "is unhappy and orders something": (
        a_shop(),
        unhappy(mentions=(wants("latte", 1),)),
        WORDS,
    ),
    "is angry where the shop's rule says no": (shop(on_anger=False), unhappy(), WORDS),
    "orders for less than the rule says": (
        shop(asked_from=100_000),
        says(mentions=(wants("latte", 3),)),
        WORDS,
    ),
    "uses a part of such a word": (
        shop(words=("whole",)),
        says(Intent.BROWSE),
        Text(text="wholemeal?"),
    ),
}


@pytest.mark.parametrize(("rules", "understanding", "words"), KEPT.values(), ids=KEPT)
def test_the_bot_goes_on_with_who(
    rules: Shop, understanding: Understanding, words: Text
) -> None:
    decision = decided(a_snapshot((words,), shop=rules), understanding)
    assert (decision.owner, decision.handed) == (Owner.BOT, None)


def test_a_category_that_is_left_to_people_is_handed_over_once_for_a_draft() -> None:
    cake = a_product(id="cake", sku="CAKE", name="Lemon cake", category="To order")
    rules = shop(categories=("to ORDER",))
    chat = Chat(a_snapshot(shop=rules, index=Index.build((cake,))))
    assert chat.orders(wants("lemon cake", 1)).handed is Why.POLICY
    chat.snapshot = replace(chat.snapshot, owner=Owner.BOT)
    assert chat.orders(wants("lemon cake", 1)).handed is None


def test_how_often_is_too_often_is_the_shops_rule() -> None:
    chat = Chat(a_snapshot(shop=shop(misunderstood_at_most=2)))
    assert chat.turn(says(Intent.OTHER)).owner is Owner.BOT
    decision = chat.turn(says(Intent.OTHER))
    assert (decision.owner, decision.handed) == (Owner.AGENT, Why.MISUNDERSTOOD)
    # Handed back, it begins to count anew.
    chat.snapshot = replace(chat.snapshot, owner=Owner.BOT)
    assert chat.turn(says(Intent.OTHER)).owner is Owner.BOT


def test_a_large_order_that_was_handed_back_is_the_bots_to_finish() -> None:
    chat = Chat(a_snapshot(shop=shop(asked_from=1)))
    assert chat.ready().handed is Why.VALUE
    chat.snapshot = replace(chat.snapshot, owner=Owner.BOT)
    summary = chat.orders(wants("latte", 1))
    assert kinds(summary)[-1] == "Summary"
    assert chat.confirms().order is not None


def test_a_confirmed_order_that_has_become_too_large_is_not_placed() -> None:
    chat = Chat()
    chat.ready()
    chat.snapshot = replace(chat.snapshot, shop=shop(asked_from=1))
    decision = chat.confirms()
    assert (decision.order, decision.handed) == (None, Why.VALUE)


def test_a_person_who_is_asked_for_again_is_announced_once() -> None:
    chat = Chat()
    assert kinds(chat.turn(says(Intent.HUMAN))) == ["HandedOver"]
    for _ in range(2):
        again = chat.turn(says(Intent.HUMAN), handover=Handover(Why.REQUEST, NOON))
        assert (again.replies, again.silent_because) == ((), "agent")


# -- nobody answers -------------------------------------------------------------------


def test_who_waits_for_a_person_is_looked_after_in_time() -> None:
    decision = decided(a_snapshot((WORDS,)), says(Intent.HUMAN))
    assert timers(decision)[UNANSWERED] == NOON + 10 * A_MINUTE
    patient = a_snapshot((WORDS,), shop=shop(answer_within=None))
    assert UNANSWERED not in timers(decided(patient, says(Intent.HUMAN)))


def test_outside_hours_the_customer_hears_when_somebody_will_answer() -> None:
    rules = closed_shop()
    at = a_snapshot((WORDS,), shop=rules)
    decision = decided(at, says(Intent.HUMAN))
    opens = rules.opens_at(NOON)
    assert opens is not None
    assert kinds(decision) == ["HandedOverClosed", "GoOn"]
    assert reply(decision, type(decision.replies[0])).opens_at == opens
    assert decision.attention == "closed"
    assert timers(decision)[UNANSWERED] == opens + 10 * A_MINUTE
    (message,) = rendered(at, decision)
    assert [each.title for each in message.buttons] == ["Go on here"]  # type: ignore[union-attr]  # it has buttons


def test_whom_nobody_answers_is_told_and_people_are_alerted() -> None:
    at = with_person(tick(UNANSWERED))
    decision = decided(at)
    assert kinds(decision) == ["NobodyYet", "GoOn"]
    assert (decision.attention, decision.owner) == (UNANSWERED, Owner.AGENT)
    assert "busy" in words_of(at, decision)
    later = replace(at, shop=closed_shop())
    assert "closed" in words_of(later, decided(later))


SEEN = {
    "a person has answered": Handover(Why.REQUEST, ASKED_AT, answered_at=NOON),
    "a person has taken it": Handover(Why.REQUEST, ASKED_AT, by="user_1"),
    "somebody writes from the phone": Handover(Why.PHONE, ASKED_AT, answered_at=NOON),
}


@pytest.mark.parametrize("handover", SEEN.values(), ids=SEEN)
def test_nothing_is_said_any_more_once(handover: Handover) -> None:
    decision = decided(with_person(tick(UNANSWERED), handover=handover))
    assert (decision.replies, decision.attention) == ((), None)
    assert decided(a_snapshot((tick(UNANSWERED),))).replies == ()


def test_who_said_stop_is_not_written_to_but_people_are_alerted() -> None:
    at = with_person(tick(UNANSWERED))
    out = replace(at, contact=replace(at.contact, opted_out=True))
    decision = decided(out)
    assert (decision.replies, decision.attention) == ((), UNANSWERED)


GOING_ON = ("bot", "Go on here", "asistan", "Burada devam et", "assistente", "бот")


@pytest.mark.parametrize("words", GOING_ON)
def test_the_customer_may_go_on_with_the_bot_in_words(words: str) -> None:
    decision = decided(with_person(Text(text=words)))
    assert (decision.owner, decision.takes_up) == (Owner.BOT, ASKED)
    assert decision.replies == ()  # The turn that takes it up answers.
    assert timers(decision)[UNANSWERED] is None


def test_the_customer_may_go_on_with_the_bot_by_its_button() -> None:
    go_on = button(OfferTap(GO_ON, CONVERSATION, is_yes=True))
    assert decided(with_person(go_on)).takes_up == ASKED
    forged = go_on.model_copy(update={"id": go_on.id + "x"})
    assert decided(with_person(forged)).owner is Owner.AGENT


@pytest.mark.parametrize("handover", SEEN.values(), ids=SEEN)
def test_the_bot_does_not_come_between_when(handover: Handover) -> None:
    decision = decided(with_person(Text(text="bot"), handover=handover))
    assert (decision.owner, decision.silent_because) == (Owner.AGENT, "agent")


def test_more_than_the_word_is_meant_for_a_person() -> None:
    said = Text(text="is this a bot?")
    assert decided(with_person(said)).owner is Owner.AGENT


# -- from the shop's phone ------------------------------------------------------------


def test_who_writes_from_the_phone_pauses_the_bot_and_prolongs_it() -> None:
    wrote = Handover(Why.PHONE, ASKED_AT, answered_at=NOON - A_MINUTE)
    decision = decided(with_person(tick(HUMAN_WROTE), handover=wrote))
    assert decision.hushed
    assert timers(decision) == {UNANSWERED: None, PAUSE_OVER: NOON + 59 * A_MINUTE}
    assert decision.replies == ()


ENDLESS = {
    "the shop's rule has no end": (shop(phone_pause=None), None),
    "an agent took it over": (a_shop(), "user_1"),
}


@pytest.mark.parametrize(("rules", "by"), ENDLESS.values(), ids=ENDLESS)
def test_the_pause_lasts_until_it_is_handed_back_when(
    rules: Shop, by: str | None
) -> None:
    wrote = Handover(Why.PHONE, ASKED_AT, by=by, answered_at=NOON - 90 * A_MINUTE)
    set_ = decided(with_person(tick(HUMAN_WROTE), handover=wrote, shop=rules))
    assert PAUSE_OVER not in timers(set_)
    fired = decided(with_person(tick(PAUSE_OVER), handover=wrote, shop=rules))
    assert fired.owner is Owner.AGENT


@pytest.mark.parametrize(("ago", "owner"), [(59, Owner.AGENT), (60, Owner.BOT)])
def test_the_bot_goes_on_when_the_pause_is_over(ago: int, owner: Owner) -> None:
    wrote = Handover(Why.PHONE, ASKED_AT, answered_at=NOON - ago * A_MINUTE)
    decision = decided(with_person(tick(PAUSE_OVER), handover=wrote))
    assert decision.owner is owner
    assert decision.takes_up == (ANSWERED if owner is Owner.BOT else None)
    assert decision.replies == ()


def test_the_pause_begins_anew_when_somebody_writes_from_the_console() -> None:
    wrote = Handover(Why.PHONE, NOON, None, NOON - 20 * A_MINUTE)
    decision = decided(with_person(tick(PAUSE_OVER), handover=wrote))
    assert decision.owner is Owner.AGENT
    assert timers(decision) == {PAUSE_OVER: NOON + 40 * A_MINUTE}


def test_words_that_come_as_the_pause_ends_are_read_when_it_is_taken_up() -> None:
    wrote = Handover(Why.PHONE, ASKED_AT, answered_at=NOON - 60 * A_MINUTE)
    at = with_person(WORDS, tick(PAUSE_OVER), handover=wrote)
    decision = decided(at, says(mentions=(wants("latte", 1),)))
    assert (decision.owner, decision.silent_because) == (Owner.BOT, "agent")
    assert decision.changes == ()


# -- taking up again ------------------------------------------------------------------


def taken_up(*content: Content, about: str = PLAIN, **changes: Any) -> Snapshot:
    """Return the turn in which the bot takes a conversation up again."""
    return a_snapshot((*content, tick(TAKEN_UP, about)), **changes)


def test_the_order_and_what_it_lacks_are_told_in_one_message() -> None:
    at = taken_up(draft=a_draft_with_a_line())
    decision = decided(at)
    assert kinds(decision) == ["TakenUp", "AskField"]
    (message,) = rendered(at, decision)
    assert "Latte" in message.body  # type: ignore[union-attr]  # a text
    assert decision.memory.asked is not None


def test_a_complete_order_is_shown_as_its_summary_and_not_twice() -> None:
    chat = Chat()
    chat.ready()
    at = replace(chat.snapshot, messages=messages(tick(TAKEN_UP, PLAIN)))
    decision = decided(at)
    assert kinds(decision) == ["TakenUp", "Summary"]
    assert words_of(at, decision).count("Latte") == 1
    assert decision.order is None


SILENT: dict[str, dict[str, Any]] = {
    "there is no open order": {},
    "the customer wrote too long ago": {
        "draft": a_draft_with_a_line(),
        "heard_at": NOON - timedelta(hours=25),
        "window": timedelta(hours=24),
    },
}


@pytest.mark.parametrize("changes", SILENT.values(), ids=SILENT)
def test_the_bot_takes_up_without_a_word_when(changes: dict[str, Any]) -> None:
    assert decided(taken_up(**changes)).replies == ()


def test_who_said_stop_hears_nothing_of_it() -> None:
    at = taken_up(draft=a_draft_with_a_line())
    out = replace(at, contact=replace(at.contact, opted_out=True))
    assert decided(out).replies == ()


def test_who_asked_for_the_bot_is_answered_in_any_case() -> None:
    decision = decided(taken_up(about=ASKED))
    assert kinds(decision) == ["TakenUp", "AskWhatElse"]


def test_what_was_written_to_a_person_is_put_into_the_order() -> None:
    at = taken_up(WORDS, draft=a_draft_with_a_line())
    decision = decided(at, says(mentions=(wants("butter croissant", 3),)))
    names = [line.name for line in decision.draft.lines]
    assert names == ["Latte", "Butter croissant"]
    assert kinds(decision) == ["TakenUp", "AskField"]


def test_what_was_written_to_a_person_confirms_and_hands_over_nothing() -> None:
    chat = Chat()
    chat.ready()
    for intent in (Intent.CONFIRM, Intent.HUMAN, Intent.COMPLAINT, Intent.CANCEL_DRAFT):
        at = replace(chat.snapshot, messages=messages(WORDS, tick(TAKEN_UP, PLAIN)))
        decision = decided(at, says(intent))
        assert (decision.order, decision.owner) == (None, Owner.BOT)
        assert decision.next_draft is None
        assert kinds(decision) == ["TakenUp", "Summary"]


def test_what_a_person_has_answered_is_not_answered_again() -> None:
    asks = says(Intent.ASK_PRODUCT, mentions=(wants("latte", act=Act.ASK),))
    assert decided(taken_up(WORDS, about=ANSWERED), asks).replies == ()
    unanswered = decided(taken_up(WORDS, about=ASKED), asks)
    assert len(unanswered.replies) > 2


def test_words_that_nobody_understands_do_not_count_against_the_customer() -> None:
    decision = decided(taken_up(WORDS), says(Intent.OTHER))
    assert (decision.memory.misunderstood, decision.replies) == (0, ())


def test_details_told_to_a_person_are_noted() -> None:
    at = taken_up(WORDS, draft=a_draft_with_a_line())
    name = is_told(Detail.NAME, "Ada", message=0)
    decision = decided(at, says(details=(name,)))
    assert decision.draft.name == "Ada"


# -- the clock ------------------------------------------------------------------------


def test_the_clock_is_no_first_contact_and_no_misunderstanding() -> None:
    new = a_snapshot((tick(UNANSWERED),))
    before = new.memory.model_copy(update={"welcomed": False, "misunderstood": 2})
    decision = decided(replace(new, memory=before))
    assert (decision.memory, decision.replies) == (before, ())


def test_a_timer_that_only_a_newer_version_knows_does_nothing() -> None:
    decision = decided(a_snapshot((tick("of_a_newer_version"),)))
    assert (decision.replies, decision.timers, decision.changes) == ((), (), ())


def test_keys_are_one_for_each_name_of_a_conversation() -> None:
    decision = decided(a_snapshot((WORDS,)), says(Intent.HUMAN))
    (key,) = [each.key for each in decision.timers if UNANSWERED in each.key]
    assert key == key_of(CONVERSATION, UNANSWERED)
