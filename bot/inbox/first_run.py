"""The one-time code that opens the first-run page. Nothing here commits.

The code follows from the secret key and a number in the database: every process of the
same shop-to-be prints the same one, and none is stored. It is void as soon as there is
a tenant. Wrong tries do not void it: anybody could keep the operator out. Of 2**60
codes nobody guesses one, all the less as tries are limited in a minute.
"""

import base64
import hmac
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.first_run_table import first_run
from bot.inbox.founding import has_tenants

_NAME = "first run"
_CODE_BYTES = 10
_SHOWN = 12


class Tried(Enum):
    """How a try of a code ended."""

    RIGHT = auto()
    WRONG = auto()
    CLOSED = auto()  #: There is a shop already.


async def open_first_run(
    connection: AsyncConnection, key: bytes, *, nonce: str, now: datetime
) -> str | None:
    """Return the code to print, None when there is a shop already.

    `nonce`: 32 random characters, used when there is none yet.
    """
    if await has_tenants(connection):
        await connection.execute(delete(first_run))
        return None
    row = await _locked(connection)
    if row is not None:
        return code_of(key, row.nonce)
    await connection.execute(
        insert(first_run).values(name=_NAME, nonce=nonce, created_at=now)
    )
    return code_of(key, nonce)


async def try_code(connection: AsyncConnection, key: bytes, code: str) -> Tried:
    """Say whether the code is right. Until the transaction ends, nobody else tries."""
    row = await _locked(connection)
    if await has_tenants(connection):
        return Tried.CLOSED
    if row is None:
        return Tried.WRONG
    right = hmac.compare_digest(_plain(code_of(key, row.nonce)), _plain(code))
    return Tried.RIGHT if right else Tried.WRONG


async def close_first_run(connection: AsyncConnection) -> None:
    """Make the code worthless: it was used."""
    await connection.execute(delete(first_run))


def code_of(key: bytes, nonce: str) -> str:
    """Return the code as printed: three groups of four letters and digits."""
    digest = hmac.digest(key, nonce.encode(), "sha256")[:_CODE_BYTES]
    letters = base64.b32encode(digest).decode().lower()[:_SHOWN]
    return "-".join(letters[place : place + 4] for place in range(0, _SHOWN, 4))


def _plain(code: str) -> bytes:
    """Return a code as compared: people type spaces, capitals and no dashes."""
    kept = "".join(letter for letter in code[:100].lower() if letter.isalnum())
    return kept.encode("utf-8", "replace")


async def _locked(connection: AsyncConnection) -> Row[Any] | None:
    found = await connection.execute(
        select(first_run).where(first_run.c.name == _NAME).with_for_update()
    )
    return found.one_or_none()
