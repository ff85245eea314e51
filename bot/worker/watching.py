"""Looking after channels: asks providers now and then, and raises and clears alarms.

Every worker does it; who comes second finds that it is done.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.domain.alarming import AlarmKind
from bot.inbox.accounts import ChannelState
from bot.inbox.alarms import Alarm, Turned, standing, turn
from bot.inbox.conditions import conditions
from bot.inbox.directory import ChannelEntry
from bot.inbox.news import What
from bot.inbox.vitals import Checked, Vitals, keep_check, take_check, vitals
from bot.runtime import Runtime
from orders.outbox.delivery import DeliveryError, Refused

_log = structlog.get_logger(__name__)

#: How often we look whether something is wrong, seconds.
_EVERY = 15.0
#: How often a provider is asked about an account.
CHECK_EVERY = timedelta(hours=1)
#: A provider that does not answer in this time is asked again later, seconds.
_PATIENCE = 20.0


async def keep_watch(runtime: Runtime) -> None:
    """Look after channels until cancelled."""
    async with asyncio.TaskGroup() as group:
        # Apart: no alarm waits for a provider that is silent.
        group.create_task(_keep_on(runtime, check_accounts))
        group.create_task(_keep_on(runtime, ring))


async def _keep_on(runtime: Runtime, look: Callable[[Runtime], Awaitable[Any]]) -> None:
    while True:
        # Not at once, and not all workers together.
        await asyncio.sleep(_EVERY * (0.5 + runtime.jitter()))
        try:
            await look(runtime)
        except (DatabaseUnavailable, DBAPIError) as error:
            _log.warning("watch_interrupted", error=str(error))


# -- alarms ---------------------------------------------------------------------------


async def ring(runtime: Runtime) -> Turned:
    """Raise and clear alarms now; return what changed. Raises DatabaseUnavailable."""
    database, now = runtime.database, runtime.clock()
    async with database.reading() as connection:
        known = await standing(connection)
        wrong = await conditions(connection, _names(known), now=now)
    turned = Turned((), ())
    if {each.name for each in wrong} != _names(known):
        turned = await database.retried(
            lambda connection: _turned(runtime, connection, now)
        )
    for each in (*turned.raised, *turned.cleared):
        _tell(runtime, each)
    if turned.raised or turned.cleared:
        runtime.outbox_bell.ring()
    await _show(runtime)
    return turned


async def _turned(
    runtime: Runtime, connection: AsyncConnection, now: datetime
) -> Turned:
    """Look once more, where nobody else changes it meanwhile."""
    known = await standing(connection)
    wrong = await conditions(connection, _names(known), now=now)
    return await turn(
        connection,
        known,
        wrong,
        new_id=lambda: runtime.new_id("alm"),
        now=now,
    )


def _names(alarms: Iterable[Alarm]) -> frozenset[tuple[str, str, str]]:
    return frozenset(each.name for each in alarms)


def _tell(runtime: Runtime, alarm: Alarm) -> None:
    what = "raised" if alarm.cleared_at is None else "cleared"
    runtime.metrics.alarms.labels(alarm.kind, what).inc()
    runtime.news.tell(alarm.tenant_id, None, What.ALARM)
    log = _log.error if alarm.cleared_at is None else _log.info
    log(
        f"alarm_{what}",
        alarm=alarm.id,
        kind=alarm.kind,
        about=alarm.subject,
        tenant=alarm.tenant_id,
        why=alarm.words,
    )


# -- accounts -------------------------------------------------------------------------


async def check_accounts(runtime: Runtime) -> None:
    """Ask providers about the accounts that nobody asked about for an hour."""
    now = runtime.clock()
    async with runtime.database.reading() as connection:
        known = await vitals(connection)
    old = [
        each
        for each in known
        if each.checked_at is None or each.checked_at <= now - CHECK_EVERY
    ]
    for each in old:
        entry = await runtime.directories.channel(each.channel_id)
        if entry is not None and await _is_ours(runtime, each, now):
            await _keep(runtime, entry)


async def _is_ours(runtime: Runtime, found: Vitals, now: datetime) -> bool:
    return await runtime.database.retried(
        lambda connection: take_check(
            connection,
            found.channel_id,
            found.tenant_id,
            unless_after=now - CHECK_EVERY,
            now=now,
        )
    )


async def _keep(runtime: Runtime, entry: ChannelEntry) -> None:
    checked = await _checked(runtime, entry)
    await runtime.database.retried(
        lambda connection: keep_check(connection, entry.account.channel_id, checked)
    )


async def _checked(runtime: Runtime, entry: ChannelEntry) -> Checked:
    channel = runtime.channels.get(entry.kind)
    if channel is None:
        return Checked(None, f"its kind {entry.kind!r} is not in this version")
    try:
        async with asyncio.timeout(_PATIENCE):
            found = await channel.check(entry.account)
    except Refused as refused:
        return Checked(works=False, words=str(refused))
    except (DeliveryError, TimeoutError) as silent:
        return Checked(None, str(silent) or "no answer in time")
    except Exception:  # noqa: BLE001  # a strange answer ends no watch over others
        _log.exception("account_not_checked", channel=entry.account.channel_id)
        return Checked(None, "its answer is not understood")
    return Checked(works=True, words=found.warning, expires_at=found.expires_at)


# -- numbers --------------------------------------------------------------------------


async def _show(runtime: Runtime) -> None:
    """Show how channels do, for whoever collects numbers."""
    async with runtime.database.reading() as connection:
        found = await vitals(connection)
        alarms = await standing(connection)
    metrics = runtime.metrics
    for gauge in (metrics.heard, metrics.expires, metrics.channel_paused):
        gauge.clear()
    for each in found:
        if each.heard_at is not None:
            metrics.heard.labels(each.channel_id).set(each.heard_at.timestamp())
        if each.checked.expires_at is not None:
            ends = each.checked.expires_at.timestamp()
            metrics.expires.labels(each.channel_id).set(ends)
        is_paused = each.state is ChannelState.PAUSED
        metrics.channel_paused.labels(each.channel_id).set(is_paused)
    standing_now = Counter(each.kind for each in alarms)
    for kind in AlarmKind:
        metrics.alarms_standing.labels(kind).set(standing_now[kind])
