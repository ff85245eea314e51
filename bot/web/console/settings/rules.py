"""The shop's rules and policies, as a form."""

from collections.abc import Mapping

from bot.web.api.shop_rules import read_shop_rules
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page
from bot.web.console.settings.rule_form import ROW, WHEN, Kind, form_of


@page("rules")
async def show_rules(visit: Visit) -> Mapping[str, object]:
    """Show all rules; what is not one of several belongs to the orders' section."""
    found = await read_shop_rules(visit.call)
    form = form_of(found.rules)
    deep = {Kind.GROUP, Kind.ROWS}
    return {
        "version": found.version,
        "plain": [each for each in form if each.kind not in deep],
        "sections": [each for each in form if each.kind in deep],
        "when": WHEN,
        "row": ROW,
    }
