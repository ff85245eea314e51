"""People with many ids, as webhooks bring them: from the body to the contact."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.inbox.table import contact, contact_alias, conversation, message, quarantine
from tests.bot.web.entrance import ANA, BEN, Entrance, open_entrance
from tests.bot.web.entrance import body as full_body

USER, NEW_USER = "TR.1349120865530274", "TR.8642120865530274"
PHONE, NEW_PHONE = "905551112233", "905552223344"
OTHERS = "905556667788"


@pytest.fixture
async def entrance(sqlite_url: str) -> AsyncIterator[Entrance]:
    """Serve two merchants; what differs by engine is in tests of the inbox."""
    async with open_entrance(sqlite_url) as opened:
        yield opened


def body(*where: str, **message: Any) -> Any:
    """Return a body; who has no number has none beside the message either."""
    made = full_body(*where, **message)
    if message.get("from", PHONE) is None:
        del made["entry"][0]["changes"][0]["value"]["contacts"]
        del made["entry"][0]["changes"][0]["value"]["messages"][0]["from"]
    return made


def a_change(**update: Any) -> Mapping[str, Any]:
    """Return a `user_id_update` that names no number of ours."""
    value = {"messaging_product": "whatsapp", "user_id_update": [update]}
    change = {"field": "user_id_update", "value": value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "419561257915477", "changes": [change]}],
    }


def shared(*, user: str | None, phone: str = PHONE) -> dict[str, Any]:
    """Return a contact card that somebody without a number sends when asked."""
    said: dict[str, Any] = {"phone": f"+{phone}", "wa_id": phone}
    card = {"name": {"formatted_name": "Ana"}, "phones": [said]}
    if user is not None:
        said["user_id"] = user
    return {
        "type": "contacts",
        "from": None,
        "from_user_id": USER,
        "origin": "contact_request",
        "contacts": [card],
    }


async def aliases(entrance: Entrance) -> set[tuple[str, str]]:
    return {(r.kind, r.value) for r in await entrance.rows(contact_alias)}


async def people(entrance: Entrance) -> int:
    rows = await entrance.rows(contact)
    return sum(row.merged_into is None for row in rows)


async def test_who_has_no_number_is_known_and_answered_by_their_user_id(
    entrance: Entrance,
) -> None:
    hidden = {"from": None, "from_user_id": USER}
    assert await entrance.post(body("wamid.1", **hidden)) == 200
    (chat,) = await entrance.rows(conversation)
    assert chat.address == {"kind": "bsuid", "value": USER}
    assert await entrance.post(body("wamid.2", **{"from": PHONE})) == 200
    assert await people(entrance) == 2
    both = {"from": PHONE, "from_user_id": USER}
    assert await entrance.post(body("wamid.3", **both)) == 200
    assert await people(entrance) == 1
    assert len({row.conversation_id for row in await entrance.rows(message)}) == 1


@pytest.mark.parametrize(
    ("user", "trusted"),
    [(USER, True), (None, False), (NEW_USER, False)],
    ids=["their own", "nobody says whose", "somebody else's"],
)
async def test_a_shared_number_is_trusted_only_with_its_owners_user_id(
    entrance: Entrance, user: str | None, trusted: bool
) -> None:
    assert await entrance.post(body("wamid.1", **{"from": PHONE})) == 200
    assert await entrance.post(body("wamid.2", **shared(user=user))) == 200
    assert await people(entrance) == (1 if trusted else 2)


async def test_news_of_other_ids_without_a_number_holds_for_all_numbers_of_the_app(
    entrance: Entrance,
) -> None:
    known = {"from": None, "from_user_id": USER}
    for number in ANA.numbers:
        assert await entrance.post(body(f"w.{number}", number, **known)) == 200
    theirs = body("w.ben", BEN.numbers[0], **known)
    assert await entrance.post(theirs, secret=BEN.secret) == 200
    update = a_change(
        user_id={"previous": USER, "current": NEW_USER}, timestamp="1749416390"
    )
    assert await entrance.post(update) == 200
    new = [r for r in await entrance.rows(contact_alias) if r.value == NEW_USER]
    assert {row.tenant_id for row in new} == {ANA.tenant_id}
    assert len(new) == len(ANA.numbers)
    assert await people(entrance) == 3
    assert await entrance.rows(quarantine) == []


async def test_news_of_other_ids_that_nobody_can_read_is_kept(
    entrance: Entrance,
) -> None:
    assert await entrance.post(a_change(user_id="?")) == 200
    (kept,) = await entrance.rows(quarantine)
    assert kept.reason == "news: user_id_update"


@pytest.mark.parametrize(
    "system",
    [
        {"type": "user_changed_number", "wa_id": NEW_PHONE},
        {"type": "customer_changed_number", "new_wa_id": NEW_PHONE, "customer": PHONE},
        {
            "type": "user_changed_user_id",
            "wa_id": NEW_PHONE,
            "user_id": NEW_USER,
            "previous_user_id": USER,
        },
        {
            "type": "user_changed_user_id",
            "user_id": NEW_USER,
            "body": f"User Ana changed from {USER} to {NEW_USER}",
        },
    ],
    ids=["a number", "as it was written before", "a user id", "in words only"],
)
async def test_a_number_changes_in_every_generation_of_the_message(
    entrance: Entrance, system: Mapping[str, Any]
) -> None:
    before = {"from": PHONE, "from_user_id": USER}
    assert await entrance.post(body("wamid.1", **before)) == 200
    said: dict[str, Any] = {
        "type": "system",
        "system": {"body": "", **system},
        "from": PHONE,
    }
    if "User Ana" in said["system"]["body"]:
        said["from"] = None
    moved = body("wamid.2", **said, timestamp="1749416500")
    assert await entrance.post(moved) == 200
    assert await people(entrance) == 1
    known = await aliases(entrance)
    current = {NEW_PHONE} if system.get("wa_id") or system.get("new_wa_id") else set()
    current |= {NEW_USER} if system.get("user_id") else set()
    assert current <= {value for _, value in known}
    if NEW_PHONE in current:
        assert ("wa_id", PHONE) not in known
    assert len({row.conversation_id for row in await entrance.rows(message)}) == 1
