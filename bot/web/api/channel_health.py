"""How a channel does: who wrote when, what its webhooks proved, what is wrong."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from bot.domain.alarming import Tallied
from bot.inbox.accounts import ChannelState
from bot.inbox.alarms import Alarm, list_alarms
from bot.inbox.conditions import tallied_of
from bot.inbox.lines import find_channel
from bot.inbox.vitals import Vitals, vitals
from bot.web.api.alarms import AlarmView, alarm_view
from bot.web.api.call import Call
from bot.web.api.channels import ChannelView, view_of
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Id, Moment, Shown
from bot.web.api.problems import not_found
from bot.web.api.roles import CHANNELS_READ

endpoints = Endpoints(
    "channel health", "How a channel does: its webhooks, its token, its connection."
)

#: No channel, and no app, has more alarms that stand: one of each kind.
_MOST = 20


class HealthView(Shown):
    """How a channel does. Numbers are at most a minute old."""

    id: str
    state: ChannelState
    reason: str | None = Field(description="Why it is paused.")
    connected: bool | None = Field(
        description="Of a gateway: whether it is connected to WhatsApp, as it said."
    )
    last_inbound_at: Moment | None = Field(description="When a customer last wrote.")
    webhooks_taken: int = Field(
        description="Of the last quarter of an hour; Meta's are those of the app."
    )
    webhooks_refused: int = Field(
        description="Whose signature, secret or token was wrong, in the same time."
    )
    refusal_rate: float = Field(description="Refused ones of all, 0 to 1.")
    refused_of_day: int = Field(description="Refused ones of the last 24 hours.")
    token_works: bool | None = Field(
        description="What the provider said last; null: it was not asked, or not there."
    )
    token_says: str | None = Field(description="What its owner should know.")
    token_expires_at: Moment | None = Field(
        description="Null: never, or the provider does not say."
    )
    checked_at: Moment | None = Field(description="When the provider was asked.")
    alarms: list[AlarmView] = Field(description="What stands about it, or its app.")


@endpoints.get("/v1/channels/{channel_id}/health", roles=CHANNELS_READ)
async def read_channel_health(call: Call, channel_id: Id) -> HealthView:
    """Say how a channel does. The provider is asked about once an hour."""
    listed = await find_channel(call.connection, call.tenant_id, channel_id)
    found = await health_of(call, [view_of(listed)] if listed else [])
    if channel_id not in found:
        raise not_found("channel", channel_id)
    return found[channel_id]


async def health_of(
    call: Call, channels: Sequence[ChannelView]
) -> Mapping[str, HealthView]:
    """Return how channels of the tenant do, by id: one look for all of them."""
    signers = {each.id: each.app_id or each.id for each in channels}
    found = await vitals(call.connection, tenant_id=call.tenant_id, channel_ids=signers)
    tallied = await tallied_of(call.connection, {*signers.values()}, now=call.now)
    alarms, _ = await list_alarms(
        call.connection,
        call.tenant_id,
        stands=True,
        subjects=[*{*signers, *signers.values()}],
        limit=_MOST * (len(signers) + 1),
    )
    own = {each.channel_id: each for each in found}
    return {
        each.id: _health(
            each,
            own[each.id],
            tallied[signers[each.id]],
            [a for a in alarms if a.subject in {each.id, signers[each.id]}],
        )
        for each in channels
        if each.id in own
    }


def _health(
    channel: ChannelView, own: Vitals, tallied: Tallied, alarms: Sequence[Alarm]
) -> HealthView:
    return HealthView(
        id=channel.id,
        state=channel.state,
        reason=channel.state_reason,
        connected=own.lost_at is None if channel.instance else None,
        last_inbound_at=own.heard_at,
        webhooks_taken=tallied.taken,
        webhooks_refused=tallied.refused,
        refusal_rate=round(tallied.rate, 3),
        refused_of_day=tallied.refused_of_day,
        token_works=own.checked.works,
        token_says=own.checked.words,
        token_expires_at=own.checked.expires_at,
        checked_at=own.checked_at,
        alarms=[alarm_view(each) for each in alarms],
    )
