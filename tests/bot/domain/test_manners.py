"""Manners: late words, loops, thumbs, STOP, and what nobody asked for."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.buttons import CancelTap, ConfirmTap, OfferTap
from bot.domain.courtesies import Offer, PutAway, SorryLate
from bot.domain.decision import Decision
from bot.domain.looping import LOOP, PAUSE
from bot.domain.message import OutButtons, Reaction, Text
from bot.domain.pacing import TURNS_A_MINUTE, waits_until
from bot.domain.replies import Stopped, Summary
from bot.domain.snapshot import Memory, Snapshot
from bot.domain.ticking import key_of, tick
from bot.domain.understanding import Intent, Understanding
from bot.domain.unfinished import PUT_AWAY, REMIND
from orders import Draft, DraftState, OrderState, Shop
from orders.domain.hours import Interval
from orders.domain.manners import CANCELLABLE, CancelUntil, Manners
from tests.factories import NOON, a_draft, a_line, a_shop, an_order
from tests.turns import (
    CONVERSATION,
    Chat,
    a_snapshot,
    button,
    decided,
    kinds,
    messages,
    rendered,
    reply,
    says,
    wants,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YES = says(Intent.CONFIRM)


def mannered(**manners: Any) -> Shop:
    return a_shop(manners=Manners(**manners))


def shown(**changes: Any) -> Snapshot:
    """Return a turn that begins with a summary on the customer's phone."""
    chat = Chat(a_snapshot(shop=changes.pop("shop", a_shop())))
    chat.ready()
    return replace(chat.snapshot, **changes)


def later(at: Snapshot, by: timedelta, *content: Any) -> Snapshot:
    """Return the turn in which something written then is read so much later."""
    owned = messages(*content)
    return replace(at, messages=owned, now=NOON + by)


# -- STOP and START -------------------------------------------------------------------


def test_what_was_ordered_with_a_stop_is_kept_unsent_and_back_on_start() -> None:
    chat = Chat()
    decision = chat.turn(
        says(Intent.STOP, mentions=(wants("latte", 2),)),
        Text(text="2 latte"),
        Text(text="stop"),
    )
    assert kinds(decision) == ["Stopped"]
    assert [line.name for line in decision.draft.lines] == ["Latte"]
    again = chat.turn(says(Intent.STOP))
    assert (again.replies, again.silent_because) == ((), "opted_out")
    back = chat.turn(says(Intent.START))
    assert (kinds(back)[0], kinds(back)[-1]) == ("Started", "AskField")
    assert back.draft.lines == decision.draft.lines


def test_a_yes_in_the_same_breath_as_a_stop_orders_nothing() -> None:
    at = shown()
    tap = button(ConfirmTap(at.draft.id, at.draft.version))
    owned = messages(tap, Text(text="stop"))
    decision = decided(replace(at, messages=owned), says(Intent.STOP))
    assert (kinds(decision), decision.order) == (["Stopped"], None)
    assert decision.draft == at.draft


def test_a_stop_ends_the_timers_of_the_draft_and_a_start_begins_them() -> None:
    chat = Chat()
    begun = chat.orders(wants("latte"))
    assert due_names(begun) == {REMIND, PUT_AWAY}
    assert cancelled_names(chat.turn(says(Intent.STOP))) == {REMIND, PUT_AWAY}
    assert due_names(chat.turn(says(Intent.START))) == {REMIND, PUT_AWAY}


def test_a_stop_says_whether_news_of_orders_still_come() -> None:
    for notices, words in ((False, "any more messages"), (True, "except news")):
        at = a_snapshot([Text(text="stop")], shop=mannered(notices_after_stop=notices))
        decision = decided(at, says(Intent.STOP))
        assert decision.replies == (Stopped(news=notices),)
        (said,) = rendered(at, decision)
        assert words in str(said)


# -- old words ------------------------------------------------------------------------


def test_old_words_are_taken_in_with_an_apology() -> None:
    at = later(a_snapshot(), 5 * HOUR, Text(text="2 latte"))
    decision = decided(at, says(mentions=(wants("latte", 2),)))
    assert kinds(decision) == ["SorryLate", "LinesPut", "AskField"]
    fresh = later(a_snapshot(), HOUR, Text(text="2 latte"))
    assert "SorryLate" not in kinds(decided(fresh, says(mentions=(wants("latte"),))))


