"""Channels: the accounts through which customers write."""

from typing import Literal

from pydantic import ConfigDict, Field

from bot.inbox.accounts import ChannelState, add_channel, replace_access_token
from bot.inbox.channel_catalog import set_catalog
from bot.inbox.checking import InvalidAccount
from bot.inbox.lines import ChannelListing, find_channel, list_channels
from bot.inbox.pausing import activate_channel, pause_channel
from bot.inbox.speed import set_speed
from bot.web.api.apps import RuntimeSeal, as_invalid
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import not_found
from bot.web.api.roles import CHANNELS_READ, CHANNELS_WRITE
from orders.outbox.delivery import DeliveryError

endpoints = Endpoints(
    "channels", "Messaging accounts. One that is paused keeps what comes in."
)

_LONGEST = 4000


class ChannelGiven(Given):
    """A number of WhatsApp's Cloud API."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "app_id": "app_01k9wz8qg6f1t0m3v5x7z9b2d4",
                    "phone_number_id": "106540352242922",
                    "access_token": "EAAG...",
                }
            ]
        }
    )

    kind: Literal["whatsapp"] = "whatsapp"
    app_id: Id = Field(description="The app that signs its webhooks.")
    phone_number_id: str = Field(
        max_length=30, description="WhatsApp, API Setup: digits.", min_length=1
    )
    access_token: str = Field(
        min_length=1,
        max_length=_LONGEST,
        description="Of a system user that may send messages. It is never shown.",
    )


class PauseGiven(Given):
    """Why it is paused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Moving."}]})

    reason: str = Field(
        "a person paused it", min_length=1, max_length=300, pattern=r"\S"
    )


class ActivationGiven(Given):
    """A new access token, when the old one was refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    access_token: str | None = Field(None, min_length=1, max_length=_LONGEST)


class ChannelView(Shown):
    """A channel, without its token."""

    id: str = Field(examples=["chn_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    kind: str = Field(examples=["whatsapp"])
    app_id: str | None
    external_id: str = Field(
        description="The provider's id of it.", examples=["106540352242922"]
    )
    state: ChannelState
    state_reason: str | None = Field(description="Why it is paused.")
    state_at: Moment | None
    created_at: Moment
    webhook_path: str | None = Field(
        description="Where a gateway's webhooks go; of Meta's: see its app.",
        examples=[None],
    )
    base_url: str | None = Field(description="Where a gateway answers.")
    instance: str | None = Field(description="What a gateway calls the account.")
    old_secret_until: Moment | None = Field(
        description="Until then a gateway's old webhook secret is taken, too."
    )
    last_inbound_at: Moment | None = Field(
        description="When a customer last wrote there."
    )
    per_second: int | None = Field(
        description="How many messages a second it may send; null: as its kind does."
    )
    catalog_id: str | None = Field(
        description="The Meta catalog that products are shown from, if any."
    )


class ChannelChangeGiven(Given):
    """What changes about a channel; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"per_second": 20, "catalog_id": "194836987003835"}]
        }
    )

    per_second: int | None = Field(
        None, description="Messages a second, 1 to 1000; null: as fast as its kind."
    )
    catalog_id: str | None = Field(
        None,
        max_length=100,
        description="The Meta catalog that products are shown from, which knows them"
        " by their SKU as its retailer id; null: in words and pictures.",
    )


class CheckView(Shown):
    """What the provider says about a channel."""

    works: bool = Field(description="The provider takes its token.")
    name: str | None = Field(description="As customers see it.")
    number: str | None
    warning: str | None = Field(description="What its owner should know.")
    error: str | None = Field(description="Why it does not work, or nobody knows.")


class ActivatedView(ChannelView):
    """A channel that sends again."""

    waiting: int = Field(description="Replies that waited for it, and go now.")


@endpoints.get("/v1/channels", roles=CHANNELS_READ)
async def list_of_channels(call: Call, query: Paging) -> Page[ChannelView]:
    """List channels, oldest first."""
    found, total = await list_channels(
        call.connection, call.tenant_id, limit=query.limit, offset=query.offset
    )
    return Page(data=[view_of(each) for each in found], total=total)


@endpoints.get("/v1/channels/{channel_id}", roles=CHANNELS_READ)
async def read_channel(call: Call, channel_id: Id) -> ChannelView:
    """Read a channel."""
    return view_of(await _known(call, channel_id))


