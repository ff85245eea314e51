"""Laws of every channel's webhooks, with bodies that nobody has seen yet.

The real server on both databases: what is proven is answered with 200, is stored as
far as it can be read, and no part of a body costs another one. `make chaos` tries a
hundred times as often.
"""

import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.message import ECHO, InboundMessage
from tests.bot.web.doors import (
    NUMBER,
    SAMPLE_NUMBER,
    Doors,
    new_id,
    opened,
    sample,
    samples,
    sqlite_copy,
)
from tests.bot.web.entrance import change, envelope, status, text
from tests.databases import copy_database
from tests.mutations import damaged, mutated

pytestmark = pytest.mark.chaos

LAW = settings(
    max_examples=3000 if os.environ.get("CHATORDER_CHAOS") == "long" else 12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
KINDS = ["whatsapp", "evolution", "waha"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def doors(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Doors]:
    """Serve all kinds of channels: once for each engine, and for all laws."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("laws")
        url = sqlite_copy(request.getfixturevalue("migrated_file"), folder)
    else:
        url = copy_database(request.getfixturevalue("postgres_address"), "laws")
    async with opened(url) as each:
        yield each


def items_of(kind: str) -> list[Any]:
    """Return what stands in the lists of the samples: messages, news, echoes ..."""
    found: list[Any] = []
    for path in samples(kind):
        parsed = sample(kind, path.stem)
        if kind == "evolution":
            if parsed.get("event") == "messages.upsert":
                data = parsed["data"]
                found += data if isinstance(data, list) else [data]
            continue
        for entry in parsed["entry"]:
            for each in entry.get("changes", []) if isinstance(entry, dict) else []:
                value = each.get("value") if isinstance(each, dict) else None
                found += value.get("messages", []) if isinstance(value, dict) else []
    return [each for each in found if isinstance(each, dict)]


#: Made once: each knows where everything stands in its sample.
ITEMS = {
    kind: st.one_of([damaged(item) for item in items_of(kind)])
    for kind in ("whatsapp", "evolution")
}
BODIES = {kind: st.one_of([mutated(path) for path in samples(kind)]) for kind in KINDS}


def among_healthy(kind: str, item: Any) -> tuple[dict[str, Any], set[str]]:
    """Return a body with an item between two that are well, and the ids of those."""
    first, last = new_id(), new_id()
    if kind == "whatsapp":
        healthy = change(NUMBER, text(first), text(last), statuses=[status(first)])
        healthy["value"]["messages"].insert(1, item)
        healthy["value"]["statuses"].insert(0, item)
        return envelope([healthy]), {first, last}
    body = sample("evolution")
    well = []
    for each in (first, last):
        data = json.loads(json.dumps(body["data"]))
        data["key"]["id"] = each
        well.append(data)
    return body | {"data": [well[0], item, well[1]]}, {first, last}


@pytest.mark.parametrize("kind", ["whatsapp", "evolution"])
@LAW
@given(data=st.data())
async def test_a_damaged_item_never_costs_its_neighbours(
    doors: Doors, kind: str, data: st.DataObject
) -> None:
    item = data.draw(ITEMS[kind])
    body, well = among_healthy(kind, item)
    assert await doors.post(kind, json.dumps(body).encode()) == 200
    assert {name for _, name in await doors.stored(well)} == well


@pytest.mark.parametrize("kind", KINDS)
@LAW
@given(data=st.data())
async def test_whatever_a_body_became_all_that_can_be_read_of_it_is_stored(
    doors: Doors, kind: str, data: st.DataObject
) -> None:
    raw = data.draw(BODIES[kind])
    raw = raw.replace(SAMPLE_NUMBER.encode(), NUMBER.encode())
    assert await doors.post(kind, raw) == 200
    theirs = {NUMBER, "shop1", "default"}
    told = {
        (item.event, item.provider_id)
        for item in doors.entrance.runtime.channels[kind].translate(raw)
        if isinstance(item, InboundMessage)
        and item.account in theirs
        and item.event != ECHO  # One of our own is left out.
    }
    assert await doors.stored(name for _, name in told) >= told
