"""The shop itself: what it is called, where it is, which language and money it has."""

from collections.abc import Mapping

from bot.inbox.accounts import load_tenants
from bot.inbox.tenants import may_change_currency
from bot.web.api.tenant import read_tenant
from bot.web.choices import Choices, countries, currencies, spoken, timezones
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("shop")
async def show_shop(visit: Visit) -> Mapping[str, object]:
    """Show what the shop is called and where it is."""
    shop, language = await read_tenant(visit.call), visit.say.language
    entries = await load_tenants(visit.connection, [visit.tenant.id])
    return {
        "shop": shop,
        "languages_there_are": _with(spoken(language), shop.language),
        "timezones": _with(timezones(), shop.timezone),
        "countries": _with(countries(language), shop.country),
        "currencies": _with(currencies(language), shop.currency),
        "may_change_currency": await may_change_currency(
            visit.connection, entries[visit.tenant.id]
        ),
    }


def _with(choices: Choices, chosen: str) -> Choices:
    """Return choices that hold what is chosen: older names are in no list."""
    if any(value == chosen for value, _ in choices):
        return choices
    return [(chosen, chosen), *choices]