@pytest.mark.parametrize("typed", [True, False])
def test_an_old_yes_orders_nothing_and_is_asked_for_again(typed: bool) -> None:
    at = shown()
    tap = button(ConfirmTap(at.draft.id, at.draft.version))
    old = later(at, 5 * HOUR, Text(text="yes") if typed else tap)
    decision = decided(old, YES if typed else Understanding())
    assert decision.order is None
    assert kinds(decision) == ["SorryLate", "Summary"]
    assert reply(decision, SorryLate).again
    fresh = decided(replace(old, now=at.now), YES if typed else Understanding())
    assert fresh.order is not None


def test_how_old_is_old_is_the_shops_to_say() -> None:
    at = shown(shop=mannered(stale_after=6 * HOUR))
    assert decided(later(at, 5 * HOUR, Text(text="yes")), YES).order is not None
    assert decided(later(at, 7 * HOUR, Text(text="yes")), YES).order is None


def test_an_old_tap_with_words_of_now_is_still_an_old_yes() -> None:
    at = shown()
    tap = button(ConfirmTap(at.draft.id, at.draft.version))
    old, new = messages(tap, Text(text="hello"))
    new = replace(new, sent_at=NOON + 5 * HOUR, received_at=NOON + 5 * HOUR)
    at = replace(at, messages=(old, new), now=NOON + 5 * HOUR)
    assert decided(at, says(Intent.GREET)).order is None


def test_what_can_no_longer_be_answered_is_taken_in_silence_and_told_later() -> None:
    at = later(a_snapshot(window=DAY), 3 * DAY, Text(text="2 latte"))
    decision = decided(at, says(mentions=(wants("latte", 2),)))
    assert (decision.replies, decision.silent_because) == ((), "outdated")
    assert decision.attention == "outdated"
    assert [line.name for line in decision.draft.lines] == ["Latte"]
    assert decision.draft.state is DraftState.OPEN
    back = replace(
        at,
        draft=decision.draft,
        memory=decision.memory,
        messages=tuple(
            replace(m, sent_at=at.now, received_at=at.now)
            for m in messages(Text(text="hi"))
        ),
    )
    told = decided(back, says(Intent.GREET))
    assert kinds(told)[0] == "SorryLate"
    assert not told.memory.owes_sorry


def test_a_backlog_of_several_turns_is_answered_once_at_its_end() -> None:
    first = later(a_snapshot(more=True), 5 * HOUR, Text(text="2 latte"))
    decision = decided(first, says(mentions=(wants("latte", 2),)))
    assert decision.silent_because == "outdated"
    assert decision.attention is None
    rest = later(
        replace(first, more=False, draft=decision.draft, memory=decision.memory),
        5 * HOUR,
        Text(text="and a tea"),
    )
    last = decided(rest, says(mentions=(wants("green tea"),)))
    assert kinds(last)[0] == "SorryLate"
    assert len(last.draft.lines) == 2


# -- thumbs ---------------------------------------------------------------------------

THUMBS = mannered(thumbs_up_confirms=True)
EMOJI = [
    ("👍", True),
    ("👍🏽", True),
    ("👎", False),
    ("❤️", False),
    ("👍👍", False),
    (None, False),
]


def thumbed(
    at: Snapshot, *emoji: str | None, target: str = "wamid_summary", version: int = 0
) -> Decision:
    """Return what reactions on our summary come to."""
    tap = ConfirmTap(at.draft.id, version or at.draft.version)
    owned = messages(*(Reaction(target=target, emoji=each) for each in emoji))
    under = (button(tap).id, button(CancelTap(at.draft.id, at.draft.version)).id)
    return decided(
        replace(at, messages=tuple(replace(m, reacted_to=under) for m in owned))
    )


@pytest.mark.parametrize(("emoji", "orders"), EMOJI, ids=repr)
def test_a_thumb_on_the_current_summary_is_a_yes_where_the_shop_says_so(
    emoji: str | None, orders: bool
) -> None:
    decision = thumbed(shown(shop=THUMBS), emoji)
    assert (decision.order is not None) == orders
    assert orders or decision.silent_because == "reaction"
    assert thumbed(shown(), emoji).order is None


