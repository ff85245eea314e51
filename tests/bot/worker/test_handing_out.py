"""What needs a person becomes somebody's work by itself, where the shop says so."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.inbox.accounts import Role
from bot.inbox.api_table import audit
from bot.inbox.assigning import Colleague, assign_each, assign_next, whose_turn
from bot.inbox.news import Told, What
from bot.inbox.people_table import user as users
from bot.inbox.table import conversation
from bot.inbox.users import UserState, change_user
from bot.progress import move_on
from bot.worker.failing import POLICY, fail
from catalog.table import tenant
from orders import Confirms, OrderState, Shop
from orders.domain.humans import Assigns, Humans
from tests.bot.worker.by_hand import ByHand, by_hand_in
from tests.console import Person, signed_in
from tests.house import House, open_house

NEXT = Humans(assigns=Assigns.NEXT)
ASKS = "I want to talk to a person"
_NUMBERS = itertools.count(905551110000)


async def an_agent(house: House, name: str, team: str | None = None) -> Person:
    person = await signed_in(house, name)
    known_as = {"sales_code": f"S-{name}", **({"team": team} if team else {})}
    async with house.runtime.database.transaction() as connection:
        await change_user(
            connection, house.tenant_id, person.user.id, known_as=known_as
        )
    return person


async def chat_of(house: House, *texts: str) -> Any:
    """Let a new customer write, and return their conversation when all is done."""
    phone = house.phone(str(next(_NUMBERS)), "Customer")
    for text in texts:
        await phone.say(text)
        await house.rest()
    return await house.chat(phone)


async def given(house: House, chat: Any) -> list[tuple[str, Any]]:
    """Return who assigned a conversation, and to whom, by the audit."""
    rows = await house.rows(audit, target=chat.id, action="assign_conversation_to_next")
    return [(row.actor, row.details["user_id"]) for row in rows]


# -- whose turn -----------------------------------------------------------------------


def colleague(
    name: str, load: int, *, role: Role = Role.AGENT, team: str | None = None
) -> Colleague:
    return Colleague(name, name, role, team, load, None)


@pytest.mark.parametrize(
    ("people", "team", "expected"),
    [
        ([colleague("ana", 2), colleague("ben", 1)], None, "ben"),
        ([colleague("ana", 1), colleague("ben", 1)], None, "ana"),
        ([colleague("ana", 9), colleague("boss", 0, role=Role.ADMIN)], None, "ana"),
        ([colleague("ana", 9, team="x"), colleague("ben", 0)], "x", "ana"),
        (
            [colleague("ben", 0), colleague("bo", 4, role=Role.MANAGER, team="x")],
            "x",
            "bo",
        ),
        ([colleague("ben", 0)], "x", None),
        ([], None, None),
    ],
)
def test_it_is_the_turn_of_who_has_the_least(
    people: Sequence[Colleague], team: str | None, expected: str | None
) -> None:
    chosen = whose_turn(people, team)
    assert (chosen and chosen.id) == expected


# -- by the rule ----------------------------------------------------------------------


async def test_whatever_needs_a_person_is_the_work_of_the_next_in_turn(
    database_url: str, tmp_path: Path
) -> None:
    rules = Shop(confirms=Confirms.AGENT, humans=NEXT)
    async with open_house(database_url, tmp_path, rules=rules) as house:
        agents = [await an_agent(house, name, f"{name}s team") for name in "ab"]
        names = {each.user.id: each.user.name for each in agents}
        heard = house.runtime.news.subscribe(house.tenant_id)
        first = await chat_of(house, ASKS)
        assert Told(What.CHAT, first.id) in await anext(heard)
        heard.close()
        history = await agents[0].call("GET", f"/v1/conversations/{first.id}/history")
        assert [(x["kind"], x["actor"], x["user_id"]) for x in history["data"]] == [
            ("assigned", "bot", first.assigned_to),
            ("handed_over", "bot", None),
        ]
        second = await chat_of(house, "2 latte", "pick up")
        assert second.assigned_to is None  # The bot needs nobody.
        second = await chat_of(house, "2 latte", "pick up", "yes")
        assert {first.assigned_to, second.assigned_to} == set(names)
        for chat in (first, second):
            assert chat.team == f"{names[chat.assigned_to]}s team"
            assert await given(house, chat) == [("bot", chat.assigned_to)]
        await _is_sold(house, second, names[second.assigned_to])


async def _is_sold(house: House, chat: Any, name: str) -> None:
    """Let somebody else confirm its order, and look at whose it is."""
    boss = await signed_in(house, "Boss", Role.MANAGER)
    draft = (await boss.call("GET", f"/v1/conversations/{chat.id}"))["draft"]
    body = {"version": draft["version"]}
    await boss.call("POST", f"/v1/drafts/{draft['id']}/confirm", body)
    await house.settle()
    (order,) = await house.orders()
    assert (order.sold_by, order.sold_team) == (chat.assigned_to, chat.team)
    (told,) = house.erp.orders.values()
    assert told.payload is not None
    data: Any = told.payload
    seller = data["salesPerson"]
    assert (seller["name"], seller["salesPersonCode"]) == (name, f"S-{name}")
    assert data["team"]["name"] == chat.team


async def test_where_nobody_may_log_in_it_waits_for_somebody_as_ever(
    sqlite_url: str, tmp_path: Path
) -> None:
    rules = Shop(humans=Humans(assigns=Assigns.NEXT, assigns_team="Kadikoy"))
    async with open_house(sqlite_url, tmp_path, rules=rules) as house:
        ben = await an_agent(house, "Ben", "Moda")
        ana = await an_agent(house, "Ana", "Kadikoy")
        await _let(house, ana, UserState.DISABLED)
        chat = await chat_of(house, ASKS)
        assert (chat.owner, chat.assigned_to, chat.team) == ("agent", None, None)
        assert chat.error is None
        assert not await given(house, chat)
        found = await ben.call("GET", "/v1/conversations?queue=human&assigned=nobody")
        assert [each["id"] for each in found["data"]] == [chat.id]
        # Who is told of it later by the clock finds who is there by then.
        await _let(house, ana, UserState.ACTIVE)
        await house.later(timedelta(minutes=11))
        (row,) = await house.rows(conversation, id=chat.id)
        assert (row.attention, row.assigned_to) == ("unanswered", ana.user.id)
        await _stays_with(house, ben)
        # What a system does not take is somebody's work, too.
        house.erp.provisioning_seconds = 3600
        await chat_of(house, "1 latte", "pick up", "yes")
        (order,) = await house.orders()
        async with house.runtime.database.transaction() as connection:
            await move_on(
                connection,
                house.runtime,
                tenant_id=house.tenant_id,
                order_id=order.id,
                target=OrderState.PROVISIONING_FAILED,
                actor="callback",
            )
        (row,) = await house.rows(conversation, id=order.conversation_id)
        assert (row.assigned_to, row.team) == (ana.user.id, "Kadikoy")


async def _let(house: House, person: Person, state: UserState) -> None:
    async with house.runtime.database.transaction() as connection:
        mine = (connection, house.tenant_id, person.user.id)
        await change_user(*mine, state=state)


async def _stays_with(house: House, ben: Person) -> None:
    """Let them be given a customer, and their team another one: it stays like that."""
    for wanted in ({"user_id": ben.user.id}, {"team": "Moda"}):
        phone = house.phone(str(next(_NUMBERS)), "Customer")
        await phone.say("2 latte")
        await house.rest()
        place = f"/v1/conversations/{(await house.chat(phone)).id}"
        await ben.call("POST", f"{place}/assign", wanted)
        await phone.say(ASKS)
        await house.rest()
        chat = await house.chat(phone)
        assert (chat.assigned_to, chat.team) == (ben.user.id, "Moda")
        assert len(await given(house, chat)) == ("team" in wanted)


async def test_a_turn_that_failed_for_good_is_somebody_s_work(
    sqlite_url: str, tmp_path: Path
) -> None:
    rules = Shop(humans=NEXT)
    async with (
        open_house(sqlite_url, tmp_path, rules=rules, workers=0) as house,
        by_hand_in(house) as shop,
    ):
        runtime = house.runtime
        ana = await an_agent(house, "Ana")
        # Beside somebody whose role only a newer program knows.
        beside = await an_agent(house, "Aaron")
        newer = users.update().where(users.c.id == beside.user.id)
        async with runtime.database.transaction() as connection:
            await connection.execute(newer.values(role="auditor"))
        colleagues = await ana.call("GET", "/v1/colleagues")
        assert [each["name"] for each in colleagues["data"]] == ["Ana"]
        chat = await _failed_for_good(shop)
        assert (chat.error, chat.assigned_to) == ("it broke", ana.user.id)
        # Where it fails for the rules themselves, that is told all the same.
        async with runtime.database.transaction() as connection:
            await connection.execute(tenant.update().values(shop={"humans": "?"}))
        chat = await _failed_for_good(shop)
        assert (chat.error, chat.assigned_to) == ("it broke", None)


async def _failed_for_good(shop: ByHand) -> Any:
    house, runtime = shop.house, shop.house.runtime
    phone = house.phone(str(next(_NUMBERS)), "Customer")
    await phone.say("2 latte")
    for _ in range(POLICY.attempts):
        assert (await house.chat(phone)).assigned_to is None
        now = shop.clock() + timedelta(seconds=1)
        async with runtime.database.transaction() as connection:
            (claim,) = await runtime.claims.claim(connection, room=1, busy={}, now=now)
            await fail(
                connection,
                claim,
                "it broke",
                new_id=runtime.new_id,
                now=now,
                jitter=0.5,
            )
        shop.wait(minutes=2)
    return await house.chat(phone)


# -- all at once ----------------------------------------------------------------------


async def test_many_at_once_are_shared_out_evenly_and_nobody_waits(
    postgres_url: str, tmp_path: Path
) -> None:
    rules = Shop(humans=NEXT)
    async with open_house(postgres_url, tmp_path, rules=rules, workers=2) as house:
        people = [await an_agent(house, name) for name in ("Ana", "Ben", "Can")]
        phones = [house.phone(str(next(_NUMBERS)), "Customer") for _ in range(15)]
        asking, others = phones[:8], phones[8:]
        for phone in others:
            await phone.say("2 latte")
        await house.rest()
        drafted = [(await house.chat(phone)).id for phone in others]

        async def by_hand_(number: int, chat_id: str) -> None:
            path = f"/v1/conversations/{chat_id}/assign-next"
            await people[number % 3].call("POST", path)

        async with asyncio.timeout(20):
            await asyncio.gather(
                *(phone.say(ASKS) for phone in asking),
                *(by_hand_(*each) for each in enumerate(drafted)),
            )
            await house.rest()
        chats = await house.rows(conversation)
        counts = Counter(chat.assigned_to for chat in chats)
        assert set(counts) == {each.user.id for each in people}
        assert max(counts.values()) - min(counts.values()) <= 1, counts
        assert not [chat for chat in chats if chat.error or chat.attempts]
        await _never_block_each_other(house, drafted[0])


async def _never_block_each_other(house: House, chat_id: str) -> None:
    """Let a turn that is saved and a person assign the same conversation."""
    database, now = house.runtime.database, house.runtime.clock()
    place = (house.tenant_id, chat_id)

    async def by_person() -> Colleague:
        async with database.transaction() as connection:
            return await assign_next(connection, *place, team=None, now=now)

    async with asyncio.timeout(5), database.transaction() as turn:
        # What a turn holds while it is saved, long before it gives it to anybody.
        held = conversation.update().where(conversation.c.id == chat_id)
        await turn.execute(held.values(assigned_to=None, team=None))
        person = asyncio.create_task(by_person())
        await asyncio.sleep(0.2)
        assert not person.done()
        (by_turn,) = await assign_each(
            turn, house.tenant_id, [chat_id], team=None, now=now
        )
    # The person chose after the turn, and knew what it did.
    assert by_turn.conversation_id == chat_id
    assert (await person).assigned_at is not None
