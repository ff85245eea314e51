"""The frame of every page: who looks, with which role, in which language, and errors.

A page is a function from a `Visit` to the values of its template. It only reads; what
people do on it are calls of the native API, made by the page's script.
"""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

import structlog
from aiohttp import web
from markupsafe import Markup
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.domain.snapshot import Tenant
from bot.inbox.accounts import Role, load_tenants
from bot.inbox.users import User
from bot.runtime import Runtime
from bot.texts import spoken
from bot.web.api import reading
from bot.web.api.call import AnswerT, Call, Work
from bot.web.api.models import ID_PATTERN
from bot.web.api.problems import Problem, not_found
from bot.web.api.roles import Roles
from bot.web.auth import SignedIn, cookie_of, session_of
from bot.web.console import files
from bot.web.console.live import STREAMS
from bot.web.console.rendering import render, render_parts
from bot.web.console.saying import Say, chosen_language, speaking
from bot.web.keys import RUNTIME

_log = structlog.get_logger(__name__)
M = TypeVar("M", bound=BaseModel)

SIGN_IN = "/console/sign-in"
#: In its address: somebody was signed in until now. leave.js says it, too.
OVER = "over"
#: The language that somebody chose for themselves.
LANGUAGE_COOKIE = "chatorder_language"
#: Which parts of a page are wanted.
_PARTS = "X-Part"
_PART = re.compile(r"[a-z_]{1,40}")
#: How long ago something was: times.js keeps it right, so it makes no page another one.
_PASSING = re.compile(r'(<time class="ago[^>]*>)[^<]*')
#: Of every page, before and after the sign-in.
GUARDED: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SAFE: Mapping[str, str] = {
    **GUARDED,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self';"
        # Pictures of products lie where merchants keep them.
        " img-src 'self' data: blob: https:; media-src 'self' blob:;"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
        " base-uri 'none'"
    ),
    "Vary": f"Cookie, {_PARTS}",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One look of a signed-in person at a page. Its connection only reads."""

    runtime: Runtime
    connection: AsyncConnection
    tenant: Tenant
    user: User
    say: Say
    now: datetime
    request: web.Request
    session_id: str

    @property
    def role(self) -> Role:
        return self.user.role

    @property
    def call(self) -> Call:
        """Return what endpoints of the native API take: pages show their views."""
        return Call(
            runtime=self.runtime,
            tenant_id=self.tenant.id,
            actor=f"user:{self.user.id}",
            role=self.user.role,
            now=self.now,
            _connection=self.connection,
            _transact=_refuse,
            session_id=self.session_id,
        )

    def place(self, name: str) -> str:
        """Return an id of the path. Raises Problem for what no id can be."""
        value = self.request.match_info[name]
        if not re.fullmatch(ID_PATTERN, value):
            raise not_found(name.removesuffix("_id"), value)
        return value

    @property
    def parts(self) -> Sequence[str] | None:
        """Return the names of the parts that are wanted; None: the whole page."""
        wanted = self.request.headers.get(_PARTS)
        if wanted is None:
            return None
        return [each.strip() for each in wanted.split(",")]

    def query(self, model: type[M]) -> M:
        """Return the query of the address. Raises Problem naming what is wrong."""
        return reading.query_in(model, self.request)


async def _refuse(work: Work[AnswerT]) -> AnswerT:
    del work
    raise RuntimeError("a page only reads: let its script call the native API")


Handler = Callable[[Visit], Awaitable[Mapping[str, object]]]


class Room:
    """The pages of one part of the console; `name` is also that of its texts.

    `texts` are other files whose script sentences its pages need, too.
    """

    def __init__(
        self,
        name: str,
        path: str,
        roles: Roles,
        *,
        key: str = "",
        texts: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.texts = ("frame", name, *texts)
        self.path = path  #: Where its entry in the rail leads.
        self.roles = roles
        self.key = key  #: Typed after `g`, it leads here.
        self.routes: list[web.RouteDef] = []

    def page(
        self, path: str, template: str, *, roles: Roles | None = None
    ) -> Callable[[Handler], Handler]:
        """Declare the page at a path below `/console`."""
        allowed = self.roles if roles is None else roles

        def declare(handler: Handler) -> Handler:
            async def handle(request: web.Request) -> web.StreamResponse:
                return await _show(request, self, template, allowed, handler)

            self.routes.append(web.get("/console" + path, handle))
            return handler

        return declare


def elsewhere(room: Room) -> web.RouteDef:
    """Return what answers at all other addresses of the console: declared last.

    It leads back to a room that everybody may enter.
    """

    async def nothing(visit: Visit) -> Mapping[str, object]:
        raise not_found("page", visit.request.path)

    async def handle(request: web.Request) -> web.StreamResponse:
        return await _show(request, room, "error.html", room.roles, nothing)

    return web.get("/console/{elsewhere:.*}", handle)


ROOMS = web.AppKey("console_rooms", Sequence[Room])


# -- one look -------------------------------------------------------------------------


async def _show(
    request: web.Request, room: Room, template: str, roles: Roles, handler: Handler
) -> web.StreamResponse:
    try:
        signed = await session_of(request)
        if signed is None:
            return _to_sign_in(request)
        async with _visiting(request, signed) as visit:
            if visit.role not in roles:
                return _error(visit, room, signed, HTTPStatus.FORBIDDEN)
            try:
                values = await handler(visit)
            except Problem as problem:
                return _error(visit, room, signed, problem.kind.status, problem.detail)
            return _answer(visit, room, signed, template, values)
    except DatabaseUnavailable:
        raise unavailable() from None


def unavailable() -> web.HTTPServiceUnavailable:
    """Return the answer while the database cannot be reached."""
    return web.HTTPServiceUnavailable(
        text="the database cannot be reached now: please try again\n",
        headers={**_SAFE, "Retry-After": "5"},
    )


@asynccontextmanager
async def _visiting(request: web.Request, signed: SignedIn) -> AsyncIterator[Visit]:
    runtime = request.app[RUNTIME]
    now = runtime.clock()
    async with runtime.database.reading() as connection:
        tenant_id = signed.user.tenant_id
        entries = await load_tenants(connection, [tenant_id])
        tenant = entries[tenant_id].tenant
        language = chosen_language(
            request.cookies.get(LANGUAGE_COOKIE), tenant.language
        )
        say = speaking(language, tenant.timezone, tenant.country, now)
        yield Visit(
            runtime=runtime,
            connection=connection,
            tenant=tenant,
            user=signed.user,
            say=say,
            now=now,
            request=request,
            session_id=signed.session_id,
        )


def _to_sign_in(request: web.Request) -> web.StreamResponse:
    if _PARTS in request.headers:  # The page reloads, and is led there.
        return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=_SAFE)
    back = quote(request.path_qs, safe="")
    had_one = cookie_of(request.app[RUNTIME].settings) in request.cookies
    over = f"&{OVER}=1" if had_one else ""
    return web.Response(
        status=HTTPStatus.SEE_OTHER,
        headers={**_SAFE, "Location": f"{SIGN_IN}?next={back}{over}"},
    )


def _answer(
    visit: Visit,
    room: Room,
    signed: SignedIn,
    template: str,
    values: Mapping[str, object],
) -> web.StreamResponse:
    every = {**_common(visit, room, signed), **values}
    if visit.parts is None:
        return _html(visit.request, render(template, every))
    known = [each for each in visit.parts if _PART.fullmatch(each)]
    return _html(visit.request, render_parts(template, known, every))


def _html(request: web.Request, text: str) -> web.StreamResponse:
    """Return a page, or that it is still the one that the browser has."""
    lasting = _PASSING.sub(r"\1", text)
    tag = f'W/"{hashlib.sha256(lasting.encode()).hexdigest()[:16]}"'
    headers = {**_SAFE, "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return web.Response(text=text, content_type="text/html", headers=headers)


def _common(visit: Visit, room: Room, signed: SignedIn) -> dict[str, object]:
    """Return what every template is given."""
    rooms = visit.request.app[ROOMS]
    return {
        "say": visit.say,
        "now": visit.now,
        "tenant": visit.tenant,
        "user": visit.user,
        "role": visit.role,
        "csrf": signed.csrf,
        "session_id": signed.session_id,
        "room": room,
        "rooms": [each for each in rooms if visit.role in each.roles],
        "static": files.address,
        "path": visit.request.path,
        "query": visit.request.query,
        "with_query": lambda **changes: _with_query(visit.request, changes),
        "initials": initials,
        "languages": spoken,
        "tick": visit.request.app[STREAMS].tick,
        "words": lambda: _words(visit.say, room),
    }


def initials(name: str) -> str:
    """Return the one or two letters by which a person is shown."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def _with_query(request: web.Request, changes: Mapping[str, object]) -> str:
    """Return the address of this page with some of its query changed."""
    query = {**request.query, **{k: str(v) for k, v in changes.items() if v != ""}}
    kept = {name: value for name, value in query.items() if changes.get(name) != ""}
    return str(request.rel_url.with_query(kept))


def _words(say: Say, room: Room) -> Markup:
    """Return what the page's scripts say, as JSON that no HTML can break out of."""
    begins = tuple(f"{each}.script." for each in room.texts)
    found = {
        key.partition(".script.")[2]: text
        for key, text in say.wording.texts.items()
        if key.startswith(begins)
    }
    text = json.dumps(found, ensure_ascii=True).replace("<", "\\u003c")
    return Markup(text)  # noqa: S704  # escaped for where it stands


def _error(
    visit: Visit, room: Room, signed: SignedIn, status: HTTPStatus, detail: str = ""
) -> web.StreamResponse:
    """Return a page that says what is wrong, and leads back."""
    if _PARTS in visit.request.headers:
        return web.Response(status=status, headers=_SAFE)
    key = f"frame.error_{status.value}"
    values = {
        **_common(visit, room, signed),
        "title": visit.say(key if visit.say.knows(key) else "frame.error_other"),
        "detail": detail,
        "status": status.value,
    }
    text = render("error.html", values)
    return web.Response(
        text=text, content_type="text/html", status=status, headers=_SAFE
    )
