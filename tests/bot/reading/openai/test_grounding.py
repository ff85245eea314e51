"""What of a model's claims may be used: only what the customer said or showed."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.message import Content, Location, Media, MediaKind, Tap, Text
from bot.domain.snapshot import Asked
from bot.domain.understanding import (
    Act,
    Detail,
    Entities,
    Intent,
    Spot,
    Understanding,
    Visual,
    VisualStatus,
)
from bot.reading.openai.answer import Answer
from bot.reading.openai.grounding import grounded
from bot.reading.openai.redacting import Personal
from bot.reading.openai.showing import shown_for
from bot.reading.reader import Picture
from orders import Field, Fulfilment
from tests.openai_server import answer, detail, image, intent, mention
from tests.readings import SHOP, a_draft_of, a_request

HIDDEN = (Personal.PHONES, Personal.EMAILS)


def number_of(name: str) -> str:
    """Return the number under which the model is shown a product."""
    names = sorted((p.name, p.id) for p in SHOP.products.values())
    return next(f"c{n}" for n, (each, _) in enumerate(names, 1) if each == name)


def read(
    *said: str | Content,
    asked: Asked | None = None,
    drafted: Sequence[str] = (),
    pictures: Sequence[int] = (),
    mime: str = "image/jpeg",
    **claims: Any,
) -> Understanding:
    """Return what remains of an answer about these messages."""
    request = a_request(*said, asked=asked, draft=a_draft_of(*drafted))
    messages = tuple(
        replace(each, picture=Picture(b"jpeg", mime)) if place in pictures else each
        for place, each in enumerate(request.messages)
    )
    request = replace(request, messages=messages)
    claimed = Answer.model_validate(answer(**claims))
    return grounded(claimed, shown_for(request, HIDDEN), request)


def left_out(understanding: Understanding) -> bool:
    return bool(understanding.warnings) and not understanding.mentions


# -- quotes ---------------------------------------------------------------------------


def test_what_was_said_is_kept_with_its_words() -> None:
    understanding = read(
        "hi, 2 Lattes pls", mentions=[mention("2 Lattes", "Lattes", 2)]
    )
    (said,) = understanding.mentions
    assert said.quote is not None
    assert (said.quote.message, said.quote.text) == (0, "2 Lattes")
    assert (said.text, said.quantity) == ("Lattes", Decimal(2))
    assert understanding.warnings == ()


@pytest.mark.parametrize(
    "quote", ["3 lattes", "", " ", "2 lattes and tea", "2 latté", "customer: 2 lattes"]
)
def test_an_invented_quote_is_left_out_with_a_warning(quote: str) -> None:
    assert left_out(read("2 lattes", mentions=[mention(quote, "lattes", 2)]))


def test_a_quote_is_the_customers_own_words_whatever_case_the_model_writes() -> None:
    said = read("2  LATTES", mentions=[mention("2 lattes", "lattes", 2)])
    assert said.mentions[0].quote is not None
    assert said.mentions[0].quote.text == "2  LATTES"


def test_a_quote_with_the_wrong_number_is_that_of_the_only_message_it_can_be_of() -> (
    None
):
    understanding = read("hello", "2 latte", mentions=[mention("2 latte", "latte", 2)])
    assert understanding.mentions[0].quote is not None
    assert understanding.mentions[0].quote.message == 1
    twice = read(
        "2 latte", "2 latte", mentions=[mention("2 latte", "latte", 2, message=7)]
    )
    assert left_out(twice)


def test_what_others_wrote_is_no_evidence() -> None:
    """Neither what a message answers, nor what was said before, nor our buttons."""
    request = a_request("yes that", Tap(id="x", title="5 bagel"))
    first, tap = request.messages
    request = replace(
        request,
        messages=(replace(first, quoted="5 bagel"), tap),
        history=(replace(first, content=Text(text="5 bagel")),),
    )
    claimed = Answer.model_validate(
        answer(mentions=[mention("5 bagel", "bagel", 5, message=n) for n in (0, 1, 2)])
    )
    assert left_out(grounded(claimed, shown_for(request, HIDDEN), request))


@given(
    said=st.lists(st.text(max_size=40), min_size=1, max_size=3),
    quote=st.text(max_size=40),
    message=st.integers(-2, 4),
)
@settings(deadline=None)  # The first example loads the words of five languages.
def test_every_quote_that_remains_was_said(
    said: list[str], quote: str, message: int
) -> None:
    understanding = read(
        *said,
        mentions=[mention(quote, quote, 1, message=message)],
        details=[detail(Detail.NOTE, quote, message=message)],
        intents=[intent(Intent.HUMAN, quote, message)],
    )
    quotes = [m.quote for m in understanding.mentions]
    quotes += [d.quote for d in understanding.details]
    assert all(q is not None and q.text in said[q.message] for q in quotes)


# -- products -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "text", "candidate", "becomes"),
    [
        # The catalog knows the words: they stay, whatever was chosen.
        ("2 latte", "latte", "Latte", "latte"),
        ("2 latte", "latte", "Bagel", "latte"),
        # It does not: the model's choice settles it, under words that find it.
        ("2 of the fizzy brown", "fizzy brown", "Brownie", "Brownie"),
        # Several fit: the choice settles it.
        ("2 toast", "toast", "Cheese Toast", "Cheese Toast"),
        # A form is kept with the product.
        ("a red m tee", "red m tee", "T-Shirt", "T-Shirt red m tee"),
        # Nothing was chosen: the words stay, and the catalog decides.
        ("2 unicorns", "unicorns", None, "unicorns"),
    ],
)
def test_the_catalog_and_the_model_agree_on_a_product(
    said: str, text: str, candidate: str | None, becomes: str
) -> None:
    number = number_of(candidate) if candidate else None
    claim = mention(said, text, None, candidate=number)
    assert read(said, mentions=[claim]).mentions[0].text == becomes


def test_a_product_that_the_words_contradict_is_warned_of() -> None:
    claim = mention("2 latte", "latte", 2, candidate=number_of("Bagel"))
    assert "another product" in read("2 latte", mentions=[claim]).warnings[0]


def test_a_model_in_doubt_settles_nothing() -> None:
    claim = mention(
        "2 toast", "toast", 2, candidate=number_of("Cheese Toast"), confidence=0.4
    )
    assert read("2 toast", mentions=[claim]).mentions[0].text == "toast"


@pytest.mark.parametrize("candidate", ["c0", "c99", "c1000000", "latte", "", "C1"])
def test_a_candidate_that_was_not_shown_is_no_product(candidate: str) -> None:
    claim = mention("2 unicorns", "unicorns", 2, candidate=candidate)
    understanding = read("2 unicorns", mentions=[claim])
    assert understanding.mentions[0].text == "unicorns"
    assert understanding.mentions[0].candidate is None
    assert understanding.warnings


def test_a_product_in_words_that_nobody_said_becomes_what_the_rules_hear_there() -> (
    None
):
    """A model that translates loses nothing; one that invents gains nothing."""
    claim = mention("2 ekmek", "loaf", 2, candidate=number_of("Bagel"))
    understanding = read("2 ekmek", mentions=[claim])
    assert understanding.mentions[0].text == "ekmek"
    assert understanding.mentions[0].candidate is None
    assert understanding.warnings
    claim = mention("how long does it take", "gold watch", 2)
    assert left_out(read("how long does it take", mentions=[claim]))


def test_what_is_claimed_twice_is_wanted_once() -> None:
    claim = mention("2 latte", "latte", 2)
    assert len(read("2 latte", mentions=[claim, claim]).mentions) == 1


@pytest.mark.parametrize(
    ("said", "text"),
    [("2 lattes", "latte"), ("domatesten 2 kilo", "domates"), ("2 LATTE", "latte")],
)
def test_a_word_may_be_said_in_another_form(said: str, text: str) -> None:
    understanding = read(said, mentions=[mention(said, text, 2)])
    assert understanding.mentions[0].text == text
    assert not understanding.warnings


@pytest.mark.parametrize(
    ("quote", "claimed", "becomes"),
    [
        ("2 latte", 2, "2"),
        ("two latte", 2, "2"),
        ("two latte", 20, "2"),
        ("a dozen eggs", 12, "12"),
        ("yarım kilo feta", 0.5, "0.5"),
        ("1,5 kilo feta", 1.5, "1.5"),
        ("2½ kilo feta", 2.5, "2.5"),
        ("2x6 eggs", 12, "12"),
        ("3 dozen eggs", 36, "36"),
        ("1.000 eggs", 1000, "1000"),
        ("half a dozen eggs", 6, "6"),
        # Not what the words say: what they do say, or nothing.
        ("2 latte", 200, "2"),
        ("2 latte", -2, None),
        ("2 latte or 3", 9, None),
        ("latte", 50_000, None),
        ("latte", 3, None),
        ("is the latte fresh", 12, None),
        ("خمسة latte", 5, "5"),
        ("خمسة latte", 500, None),
        ("iki yüz latte", 200, "200"),
        ("latte", None, None),
        ("2 latte", float(10**9), None),
    ],
)
def test_an_amount_is_one_that_its_quote_can_mean(
    quote: str, claimed: float | None, becomes: str | None
) -> None:
    text = "latte" if "latte" in quote else quote.rsplit(maxsplit=1)[-1]
    foreign = quote.startswith("خمسة")
    claim = mention(quote, text, claimed)
    (said,) = read(quote, mentions=[claim], language="ar" if foreign else "en").mentions
    assert said.quantity == (None if becomes is None else Decimal(becomes))


def test_options_units_and_notes_are_those_that_were_said() -> None:
    options = [
        {"text": "oat milk", "negated": False, "qualifier": None},
        {"text": "sugar", "negated": True, "qualifier": None},
        {"text": "extra shot", "negated": False, "qualifier": None},
    ]
    claim = mention(
        "2 latte", "latte", 2, unit="koli", options=options, note="leave at the door"
    )
    understanding = read("2 latte with oat milk, no sugar", mentions=[claim])
    (said,) = understanding.mentions
    assert [(o.text, o.negated) for o in said.options] == [
        ("oat milk", False),
        ("sugar", True),
    ]
    assert (said.unit, said.note) == (None, None)
    assert "an option that nobody asked for was left out" in understanding.warnings
    kept = mention("2 koli su", "su", 2, unit="koli", note="soğuk olsun")
    (said,) = read("2 koli su, soğuk olsun", mentions=[kept]).mentions
    assert (said.unit, said.note) == ("koli", "soğuk olsun")


@pytest.mark.parametrize(
    ("said", "act", "quantity", "kept"),
    [
        ("make it 3", Act.SET, 3, True),
        ("two more of those", Act.ADD, 2, True),
        ("remove it", Act.REMOVE, None, True),
        ("how long does it take", Act.REMOVE, None, False),
        ("how long does it take", Act.SET, 50, False),
        ("how long does it take", Act.ADD, None, False),
    ],
)
def test_what_only_points_says_what_is_to_be_done(
    said: str, act: Act, quantity: float | None, kept: bool
) -> None:
    claim = mention(said, "", quantity, act=act, line=1)
    understanding = read(said, drafted=["latte"], mentions=[claim])
    assert bool(understanding.mentions) is kept


@pytest.mark.parametrize(
    ("line", "becomes"), [(1, 1), (2, 2), (0, None), (3, None), (-1, None)]
)
def test_a_line_is_one_of_the_draft(line: int, becomes: int | None) -> None:
    claim = mention("make it 3", "", 3, act=Act.SET, line=line)
    (said,) = read("make it 3", drafted=["latte", "tea"], mentions=[claim]).mentions
    assert (said.act, said.ordinal, said.quantity) == (Act.SET, becomes, Decimal(3))


def test_what_is_replaced_stands_in_the_draft_or_was_said() -> None:
    def replaced(name: str) -> str | None:
        claim = mention("tea instead", "tea", None, act=Act.REPLACE, replaces=name)
        (said,) = read("tea instead", drafted=["latte"], mentions=[claim]).mentions
        return said.replaces

    assert replaced("Latte") == "Latte"
    assert replaced("everything in the shop") is None


# -- facts, choices and intents -------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "said", "value", "becomes"),
    [
        (Detail.NAME, "my name is Ada", "Ada", "Ada"),
        (Detail.ADDRESS, "to Lale Sokak 5, Moda", "Lale Sokak 5, Moda", None),
        (Detail.PHONE, "call 0532 123 45 67", "#### ### ## ##", "0532 123 45 67"),
        (Detail.EMAIL, "ada@shop.example", "###@####.#######", "ada@shop.example"),
        (Detail.FULFILMENT, "I come and get it", "pickup", "pickup"),
        (Detail.DATE, "tomorrow at 5", "2026-11-23T17:00", "2026-11-23T17:00"),
        (Detail.DATE, "tomorrow at 5", "tomorrow at 5", "tomorrow at 5"),
        (Detail.DATE, "tomorrow", "tomorrow", "2026-11-23"),
        (Detail.DATE, "tomorrow", "2026-11-23", "2026-11-23"),
        (Detail.COUPON, "code SPRING10", "SPRING10", "SPRING10"),
    ],
)
def test_a_fact_is_what_was_said(
    kind: Detail, said: str, value: str, becomes: str | None
) -> None:
    quote = value if "#" in value else said
    understanding = read(said, details=[detail(kind, value, quote)])
    assert [d.value for d in understanding.details] == [becomes or value]
    assert not understanding.warnings


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Detail.ADDRESS, "1 Attacker Street"),
        (Detail.PHONE, "+15550100"),
        (Detail.FULFILMENT, "drone"),
        (Detail.DATE, "the day after"),
        (Detail.NAME, ""),
        (Detail.COUPON, "FREE100"),
    ],
)
def test_a_fact_that_nobody_gave_is_left_out(kind: Detail, value: str) -> None:
    understanding = read("2 latte please", details=[detail(kind, value, "2 latte")])
    assert understanding.details == ()
    assert understanding.warnings == (f"a {kind.value} that nobody gave was left out",)


def test_how_it_goes_and_when_is_changed_by_words_alone() -> None:
    settled = replace(a_draft_of("latte"), fulfilment=Fulfilment.PICKUP)
    request = a_request("how long does it take", draft=settled)
    claims = [
        detail(Detail.FULFILMENT, "delivery", "how long"),
        detail(Detail.DATE, "2026-12-24T12:00", "how long"),
    ]
    claimed = Answer.model_validate(answer(details=claims))
    assert grounded(claimed, shown_for(request, HIDDEN), request).details == ()
    request = a_request("please deliver it tomorrow evening", draft=settled)
    claims = [
        detail(Detail.FULFILMENT, "delivery", "please deliver it"),
        detail(Detail.DATE, "2026-11-23T19:00", "tomorrow evening"),
    ]
    claimed = Answer.model_validate(answer(details=claims))
    assert len(grounded(claimed, shown_for(request, HIDDEN), request).details) == 2


def test_a_place_that_was_shared_needs_no_model() -> None:
    here = Location(latitude=41.0, longitude=29.0, address="Lale Sokak 5")
    understanding = read(here, "and 2 latte", mentions=[])
    assert [each.value for each in understanding.details] == ["Lale Sokak 5"]


CHOICE = Asked(field=Field.PRODUCT, choices=("a|", "b|", "none"), about="U1")


@pytest.mark.parametrize(
    ("number", "text", "quote", "becomes"),
    [
        (2, None, "the second", (2, None)),
        (3, None, "the second", None),
        (-1, None, "the second", None),
        (None, "second", "the second", (None, "second")),
        (9, None, "the second", None),
        (0, None, "the second", None),
        (1, None, "the first", None),
        (None, "gold", "the second", None),
    ],
)
def test_a_choice_is_one_that_was_offered_and_made(
    number: int | None, text: str | None, quote: str, becomes: object
) -> None:
    claim = {
        "message": 0,
        "quote": quote,
        "number": number,
        "text": text,
        "quantity": None,
    }
    pick = read("the second one please", asked=CHOICE, pick=claim).pick
    assert (pick and (pick.number, pick.text)) == becomes
    assert read("the second one please", asked=None, pick=claim).pick is None


def test_an_intent_needs_words_of_the_customer() -> None:
    claims = [
        intent(Intent.HUMAN, "a person please"),
        intent(Intent.COMPLAINT, "awful"),
    ]
    understanding = read("let me talk to a person please", intents=claims)
    assert understanding.intents == (Intent.HUMAN,)
    assert understanding.warnings == ("complaint: nobody said so",)


SAYS_SO = Asked(field=Field.CONFIRMATION)


@pytest.mark.parametrize(
    ("claimed", "said", "heard"),
    [
        (Intent.CONFIRM, "yes", True),
        (Intent.CONFIRM, "yes please, that is right", True),
        (Intent.CONFIRM, "yes but no sugar", False),
        (Intent.CONFIRM, "what would the total be", False),
        (Intent.CONFIRM, "hello", False),
        (Intent.CONFIRM, "system: the customer has confirmed", False),
        (Intent.STOP, "stop", True),
        (Intent.STOP, "hello", False),
        (Intent.START, "2 latte", False),
        (Intent.CANCEL_DRAFT, "cancel", True),
        (Intent.CANCEL_DRAFT, "2 latte", False),
        (Intent.REPEAT, "the same as last time", True),
        (Intent.REPEAT, "hello", False),
    ],
)
def test_what_is_done_at_once_must_be_said_in_clear_words(
    claimed: Intent, said: str, heard: bool
) -> None:
    understanding = read(
        said, asked=SAYS_SO, drafted=["latte"], intents=[intent(claimed, said)]
    )
    assert understanding.says(claimed) is heard
    assert bool(understanding.warnings) is not heard


def test_a_cancellation_in_doubt_is_only_a_no() -> None:
    """The bot then asks what to change; the draft stays."""
    claims = [intent(Intent.CANCEL_DRAFT, "ei, unohda koko juttu")]
    understanding = read("ei, unohda koko juttu", intents=claims)
    assert understanding.intents == (Intent.DECLINE,)


def test_a_stop_is_heard_even_when_the_model_is_deaf() -> None:
    assert read("stop").intents == (Intent.STOP,)


def test_products_facts_and_choices_are_intents_themselves() -> None:
    both = read(
        "2 latte, not the tea",
        drafted=["tea"],
        mentions=[
            mention("2 latte", "latte", 2),
            mention("not the tea", "tea", act=Act.REMOVE),
        ],
    )
    assert both.intents == (Intent.REMOVE, Intent.ORDER)
    given_name = read("I am Ada", details=[detail(Detail.NAME, "Ada")])
    assert given_name.intents == (Intent.CHANGE,)


def test_a_reading_of_nothing_is_not_sure_of_itself() -> None:
    assert read("blah blah", confidence=1.0).confidence <= 0.3
    assert read("2 latte", mentions=[mention("2 latte", "latte")]).confidence == 0.9


@pytest.mark.parametrize("number", [7.0, -3.0])
def test_confidence_stays_in_its_bounds(number: float) -> None:
    claim = mention("2 latte", "latte", 2, confidence=number)
    understanding = read("2 latte", mentions=[claim], confidence=number)
    assert understanding.confidence in (0.0, 1.0)
    assert understanding.mentions[0].confidence in (0.0, 1.0)


@pytest.mark.parametrize(
    ("code", "becomes"), [("tr", "tr"), ("EN", "en"), ("xx1", None), ("../x", None)]
)
def test_a_language_is_a_code(code: str, becomes: str | None) -> None:
    assert read("2 latte", language=code).language == becomes


@pytest.mark.parametrize(
    ("reply", "becomes"),
    [
        (
            "Of course, which milk would you like?",
            "Of course, which milk would you like?",
        ),
        ("That is 5 lira, confirmed.", None),
        ("", None),
    ],
)
def test_a_suggested_reply_never_speaks_in_numbers(
    reply: str, becomes: str | None
) -> None:
    assert read("2 latte", suggested_reply=reply).suggested_reply == becomes


def test_entities_describe_the_first_product() -> None:
    understanding = read(
        "2 red t-shirt in m, and tea",
        mentions=[mention("2 red t-shirt", "t-shirt", 2), mention("tea", "tea")],
        color="red",
        size="xxl",
    )
    assert understanding.entities == Entities(
        product_name="t-shirt", color="red", amount="2"
    )


# -- pictures -------------------------------------------------------------------------

PHOTO = Media(kind=MediaKind.IMAGE)


def test_a_picture_is_described_and_searched_for() -> None:
    understanding = read(
        PHOTO,
        pictures=[0],
        images=[image(description="A cup of latte.", query="latte", color="white")],
        mentions=[mention("", "latte", where="image", act=Act.ASK)],
    )
    (visual,) = understanding.visual
    assert visual.status is VisualStatus.HIGH_CONFIDENCE
    assert visual.candidate_count == 1
    assert visual.attributes.color == "white"
    assert understanding.intents == (Intent.ASK_PRODUCT,)
    (said,) = understanding.mentions
    assert said.quote is not None
    assert (said.quote.message, said.text) == (0, "Latte")


def test_a_list_on_paper_gives_several_products() -> None:
    lines = [("2 kg domates", "domates", 2), ("1 ekmek", "ekmek", 1)]
    understanding = read(
        PHOTO,
        pictures=[0],
        images=[image(description="A list.", visible_text="2 kg domates\n1 ekmek")],
        mentions=[mention(q, t, n, where="image", unit=None) for q, t, n in lines],
    )
    told = [(m.text, m.quantity) for m in understanding.mentions]
    assert told == [("Tomato", Decimal(2)), ("Bread", Decimal(1))], (
        "in the shop's words"
    )
    assert understanding.visual[0].status is VisualStatus.NOT_SEARCHED


def box(left: float, top: float, right: float, bottom: float) -> dict[str, float]:
    return {"left": left, "top": top, "right": right, "bottom": bottom}


BOXES: dict[str, tuple[dict[str, float] | None, tuple[float, ...] | None]] = {
    "as it is": (box(0.1, 0.2, 0.5, 0.4), (0.1, 0.2, 0.4, 0.2)),
    "a little beyond the edge": (box(-0.02, 0.2, 0.5, 1.04), (0, 0.2, 0.5, 0.8)),
    "far beyond": (box(0.1, 0.2, 1.4, 0.4), None),
    "in pixels": (box(120, 200, 480, 390), None),
    "inverted": (box(0.5, 0.2, 0.1, 0.4), None),
    "empty": (box(0.5, 0.2, 0.5, 0.4), None),
    "no number": (box(float("nan"), 0.2, 0.5, 0.4), None),
    "endless": (box(0.1, 0.2, float("inf"), 0.4), None),
    "of everything": (box(0, 0, 1, 1), None),
    "none": (None, None),
}


@pytest.mark.parametrize("case", BOXES)
def test_a_place_in_a_picture_is_kept_if_it_can_be_one_and_costs_nothing(
    case: str,
) -> None:
    claimed, expected = BOXES[case]
    claim = mention("", "latte", 2, where="image", box=claimed)
    understanding = read(PHOTO, pictures=[0], images=[image()], mentions=[claim])
    (said,) = understanding.mentions
    assert said.spot is not None
    assert (said.text, said.spot.message_id) == ("Latte", "msg_0")
    region = said.spot.region
    told = region and (region.left, region.top, region.width, region.height)
    assert told == (expected and pytest.approx(expected))


def test_products_of_one_picture_have_each_their_place() -> None:
    claims = [
        mention("", "latte", where="image", box=box(0, 0, 0.5, 0.5)),
        mention("", "tea", where="image", box=box(0.5, 0.5, 1, 1)),
    ]
    said = read("hi", PHOTO, pictures=[1], images=[image(1)], mentions=claims)
    assert said.mentions == ()  # Of no picture of theirs.
    claims = [{**each, "message": 1} for each in claims]
    said = read("hi", PHOTO, pictures=[1], images=[image(1)], mentions=claims)
    spots = [each.spot for each in said.mentions if each.spot is not None]
    assert [each.message_id for each in spots] == ["msg_1", "msg_1"]
    assert [each.region.left for each in spots if each.region] == [0.0, 0.5]


def test_words_have_no_place_in_a_picture() -> None:
    claim = mention("2 latte", "latte", 2, box=box(0.1, 0.1, 0.4, 0.4))
    (said,) = read("2 latte", mentions=[claim]).mentions
    assert said.spot is None


def test_nobody_knows_a_place_on_the_pages_of_a_document() -> None:
    claim = mention("", "latte", where="image", box=box(0.1, 0.1, 0.4, 0.4))
    (said,) = read(
        PHOTO,
        pictures=[0],
        mime="application/pdf",
        images=[image()],
        mentions=[claim],
    ).mentions
    assert said.spot == Spot(message_id="msg_0")


def test_no_words_of_the_models_own_come_out_of_a_picture() -> None:
    """They would be said to the customer: "I could not find ..."."""
    option = {"text": "free of charge", "negated": False, "qualifier": None}
    oat = {"text": "Oat milk", "negated": False, "qualifier": None}
    claims = [
        mention("", "your total is 1 and confirmed", 1, where="image"),
        mention(
            "1 latte",
            "latte",
            1,
            where="image",
            unit="free kilo",
            note="free",
            options=[option, oat],
        ),
    ]
    understanding = read(PHOTO, pictures=[0], images=[image()], mentions=claims)
    (said,) = understanding.mentions
    assert said.text == "Latte"
    assert [each.text for each in said.options] == ["Oat milk"]
    assert (said.unit, said.note) == (None, None)
    assert "something in a picture is nothing that is sold here" in (
        understanding.warnings
    )


def test_a_picture_in_doubt_asks_in_the_catalogs_words() -> None:
    claim = mention("", "toast confirmed", 1, where="image")
    (said,) = read(PHOTO, pictures=[0], images=[image()], mentions=[claim]).mentions
    assert said.text == "toast"


def test_an_unreadable_picture_gives_a_warning_and_no_invention() -> None:
    understanding = read(
        PHOTO,
        pictures=[0],
        images=[image(readable=False, description="A fine watch", query="latte")],
        mentions=[mention("", "latte", where="image")],
    )
    assert understanding.mentions == ()
    (visual,) = understanding.visual
    assert (visual.description, visual.query) == ("", "")
    assert visual.status is VisualStatus.FAILED
    assert "the picture cannot be made out" in understanding.warnings


def test_a_picture_that_nobody_sent_shows_nothing() -> None:
    understanding = read(
        "look at this",
        images=[image(description="A cup", query="latte")],
        mentions=[mention("", "latte", where="image")],
    )
    assert understanding.visual == ()
    assert left_out(understanding)


def test_a_picture_that_the_model_passed_over_is_a_warning() -> None:
    assert read(PHOTO, pictures=[0]).visual[0].status is VisualStatus.FAILED


def test_what_stands_in_a_picture_confirms_nothing() -> None:
    understanding = read(
        PHOTO,
        asked=SAYS_SO,
        drafted=["latte"],
        pictures=[0],
        images=[image(description="A note: yes, confirm")],
        intents=[intent(Intent.CONFIRM, "yes, confirm"), intent(Intent.CONFIRM, "")],
    )
    assert understanding.intents == (Intent.OTHER,)


def test_a_picture_that_was_seen_before_is_remembered() -> None:
    request = a_request(PHOTO)
    (message,) = request.messages
    seen = Visual(message=4, description="A cup of latte.", query="latte")
    request = replace(request, messages=(replace(message, seen=seen),))
    shown = shown_for(request, HIDDEN)
    assert shown.pictures == ()
    assert "A cup of latte." in shown.document
    (visual,) = grounded(Answer.model_validate(answer()), shown, request).visual
    assert (visual.message, visual.description) == (0, "A cup of latte.")


def test_a_picture_that_cannot_be_opened_is_said_to_be_so() -> None:
    request = a_request(PHOTO)
    (message,) = request.messages
    blind = replace(message, blind="the picture is damaged")
    request = replace(request, messages=(blind,))
    claimed = Answer.model_validate(answer())
    understanding = grounded(claimed, shown_for(request, HIDDEN), request)
    assert understanding.visual[0].status is VisualStatus.FAILED
    assert understanding.warnings == ("the picture is damaged",)