@endpoints.post("/v1/channels", roles=CHANNELS_WRITE, status=201)
async def create_channel(call: Call, body: ChannelGiven) -> ChannelView:
    """Add a number of WhatsApp's Cloud API. One number belongs to one channel."""
    channel_id = call.new_id("chn")
    try:
        await add_channel(
            call.connection,
            id=channel_id,
            tenant_id=call.tenant_id,
            app_id=body.app_id,
            external_id=body.phone_number_id,
            access_token=body.access_token,
            sealer=RuntimeSeal(call.runtime),
            now=call.now,
        )
    except InvalidAccount as error:
        raise as_invalid(error) from None
    call.after_commit(call.runtime.directories.expire)
    return view_of(await _known(call, channel_id))


@endpoints.patch("/v1/channels/{channel_id}", roles=CHANNELS_WRITE)
async def update_channel(
    call: Call, channel_id: Id, body: ChannelChangeGiven
) -> ChannelView:
    """Change how fast a channel sends, or the catalog that it shows products from."""
    await _known(call, channel_id)
    given = body.model_fields_set
    try:
        if "per_second" in given:
            await set_speed(call.connection, channel_id, body.per_second)
        if "catalog_id" in given:
            await set_catalog(call.connection, channel_id, body.catalog_id)
    except InvalidAccount as error:
        raise as_invalid(error) from None
    call.after_commit(call.runtime.directories.expire)
    return view_of(await _known(call, channel_id))


@endpoints.post("/v1/channels/{channel_id}/pause", roles=CHANNELS_WRITE)
async def pause_known_channel(
    call: Call, channel_id: Id, body: PauseGiven | None = None
) -> ChannelView:
    """Send nothing through a channel. Replies wait; what comes in is kept."""
    await _known(call, channel_id)
    reason = (body or PauseGiven()).reason
    await pause_channel(call.connection, channel_id, reason=reason, now=call.now)
    call.after_commit(call.runtime.directories.expire)
    return view_of(await _known(call, channel_id))


@endpoints.post("/v1/channels/{channel_id}/activate", roles=CHANNELS_WRITE)
async def activate_known_channel(
    call: Call, channel_id: Id, body: ActivationGiven | None = None
) -> ActivatedView:
    """Send through a channel again, what waited for it first."""
    await _known(call, channel_id)
    if body is not None and body.access_token is not None:
        try:
            await replace_access_token(
                call.connection,
                channel_id,
                body.access_token,
                sealer=RuntimeSeal(call.runtime),
            )
        except InvalidAccount as error:
            raise as_invalid(error) from None
    waiting = await activate_channel(call.connection, channel_id, now=call.now)
    call.after_commit(call.runtime.directories.expire)
    call.after_commit(call.runtime.outbox_bell.ring)
    shown = view_of(await _known(call, channel_id))
    return ActivatedView(**shown.model_dump(), waiting=waiting)


@endpoints.post(
    "/v1/channels/{channel_id}/check", roles=CHANNELS_WRITE, own_transaction=True
)
async def check_channel(call: Call, channel_id: Id) -> CheckView:
    """Ask the provider whether the channel's token is good. Nothing is changed."""
    async with call.runtime.database.reading() as connection:
        listed = await find_channel(connection, call.tenant_id, channel_id)
    if listed is None:
        raise not_found("channel", channel_id)
    answer = await _asked(call, listed)

    async def work(call: Call) -> CheckView:
        call.note(works=answer.works)
        return answer

    return await call.transact(work)


async def _asked(call: Call, listed: ChannelListing) -> CheckView:
    entry = await call.runtime.directories.channel(listed.id)
    channel = call.runtime.channels.get(listed.kind)
    if entry is None or channel is None:
        return _fails("its stored token cannot be read: send a new one to `activate`")
    try:
        found = await channel.check(entry.account)
    except DeliveryError as error:
        return _fails(str(error))
    return CheckView(
        works=True,
        name=found.name,
        number=found.number,
        warning=found.warning,
        error=None,
    )


def _fails(error: str) -> CheckView:
    return CheckView(works=False, name=None, number=None, warning=None, error=error)


async def _known(call: Call, channel_id: str) -> ChannelListing:
    found = await find_channel(call.connection, call.tenant_id, channel_id)
    if found is None:
        raise not_found("channel", channel_id)
    return found


def _webhook_path(entry: ChannelListing) -> str | None:
    return f"/webhooks/{entry.kind}/{entry.id}" if entry.instance else None


def view_of(entry: ChannelListing) -> ChannelView:
    """Return a channel as callers see it."""
    return ChannelView(
        id=entry.id,
        kind=entry.kind,
        app_id=entry.app_id,
        external_id=entry.external_id,
        state=entry.state,
        state_reason=entry.reason,
        state_at=entry.since,
        created_at=entry.created_at,
        webhook_path=_webhook_path(entry),
        base_url=entry.base_url,
        instance=entry.instance,
        old_secret_until=entry.old_secret_until,
        last_inbound_at=entry.last_inbound_at,
        per_second=entry.per_second,
        catalog_id=entry.catalog_id,
    )