def test_a_thumb_that_was_taken_back_or_is_on_something_else_says_nothing() -> None:
    at = shown(shop=THUMBS)
    assert thumbed(at, "👍", None).silent_because == "reaction"
    assert thumbed(at, "👍", version=9).silent_because == "reaction"
    unknown = replace(at, messages=messages(Reaction(target="nobody", emoji="👍")))
    assert decided(unknown).silent_because == "reaction"
    foreign = replace(unknown.messages[0], reacted_to=("ok.draft_1.1.forged",))
    assert decided(replace(unknown, messages=(foreign,))).order is None


def test_an_old_thumb_shows_the_summary_again() -> None:
    at = shown(shop=THUMBS)
    decision = thumbed(replace(at, now=NOON + 5 * HOUR), "👍")
    assert (decision.order, kinds(decision)) == (None, ["SorryLate", "Summary"])


# -- loops and pace -------------------------------------------------------------------


class Talk:
    """A conversation in which the other one answers after so many seconds."""

    def __init__(self, **changes: Any) -> None:
        self.at = a_snapshot(**changes)
        self.last: Decision | None = None

    def turn(
        self,
        meant: Understanding,
        words: str,
        *,
        after: float = 0.8,
        attention: str | None = LOOP,
    ) -> Decision:
        spoke = self.at.now
        now = spoke + timedelta(seconds=after)
        (message,) = messages(Text(text=words))
        message = replace(message, sent_at=now, received_at=now)
        muted = self.at.memory.loop.muted
        at = replace(
            self.at,
            messages=(message,),
            now=now,
            spoke_at=spoke,
            attention=attention if muted else None,
        )
        self.last = decided(at, meant)
        self.at = replace(
            at, draft=self.last.draft, memory=self.last.memory, heard_at=now
        )
        return self.last


def test_two_bots_that_greet_each_other_are_muted_within_a_few_turns() -> None:
    talk = Talk()
    heard = [talk.turn(says(Intent.GREET), f"Hello, I am bot {n}") for n in range(9)]
    answered = [bool(each.replies) for each in heard]
    assert sum(answered) <= 5
    assert answered == sorted(answered, reverse=True)
    first = heard[answered.index(False)]
    assert (first.silent_because, first.attention) == (LOOP, LOOP)


def test_a_bot_with_ever_new_words_is_muted_too() -> None:
    talk = Talk()
    said = [Intent.THANKS, Intent.GREET, Intent.BROWSE, Intent.ORDER_STATUS]
    heard = [talk.turn(says(said[n % 4]), f"words {n}") for n in range(12)]
    assert not heard[-1].replies
    assert heard[-1].silent_because == LOOP


def test_a_bot_that_repeats_itself_is_muted_though_it_takes_seconds() -> None:
    talk = Talk()
    words = "Your message is important to us."
    heard = [talk.turn(says(Intent.GREET), words, after=5) for _ in range(6)]
    assert heard[-1].silent_because == LOOP


def test_people_who_are_slow_or_get_on_are_never_muted() -> None:
    slow = Talk()
    for n in range(12):
        assert slow.turn(says(Intent.THANKS), f"thanks {n}", after=12).replies
    busy = Talk()
    for n in range(12):
        ordered = says(mentions=(wants("latte", n + 1),))
        assert busy.turn(ordered, f"{n + 1} latte").replies


def test_who_is_muted_is_heard_again_after_a_pause_or_when_a_person_looked() -> None:
    def muted() -> Talk:
        talk = Talk()
        for _ in range(6):
            talk.turn(says(Intent.GREET), "hello")
        assert talk.at.memory.loop.muted
        return talk

    pause = PAUSE.total_seconds() + 1
    talk = muted()
    assert not talk.turn(says(Intent.GREET), "hello", after=pause).replies
    assert not talk.turn(says(Intent.GREET), "is anybody there").replies
    assert talk.turn(says(Intent.GREET), "good morning", after=pause).replies
    looked_at = muted().turn(says(Intent.GREET), "hello", attention=None)
    assert looked_at.replies
    assert kinds(muted().turn(says(Intent.STOP), "stop")) == ["Stopped"]


