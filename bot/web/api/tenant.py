"""The shop of whoever calls: its name, its language, where it is."""

from pydantic import ConfigDict, Field

from bot.inbox.accounts import load_tenants
from bot.inbox.checking import InvalidAccount
from bot.inbox.tenants import change_tenant
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.me import TenantView, tenant_view
from bot.web.api.models import Given
from bot.web.api.problems import invalid
from bot.web.api.roles import EVERYBODY, SETTINGS

endpoints = Endpoints("tenant", "The shop: its name, its language, where it is.")


class TenantGiven(Given):
    """What to change. What is not sent stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Mavi Kahve", "timezone": "Europe/Istanbul"}]
        }
    )

    name: str | None = Field(None, max_length=300)
    language: str | None = Field(None, max_length=10, description="ISO 639.")
    timezone: str | None = Field(None, max_length=64, description="IANA.")
    country: str | None = Field(None, max_length=10, description="ISO 3166.")
    currency: str | None = Field(
        None, max_length=10, description="ISO 4217; only while nothing was ordered."
    )


@endpoints.get("/v1/tenant", roles=EVERYBODY)
async def read_tenant(call: Call) -> TenantView:
    """Read the shop."""
    entries = await load_tenants(call.connection, [call.tenant_id])
    return tenant_view(entries[call.tenant_id].tenant)


@endpoints.patch("/v1/tenant", roles=SETTINGS)
async def update_tenant(call: Call, body: TenantGiven) -> TenantView:
    """Change the shop.

    Its currency can change only while there is neither an order nor a draft in it.
    """
    given = body.model_dump(exclude_none=True)
    try:
        changed = await change_tenant(
            call.connection, call.tenant_id, given, now=call.now
        )
    except InvalidAccount as error:
        message = str(error).removeprefix(f"{error.field}: ")
        raise invalid(error.field, message) from None
    call.note(call.tenant_id, fields=sorted(given))
    return tenant_view(changed.tenant)
