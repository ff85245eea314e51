"""The page before all others: who comes in, and what it shows while nobody does.

Whoever proved who they are comes in here, whichever way they proved it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import Unsealable
from bot.domain.rate import Rate
from bot.inbox.accounts import load_tenants
from bot.inbox.audit import audited
from bot.inbox.news import What
from bot.inbox.sessions import begin, end, new_token
from bot.inbox.users import User, UserGone, UserState, load_user, logged_in
from bot.runtime import Runtime
from bot.settings import Settings
from bot.web.auth import give_token, is_secure, session_of
from bot.web.console import files
from bot.web.console.frame import GUARDED, LANGUAGE_COOKIE
from bot.web.console.rendering import render
from bot.web.console.saying import chosen_language, speaking
from bot.web.devices import device_of
from bot.web.keys import LIMITER, RUNTIME

_log = structlog.get_logger(__name__)

HOME = "/console"
#: One address: a shop's people come at nine o'clock, all from one.
_BY_ADDRESS = Rate(every=5, burst=20)
#: Shops of one installation that one person may belong to.
MOST_SHOPS = 5
#: To choose one of them.
_CHOOSING = timedelta(minutes=5)
_LONGEST_NEXT = 1000
_HEADERS: Mapping[str, str] = {
    **GUARDED,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Vary": "Cookie, Accept-Language",
}

How = Literal["password", "sso", "demo"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: the form, or the shops that somebody may enter."""

    status: HTTPStatus = HTTPStatus.OK
    next: str = HOME
    email: str = ""
    problem: str = ""  #: A key of the page's texts.
    wait: int = 0  #: Seconds.
    ticket: str = ""
    shops: Sequence[tuple[str, str]] = field(default=())  #: (user's id, name).
    is_over: bool = False  #: They come from a page whose session has ended.


class _Proved(BaseModel):
    """Somebody who proved who they are, and with which password."""

    tenant_id: str
    user_id: str
    password_at: datetime


class _Ticket(BaseModel):
    """That the browser has proved itself, sealed, until a shop is chosen."""

    purpose: Literal["choose a shop"] = "choose a shop"
    until: datetime
    how: How
    next: str
    people: list[_Proved]


def page(request: web.Request, shown: Shown) -> web.Response:
    """Return the page, in the language of the browser."""
    runtime = request.app[RUNTIME]
    language = chosen_language(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("Accept-Language")
    )
    text = render(
        "sign_in.html",
        {
            "say": speaking(language, "UTC", "", runtime.clock()),
            "shown": shown,
            "wait": timedelta(seconds=shown.wait),
            "static": files.address,
            "provider": provider_name(runtime.settings),
        },
    )
    headers = {"Retry-After": str(shown.wait)} if shown.wait else {}
    return web.Response(
        text=text,
        content_type="text/html",
        status=shown.status,
        headers={**_HEADERS, **headers},
    )


def provider_name(settings: Settings) -> str:
    """Return what the other way to sign in is called; empty: there is none."""
    if settings.oidc_issuer is None:
        return ""
    return settings.oidc_name or urlsplit(settings.oidc_issuer).netloc


def own_path(wanted: str) -> str:
    """Return where to go on: an address of the console, else its first page."""
    path, _, query = wanted.partition("?")
    is_ours = path == HOME or path.startswith(HOME + "/")
    is_plain = wanted.isascii() and wanted.isprintable() and " " not in wanted
    is_odd = "//" in path or ".." in path or "\\" in wanted or "%" in path
    leads_out = path.startswith((HOME + "/sign-in", HOME + "/sign-out"))
    if not (is_ours and is_plain) or is_odd or leads_out or len(wanted) > _LONGEST_NEXT:
        return HOME
    return f"{path}?{query}" if query else path


def leave_for(address: str) -> web.Response:
    """Return the way to another page."""
    return web.Response(
        status=HTTPStatus.SEE_OTHER, headers={**_HEADERS, "Location": address}
    )


