"""Akinon's face: its key, its envelope of errors, and the channel of an address."""

from collections.abc import Collection, Iterable
from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.face import Face, KeyPlace, Refusal
from bot.web.api.models import Given
from bot.web.api.problems import (
    CONFLICT,
    INVALID,
    KEY_REUSED,
    Kind,
    Problem,
    not_found,
)
from orders.domain.ids import Face as System
from orders.domain.ids import Kind as Thingly
from orders.domain.ids import Thing
from orders.faces.akinon import Errors
from orders.ids import give_ids, known_ids, resolve_id

_ALL = "non_field_errors"


def _said(refusal: Refusal) -> Errors:
    found: dict[str, list[str]] = {}
    for name, message in refusal.errors:
        found.setdefault(name, []).append(message)
    return Errors(found or {_ALL: [refusal.detail]})


FACE = Face(
    name="akinon",
    prefixes=("/api/v1/channel", "/api/v1/channels"),
    keys=(KeyPlace("akinon-key", "Authorization"),),
    error=Errors,
    said=_said,
    # Its callers know 400 for whatever is wrong with a request.
    statuses={kind.name: HTTPStatus.BAD_REQUEST for kind in (INVALID, KEY_REUSED)},
    omits_nulls=True,
)
endpoints = Endpoints(
    "akinon",
    "Akinon's sales channels: orders come in here, with what they refer to."
    " `docs/faces.md` says which addresses are ours.",
    FACE,
)

PATH = "/api/v1/channel/{channel_id}"
#: The number of a channel: `GET /api/v1/channels/` tells it.
ChannelNumber = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[5])]


class Part(Given):
    """Which part of a list."""

    page: int = Field(1, ge=1, le=100_000)
    limit: int = Field(50, ge=1, le=100, description="How many on a page.")

    @property
    def offset(self) -> int:
        """How many to skip."""
        return (self.page - 1) * self.limit

    def following(self, total: int) -> int | None:
        """Return the next page, None at the end."""
        return self.page + 1 if self.page * self.limit < total else None


def wrong(kind: Kind, errors: Iterable[tuple[str, str]]) -> Problem:
    """Return the answer for fields that are wrong, each with what to do."""
    found = [{"field": name, "message": message} for name, message in errors]
    detail = "; ".join(f"{each['field']}: {each['message']}" for each in found)
    return Problem(kind, detail, {"errors": found})


def taken(field: str, value: str) -> Problem:
    """Return the answer for a code or slug that is somebody else's already."""
    message = f"there is one with {value!r} already: list it, and use its pk"
    return wrong(CONFLICT, [(field, message)])


async def known_channel(call: Call, connection: AsyncConnection, number: int) -> str:
    """Return the number of a channel of the shop. Raises Problem: there is none."""
    found = await resolve_id(
        connection, call.tenant_id, System.AKINON, Thingly.CHANNEL, str(number)
    )
    if found is None:
        raise not_found("channel", str(number))
    return str(number)


async def numbered(call: Call, things: Collection[Thing]) -> dict[Thing, str]:
    """Return the numbers of things of a list; what has none is given one now.

    For endpoints with a transaction of their own: giving a number is no change that
    anybody would look for in the audit.
    """
    database = call.runtime.database
    async with database.reading() as connection:
        known = await known_ids(connection, call.tenant_id, System.AKINON, things)
    if len(known) == len(set(things)):
        return known
    return await database.retried(
        lambda connection: give_ids(
            connection, call.tenant_id, System.AKINON, things, now=call.now
        )
    )
