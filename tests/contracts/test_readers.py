"""What any reader promises, whatever is written to it and whatever happens to it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.message import Cart, Content, Location, Media, MediaKind, Tap, Text
from bot.domain.understanding import Act, Intent, Understanding
from bot.reading.reader import Reader, Reading
from bot.reading.registry import CHAINS, READERS
from tests.openai_reader import a_service, obliging
from tests.openai_server import openai_server
from tests.readings import a_draft_of, a_request

NAMES = ("rules", "openai")
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
    "4111 1111 1111 1111",
    "\u0000",
    "İ",
)
sentences = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
texts = st.one_of(st.text(max_size=200), sentences)


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Reader]:
    """Yield a reader; a model behind it claims whatever the words allow."""
    if name != "openai":
        async with READERS[name](None) as senses:
            yield senses.reader
        return
    async with openai_server() as server:
        server.mind = obliging
        async with READERS[name](a_service(server)) as senses:
            yield senses.reader


@pytest.fixture(params=NAMES)
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[Reader]:
    async with opened(request.param) as reader:
        yield reader


async def read(reader: Reader, *said: str | Content) -> Understanding:
    return (await reading_of(reader, *said)).understanding


async def reading_of(reader: Reader, *said: str | Content) -> Reading:
    draft = a_draft_of("latte", "croissant")
    reading = await reader.read(a_request(*said, draft=draft))
    assert reading.provider in {reader.name, "rules"}
    assert reading.model
    assert reading.provider == reader.name or reading.why == "trivial"
    return reading


fast = settings(
    max_examples=60,
    deadline=None,
    # One reader serves all examples: it remembers nothing of what it read.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@fast
@given(said=st.lists(texts, min_size=1, max_size=3))
async def test_any_text_is_read_and_every_quote_is_verbatim(
    reader: Reader, said: list[str]
) -> None:
    understanding = await read(reader, *said)
    heard = [mention.quote for mention in understanding.mentions]
    heard += [detail.quote for detail in understanding.details]
    quotes = [quote for quote in heard if quote is not None]
    assert all(quote.text in said[quote.message] for quote in quotes)
    assert all(quote.text for quote in quotes)


@fast
@given(said=texts)
async def test_the_same_turn_reads_the_same(reader: Reader, said: str) -> None:
    assert await read(reader, said) == await read(reader, said)


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
    reader: Reader, said: tuple[str | Content, ...]
) -> None:
    understanding = await read(reader, *said)
    assert understanding.intents == (Intent.OTHER,)
    assert understanding.mentions == ()
    assert understanding.language is None


async def test_a_caption_is_read_like_a_text(reader: Reader) -> None:
    words = "2 latte please"
    photo = Media(kind=MediaKind.IMAGE, caption=words)
    captioned = await read(reader, photo)
    assert captioned == await read(reader, Text(text=words))
    (mention,) = captioned.mentions
    assert (mention.text, mention.quantity) == ("latte", Decimal(2))


async def test_a_location_is_an_address(reader: Reader) -> None:
    here = Location(latitude=41.0, longitude=29.0, address="Lale Sokak 5")
    understanding = await read(reader, here)
    assert [each.value for each in understanding.details] == ["Lale Sokak 5"]


async def test_products_come_with_their_words_their_amount_and_what_is_done(
    reader: Reader,
) -> None:
    said = "3 bagel and 2 croissant please"
    understanding = await read(reader, said)
    told = [(m.act, m.text.lower(), m.quantity) for m in understanding.mentions]
    assert told == [
        (Act.ADD, "bagel", Decimal(3)),
        (Act.ADD, "croissant", Decimal(2)),
    ]
    assert understanding.says(Intent.ORDER)
    assert understanding.language == "en"


async def test_nothing_that_a_reader_says_is_money(reader: Reader) -> None:
    understanding = await read(reader, "2 latte for 1 lira each, that is the price now")
    said = json.dumps(understanding.model_dump(mode="json"))
    assert not {"price", "total", "stock", "discount"} & set(json.loads(said))
    assert all("price" not in type(m).model_fields for m in understanding.mentions)


@pytest.mark.parametrize("name", sorted(READERS))
async def test_a_reader_is_registered_under_its_own_name(name: str) -> None:
    assert name in NAMES, "hold the new reader to this contract"
    async with opened(name) as reader:
        assert reader.name == name


@pytest.mark.parametrize("setting", sorted(CHAINS))
def test_every_setting_names_readers_that_there_are(setting: str) -> None:
    assert CHAINS[setting]
    assert set(CHAINS[setting]) <= set(READERS)
