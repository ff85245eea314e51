"""Runs every endpoint alike: key, role, limits, request, transaction, answer, audit."""

import hashlib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

import structlog
from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import Unsealable
from bot.domain.rate import Allowance
from bot.inbox.audit import audited
from bot.inbox.idempotency import Answered, answered, keep_answer, taken
from bot.runtime import Runtime
from bot.web.api import reading
from bot.web.api.call import AnswerT, Call, Download, Notes, Upload, Work
from bot.web.api.endpoint import JSON, Endpoint
from bot.web.api.face import NATIVE
from bot.web.api.heralding import heralds, tell
from bot.web.api.problems import (
    FORBIDDEN,
    KEY_REUSED,
    TOO_MANY,
    Problem,
    unavailable,
)
from bot.web.api.ranges import ranged
from bot.web.api.refusing import ALWAYS, failed, no_key
from bot.web.api.roles import called
from bot.web.auth import Caller, SentElsewhere, caller_of, give_token
from bot.web.keys import LIMITER, RUNTIME
from bot.web.limiting import Limiter
from bot.web.strangers import count_stranger

_log = structlog.get_logger(__name__)

_WINDOW = 60


def route(endpoint: Endpoint) -> web.RouteDef:
    """Return the route that serves an endpoint."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await _serve(endpoint, request)

    return web.route(endpoint.method, endpoint.path, handle)


async def _serve(endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
    headers = dict(ALWAYS)
    try:
        answer = await _answered(endpoint, request, headers)
    except Exception as error:  # noqa: BLE001  # a bug must show a stranger nothing
        answer = failed(request, endpoint.face, endpoint.name, error)
    answer.headers.update(headers)
    if endpoint.downloads:
        answer = ranged(request, answer)
    if isinstance(answer, _Stream):
        await answer.send(request)
    return answer


# -- one call -------------------------------------------------------------------------


async def _answered(
    endpoint: Endpoint, request: web.Request, headers: dict[str, str]
) -> web.StreamResponse:
    caller = await _caller(endpoint, request)
    _check_role(endpoint, caller)
    await _spend(request, caller, headers)
    given = reading.places_of(endpoint, request)
    query = reading.query_of(endpoint, request)
    if query is not None:
        given["query"] = query
    key = reading.idempotency_key_of(endpoint, request)
    upload: Upload | None = None
    raw = b""
    if endpoint.upload:
        given["upload"] = upload = await reading.upload_of(endpoint, request)
    elif endpoint.body is not None:
        given["body"], raw = await reading.body_of(endpoint, request)
    runtime = request.app[RUNTIME]
    run = _Run(
        endpoint=endpoint,
        runtime=runtime,
        caller=caller,
        given=given,
        now=runtime.clock(),
        key=key,
        address=f"{request.method} {request.rel_url.raw_path_qs}",
        raw=raw,
        upload=upload,
        limiter=request.app[LIMITER],
    )
    try:
        answer = _as_response(endpoint, await run())
    except _Replay as replay:
        return replay.response()
    for token in run.tokens:
        give_token(answer, runtime.settings, token)
    return answer


async def _caller(endpoint: Endpoint, request: web.Request) -> Caller:
    key = endpoint.face.key(request.headers)
    try:
        caller = await caller_of(request, key, people=endpoint.face is NATIVE)
    except SentElsewhere as error:
        raise Problem(FORBIDDEN, str(error)) from None
    if caller is None:
        _check_allowance(await count_stranger(request))
        raise no_key(endpoint.face)
    return caller


def _check_role(endpoint: Endpoint, caller: Caller) -> None:
    if caller.role not in endpoint.roles:
        allowed = ", ".join(sorted(endpoint.roles))
        raise Problem(
            FORBIDDEN,
            f"{called(caller.actor, caller.role)} may not do this; it takes: {allowed}",
        )


async def _spend(request: web.Request, caller: Caller, headers: dict[str, str]) -> None:
    """Count the call; say in the headers how many are left."""
    settings = request.app[RUNTIME].settings
    allowance = await request.app[LIMITER].spend(
        {
            # Both belong to one tenant, which is what a sharded Redis goes by.
            f"{{{caller.tenant_id}}}:{caller.actor}": settings.api_limit_per_key,
            f"{{{caller.tenant_id}}}": settings.api_limit_per_tenant,
        }
    )
    headers["RateLimit-Policy"] = f"{allowance.limit};w={_WINDOW}"
    headers["RateLimit-Limit"] = str(allowance.limit)
    headers["RateLimit-Remaining"] = str(allowance.remaining)
    headers["RateLimit-Reset"] = str(allowance.reset)
    _check_allowance(allowance)


def _check_allowance(allowance: Allowance) -> None:
    if allowance.is_refused:
        raise Problem(
            TOO_MANY,
            f"at most {allowance.limit} calls a minute: wait"
            f" {allowance.retry_after} seconds",
            headers={"Retry-After": str(allowance.retry_after)},
        )


class _Replay(Exception):
    """The call was made before: this was its answer."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(status)
        self.status = status
        self.body = body

    def response(self) -> web.Response:
        """Return the answer again, marked."""
        return web.Response(
            text=self.body or None,
            status=self.status,
            content_type=JSON if self.body else None,
            headers={"Idempotent-Replay": "true"},
        )


