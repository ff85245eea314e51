"""Who is who: people with many ids, numbers that change hands, and what a merge keeps.

Everything goes through the intake, as webhooks bring it.
"""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, insert, select, update

from bot.db import Database
from bot.db.intake import (
    Delivery,
    Intake,
    NewChange,
    NewMessage,
    NewQuarantine,
    conversation_of,
)
from bot.inbox.api_table import audit
from bot.inbox.merging import MERGED_TABLES
from bot.inbox.people import store_people
from bot.inbox.table import alias_past, contact, contact_alias, conversation, message
from bot.migrations.comparing import METADATA
from bot.worker.standing import Standings
from orders.codec import dump_draft, load_draft
from orders.table import customer, draft, order
from tests.factories import a_draft, a_line, an_order
from tests.messages import NOON, PACE, a_message, add_channel, numbered

PHONE, NEW_PHONE = ("wa_id", "905551112233"), ("wa_id", "905552223344")
LID, OTHER_LID = ("lid", "103899771998284@lid"), ("lid", "99887766554433@lid")
BSUID, NEW_BSUID = ("bsuid", "TR.1349120865530274"), ("bsuid", "TR.8642120865530274")
Ids = tuple[tuple[str, str], ...]


@pytest.fixture
async def channel_id(database: Database, tenant_id: str) -> str:
    return await add_channel(database, tenant_id)


class Line:
    """A channel, and what comes in on it."""

    def __init__(self, database: Database, tenant_id: str, channel_id: str) -> None:
        self.database, self.tenant_id, self.channel_id = database, tenant_id, channel_id

    async def hears(self, *aliases: tuple[str, str], at: int = 0, **more: Any) -> str:
        """Store a message that was written so many minutes after noon; its id."""
        said = self.message(*aliases, at=at, **more)
        await self.take(said)
        return said.id

    def message(self, *aliases: tuple[str, str], at: int, **more: Any) -> NewMessage:
        moment = NOON + timedelta(minutes=at)
        given: dict[str, Any] = {"aliases": aliases, "sent_at": moment, **more}
        return a_message(self.tenant_id, self.channel_id, **given)

    def change(self, previous: Ids, current: Ids, at: int) -> NewChange:
        moment = NOON + timedelta(minutes=at)
        who = (self.tenant_id, self.channel_id)
        return NewChange(*who, previous, current, moment, numbered("con"))

    async def take(
        self, *items: NewMessage | NewChange | NewQuarantine, late: int = 0
    ) -> None:
        """Store what one webhook call brings."""
        messages = tuple(i for i in items if isinstance(i, NewMessage))
        changes = tuple(i for i in items if isinstance(i, NewChange))
        latest = max([NOON, *(m.sent_at for m in messages)]) + timedelta(minutes=late)
        intake = Intake(self.database.dialect, PACE)
        unread = tuple(i for i in items if isinstance(i, NewQuarantine))
        delivery = Delivery(messages, quarantines=unread, changes=changes)
        await store_people(
            self.database, intake, [delivery], new_id=numbered, now=latest
        )

    async def moves(self, previous: Ids, current: Ids, at: int) -> None:
        """Take in the platform's message that somebody has other ids."""
        change = self.change(previous, current, at)
        said = self.message(*current, at=at, kind="system", event="message")
        await self.take(change, said)

    async def rows(self, table: Table, *order_by: Any) -> Sequence[Any]:
        query = select(table).where(table.c.tenant_id == self.tenant_id)
        async with self.database.reading() as connection:
            return (await connection.execute(query.order_by(*order_by))).all()

    async def people(self) -> list[Any]:
        """Return the contacts that are people still, oldest first."""
        found = await self.rows(contact, contact.c.created_at, contact.c.id)
        return [row for row in found if row.merged_into is None]

    async def owner(self, *alias: str) -> str | None:
        for row in await self.rows(contact_alias):
            if (row.kind, row.value) == alias:
                return str(row.contact_id)
        return None

    async def run(self, *statements: Any) -> None:
        async with self.database.transaction() as connection:
            for each in statements:
                await connection.execute(each)


