"""Whose yes makes an order: bound to the version that was shown, and still true."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.buttons import CancelTap, ChangeTap, ConfirmTap, PickTap, mark_of
from bot.domain.decision import Decision
from bot.domain.message import ChoiceSource, Content, Tap, Text
from bot.domain.replies import (
    AlreadyOrdered,
    OrderPlaced,
    PriceChanged,
    StockShort,
    Summary,
)
from bot.domain.snapshot import Asked, Owner
from bot.domain.understanding import Act, Detail, Intent
from catalog import Index
from orders import DraftState, Field, Source
from tests.factories import NOON, an_order
from tests.turns import (
    Chat,
    a_snapshot,
    button,
    decided,
    is_told,
    kinds,
    messages,
    reply,
    says,
    some_products,
    wants,
)

YES = says(Intent.CONFIRM)


def shown() -> Chat:
    """Return a chat whose summary of two lattes was just shown."""
    chat = Chat()
    chat.ready()
    assert chat.snapshot.draft.state is DraftState.PROPOSED
    return chat


def with_price(chat: Chat, price: str) -> None:
    products = [
        replace(p, price=Decimal(price)) if p.id == "latte" else p
        for p in some_products()
    ]
    chat.snapshot = replace(chat.snapshot, index=Index.build(products))


def test_a_tap_on_confirm_places_the_order_that_was_shown() -> None:
    chat = shown()
    before = chat.snapshot.draft
    decision = chat.confirms()
    order = decision.order
    assert order is not None
    assert kinds(decision) == ["OrderPlaced"]
    assert (order.id, order.draft_id) == ("order_new", before.id)
    assert order.draft_version == before.version
    assert order.grand_total == 17100
    assert order.confirmed_by is not None
    assert order.confirmed_by.source is Source.MESSAGE
    assert decision.draft.state is DraftState.ORDERED


def test_the_next_draft_keeps_who_the_customer_is_and_nothing_else() -> None:
    decision = shown().confirms()
    following = decision.next_draft
    assert following is not None
    assert (following.id, following.name, following.phone) == (
        "draft_2",
        "Ada",
        "+905321234567",
    )
    assert (following.lines, following.address, following.version) == ((), None, 0)
    assert [name for name, _ in following.field_evidence] == ["name", "phone"]


def test_a_typed_yes_to_the_summary_shown_last_places_the_order() -> None:
    decision = shown().turn(YES, Text(text="yes"))
    assert decision.order is not None
    assert decision.order.confirmed_by is not None
    assert decision.order.confirmed_by.quote == "yes"


def test_yes_but_changes_and_shows_a_new_summary() -> None:
    chat = shown()
    chat.orders(wants("mocha", 1, options=("oat milk",)))
    decision = chat.turn(
        says(Intent.CONFIRM, mentions=(wants("latte", act=Act.REMOVE),))
    )
    assert decision.order is None
    assert [line.name for line in reply(decision, Summary).draft.lines] == ["Mocha"]
    assert decision.draft.shown_version == decision.draft.version


def asked_differently(chat: Chat) -> None:
    memory = chat.snapshot.memory.model_copy(update={"asked": Asked(field=Field.NAME)})
    chat.snapshot = replace(chat.snapshot, memory=memory)


def edited_by_an_agent(chat: Chat) -> None:
    draft = chat.snapshot.draft
    edited = replace(draft, version=draft.version + 1, state=DraftState.OPEN)
    chat.snapshot = replace(chat.snapshot, draft=edited)


NO_YES: list[tuple[str, Callable[[Chat], None]]] = [
    ("our last question was another one", asked_differently),
    ("an agent edited the draft since", edited_by_an_agent),
]


@pytest.mark.parametrize("spoil", [c[1] for c in NO_YES], ids=[c[0] for c in NO_YES])
def test_a_typed_yes_counts_only_for_the_summary_shown_last(
    spoil: Callable[[Chat], None],
) -> None:
    chat = shown()
    spoil(chat)
    decision = chat.turn(YES)
    assert decision.order is None
    assert isinstance(decision.replies[-1], Summary)


def test_a_late_yes_confirms_nothing() -> None:
    chat = shown()
    at = replace(chat.snapshot, messages=messages(Text(text="yes"), late=True))
    assert decided(at, YES).order is None


def test_a_yes_and_a_no_in_one_turn_confirm_nothing() -> None:
    decision = shown().turn(says(Intent.CONFIRM, Intent.DECLINE))
    assert decision.order is None


def test_a_tap_on_an_older_summary_is_stale_and_shows_the_new_one() -> None:
    chat = shown()
    old = chat.snapshot.draft.version
    chat.orders(wants("latte", 5, Act.SET))
    decision = chat.confirms(old)
    assert decision.order is None
    assert kinds(decision) == ["ConfirmationStale", "Summary"]


TWO_AT_ONCE: list[tuple[str, Callable[[Tap], list[Content]]]] = [
    ("the tap comes first", lambda tap: [tap, Text(text="and a mocha")]),
    ("the words come first", lambda tap: [Text(text="and a mocha"), tap]),
]


@pytest.mark.parametrize(
    "order", [c[1] for c in TWO_AT_ONCE], ids=[c[0] for c in TWO_AT_ONCE]
)
def test_a_tap_with_words_that_change_the_draft_is_asked_again(
    order: Callable[[Tap], list[Content]],
) -> None:
    chat = shown()
    draft = chat.snapshot.draft
    meant = says(mentions=(wants("mocha", 1, options=("oat milk",)),))
    contents = order(button(ConfirmTap(draft.id, draft.version)))
    decision = chat.turn(meant, *contents)
    assert decision.order is None
    assert kinds(decision) == ["ConfirmationStale", "Summary"]
    assert len(decision.draft.lines) == 2


def test_a_tap_with_words_that_change_nothing_places_the_order() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    tap = button(ConfirmTap(draft.id, draft.version))
    decision = chat.turn(says(Intent.THANKS), tap, Text(text="thanks"))
    assert decision.order is not None


def test_two_taps_in_one_turn_place_one_order() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    tap = button(ConfirmTap(draft.id, draft.version))
    decision = chat.turn(says(Intent.OTHER), tap, tap)
    assert kinds(decision) == ["OrderPlaced"]


def test_a_second_tap_later_says_that_it_is_ordered_already() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    chat.confirms()
    again = chat.turn(says(Intent.OTHER), button(ConfirmTap(draft.id, draft.version)))
    assert again.order is None
    assert reply(again, AlreadyOrdered).number == 7


def test_a_second_yes_says_that_it_is_ordered_already() -> None:
    chat = shown()
    chat.turn(YES)
    again = chat.turn(YES)
    assert kinds(again) == ["AlreadyOrdered"]


def test_a_yes_long_after_the_order_has_nothing_to_confirm() -> None:
    old = an_order(number=7, placed_at=NOON - timedelta(days=3))
    decision = decided(a_snapshot([Text(text="yes")], last_order=old), YES)
    assert kinds(decision) == ["NothingToConfirm", "AskWhatElse"]


def test_a_yes_with_nothing_open_says_so() -> None:
    decision = decided(a_snapshot([Text(text="yes")]), YES)
    assert kinds(decision) == ["NothingToConfirm", "AskWhatElse"]


FOREIGN = [
    ("never signed", Tap(id="ok.draft_1.1.AAAAAAAAAAAAAAAA", title="Confirm")),
    ("not one of ours at all", Tap(id="42", title="Confirm")),
    (
        "of another conversation",
        button(ConfirmTap("draft_1", 1), conversation="conversation_2"),
    ),
    ("of another key", button(ConfirmTap("draft_1", 1), key=b"other")),
]


@pytest.mark.parametrize("tap", [f[1] for f in FOREIGN], ids=[f[0] for f in FOREIGN])
def test_a_forged_button_changes_nothing_whatever_its_title_says(tap: Tap) -> None:
    chat = shown()
    # A reader that takes the title for words would hear a yes.
    decision = chat.turn(YES, tap, Text(text="thanks"))
    assert decision.order is None
    assert "ConfirmationForeign" in kinds(decision)
    assert decision.draft == chat.snapshot.draft


def test_a_button_of_a_draft_that_ended_is_stale() -> None:
    decision = shown().turn(says(Intent.OTHER), button(ConfirmTap("draft_0", 4)))
    assert kinds(decision) == ["ConfirmationStale", "Summary"]


def test_a_price_that_changed_is_shown_and_asked_again() -> None:
    chat = shown()
    with_price(chat, "99")
    decision = chat.confirms()
    assert decision.order is None
    told = reply(decision, PriceChanged)
    assert (told.before, told.after) == (Decimal("85.50"), Decimal(99))
    summary = reply(decision, Summary)
    assert summary.totals.grand_total == 19800
    placed = chat.confirms().order
    assert placed is not None
    assert placed.grand_total == 19800


def test_a_price_that_changed_after_a_typed_yes_is_asked_again_too() -> None:
    chat = shown()
    with_price(chat, "80")
    assert kinds(chat.turn(YES)) == ["PriceChanged", "Summary"]


def test_what_ran_short_is_cut_and_asked_again() -> None:
    chat = shown()
    chat.snapshot = replace(chat.snapshot, available={("latte", None): Decimal(1)})
    decision = chat.confirms()
    assert decision.order is None
    told = reply(decision, StockShort)
    assert (told.asked, told.available) == (Decimal(2), Decimal(1))
    assert reply(decision, Summary).draft.lines[0].quantity == 1


def test_what_sold_out_at_the_last_moment_leaves_and_that_is_said() -> None:
    chat = shown()
    chat.snapshot = replace(chat.snapshot, available={("latte", None): Decimal(0)})
    decision = chat.confirms()
    assert decision.order is None
    assert decision.draft.lines == ()
    assert reply(decision, StockShort).available == 0
    assert kinds(decision)[-1] == "AskWhatElse"


def test_a_product_taken_off_the_catalog_leaves_the_draft() -> None:
    chat = shown()
    products = [p for p in some_products() if p.id != "latte"]
    chat.snapshot = replace(chat.snapshot, index=Index.build(products))
    decision = chat.confirms()
    assert decision.order is None
    assert "StockShort" in kinds(decision)


def test_a_shop_that_wants_more_by_now_asks_for_it_before_ordering() -> None:
    chat = shown()
    chat.snapshot = replace(chat.snapshot, shop=chat.snapshot.shop.needing(["email"]))
    decision = chat.confirms()
    assert decision.order is None
    assert kinds(decision) == ["AskField"]


def test_change_asks_what_to_change_and_a_yes_then_orders_nothing() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    decision = chat.turn(says(Intent.OTHER), button(ChangeTap(draft.id, draft.version)))
    assert kinds(decision) == ["AskChange"]
    again = chat.turn(YES)
    assert again.order is None
    assert kinds(again) == ["Summary"]


def test_a_no_to_the_summary_asks_what_to_change() -> None:
    assert kinds(shown().turn(says(Intent.DECLINE))) == ["AskChange"]


def test_cancel_ends_the_draft_and_begins_an_empty_one() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    decision = chat.turn(says(Intent.OTHER), button(CancelTap(draft.id, draft.version)))
    assert kinds(decision) == ["DraftCancelled"]
    assert decision.draft.state is DraftState.CANCELLED
    assert decision.next_draft is not None
    assert chat.confirms(draft.version).order is None


def test_a_confirm_button_of_a_cancelled_draft_orders_nothing() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    chat.turn(says(Intent.CANCEL_DRAFT))
    decision = chat.turn(
        says(Intent.OTHER), button(ConfirmTap(draft.id, draft.version))
    )
    assert decision.order is None
    assert "ConfirmationStale" in kinds(decision)


def test_cancel_on_a_summary_that_was_ordered_goes_to_a_person() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    chat.confirms()
    decision = chat.turn(says(Intent.OTHER), button(CancelTap(draft.id, draft.version)))
    assert kinds(decision) == ["CancelNeedsHuman"]
    assert decision.owner is Owner.AGENT


def test_of_two_different_taps_the_last_one_counts() -> None:
    chat = shown()
    draft = chat.snapshot.draft
    decision: Decision = chat.turn(
        says(Intent.OTHER),
        button(ConfirmTap(draft.id, draft.version)),
        button(CancelTap(draft.id, draft.version)),
    )
    assert decision.order is None
    assert decision.draft.state is DraftState.CANCELLED


def test_a_choice_button_resolves_what_it_was_shown_for() -> None:
    chat = Chat()
    chat.orders(wants("shirt", 2))
    line = chat.snapshot.draft.lines[0]
    tap = PickTap("draft_1", Field.VARIANT, line.id, mark_of("variant_blue"))
    decision = chat.turn(says(Intent.OTHER), button(tap))
    assert decision.draft.lines[0].variant_name == "blue"


GONE = [
    ("another draft", PickTap("draft_0", Field.VARIANT, "L1", mark_of("variant_red"))),
    ("no such line", PickTap("draft_1", Field.VARIANT, "L9", mark_of("variant_red"))),
    ("no such choice", PickTap("draft_1", Field.VARIANT, "L1", mark_of("green"))),
]


@pytest.mark.parametrize("tap", [g[1] for g in GONE], ids=[g[0] for g in GONE])
def test_a_choice_whose_question_is_gone_changes_nothing(tap: PickTap) -> None:
    chat = Chat()
    before = chat.orders(wants("shirt", 2)).draft
    decision = chat.turn(says(Intent.OTHER), button(tap))
    assert "ChoiceGone" in kinds(decision)
    assert decision.draft == before


def test_the_delivery_button_answers_its_question() -> None:
    chat = Chat()
    chat.orders(wants("latte"))
    tap = PickTap("draft_1", Field.FULFILMENT, "", mark_of("pickup"))
    decision = chat.turn(says(Intent.OTHER), button(tap))
    assert decision.draft.fulfilment == "pickup"


def test_a_template_button_is_read_like_words() -> None:
    tap = Tap(id="anything", title="2 latte", source=ChoiceSource.TEMPLATE)
    decision = Chat().turn(says(mentions=(wants("latte", 2),)), tap)
    assert decision.draft.lines[0].quantity == 2


def test_thanks_after_the_summary_does_not_lose_the_question() -> None:
    chat = shown()
    assert kinds(chat.turn(says(Intent.THANKS))) == ["YouAreWelcome", "Summary"]
    assert chat.turn(YES).order is not None


def test_nothing_is_ordered_while_something_is_missing() -> None:
    chat = Chat()
    chat.orders(wants("latte"), details=(is_told(Detail.NAME, "Ada"),))
    assert chat.turn(YES).order is None
    assert chat.confirms().order is None


def test_the_order_says_what_was_placed() -> None:
    decision = shown().confirms()
    assert reply(decision, OrderPlaced).order == decision.order