@dataclass(frozen=True)
class _Run:
    """One valid call under way."""

    endpoint: Endpoint
    runtime: Runtime
    caller: Caller
    given: Mapping[str, object]
    now: datetime
    key: str | None
    address: str
    raw: bytes
    upload: Upload | None
    limiter: Limiter
    tokens: list[str] = field(default_factory=list)  #: For the browser that calls.

    async def __call__(self) -> BaseModel | Download | None:
        """Return what the endpoint answers. Raises _Replay for a repetition."""
        if self.key is not None and self.upload is None:
            # Cheap, and before anything slow is done twice.
            async with self.runtime.database.reading() as connection:
                await self._replay(connection, self.key)
        if self.endpoint.own_transaction:
            return await self._handle(self._call(None, Notes()))
        if self.endpoint.writes:
            return await self._transact(self._write)
        async with self.runtime.database.reading() as connection:
            return await self._handle(self._call(connection, Notes()))

    async def _handle(self, call: Call) -> BaseModel | Download | None:
        return await self.endpoint.handler(call, **self.given)

    async def _write(self, call: Call) -> BaseModel | None:
        answer = await self._handle(call)
        if isinstance(answer, Download):
            raise TypeError(f"{self.endpoint.name} writes: it cannot answer a file")
        return answer

    def _call(self, connection: AsyncConnection | None, notes: Notes) -> Call:
        return Call(
            runtime=self.runtime,
            tenant_id=self.caller.tenant_id,
            actor=self.caller.actor,
            role=self.caller.role,
            now=self.now,
            _connection=connection,
            _transact=self._transact,
            _notes=notes,
            session_id=self.caller.session_id,
            csrf=self.caller.csrf,
            limiter=self.limiter,
        )

    async def _transact(self, work: Work[AnswerT]) -> AnswerT:
        """Do the work and what belongs to it, all or nothing."""

        async def attempt(connection: AsyncConnection) -> tuple[AnswerT, Notes]:
            notes = Notes()
            if self.key is not None:
                await self._take(connection, self.key)
            answer = await work(self._call(connection, notes))
            tenant_id = self.caller.tenant_id
            notes.told += await heralds(
                connection, tenant_id, self.endpoint, self.given
            )
            await self._audit(connection, answer, notes)
            if self.key is not None:
                await keep_answer(
                    connection,
                    self.caller.tenant_id,
                    self.key,
                    status=_status(self.endpoint, answer),
                    answer=self.runtime.seal_secret(_dumped(self.endpoint, answer)),
                )
            return answer, notes

        answer, notes = await self.runtime.database.retried(attempt)
        if notes.token is not None:
            self.tokens.append(notes.token)
        tell(self.runtime.news, self.caller.tenant_id, notes.told)
        await _after(notes)
        return answer

    async def _take(self, connection: AsyncConnection, key: str) -> None:
        mine = await taken(
            connection, self.caller.tenant_id, key, self._request, now=self.now
        )
        if not mine:
            await self._replay(connection, key)
            # Its answer was forgotten between the two looks: the next try finds out.
            raise unavailable()

    async def _replay(self, connection: AsyncConnection, key: str) -> None:
        """Raise the answer that was given under the key, if there was one."""
        found = await answered(connection, self.caller.tenant_id, key, now=self.now)
        if found is None:
            return
        if found.request != self._request:
            raise Problem(
                KEY_REUSED,
                f"the Idempotency-Key {key!r} was sent with another call: use a"
                " fresh one",
            )
        raise _Replay(found.status, self._opened(found))

    def _opened(self, found: Answered) -> str:
        try:
            return self.runtime.open_secret(found.answer)
        except Unsealable:
            raise Problem(
                KEY_REUSED,
                "this call was made before; its answer cannot be opened any more,"
                " because CHATORDER_SECRET_KEY was changed",
            ) from None

    @property
    def _request(self) -> str:
        """Return the hash of the call: same key, same call."""
        body = self.upload.digest if self.upload else self.raw
        return hashlib.sha256(self.address.encode() + b"\n" + body).hexdigest()

    async def _audit(
        self, connection: AsyncConnection, answer: object, notes: Notes
    ) -> None:
        ids = [str(self.given[name]) for name in self.endpoint.places]
        made = getattr(answer, "id", None)
        await audited(
            connection,
            id=self.runtime.new_id("audit"),
            tenant_id=self.caller.tenant_id,
            actor=self.caller.actor,
            action=self.endpoint.name,
            target=notes.target or (ids[0] if ids else made),
            details=notes.details,
            now=self.now,
        )


