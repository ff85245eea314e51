"""What speaks for lines that came from a photo: which photo, and where in it."""

import json
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.found import FoundMatch, FoundProduct, Outcome, StockStatus
from bot.domain.regions import Region
from bot.domain.understanding import Mention, Quote, Spot, Understanding
from bot.inbox.table import analysis
from bot.web.api.draft_spots import seen_in, spots_of
from orders import Choice, Evidence, Source, Unresolved
from tests.console import Person, signed_in
from tests.drawings import ean, held_sideways, photo_of, qr
from tests.factories import a_line
from tests.house import House, open_house

BAGEL, TEA = "8690000000012", "4006381333931"
PHOTO = photo_of(ean(BAGEL), qr(TEA)).crop((0, 0, 900, 1200))
HERE = Region(left=0.1, top=0.2, width=0.3, height=0.4)
THERE = Region(left=0.6, top=0.2, width=0.3, height=0.4)

# -- whose words, which picture -------------------------------------------------------


def saw(
    text: str,
    *products: str,
    at: Region | None,
    picture: str = "msg_0",
    quote: str = "",
) -> tuple[Mention, Sequence[str]]:
    spot = Spot(message_id=picture, region=at)
    return Mention(text=text, quote=Quote(message=0, text=quote), spot=spot), products


def spots(
    about: Any, *read: tuple[Mention, Sequence[str]], said: str | None = None
) -> Any:
    """Return where something of these is seen, given evidence in msg_0."""
    mentions = tuple(mention for mention, _ in read)
    matches = [
        FoundMatch(
            mention=place,
            text=mention.text,
            outcome=Outcome.CERTAIN,
            products=tuple(_found(each) for each in products),
        )
        for place, (mention, products) in enumerate(read)
    ]
    result = Understanding(mentions=mentions).model_dump(mode="json")
    evidence = Evidence(Source.MESSAGE, "msg_0", said)
    about = replace(about, evidence=(evidence,))
    return dict(spots_of(about, evidence, tuple(seen_in(result, matches))))


def _found(name: str) -> FoundProduct:
    product, _, variant = name.partition("/")
    return FoundProduct(
        product_id=product,
        variant_id=variant or None,
        sku=product,
        name=product,
        probability=1,
        currency="TRY",
        stock_status=StockStatus.NOT_COUNTED,
    )


