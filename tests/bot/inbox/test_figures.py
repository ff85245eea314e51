"""The figures of a shop: each of them, from rows whose answer is known."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Table, event, insert

from bot.db import Database
from bot.ident import first_id
from bot.inbox.figures import Overview, overview_of
from bot.inbox.spans import spans_of
from bot.inbox.table import analysis, channel, contact, conversation, message
from orders.correcting import Corrected
from orders.table import draft, draft_change, order
from tests.databases import add_test_tenant

ISTANBUL = ZoneInfo("Europe/Istanbul")
FIRST, LAST = date(2026, 11, 11), date(2026, 11, 20)
NOON = datetime(2026, 11, 12, 9, tzinfo=UTC)
ASKS = {"nextBestActions": ["ask_missing_field"]}
REPLIES = {"nextBestActions": ["reply"]}


class Shop:
    """Writes rows of a shop as its process does, as few columns as it takes."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self.rows: dict[Table, list[dict[str, Any]]] = {}
        self.number = 0

    def put(self, table: Table, **values: Any) -> str:
        row_id = str(values.get("id", ""))
        row = {"tenant_id": self.tenant_id, **values}
        self.rows.setdefault(table, []).append(row)
        return row_id

    def id(self, kind: str, at: datetime) -> str:
        self.number += 1
        return first_id(kind, at)[:-8] + f"{self.number:08d}"

    def chat(self, at: datetime = NOON, **values: Any) -> str:
        contact_id = self.put(
            contact,
            id=self.id("con", at),
            channel_id="chn_1" + self.tenant_id[-8:],
            opted_out=False,
            created_at=at,
        )
        given = {"handover_at": None, **values}
        return self.put(
            conversation,
            id=self.id("cnv", at),
            channel_id="chn_1" + self.tenant_id[-8:],
            contact_id=contact_id,
            shard=0,
            address={},
            memory={},
            created_at=at,
            **given,
        )

    def says(self, chat: str, at: datetime, seq: int = 1, **values: Any) -> str:
        given = {"direction": "in", "event": "message", "actor": None, **values}
        message_id = self.id("msg", at)
        return self.put(
            message,
            id=message_id,
            channel_id="chn_1" + self.tenant_id[-8:],
            conversation_id=chat,
            seq=seq,
            kind="text",
            provider_id=message_id,
            content={},
            state="done",
            sent_at=at,
            received_at=at,
            **given,
        )

    def turn(self, chat: str, draft_id: str, seq: int, commerce: Any) -> None:
        self.put(
            analysis,
            id=self.id("anl", NOON),
            conversation_id=chat,
            from_seq=seq,
            to_seq=seq,
            status="completed",
            trigger="auto",
            source_type="text",
            result={},
            commerce=commerce,
            usage={},
            trace=[],
            draft_id=draft_id,
            attempts=1,
            max_attempts=5,
            started_at=NOON,
        )

    def draft(self, chat: str, at: datetime, *changes: tuple[str, str, str]) -> str:
        """Put a draft; a change is (type, line, actor)."""
        draft_id = self.put(
            draft,
            id=self.id("drf", at),
            conversation_id=chat,
            version=1,
            state="ordered",
            body={},
            created_at=at,
            updated_at=at,
        )
        for position, (kind, line, actor) in enumerate(changes):
            self.put(
                draft_change,
                draft_id=draft_id,
                version=1,
                position=position,
                change={"type": kind, "line_id": line},
                actor=actor,
                at=at,
            )
        return draft_id

    def order(
        self, chat: str | None, draft_id: str, at: datetime, **values: Any
    ) -> None:
        source = values.pop("by", "message")
        self.number += 1
        given = {"currency": "TRY", "grand_total": 1000, "state": "confirmed", **values}
        self.put(
            order,
            id=self.id("ord", at),
            number=self.number,
            draft_id=draft_id,
            draft_version=1,
            conversation_id=chat,
            body={"confirmed_by": {"source": source}},
            placed_at=at,
            updated_at=at,
            **given,
        )

    async def overview(
        self, first: date = FIRST, last: date = LAST, zone: ZoneInfo = ISTANBUL
    ) -> Overview:
        async with self.database.transaction() as connection:
            for table in (contact, conversation, message, draft, draft_change):
                if self.rows.get(table):
                    await connection.execute(insert(table), self.rows.pop(table))
            for table, rows in self.rows.items():
                await connection.execute(insert(table), rows)
            self.rows.clear()
        async with self.database.reading() as connection:
            return await overview_of(
                connection,
                self.tenant_id,
                spans_of(zone, first, last),
                first_id=first_id,
            )


async def open_shop(database: Database, **tenant: str) -> Shop:
    tenant_id = await add_test_tenant(database, **tenant)
    shop = Shop(database, tenant_id)
    async with database.transaction() as connection:
        await connection.execute(
            insert(channel).values(
                id="chn_1" + tenant_id[-8:],
                tenant_id=tenant_id,
                kind="whatsapp",
                external_id=tenant_id,
                access_token="-",
                state="active",
                created_at=NOON,
            )
        )
    return shop


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


