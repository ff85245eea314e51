"""Signing in with a password, and out: forms that work without a script."""

import asyncio
import hmac
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.inbox.audit import audited
from bot.inbox.news import What
from bot.inbox.passwords import hash_password, is_outdated, is_password
from bot.inbox.sessions import end
from bot.inbox.users import User, hash_again, with_email
from bot.runtime import Runtime
from bot.web.auth import SignedIn, cookie_of, session_of
from bot.web.console.entrance import (
    MOST_SHOPS,
    Shown,
    choose,
    drop_cookie,
    leave_for,
    let_in,
    own_path,
    page,
    seconds_to_wait,
    too_fast,
)
from bot.web.console.frame import OVER, SIGN_IN, unavailable
from bot.web.forms import read_form, refuse_other_sites
from bot.web.keys import LIMITER, RUNTIME
from bot.web.limiting import wait_for_account

_log = structlog.get_logger(__name__)

routes = web.RouteTableDef()
#: No refusal comes sooner, seconds: one hash or those of five shops take less.
_PATIENCE = 0.4


@routes.get(SIGN_IN)
async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """Show the form; whoever is signed in goes on."""
    next_path = own_path(request.query.get("next", ""))
    shown = Shown(next=next_path, is_over=OVER in request.query)
    try:
        signed = await session_of(request)
    except DatabaseUnavailable:
        raise unavailable() from None
    if signed is not None:
        return leave_for(next_path)
    return page(request, shown)


@routes.post(SIGN_IN)
async def sign_in(request: web.Request) -> web.StreamResponse:
    """Sign in with an email address and a password."""
    refuse_other_sites(request)
    given = await read_form(request)
    next_path = own_path(given["next"])
    email, password = given["email"].strip(), given["password"]
    shown = Shown(next=next_path, email=email)
    wait = await seconds_to_wait(request)
    try:
        if not wait and given["ticket"]:
            return await choose(request, given["ticket"], given["shop"])
        if email and not wait:
            wait = await wait_for_account(request.app[LIMITER], email)
        if wait:
            late = Shown(HTTPStatus.TOO_MANY_REQUESTS, next_path, email, "slow", wait)
            return too_fast(request, late)
        return await _answer(request, shown, password)
    except DatabaseUnavailable:
        raise unavailable() from None


@routes.post("/console/sign-out")
async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session that the form's page belongs to."""
    refuse_other_sites(request)
    given = await read_form(request)
    runtime = request.app[RUNTIME]
    try:
        signed = await session_of(request)
        if signed is not None:
            if not hmac.compare_digest(given["csrf"].encode(), signed.csrf.encode()):
                raise web.HTTPForbidden(text="reload the page, then sign out again\n")
            await _end(runtime, signed)
            runtime.news.tell(signed.user.tenant_id, None, What.SESSION)
    except DatabaseUnavailable:
        raise unavailable() from None
    response = leave_for(SIGN_IN)
    drop_cookie(request, response, cookie_of(runtime.settings))
    return response


async def _answer(request: web.Request, shown: Shown, password: str) -> web.Response:
    loop = asyncio.get_running_loop()
    began = loop.time()
    people = await _proved(request.app[RUNTIME], shown.email, password)
    if people:
        return await let_in(request, people, how="password", next_path=shown.next)
    # Nobody learns from the clock whether there is such an account, or in how many
    # shops: too little of it shows.
    await asyncio.sleep(max(0.0, began + _PATIENCE - loop.time()))
    _log.warning("sign_in_refused", remote=request.remote)
    wrong = Shown(HTTPStatus.FORBIDDEN, shown.next, shown.email, "wrong")
    return page(request, wrong)


async def _proved(runtime: Runtime, email: str, password: str) -> Sequence[User]:
    """Return the people with that address whose password it is, one for each shop."""
    async with runtime.database.reading() as connection:
        found = await with_email(connection, email, limit=MOST_SHOPS)
    if not found:
        await is_password(None, password)
    proved = []
    for user, stored in found:
        if await is_password(stored, password):
            proved.append(user)
            await _keep_up(runtime, user, stored, password)
    return proved


async def _keep_up(runtime: Runtime, user: User, stored: str, password: str) -> None:
    """Hash a password as one does it today, now that it is known."""
    if not is_outdated(stored):
        return
    better = await hash_password(password)
    async with runtime.database.transaction() as connection:
        await hash_again(connection, user, stored, better)


async def _end(runtime: Runtime, signed: SignedIn) -> None:
    user = signed.user

    async def work(connection: AsyncConnection) -> None:
        await end(connection, user.tenant_id, signed.session_id)
        await audited(
            connection,
            id=runtime.new_id("audit"),
            tenant_id=user.tenant_id,
            actor=f"user:{user.id}",
            action="sign_out",
            target=signed.session_id,
            now=runtime.clock(),
        )

    await runtime.database.retried(work)