LATTE = a_line(product_id="latte")
SHIRT = a_line(product_id="shirt", variant_id="red")
MAYBE = Choice("tea", None, "Tea", None, 0.5)
WHICH = Unresolved(id="U1", text="toast", choices=(MAYBE,))
CASES: dict[str, tuple[Any, list[Any], str | None, Any]] = {
    "each product of a photo": (
        LATTE,
        [saw("tea", "tea", at=THERE), saw("latte", "latte", at=HERE)],
        None,
        {"msg_0": HERE},
    ),
    "each form of a product": (
        SHIRT,
        [saw("shirt", "shirt/blue", at=THERE), saw("shirt", "shirt/red", at=HERE)],
        "",
        {"msg_0": HERE},
    ),
    "each line of a list": (
        LATTE,
        [
            saw("latte", "latte", at=THERE, quote="1 latte"),
            saw("latte", "latte", at=HERE, quote="2 latte"),
        ],
        "2 latte",
        {"msg_0": HERE},
    ),
    "the likeliest": (
        LATTE,
        [saw("milk", "tea", "latte", at=THERE), saw("latte", "latte", at=HERE)],
        None,
        {"msg_0": HERE},
    ),
    "of two photos its own": (
        LATTE,
        [
            saw("latte", "latte", at=THERE, picture="msg_9"),
            saw("latte", "latte", at=HERE),
        ],
        None,
        {"msg_0": HERE},
    ),
    "words about two photos": (
        LATTE,
        [
            saw("latte", "latte", at=HERE, picture="msg_8", quote="these"),
            saw("latte", "latte", at=THERE, picture="msg_9", quote="these"),
        ],
        "these",
        {"msg_8": HERE, "msg_9": THERE},
    ),
    "a product that was corrected": (
        LATTE,
        [saw("tea", "tea", at=HERE)],
        None,
        {"msg_0": HERE},
    ),
    "a corrected one of several": (
        LATTE,
        [saw("tea", "tea", at=HERE), saw("milk", "milk", at=THERE)],
        None,
        {},
    ),
    "other words": (LATTE, [saw("latte", "latte", at=HERE, quote="a")], "b", {}),
    "open words": (
        WHICH,
        [saw("milk", "tea", at=THERE), saw("toast", "tea", at=HERE)],
        None,
        {"msg_0": HERE},
    ),
    "somewhere": (LATTE, [saw("latte", "latte", at=None)], None, {"msg_0": None}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_line_knows_its_place_in_a_picture(case: str) -> None:
    about, read, said, expected = CASES[case]
    assert spots(about, *read, said=said) == expected


def test_what_older_and_newer_versions_stored_has_no_place() -> None:
    newer = {"spot": {"message_id": "msg_0", "shape": "round"}}
    for mention in ({"text": "latte"}, {"spot": None}, newer):
        assert list(seen_in({"mentions": [mention]}, ())) == []
    assert list(seen_in(None, ())) == []


# -- a house --------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("pictures")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        await house.change("BAGEL", gtin=BAGEL)
        await house.change("TEA", gtin=TEA)
        yield house


@pytest.fixture(scope="module")
async def agent(house: House) -> Person:
    return await signed_in(house)


async def evidence(agent: Person, chat_id: str) -> dict[str, Any]:
    chat = await agent.call("GET", f"/v1/conversations/{chat_id}")
    path = f"/v1/drafts/{chat['draft']['id']}/evidence"
    found = await agent.call("GET", path)
    return {each["about"]: each for each in found["data"]}


def marks(page: str, line: str) -> Any:
    found = re.search(rf'id="line-{line}"[^>]*data-marks="([^"]*)"', page)
    assert found is not None
    return json.loads(unescape(found[1]))


async def test_a_line_of_a_photo_tells_where_in_it_also_when_words_follow(
    house: House, agent: Person
) -> None:
    ana = house.phone()
    await ana.send_image(held_sideways(PHOTO))
    await ana.say("2 of these")
    await house.rest()
    chat_id = (await house.chat(ana)).id
    basis = await evidence(agent, chat_id)
    bagel, tea = basis["L1"], basis["L2"]
    for each, top in ((bagel, 120 / 1200), (tea, 401 / 1200)):
        picture, words = each["proofs"]
        assert (picture["kind"], words["kind"]) == ("image", "text")
        assert picture["region"]["top"] == pytest.approx(top, abs=0.01)
        assert (words["quote"], words["region"]) == ("2 of these", None)
        assert picture["message_id"] != words["message_id"]
    page = await agent.page(f"/console/conversations/{chat_id}")
    assert page.count("In a picture") == 2
    shown, _ = marks(page, "L1")
    told = bagel["proofs"][0]
    assert shown["region"] == told["region"]
    assert shown["message"] == told["message_id"]
    # So does the analysis, beside what was found for it.
    words = bagel["proofs"][1]["message_id"]
    read = await agent.call("GET", f"/v1/messages/{words}/analysis")
    spots_read = [each["spot"] for each in read["mentions"]]
    assert {"message_id": told["message_id"], "region": told["region"]} in spots_read
    page = await agent.page(f"/console/messages/{words}/analysis")
    assert page.count('class="spotted"') == 2
    assert f'<rect class="line" x="{told["region"]["left"]}"' in page
    assert f"#msg-{told['message_id']}" in page


async def test_a_photo_of_an_older_analysis_is_shown_whole(
    house: House, agent: Person
) -> None:
    ben = house.phone("905551110099", "Ben")
    await ben.send_image(held_sideways(PHOTO))
    await house.rest()
    chat_id = (await house.chat(ben)).id
    before = await evidence(agent, chat_id)
    (proof,) = before["L1"]["proofs"]
    assert proof["region"]["width"] == pytest.approx(284 / 900, abs=0.01)
    (turn,) = await house.rows(analysis, conversation_id=chat_id)
    for mention in turn.result["mentions"]:
        del mention["spot"]
    async with house.runtime.database.transaction() as connection:
        await connection.execute(
            update(analysis).where(analysis.c.id == turn.id).values(result=turn.result)
        )
    (proof,) = (await evidence(agent, chat_id))["L1"]["proofs"]
    assert (proof["region"], proof["quote"]) == (None, BAGEL)
    page = await agent.page(f"/console/conversations/{chat_id}")
    assert marks(page, "L1")[0]["region"] is None
