"""Alarms: what is wrong, and what was."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.domain.alarming import ABOUT, AlarmKind
from bot.inbox.alarms import Alarm, list_alarms
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Moment, Page, Paging, Shown
from bot.web.api.roles import CHANNELS_READ

endpoints = Endpoints(
    "alarms",
    "What somebody has to look at. Each begins and ends once; sinks of the kind"
    " `webhook` are told of both.",
)


class AlarmsGiven(Paging):
    """Which alarms."""

    state: Literal["standing", "cleared"] | None = Field(
        None, description="Only those that stand, or that are over."
    )


class AlarmView(Shown):
    """One alarm."""

    id: str = Field(examples=["alm_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    kind: AlarmKind = Field(
        description="`signatures`: webhooks do not prove themselves; `token`: it is"
        " refused, or ends soon; `paused`: nothing is sent; `link`: a gateway lost its"
        " connection; `unanswered`: a customer was told that nobody is there;"
        " `approval`: a confirmed order waits for an agent."
    )
    about: str = Field(description="channel, conversation or draft.")
    subject: str = Field(description="Its id; of `signatures` it may be an app's.")
    words: str = Field(description="What is wrong, for people.")
    raised_at: Moment
    cleared_at: Moment | None = Field(description="Null: it stands.")


@endpoints.get("/v1/alarms", roles=CHANNELS_READ)
async def list_of_alarms(call: Call, query: AlarmsGiven) -> Page[AlarmView]:
    """List alarms, newest first."""
    found, total = await list_alarms(
        call.connection,
        call.tenant_id,
        stands=None if query.state is None else query.state == "standing",
        limit=query.limit,
        offset=query.offset,
    )
    return Page(data=[alarm_view(each) for each in found], total=total)


def alarm_view(alarm: Alarm) -> AlarmView:
    """Return an alarm as callers see it."""
    ended: datetime | None = alarm.cleared_at
    return AlarmView(
        id=alarm.id,
        kind=alarm.kind,
        about=ABOUT[alarm.kind],
        subject=alarm.subject,
        words=alarm.words,
        raised_at=alarm.raised_at,
        cleared_at=ended,
    )