@pytest.fixture
def line(database: Database, tenant_id: str, channel_id: str) -> Line:
    return Line(database, tenant_id, channel_id)


# -- one person with several ids ------------------------------------------------------


async def test_a_message_records_every_id_that_it_shows(line: Line) -> None:
    shown = (PHONE, BSUID, ("ent_bsuid", "TR.ENT.77"), ("username", "ana.m"))
    await line.hears(*shown)
    kinds = {(row.kind, row.value) for row in await line.rows(contact_alias)}
    assert kinds == {*shown, ("phone", "+905551112233")}
    (chat,) = await line.rows(conversation)
    assert chat.address == {"kind": "wa_id", "value": PHONE[1]}


@pytest.mark.parametrize("hidden", [LID, BSUID], ids=["hidden id", "user id"])
async def test_a_phone_learnt_later_joins_both_chats_in_the_order_of_their_messages(
    line: Line, hidden: tuple[str, str]
) -> None:
    said = [
        await line.hears(hidden, at=1),
        await line.hears(PHONE, at=2),
        await line.hears(hidden, at=3),
        await line.hears(PHONE, hidden, at=4),
        await line.hears(PHONE, at=5),
    ]
    (person,) = await line.people()
    messages = await line.rows(message, message.c.seq)
    assert [row.id for row in messages] == said
    assert [row.seq for row in messages] == [1, 2, 3, 4, 5]
    assert {row.conversation_id for row in messages} == {conversation_of(person.id)}
    assert {row.contact_id for row in await line.rows(contact_alias)} == {person.id}
    chats = {row.id: row for row in await line.rows(conversation)}
    chat = chats.pop(conversation_of(person.id))
    assert (chat.seq, chat.address["value"]) == (5, PHONE[1])
    (shell,) = chats.values()
    assert (shell.merged_into, shell.ready_at) == (chat.id, None)
    (noted,) = await line.rows(audit)
    assert (noted.action, noted.target) == ("merge_contacts", person.id)


async def test_a_retry_of_an_old_webhook_after_a_merge_goes_to_who_is_left(
    line: Line,
) -> None:
    old = line.message(LID, at=1)
    await line.take(old)
    await line.hears(PHONE, at=2)
    await line.hears(PHONE, LID, at=3)
    await line.take(old)
    await line.hears(LID, at=1)
    (person,) = await line.people()
    messages = await line.rows(message)
    assert len(messages) == 4
    assert {row.conversation_id for row in messages} == {conversation_of(person.id)}


async def test_one_message_as_hidden_id_and_as_number_is_stored_once(
    line: Line,
) -> None:
    """Gateways tell of a message twice, milliseconds apart, under one key."""
    hidden = line.message(LID, at=1, provider_id="3A554E20ECABF3D45BB2")
    plain = line.message(PHONE, at=1, provider_id="3A554E20ECABF3D45BB2")
    await asyncio.gather(line.take(hidden), line.take(plain))
    assert len(await line.rows(message)) == 1
    await line.hears(LID, at=2)
    chats = [r for r in await line.rows(conversation) if r.address["kind"] == "lid"]
    assert [row.address["value"] for row in chats] == [LID[1]]


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "later"])
@pytest.mark.parametrize("known", [True, False], ids=["two chats", "strangers"])
async def test_one_key_as_hidden_id_and_as_number_says_that_both_are_one(
    line: Line, *, at_once: bool, known: bool
) -> None:
    if known:
        await line.hears(LID, at=1)
        await line.hears(PHONE, at=2)
    key = {"provider_id": "3A554E20ECABF3D45BB2"}
    twins = line.message(LID, at=3, **key), line.message(PHONE, at=3, **key)
    if at_once:
        broken = NewQuarantine(numbered("qrn"), None, None, "malformed", "{}")
        await line.take(*twins, broken)
    else:
        await line.take(twins[0])
        await line.take(twins[1])
        await line.take(twins[0])
    (person,) = await line.people()
    assert await line.owner(*LID) == await line.owner(*PHONE) == person.id
    assert len(await line.rows(message)) == (3 if known else 1)


