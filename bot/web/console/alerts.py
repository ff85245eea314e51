"""Of what a person is to be told on every page: `GET /console/alerts`, as JSON.

One tab of a browser asks when something changed, and passes it on to the others. It is
also how a page without a live connection finds out that nobody is signed in any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from aiohttp import web

from bot.db import DatabaseUnavailable
from bot.inbox.alerting import Alerts, Told, alerts_of
from bot.web.api.roles import CHATS
from bot.web.auth import session_of
from bot.web.keys import RUNTIME

routes = web.RouteTableDef()

_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@routes.get("/console/alerts", allow_head=False)
async def show_alerts(request: web.Request) -> web.StreamResponse:
    """Tell who waits for whoever is signed in. To ask is no use of the session."""
    runtime = request.app[RUNTIME]
    try:
        person = await session_of(request, used=False)
        if person is None:
            return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=_HEADERS)
        if person.user.role not in CHATS:
            return web.Response(status=HTTPStatus.FORBIDDEN, headers=_HEADERS)
        user = person.user
        now = runtime.clock()
        async with runtime.database.reading() as connection:
            found = await alerts_of(connection, user.tenant_id, user.id, now=now)
    except DatabaseUnavailable:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=_HEADERS)
    return web.json_response(_shown(found, now), headers=_HEADERS)


def _shown(found: Alerts, now: datetime) -> Mapping[str, object]:
    return {
        "now": now.timestamp(),  # Of two answers the later one counts.
        "count": found.count,
        "waiting": _listed(found.waiting),
        "given": _listed(found.given),
    }


def _listed(told: Sequence[Told]) -> Sequence[Mapping[str, object]]:
    return [
        {"id": each.id, "name": each.name, "at": each.at.isoformat()} for each in told
    ]
