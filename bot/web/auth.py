"""Who calls: the holder of a key, or a person whose browser is signed in."""

import hmac
from dataclasses import dataclass

from aiohttp import web

from bot.db import DatabaseUnavailable
from bot.inbox.accounts import KeyHolder, Role, find_key
from bot.inbox.sessions import LONGEST, Session, csrf_of, find, is_due, see
from bot.inbox.users import User
from bot.runtime import Runtime
from bot.settings import Settings
from bot.web.keys import RUNTIME

#: With what a page of the console says that it is one: see `SignedIn.csrf`.
CSRF = "X-CSRF-Token"
#: With what a page says that it asks by itself: who left it open does not use it.
UNATTENDED = "X-Unattended"
_READING = frozenset({"GET", "HEAD"})
_OWN_SITE = frozenset({"same-origin", "none"})


class SentElsewhere(Exception):
    """A call that another site may have sent from a browser of ours; it says why."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who may do what, for whom. `actor` is what is written down: `key:ID`, `user:ID`.

    `session_id` and `csrf`: of a person in the console.
    """

    tenant_id: str
    actor: str
    role: Role
    session_id: str | None = None
    csrf: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person in the console. Whatever changes something sends `csrf` along.

    It stays the same for as long as the session.
    """

    user: User
    session_id: str
    csrf: str


async def caller_of(
    request: web.Request, key: str | None, *, people: bool = False
) -> Caller | None:
    """Return who calls with a key, None when it proves nobody.

    `people`: without a key, whoever is signed in to the console calls, too.

    Raises DatabaseUnavailable when that cannot be looked up now, and SentElsewhere.
    """
    if key is not None:
        holder = await _holder(request, key)
        if holder is None:
            return None
        return Caller(holder.tenant_id, f"key:{holder.id}", holder.role)
    person = await session_of(request) if people else None
    if person is None:
        return None
    _refuse_other_sites(request, person)
    user, actor = person.user, f"user:{person.user.id}"
    return Caller(user.tenant_id, actor, user.role, person.session_id, person.csrf)


async def holder_of(request: web.Request) -> KeyHolder | None:
    """Return who holds the request's key, None when it has none that is valid.

    Raises DatabaseUnavailable when the keys cannot be looked up now.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return None
    return await _holder(request, key.strip())


async def _holder(request: web.Request, key: str) -> KeyHolder | None:
    runtime = request.app[RUNTIME]
    async with runtime.database.reading() as connection:
        return await find_key(connection, key, now=runtime.clock())


# -- people ---------------------------------------------------------------------------


def cookie_of(settings: Settings) -> str:
    """Return the name of the console's cookie.

    Where the console is reached by https no other host of the domain can set it.
    """
    return "__Host-chatorder_session" if is_secure(settings) else "chatorder_session"


def is_secure(settings: Settings) -> bool:
    """Return whether people reach the console by https."""
    return (settings.public_url or "").startswith("https:")


def give_token(response: web.StreamResponse, settings: Settings, token: str) -> None:
    """Give the browser the token of its session, which no script and no site reads."""
    response.set_cookie(
        cookie_of(settings),
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="Lax",
    )


async def session_of(request: web.Request, *, used: bool = True) -> SignedIn | None:
    """Return who is signed in to the console, None for nobody.

    It counts as a use of the session unless that is said, or its page asks by itself.

    Raises DatabaseUnavailable when that cannot be looked up now.
    """
    runtime = request.app[RUNTIME]
    token = request.cookies.get(cookie_of(runtime.settings))
    if not token:
        return None
    async with runtime.database.reading() as connection:
        found = await find(connection, token, now=runtime.clock())
    if found is None:
        return None
    if used and UNATTENDED not in request.headers:
        await _see(runtime, found.session)
    return SignedIn(found.user, found.session.id, csrf_of(token))


async def _see(runtime: Runtime, session: Session) -> None:
    now = runtime.clock()
    if not is_due(session, now):
        return
    try:
        async with runtime.database.transaction() as connection:
            await see(connection, session, now=now)
    except DatabaseUnavailable:
        return  # What was asked for may work all the same; this is for the next time.


def _refuse_other_sites(request: web.Request, person: SignedIn) -> None:
    """Raise SentElsewhere unless a page of the console has sent the call.

    The browser adds its cookie to whatever any site makes it send.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITE:
        raise SentElsewhere("another site sent this call: use the console's pages")
    if request.method in _READING:
        return
    sent = request.headers.get(CSRF, "").encode(errors="surrogateescape")
    if not hmac.compare_digest(sent, person.csrf.encode()):
        raise SentElsewhere(
            f"whoever is signed in to the console sends the header `{CSRF}` with each"
            " change, as the page has it: reload the page, then try again"
        )