@pytest.mark.parametrize(
    ("key", "theirs"),
    [
        ("3A554E20ECABF3D45BB2", (NEW_PHONE, LID)),
        ("short", (LID,)),
        ("wamid.3A554E20ECABF3D45BB2", (LID,)),
    ],
    ids=["who has a number", "a key to guess", "Meta's"],
)
async def test_a_key_of_somebody_elses_message_makes_nobody_them(
    line: Line, key: str, theirs: Ids
) -> None:
    await line.hears(PHONE, at=1, provider_id=key, name="Ana")
    await line.hears(*theirs, at=2, name="Eve")
    await line.hears(LID, at=3, provider_id=key)
    ana, eve = await line.people()
    assert await line.owner(*PHONE) == ana.id
    assert await line.owner(*LID) == eve.id


VARIANTS = {
    "Brazil": ("5511987654321", "551187654321", "+5511987654321"),
    "Mexico": ("5215512345678", "525512345678", "+525512345678"),
    "Argentina": ("5491112345678", "541112345678", "+5491112345678"),
}


@pytest.mark.parametrize("country", VARIANTS)
async def test_both_ways_of_writing_a_number_are_one_person(
    line: Line, country: str
) -> None:
    first, second, e164 = VARIANTS[country]
    await line.hears(("wa_id", first), at=1)
    await line.hears(("wa_id", second), at=2)
    (person,) = await line.people()
    (chat,) = await line.rows(conversation)
    assert chat.address["value"] == second, "the reply goes to the id as received"
    assert await line.owner("phone", e164) == person.id


async def test_people_of_before_are_found_by_the_other_form_of_their_number(
    line: Line,
) -> None:
    await line.hears(("wa_id", "5511987654321"), at=1)
    await line.run(delete(contact_alias).where(contact_alias.c.kind == "phone"))
    await line.hears(("wa_id", "551187654321"), at=2)
    assert len(await line.people()) == 1


async def test_a_user_name_says_who_nobody_is(line: Line) -> None:
    name = ("username", "ana.m")
    await line.hears(BSUID, name, at=1)
    await line.hears(BSUID, ("username", "ana.k"), at=2)
    await line.hears(NEW_BSUID, name, at=3)
    first, second = await line.people()
    assert await line.owner(*name) == second.id
    assert await line.owner("username", "ana.k") == first.id
    (past,) = await line.rows(alias_past)
    assert (past.value, past.contact_id) == ("ana.m", first.id)


# -- what a merge keeps ---------------------------------------------------------------


async def _open_drafts(line: Line, **filled: bool) -> dict[str, str]:
    """Give each of two people a draft; return person -> draft id."""
    first, second = await line.people()
    found = {}
    for number, (name, person) in enumerate((("first", first), ("second", second))):
        lines = (a_line(),) if filled[name] else ()
        new = a_draft(id=numbered("drf"), lines=lines)
        at = NOON + timedelta(minutes=number)
        await line.run(
            insert(draft).values(
                id=new.id,
                tenant_id=line.tenant_id,
                conversation_id=conversation_of(person.id),
                version=new.version,
                state=new.state,
                body=dump_draft(new),
                created_at=at,
                updated_at=at,
            )
        )
        found[name] = new.id
    return found


@pytest.mark.parametrize(
    ("first", "second", "goes_on", "told"),
    [
        (True, True, "second", True),
        (True, False, "first", False),
        (False, True, "second", False),
    ],
    ids=["the newer", "the only one with something", "likewise"],
)
async def test_of_two_open_drafts_one_goes_on_and_the_other_is_put_away(
    line: Line, first: bool, second: bool, goes_on: str, told: bool
) -> None:
    await line.hears(LID, at=1)
    await line.hears(PHONE, at=2)
    ids = await _open_drafts(line, first=first, second=second)
    away = ids[{"first": "second", "second": "first"}[goes_on]]
    await line.hears(PHONE, LID, at=3)
    rows = {row.id: row for row in await line.rows(draft)}
    assert rows[ids[goes_on]].state == "open"
    assert rows[away].state == "expired"
    assert "goes on" in (load_draft(rows[away].body).end_reason or "")
    (person,) = await line.people()
    chat = conversation_of(person.id)
    assert {row.conversation_id for row in rows.values()} == {chat}
    memory = next(r.memory for r in await line.rows(conversation) if r.id == chat)
    assert memory.get("put_away") == (away if told else None)


