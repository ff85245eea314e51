"""Who calls."""

from pydantic import Field

from bot.domain.snapshot import Tenant
from bot.inbox.accounts import Role, load_tenants
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Shown
from bot.web.api.roles import EVERYBODY

endpoints = Endpoints("me", "Who calls, and for which shop.")


class TenantView(Shown):
    """The shop of whoever calls."""

    id: str = Field(examples=["tenant_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    name: str = Field(examples=["Mavi Kahve"])
    language: str = Field(description="ISO 639.", examples=["tr"])
    timezone: str = Field(description="IANA.", examples=["Europe/Istanbul"])
    currency: str = Field(description="ISO 4217.", examples=["TRY"])
    country: str = Field(description="ISO 3166.", examples=["TR"])


class MeView(Shown):
    """Who calls."""

    actor: str = Field(
        description="As it stands in histories and in the audit.",
        examples=["key:key_01k9wz8qg6f1t0m3v5x7z9b2d4"],
    )
    role: Role
    tenant: TenantView


@endpoints.get("/v1/me", roles=EVERYBODY)
async def read_me(call: Call) -> MeView:
    """Read who calls.

    The first call of an integration: it proves the key, and says which shop it is for.
    """
    entries = await load_tenants(call.connection, [call.tenant_id])
    tenant = entries[call.tenant_id].tenant
    return MeView(
        actor=call.actor,
        role=call.role,
        tenant=tenant_view(tenant),
    )


def tenant_view(tenant: Tenant) -> TenantView:
    """Return a shop as the API shows it."""
    return TenantView(
        id=tenant.id,
        name=tenant.name,
        language=tenant.language,
        timezone=tenant.timezone,
        currency=tenant.currency,
        country=tenant.country,
    )