async def seconds_to_wait(request: web.Request) -> int:
    """Count a try of this address; return in how many seconds to come again."""
    name = f"sign-in:address:{request.remote or 'nobody'}"
    return await request.app[LIMITER].wait(name, _BY_ADDRESS)


def too_fast(request: web.Request, shown: Shown) -> web.Response:
    """Return the page that says how long to wait."""
    _log.warning("sign_in_too_fast", remote=request.remote)
    return page(request, shown)


# -- coming in ------------------------------------------------------------------------


async def let_in(
    request: web.Request, people: Sequence[User], *, how: How, next_path: str
) -> web.Response:
    """Sign in whoever proved to be these people: of several shops, they choose one."""
    if len(people) == 1:
        return await _admit(request, people[0], how=how, next_path=next_path)
    runtime = request.app[RUNTIME]
    async with runtime.database.reading() as connection:
        shops = await load_tenants(connection, {each.tenant_id for each in people})
    ticket = _Ticket(
        until=runtime.clock() + _CHOOSING,
        how=how,
        next=next_path,
        people=[
            _Proved(tenant_id=u.tenant_id, user_id=u.id, password_at=u.password_at)
            for u in people
        ],
    )
    named = [(each.id, shops[each.tenant_id].tenant.name) for each in people]
    return page(
        request,
        Shown(
            ticket=runtime.seal_secret(ticket.model_dump_json()),
            shops=sorted(named, key=lambda each: each[1].casefold()),
        ),
    )


async def choose(request: web.Request, sealed: str, user_id: str) -> web.Response:
    """Sign in to the shop that was chosen, if it was proved a moment ago."""
    runtime = request.app[RUNTIME]
    over = Shown(HTTPStatus.FORBIDDEN, problem="over")
    ticket = _opened(runtime, sealed)
    if ticket is None:
        return page(request, over)
    chosen = next((each for each in ticket.people if each.user_id == user_id), None)
    if chosen is None:
        return page(request, over)
    try:
        async with runtime.database.reading() as connection:
            user = await load_user(connection, chosen.tenant_id, chosen.user_id)
    except UserGone:
        return page(request, over)
    if user.state is not UserState.ACTIVE or user.password_at != chosen.password_at:
        return page(request, over)
    return await _admit(request, user, how=ticket.how, next_path=ticket.next)


def _opened(runtime: Runtime, sealed: str) -> _Ticket | None:
    try:
        ticket = _Ticket.model_validate_json(runtime.open_secret(sealed))
    except (Unsealable, ValidationError, ValueError):
        return None
    return ticket if ticket.until > runtime.clock() else None


async def _admit(
    request: web.Request, user: User, *, how: How, next_path: str
) -> web.Response:
    """Begin a session; what the browser had before opens nothing any more."""
    runtime, token = request.app[RUNTIME], new_token()
    before = await session_of(request)
    now, session_id = runtime.clock(), runtime.new_id("session")

    async def work(connection: AsyncConnection) -> None:
        if before is not None:
            await end(connection, before.user.tenant_id, before.session_id)
        await begin(
            connection,
            user,
            token,
            id=session_id,
            address=request.remote,
            device=device_of(request.headers.get("User-Agent")),
            now=now,
        )
        await logged_in(connection, user, now=now)
        await audited(
            connection,
            id=runtime.new_id("audit"),
            tenant_id=user.tenant_id,
            actor=f"user:{user.id}",
            action="sign_in",
            target=session_id,
            details={"how": how},
            now=now,
        )

    await runtime.database.retried(work)
    _log.info("signed_in", tenant_id=user.tenant_id, user_id=user.id, how=how)
    if before is not None:
        runtime.news.tell(before.user.tenant_id, None, What.SESSION)
    response = leave_for(next_path)
    give_token(response, runtime.settings, token)
    return response


def set_cookie(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    kept: timedelta,
) -> None:
    """Give the browser something to keep that no script and no other site reads."""
    response.set_cookie(
        name,
        value,
        max_age=int(kept.total_seconds()),
        path="/",
        secure=is_secure(request.app[RUNTIME].settings),
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """Make the browser forget it."""
    set_cookie(request, response, name, "", timedelta())