def kinds(*pairs: tuple[str, str]) -> Sequence[tuple[str, str, str]]:
    return [(kind, f"L{n}", actor) for n, (kind, actor) in enumerate(pairs)]


async def test_every_figure_of_a_span_and_of_the_one_before(shop: Shop) -> None:
    hour = timedelta(hours=1)
    # One that ordered by itself after two questions, 90 minutes after it began.
    alone = shop.chat()
    shop.says(alone, NOON, 1)
    shop.says(alone, NOON + hour, 2)
    bought = shop.draft(alone, NOON, ("put_line", "", "contact:con_1"))
    for seq, commerce in ((1, ASKS), (2, ASKS), (2, REPLIES), (2, None)):
        shop.turn(alone, bought, seq, commerce)
    shop.order(alone, bought, NOON + hour * 1.5, grand_total=2500)
    # One whose draft an agent put right and confirmed.
    aided = shop.chat()
    shop.says(aided, NOON + timedelta(days=1))
    mended = shop.draft(
        aided,
        NOON,
        ("put_line", "", "contact:con_2"),
        ("put_line", "", "contact:con_2"),
        ("put_line", "", "user:usr_1"),
        ("replace_line", "L1", "user:usr_1"),
        ("choose_variant", "L1", "user:usr_1"),
        ("drop_line", "L2", "contact:con_2"),
    )
    shop.turn(aided, mended, 1, REPLIES)
    shop.order(aided, mended, NOON + timedelta(days=1, hours=0.5), by="agent")
    # One that a person answered, one that was taken over, one that was quiet.
    for helped in ({"actor": "user:usr_1"}, {"event": "echo", "actor": None}):
        chat = shop.chat()
        shop.says(chat, NOON)
        shop.says(chat, NOON, 2, direction="out", **helped)
    shop.says(shop.chat(handover_at=NOON), NOON)
    shop.says(shop.chat(), NOON, direction="out")
    # What was taken back counts nowhere; what a system brought is an order, too.
    shop.order(alone, "drf_gone", NOON, state="cancelled")
    shop.order(None, "drf_system", NOON, currency="EUR", grand_total=99)
    # The span before: one conversation, nothing sold.
    shop.says(shop.chat(), NOON - timedelta(days=5))
    overview = await shop.overview()

    now = overview.now
    assert (now.conversations, now.ordering, now.unaided) == (5, 2, 1)
    assert (now.orders, now.chat_orders) == (3, 2)
    assert now.value == {"EUR": 99, "TRY": 3500}
    assert now.conversion == 0.4
    assert now.unaided_share == 0.2
    assert now.questions_per_order == 1.0
    assert now.confirm_seconds == 3600.0
    assert now.corrected == Corrected(3, 1)
    assert now.accuracy == pytest.approx(2 / 3)
    before = overview.before
    assert (before.conversations, before.orders, before.unaided) == (1, 0, 1)
    assert before.conversion == 0
    assert before.questions_per_order is None
    assert before.confirm_seconds is None
    assert before.accuracy is None
    by_day = {each.day.day: each for each in overview.days}
    assert sorted(by_day) == list(range(11, 21))
    assert (by_day[12].conversations, by_day[12].orders) == (4, 2)
    assert (by_day[13].conversations, by_day[13].value) == (1, {"TRY": 1000})
    assert by_day[20].value == {}


async def test_another_shop_s_rows_count_nowhere(shop: Shop) -> None:
    other = await open_shop(shop.database, tenant_id="tenant_other")
    chat = other.chat()
    other.says(chat, NOON)
    other.order(chat, other.draft(chat, NOON, ("put_line", "", "contact:c")), NOON)
    await other.overview()
    mine = await shop.overview()
    assert (mine.now.conversations, mine.now.orders) == (0, 0)
    assert mine.now.corrected == Corrected()


@pytest.mark.parametrize("hour_setting", [date(2026, 3, 29), date(2026, 10, 25)])
async def test_days_begin_and_end_where_the_shop_is(
    shop: Shop, hour_setting: date
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, last = hour_setting - timedelta(days=2), hour_setting + timedelta(days=2)
    day = first - timedelta(days=5)
    while day <= last:
        for clock in ((0, 0), (12, 0), (23, 59)):
            at = datetime(day.year, day.month, day.day, *clock, tzinfo=berlin)
            shop.says(shop.chat(), at.astimezone(UTC))
        day += timedelta(days=1)
    overview = await shop.overview(first, last, berlin)
    assert [each.conversations for each in overview.days] == [3] * 5
    assert overview.before.conversations == 15


async def test_it_takes_a_few_statements_however_long_the_span_is(
    shop: Shop,
) -> None:
    statements: list[str] = []

    def count(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    async with shop.database.reading() as connection:
        engine = connection.sync_connection
        event.listen(engine, "before_cursor_execute", count)
        spans = spans_of(ISTANBUL, date(2026, 1, 1), LAST)
        await overview_of(connection, shop.tenant_id, spans, first_id=first_id)
        event.remove(engine, "before_cursor_execute", count)
    assert len([each for each in statements if each.startswith("SELECT")]) == 8
