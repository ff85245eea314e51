"""Channels at a gateway of the merchant's own: Evolution API and WAHA."""

import secrets
from datetime import timedelta
from typing import Literal

from pydantic import ConfigDict, Field

from bot.inbox.checking import InvalidAccount
from bot.inbox.gateways import (
    add_gateway,
    check_base_url,
    check_instance,
    rotate_webhook_secret,
)
from bot.inbox.lines import ChannelListing, find_channel
from bot.web.api.apps import RuntimeSeal, as_invalid
from bot.web.api.call import Call
from bot.web.api.channels import ChannelView, view_of
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id
from bot.web.api.problems import invalid, not_found
from bot.web.api.roles import CHANNELS_WRITE
from orders.provisioning.public import NotPublic, check_public

endpoints = Endpoints(
    "gateways", "Channels at Evolution API or WAHA, which the merchant runs."
)

_LONGEST = 4000
_A_DAY = 24 * 60 * 60


class GatewayGiven(Given):
    """An instance of Evolution API, or a session of WAHA."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "evolution",
                    "base_url": "https://evolution.shop.example",
                    "instance": "shop1",
                    "api_key": "B6D711FCDE4D4FD5936544120E713976",
                }
            ]
        }
    )

    kind: Literal["evolution", "waha"]
    base_url: str = Field(
        min_length=1, max_length=300, description="Where the gateway answers."
    )
    instance: str = Field(
        min_length=1,
        max_length=60,
        description="Name of the instance, or of WAHA's session.",
    )
    api_key: str = Field(
        min_length=1, max_length=_LONGEST, description="Its API's key. Never shown."
    )
    webhook_secret: str | None = Field(
        None,
        min_length=1,
        max_length=_LONGEST,
        description="What its webhooks prove themselves with; else one is made.",
    )


class WebhookSecretGiven(Given):
    """Another secret of a gateway's webhooks; none: one is made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    webhook_secret: str | None = Field(None, min_length=1, max_length=_LONGEST)
    grace_seconds: int = Field(
        _A_DAY,
        ge=0,
        le=30 * _A_DAY,
        description="Webhooks with the old one are taken so much longer.",
    )


class NewGatewayView(ChannelView):
    """A channel at a gateway, and how to point the gateway at it."""

    webhook_secret: str | None = Field(description="Shown once, if it was made here.")
    paste: str | None = Field(
        description="A command that does it, with the gateway's key in API_KEY. Put"
        " the public address of this server before the path."
    )


@endpoints.post(
    "/v1/channels/gateway", roles=CHANNELS_WRITE, status=201, own_transaction=True
)
async def create_gateway_channel(call: Call, body: GatewayGiven) -> NewGatewayView:
    """Add an instance of Evolution API or a session of WAHA as a channel.

    Its address must be one of the public internet, unless the operator allows others.
    """
    try:
        base_url = check_base_url(body.base_url)
        instance = check_instance(body.instance)
    except InvalidAccount as error:
        raise as_invalid(error) from None
    public_only = await _public_only(call, base_url)
    secret = body.webhook_secret or secrets.token_urlsafe(32)

    async def work(call: Call) -> NewGatewayView:
        channel_id = call.new_id("chn")
        try:
            await add_gateway(
                call.connection,
                id=channel_id,
                tenant_id=call.tenant_id,
                kind=body.kind,
                base_url=base_url,
                instance=instance,
                api_key=body.api_key,
                webhook_secret=secret,
                sealer=RuntimeSeal(call.runtime),
                now=call.now,
                public_only=public_only,
            )
        except InvalidAccount as error:
            raise as_invalid(error) from None
        call.after_commit(call.runtime.directories.expire)
        return await _shown(call, channel_id, body.webhook_secret, secret)

    return await call.transact(work)


@endpoints.post("/v1/channels/{channel_id}/rotate-secret", roles=CHANNELS_WRITE)
async def rotate_secret_of_channel(
    call: Call, channel_id: Id, body: WebhookSecretGiven | None = None
) -> NewGatewayView:
    """Give the webhooks of a channel at a gateway another secret.

    Those with the old one are taken for another day, or for as long as you say. The
    webhooks of a number of Meta's are signed with the secret of its app.
    """
    given = body or WebhookSecretGiven(webhook_secret=None, grace_seconds=_A_DAY)
    secret = given.webhook_secret or secrets.token_urlsafe(32)
    try:
        done = await rotate_webhook_secret(
            call.connection,
            call.tenant_id,
            channel_id,
            secret,
            sealer=RuntimeSeal(call.runtime),
            until=call.now + timedelta(seconds=given.grace_seconds),
        )
    except InvalidAccount as error:
        raise as_invalid(error) from None
    if not done:
        raise not_found("channel at a gateway", channel_id)
    call.after_commit(call.runtime.directories.expire)
    return await _shown(call, channel_id, given.webhook_secret, secret)


async def _public_only(call: Call, url: str) -> bool:
    """Return whether the host must be public, and is. Raises Problem."""
    if call.runtime.settings.allow_private_hosts:
        return False
    try:
        await check_public(url, call.runtime.public_hosts)
    except NotPublic as error:
        raise invalid(
            "base_url", f"{error}: use another host, or ask the operator"
        ) from None
    return True


async def _shown(
    call: Call, channel_id: str, given: str | None, secret: str
) -> NewGatewayView:
    found = await find_channel(call.connection, call.tenant_id, channel_id)
    if found is None:
        raise not_found("channel", channel_id)
    view = view_of(found)
    return NewGatewayView(
        **view.model_dump(),
        webhook_secret=secret if given is None else None,
        paste=_paste(call, found, view.webhook_path, secret),
    )


def _paste(
    call: Call, found: ChannelListing, path: str | None, secret: str
) -> str | None:
    channel = call.runtime.channels.get(found.kind)
    if channel is None or channel.gate is None or path is None:
        return None
    return channel.gate.to_paste(
        url=f"{call.runtime.settings.public_url or ''}{path}",
        secret=secret,
        instance=found.instance or "",
        base_url=found.base_url or "",
    )