def test_who_writes_faster_than_anybody_reads_waits_and_loses_nothing() -> None:
    memory, now = Memory(), NOON
    fast = replace(messages(Text(text="x"))[0], sent_at=NOON, received_at=NOON)
    begun = 0
    for _ in range(4 * TURNS_A_MINUTE):
        waits = waits_until(
            memory, [fast], manners=Manners(), now=now, pause=timedelta(seconds=1)
        )
        if waits is None:
            begun += 1
            at = replace(a_snapshot(memory=memory), messages=(fast,), now=now)
            memory = decided(at, says(mentions=(wants("latte", begun),))).memory
        else:
            assert now < waits <= now + timedelta(seconds=3)
        now += timedelta(seconds=0.25)
    half_a_minute = TURNS_A_MINUTE * 0.5
    assert TURNS_A_MINUTE <= begun <= TURNS_A_MINUTE + half_a_minute + 1


def test_an_old_backlog_is_gathered_before_its_turn() -> None:
    (old,) = messages(Text(text="2 latte"), sent_at=NOON - 5 * HOUR, received_at=NOON)
    pause = timedelta(seconds=2)
    waits = waits_until(Memory(), [old], manners=Manners(), now=NOON, pause=pause)
    assert waits == NOON + 5 * pause
    done = NOON + 6 * pause
    assert not waits_until(Memory(), [old], manners=Manners(), now=done, pause=pause)
    new = replace(old, sent_at=NOON)
    assert not waits_until(Memory(), [new], manners=Manners(), now=NOON, pause=pause)


# -- unfinished orders ----------------------------------------------------------------


def due_names(decision: Decision) -> set[str]:
    return {t.key.rpartition(":")[2] for t in decision.timers if t.due_at}


def cancelled_names(decision: Decision) -> set[str]:
    return {t.key.rpartition(":")[2] for t in decision.timers if t.due_at is None}


def fired(
    name: str, after: timedelta, *, draft: Draft | None = None, **changes: Any
) -> Decision:
    """Return what a timer of a draft of one latte comes to, so long after a word."""
    here = draft or a_draft(lines=(a_line(product_id="latte"),))
    (message,) = messages(tick(name, here.id))
    now = NOON + after
    at = a_snapshot(
        draft=here,
        messages=(replace(message, sent_at=now, received_at=now),),
        now=now,
        heard_at=NOON,
        **changes,
    )
    return decided(at)


def test_a_draft_gets_its_two_timers_once_and_loses_them_with_its_end() -> None:
    chat = Chat(a_snapshot(shop=mannered(remind_after=HOUR, draft_lasts=DAY)))
    first = chat.orders(wants("latte"))
    assert {t.key: t.due_at for t in first.timers} == {
        key_of(CONVERSATION, REMIND): NOON + HOUR,
        key_of(CONVERSATION, PUT_AWAY): NOON + DAY,
    }
    assert chat.orders(wants("green tea")).timers == ()
    chat.ready()
    assert cancelled_names(chat.confirms()) == {REMIND, PUT_AWAY}


def test_a_shop_that_wants_neither_sets_no_timers() -> None:
    chat = Chat(a_snapshot(shop=mannered(remind_after=None, draft_lasts=None)))
    assert chat.orders(wants("latte")).timers == ()


def test_who_left_an_order_unfinished_is_asked_once() -> None:
    decision = fired(REMIND, 3 * HOUR)
    assert kinds(decision)[0] == "Reminder"
    assert decision.replies[1:]
    assert decision.memory.reminded == decision.draft.id
    again = fired(REMIND, 3 * HOUR, memory=decision.memory)
    assert (again.replies, again.timers) == ((), ())


NOT_REMINDED: list[tuple[str, dict[str, Any], timedelta]] = [
    ("after STOP", {"contact": replace(a_snapshot().contact, opted_out=True)}, HOUR),
    ("switched off", {"shop": mannered(remind_after=None)}, HOUR),
    ("the window has closed", {"window": DAY}, 24 * HOUR),
    ("it closes in a moment", {"window": DAY}, 24 * HOUR - timedelta(minutes=5)),
    ("no window is known and a day is over", {}, 25 * HOUR),
    (
        "it would be quiet until the window closes",
        {"shop": mannered(quiet=Interval(time(12, 1), time(11, 59)))},
        4 * HOUR,
    ),
]