async def test_a_stop_and_a_person_who_took_over_survive_a_merge(line: Line) -> None:
    await line.hears(LID, at=1)
    await line.hears(PHONE, at=2)
    _, second = await line.people()
    mine = conversation.c.contact_id == second.id
    owned = {"owner": "agent", "owner_id": "usr_1", "handover_at": NOON}
    await line.run(
        update(contact).where(contact.c.id == second.id).values(opted_out=True),
        update(conversation).where(mine).values(**owned),
    )
    await line.hears(PHONE, LID, at=3)
    (person,) = await line.people()
    assert person.opted_out
    assert person.id != second.id
    chat = next(r for r in await line.rows(conversation) if r.merged_into is None)
    assert (chat.owner, chat.owner_id) == ("agent", "usr_1")


async def test_customer_and_orders_follow(line: Line) -> None:
    await line.hears(LID, at=1)
    await line.hears(PHONE, at=2)
    first, second = await line.people()
    made = {"tenant_id": line.tenant_id, "created_at": NOON}
    of_first = {"id": "cus_1", "contact_id": first.id, "name": "Ana", **made}
    of_second = {"id": "cus_2", "contact_id": second.id, "email": "a@b.c", **made}
    placed = an_order()
    await line.run(
        insert(customer).values(**of_first),
        insert(customer).values(**of_second),
        insert(order).values(
            id=placed.id,
            tenant_id=line.tenant_id,
            number=1,
            draft_id="drf_x",
            draft_version=1,
            conversation_id=conversation_of(second.id),
            customer_id="cus_2",
            state=placed.state,
            currency=placed.currency,
            grand_total=placed.grand_total,
            body={},
            placed_at=NOON,
            updated_at=NOON,
        ),
    )
    await line.hears(PHONE, LID, at=3)
    (bought,) = await line.rows(order)
    assert bought.conversation_id == conversation_of(first.id)
    assert bought.customer_id == "cus_1"
    known = {row.id: row for row in await line.rows(customer)}
    assert (known["cus_1"].name, known["cus_1"].email) == ("Ana", "a@b.c")


def test_every_table_that_names_people_or_chats_is_known_to_the_merge() -> None:
    naming = {
        table.name
        for table in METADATA.tables.values()
        if {"contact_id", "conversation_id"} & set(table.c.keys())
    }
    assert naming <= MERGED_TABLES, "a merge must take its rows along"


# -- numbers that change hands --------------------------------------------------------


async def test_a_new_number_belongs_to_the_same_person_and_the_old_one_to_the_next(
    line: Line,
) -> None:
    await line.hears(PHONE, at=1, name="Ana")
    await line.moves((PHONE,), (NEW_PHONE,), at=5)
    await line.hears(NEW_PHONE, at=6)
    (ana,) = await line.people()
    late = await line.hears(PHONE, at=4)
    stranger = await line.hears(PHONE, at=60, name="Ben")
    first, ben = await line.people()
    chats = {row.id: row.conversation_id for row in await line.rows(message)}
    assert first.id == ana.id
    assert chats[late] == conversation_of(ana.id)
    assert chats[stranger] == conversation_of(ben.id)
    assert await line.owner(*NEW_PHONE) == ana.id
    assert await line.owner("phone", "+905551112233") == ben.id
    past = {(r.kind, r.until - NOON) for r in await line.rows(alias_past)}
    assert past == {(k, timedelta(minutes=5)) for k in ("wa_id", "phone")}


