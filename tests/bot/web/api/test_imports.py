"""Product files through the API: taken in at once, imported in the background."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select, update

from bot.inbox.imports import Imports
from bot.web.api.imports import EncodingName, FormatName
from catalog.formats.encoding import ENCODINGS
from catalog.formats.registry import FORMATS
from catalog.import_table import catalog_import
from catalog.importing import Order, Pace, queue_import
from catalog.jobs import State, find_import
from tests.api import Api, open_api
from tests.bot.web.entrance import ANA
from tests.product_files import PATH, ended, imported, send

FEED = b"sku,name,price\nLAT,Latte,95\nCRO,Croissant,80.50\n"
WRONG = FEED + b"TEA,Tea,cheap\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of uploaded files; it is empty again at the end."""
    folder = tmp_path / "uploaded"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.glob("chatorder-*")) == []


async def products(api: Api) -> int:
    found: int = (await api.admin.read("/v1/products"))["total"]
    return found


async def test_a_file_is_imported_in_the_background(api: Api) -> None:
    accepted = await send(api.integration, FEED)
    assert accepted["state"] == "queued"
    assert accepted["actor"] == api.integration.actor
    done = await ended(api.agent, accepted)
    assert (done["state"], done["percent"], done["rows"]) == ("done", 100, 2)
    assert (done["added"], done["changed"], done["unchanged"]) == (2, 0, 0)
    assert (done["errors"], done["error"], done["mistakes"]) == ([], None, 0)
    assert done["started_at"] <= done["ended_at"]
    assert await products(api) == 2
    assert (await imported(api, FEED))["unchanged"] == 2
    listed = await api.agent.read(PATH)
    assert listed["total"] == 2
    assert listed["data"][1] == done


async def test_a_form_names_its_file(quick_api: Api) -> None:
    form = aiohttp.FormData(quote_fields=False)  # as browsers do
    form.add_field("file", FEED, filename="Ürünler.csv", content_type="text/csv")
    admin = quick_api.admin
    async with admin.session.post(
        admin.url + PATH, data=form, headers={"Authorization": f"Bearer {admin.key}"}
    ) as response:
        assert response.status == 202
        accepted = json.loads(await response.read())
    assert accepted["file_name"] == "Ürünler.csv"
    assert (await ended(admin, accepted))["added"] == 2


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'filename="\xff.csv"', ".csv"),
        (b"filename*=utf-8''a%00b.csv", "ab.csv"),
        (b"filename*=utf-8''a%ED%A0%80.csv", None),
    ],
    ids=["no UTF-8", "NUL", "half a character"],
)
@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionParam")
async def test_a_name_that_cannot_be_stored_is_cleaned(
    api: Api, disposition: bytes, name: str | None
) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; '
        + disposition
        + b"\r\nContent-Type: text/csv\r\n\r\n"
        + FEED
        + b"\r\n--b--\r\n"
    )
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await api.admin("POST", PATH, body, headers=form)
    if name is None:
        assert (answer.status, answer.kind) == (400, "malformed-request")
        return
    assert answer.status == 202, answer.raw
    assert answer.body["file_name"] == name
    assert (await ended(api.admin, answer.body))["state"] == "done"


async def test_wrong_rows_are_told_and_nothing_is_stored(api: Api) -> None:
    failed = await imported(api, WRONG)
    assert failed["state"] == "failed"
    assert failed["error"] == "1 mistakes: nothing was stored"
    (error,) = failed["errors"]
    assert (error["line"], error["column"]) == (4, "price")
    assert "'cheap' is not a number here" in error["message"]
    assert await products(api) == 0
    partial = await imported(api, WRONG, query="?partial=true")
    assert (partial["state"], partial["added"], partial["mistakes"]) == ("done", 2, 1)
    assert await products(api) == 2


