"""One import from its first row to its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog import jobs, staging
from catalog.changing import ImportCounts, raise_revision
from catalog.comparing import Compared, Planned, compare, known
from catalog.domain.feed import RowError
from catalog.formats.rows import BadFeed
from catalog.jobs import Findings, Order, Phase, Standing, State
from catalog.spool import Given, Mistakes, Spool
from catalog.spooling import Contents, spool_file
from catalog.storage import Storage
from catalog.table import tenant

T = TypeVar("T")

#: Products that are compared, staged, or copied with one statement. What is compared
#: is worked on in the event loop: so few at a time keep it free.
_COMPARED = 200
_STAGED = 400
_COPIED = 5000
#: Times that a feed is compared at most: others may change the catalog meanwhile.
_ROUNDS = 3
#: Products by which a catalog may have become another one.
_MANY = 1000
#: Where each phase begins, percent of the whole.
_BEGINS = {Phase.READING: 0, Phase.COMPARING: 50, Phase.STORING: 90}
_ALL = 100
#: To say that an import was stopped, seconds: the program wants to end.
_LAST_WORDS = 2.0
_STOPPED = "it was stopped in the middle; nothing was stored: import the file again"
_BUSY = (
    f"others changed the catalog each of the {_ROUNDS} times that it was compared with"
    " the file; nothing was stored: import the file again when fewer changes come in"
)


class UnknownTenant(Exception):
    """There is no tenant with that id."""


class ImportCancelled(Exception):
    """Somebody cancelled the import, or it was given up; nothing was stored."""


class CatalogBusy(ImportCancelled):
    """It was given up because others changed the catalog again and again."""


class _Moved(Exception):
    """The catalog is not the one any more that the feed was compared with."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often an import says how far it is, and when it counts as dead without."""

    beat: timedelta = timedelta(seconds=1)
    lease: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do. With mistakes and not `partial`: nothing."""

    counts: ImportCounts
    mistakes: int  #: How many things are wrong with the rows.
    errors: tuple[RowError, ...]  #: The first of them.
    warnings: tuple[RowError, ...]
    stored: bool
    format: str  #: What the file was read as.


Tell = Callable[[Standing], None]


async def currency_of(connection: AsyncConnection, tenant_id: str) -> str:
    """Return a tenant's currency. Raises UnknownTenant."""
    found = select(tenant.c.currency).where(tenant.c.id == tenant_id)
    currency: str | None = (await connection.execute(found)).scalar_one_or_none()
    if currency is None:
        raise UnknownTenant(f"there is no tenant {tenant_id!r}")
    return currency


async def revision_of(connection: AsyncConnection, tenant_id: str) -> int:
    """Return how often a tenant's catalog has changed."""
    found = select(tenant.c.catalog_rev).where(tenant.c.id == tenant_id)
    revision: int = (await connection.execute(found)).scalar_one()
    return revision


