"""Signing in with an OpenID Connect provider: there, and back again.

It signs in people who are users already, by the address that the provider has
verified. What one try needs lies sealed in its own browser.
"""

import hmac
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import structlog
from aiohttp import web
from pydantic import ValidationError

from bot.db import DatabaseUnavailable
from bot.domain.account import Unsealable
from bot.inbox.users import with_email
from bot.runtime import Runtime
from bot.settings import Settings
from bot.web.auth import is_secure
from bot.web.console.entrance import (
    MOST_SHOPS,
    Shown,
    drop_cookie,
    leave_for,
    let_in,
    own_path,
    page,
    seconds_to_wait,
    set_cookie,
    too_fast,
)
from bot.web.console.frame import SIGN_IN, unavailable
from bot.web.keys import RUNTIME
from bot.web.openid import (
    Client,
    Flow,
    NotVouched,
    Reason,
    authorization_url,
    discover,
    new_flow,
    vouched_email,
)

_log = structlog.get_logger(__name__)

routes = web.RouteTableDef()
CALLBACK = f"{SIGN_IN}/callback"
#: To type a password and a second factor over there.
_TRYING = timedelta(minutes=10)
_LONGEST_CODE = 4096


@routes.get(f"{SIGN_IN}/sso")
async def leave(request: web.Request) -> web.StreamResponse:
    """Send the browser to the provider."""
    client = _client(request)
    next_path = own_path(request.query.get("next", ""))
    wait = await seconds_to_wait(request)
    if wait:
        late = Shown(HTTPStatus.TOO_MANY_REQUESTS, next_path, problem="slow", wait=wait)
        return too_fast(request, late)
    runtime = request.app[RUNTIME]
    flow = new_flow(next_path, runtime.clock() + _TRYING)
    try:
        async with _calling(runtime) as session:
            metadata = await discover(session, client.issuer)
    except NotVouched as error:
        return _refused(request, error, next_path)
    response = leave_for(authorization_url(client, metadata, flow))
    sealed = runtime.seal_secret(flow.model_dump_json())
    set_cookie(request, response, _cookie(runtime.settings), sealed, _TRYING)
    return response


@routes.get(CALLBACK)
async def come_back(request: web.Request) -> web.StreamResponse:
    """Sign in whom the provider vouches for, if they are a user of a shop."""
    client = _client(request)
    wait = await seconds_to_wait(request)
    if wait:
        late = Shown(HTTPStatus.TOO_MANY_REQUESTS, problem="slow", wait=wait)
        return too_fast(request, late)
    try:
        response = await _answer(request, client)
    except DatabaseUnavailable:
        raise unavailable() from None
    drop_cookie(request, response, _cookie(request.app[RUNTIME].settings))
    return response


async def _answer(request: web.Request, client: Client) -> web.StreamResponse:
    runtime = request.app[RUNTIME]
    flow = _flow(request)
    if flow is None:  # Of another browser, of another try, or too late.
        return page(request, Shown(HTTPStatus.FORBIDDEN, problem="over"))
    try:
        code = _code(request, client)
        async with _calling(runtime) as session:
            email = await vouched_email(
                session, client, flow, code, now=runtime.clock()
            )
    except NotVouched as error:
        return _refused(request, error, flow.next)
    async with runtime.database.reading() as connection:
        found = await with_email(connection, email, limit=MOST_SHOPS)
    if not found:
        _log.warning("sso_refused", reason="nobody", remote=request.remote)
        nobody = Shown(HTTPStatus.FORBIDDEN, flow.next, problem="sso_nobody")
        return page(request, nobody)
    people = [user for user, _ in found]
    return await let_in(request, people, how="sso", next_path=flow.next)


def _code(request: web.Request, client: Client) -> str:
    """Return the code that the provider gave. Raises NotVouched."""
    if "error" in request.query:
        raise NotVouched(Reason.REFUSED, "the provider answers an error")
    issuer = request.query.get("iss")  # RFC 9207
    if issuer is not None and issuer.rstrip("/") != client.issuer:
        raise NotVouched(Reason.REFUSED, "the answer is of another issuer")
    code = request.query.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        raise NotVouched(Reason.REFUSED, "the answer has no code")
    return code


def _flow(request: web.Request) -> Flow | None:
    """Return the try that the answer belongs to, None when this browser has none."""
    runtime = request.app[RUNTIME]
    sealed = request.cookies.get(_cookie(runtime.settings), "")
    try:
        flow = Flow.model_validate_json(runtime.open_secret(sealed))
    except (Unsealable, ValidationError, ValueError):
        return None
    state = request.query.get("state", "").encode(errors="replace")
    mine = hmac.compare_digest(state, flow.state.encode())
    return flow if mine and flow.until > runtime.clock() else None


def _refused(request: web.Request, error: NotVouched, next_path: str) -> web.Response:
    _log.warning(
        "sso_refused",
        reason=error.reason.value,
        detail=error.detail,
        remote=request.remote,
    )
    down = error.reason is Reason.UNREACHABLE
    status = HTTPStatus.BAD_GATEWAY if down else HTTPStatus.FORBIDDEN
    return page(request, Shown(status, next_path, problem=f"sso_{error.reason}"))


def _client(request: web.Request) -> Client:
    """Return who we are to the provider; without one there are no such pages."""
    settings = request.app[RUNTIME].settings
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        raise web.HTTPNotFound
    secret = settings.oidc_client_secret
    base = settings.public_url or f"{request.scheme}://{request.host}"
    return Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        base + CALLBACK,
    )


def _calling(runtime: Runtime) -> aiohttp.ClientSession:
    """Return a session for one try: few people sign in, and all wait for an answer."""
    seconds = runtime.settings.outgoing_timeout_seconds
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds))


def _cookie(settings: Settings) -> str:
    return "__Host-chatorder_sso" if is_secure(settings) else "chatorder_sso"
