"""The inbox through the API: queues, whose work it is, what is read, labels, notes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.inbox.accounts import Role
from bot.inbox.table import conversation, message
from bot.inbox.users import change_user
from orders.table import draft, order
from tests.api import Office
from tests.console import Person, signed_in


async def _change(office: Office, chat: str, **values: Any) -> None:
    async with office.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(conversation).where(conversation.c.id == chat).values(**values)
        )


async def _chats(office: Office, count: int) -> list[str]:
    """Let so many customers write; return their conversations, the first one first."""
    return [
        await office.write(office.house.phone(f"90555000000{n}", f"Customer {n}"), "hi")
        for n in range(count)
    ]


async def _agent(office: Office, name: str, team: str | None = None) -> Person:
    person = await signed_in(office.house, name)
    if team is not None:
        async with office.house.runtime.database.transaction() as connection:
            await change_user(
                connection,
                office.house.tenant_id,
                person.user.id,
                known_as={"team": team, "sales_code": f"code of {name}"},
            )
    return person


async def _ids(person: Person, **query: str) -> list[str]:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    found = await person.call("GET", f"/v1/conversations?{words}")
    assert found["total"] == len(found["data"])
    return [each["id"] for each in found["data"]]


async def test_queues_say_who_waits_for_a_person_why_and_since_when(
    office: Office,
) -> None:
    deniz = await _agent(office, "Deniz")
    now = office.house.runtime.clock()
    asks, waits, failed, quiet = await _chats(office, 4)
    first = now - timedelta(hours=3)
    later = now - timedelta(hours=1)
    await _change(office, asks, owner="agent", handover_at=later)
    # Answered, and the customer wrote again.
    await _change(
        office, waits, owner="agent", answered_at=first, last_inbound_at=first
    )
    assert waits not in await _ids(deniz, queue="human")
    await _change(
        office, waits, last_inbound_at=first + timedelta(minutes=1), owner_id="key_x"
    )
    await _change(office, failed, error="it broke")
    await office.write(office.house.phone("905550000003", "Customer 3"), "2 latte")
    async with office.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(draft)
            .where(draft.c.conversation_id == quiet)
            .values(state="awaiting_approval")
        )
    for queue, expected in (
        ("human", [waits, asks]),
        ("failed", [failed]),
        ("confirm", [quiet]),
        ("open", [quiet]),
    ):
        assert await _ids(deniz, queue=queue) == expected, queue
    assert len(await _ids(deniz, queue="all")) == 4
    counts = await deniz.call("GET", "/v1/conversations/queues")
    expected_counts = {
        "confirm": 1,
        "human": 2,
        "failed": 1,
        "open": 1,
        "all": 4,
        "mine": 0,
        "team": 0,
        "nobody": 4,
    }
    assert {name: counts[name] for name in expected_counts} == expected_counts
    shown = await deniz.call("GET", f"/v1/conversations/{asks}")
    assert shown["needs"] == ["human"]
    assert shown["waits_since"] == later.isoformat().replace("+00:00", "Z")
    shown = await deniz.call("GET", f"/v1/conversations/{quiet}")
    assert (shown["needs"], shown["last_message"]["direction"]) == (["confirm"], "out")
    assert shown["waits_since"] is not None
    bad = await office.agent.get("/v1/conversations", queue="none")
    assert (bad.status, bad.kind) == (422, "invalid-request")


async def test_whose_work_it_is_and_how_it_changes_hands(quick_office: Office) -> None:
    office = quick_office
    ana = await _agent(office, "Ana", team="Kadikoy")
    ben = await _agent(office, "Ben")
    one, two = await _chats(office, 2)
    taken = await ana.call("POST", f"/v1/conversations/{one}/take-over")
    assert taken["assignee"]["id"] == ana.user.id
    assert (taken["assignee"]["name"], taken["team"]) == ("Ana", "Kadikoy")
    taken = await ben.call("POST", f"/v1/conversations/{one}/take-over")
    assert (taken["owner_id"], taken["assignee"]["name"]) == (ben.user.id, "Ana")
    assert await _ids(ana, assigned="me") == [one]
    assert await _ids(ana, assigned="team") == [one]
    assert await _ids(ben, assigned="team") == []
    assert await _ids(ben, assigned="nobody") == [two]
    assert await _ids(ben, assigned=ana.user.id, queue="human") == [one]
    counts = await ana.call("GET", "/v1/conversations/queues?assigned=nobody")
    assert (counts["all"], counts["mine"], counts["team"]) == (1, 1, 1)
    back = await ben.call("POST", f"/v1/conversations/{one}/hand-back")
    assert (back["assignee"], back["team"]) == (None, None)
    address = f"/v1/conversations/{two}/assign"
    given = await ben.call("POST", address, {"team": "Kadikoy"})
    assert (given["assignee"], given["team"]) == (None, "Kadikoy")
    given = await ben.call("POST", address, {"user_id": ana.user.id, "team": None})
    assert (given["assignee"]["name"], given["team"]) == ("Ana", "Kadikoy")
    for body in ({"user_id": "user_none"}, {"team": "Besiktas"}):
        refused = await ben.call("POST", address, body, status=422)
        assert refused["type"].endswith("invalid-request")
    gone = "/v1/conversations/none/assign"
    assert (await ben.call("POST", gone, {}, status=404))["status"] == 404
    released = await ben.call("POST", address, {})
    assert (released["assignee"], released["team"]) == (None, None)
    history = await ben.call("GET", f"/v1/conversations/{two}/history")
    assert [(x["kind"], x["user_id"], x["team"]) for x in history["data"]] == [
        ("released", None, None),
        ("assigned", ana.user.id, None),
        ("assigned", None, "Kadikoy"),
    ]
    mine = await office.agent.get("/v1/conversations", assigned="me")
    assert (mine.status, mine.kind) == (422, "invalid-request")


async def test_the_next_one_is_the_work_of_who_has_the_least(
    quick_office: Office,
) -> None:
    office = quick_office
    chats = await _chats(office, 4)
    nobody = await office.agent.post(f"/v1/conversations/{chats[0]}/assign-next")
    assert (nobody.status, nobody.kind) == (409, "conflict")
    boss = await signed_in(office.house, "Boss", Role.ADMIN)
    first = await boss.call("POST", f"/v1/conversations/{chats[0]}/assign-next")
    assert first["assignee"]["name"] == "Boss"  # There is no agent.
    ana = await _agent(office, "Ana", team="Kadikoy")
    await _agent(office, "Ben")
    for chat in chats:
        await _change(office, chat, owner="agent")
    names = []
    for chat in chats[1:]:
        shown = await ana.call("POST", f"/v1/conversations/{chat}/assign-next", {})
        names.append(shown["assignee"]["name"])
    assert sorted(names[:2]) == ["Ana", "Ben"]
    assert names[2] == names[0]  # Both have one: it is who was given one before.
    team = {"team": "Kadikoy"}
    shown = await ana.call("POST", f"/v1/conversations/{chats[0]}/assign-next", team)
    assert (shown["assignee"]["name"], shown["team"]) == ("Ana", "Kadikoy")
    people = await ana.call("GET", "/v1/colleagues")
    assert {each["name"]: each["open"] for each in people["data"]} == {
        "Ana": 1 + names.count("Ana"),
        "Ben": names.count("Ben"),
        "Boss": 0,
    }


async def test_an_order_is_sold_by_whose_work_the_conversation_was(
    quick_office: Office,
) -> None:
    office = quick_office
    ana = await _agent(office, "Ana", team="Kadikoy")
    phone = office.house.phone()
    chat = await office.write(phone, "2 latte")
    await ana.call("POST", f"/v1/conversations/{chat}/assign", {"user_id": ana.user.id})
    await office.write(phone, "pick up", "yes")
    async with office.house.runtime.database.reading() as connection:
        (row,) = await connection.execute(select(order.c.sold_by, order.c.sold_team))
    assert tuple(row) == (ana.user.id, "Kadikoy")


async def test_what_a_person_has_not_read_is_counted(office: Office) -> None:
    deniz = await _agent(office, "Deniz")
    phone = office.house.phone()
    chat = await office.write(phone, "hi", "2 latte")
    address = f"/v1/conversations/{chat}"
    assert (await deniz.call("GET", address))["unread"] == 2
    assert (await office.agent.read(address))["unread"] == 0
    page = await deniz.call("GET", f"{address}/messages")
    newest = page["data"][0]
    seen = await deniz.call("POST", f"{address}/read", {"seq": newest["seq"]})
    assert seen["unread"] == 0
    assert seen["last_message"]["text"] == newest["text"][:200]
    await office.write(phone, "1 tea")
    assert (await deniz.call("GET", address))["unread"] == 1
    back = await deniz.call("POST", f"{address}/read", {"seq": 1})
    assert back["unread"] == 1  # It never goes back.
    assert (await office.agent.post(f"{address}/read", {"seq": 99})).status == 200
    # What is not there yet is not read.
    ahead = await deniz.call("POST", f"{address}/read", {"seq": 2**53})
    assert ahead["unread"] == 0
    await office.write(phone, "1 latte")
    assert (await deniz.call("GET", address))["unread"] == 1
    async with office.house.runtime.database.transaction() as connection:
        (last,) = await connection.execute(
            select(message).order_by(message.c.seq.desc()).limit(1)
        )
        copies = [
            {
                **last._asdict(),
                "id": f"msg_{n}",
                "seq": last.seq + n,
                "provider_id": None,
                "direction": "in",
            }
            for n in range(1, 111)
        ]
        await connection.execute(message.insert(), copies)
    assert (await deniz.call("GET", address))["unread"] == 99


async def test_labels_are_the_shops_own_words(quick_office: Office) -> None:
    office = quick_office
    boss = await signed_in(office.house, "Boss", Role.MANAGER)
    one, two = await _chats(office, 2)
    big = await boss.call("POST", "/v1/labels", {"name": "Wholesale"}, status=201)
    assert big["colour"] == "grey"
    late = {"name": "Late ", "colour": "red"}
    late = await boss.call("POST", "/v1/labels", late, status=201)
    assert late["name"] == "Late"
    await boss.call("POST", "/v1/labels", {"name": "WHOLESALE"}, status=409)
    await boss.call("POST", "/v1/labels", {"name": "x", "colour": "plaid"}, status=422)
    wants = {"label_ids": [big["id"], late["id"]]}
    shown = await boss.call("PUT", f"/v1/conversations/{one}/labels", wants)
    assert [each["name"] for each in shown["labels"]] == ["Late", "Wholesale"]
    strange = {"label_ids": ["label_none"]}
    await boss.call("PUT", f"/v1/conversations/{one}/labels", strange, status=422)
    assert await _ids(boss, label_id=late["id"]) == [one]
    changed = {"name": "Waits", "colour": "teal"}
    await boss.call("PATCH", f"/v1/labels/{late['id']}", changed)
    await boss.call(
        "PATCH", f"/v1/labels/{late['id']}", {"name": "wholesale"}, status=409
    )
    listed = await boss.call("GET", "/v1/labels")
    assert [(x["name"], x["conversations"]) for x in listed["data"]] == [
        ("Waits", 1),
        ("Wholesale", 1),
    ]
    await boss.call("DELETE", f"/v1/labels/{late['id']}", status=204)
    await boss.call("PATCH", f"/v1/labels/{late['id']}", changed, status=404)
    shown = await boss.call("GET", f"/v1/conversations/{one}")
    assert [each["name"] for each in shown["labels"]] == ["Wholesale"]
    assert (await boss.call("GET", f"/v1/conversations/{two}"))["labels"] == []
    refused = await office.agent.post("/v1/labels", {"name": "Mine"})
    assert (refused.status, refused.kind) == (403, "forbidden")


async def test_notes_are_for_the_shops_people_alone(
    quick_office: Office,
) -> None:
    office = quick_office
    ana, ben = await _agent(office, "Ana"), await _agent(office, "Ben")
    phone = office.house.phone()
    chat = await office.write(phone, "hi")
    heard = len(phone.inbox)
    address = f"/v1/conversations/{chat}/notes"
    note = await ana.call("POST", address, {"text": "wants an invoice"}, status=201)
    assert (note["author_name"], note["is_own"]) == ("Ana", True)
    await office.agent.post(address, {"text": "a program's"})
    listed = await ben.call("GET", address)
    assert [(x["author_name"], x["is_own"]) for x in listed["data"]] == [
        (None, False),
        ("Ana", False),
    ]
    await ben.call("DELETE", f"{address}/{note['id']}", status=403)
    await ana.call("DELETE", f"{address}/{note['id']}", status=204)
    await ana.call("DELETE", f"{address}/{note['id']}", status=404)
    await ana.call("GET", "/v1/conversations/none/notes", status=404)
    await ana.call("POST", address, {"text": " \n"}, status=422)
    assert (await ana.call("GET", address))["total"] == 1
    await office.house.rest()
    assert len(phone.inbox) == heard


async def test_a_prepared_answer_is_kept_and_changed(quick_office: Office) -> None:
    boss = await signed_in(quick_office.house, "Boss", Role.MANAGER)
    address = "/v1/canned-replies"
    given = {"shortcut": "hours", "title": "Hours", "text": "Hello {name}, 9 to 18."}
    made = await boss.call("POST", address, given, status=201)
    await boss.call("POST", address, given, status=409)
    await boss.call("POST", address, {**given, "shortcut": "a b"}, status=422)
    other = {**given, "shortcut": "again"}
    other = await boss.call("POST", address, other, status=201)
    place = f"{address}/{other['id']}"
    await boss.call("PATCH", place, {"shortcut": "hours"}, status=409)
    changed = await boss.call("PATCH", place, {"title": "Later"})
    assert (changed["title"], changed["text"]) == ("Later", given["text"])
    listed = await quick_office.agent.read(address)
    assert [each["shortcut"] for each in listed["data"]] == ["again", "hours"]
    await boss.call("DELETE", place, status=204)
    await boss.call("GET", place, status=404)
    assert (await boss.call("GET", f"{address}/{made['id']}"))["shortcut"] == "hours"
    refused = await quick_office.agent.post(address, given)
    assert (refused.status, refused.kind) == (403, "forbidden")


async def test_a_conversation_is_found_by_what_people_remember(office: Office) -> None:
    deniz = await _agent(office, "Deniz")
    ada, bob = office.house.phone("905551234567", "Ada ÖZ"), office.house.phone()
    first = await office.write(ada, "2 latte", "pick up", "yes")
    second = await office.write(bob, "Şeker 100% olsun lütfen")
    async with office.house.runtime.database.reading() as connection:
        number = (await connection.execute(select(order.c.number))).scalar_one()
    for words, expected in (
        ("ada%20%C3%B6z", [first]),
        ("%C3%B6z", [first]),  # öz
        ("4567", [first]),
        ("%2B90 555 123 45 67", [first]),
        ("99123", []),
        (f"%23{number}", [first]),
        ("%C5%9Feker", [second]),  # şeker
        ("100%25", [second]),
        ("type", []),
    ):
        found = await _ids(deniz, search=words.replace(" ", "%20"))
        assert found == expected, words


async def test_the_bots_own_question_is_asked_by_a_person(quick_office: Office) -> None:
    office = quick_office
    deniz = await _agent(office, "Deniz")
    phone = office.house.phone()
    chat = await office.write(phone, "2 latte")
    address = f"/v1/conversations/{chat}/ask"
    lacks = (await office.draft(chat))["missing"]
    (wanted,) = [each for each in lacks if each["field"] == "fulfilment"]
    heard = len(phone.inbox)
    sent = await deniz.call("POST", address, {"field": "fulfilment"}, status=201)
    assert sent["data"][0]["text"] == wanted["question"]
    assert sent["data"][0]["actor"] == f"user:{deniz.user.id}"
    (said,) = await office.house.hears(phone, heard)
    assert said.text == wanted["question"]
    await office.write(phone, "pick up")
    assert (await office.draft(chat))["fulfilment"] == "pickup"
    refused = await deniz.call("POST", address, {"field": "fulfilment"}, status=409)
    assert "does not lack 'fulfilment'" in refused["detail"]
    await deniz.call("POST", "/v1/conversations/none/ask", {"field": "x"}, status=404)


async def test_a_prepared_answer_is_sent_with_its_names_filled_in(
    quick_office: Office,
) -> None:
    office = quick_office
    boss = await signed_in(office.house, "Boss", Role.MANAGER)
    phone = office.house.phone(name="Ada")
    chat = await office.write(phone, "hi")
    given = {"shortcut": "hi", "title": "Hi", "text": "Hello {name}, this is {shop}."}
    made = await boss.call("POST", "/v1/canned-replies", given)
    address = f"/v1/conversations/{chat}/messages"
    words = {"canned_reply_id": made["id"]}
    await boss.call("POST", address, words, status=409)  # The bot has it.
    await boss.call("POST", f"/v1/conversations/{chat}/take-over")
    sent = await boss.call("POST", address, words, status=201)
    shop = (await boss.call("GET", "/v1/tenant"))["name"]
    assert sent["data"][0]["text"] == f"Hello Ada, this is {shop}."
    await boss.call("POST", address, {"canned_reply_id": "reply_none"}, status=422)
    await boss.call("POST", address, {**words, "text": "x"}, status=422)
