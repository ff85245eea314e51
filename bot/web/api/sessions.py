"""Sessions: where people are signed in to the console."""

from pydantic import Field

from bot.inbox.accounts import Role
from bot.inbox.news import What
from bot.inbox.sessions import Session, end, end_all, list_sessions
from bot.inbox.users import UserGone, load_user
from bot.web.api.call import Call
from bot.web.api.conversation_views import user_of
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Shown
from bot.web.api.problems import FORBIDDEN, NOT_FOUND, Problem, not_found
from bot.web.api.roles import SESSIONS

endpoints = Endpoints("sessions", "Where people are signed in to the console.")


class SessionsQuery(Given):
    """Whose."""

    user_id: Id | None = Field(
        None, description="Somebody else; an admin's right. Without: the caller."
    )


class SessionView(Shown):
    """A browser in which a person is signed in."""

    id: str = Field(examples=["session_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    user_id: str = Field(examples=["user_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    current: bool = Field(description="It is the one that makes this call.")
    device: str | None = Field(
        description="What the browser said it is.", examples=["Firefox, Linux"]
    )
    address: str | None = Field(
        description="From which it signed in.", examples=["203.0.113.9"]
    )
    created_at: Moment = Field(description="When it signed in.")
    seen_at: Moment = Field(description="When it was last used, to the minute.")
    expires_at: Moment = Field(description="When it ends at the latest.")


@endpoints.get("/v1/sessions", roles=SESSIONS, raises=(NOT_FOUND,))
async def list_of_sessions(call: Call, query: SessionsQuery) -> Page[SessionView]:
    """List where somebody is signed in, the newest use first. A key is nowhere."""
    user_id = await _whose(call, query)
    found = (
        await list_sessions(call.connection, call.tenant_id, user_id, now=call.now)
        if user_id
        else ()
    )
    return Page(data=[_view(call, each) for each in found], total=len(found))


@endpoints.delete("/v1/sessions/{session_id}", roles=SESSIONS)
async def end_session(call: Call, session_id: Id) -> None:
    """Sign a browser out: one's own; an admin anybody's. Its open pages close."""
    owner = None if call.role is Role.ADMIN else user_of(call) or ""
    if not await end(call.connection, call.tenant_id, session_id, user_id=owner):
        raise not_found("session", session_id)
    call.tell(None, What.SESSION)


@endpoints.delete("/v1/sessions", roles=SESSIONS, raises=(NOT_FOUND,))
async def end_other_sessions(call: Call, query: SessionsQuery) -> None:
    """Sign somebody out everywhere but in the browser that asks for it."""
    user_id = await _whose(call, query)
    if user_id:
        count = await end_all(
            call.connection, call.tenant_id, user_id, but=call.session_id
        )
        call.tell(None, What.SESSION)
        call.note(user_id, count=count)


async def _whose(call: Call, query: SessionsQuery) -> str | None:
    """Return whose sessions are meant, None for a key's own. Raises Problem."""
    mine = user_of(call)
    if query.user_id is None or query.user_id == mine:
        return mine
    if call.role is not Role.ADMIN:
        raise Problem(FORBIDDEN, "only an admin sees where others are signed in")
    try:
        user = await load_user(call.connection, call.tenant_id, query.user_id)
    except UserGone:
        raise not_found("user", query.user_id) from None
    return user.id


def _view(call: Call, session: Session) -> SessionView:
    return SessionView(
        id=session.id,
        user_id=session.user_id,
        current=session.id == call.session_id,
        device=session.device,
        address=session.address,
        created_at=session.created_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
    )
