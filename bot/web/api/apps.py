"""Apps: what signs a channel's webhooks. Secrets are stored sealed, never shown."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ConfigDict, Field

from bot.inbox.accounts import add_app
from bot.inbox.checking import InvalidAccount
from bot.inbox.lines import AppEntry, find_app, list_apps, rotate_app_secret
from bot.runtime import Runtime
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import Problem, invalid, not_found
from bot.web.api.roles import CHANNELS_READ, CHANNELS_WRITE

endpoints = Endpoints("apps", "Meta apps: they sign the webhooks of their channels.")

_A_DAY = 24 * 60 * 60
_LONGEST = 4000


class AppGiven(Given):
    """An app of Meta's App Dashboard."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"app_secret": "0123456789abcdef"}]}
    )

    app_secret: str = Field(
        min_length=1, max_length=_LONGEST, description="App settings, Basic."
    )
    verify_token: str | None = Field(
        None,
        min_length=1,
        max_length=_LONGEST,
        description="A word of yours; without: one is made.",
    )


class SecretGiven(Given):
    """The app's new secret."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"app_secret": "fedcba9876543210"}]}
    )

    app_secret: str = Field(min_length=1, max_length=_LONGEST)
    grace_seconds: int = Field(
        _A_DAY,
        ge=0,
        le=30 * _A_DAY,
        description="Webhooks signed with the old one are taken so much longer.",
    )


class AppView(Shown):
    """An app, without its secrets."""

    id: str = Field(examples=["app_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    webhook_path: str = Field(
        description="Paste it into the App Dashboard, after this server's address.",
        examples=["/webhooks/whatsapp/app_01k9wz8qg6f1t0m3v5x7z9b2d4"],
    )
    old_secret_until: Moment | None
    created_at: Moment


class NewAppView(AppView):
    """An app that was just added."""

    verify_token: str = Field(
        description="Paste it into the App Dashboard. It is shown this once."
    )


@dataclass(frozen=True, slots=True)
class RuntimeSeal:
    """The runtime's two functions as the seam that stores secrets."""

    runtime: Runtime

    def seal(self, text: str) -> str:
        return self.runtime.seal_secret(text)

    def open(self, sealed: str) -> str:
        return self.runtime.open_secret(sealed)


@endpoints.get("/v1/apps", roles=CHANNELS_READ)
async def list_of_apps(call: Call, query: Paging) -> Page[AppView]:
    """List apps, oldest first."""
    found, total = await list_apps(
        call.connection, call.tenant_id, limit=query.limit, offset=query.offset
    )
    return Page(data=[_view(each) for each in found], total=total)


@endpoints.post("/v1/apps", roles=CHANNELS_WRITE, status=201)
async def create_app(call: Call, body: AppGiven) -> NewAppView:
    """Add an app. Its secrets are never shown again."""
    app_id = call.new_id("app")
    token = body.verify_token or secrets.token_urlsafe(24)
    try:
        await add_app(
            call.connection,
            id=app_id,
            tenant_id=call.tenant_id,
            secret=body.app_secret,
            verify_token=token,
            sealer=RuntimeSeal(call.runtime),
            now=call.now,
        )
    except InvalidAccount as error:
        raise as_invalid(error) from None
    call.after_commit(call.runtime.directories.expire)
    shown = _view(await _known(call, app_id))
    return NewAppView(**shown.model_dump(), verify_token=token)


@endpoints.post("/v1/apps/{app_id}/rotate-secret", roles=CHANNELS_WRITE)
async def rotate_secret_of_app(call: Call, app_id: Id, body: SecretGiven) -> AppView:
    """Store the secret that Meta's dashboard made anew.

    Webhooks that Meta signed with the old one are taken for another day, or for as
    long as you say.
    """
    until = call.now + timedelta(seconds=body.grace_seconds)
    try:
        done = await rotate_app_secret(
            call.connection,
            call.tenant_id,
            app_id,
            body.app_secret,
            sealer=RuntimeSeal(call.runtime),
            until=until,
        )
    except InvalidAccount as error:
        raise as_invalid(error) from None
    if not done:
        raise not_found("app", app_id)
    call.after_commit(call.runtime.directories.expire)
    return _view(await _known(call, app_id))


def as_invalid(error: InvalidAccount) -> Problem:
    """Return the answer for a field of an account that cannot be as it is."""
    message = str(error).removeprefix(f"{error.field}: ")
    return invalid(error.field.replace(" ", "_"), message)


async def _known(call: Call, app_id: str) -> AppEntry:
    found = await find_app(call.connection, call.tenant_id, app_id)
    if found is None:
        raise not_found("app", app_id)
    return found


def _view(entry: AppEntry) -> AppView:
    return AppView(
        id=entry.id,
        webhook_path=f"/webhooks/whatsapp/{entry.id}",
        old_secret_until=entry.secret_before_until,
        created_at=entry.created_at,
    )
