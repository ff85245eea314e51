"""What a sink is told that is about no order: the same on every attempt."""

from datetime import datetime

from bot.domain.alarming import event_type
from bot.inbox.alarms import Alarm
from orders.domain.events import SinkAccount
from orders.outbox.store import Due
from orders.provisioning.announcing import Announcement
from orders.provisioning.envelope import Event
from orders.provisioning.sink import SinkTenant


def announcement(
    event: Event, sink: SinkAccount, *, secrets: tuple[str, str | None], now: datetime
) -> Announcement:
    """Return one attempt to tell a sink of an event."""
    return Announcement(
        event=event,
        url=sink.url,
        secret=secrets[0],
        secret_before=secrets[1],
        sent_at=now,
        public_only=sink.public_only,
        options=sink.options,
    )


def alarm_event(item: Due, alarm: Alarm, tenant: SinkTenant) -> Event:
    """Return what is told. What begins says nothing of its end, which may be known."""
    said = item.payload["type"]
    ended = alarm.cleared_at if said == event_type(alarm.kind, raised=False) else None
    return Event(
        id=item.unique_key,
        type=said,
        subject=alarm.subject,
        at=ended or alarm.raised_at,
        tenant_id=tenant.id,
        data={
            "tenant": {"id": tenant.id, "name": tenant.name},
            "alarm": {
                "id": alarm.id,
                "kind": alarm.kind,
                "subject": alarm.subject,
                "words": alarm.words,
                "raised_at": alarm.raised_at.isoformat(),
                "cleared_at": ended and ended.isoformat(),
            },
        },
        partition=alarm.subject,
    )


def noted_event(item: Due, tenant: SinkTenant) -> Event:
    """Return an event that was written whole when it happened."""
    payload = item.payload
    return Event(
        id=item.unique_key,
        type=payload["type"],
        subject=payload["subject"],
        at=datetime.fromisoformat(payload["at"]),
        tenant_id=tenant.id,
        data={
            "tenant": {"id": tenant.id, "name": tenant.name},
            **payload["data"],
        },
        partition=payload["subject"],
    )