async def _after(notes: Notes) -> None:
    """Do what waits for the commit; what is stored cannot fail any more."""
    for act in notes.after:
        try:
            waiting = act()
            if inspect.isawaitable(waiting):
                await waiting
        except Exception:  # noqa: BLE001  # the caller's effect has happened
            _log.exception("after_commit_failed")


# -- answers --------------------------------------------------------------------------


def _status(endpoint: Endpoint, answer: object) -> int:
    return endpoint.status if answer is not None else 204


def _dumped(endpoint: Endpoint, answer: object) -> str:
    if not isinstance(answer, BaseModel):
        return ""
    return answer.model_dump_json(by_alias=True, exclude_none=endpoint.face.omits_nulls)


def _as_response(endpoint: Endpoint, answer: object) -> web.StreamResponse:
    if isinstance(answer, Download):
        return _file(answer)
    return web.Response(
        text=_dumped(endpoint, answer) if answer is not None else None,
        status=_status(endpoint, answer),
        content_type=JSON if answer is not None else None,
    )


def _file(answer: Download) -> web.StreamResponse:
    headers = {
        "Content-Type": answer.media_type,
        "Content-Disposition": _disposition(answer.filename),
        # A file of a stranger runs nothing, wherever it is opened.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if isinstance(answer.content, bytes):
        return web.Response(body=answer.content, headers=headers)
    return _Stream(answer, headers)


def _disposition(filename: str | None) -> str:
    """Return how a file is to be kept, as RFC 6266 writes it."""
    if filename is None:
        return "inline"
    plain = re.sub(r"[^\w.-]", "_", filename, flags=re.ASCII)
    return (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
    )


class _Stream(web.StreamResponse):
    """A file that is made while it is sent."""

    def __init__(self, answer: Download, headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        self._content = answer.content

    async def send(self, request: web.Request) -> None:
        """Send it all; what breaks on the way ends the connection."""
        await self.prepare(request)
        if not isinstance(self._content, bytes):
            async for chunk in self._content:
                await self.write(chunk)
        await self.write_eof()
