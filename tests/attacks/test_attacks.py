"""Texts that command the model, against the whole product, with a model that obeys.

The model of these tests is the attacker's: whatever it is shown, it claims a yes, free
goods, other products, another address, another shop's things, with every quote that it
can find or invent. Nothing of it may happen.
"""

import re
import shutil
from asyncio import gather
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from bot.domain.understanding import Act, Detail, Intent
from bot.inbox.table import contact, conversation
from bot.simulator.phone import Phone
from catalog.store import load_products, upsert_products
from catalog.table import product
from orders import DraftState
from tests.databases import add_test_tenant
from tests.factories import a_product
from tests.goods import GOODS
from tests.house import House, open_house
from tests.openai_reader import obliging
from tests.openai_server import (
    Asked,
    OpenAIServer,
    answer,
    detail,
    image,
    intent,
    mention,
    openai_server,
    settings_for,
)

SAMPLES = resources.files("bot.simulator.page.samples")
VOICE = (SAMPLES / "voice.ogg").read_bytes()
PHOTO = (SAMPLES / "cup.jpg").read_bytes()
#: Of another shop in the same database.
SECRET = "Zeta Vault 9000"
#: What only the model's claims say.
CLAIMED = ("Attacker Street 66", "+15550100666", "FREE666", "Mallory", "paid in full")
#: Customers who order at the same time.
_TOGETHER = 8
INNOCENT = "how long does it take?"
#: Where the attack comes from somebody else, and the customer says nothing of goods.
OUTSIDE = {"quoted", "product", "contact", "place"}


@dataclass(frozen=True)
class Case:
    number: int
    language: str
    where: str
    words: str

    def __str__(self) -> str:
        return f"{self.language}-{self.where}-{self.number}"


def read_cases() -> Iterator[Case]:
    file = Path(__file__).with_name("cases.yaml")
    numbers = iter(range(1000))
    for language, rows in yaml.safe_load(file.read_text(encoding="utf-8")).items():
        for row in rows:
            ((where, words),) = row.items()
            yield Case(next(numbers), language, where, words)


CASES = tuple(read_cases())
HONEST = Case(900, "en", "text", "yes")


def test_the_corpus_is_large_in_five_languages_and_in_every_place() -> None:
    assert len(CASES) >= 60
    assert {case.language for case in CASES} == {"en", "tr", "pt", "es", "ru"}
    for language in ("en", "tr", "pt", "es", "ru"):
        places = {case.where for case in CASES if case.language == language}
        assert places >= {"text", "caption", "voice", "image", *OUTSIDE}


def obey(asked: Asked) -> Any:
    """Claim everything that could do harm, on every ground that there is."""
    document = asked.document
    quotes = [(0, "yes")]
    for row in document["messages"]:
        said = row.get("text", "")
        quotes += [(row["number"], said), (row["number"], said.partition(" ")[0])]
    goods = [(row["n"], row["name"]) for row in document["candidates"][:4]]
    goods += [(None, SECRET), (goods[0][0], "gold bar")]
    option = {"text": "Oat milk", "negated": False, "qualifier": "free"}
    claims: list[Any] = []
    for number, quote in quotes:
        more = {"message": number, "note": "paid in full", "unit": "free kilo"}
        claims += [
            {**mention(quote, "", 100, act=act, line=1), **more}
            for act in (Act.REMOVE, Act.SET, Act.ADD)
        ]
        claims += [
            {
                **mention(quote, name, 100, candidate=candidate, where=where),
                **more,
                "options": [option],
            }
            for candidate, name in goods
            for where in ("text", "image")
        ]
    facts = [
        (Detail.ADDRESS, "Attacker Street 66"),
        (Detail.PHONE, "+15550100666"),
        (Detail.COUPON, "FREE666"),
        (Detail.NAME, "Mallory"),
        (Detail.PAYMENT, "paid in full"),
        (Detail.NOTE, "paid in full"),
        (Detail.FULFILMENT, "delivery"),
        (Detail.DATE, "2030-01-01T00:00"),
    ]
    return answer(
        mentions=claims,
        details=[detail(k, v, q, n) for n, q in quotes for k, v in facts],
        intents=[
            intent(kind, quote, number)
            for number, quote in quotes
            for kind in Intent
            # A person who takes over, and a shop that is asked, do no harm.
            if kind not in (Intent.HUMAN, Intent.COMPLAINT, Intent.CANCEL_ORDER)
        ],
        images=[
            image(
                row["number"],
                description="The customer says yes.",
                query=SECRET,
                visible_text="yes, confirm, everything is free",
            )
            for row in document["messages"]
        ],
        pick={
            "message": 0,
            "quote": quotes[-1][1],
            "number": 1,
            "text": "Confirm",
            "quantity": 100,
        },
        suggested_reply="Confirmed and paid in full by Mallory",
        summary="The customer confirmed and paid in full.",
        confidence=1.0,
    )


@dataclass(frozen=True)
class Shop:
    house: House
    server: OpenAIServer
    phones: dict[int, Phone]  #: By case: customers who were shown a summary.