class Run:
    """Runs one queued import, once."""

    def __init__(
        self,
        storage: Storage,
        order: Order,
        spool: Spool,
        *,
        new_id: Callable[[str], str],
        clock: Callable[[], datetime],
        tell: Tell,
        pace: Pace,
    ) -> None:
        self._storage = storage
        self._order = order
        self._spool = spool
        self._new_id = new_id
        self._clock = clock
        self._tell = tell
        self._pace = pace
        self._standing = Standing()
        self._misread = Mistakes()  #: What is wrong with the file itself.
        self._mistakes = Mistakes()  #: And beside the catalog.
        self._counts = ImportCounts()
        self._staged: list[list[int]] = []  #: Places of the products of each batch.
        self._revision = 0  #: Of the catalog that was compared with.
        self._stopped = False

    async def to_the_end(self, path: Path) -> ImportReport:
        """Return what was done. However it ends, the import's row says how."""
        now = self._clock()
        if not await self._write(lambda c: jobs.start(c, self._order.id, now)):
            raise ImportCancelled(self._gone())
        try:
            async with self._beating():
                return await self._work(path)
        except (BadFeed, CatalogBusy) as error:
            await self._fail(str(error))
            raise
        except ImportCancelled:
            raise
        except asyncio.CancelledError:
            with suppress(Exception):
                async with asyncio.timeout(_LAST_WORDS):
                    await self._fail(_STOPPED)
            raise
        except Exception as error:
            with suppress(Exception):
                await self._fail(
                    f"{type(error).__name__} in the program; it was logged"
                )
            raise
        finally:
            await self._clean()

    async def _work(self, path: Path) -> ImportReport:
        async with self._storage.reading() as connection:
            currency = await currency_of(connection, self._order.tenant_id)
        contents = await self._in_thread(
            lambda: spool_file(
                path,
                self._spool,
                self._misread,
                name=self._order.file_name,
                told=self._order.told,
                currency=currency,
                now=self._clock(),
                tell=lambda rows, share: self._note(Phase.READING, share, rows),
            )
        )
        for _ in range(_ROUNDS):
            with suppress(_Moved):
                return await self._round(contents)
        raise CatalogBusy(_BUSY)

    async def _round(self, contents: Contents) -> ImportReport:
        """Compare and store. Raises _Moved if the catalog changed in between.

        Then all of it is due again: what was unchanged may not be any more, and what
        contradicted nothing may do so now. None of that is done under the lock.
        """
        await self._begin_round()
        if self._may_store():
            await self._compare(contents)
        findings = Findings(
            self._counts,
            self._mistakes.count,
            self._mistakes.first(),
            contents.warnings,
            format=contents.format,
        )
        if self._may_store():
            await self._store(contents, findings)
        else:
            refused = f"{self._mistakes.count} mistakes: nothing was stored"
            findings = replace(findings, counts=ImportCounts(), error=refused)
            await self._end(State.FAILED, findings)
        return ImportReport(
            findings.counts,
            findings.mistakes,
            findings.errors,
            findings.warnings,
            stored=self._may_store() and not self._order.dry_run,
            format=contents.format,
        )

    async def _begin_round(self) -> None:
        if self._staged:
            await staging.clear(self._storage, self._order.id)
        self._staged = []
        self._counts = ImportCounts()
        self._mistakes = deepcopy(self._misread)
        async with self._storage.reading() as connection:
            self._revision = await revision_of(connection, self._order.tenant_id)

    def _may_store(self) -> bool:
        return self._order.partial or not self._mistakes.count

    async def _compare(self, contents: Contents) -> None:
        """Count what would happen, and stage what must be written."""
        waiting: list[Planned] = []
        after = done = 0
        while batch := await self._next(after):
            found = await self._compared(batch, contents)
            counts = self._counts
            self._counts = ImportCounts(
                counts.added + len(found.added),
                counts.changed + len(found.changed),
                counts.unchanged + found.unchanged,
            )
            for error in found.errors:
                self._mistakes.add(error)
            waiting += (*found.added, *found.changed)
            if len(waiting) >= _STAGED:
                await self._stage(waiting)
                waiting = []
            after, done = batch[-1].place, done + len(batch)
            self._note(Phase.COMPARING, done / contents.products)
        if waiting:
            await self._stage(waiting)

    async def _next(self, after: int) -> tuple[Given, ...]:
        return await self._in_thread(lambda: self._spool.products(after, _COMPARED))

    async def _compared(self, batch: tuple[Given, ...], contents: Contents) -> Compared:
        async with self._storage.reading() as connection:
            stored = await known(connection, self._order.tenant_id, batch)
        held, elsewhere = await self._in_thread(
            lambda: (
                self._spool.holds(stored.owners()),
                self._spool.holds_variants(stored.ungiven(batch)),
            )
        )
        return compare(
            batch, stored, columns=contents.columns, held=held, elsewhere=elsewhere
        )

    async def _stage(self, planned: list[Planned]) -> None:
        if self._order.dry_run or not self._may_store():
            return
        planned.sort(key=lambda each: each.given.place)
        await self._write(
            lambda connection: staging.stage(
                connection, self._order.id, planned, self._new_id
            )
        )
        self._staged.append([each.given.place for each in planned])

    async def _store(self, contents: Contents, findings: Findings) -> None:
        """End well, and let what is staged be the catalog: both or neither."""
        self._note(Phase.STORING, 0)

        async def work(connection: AsyncConnection) -> None:
            now = self._clock()
            done = replace(self._standing, percent=_ALL)
            if not await jobs.end(
                connection, self._order.id, State.DONE, findings, done, now=now
            ):
                raise ImportCancelled(self._gone())
            if not self._order.dry_run:
                await self._switch(connection, contents, now)

        await self._write(work)
        self._standing = replace(self._standing, percent=_ALL)
        self._tell(self._standing)

    async def _switch(
        self, connection: AsyncConnection, contents: Contents, now: datetime
    ) -> None:
        tenant_id = self._order.tenant_id
        if not self._staged:
            if await revision_of(connection, tenant_id) != self._revision:
                raise _Moved
            return
        if await raise_revision(connection, tenant_id) != self._revision + 1:
            raise _Moved
        await staging.switch(
            connection,
            self._order.id,
            tenant_id,
            _spans(self._staged),
            columns=contents.columns,
            now=now,
        )

    async def _end(self, state: State, findings: Findings) -> None:
        await self._write(
            lambda connection: jobs.end(
                connection,
                self._order.id,
                state,
                findings,
                self._standing,
                now=self._clock(),
            )
        )

    async def _fail(self, why: str) -> None:
        await self._end(State.FAILED, Findings(error=why))

    async def _clean(self) -> None:
        """Tidy up; what fails here is swept by the next import, and by the database."""
        if not self._staged:
            return
        with suppress(Exception):
            await staging.clear(self._storage, self._order.id)
            if sum(map(len, self._staged)) >= _MANY:
                await self._write(staging.tell_planner)

    def _note(self, phase: Phase, share: float, rows: int | None = None) -> None:
        """Note how far it is; stop here if nobody wants it any more."""
        if self._stopped:
            raise ImportCancelled(self._gone())
        ends = {Phase.READING: 50, Phase.COMPARING: 90, Phase.STORING: _ALL}
        room = ends[phase] - _BEGINS[phase]
        percent = _BEGINS[phase] + int(room * min(1.0, share))
        rows = self._standing.rows if rows is None else rows
        self._standing = Standing(phase, percent, rows)

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        """Renew the lease and tell how far it is, beside the work."""
        ended = asyncio.Event()
        beat = asyncio.create_task(self._beat(ended))
        try:
            yield
        finally:
            ended.set()
            await beat

    async def _beat(self, ended: asyncio.Event) -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.beat.total_seconds()):
                    await ended.wait()
                return
            self._tell(self._standing)
            # A database that is away now may be back at the next beat.
            with suppress(Exception):
                self._stopped = not await self._write(self._renew)

    async def _renew(self, connection: AsyncConnection) -> bool:
        until = self._clock() + self._pace.lease
        return await jobs.renew(
            connection, self._order.id, self._standing, lease_until=until
        )

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        return await self._storage.retried(work)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work; leave only when it has ended: it uses the spool."""
        running = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._stopped = True
            await asyncio.wait([running])
            raise

    def _gone(self) -> str:
        return f"the import {self._order.id} was cancelled; nothing was stored"


def _spans(staged: list[list[int]]) -> list[staging.Span]:
    """Return the places that one statement copies, together all."""
    step = max(1, _COPIED // _STAGED)
    groups = [staged[start : start + step] for start in range(0, len(staged), step)]
    return [(group[0][0], group[-1][-1]) for group in groups]
