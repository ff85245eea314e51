"""The first-run page: a shop is made in the browser, by whoever can read the log.

`/setup` is there while the database has no tenant. The code proves that the visitor is
the operator; no other site knows it, which is also why none can send this form.
"""

import base64
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from importlib.resources import files

import structlog
from aiohttp import web
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.domain.snapshot import Tenant
from bot.inbox.checking import InvalidAccount, check_name
from bot.inbox.first_run import Tried, close_first_run, open_first_run
from bot.inbox.first_run import try_code as try_code_in
from bot.inbox.founding import (
    AdminFacts,
    ShopFacts,
    add_admin,
    found_shop,
    has_tenants,
)
from bot.inbox.passwords import check_password, hash_password
from bot.inbox.users import User, check_email
from bot.runtime import Runtime
from bot.web.choices import countries, currencies, spoken, timezones
from bot.web.console.frame import GUARDED, unavailable
from bot.web.forms import read_form, refuse_other_sites
from bot.web.keys import LIMITER, RUNTIME

PATH = "/setup"
routes = web.RouteTableDef()
_log = structlog.get_logger(__name__)

#: From one address; further ones are not even checked.
TRIES_PER_MINUTE = 10
_WAIT = "Too many tries in a short time: wait a minute, then send the form again."
_TEMPLATES = files("bot.web") / "templates"
_STYLE = (_TEMPLATES / "setup.css").read_text(encoding="utf-8")
_PAGE = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).from_string((_TEMPLATES / "setup.html").read_text(encoding="utf-8"))
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Mapping[str, str] = {
    **GUARDED,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:;"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}


class _Gone(Exception):
    """There is a shop already, or the code was used meanwhile."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows: a form, perhaps with what was wrong, or the end of it."""

    status: HTTPStatus = HTTPStatus.OK
    given: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    done: "_Done | None" = None


@dataclass(frozen=True, slots=True)
class _Done:
    tenant: Tenant
    user: User


async def announce(runtime: Runtime, url: str) -> str | None:
    """Log the one-time code and where to use it, unless there is a shop; return it."""
    nonce = secrets.token_hex(16)

    async def work(connection: AsyncConnection) -> str | None:
        return await open_first_run(
            connection, runtime.first_run_key, nonce=nonce, now=runtime.clock()
        )

    try:
        code = await runtime.database.retried(work)
    except IntegrityError:  # another process came first: its number is used
        code = await runtime.database.retried(work)
    except DatabaseUnavailable as error:
        _log.warning("first_run_unknown", error=str(error))
        return None
    if code is not None:
        _log.warning(
            "first_run",
            do="there is no shop yet: open the page and enter the code",
            url=url + PATH,
            code=code,
        )
    return code


@routes.get(PATH)
async def show_form(request: web.Request) -> web.Response:
    """Show the form while there is no shop."""
    try:
        async with request.app[RUNTIME].database.reading() as connection:
            if await has_tenants(connection):
                raise web.HTTPNotFound
    except DatabaseUnavailable:
        raise unavailable() from None
    return _page(_Shown())


@routes.post(PATH)
async def take_form(request: web.Request) -> web.Response:
    """Make the shop and its first admin, if the code is right."""
    refuse_other_sites(request)
    given = await read_form(request)
    if await _is_too_fast(request):
        return _page(_Shown(HTTPStatus.TOO_MANY_REQUESTS, given, problem=_WAIT))
    try:
        return _page(await _answer(request.app[RUNTIME], given))
    except _Gone:
        raise web.HTTPNotFound from None
    except DatabaseUnavailable:
        raise unavailable() from None


async def _answer(runtime: Runtime, given: Mapping[str, str]) -> _Shown:
    code = given["code"]

    async def try_code(connection: AsyncConnection) -> Tried:
        return await try_code_in(connection, runtime.first_run_key, code)

    refused = _refused(await runtime.database.retried(try_code), given)
    if refused is not None:
        return refused
    try:
        shop = _shop(given, runtime.clock())
        admin = await _admin(given)
        done = await _store(runtime, code, shop, admin)
    except InvalidAccount as error:
        return _invalid(error, given)
    _log.info("first_run_done", tenant_id=done.tenant.id, user_id=done.user.id)
    return _Shown(HTTPStatus.CREATED, done=done)


async def _store(
    runtime: Runtime, code: str, shop: ShopFacts, admin: AdminFacts
) -> _Done:
    """Store both and make the code worthless. Raises _Gone, InvalidAccount."""
    now = runtime.clock()

    async def work(connection: AsyncConnection) -> _Done:
        # Hashing took its time: is the code still good?
        tried = await try_code_in(connection, runtime.first_run_key, code)
        if tried is not Tried.RIGHT:
            raise _Gone
        tenant = await found_shop(
            connection, shop, tenant_id=runtime.new_id("tenant"), now=now
        )
        user = await add_admin(
            connection,
            admin,
            tenant_id=tenant.id,
            user_id=runtime.new_id("user"),
            now=now,
        )
        await close_first_run(connection)
        return _Done(tenant, user)

    return await runtime.database.retried(work)


def _refused(tried: Tried, given: Mapping[str, str]) -> _Shown | None:
    match tried:
        case Tried.RIGHT:
            return None
        case Tried.CLOSED:
            raise _Gone
        case Tried.WRONG:
            _log.warning("first_run_code_wrong")
            message = "this is not the code of the last start: copy it from the log"
            return _Shown(HTTPStatus.FORBIDDEN, given, {"code": message})


def _shop(given: Mapping[str, str], now: datetime) -> ShopFacts:
    return ShopFacts.checked(
        name=given["name"],
        language=given["language"],
        country=given["country"],
        timezone=given["timezone"] or None,
        currency=given["currency"] or None,
        now=now,
    )


async def _admin(given: Mapping[str, str]) -> AdminFacts:
    """Return the admin. Raises InvalidAccount, whose fields are those of the form."""
    email = check_email(given["email"])
    try:
        name = check_name(given["admin_name"])
    except InvalidAccount as error:
        problem = str(error).removeprefix(f"{error.field}: ")
        raise InvalidAccount("admin_name", problem) from None
    password = check_password(given["password"], about=(email, name))
    if given["again"] != given["password"]:
        raise InvalidAccount("again", "the two passwords differ")
    return AdminFacts(email, name, await hash_password(password))


def _invalid(error: InvalidAccount, given: Mapping[str, str]) -> _Shown:
    words = str(error).removeprefix(f"{error.field}: ")
    return _Shown(HTTPStatus.UNPROCESSABLE_ENTITY, given, {error.field: words})


def _page(shown: _Shown) -> web.Response:
    problem = shown.problem
    if shown.errors and not problem:
        problem = (
            "Nothing was stored: one answer needs another look, see below."
            " The password has to be typed again, too."
        )
    text = _PAGE.render(
        style=Markup(_STYLE),  # noqa: S704  # our own file
        given=defaultdict(str, shown.given),
        errors=defaultdict(str, shown.errors),
        problem=problem,
        done=shown.done,
        countries=countries(),
        languages=spoken(),
        currencies=currencies(),
        timezones=timezones(),
    )
    return web.Response(
        text=text, content_type="text/html", status=shown.status, headers=_HEADERS
    )


async def _is_too_fast(request: web.Request) -> bool:
    """Count the try; by address, so that whoever guesses keeps out nobody else."""
    allowed = await request.app[LIMITER].spend(
        {f"first-run:{request.remote}": TRIES_PER_MINUTE}
    )
    if allowed.is_refused:
        _log.warning("first_run_too_fast", remote=request.remote)
    return allowed.is_refused
