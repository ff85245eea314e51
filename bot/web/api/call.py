"""What an endpoint is given, and the two answers that are no JSON."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import Role
from bot.inbox.news import Herald, What
from bot.runtime import Runtime
from bot.web.limiting import Limiter

#: Done after the commit: rings a bell, refreshes a directory; awaited if it must be.
After = Callable[[], object]


@dataclass(slots=True)
class Notes:
    """What a call leaves besides its answer; a call that is run again begins anew."""

    target: str | None = None
    details: dict[str, object] = field(default_factory=dict)
    after: list[After] = field(default_factory=list)
    told: list[Herald] = field(default_factory=list)
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised and valid call."""

    runtime: Runtime
    tenant_id: str
    actor: str  #: Who calls: `key:ID`, or `user:ID`.
    role: Role
    now: datetime
    _connection: AsyncConnection | None
    _transact: "Transact"
    _notes: Notes = field(default_factory=Notes)
    session_id: str | None = None  #: Of a person in the console.
    csrf: str | None = None  #: What their pages send along.
    limiter: Limiter | None = None  #: None on a page, which tries nothing.

    @property
    def connection(self) -> AsyncConnection:
        """Return the connection of the call.

        Reading calls see one; writing calls are in a transaction that commits when the
        endpoint returns, and rolls back when it raises.
        """
        if self._connection is None:
            raise RuntimeError(
                "an endpoint with own_transaction has a connection in `transact` only"
            )
        return self._connection

    async def transact(self, work: "Work[AnswerT]") -> "AnswerT":
        """Run work in the call's transaction; for endpoints with `own_transaction`.

        Call it once, with all that is written, and return what it returned: the
        Idempotency-Key and the audit belong to this transaction. `work` is given the
        call with its connection, and may run more than once.
        """
        return await self._transact(work)

    def new_id(self, kind: str) -> str:
        """Return a fresh id, such as `order_...`."""
        return self.runtime.new_id(kind)

    def after_commit(self, act: After) -> None:
        """Do something once everything is stored, such as ringing a bell."""
        self._notes.after.append(act)

    def tell(self, conversation_id: str | None, *changed: What) -> None:
        """Say what pages must look at again, beside what the ids of the path say.

        None: in whichever conversation, or in none.
        """
        self._notes.told.append(Herald(conversation_id, changed))

    def give_token(self, token: str) -> None:
        """Give the browser that calls another token of its session, once stored."""
        self._notes.token = token

    def note(self, target: str | None = None, **details: object) -> None:
        """Say for the audit what it was done to, and numbers and ids that help.

        Without it the target is the first id of the path, or the answer's `id`.
        """
        if target is not None:
            self._notes.target = target
        self._notes.details.update(details)


AnswerT = TypeVar("AnswerT", bound="BaseModel | None")
Work = Callable[[Call], Awaitable[AnswerT]]


class Transact(Protocol):
    """Runs work in the call's one transaction: see `Call.transact`."""

    async def __call__(self, work: Work[AnswerT]) -> AnswerT: ...


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file. A stream opens connections of its own."""

    media_type: str
    content: bytes | AsyncIterable[bytes]
    filename: str | None = None  #: Without: it may be shown in place.


@dataclass(slots=True)
class Upload:
    """A body that is a file, read as it comes.

    Its endpoint has `own_transaction`, and reads all of it before it transacts.
    """

    media_type: str
    filename: str | None
    _chunks: AsyncIterator[bytes]
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content. Raises Problem when it is too large or breaks off."""
        async for chunk in self._chunks:
            self._hash.update(chunk)
            yield chunk

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of what was read."""
        return self._hash.digest()
