"""Showing a person what is known about them: all of it, and of nobody else."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from bot.inbox.table import conversation
from bot.privacy.exporting import (
    DOCUMENT,
    FORMAT,
    VERSION,
    Exported,
    NotKnown,
    export_contacts,
)
from bot.privacy.rooms import ROOMS
from bot.privacy.subject import contacts_known_as
from tests.bot.privacy.person import TRACES, erase, files, tells_all
from tests.bot.worker.by_hand import ByHand


async def export(
    shop: ByHand, *contact_ids: str, tenant_id: str | None = None
) -> tuple[Exported, zipfile.ZipFile]:
    runtime, file = shop.house.runtime, io.BytesIO()
    async with runtime.database.reading() as connection:
        done = await export_contacts(
            connection,
            runtime.media,
            tenant_id or shop.house.tenant_id,
            contact_ids,
            file,
            now=runtime.clock(),
        )
    return done, zipfile.ZipFile(file)


def read(archive: zipfile.ZipFile) -> Any:
    return json.loads(archive.read(DOCUMENT))


async def test_all_that_a_person_told_is_in_the_document(shop: ByHand) -> None:
    chat = await shop.house.chat(await tells_all(shop))
    done, archive = await export(shop, chat.contact_id)
    text = archive.read(DOCUMENT).decode()
    assert [word for word in TRACES if word not in text] == []
    document = read(archive)
    assert (document["format"], document["version"]) == (FORMAT, VERSION)
    (person,) = document["contacts"]
    assert list(person) == [room.name for room in ROOMS]
    assert done.rows == {name: len(rows) for name, rows in person.items() if rows}
    for told in (
        *("contact", "aliases", "conversations", "messages", "media", "analyses"),
        *("drafts", "draft_changes", "customers", "addresses", "orders", "replies"),
        *(
            "activities",
            "learnt_aliases",
            "order_lines",
            "order_moves",
            "deliveries",
            "reply_attempts",
            "statuses",
        ),
    ):
        assert person[told], told


async def test_files_come_along_under_their_hash(shop: ByHand) -> None:
    chat = await shop.house.chat(await tells_all(shop))
    done, archive = await export(shop, chat.contact_id)
    ((media,), (name,)) = (
        read(archive)["contacts"][0]["media"],
        [each for each in archive.namelist() if each != DOCUMENT],
    )
    assert media["file"] == name
    assert hashlib.sha256(archive.read(name)).hexdigest() == media["sha256"]
    assert (done.files, done.missing) == (1, ())


async def test_a_file_that_is_gone_is_named_and_the_rest_is_there(shop: ByHand) -> None:
    chat = await shop.house.chat(await tells_all(shop))
    (path,) = await files(shop)
    path.unlink()
    done, archive = await export(shop, chat.contact_id)
    (media,) = read(archive)["contacts"][0]["media"]
    assert (done.files, done.missing) == (0, (media["sha256"],))


async def test_nothing_of_others_is_in_it(shop: ByHand) -> None:
    await tells_all(shop)
    ben = shop.house.phone("905559998877", "Ben")
    await shop.hear(ben, "1 latte for Ben")
    chat = await shop.house.chat(ben)
    _, archive = await export(shop, chat.contact_id)
    text = archive.read(DOCUMENT).decode()
    assert "latte for Ben" in text
    for word in ("Ana", "Lovelace", "905551112233", "Lale"):
        assert word not in text


async def test_the_engines_own_numbers_are_left_out(shop: ByHand) -> None:
    chat = await shop.house.chat(await tells_all(shop))
    _, archive = await export(shop, chat.contact_id)
    (shown,) = read(archive)["contacts"][0]["conversations"]
    assert not {"fence", "rev", "shard", "tenant_id"} & set(shown)
    assert {"language", "memory", "owner"} <= set(shown)


async def test_moments_carry_their_zone(shop: ByHand) -> None:
    chat = await shop.house.chat(await tells_all(shop))
    _, archive = await export(shop, chat.contact_id)
    document = read(archive)
    moments = [m["sent_at"] for m in document["contacts"][0]["messages"]]
    assert all(each.endswith("+00:00") for each in (*moments, document["exported_at"]))


async def test_after_erasing_only_the_purchase_is_left_to_show(shop: ByHand) -> None:
    ana = await tells_all(shop)
    report = await erase(shop, ana)
    _, archive = await export(shop, report.contact_id)
    text = archive.read(DOCUMENT).decode()
    assert [word for word in TRACES if word in text] == []
    (person,) = read(archive)["contacts"]
    assert person["orders"][0]["body"]["name"] == report.pseudonym
    assert person["messages"] == []


@pytest.mark.parametrize(
    "number", ["+905551112233", "905551112233", "+90 555 111 22 33"]
)
async def test_a_person_is_found_by_their_number(shop: ByHand, number: str) -> None:
    chat = await shop.house.chat(await tells_all(shop))
    async with shop.house.runtime.database.reading() as connection:
        found = await contacts_known_as(connection, shop.house.tenant_id, number)
        foreign = await contacts_known_as(connection, "tenant_other", number)
    assert found == (chat.contact_id,)
    assert foreign == ()


@pytest.mark.parametrize("wanted", ["con_nobody", "+900000000000", "", "%"])
async def test_nobody_is_found_by_what_names_nobody(shop: ByHand, wanted: str) -> None:
    await tells_all(shop)
    async with shop.house.runtime.database.reading() as connection:
        assert (await contacts_known_as(connection, shop.house.tenant_id, wanted)) == ()


async def test_another_tenants_contact_is_not_known(shop: ByHand) -> None:
    await tells_all(shop)
    (chat,) = await shop.house.rows(conversation)
    with pytest.raises(NotKnown, match=chat.contact_id):
        await export(shop, chat.contact_id, tenant_id="tenant_other")
