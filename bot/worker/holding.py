"""When the only reader is away: the turn waits, and the customer is told once.

Messages are taken and kept all the while; when the reader is back, one turn reads them
all and gives one answer.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Row, exists, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.db.claims import Claim
from bot.domain.message import Alias, OutboundMessage, OutText
from bot.domain.snapshot import Owner
from bot.domain.voice import voice_of
from bot.inbox.speaking import Said, speak
from bot.inbox.table import contact, conversation, message
from bot.reading.guarding import ServiceAway
from bot.reading.reader import Call, ReaderUnavailable
from bot.runtime import Runtime
from bot.texts import wording_for
from bot.worker.failing import fail
from catalog.table import tenant
from orders.codec import load_shop
from orders.domain.retry import RetryPolicy
from orders.table import outbox

_log = structlog.get_logger(__name__)

#: Twelve attempts; those that the breaker forbids do not count, so an outage of a
#: quarter of an hour is survived. Then the turn is for a person to look at.
PATIENCE = RetryPolicy(
    attempts=12, base=timedelta(seconds=2), ceiling=timedelta(minutes=3)
)
#: From this attempt on the customer has waited long enough to be told.
_TOLD_AT = 2
_LONGEST_ERROR = 2000
_NOW = timedelta(0)


async def wait_for_reader(
    claim: Claim,
    error: ReaderUnavailable,
    runtime: Runtime,
    calls: Sequence[Call] = (),
) -> None:
    """Give a turn back until the reader may be there again. Never raises.

    `calls` are those of models that the attempt made.
    """
    try:
        await runtime.database.retried(
            lambda connection: _wait(connection, claim, error, runtime, calls)
        )
    except (DatabaseUnavailable, DBAPIError) as gone:
        # The lease ends by itself, and the turn runs again.
        _log.warning("turn_not_given_back", error=str(gone))
    runtime.outbox_bell.ring()


async def _wait(
    connection: AsyncConnection,
    claim: Claim,
    error: ReaderUnavailable,
    runtime: Runtime,
    calls: Sequence[Call],
) -> None:
    now = runtime.clock()
    again = await fail(
        connection,
        claim,
        f"{type(error).__name__}: {error}"[:_LONGEST_ERROR],
        new_id=runtime.new_id,
        now=now,
        jitter=runtime.jitter(),
        policy=PATIENCE,
        calls=calls,
    )
    if again is None:
        return
    changes: dict[str, Any] = {
        "ready_at": max(again, now + (error.retry_after or _NOW))
    }
    if isinstance(error, ServiceAway):
        # Nobody was asked: that was no attempt.
        changes["attempts"] = conversation.c.attempts - 1
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == claim.conversation_id)
        .values(**changes)
    )
    if claim.attempts >= _TOLD_AT or isinstance(error, ServiceAway):
        await _tell(connection, claim, runtime)


async def _tell(connection: AsyncConnection, claim: Claim, runtime: Runtime) -> None:
    """Ask the customer for patience, once for these messages; the row is locked."""
    row = (await connection.execute(_standing(claim))).one_or_none()
    if row is None or row.owner != Owner.BOT or row.opted_out or row.first is None:
        return
    key = f"hold:{row.first}"
    told = exists().where(outbox.c.unique_key == f"reply:{key}:1")
    if await connection.scalar(select(told)):
        return
    said = Said(
        tenant_id=claim.tenant_id,
        shard=row.shard,
        channel_id=row.channel_id,
        conversation_id=claim.conversation_id,
        seq=row.seq,
        key=key,
        messages=(_patience(row),),
    )
    await speak(connection, [said], new_id=runtime.new_id, now=runtime.clock())
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == claim.conversation_id)
        .values(seq=row.seq + 1)
    )


def _standing(claim: Claim) -> Any:  # noqa: ANN401  # a select of many columns
    first = (
        select(message.c.id)
        .where(
            message.c.conversation_id == claim.conversation_id,
            message.c.state == "pending",
        )
        .order_by(message.c.seq)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            conversation.c.shard,
            conversation.c.channel_id,
            conversation.c.seq,
            conversation.c.owner,
            conversation.c.address,
            conversation.c.language,
            contact.c.opted_out,
            tenant.c.language.label("shop_language"),
            *(tenant.c[name] for name in ("name", "currency")),
            *(tenant.c[name] for name in ("timezone", "country", "shop")),
            first.label("first"),
        )
        .join(contact, contact.c.id == conversation.c.contact_id)
        .join(tenant, tenant.c.id == conversation.c.tenant_id)
        .where(conversation.c.id == claim.conversation_id)
    )


def _patience(row: Row[Any]) -> OutboundMessage:
    wording = wording_for(row.language, row.shop_language)
    shop = load_shop(row.shop, timezone=row.timezone, country=row.country)
    voice = voice_of(wording, row.name, row.currency, shop.style)
    text = voice.text("say.one_moment")
    address = Alias.model_validate(row.address)
    return OutboundMessage(to=address, content=OutText(body=text))
