"""Users: the people who work in the console."""

import secrets

from pydantic import ConfigDict, Field

from bot.inbox.accounts import Role
from bot.inbox.checking import InvalidAccount, check_name
from bot.inbox.news import What
from bot.inbox.passwords import LONGEST, check_password, hash_password
from bot.inbox.users import (
    KNOWN_AS,
    User,
    UserGone,
    UserState,
    add_user,
    change_user,
    check_email,
    list_users,
    load_user,
    set_password,
)
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import invalid, not_found
from bot.web.api.roles import USERS_READ, USERS_WRITE

endpoints = Endpoints("users", "The people who work in the console.")

_PASSWORD = "At least ten characters. Without: one is made, and shown this once."  # noqa: S105  # a description
_EXTERNAL = "Their id in the shop's other system; empty: none. It goes out with orders."
_CODE = "By which the shop's books know them as a seller; empty: none."
_TEAM = "Their team: orders can be routed by it. Empty: none."
_TEAM_ID = "The team's id in the shop's other system; empty: none."
#: 120 random bits.
_RANDOM_BYTES = 15


class UserGiven(Given):
    """A person, and what they may do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"email": "ana@shop.example", "name": "Ana Kaya", "role": "agent"}
            ]
        }
    )

    email: str = Field(max_length=320, description="One user of the shop has it.")
    name: str = Field(max_length=300)
    role: Role = Field(description="agent, manager or admin.")
    password: str | None = Field(None, max_length=LONGEST, description=_PASSWORD)


class UserChangeGiven(Given):
    """What to change. What is not sent stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "manager"}]})

    name: str | None = Field(None, max_length=300)
    role: Role | None = None
    disabled: bool | None = Field(
        None, description="May not log in; what they did keeps their name."
    )
    external_id: str | None = Field(None, max_length=200, description=_EXTERNAL)
    sales_code: str | None = Field(None, max_length=100, description=_CODE)
    team: str | None = Field(None, max_length=200, description=_TEAM)
    team_external_id: str | None = Field(None, max_length=200, description=_TEAM_ID)


class PasswordGiven(Given):
    """A new password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    password: str | None = Field(None, max_length=LONGEST, description=_PASSWORD)


class UserView(Shown):
    """A person as listed."""

    id: str = Field(examples=["user_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    email: str = Field(examples=["ana@shop.example"])
    name: str = Field(examples=["Ana Kaya"])
    role: Role
    disabled: bool
    created_at: Moment
    last_login_at: Moment | None
    external_id: str | None = Field(description="Their id in the shop's other system.")
    sales_code: str | None = Field(description="By which its books know a seller.")
    team: str | None = Field(examples=["Kadikoy"])
    team_external_id: str | None


class NewUserView(UserView):
    """A person whose password was just set."""

    password: str | None = Field(
        description="The one that was made: it is shown this once. Null: you sent it."
    )


@endpoints.get("/v1/users", roles=USERS_READ)
async def list_of_users(call: Call, query: Paging) -> Page[UserView]:
    """List users, oldest first."""
    found, total = await list_users(
        call.connection, call.tenant_id, limit=query.limit, offset=query.offset
    )
    return Page(data=[_view(each) for each in found], total=total)


@endpoints.get("/v1/users/{user_id}", roles=USERS_READ)
async def read_user(call: Call, user_id: Id) -> UserView:
    """Read a user."""
    try:
        return _view(await load_user(call.connection, call.tenant_id, user_id))
    except UserGone:
        raise not_found("user", user_id) from None


@endpoints.post("/v1/users", roles=USERS_WRITE, status=201, own_transaction=True)
async def create_user(call: Call, body: UserGiven) -> NewUserView:
    """Add a person."""
    try:
        email, name = check_email(body.email), check_name(body.name)
        password = _password(body.password, about=(email, name))
    except InvalidAccount as error:
        raise _invalid(error) from None
    hashed = await hash_password(password)

    async def work(call: Call) -> NewUserView:
        try:
            added = await add_user(
                call.connection,
                id=call.new_id("user"),
                tenant_id=call.tenant_id,
                email=email,
                name=name,
                role=body.role,
                password_hash=hashed,
                now=call.now,
            )
        except InvalidAccount as error:
            raise _invalid(error) from None
        return _new(added, body.password, password)

    return await call.transact(work)


@endpoints.patch("/v1/users/{user_id}", roles=USERS_WRITE)
async def update_user(call: Call, user_id: Id, body: UserChangeGiven) -> UserView:
    """Change a person's name, role or team, or disable them.

    A shop keeps at least one admin who may log in.
    """
    states = {None: None, True: UserState.DISABLED, False: UserState.ACTIVE}
    try:
        changed = await change_user(
            call.connection,
            call.tenant_id,
            user_id,
            name=body.name,
            role=body.role,
            state=states[body.disabled],
            known_as=_known_as(body),
        )
    except UserGone:
        raise not_found("user", user_id) from None
    except InvalidAccount as error:
        raise _invalid(error) from None
    call.tell(None, What.SESSION)
    call.note(fields=sorted(body.model_fields_set))
    return _view(changed)


@endpoints.post(
    "/v1/users/{user_id}/reset-password", roles=USERS_WRITE, own_transaction=True
)
async def reset_user_password(
    call: Call, user_id: Id, body: PasswordGiven | None = None
) -> NewUserView:
    """Give a person a new password. Where they are logged in, that ends."""
    given = body.password if body else None
    try:
        async with call.runtime.database.reading() as connection:
            user = await load_user(connection, call.tenant_id, user_id)
        password = _password(given, about=(user.email, user.name))
    except UserGone:
        raise not_found("user", user_id) from None
    except InvalidAccount as error:
        raise _invalid(error) from None
    hashed = await hash_password(password)

    async def work(call: Call) -> NewUserView:
        changed = await set_password(
            call.connection, call.tenant_id, user_id, hashed, now=call.now
        )
        call.tell(None, What.SESSION)
        return _new(changed, given, password)

    return await call.transact(work)


def _known_as(body: UserChangeGiven) -> dict[str, str]:
    sent = ((name, getattr(body, name)) for name in KNOWN_AS)
    return {name: value for name, value in sent if value is not None}


def _password(given: str | None, *, about: tuple[str, ...]) -> str:
    """Return the password to set. Raises InvalidAccount."""
    if given is None:
        return secrets.token_urlsafe(_RANDOM_BYTES)
    return check_password(given, about=about)


def _invalid(error: InvalidAccount) -> Exception:
    return invalid(error.field, str(error).removeprefix(f"{error.field}: "))


def _new(user: User, given: str | None, password: str) -> NewUserView:
    shown = None if given is not None else password
    return NewUserView(**_view(user).model_dump(), password=shown)


def _view(user: User) -> UserView:
    return UserView(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        disabled=user.state is UserState.DISABLED,
        created_at=user.created_at,
        last_login_at=user.last_login_at,
        external_id=user.external_id,
        sales_code=user.sales_code,
        team=user.team,
        team_external_id=user.team_external_id,
    )