async def test_a_dry_run_only_says_what_would_happen(quick_api: Api) -> None:
    dry = await imported(quick_api, FEED, query="?dry_run=true")
    assert (dry["state"], dry["dry_run"], dry["added"]) == ("done", True, 2)
    assert await products(quick_api) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("sku,name,price\nA,Çay,şöğ".encode() + b"\xff,1\n", "line 2 is not UTF-8"),
        (b"PK\x03\x04xx", "is damaged or protected by a password"),
        (b"<!DOCTYPE a><rss></rss>", "it declares a document type"),
        (b"sku,name,price\n", "has a header and no rows"),
        (b"\n", "is empty"),
    ],
    ids=["encoding", "spreadsheet", "entities", "header", "empty"],
)
async def test_a_damaged_file_fails_with_its_name_and_what_to_do(
    quick_api: Api, content: bytes, says: str
) -> None:
    failed = await imported(quick_api, content)
    assert failed["state"] == "failed"
    assert failed["error"].startswith("products")
    assert says in failed["error"]


def test_the_api_knows_every_format_and_encoding() -> None:
    assert [each.value for each in FormatName] == list(FORMATS)
    assert [each.value for each in EncodingName] == list(ENCODINGS)


async def test_any_format_is_taken_in_and_given_out(quick_api: Api) -> None:
    assert (await imported(quick_api, FEED))["format"] == "csv"
    for name in ("tsv", "jsonl", "xlsx"):
        answer = await quick_api.agent("GET", f"/v1/products/export?format={name}")
        assert answer.status == 200
        again = await imported(quick_api, answer.raw)
        assert (again["format"], again["unchanged"]) == (name, 2)
    answer = await quick_api.agent("GET", "/v1/products/export?format=google")
    assert answer.raw.startswith(b"<?xml")
    told = await imported(quick_api, FEED, query="?format=google&encoding=utf-8")
    assert told["errors"][0]["message"] == "the column is missing: add it"
    refused = await quick_api.agent("GET", "/v1/products/export?format=word")
    assert (refused.status, refused.kind) == (422, "invalid-request")


async def test_a_file_that_is_too_large_is_refused(sqlite_url: str) -> None:
    async with open_api(sqlite_url, import_limit_bytes=1024) as api:
        answer = await api.admin(
            "POST", PATH, b"x" * 1025, headers={"Content-Type": "text/csv"}
        )
        assert (answer.status, answer.kind) == (413, "body-too-large")
        assert "CHATORDER_IMPORT_LIMIT_BYTES" in answer.body["detail"]
        assert (await api.admin.read(PATH))["total"] == 0


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [(b"{}", "application/json", 415), (None, "text/csv", 400)],
    ids=["json", "nothing"],
)
async def test_only_files_are_taken(
    quick_api: Api, body: bytes | None, media_type: str, status: int
) -> None:
    answer = await quick_api.admin(
        "POST", PATH, body, headers={"Content-Type": media_type}
    )
    assert answer.status == status


async def test_a_form_that_cannot_be_read_is_refused(quick_api: Api) -> None:
    for part in ('Content-Disposition: form-data; name="\x05"', "nonsense", ""):
        answer = await quick_api.admin(
            "POST",
            PATH,
            f"--x\r\n{part}\r\n\r\n1\r\n--x--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        assert (answer.status, answer.kind) == (400, "malformed-request")


async def test_the_same_call_is_one_import(quick_api: Api) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "nightly"}
    first = await quick_api.admin("POST", PATH, FEED, headers=headers)
    again = await quick_api.admin("POST", PATH, FEED, headers=headers)
    assert (first.status, again.status) == (202, 202)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.body == first.body
    await ended(quick_api.admin, first.body)
    assert (await quick_api.admin.read(PATH))["total"] == 1


async def test_another_shops_import_is_not_there(quick_api: Api) -> None:
    accepted = await send(quick_api.admin, FEED)
    for answer in (
        await quick_api.ben.get(f"{PATH}/{accepted['id']}"),
        await quick_api.ben.post(f"{PATH}/{accepted['id']}/cancel"),
    ):
        assert (answer.status, answer.kind) == (404, "not-found")
    assert (await quick_api.ben.read(PATH))["total"] == 0
    assert (await ended(quick_api.admin, accepted))["state"] == "done"