async def test_whoever_had_the_new_number_before_is_somebody_else(line: Line) -> None:
    await line.hears(NEW_PHONE, at=1, name="Ben")
    await line.hears(PHONE, at=2, name="Ana")
    await line.moves((PHONE,), (NEW_PHONE,), at=5)
    await line.hears(NEW_PHONE, at=6)
    ben, ana = await line.people()
    assert await line.owner(*NEW_PHONE) == ana.id
    assert [
        r.contact_id for r in await line.rows(alias_past) if r.value == NEW_PHONE[1]
    ] == [ben.id]


@pytest.mark.parametrize(
    ("first", "second"), [(BSUID, NEW_BSUID), (LID, OTHER_LID)], ids=["user", "hidden"]
)
async def test_another_lasting_id_on_a_number_is_another_person(
    line: Line, first: tuple[str, str], second: tuple[str, str]
) -> None:
    await line.hears(PHONE, first, at=1, name="Ana")
    await line.hears(PHONE, second, at=2, name="Ben")
    await line.hears(PHONE, at=3, name="Ben")
    await line.hears(first, at=4, name="Ana")
    ana, ben = await line.people()
    chats = [row.conversation_id for row in await line.rows(message, message.c.sent_at)]
    mine, his = conversation_of(ana.id), conversation_of(ben.id)
    assert chats == [mine, his, his, mine]
    assert (ana.name, ben.name) == ("Ana", "Ben")


async def test_news_for_whoever_had_a_number_do_not_go_to_who_has_it_now(
    line: Line,
) -> None:
    await line.hears(PHONE, BSUID, at=1)
    await line.hears(NEW_PHONE, at=2)
    await line.hears(PHONE, NEW_BSUID, at=3)
    await line.moves((PHONE,), (NEW_PHONE,), at=5)
    ana, ben, _ = await line.people()
    at = {r.contact_id: r.address["value"] for r in await line.rows(conversation)}
    assert at[ana.id] == BSUID[1], "the number is another one's: the user id is left"
    assert at[ben.id] == "merged", "nothing is left: nobody is written to"


async def test_a_new_user_id_is_where_its_person_is_written_to(line: Line) -> None:
    await line.hears(BSUID, at=1)
    change = replace(line.change((BSUID,), (NEW_BSUID,), 2), contact_id=None)
    await line.take(change)
    await line.take(change)
    (chat,) = await line.rows(conversation)
    assert chat.address == {"kind": "bsuid", "value": NEW_BSUID[1]}


async def test_ids_that_contradict_what_is_known_make_no_two_people_one(
    line: Line,
) -> None:
    parents = ("ent_bsuid", "TR.ENT.1"), ("ent_bsuid", "TR.ENT.2")
    await line.hears(BSUID, parents[0], at=1, name="Ana")
    await line.hears(NEW_BSUID, parents[1], at=2, name="Ben")
    said = await line.hears(BSUID, parents[1], at=3, name="Ana")
    ana, ben = await line.people()
    assert (ana.name, ben.name) == ("Ana", "Ben")
    chats = {row.id: row.conversation_id for row in await line.rows(message)}
    assert chats[said] == conversation_of(ana.id)


async def test_whoever_holds_a_joined_chat_sees_where_it_goes_on(line: Line) -> None:
    """A reply that is being sent while both become one is not thrown away."""
    await line.hears(LID, at=1)
    await line.hears(PHONE, at=2)
    first, second = await line.people()
    await line.hears(PHONE, LID, at=3)
    standings = Standings(line.database)
    looking = asyncio.create_task(standings.run())
    try:
        found = await standings.of(conversation_of(second.id))
    finally:
        looking.cancel()
    assert found is not None
    assert found.conversation_id == conversation_of(first.id)
    assert (found.opted_out, found.address.value) == (False, PHONE[1])


async def test_a_lasting_id_on_a_new_number_leaves_the_old_number(line: Line) -> None:
    await line.hears(PHONE, LID, at=1)
    await line.hears(NEW_PHONE, LID, at=2)
    await line.hears(PHONE, at=60)
    ana, stranger = await line.people()
    assert await line.owner(*NEW_PHONE) == ana.id
    assert await line.owner(*PHONE) == stranger.id


