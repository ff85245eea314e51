"""One's own password: whoever knows it gives themselves another one."""

import structlog
from pydantic import ConfigDict, Field

from bot.inbox.checking import InvalidAccount
from bot.inbox.news import What
from bot.inbox.passwords import LONGEST, check_password, hash_password, is_password
from bot.inbox.sessions import new_token, renew
from bot.inbox.users import User, password_hash_of, set_password
from bot.web.api.call import Call
from bot.web.api.conversation_views import user_of
from bot.web.api.me import endpoints as endpoints  # noqa: PLC0414  # more of it
from bot.web.api.models import Given
from bot.web.api.problems import CONFLICT, TOO_MANY, Problem, invalid
from bot.web.api.roles import SESSIONS
from bot.web.limiting import wait_for_account

_log = structlog.get_logger(__name__)


class OwnPasswordGiven(Given):
    """The password that there is, and the one that takes its place."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"current": "what it is until now", "password": "some longer words"}
            ]
        }
    )

    current: str = Field(max_length=2 * LONGEST, description="What it is now.")
    password: str = Field(
        max_length=2 * LONGEST, description="At least ten characters."
    )


@endpoints.put(
    "/v1/me/password", roles=SESSIONS, raises=(CONFLICT,), own_transaction=True
)
async def change_own_password(call: Call, body: OwnPasswordGiven) -> None:
    """Change one's own password. Wherever else one is signed in, that ends.

    The present one is asked for, and tried no more often than at the sign-in. The
    browser that asks stays signed in, with a new cookie: what the old one says opens
    nothing any more. For people in the console: a key has none.
    """
    user, stored = await _known(call)
    await _count_try(call, user)
    if not await is_password(stored, body.current):
        _log.warning("password_change_refused", user_id=user.id)
        raise invalid("current", "this is not your password")
    try:
        password = check_password(body.password, about=(user.email, user.name))
    except InvalidAccount as error:
        message = str(error).removeprefix(f"{error.field}: ")
        raise invalid(error.field, message) from None
    hashed = await hash_password(password)

    async def work(call: Call) -> None:
        place = (call.connection, call.tenant_id, user.id)
        _, newest = await password_hash_of(*place, to_change=True)
        if newest != stored:
            raise Problem(CONFLICT, "your account was changed meanwhile: try again")
        await set_password(*place, hashed, but=call.session_id, now=call.now)
        if call.session_id is not None:
            token = new_token(call.csrf)  # Other pages of this browser go on.
            await renew(call.connection, call.tenant_id, call.session_id, token)
            call.give_token(token)
        call.tell(None, What.SESSION)
        call.note(user.id)

    return await call.transact(work)


async def _known(call: Call) -> tuple[User, str]:
    """Return who calls, and the hash of their password. Raises Problem."""
    user_id = user_of(call)
    if user_id is None:
        raise Problem(CONFLICT, "a key has no password: make another key instead")
    async with call.runtime.database.reading() as connection:
        user, stored = await password_hash_of(connection, call.tenant_id, user_id)
    if user is None or stored is None:
        raise Problem(CONFLICT, "this account is disabled")
    return user, stored


async def _count_try(call: Call, user: User) -> None:
    if call.limiter is None:
        raise RuntimeError("a page changes no password: let its script call the API")
    wait = await wait_for_account(call.limiter, user.email)
    if wait:
        raise Problem(
            TOO_MANY,
            f"too many tries: wait {wait} seconds",
            headers={"Retry-After": str(wait)},
        )
