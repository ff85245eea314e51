"""What is wrong with a merchant's channels and chats right now. Nothing is written."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alarming import (
    DAY,
    RECENT,
    AlarmKind,
    Condition,
    Tallied,
    link_is_lost,
    signatures_fail,
    token_ends,
)
from bot.domain.handed import UNANSWERED
from bot.domain.referring import CLOSED
from bot.inbox.accounts import ChannelState
from bot.inbox.health_table import channel_vitals, webhook_tally
from bot.inbox.pausing import BY_PERSON
from bot.inbox.table import channel, conversation
from orders import DraftState
from orders.table import draft

#: What customers wait for people for.
WAITING = (UNANSWERED, CLOSED)
#: What stands, by name: see `Condition.name`.
Standing = Collection[tuple[str, str, str]]


async def conditions(
    connection: AsyncConnection, standing: Standing, *, now: datetime
) -> Sequence[Condition]:
    """Return everything that is wrong; `standing` is what is known to be already."""
    return [
        *await _signatures(connection, standing, now),
        *await _accounts(connection, standing, now),
        *await _people(connection),
    ]


async def _signatures(
    connection: AsyncConnection, standing: Standing, now: datetime
) -> Sequence[Condition]:
    refused = select(webhook_tally.c.subject, webhook_tally.c.tenant_id).where(
        webhook_tally.c.slot > now - DAY, webhook_tally.c.refused > 0
    )
    owners = {row.subject: row.tenant_id for row in await connection.execute(refused)}
    found = []
    for subject, tallied in (await tallied_of(connection, owners, now=now)).items():
        name = owners[subject], AlarmKind.SIGNATURES.value, subject
        if signatures_fail(tallied, stands=name in standing):
            words = (
                "webhooks come whose proof is wrong: somebody changed the secret there,"
                " or here, or calls who should not; what is refused is tried again for"
                " some days at most"
            )
            found.append(Condition(name[0], AlarmKind.SIGNATURES, subject, words))
    return found


async def tallied_of(
    connection: AsyncConnection, subjects: Collection[str], *, now: datetime
) -> Mapping[str, Tallied]:
    """Return the webhooks of apps and of channels at gateways; none is all zeros."""
    is_recent = webhook_tally.c.slot > now - RECENT
    rows = await connection.execute(
        select(
            webhook_tally.c.subject,
            func.sum(case((is_recent, webhook_tally.c.taken), else_=0)),
            func.sum(case((is_recent, webhook_tally.c.refused), else_=0)),
            func.sum(webhook_tally.c.refused),
        )
        .where(
            webhook_tally.c.subject.in_(sorted(subjects)),
            webhook_tally.c.slot > now - DAY,
        )
        .group_by(webhook_tally.c.subject)
    )
    found = {row[0]: Tallied(*(int(each) for each in row[1:])) for row in rows}
    return {each: found.get(each, Tallied(0, 0, 0)) for each in subjects}


async def _accounts(
    connection: AsyncConnection, standing: Standing, now: datetime
) -> Sequence[Condition]:
    rows = await connection.execute(
        select(
            channel.c.id,
            channel.c.tenant_id,
            channel.c.state,
            channel.c.state_reason,
            channel.c.paused_by,
            channel.c.lost_at,
            channel_vitals.c.works,
            channel_vitals.c.words,
            channel_vitals.c.expires_at,
        )
        .outerjoin(channel_vitals, channel_vitals.c.channel_id == channel.c.id)
        .order_by(channel.c.id)
    )
    return [each for row in rows for each in _of_account(row, standing, now)]


def _of_account(
    row: Row[*tuple[Any, ...]], standing: Standing, now: datetime
) -> Sequence[Condition]:
    def stands(kind: AlarmKind) -> bool:
        return (row.tenant_id, kind.value, row.id) in standing

    wrong: dict[AlarmKind, str] = {}
    reason = row.state_reason or "no reason was given"
    is_paused = row.state == ChannelState.PAUSED
    if is_paused and row.lost_at is None and row.paused_by != BY_PERSON:
        wrong[AlarmKind.PAUSED] = f"nothing is sent: {reason}"
    if link_is_lost(row.lost_at, now, stands=stands(AlarmKind.LINK)):
        wrong[AlarmKind.LINK] = f"nothing is sent: {reason}"
    if row.works is False:
        wrong[AlarmKind.TOKEN] = f"the provider refuses it: {row.words or reason}"
    elif token_ends(row.expires_at, now, stands=stands(AlarmKind.TOKEN)):
        until = row.expires_at.isoformat(timespec="minutes")
        wrong[AlarmKind.TOKEN] = f"its access token is good until {until} only"
    return [
        Condition(row.tenant_id, kind, row.id, words) for kind, words in wrong.items()
    ]


async def _people(connection: AsyncConnection) -> Sequence[Condition]:
    """Return who waits for a person, and was told that nobody is there, or nothing."""
    chats = await connection.execute(
        select(conversation.c.tenant_id, conversation.c.id, conversation.c.attention)
        .where(conversation.c.attention.in_(WAITING))
        .order_by(conversation.c.id)
    )
    drafts = await connection.execute(
        select(draft.c.tenant_id, draft.c.id)
        .where(draft.c.state == DraftState.AWAITING)
        .order_by(draft.c.id)
    )
    return [
        *(
            Condition(
                row.tenant_id,
                AlarmKind.UNANSWERED,
                row.id,
                f"a customer waits for a person, and nobody is there ({row.attention})",
            )
            for row in chats
        ),
        *(
            Condition(
                row.tenant_id,
                AlarmKind.APPROVAL,
                row.id,
                "a customer has confirmed an order that waits for an agent's approval",
            )
            for row in drafts
        ),
    ]
