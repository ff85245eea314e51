"""The files of messages, for those who may see the chat; and who may only knock."""

import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.inbox.table import media, message
from tests.api import Api, open_api
from tests.bot.web.entrance import body

OGG = b"OggS" + bytes(24) + b"OpusHead" + bytes(range(64))
SHA256 = hashlib.sha256(OGG).hexdigest()
VOICE: dict[str, Any] = {
    "type": "audio",
    "audio": {"id": "1", "mime_type": "text/html", "voice": True},
}


@pytest.fixture(scope="module")
async def api(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("shop")
    path = folder / "shop.db"
    shutil.copy(migrated_file, path)
    settings = {"media_dir": folder / "media", "api_refusals_per_address": 3}
    async with open_api(f"sqlite:///{path}", **settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def voice(api: Api) -> str:
    """Return the id of a message with a voice note that is kept."""
    assert await api.entrance.post(body("wamid.1", **VOICE)) == 200
    (stored,) = await api.entrance.rows(message)
    found = await api.agent.get(f"/v1/messages/{stored.id}/media")
    assert (found.status, found.kind) == (404, "not-found")
    assert "not fetched yet" in found.body["detail"]
    await api.runtime.media.put(SHA256, OGG)
    async with api.runtime.database.transaction() as connection:
        await connection.execute(
            insert(media).values(
                message_id=stored.id,
                tenant_id=stored.tenant_id,
                outcome="stored",
                mime="text/html",
                sha256=SHA256,
                size=len(OGG),
                fetched_at=api.runtime.clock(),
            )
        )
    return str(stored.id)


async def test_a_file_is_what_its_bytes_are_and_runs_nothing(
    api: Api, voice: str
) -> None:
    answer = await api.agent.get(f"/v1/messages/{voice}/media")
    assert (answer.status, answer.raw) == (200, OGG)
    assert answer.headers["Content-Type"] == "audio/ogg", "not what was claimed"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


SIZE = len(OGG)
RANGES: dict[str, tuple[str, int, slice, str | None]] = {
    "from the beginning": ("bytes=0-9", 206, slice(0, 10), f"bytes 0-9/{SIZE}"),
    "to the end": ("bytes=90-", 206, slice(90, None), f"bytes 90-{SIZE - 1}/{SIZE}"),
    "the last ones": ("bytes=-5", 206, slice(-5, None), f"bytes 95-{SIZE - 1}/{SIZE}"),
    "more than there is": ("bytes=90-999", 206, slice(90, None), None),
    "behind the end": ("bytes=100-", 416, slice(0, 0), f"bytes */{SIZE}"),
    "several": ("bytes=0-1,4-5", 200, slice(None), None),
    "not a range": ("lines=1-2", 200, slice(None), None),
}


@pytest.mark.parametrize("case", RANGES.values(), ids=RANGES)
async def test_players_get_the_part_that_they_ask_for(
    api: Api, voice: str, case: tuple[str, int, slice, str | None]
) -> None:
    asked, status, part, said = case
    path = f"/v1/messages/{voice}/media"
    answer = await api.agent("GET", path, headers={"Range": asked})
    assert (answer.status, answer.raw) == (status, OGG[part])
    assert said in {None, answer.headers.get("Content-Range")}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


WHY = {
    ("gone", "the media is not what was announced: its hash differs"): "hash differs",
    ("unavailable", "it took too long"): "could not be fetched",
    ("expired", None): "for as long as this shop keeps files",
}


@pytest.mark.parametrize(("became", "told"), WHY.items(), ids=[w[0] for w in WHY])
async def test_a_file_that_is_not_there_says_why(
    api: Api, voice: str, became: tuple[str, str | None], told: str
) -> None:
    await change(api, voice, outcome=became[0], error=became[1])
    answer = await api.agent.get(f"/v1/messages/{voice}/media")
    assert (answer.status, answer.kind) == (404, "not-found")
    assert told in answer.body["detail"]
    await change(api, voice, outcome="stored", error=None)


async def change(api: Api, message_id: str, **values: Any) -> None:
    async with api.runtime.database.transaction() as connection:
        await connection.execute(
            update(media).where(media.c.message_id == message_id).values(values)
        )


async def test_nobody_else_sees_it(api: Api, voice: str) -> None:
    path = f"/v1/messages/{voice}/media"
    assert (await api.ben.get(path)).status == 404
    assert (await api.integration.get(path)).status == 403


async def test_who_guesses_keys_is_counted_and_others_at_the_address_go_on(
    api: Api,
) -> None:
    statuses = [(await api.nobody.get("/v1/me")).status for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    last = await api.nobody.get("/v1/me")
    assert (last.kind, int(last.headers["Retry-After"]) > 0) == (
        "too-many-requests",
        True,
    )
    assert (await api.agent.get("/v1/me")).status == 200
