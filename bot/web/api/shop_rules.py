"""How the shop delivers, is paid, opens and confirms: one document with a version."""

from pydantic import ConfigDict, Field

from bot.inbox.accounts import load_tenants
from bot.inbox.shop_rules import (
    InvalidRules,
    RulesChanged,
    ShopRules,
    load_shop_rules,
    rules_of,
    shop_of,
    store_shop_rules,
)
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Shown
from bot.web.api.problems import INVALID, VERSION_CONFLICT, Problem, version_conflict
from bot.web.api.roles import SHOP_READ, SHOP_WRITE

endpoints = Endpoints(
    "shop rules",
    "Delivery and pick-up, areas, payment, tax, opening hours, who confirms, and what"
    " no order is placed without. They are checked at the draft and again at confirm.",
)

_EXAMPLE = ShopRules.model_config["json_schema_extra"]["examples"][0]  # type: ignore[index]  # pydantic's own form


class RulesView(Shown):
    """The rules and their version."""

    version: int = Field(description="Send it with the change.", examples=[3])
    rules: ShopRules


class RulesGiven(Given):
    """All rules; what is left out takes its default."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 3, "rules": _EXAMPLE}]}
    )

    version: int = Field(ge=0, le=2**31 - 1, description="As they were read.")
    rules: ShopRules


@endpoints.get("/v1/shop-rules", roles=SHOP_READ)
async def read_shop_rules(call: Call) -> RulesView:
    """Read the shop's rules."""
    shop, version = await load_shop_rules(call.connection, call.tenant_id)
    return RulesView(version=version, rules=rules_of(shop, await _currency(call)))


@endpoints.put("/v1/shop-rules", roles=SHOP_WRITE, raises=(VERSION_CONFLICT,))
async def replace_shop_rules(call: Call, body: RulesGiven) -> RulesView:
    """Replace the shop's rules.

    They hold from the next message on. Where a customer has seen a summary that is no
    longer true, the difference is shown and the customer is asked again.
    """
    currency = await _currency(call)
    try:
        shop = shop_of(body.rules, currency)
        version = await store_shop_rules(
            call.connection, call.tenant_id, shop, body.version, call.now
        )
    except InvalidRules as error:
        raise _invalid(error) from None
    except RulesChanged as error:
        raise version_conflict(
            "shop rules", call.tenant_id, sent=body.version, newest=error.version
        ) from None
    call.note(call.tenant_id, version=version)
    return RulesView(version=version, rules=rules_of(shop, currency))


async def _currency(call: Call) -> str:
    entries = await load_tenants(call.connection, [call.tenant_id])
    return entries[call.tenant_id].tenant.currency


def _invalid(error: InvalidRules) -> Problem:
    errors = [
        {"field": f"rules.{field}", "message": message}
        for field, message in error.errors
    ]
    said = "; ".join(f"{each['field']}: {each['message']}" for each in errors)
    return Problem(INVALID, said, {"errors": errors})