# -- what waits, what is cancelled, what died -----------------------------------------


@pytest.fixture
async def queued(api: Api) -> str:
    """Return an import that nobody runs."""
    order = Order("imp_waiting", ANA.tenant_id, "feed.csv", "key:key_admin")
    await api.runtime.database.retried(
        lambda connection: queue_import(connection, order, api.runtime.clock())
    )
    return order.id


async def test_an_import_is_cancelled_until_it_has_ended(api: Api, queued: str) -> None:
    for _ in range(2):
        cancelled = await api.manager.post(f"{PATH}/{queued}/cancel")
        assert (cancelled.status, cancelled.body["state"]) == (200, "cancelled")
    done = await imported(api, FEED)
    late = await api.manager.post(f"{PATH}/{done['id']}/cancel")
    assert (late.status, late.kind) == (409, "conflict")
    assert late.body["detail"] == "the import has ended: it is done"


async def test_a_tenant_has_ten_imports_at_most_under_way(api: Api) -> None:
    for number in range(10):
        order = Order(f"imp_{number}", ANA.tenant_id, "feed.csv", "key:key_admin")
        async with api.runtime.database.transaction() as connection:
            await queue_import(connection, order, api.runtime.clock())
    refused = await api.admin("POST", PATH, FEED, headers={"Content-Type": "text/csv"})
    assert (refused.status, refused.kind) == (409, "conflict")
    assert "10 imports wait or run already" in refused.body["detail"]


async def test_an_import_whose_process_died_is_failed_by_another(
    api: Api, queued: str
) -> None:
    runtime = api.runtime
    await runtime.database.retried(
        lambda connection: connection.execute(
            update(catalog_import).values(
                state="running", lease_until=runtime.clock() - timedelta(seconds=1)
            )
        )
    )
    another = Imports(
        runtime.database, new_id=runtime.new_id, clock=runtime.clock, pace=Pace()
    )
    running = asyncio.create_task(another.run())
    failed = await ended(api.admin, {"id": queued})
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert failed["state"] == "failed"
    assert "the process that ran it ended in the middle" in failed["error"]


async def test_imports_that_wait_stay_alive_and_run_in_their_order(
    api: Api, tmp_path: Path
) -> None:
    runtime = api.runtime
    imports = Imports(
        runtime.database, new_id=runtime.new_id, clock=runtime.clock, pace=Pace()
    )
    soon_dead = Pace(lease=Pace().lease / 2)
    orders = [
        Order(f"imp_{n}", ANA.tenant_id, f"{n}.csv", "key:key_admin") for n in range(3)
    ]
    for order in orders:
        path = tmp_path / order.file_name
        rows = (f"{order.id}-{n},Thing {n},1\n" for n in range(1_000))
        path.write_text("sku,name,price\n" + "".join(rows))  # nothing runs yet
        async with runtime.database.transaction() as connection:
            await queue_import(connection, order, runtime.clock(), soon_dead)
        imports.accept(order, path)
    last = select(catalog_import.c.state, catalog_import.c.lease_until).where(
        catalog_import.c.id == orders[-1].id
    )
    lives = set()
    running = asyncio.create_task(imports.run())
    ending = asyncio.gather(*(ended(api.admin, {"id": order.id}) for order in orders))
    while not ending.done():
        async with runtime.database.reading() as connection:
            row = (await connection.execute(last)).one()
        if row.state == State.QUEUED:
            lives.add(row.lease_until)
        await asyncio.sleep(0.01)
    await ending
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert max(lives) > min(lives), "whoever waits is known to be alive"
    async with runtime.database.reading() as connection:
        found = [
            await find_import(connection, ANA.tenant_id, order.id) for order in orders
        ]
    ends = [each.ended_at for each in found if each and each.ended_at]
    assert [each.state for each in found if each] == ["done"] * 3
    assert ends == sorted(ends)
    left = list(tmp_path.glob("*.csv"))  # noqa: ASYNC240  # a few names
    assert left == []
