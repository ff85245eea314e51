"""Whoever looks: their name, password, language, alerts, where they are signed in."""

from collections.abc import Mapping

from bot.inbox.audit import audit_page
from bot.web.api.sessions import SessionsQuery, list_of_sessions
from bot.web.console.entrance import provider_name
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("account")
async def show_account(visit: Visit) -> Mapping[str, object]:
    """Show the account of whoever looks."""
    found = await list_of_sessions(visit.call, SessionsQuery(user_id=None))
    return {"sessions": found.data, "vouched_by": await _voucher(visit)}


async def _voucher(visit: Visit) -> str:
    """Return who vouched for them when they signed in; empty: their password did."""
    provider = provider_name(visit.runtime.settings)
    if not provider:
        return ""
    found, _ = await audit_page(
        visit.connection,
        visit.tenant.id,
        action="sign_in",
        target=visit.session_id,
        limit=1,
    )
    return provider if any(each.details.get("how") == "sso" for each in found) else ""