async def test_another_phone_behind_a_number_is_noted(line: Line) -> None:
    await line.hears(PHONE, at=1, identity="one")
    await line.hears(PHONE, at=2, identity="one")
    (before,) = await line.people()
    await line.hears(PHONE, at=3, identity="two")
    (after,) = await line.people()
    assert before.identity_changed_at is None
    assert after.identity_changed_at == NOON + timedelta(minutes=3)


# -- whatever the order ---------------------------------------------------------------

_STORIES: dict[str, list[Any]] = {
    "a phone is learnt": [
        ((BSUID,), 1),
        ((PHONE,), 2),
        ((PHONE, BSUID), 3),
        ((BSUID,), 4),
    ],
    "a chain": [
        ((LID,), 1),
        ((PHONE,), 2),
        ((BSUID,), 3),
        ((PHONE, LID), 4),
        ((PHONE, BSUID), 5),
    ],
    "a number changes": [
        ((PHONE, BSUID), 1),
        "change",
        ((NEW_PHONE, NEW_BSUID), 3),
        ((NEW_PHONE,), 4),
    ],
    "a number changes, and nothing else is known": [
        ((PHONE,), 1),
        "plain change",
        ((NEW_PHONE,), 3),
    ],
}
_CHANGES = {
    "change": ((PHONE, BSUID), (NEW_PHONE, NEW_BSUID), 2),
    "plain change": ((PHONE,), (NEW_PHONE,), 2),
}


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
@pytest.mark.parametrize("name", _STORIES)
async def test_in_any_order_a_story_ends_in_one_person_with_all_messages_once(
    line: Line, name: str, data: st.DataObject
) -> None:
    story = data.draw(st.permutations(_STORIES[name]))
    calls = data.draw(st.lists(st.booleans(), min_size=len(story), max_size=len(story)))
    fresh = Line(
        line.database, line.tenant_id, await add_channel(line.database, line.tenant_id)
    )
    waiting: list[NewMessage | NewChange] = []
    written = []
    for event, ends in zip(story, calls, strict=True):
        if isinstance(event, str):
            previous, current, at = _CHANGES[event]
            waiting.append(fresh.change(previous, current, at))
            said = fresh.message(*current, at=at, kind="system")
        else:
            said = fresh.message(*event[0], at=event[1])
        waiting.append(said)
        written.append(said.id)
        if ends:
            await fresh.take(*waiting)
            waiting = []
    await fresh.take(*waiting)
    here = contact.c.channel_id == fresh.channel_id
    async with line.database.reading() as connection:
        people = (
            (
                await connection.execute(
                    select(contact.c.id).where(here, contact.c.merged_into.is_(None))
                )
            )
            .scalars()
            .all()
        )
        stored = (
            await connection.execute(
                select(message.c.id, message.c.conversation_id, message.c.seq)
                .where(message.c.channel_id == fresh.channel_id)
                .order_by(message.c.seq)
            )
        ).all()
    assert len(people) == 1
    assert {row.conversation_id for row in stored} == {conversation_of(people[0])}
    assert sorted(row.id for row in stored) == sorted(written)
    assert [row.seq for row in stored] == list(range(1, len(written) + 1))


async def test_merges_and_messages_at_once_lose_nothing(
    line: Line, database_url: str
) -> None:
    other = Database.open(database_url)
    there = Line(other, line.tenant_id, line.channel_id)
    try:
        for number in range(6):
            phone, lid = (
                ("wa_id", f"9055511122{number:02}"),
                ("lid", f"1{number}000@lid"),
            )
            await line.hears(lid, at=1)
            await there.hears(phone, at=2)
            await asyncio.gather(
                *(
                    each.hears(*ids, at=3 + n)
                    for n, (each, ids) in enumerate(
                        itertools.product(
                            (line, there), ((phone, lid), (lid,), (phone,))
                        )
                    )
                )
            )
    finally:
        await other.close()
    people = await line.people()
    assert len(people) == 6
    stored = await line.rows(message)
    assert len(stored) == 6 * 8
    for person in people:
        mine = [
            r.seq for r in stored if r.conversation_id == conversation_of(person.id)
        ]
        assert sorted(mine) == list(range(1, 9))
