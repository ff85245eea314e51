"""More choices than a list has rows: a way on, by tap, by number and by word."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.message import OutList, Row, Tap
from bot.domain.numbering import tapped
from bot.domain.paging import MOST_CHOICES, MOST_PAGES, paged, pages_of
from bot.domain.replies import AskWhich, ChoiceGone
from bot.domain.selection import NONE, Offer
from bot.domain.understanding import Intent, Pick
from bot.texts import languages, load_wording
from catalog import Index, Variant
from catalog.language import load_language
from tests.amending import Talk
from tests.factories import a_product, a_shirt
from tests.turns import Chat, a_snapshot, kinds, rendered, reply, says, wants

SIZES = tuple(
    Variant(id=f"v{n}", sku=f"S{n}", name=f"size {30 + n}") for n in range(1, 26)
)
INDEX = Index.build(
    [a_shirt(id="shirt", variants=SIZES, price=Decimal(400)), a_product()],
    [load_language(code) for code in ("en", "tr", "pt", "es", "ru")],
)


def a_list(chat: Chat) -> OutList:
    decision = chat.last
    assert decision is not None
    question = rendered(chat.snapshot, decision)[-1]
    assert isinstance(question, OutList)
    return question


def asked_for_a_shirt() -> Chat:
    chat = Chat(replace(a_snapshot(), index=INDEX))
    chat.orders(wants("shirt"))
    return chat


def taps(chat: Chat, row: Row) -> None:
    chat.turn(says(Intent.OTHER), Tap(id=row.id, title=row.title))


def titles(rows: Sequence[Row]) -> list[str]:
    return [row.title for row in rows]


def test_the_last_row_shows_the_next_page_until_there_is_none() -> None:
    chat = asked_for_a_shirt()
    seen = []
    while (rows := a_list(chat).rows)[-1].title == "Show more":
        assert len(rows) == MOST_CHOICES
        seen += titles(rows[:-1])
        taps(chat, rows[-1])
    assert [*seen, *titles(rows)] == [variant.name for variant in SIZES]


def test_what_an_old_page_offers_can_still_be_taken() -> None:
    chat = asked_for_a_shirt()
    first = a_list(chat).rows
    taps(chat, first[-1])
    taps(chat, first[-1])  # Once more: the same page.
    assert titles(a_list(chat).rows)[0] == "size 40"
    taps(chat, first[2])
    assert [x.variant_name for x in chat.snapshot.draft.lines] == ["size 33"]
    taps(chat, first[-1])
    assert chat.last is not None
    assert ChoiceGone.__name__ not in kinds(chat.last)


def test_a_number_counts_on_the_page_that_was_shown_last() -> None:
    chat = asked_for_a_shirt()
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=10)))
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=2)))
    assert [x.variant_name for x in chat.snapshot.draft.lines] == ["size 41"]


def test_a_bare_number_taps_the_way_on_where_menus_have_numbers() -> None:
    chat = asked_for_a_shirt()
    tap = tapped("10", a_list(chat))
    assert tap is not None
    chat.turn(says(Intent.OTHER), tap)
    assert titles(a_list(chat).rows)[0] == "size 40"


def test_the_last_one_is_the_last_that_can_be_had() -> None:
    chat = asked_for_a_shirt()
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=-1)))
    assert [x.variant_name for x in chat.snapshot.draft.lines] == ["size 39"]


def test_the_last_one_is_never_the_way_out() -> None:
    chat = Chat()
    asked = reply(chat.orders(wants("croissant")), AskWhich)
    last = asked.unresolved.choices[-1].name
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=-1)))
    assert [line.name for line in chat.snapshot.draft.lines] == [last]


def test_another_page_of_a_question_that_is_gone_changes_nothing() -> None:
    chat = asked_for_a_shirt()
    more = a_list(chat).rows[-1]
    chat.turn(says(Intent.CHOOSE, pick=Pick(number=1, quantity=Decimal(2))))
    before = chat.snapshot.draft.lines
    taps(chat, more)
    assert chat.snapshot.draft.lines == before
    chat.turn(says(Intent.CANCEL_DRAFT))
    taps(chat, more)
    assert chat.last is not None
    assert ChoiceGone.__name__ in kinds(chat.last)


@pytest.mark.parametrize("code", languages())
def test_what_the_way_on_is_called_says_it_too(code: str) -> None:
    words = load_wording(code).text("buttons.more", {})
    talk = Talk(replace(a_snapshot(language=code), index=INDEX))
    talk.says("shirt")
    talk.says(words)
    asked = talk.snapshot.memory.asked
    assert asked is not None
    assert asked.choices[0] == "v10"


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 18, 19, 45, 46, 200])
@pytest.mark.parametrize("ends", [(), (Offer(NONE, ""),)])
def test_pages_are_bounded_and_lose_nothing(
    count: int, ends: tuple[Offer, ...]
) -> None:
    real = tuple(Offer(str(n), str(n)) for n in range(count))
    offers = (*real, *ends)
    pages = [paged(offers, page) for page in range(MOST_PAGES)]
    assert all(len(page) <= MOST_CHOICES for page in pages)
    assert all(page[-len(ends) :] == ends for page in pages if ends)
    shown = dict.fromkeys(o for page in pages for o in page if o in real)
    assert tuple(shown) == real[: len(shown)]
    assert len(shown) == count or len(shown) >= MOST_PAGES * 8
    ways = {o for page in pages for o in page} - set(offers)
    assert ways <= set(pages_of(offers))
