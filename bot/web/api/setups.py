"""How a channel's provider is pointed at this server: what to paste where."""

from pydantic import Field

from bot.channels.instructions import Instructions, of_channel
from bot.inbox.lines import ChannelListing, find_channel
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Id, Shown
from bot.web.api.problems import CONFLICT, Problem, not_found
from bot.web.api.roles import CHANNELS_WRITE

endpoints = Endpoints("setup", "What to paste where, for each channel.")


class SetupView(Shown):
    """What the owner enters at the provider."""

    callback_url: str = Field(description="Where its webhooks go.")
    is_public: bool = Field(
        description="CHATORDER_PUBLIC_URL is set: the address has its host."
    )
    verify_token: str | None = Field(description="Of Meta's app; others have none.")
    fields: list[str] = Field(description="Events to subscribe to.")
    headers: dict[str, str] = Field(
        description="What each webhook proves itself with. A gateway's secret was shown"
        " once; `rotate-secret` makes another."
    )
    steps: list[str] = Field(description="For people, in this order.")
    paste: str | None = Field(description="A command that does it, for gateways.")


@endpoints.get(
    "/v1/channels/{channel_id}/setup", roles=CHANNELS_WRITE, raises=(CONFLICT,)
)
async def read_setup(call: Call, channel_id: Id) -> SetupView:
    """Say how the channel's provider is pointed at this server."""
    found = await find_channel(call.connection, call.tenant_id, channel_id)
    if found is None:
        raise not_found("channel", channel_id)
    told = await _instructions(call, found)
    return SetupView(
        callback_url=told.callback_url,
        is_public=call.runtime.settings.public_url is not None,
        verify_token=told.verify_token,
        fields=list(told.fields),
        headers=dict(told.headers),
        steps=list(told.steps),
        paste=told.paste,
    )


async def _instructions(call: Call, found: ChannelListing) -> Instructions:
    base = call.runtime.settings.public_url or ""
    channel = call.runtime.channels.get(found.kind)
    if channel is None:
        raise Problem(CONFLICT, f"this version has no channels of kind {found.kind!r}")
    directory = await call.runtime.directories.current()
    app = directory.app(found.app_id or "")
    return of_channel(
        found.kind,
        channel.gate,
        base=base,
        signer=found.app_id or found.id,
        instance=found.instance,
        base_url=found.base_url,
        verify_token=app.verify_token if app else None,
    )