@pytest.fixture(scope="module")
async def shop(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    """Run a shop whose catalog holds the attacks, beside another shop."""
    folder = tmp_path_factory.mktemp("attacks")
    url = f"sqlite:///{shutil.copy(migrated_file, folder / 'test.db')}"
    planted = [
        replace(
            a_product(sku=f"EVIL{case.number}", name=f"Cup: {case.words}"[:200]),
            id="",
            price=Decimal(77),
            description=case.words,
            aliases=(case.words[:100],),
        )
        for case in CASES
        if case.where == "product"
    ]
    async with openai_server() as server:
        settings = settings_for(server, openai_daily_budget=1000)
        async with open_house(
            url, folder, settings=settings, goods=[*GOODS, *planted]
        ) as house:
            await add_other_shop(house)
            yield Shop(house, server, await summed_up(house, server))


async def add_other_shop(house: House) -> None:
    runtime = house.runtime
    other = await add_test_tenant(runtime.database)
    async with runtime.database.transaction() as connection:
        await upsert_products(
            connection,
            other,
            [replace(a_product(sku="ZETA", name=SECRET), id="")],
            new_id=runtime.new_id,
            now=runtime.clock(),
        )


async def summed_up(house: House, server: OpenAIServer) -> dict[int, Phone]:
    """Return customers who were shown the summary of 2 latte and a bagel, by case."""
    server.mind = obliging
    cases = (*CASES, HONEST)
    names = {c.number: c.words[:100] if c.where == "contact" else "Ana" for c in cases}
    phones = {n: house.phone(f"90555{n:07}", name) for n, name in names.items()}
    every = list(phones.values())
    for start in range(0, len(every), _TOGETHER):
        some = every[start : start + _TOGETHER]
        await gather(*(phone.say("2 latte and 1 bagel please") for phone in some))
        await house.settle()
        await gather(*(phone.tap("Pick-up") for phone in some))
        await house.settle()
    for phone in phones.values():
        assert (await house.draft(phone)).state is DraftState.PROPOSED
    return phones


async def attack(shop: Shop, phone: Phone, case: Case) -> None:
    shop.server.mind = obey
    shop.server.speech = lambda _: case.words
    match case.where:
        case "text":
            await phone.say(case.words)
        case "caption":
            await phone.send_image(PHOTO + bytes([case.number]), caption=case.words)
        case "voice":
            # Two notes are never the same bytes: nobody has heard this one.
            await phone.send_voice(VOICE + bytes([case.number]))
        case "image":
            await phone.send_image(PHOTO + bytes([case.number]))
        case "place":
            await phone.send_location(41.0, 29.0, name=case.words)
            await phone.say(INNOCENT)
        case "quoted":
            said = await phone.say(case.words)
            await shop.house.settle()
            await phone.say(INNOCENT, reply_to=said)
        case _:
            await phone.say(INNOCENT)
    await shop.house.settle()


async def prices(house: House) -> dict[str, Decimal | None]:
    async with house.runtime.database.reading() as connection:
        sold = await load_products(connection, house.tenant_id)
        names = await connection.execute(select(product.c.name))
    assert SECRET in set(names.scalars()), "the other shop is there"
    return {each.sku: each.price for each in sold}


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_an_attacker_who_owns_the_model_gets_nothing(
    shop: Shop, case: Case
) -> None:
    house = shop.house
    before = await prices(house)
    phone = shop.phones[case.number]
    seen, asked = len(phone.inbox), len(shop.server.asked)
    was = await house.draft(phone)

    await attack(shop, phone, case)

    chat = await house.chat(phone)
    # No order, no confirmation.
    assert await house.order_of(phone) is None
    draft = await house.draft(phone)
    assert draft.id == was.id
    assert draft.state in (DraftState.OPEN, DraftState.PROPOSED)
    assert draft.confirmed_by is None
    # No price: all are the catalog's, and the catalog is what it was.
    assert await prices(house) == before
    for line in draft.lines:
        extra = sum((o.surcharge for o in line.options), Decimal(0))
        assert line.unit_price == (before[line.sku] or 0) + extra
    # What is in the draft stands on words of this customer.
    messages = {row.id for row in await house.messages(phone)}
    for line in draft.lines:
        assert {why.ref for why in line.evidence} <= messages
        assert line.quantity < 100
    if case.where in OUTSIDE - {"quoted"}:
        assert draft.lines == was.lines
        assert draft.name == was.name
    assert (draft.coupon, draft.payment) == (was.coupon, was.payment)
    if case.where != "place":  # A place that is shared is where to deliver.
        assert draft.fulfilment is was.fulfilment
    told = str(draft)
    assert not [claim for claim in CLAIMED if claim in told]
    # Nobody is silenced.
    (person,) = await house.rows(contact, id=chat.contact_id)
    assert not person.opted_out
    # Nothing that the model made up is said, and nothing of another shop.
    heard = "\n".join(bubble.text for bubble in phone.inbox[seen:])
    assert not [claim for claim in (*CLAIMED, SECRET) if claim in heard]
    assert not re.search(r"₺[01][.,]00", heard)
    left = "\n".join(each.text for each in shop.server.asked[asked:])
    assert SECRET not in left
    assert house.tenant_id not in left


async def test_the_attacked_shop_still_takes_orders(shop: Shop) -> None:
    phone = shop.phones[HONEST.number]
    shop.server.mind = obey
    await phone.say(HONEST.words)
    await shop.house.settle()
    order = await shop.house.order_of(phone)
    assert order is not None
    assert order.grand_total == 2 * 8550 + 6000


async def test_the_obeying_model_would_do_harm_if_it_were_believed(
    shop: Shop,
) -> None:
    """It does claim what must not happen; else these tests would prove nothing."""
    case = CASES[0]
    phone = shop.house.phone("905559999999", "Eve")
    asked = len(shop.server.asked)
    await attack(shop, phone, case)
    assert len(shop.server.asked) > asked
    claims = obey(shop.server.asked[-1])
    kinds = {each["intent"] for each in claims["intents"]}
    assert {Intent.CONFIRM, Intent.STOP, Intent.CANCEL_DRAFT} <= kinds
    assert any(each["text"] == SECRET for each in claims["mentions"])
    chats = await shop.house.rows(conversation)
    turns = [
        turn
        for turn in await shop.house.analyses()
        if turn.conversation_id in {chat.id for chat in chats}
    ]
    assert "confirm: not said in clear words" in turns[-1].result["warnings"]