@pytest.mark.parametrize(
    ("changes", "after"),
    [n[1:] for n in NOT_REMINDED],
    ids=[n[0] for n in NOT_REMINDED],
)
def test_nobody_is_reminded(changes: dict[str, Any], after: timedelta) -> None:
    decision = fired(REMIND, after + 3 * HOUR, **changes)
    assert (decision.replies, due_names(decision)) == ((), set())


def test_a_reminder_waits_for_the_end_of_the_quiet_hours() -> None:
    quiet = Interval(time(12), time(13))
    at: dict[str, Any] = {
        "shop": mannered(quiet=quiet, remind_after=timedelta(minutes=30))
    }
    decision = fired(REMIND, timedelta(minutes=30), **at)
    assert decision.replies == ()
    (again,) = decision.timers
    assert again.due_at == NOON + HOUR
    assert kinds(fired(REMIND, HOUR, **at))[0] == "Reminder"


def test_a_reminder_waits_for_who_wrote_since_or_whom_a_person_answers() -> None:
    early = fired(REMIND, HOUR)
    assert early.replies == ()
    assert [t.due_at for t in early.timers] == [NOON + 3 * HOUR]
    owned = fired(REMIND, 4 * HOUR, owner=a_snapshot().owner.AGENT)
    assert owned.replies == ()
    assert [t.due_at for t in owned.timers] == [NOON + 7 * HOUR]


def test_a_timer_of_another_draft_does_nothing() -> None:
    draft = a_draft(lines=(a_line(product_id="latte"),))
    (message,) = messages(tick(REMIND, "another"), sent_at=NOON + 4 * HOUR)
    at = a_snapshot(draft=draft, messages=(message,), now=NOON + 4 * HOUR)
    assert (decided(at).replies, decided(at).timers) == ((), ())
    assert fired(REMIND, 4 * HOUR, draft=a_draft(lines=())).replies == ()


def test_a_draft_that_nobody_came_back_to_is_put_away_and_offered_on_return() -> None:
    expired = fired(PUT_AWAY, 15 * DAY)
    assert expired.draft.state is DraftState.EXPIRED
    assert (expired.replies, expired.next_draft is not None) == ((), True)
    assert expired.memory.put_away == expired.draft.id
    chat = Chat(
        a_snapshot(
            draft=expired.next_draft, memory=expired.memory, put_away=expired.draft
        )
    )
    back = chat.turn(says(Intent.GREET))
    assert reply(back, PutAway).names == ("Latte",)
    assert reply(back, Offer).about == expired.draft.id
    taken = chat.turn(YES)
    assert [line.product_id for line in taken.draft.lines] == ["latte"]
    assert kinds(chat.turn(says(Intent.GREET)))[0] == "Greeting"


def test_who_comes_back_with_something_new_is_told_and_asked_nothing_about_it() -> None:
    old = a_draft(id="old", lines=(a_line(product_id="latte"),))
    at = a_snapshot(memory=Memory(welcomed=True, put_away="old"), put_away=old)
    chat = Chat(at)
    back = chat.orders(wants("green tea"))
    assert kinds(back) == ["LinesPut", "PutAway", "AskField"]
    assert "PutAway" not in kinds(chat.turn(says(Intent.GREET)))


def test_a_no_to_what_was_put_away_begins_anew() -> None:
    old = a_draft(id="old", lines=(a_line(product_id="latte"),))
    chat = Chat(a_snapshot(memory=Memory(welcomed=True, put_away="old"), put_away=old))
    chat.turn(says(Intent.GREET))
    decision = chat.turn(says(Intent.DECLINE))
    assert kinds(decision) == ["AllRight"]
    assert decision.draft.lines == ()
    tap = button(OfferTap("take_up", "old", is_yes=True))
    assert kinds(chat.turn(Understanding(), tap))[0] == "ChoiceGone"


