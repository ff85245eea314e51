"""`chatorder key add`, `key list` and `key revoke`."""

import secrets
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import new_id, utc_now
from bot.inbox.accounts import (
    Role,
    StoredKey,
    add_key,
    key_for,
    list_keys,
    revoke_key,
)

_TENANT = "--tenant tenant_01..."


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Keys of the HTTP API.")
    example = f"Example: chatorder key add {_TENANT} --role integration"
    group.command("add", epilog=example)(add)
    group.command("list", epilog=f"Example: chatorder key list {_TENANT}")(list_all)
    example = f"Example: chatorder key revoke key_01... {_TENANT}"
    group.command("revoke", epilog=example)(revoke)
    program.add_typer(group, name="key")


def add(
    *,
    tenant: TenantOption,
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a key and print it: this once, only its hash is stored."""
    key_id, key = new_id("key"), key_for(role, secrets.token_urlsafe(32))

    async def work(connection: AsyncConnection) -> None:
        owner = await tenant_named(connection, tenant)
        await add_key(
            connection,
            id=key_id,
            tenant_id=owner.tenant.id,
            role=role,
            key=key,
            now=utc_now(),
        )

    in_transaction(configured(), work)
    show(
        {"id": key_id, "key": key, "role": role},
        [
            f"Added the key {key_id} ({role}). It is shown this once:",
            f"  {key}",
            "Send it as: Authorization: Bearer KEY",
        ],
        as_json=as_json,
    )


def list_all(*, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """List a merchant's keys, without the keys themselves."""

    async def work(connection: AsyncConnection) -> tuple[StoredKey, ...]:
        owner = await tenant_named(connection, tenant)
        return await list_keys(connection, owner.tenant.id)

    rows = [_row(key) for key in in_transaction(configured(), work)]
    fields = ("id", "role", "created_at", "revoked_at")
    lines = table([fields, *([row[field] or "-" for field in fields] for row in rows)])
    show({"data": rows, "total": len(rows)}, lines, as_json=as_json)


def revoke(
    key_id: Annotated[str, typer.Argument(help="Id of the key: not the key itself.")],
    *,
    tenant: TenantOption,
    as_json: JsonFlag = False,
) -> None:
    """End a key at once and for good."""

    async def work(connection: AsyncConnection) -> None:
        owner = await tenant_named(connection, tenant)
        await revoke_key(
            connection, tenant_id=owner.tenant.id, key_id=key_id, now=utc_now()
        )

    in_transaction(configured(), work)
    show({"id": key_id, "revoked": True}, [f"Revoked {key_id}"], as_json=as_json)


def _row(key: StoredKey) -> dict[str, str | None]:
    ended = key.revoked_at
    return {
        "id": key.holder.id,
        "role": key.holder.role,
        "created_at": key.created_at.isoformat(),
        "revoked_at": ended.isoformat() if ended else None,
    }
