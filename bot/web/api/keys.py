"""Keys of the API: made, rotated, revoked. A key is shown once, when it is made."""

import secrets
from datetime import timedelta

from pydantic import ConfigDict, Field

from bot.inbox.accounts import (
    Role,
    StoredKey,
    add_key,
    expire_key,
    key_for,
    list_keys,
    load_key,
    revoke_key,
)
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import KEYS, called, may_grant

endpoints = Endpoints(
    "keys", "Keys of this API. Only a key's hash is stored: it is shown once."
)

_A_DAY = 24 * 60 * 60
_LONGEST_GRACE = 30 * _A_DAY


class KeyGiven(Given):
    """What the key is for, and what it may do."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "ERP", "role": "integration"}]}
    )

    role: Role
    name: str | None = Field(None, min_length=1, max_length=100, pattern=r"\S")
    expires_at: Moment | None = Field(
        None, description="When it ends by itself; without: never."
    )


class RotationGiven(Given):
    """How long the old key still works."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"grace_seconds": 3600}]})

    grace_seconds: int = Field(
        _A_DAY, ge=0, le=_LONGEST_GRACE, description="The old key works so much longer."
    )


class KeyView(Shown):
    """A key, without the key itself."""

    id: str = Field(examples=["key_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    name: str | None = Field(examples=["ERP"])
    role: Role
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    works: bool = Field(description="Neither revoked nor expired.")


class NewKeyView(KeyView):
    """A key that was just made."""

    key: str = Field(
        description="It is shown this once: send it as `Authorization: Bearer KEY`.",
        examples=["co_i_mE8G0O1b4m8X0mV7y2sRk6aZr2qKc9n3uVwXyZ01234"],
    )


@endpoints.get("/v1/keys", roles=KEYS)
async def list_of_keys(call: Call, query: Paging) -> Page[KeyView]:
    """List keys, oldest first, those that ended among them."""
    keys = await list_keys(call.connection, call.tenant_id)
    part = keys[query.offset : query.offset + query.limit]
    return Page(data=[_view(each, call) for each in part], total=len(keys))


@endpoints.get("/v1/keys/{key_id}", roles=KEYS)
async def read_key(call: Call, key_id: Id) -> KeyView:
    """Read a key, without the key itself."""
    return _view(await _known(call, key_id), call)


@endpoints.post("/v1/keys", roles=KEYS, status=201)
async def create_key(call: Call, body: KeyGiven) -> NewKeyView:
    """Make a key. Keep it: it cannot be shown again.

    Nobody can make a key that may do more than their own.
    """
    if not may_grant(call.role, body.role):
        who = called(call.actor, call.role)
        raise invalid("role", f"{who} cannot make this one")
    if body.expires_at is not None and body.expires_at <= call.now:
        raise invalid("expires_at", "lies in the past")
    return await _made(call, body.role, body.name, body)


@endpoints.post("/v1/keys/{key_id}/rotate", roles=KEYS, status=201, raises=(CONFLICT,))
async def rotate_key(
    call: Call, key_id: Id, body: RotationGiven | None = None
) -> NewKeyView:
    """Make a successor of a key.

    It has the same name and role. The old key works for another day, or for as long
    as you say.
    """
    old = await _known(call, key_id)
    if not _works(old, call):
        raise Problem(
            CONFLICT, f"key {key_id!r} has ended: make a new one, nothing to rotate"
        )
    grace = timedelta(seconds=(body or RotationGiven()).grace_seconds)
    await expire_key(
        call.connection, tenant_id=call.tenant_id, key_id=key_id, at=call.now + grace
    )
    return await _made(call, old.holder.role, old.name)


@endpoints.post("/v1/keys/{key_id}/revoke", roles=KEYS)
async def revoke_known_key(call: Call, key_id: Id) -> KeyView:
    """End a key at once and for good. Ending it twice is fine."""
    await _known(call, key_id)
    await revoke_key(
        call.connection, tenant_id=call.tenant_id, key_id=key_id, now=call.now
    )
    return _view(await _known(call, key_id), call)


async def _made(
    call: Call, role: Role, name: str | None, body: KeyGiven | None = None
) -> NewKeyView:
    key_id, key = call.new_id("key"), key_for(role, secrets.token_urlsafe(32))
    await add_key(
        call.connection,
        id=key_id,
        tenant_id=call.tenant_id,
        role=role,
        key=key,
        name=name,
        expires_at=body.expires_at if body else None,
        now=call.now,
    )
    shown = _view(await _known(call, key_id), call)
    return NewKeyView(**shown.model_dump(), key=key)


async def _known(call: Call, key_id: str) -> StoredKey:
    found = await load_key(call.connection, call.tenant_id, key_id)
    if found is None:
        raise not_found("key", key_id)
    return found


def _works(key: StoredKey, call: Call) -> bool:
    expired = key.expires_at is not None and key.expires_at <= call.now
    return key.revoked_at is None and not expired


def _view(key: StoredKey, call: Call) -> KeyView:
    return KeyView(
        id=key.holder.id,
        name=key.name,
        role=key.holder.role,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        works=_works(key, call),
    )
