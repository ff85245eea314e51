"""What any reader promises, whatever is written to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.message import Cart, Content, Location, Media, MediaKind, Tap, Text
from bot.domain.understanding import Intent, Understanding
from bot.reading.registry import READERS
from tests.readings import a_draft_of, a_request

#: Readers that need no network are held to the contract here.
NAMES = ("rules",)
PIECES = (
    "2",
    "1,5",
    "½",
    "kg",
    "latte",
    "latteyi",
    "Ham and Cheese Toast",
    "oat milk",
    "no",
    "without",
    "olmasın",
    "make it",
    "çıkar",
    "instead of",
    "yerine",
    "and",
    "ve",
    ",",
    "\n",
    "?",
    "yes",
    "tamam",
    "deliver to",
    "my name is",
    "adresim",
    "note:",
    "coupon",
    "the second one",
    "it",
    "x",
    "👍",
    "'",
    "0532 123 45 67",
    "\u0000",
    "İ",
)
sentences = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
texts = st.one_of(st.text(max_size=200), sentences)


async def read(name: str, *said: str | Content) -> Understanding:
    draft = a_draft_of("latte", "croissant")
    reading = await READERS[name]().read(a_request(*said, draft=draft))
    assert reading.provider == name
    assert reading.model
    return reading.understanding


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=300, deadline=None)
@given(said=st.lists(texts, min_size=1, max_size=3))
async def test_any_text_is_read_and_every_quote_is_verbatim(
    name: str, said: list[str]
) -> None:
    understanding = await read(name, *said)
    heard = [mention.quote for mention in understanding.mentions]
    heard += [detail.quote for detail in understanding.details]
    quotes = [quote for quote in heard if quote is not None]
    assert all(quote.text in said[quote.message] for quote in quotes)
    assert all(quote.text for quote in quotes)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=50, deadline=None)
@given(said=texts)
async def test_the_same_turn_reads_the_same(name: str, said: str) -> None:
    assert await read(name, said) == await read(name, said)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "said",
    [
        (),
        ("",),
        (" \n ",),
        (Tap(id="confirm", title="Confirm"),),
        (Cart(),),
        (Media(kind=MediaKind.IMAGE),),
    ],
)
async def test_a_turn_without_words_says_nothing(
    name: str, said: tuple[str | Content, ...]
) -> None:
    understanding = await read(name, *said)
    assert understanding.intents == (Intent.OTHER,)
    assert understanding.mentions == ()
    assert understanding.language is None


@pytest.mark.parametrize("name", NAMES)
async def test_a_caption_is_read_like_a_text(name: str) -> None:
    photo = Media(kind=MediaKind.IMAGE, caption="2 latte please")
    captioned = await read(name, photo)
    assert captioned == await read(name, Text(text="2 latte please"))


@pytest.mark.parametrize("name", NAMES)
async def test_a_location_is_an_address(name: str) -> None:
    here = Location(latitude=41.0, longitude=29.0, address="Lale Sokak 5")
    understanding = await read(name, here)
    assert [each.value for each in understanding.details] == ["Lale Sokak 5"]


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_reader_is_registered_under_its_own_name(name: str) -> None:
    assert READERS[name]().name == name