def test_a_draft_that_waits_for_an_agent_is_not_put_away() -> None:
    draft = a_draft(lines=(a_line(product_id="latte"),))
    waits = replace(draft, state=DraftState.AWAITING, shown_version=draft.version)
    decision = fired(PUT_AWAY, 15 * DAY, draft=waits)
    assert decision.draft.state is DraftState.AWAITING
    assert due_names(decision) == {PUT_AWAY}


# -- after the order ------------------------------------------------------------------


def ordered(state: OrderState, until: CancelUntil) -> Chat:
    last = an_order(number=12, state=state)
    return Chat(a_snapshot(last_order=last, shop=mannered(cancel_until=until)))


@pytest.mark.parametrize("until", CancelUntil)
@pytest.mark.parametrize("state", OrderState)
def test_a_customer_cancels_alone_as_far_as_the_shop_lets_them(
    state: OrderState, until: CancelUntil
) -> None:
    chat = ordered(state, until)
    asked = chat.turn(says(Intent.CANCEL_ORDER))
    over = state in (OrderState.CANCELLED, OrderState.REFUNDED)
    if not over and state not in CANCELLABLE[until]:
        assert kinds(asked) == ["CancelNeedsHuman"]
    elif over:
        assert kinds(asked) == ["OrderNews"]
    else:
        assert kinds(asked) == ["Offer"]
        assert asked.cancelled is None
        done = chat.turn(YES)
        assert done.cancelled is not None
        assert done.cancelled.state is state
        taken = state not in CANCELLABLE[CancelUntil.SENT]
        assert done.attention == ("cancelled" if taken else None)


def test_an_order_is_cancelled_by_a_button_and_only_once() -> None:
    chat = ordered(OrderState.CONFIRMED, CancelUntil.SENT)
    asked = chat.turn(says(Intent.CANCEL_ORDER))
    (said,) = rendered(chat.snapshot, asked)
    assert isinstance(said, OutButtons)
    last = chat.snapshot.last_order
    assert last is not None
    tap = button(OfferTap("cancel_order", last.id, is_yes=True))
    assert chat.turn(Understanding(), tap).cancelled == last
    gone = replace(last, state=OrderState.CANCELLED)
    chat.snapshot = replace(chat.snapshot, last_order=gone)
    second = chat.turn(Understanding(), tap)
    assert (kinds(second), second.cancelled) == (["OrderNews"], None)


def test_a_no_or_an_old_yes_keeps_the_order() -> None:
    chat = ordered(OrderState.CONFIRMED, CancelUntil.SENT)
    chat.turn(says(Intent.CANCEL_ORDER))
    kept = chat.turn(says(Intent.DECLINE))
    assert (kinds(kept), kept.cancelled) == (["OrderKept"], None)
    last = chat.snapshot.last_order
    assert last is not None
    tap = button(OfferTap("cancel_order", last.id, is_yes=True))
    old = decided(later(chat.snapshot, 5 * HOUR, tap))
    assert (kinds(old), old.cancelled) == (["SorryLate", "Offer"], None)
    foreign = button(OfferTap("cancel_order", "another", is_yes=True))
    assert kinds(chat.turn(Understanding(), foreign))[0] == "ChoiceGone"


# -- quiet hours ----------------------------------------------------------------------


@given(
    st.integers(0, 365 * 24 * 60),
    st.times(),
    st.times(),
    st.sampled_from(["UTC", "Europe/Istanbul", "America/Sao_Paulo", "Europe/Madrid"]),
)
@settings(max_examples=60, deadline=None)
def test_nothing_is_put_off_into_quiet_hours_or_for_more_than_a_day(
    minute: int, begins: time, ends: time, zone: str
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    begins, ends = (t.replace(second=0, microsecond=0) for t in (begins, ends))
    manners = Manners(quiet=Interval(begins, ends))
    later_on = manners.not_before(at, zone)
    assert at <= later_on <= at + DAY + 2 * HOUR
    assert not manners.is_quiet(later_on, zone)


def test_a_summary_is_not_marked_as_shown_when_nobody_was_told() -> None:
    at = shown(window=DAY)
    old = later(at, 3 * DAY, Text(text="make it 3"))
    decision = decided(old, says(mentions=(wants("latte", Decimal(3)),)))
    assert not any(isinstance(each, Summary) for each in decision.replies)
    assert decision.draft.state is not DraftState.PROPOSED
