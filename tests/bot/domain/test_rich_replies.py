"""Where a button says it better than words: a page to pay on, a place to share."""

from decimal import Decimal

import pytest

from bot.channels.words import words_of
from bot.domain.answers import Compared, PictureShown
from bot.domain.courtesies import PaymentLink
from bot.domain.message import OutImage, OutText
from bot.domain.outgoing import (
    OutCatalog,
    OutLink,
    OutLocationRequest,
    OutProduct,
    OutProducts,
)
from bot.domain.paying import payable
from bot.domain.phrasing import render
from bot.domain.replies import AskField, AskWhatElse, Browse, OrderNews, Reply
from bot.domain.voice import Voice
from bot.texts import wording_for
from orders import Area, OrderState
from orders.domain.areas import Unserved
from orders.domain.rules import Field
from tests.factories import a_shop
from tests.turns import a_snapshot, decided

PAGE = "https://pay.example/o/7"


def rendered(*replies: Reply, areas: tuple[Area, ...] = ()) -> tuple[object, ...]:
    snapshot = a_snapshot(shop=a_shop(areas=areas))
    decision = decided(snapshot)
    return render(
        replies, snapshot=snapshot, decision=decision, wording=wording_for("en")
    )


def test_an_order_is_paid_by_a_button_below_its_news() -> None:
    news = OrderNews(7, OrderState.PAYMENT_PENDING)
    (told,) = rendered(news, PaymentLink(7, PAGE))
    assert isinstance(told, OutLink)
    assert (told.title, told.url) == ("Pay", PAGE)
    assert told.body.endswith("You can pay for your order 7 here.")
    assert told.body.startswith("Your order 7")


@pytest.mark.parametrize("language", ["en", "tr", "pt", "es", "ru"])
def test_the_words_on_the_button_are_in_every_language(language: str) -> None:
    voice = Voice(wording_for(language), "Kahve Evi", "TRY")
    (told,) = payable("", PaymentLink(7, PAGE), voice)
    assert isinstance(told, OutLink)
    assert "7" in told.body
    assert PAGE not in told.body


def test_long_news_go_ahead_of_the_button() -> None:
    voice = Voice(wording_for("en"), "Kahve Evi", "TRY")
    words, page = payable("news " * 300, PaymentLink(7, PAGE), voice)
    assert isinstance(words, OutText)
    assert isinstance(page, OutLink)


KADIKOY = (Area(name="Kadıköy", cities=("Kadıköy",)),)


def test_a_shop_with_areas_asks_for_the_place_in_the_same_message() -> None:
    (told,) = rendered(AskField(Field.ADDRESS), areas=KADIKOY)
    (words,) = rendered(AskField(Field.ADDRESS))
    assert isinstance(told, OutLocationRequest)
    assert isinstance(words, OutText)
    assert told.body == words.body


@pytest.mark.parametrize(
    "question",
    [
        AskField(Field.NAME),
        AskField(Field.ADDRESS, more=(Field.NAME,)),
        AskField(Field.ADDRESS, reason=Unserved.UNCLEAR, areas=("Kadıköy",)),
    ],
    ids=["a name", "several things at once", "a place that was not enough"],
)
def test_what_no_place_answers_is_asked_in_words(question: AskField) -> None:
    (told,) = rendered(question, areas=KADIKOY)
    assert isinstance(told, OutText)


# -- products as cards ----------------------------------------------------------------

CATALOG = "194836987003835"
PICTURE = PictureShown("Latte", "https://shop.example/latte.jpg", "LATTE")
PRICES = (("Tea", Decimal(3), "piece"), ("Latte", Decimal(5), "piece"))
SIDE_BY_SIDE = Compared(PRICES, ("TEA", "LATTE"))


def carded(*replies: Reply, catalog_id: str | None = CATALOG) -> tuple[object, ...]:
    snapshot = a_snapshot(catalog_id=catalog_id)
    return render(
        replies,
        snapshot=snapshot,
        decision=decided(snapshot),
        wording=wording_for("en"),
    )


def test_a_channel_with_a_catalog_shows_the_product_and_not_only_its_picture() -> None:
    (told,) = carded(PICTURE)
    assert isinstance(told, OutProduct)
    assert (told.catalog_id, told.card.retailer_id) == (CATALOG, "LATTE")
    assert told.link == PICTURE.link
    (plain,) = carded(PICTURE, catalog_id=None)
    assert plain == OutImage(link=PICTURE.link, caption=told.body)


def test_products_that_are_compared_stand_side_by_side_once() -> None:
    (told,) = carded(SIDE_BY_SIDE)
    assert isinstance(told, OutProducts)
    (section,) = told.sections
    assert [card.retailer_id for card in section.cards] == ["TEA", "LATTE"]
    (plain,) = carded(SIDE_BY_SIDE, catalog_id=None)
    assert plain == OutText(body=told.body)


def test_who_looks_around_gets_the_catalog() -> None:
    for replies in ((AskWhatElse(),), (Browse((("Hot", ("Latte",)),)),)):
        (told,) = carded(*replies)
        (plain,) = carded(*replies, catalog_id=None)
        assert isinstance(plain, OutText)
        assert isinstance(told, OutCatalog)
        assert told.body == plain.body
        assert told.thumbnail


def test_cards_that_the_provider_does_not_know_are_said_in_words() -> None:
    (picture,) = carded(PICTURE)
    (listed,) = carded(SIDE_BY_SIDE)
    assert isinstance(picture, OutProduct)
    assert isinstance(listed, OutProducts)
    assert PICTURE.link in words_of(picture)
    assert "Tea" in words_of(listed)
