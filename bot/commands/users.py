"""`chatorder user add`, `list`, `reset-password`, `disable` and `enable`."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.asking import PasswordStdin, choose_password
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import new_id, utc_now
from bot.inbox.accounts import Role
from bot.inbox.checking import check_name
from bot.inbox.passwords import hash_password
from bot.inbox.users import (
    USER_ROLES,
    User,
    UserState,
    add_user,
    change_user,
    check_email,
    check_role,
    list_users,
    load_user,
    set_password,
)

_TENANT = "--tenant tenant_01..."
_FIELDS = ("id", "email", "name", "role", "state", "last_login_at")
_ALL = 10_000

Wanted = Annotated[str, typer.Argument(help="Id or email address of the person.")]


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="People who work in the console.")
    for name, command, words in (
        ("add", add, "--email ana@shop.example --name Ana --role admin"),
        ("list", list_all, ""),
        ("reset-password", reset_password, "ana@shop.example"),
        ("disable", disable, "ana@shop.example"),
        ("enable", enable, "ana@shop.example"),
    ):
        example = " ".join(filter(None, (name, words, _TENANT)))
        group.command(name, epilog=f"Example: chatorder user {example}")(command)
    program.add_typer(group, name="user")


def add(
    *,
    tenant: TenantOption,
    email: Annotated[str, typer.Option(help="Email address: the name to log in with.")],
    name: Annotated[str, typer.Option(help="How colleagues see them.")],
    role: Annotated[
        str, typer.Option(help=f"What they may do: {', '.join(USER_ROLES)}.")
    ] = Role.AGENT.value,
    password_stdin: PasswordStdin = False,
    as_json: JsonFlag = False,
) -> None:
    """Add a person. Without a terminal and --password-stdin, a password is made."""
    settings = configured()
    # Said before a password is asked for.
    email, name, role = check_email(email), check_name(name), check_role(role)
    chosen = choose_password(from_stdin=password_stdin, about=(email, name))
    hashed = asyncio.run(hash_password(chosen.password))
    user_id = new_id("user")

    async def work(connection: AsyncConnection) -> User:
        owner = await tenant_named(connection, tenant)
        return await add_user(
            connection,
            id=user_id,
            tenant_id=owner.tenant.id,
            email=email,
            name=name,
            role=role,
            password_hash=hashed,
            now=utc_now(),
        )

    added = in_transaction(settings, work)
    show(
        {**_row(added), **chosen.data()},
        [
            f"Added {added.name} <{added.email}> ({added.role}): {added.id}",
            *chosen.lines(),
        ],
        as_json=as_json,
    )


def list_all(*, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """List the people of a merchant, oldest first."""

    async def work(connection: AsyncConnection) -> list[User]:
        owner = await tenant_named(connection, tenant)
        found, _ = await list_users(connection, owner.tenant.id, limit=_ALL)
        return list(found)

    rows = [_row(user) for user in in_transaction(configured(), work)]
    cells = [[str(row[field] or "-") for field in _FIELDS] for row in rows]
    show({"data": rows, "total": len(rows)}, table([_FIELDS, *cells]), as_json=as_json)


def reset_password(
    user: Wanted,
    *,
    tenant: TenantOption,
    password_stdin: PasswordStdin = False,
    as_json: JsonFlag = False,
) -> None:
    """Give a person a new password. Where they are logged in, that ends."""
    settings = configured()

    async def find(connection: AsyncConnection) -> User:
        owner = await tenant_named(connection, tenant)
        return await load_user(connection, owner.tenant.id, user)

    found = in_transaction(settings, find)
    chosen = choose_password(from_stdin=password_stdin, about=(found.email, found.name))
    hashed = asyncio.run(hash_password(chosen.password))

    async def work(connection: AsyncConnection) -> User:
        return await set_password(
            connection, found.tenant_id, found.id, hashed, now=utc_now()
        )

    changed = in_transaction(settings, work)
    show(
        {**_row(changed), **chosen.data()},
        [f"{changed.email} has a new password.", *chosen.lines()],
        as_json=as_json,
    )


def disable(user: Wanted, *, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """Let a person log in no more; what they did keeps their name."""
    _set_state(user, tenant, UserState.DISABLED, as_json=as_json)


def enable(user: Wanted, *, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """Let a disabled person log in again."""
    _set_state(user, tenant, UserState.ACTIVE, as_json=as_json)


def _set_state(wanted: str, tenant: str, state: UserState, *, as_json: bool) -> None:
    async def work(connection: AsyncConnection) -> User:
        owner = await tenant_named(connection, tenant)
        found = await load_user(connection, owner.tenant.id, wanted)
        return await change_user(connection, found.tenant_id, found.id, state=state)

    changed = in_transaction(configured(), work)
    show(_row(changed), [f"{changed.email} is {changed.state}."], as_json=as_json)


def _row(user: User) -> dict[str, object]:
    moments = {"created_at", "last_login_at", "password_at"}
    return {
        field: value.isoformat() if field in moments and value else value
        for field, value in asdict(user).items()
    }
