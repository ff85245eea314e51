"""Another merchant's things are not there: every address is asked for every one."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, openapi
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import Role, add_key, add_tenant
from bot.inbox.canned_replies import CannedReply, add_reply
from bot.inbox.health_table import channel_vitals, webhook_tally
from bot.inbox.labels import Colour, add_label, set_labels
from bot.inbox.notes import add_note
from bot.inbox.passwords import hash_password
from bot.inbox.sessions import begin, new_token
from bot.inbox.table import conversation
from bot.inbox.users import add_user
from bot.migrations.comparing import METADATA
from bot.web.api.endpoint import Endpoint
from bot.web.api.registry import ENDPOINTS
from bot.web.describing import document
from catalog.domain.learnt import Heard, Lesson, Meaning
from catalog.lookup import find_products
from catalog.teaching import teach
from orders import Shop
from orders.advice.activities import add_activity
from orders.advice.domain.activity import Written
from orders.advice.domain.request import Activity
from orders.outbox.store import Topic
from orders.people import Person, add_person
from orders.table import customer
from tests.house import House, open_house

Operation = APIOperation[Any, Any, Any, Any]


@cache
def _operations() -> Mapping[str, Operation]:
    return {
        found.ok().definition.raw["operationId"]: found.ok()
        for found in openapi.from_dict(document()).get_all_operations()
        if isinstance(found, Ok)
    }


#: The table behind each id of an address.
_TABLES: Mapping[str, Table] = {
    f"{table.name.removeprefix('catalog_')}_id": table
    for table in METADATA.sorted_tables
} | {
    "event_id": METADATA.tables["outbox"],
    "alias_id": METADATA.tables["learnt_alias"],
}
_UNKNOWN = "nobody_01k9wz8qg6f1t0m3v5x7z9b2d4"
_OURS = "co_a_key-of-the-first-merchant"
_THEIRS = "co_a_key-of-the-other-merchant"


#: What the process writes when nobody asks it to.
_BY_ITSELF = frozenset({channel_vitals, webhook_tally})


@dataclass(frozen=True)
class Neighbours:
    """A merchant with something of everything, and another one who asks for it."""

    house: House
    ids: Mapping[str, str]
    secrets: frozenset[bytes]  #: Words that only the first merchant may ever see.

    async def snapshot(self) -> Mapping[str, object]:
        """Return every row of the first merchant, by table."""
        async with self.house.runtime.database.reading() as connection:
            return {
                table.name: sorted(map(repr, await connection.execute(rows)))
                for table in METADATA.sorted_tables
                if "tenant_id" in table.c and table not in _BY_ITSELF
                for rows in [
                    select(table).where(table.c.tenant_id == self.house.tenant_id)
                ]
            }


@pytest.fixture(scope="module")
async def neighbours(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> AsyncIterator[Neighbours]:
    folder = tmp_path_factory.mktemp("neighbours")
    url = f"sqlite:///{folder}/two.db"
    await asyncio.to_thread(shutil.copy, migrated_file, folder / "two.db")
    limits = {"api_limit_per_key": 10**6, "api_limit_per_tenant": 10**6}
    async with open_house(url, folder, settings=limits) as house:
        ana, mehmet = house.phone(), house.phone("905557778899", "Mehmet Öz")
        for words in ("2 latte", "pickup", "yes"):
            await ana.say(words)
            await house.settle()
        await mehmet.say("a bagel")
        await house.settle()
        await _settle_in(house)
        yield Neighbours(
            house,
            {place: await _an_id(house, place) for place in _places()},
            frozenset(
                word.encode()
                for word in (house.tenant_id, ana.wa_id, mehmet.wa_id, "Mehmet Öz")
            ),
        )


async def _settle_in(house: House) -> None:
    runtime, now = house.runtime, house.runtime.clock()
    hashed = await hash_password("a long enough password")
    async with runtime.database.transaction() as connection:
        await add_tenant(
            connection,
            id="tnt_other",
            name="The other merchant",
            language="en",
            timezone="Europe/Istanbul",
            currency="TRY",
            country="TR",
            shop=Shop(),
            now=now,
        )
        for tenant_id, key in ((house.tenant_id, _OURS), ("tnt_other", _THEIRS)):
            await add_key(
                connection,
                id=runtime.new_id("key"),
                tenant_id=tenant_id,
                role=Role.ADMIN,
                key=key,
                now=now,
            )
        agent = await add_user(
            connection,
            id=runtime.new_id("user"),
            tenant_id=house.tenant_id,
            email="ana@shop.example",
            name="Ana Agent",
            role=Role.ADMIN,
            password_hash=hashed,
            now=now,
        )
        await begin(
            connection,
            agent,
            new_token(),
            id=runtime.new_id("session"),
            address="203.0.113.9",
            device="Firefox, Linux",
            now=now,
        )
        (product,) = await find_products(connection, house.tenant_id, skus=["LATTE"])
        buyer = (await connection.execute(select(customer.c.id))).scalars().first()
        assert buyer is not None
        person = Person(runtime.new_id("person"), buyer, name="Grace")
        await add_person(connection, house.tenant_id, person, now=now)
        said = Heard("", "the usual", Meaning(product.id), Lesson.TOLD, None)
        await teach(connection, house.tenant_id, [said], now=now)
        await _mark(connection, house, now)
        buyer = await connection.execute(
            select(customer.c.id).where(customer.c.tenant_id == house.tenant_id)
        )
        await add_activity(
            connection,
            house.tenant_id,
            "60f7b1b3e4b0e8b3f8b3f8b3",
            Written(
                str(buyer.scalars().first()), "usr", Activity.RECOMMENDATION, {}, ""
            ),
            now=now,
        )
    async with house.simulator.network.session.post(
        f"{house.shop.url}/v1/products/imports",
        data=b"sku,name,price\nNEW-1,Something new,10\n",
        headers={"Authorization": f"Bearer {_OURS}", "Content-Type": "text/csv"},
    ) as answer:
        assert answer.status == 202, await answer.text()
        known = await answer.json()
    while known["state"] not in ("done", "failed", "cancelled"):
        await asyncio.sleep(0.02)
        async with house.simulator.network.session.get(
            f"{house.shop.url}/v1/products/imports/{known['id']}",
            headers={"Authorization": f"Bearer {_OURS}"},
        ) as answer:
            known = await answer.json()


async def _mark(connection: AsyncConnection, house: House, now: datetime) -> None:
    """Let a conversation have what agents make of one."""
    runtime, mine = house.runtime, house.tenant_id
    chat = (await connection.execute(select(conversation.c.id))).scalars().first()
    assert chat is not None
    tag, words = runtime.new_id("label"), runtime.new_id("note")
    grey = Colour.GREY
    await add_label(connection, mine, tag, name="VIP", colour=grey, now=now)
    await set_labels(connection, mine, chat, [tag], now=now)
    said = {"author": "key:x", "text": "Mehmet Öz pays late"}
    await add_note(connection, mine, chat, id=words, now=now, **said)
    reply = CannedReply(runtime.new_id("reply"), "hi", "Hi", "Hello!", now, now)
    await add_reply(connection, mine, reply)


def _places() -> set[str]:
    return {place for endpoint in ENDPOINTS for place in endpoint.places}


async def _an_id(house: House, place: str) -> str:
    """Return the id of something that the first merchant has."""
    table = _TABLES[place]
    query = select(table.c.id).where(table.c.tenant_id == house.tenant_id)
    if place == "event_id":
        query = query.where(table.c.topic == Topic.EVENT)
    async with house.runtime.database.reading() as connection:
        found = (await connection.execute(query.limit(1))).scalar()
    assert found is not None, f"the first merchant needs something for {place}"
    return str(found)


class Answered(Exception):
    """No more data are needed."""


def ask(
    endpoint: Endpoint, url: str, key: str, ids: Mapping[str, str]
) -> requests.Response:
    """Call an endpoint with valid data and these ids; return the answer.

    A schema cannot say everything: data are made until they are valid, and no longer.
    """
    operation = _operations()[endpoint.name]
    answers: list[requests.Response] = []
    given_ids = {place: ids[place] for place in endpoint.places}

    @settings(
        max_examples=50,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(
            generation_mode=GenerationMode.POSITIVE, path_parameters=given_ids
        )
    )
    def call(case: Case[Any]) -> None:
        if answers and answers[-1].status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Answered
        case.path_parameters = dict(given_ids)
        case.headers.clear()
        sent = case.as_transport_kwargs(url)
        sent["headers"] = dict(sent["headers"]) | {"Authorization": f"Bearer {key}"}
        answers.append(requests.request(**sent, timeout=10))

    with suppress(Answered):
        call()
    return answers[-1]


WITH_IDS = [endpoint for endpoint in ENDPOINTS if endpoint.places]


@pytest.mark.parametrize("endpoint", WITH_IDS, ids=lambda each: each.name)
async def test_what_another_merchant_has_is_not_there(
    neighbours: Neighbours, endpoint: Endpoint
) -> None:
    url, ids = neighbours.house.shop.url, neighbours.ids
    before = await neighbours.snapshot()
    theirs = await asyncio.to_thread(ask, endpoint, url, _THEIRS, ids)
    nobody = await asyncio.to_thread(
        ask, endpoint, url, _THEIRS, dict.fromkeys(ids, _UNKNOWN)
    )
    assert theirs.status_code == 404, theirs.text
    assert [word for word in neighbours.secrets if word in theirs.content] == []
    said, expected = theirs.text, nobody.text
    for place in endpoint.places:
        said = said.replace(f"'{ids[place]}'", f"'{_UNKNOWN}'")
    assert said == expected
    assert await neighbours.snapshot() == before


@pytest.mark.parametrize(
    "endpoint",
    [each for each in ENDPOINTS if each.method == "GET"],
    ids=lambda each: each.name,
)
async def test_what_is_there_is_shown_to_its_merchant_alone(
    neighbours: Neighbours, endpoint: Endpoint
) -> None:
    url, ids = neighbours.house.shop.url, neighbours.ids
    async with neighbours.house.simulator.network.session.get(
        url + endpoint.path.format(**ids), headers={"Authorization": f"Bearer {_OURS}"}
    ) as ours:
        if endpoint.places and endpoint.name != "read_media":
            assert ours.status == 200, await ours.text()
    async with neighbours.house.simulator.network.session.get(
        url + endpoint.path.format(**ids),
        headers={"Authorization": f"Bearer {_THEIRS}"},
    ) as theirs:
        content = await theirs.read()
    assert [word for word in neighbours.secrets if word in content] == []
    if not endpoint.places:
        # An event's id is a small number, which stands everywhere.
        named = [f'"{each}"'.encode() for each in ids.values()]
        assert [each for each in named if each in content] == []
