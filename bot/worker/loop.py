"""The worker: claims turns and outbox items, and keeps their leases alive."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from bot.db import DatabaseUnavailable
from bot.db.batcher import Batcher, BatcherFull
from bot.db.claims import Claim
from bot.reading.reader import Call, ReaderUnavailable
from bot.runtime import Runtime
from bot.worker.courtesy import Courtesy, sight_of
from bot.worker.delivering import handlers
from bot.worker.failing import check_ended, dismiss, fail, give_back
from bot.worker.forgetting import keep_scheduled
from bot.worker.heralding import herald_deliveries, herald_order, herald_turn
from bot.worker.history import without_history
from bot.worker.holding import wait_for_reader
from bot.worker.judging import Outcome, Verdict
from bot.worker.loading import Loaded, load
from bot.worker.pace import PutOff, in_time, put_off
from bot.worker.picturing import keep_pictured
from bot.worker.reported import act_on_failures
from bot.worker.saving import Saved, save
from bot.worker.standing import Standings
from bot.worker.turn import handle
from orders.outbox.attempts import Start
from orders.outbox.delivery import Unavailable
from orders.outbox.relay import Patience, Relay
from orders.outbox.store import Due, Settled, next_due

_log = structlog.get_logger(__name__)

#: At most this many turns are claimed, loaded or saved with one statement.
_BATCH = 64
#: How often we look for messages that were taken and then failed, seconds.
_LOOK = 2.0
#: After the database was gone we look again after this, seconds.
_PAUSE = 1.0


class Worker:
    """Runs turns and deliveries until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        settings = runtime.settings
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._overdue_after = timedelta(seconds=settings.provisioning_overdue_seconds)
        #: Nobody waits longer than this for work that no bell announced.
        self._poll = settings.poll_seconds
        # By claim, not by conversation: after a long pause we may claim again what an
        # older turn of ours still works on. Only the newer one can be saved.
        self._turns: dict[Claim, asyncio.Task[None]] = {}
        #: What models took so far for each of them.
        self._spent: dict[Claim, tuple[Call, ...]] = {}
        self._busy: Counter[str] = Counter()
        self._deliveries: dict[asyncio.Task[None], Due] = {}
        self._stopping = asyncio.Event()
        shared = (DatabaseUnavailable,)
        self._loads: Batcher[Claim, Loaded] = Batcher(
            self._load, size=_BATCH, waiting=10_000, workers=2, shared=shared
        )
        self._saves: Batcher[Outcome, Saved] = Batcher(
            self._save, size=_BATCH, waiting=10_000, workers=2, shared=shared
        )
        self._begins: Batcher[Start, Due | None] = Batcher(
            self._begin_batch, size=_BATCH, waiting=10_000, shared=shared
        )
        self._settles: Batcher[Settled, bool] = Batcher(
            self._settle, size=_BATCH, waiting=10_000, shared=shared
        )
        self._standings = Standings(runtime.database)
        self._courtesy = Courtesy(runtime, self._standings)
        self._relay = Relay(
            runtime.database.transaction,
            handlers(runtime, self._standings),
            clock=runtime.clock,
            jitter=runtime.jitter,
            patience=Patience(
                lease=self._lease,
                wait=timedelta(seconds=settings.unknown_wait_seconds),
                look=timedelta(seconds=settings.unknown_wait_seconds / 12),
            ),
            begin_one=self._begin_one,
            settle_one=self._settle_one,
        )

    def stop(self) -> None:
        """Take no new work; `run` returns when what is in flight has ended."""
        self._stopping.set()
        self._runtime.turn_bell.ring()
        self._runtime.outbox_bell.ring()

    async def run(self) -> None:
        """Work until `stop`. A background task that dies ends the worker with it."""
        async with asyncio.TaskGroup() as group:
            upkeep = [
                group.create_task(self._loads.run()),
                group.create_task(self._saves.run()),
                group.create_task(self._begins.run()),
                group.create_task(self._settles.run()),
                group.create_task(self._courtesy.run()),
                group.create_task(self._standings.run()),
                group.create_task(self._beat()),
                group.create_task(keep_scheduled(self._runtime)),
                group.create_task(keep_pictured(self._runtime)),
                group.create_task(self._hear_of_failures()),
            ]
            async with asyncio.TaskGroup() as work:
                takers = (
                    work.create_task(self._take_turns(work)),
                    work.create_task(self._take_deliveries(work)),
                )
                work.create_task(self._enforce_grace(takers))
            for task in upkeep:
                task.cancel()

    # -- turns ------------------------------------------------------------------------

    async def _take_turns(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            try:
                claims = await self._claim()
                pause = 0.0 if claims else await self._until_next_turn()
            except (DatabaseUnavailable, DBAPIError) as error:
                _log.warning("claim_failed", error=str(error))
                claims, pause = (), _PAUSE
            for claim in claims:
                self._begin(claim, group)
            if not claims:
                await self._runtime.turn_bell.wait(pause)

    def _begin(self, claim: Claim, group: asyncio.TaskGroup) -> None:
        runtime = self._runtime
        self._busy[claim.tenant_id] += 1
        waited = (runtime.clock() - claim.ready_at).total_seconds()
        runtime.metrics.wait_seconds.observe(max(0.0, waited))
        self._turns[claim] = group.create_task(self._turn(claim))

    async def _claim(self) -> Sequence[Claim]:
        runtime = self._runtime
        room = runtime.settings.turns_in_flight - len(self._turns)
        if room <= 0:
            return ()
        async with runtime.database.reading() as connection:
            due = await runtime.claims.next_due(connection)
        if due is None or due > runtime.clock():
            return ()
        return await runtime.database.retried(
            lambda connection: runtime.claims.claim(
                connection,
                room=min(room, _BATCH),
                busy=self._busy,
                now=runtime.clock(),
            )
        )

    async def _until_next_turn(self) -> float:
        runtime = self._runtime
        if len(self._turns) >= runtime.settings.turns_in_flight:
            return self._poll
        async with runtime.database.reading() as connection:
            due = await runtime.claims.next_due(connection)
        if due is None:
            return self._poll
        ahead = (due - runtime.clock()).total_seconds()
        # Due and not claimed: the tenant is at its cap, or another worker was faster.
        return min(self._poll, ahead) if ahead > 0 else self._poll / 10

    async def _turn(self, claim: Claim) -> None:
        """Run one turn to its end, whatever that is."""
        runtime, started = self._runtime, self._runtime.clock()
        log = _log.bind(conversation=claim.conversation_id, tenant=claim.tenant_id)
        try:
            check_ended(claim)
            saved = await handle(claim, runtime, self)
        except asyncio.CancelledError:
            await self._give_back(claim)
            raise
        except DatabaseUnavailable as error:
            log.warning("turn_given_back", error=str(error))
            await self._give_back(claim)
            runtime.metrics.turns.labels("given_back").inc()
        except PutOff as later:
            await put_off(claim, later, runtime)
            runtime.metrics.turns.labels("put_off").inc()
        except ReaderUnavailable as error:
            log.warning("turn_waits", attempt=claim.attempts, reason=error.reason)
            self.spend(claim, error.calls)
            await wait_for_reader(claim, error, runtime, self._spent.get(claim, ()))
            runtime.metrics.turns.labels("waiting").inc()
        except Exception as error:
            log.exception("turn_failed", attempt=claim.attempts)
            await self._failed(claim, f"{type(error).__name__}: {error}")
            runtime.metrics.turns.labels("failed").inc()
        else:
            took = (runtime.clock() - started).total_seconds()
            runtime.metrics.turn_seconds.observe(took)
            verdict = saved.verdict if saved else "empty"
            runtime.metrics.turns.labels(verdict).inc()
            log.info("turn_ended", outcome=verdict, seconds=round(took, 4))
            if saved and saved.order:
                runtime.metrics.orders.inc()
                herald_order(runtime, claim)
                log.info("order_placed", order=saved.order.id)
            if saved and saved.verdict is Verdict.COMMITTED:
                runtime.outbox_bell.ring()
        finally:
            herald_turn(runtime, claim)
            del self._turns[claim]
            self._courtesy.end(claim)
            self._spent.pop(claim, None)
            self._busy[claim.tenant_id] -= 1
            if not self._busy[claim.tenant_id]:
                del self._busy[claim.tenant_id]
            runtime.turn_bell.ring()

    async def _failed(self, claim: Claim, error: str) -> None:
        runtime = self._runtime
        try:
            await runtime.database.retried(
                lambda connection: fail(
                    connection,
                    claim,
                    error[:2000],
                    new_id=runtime.new_id,
                    now=runtime.clock(),
                    jitter=runtime.jitter(),
                    calls=self._spent.get(claim, ()),
                )
            )
        except (DatabaseUnavailable, DBAPIError) as gone:
            # The lease ends by itself, and the turn runs again.
            _log.warning("turn_not_given_back", error=str(gone))

    async def _give_back(self, claim: Claim) -> None:
        try:
            async with (
                asyncio.timeout(2),
                self._runtime.database.transaction() as connection,
            ):
                await give_back(connection, claim)
        except (DatabaseUnavailable, DBAPIError, TimeoutError) as gone:
            _log.warning("turn_not_given_back", error=str(gone))

    async def _beat(self) -> None:
        """Prolong the leases of the turns and the deliveries that really run."""
        runtime = self._runtime
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            claims = [claim for claim, task in self._turns.items() if not task.done()]
            try:
                if claims:
                    async with runtime.database.transaction() as connection:
                        await runtime.claims.renew(connection, claims, runtime.clock())
                if self._deliveries:
                    await self._relay.prolong(list(self._deliveries.values()))
            except (DatabaseUnavailable, DBAPIError) as error:
                _log.warning("heartbeat_failed", error=str(error))

    # -- the batches that turns load and save with ------------------------------------

    async def load(self, claim: Claim) -> Loaded:
        """Load what a turn needs, together with other turns. Raises PutOff."""
        loaded = in_time(await self._loads.do(claim), self._runtime)
        channel = self._runtime.channels[loaded.channel_kind]
        return without_history(loaded, channel.history_after)

    def show(self, loaded: Loaded) -> None:
        """Show the customer that their words were seen. Never waits, never raises."""
        sight = sight_of(loaded)
        if sight is not None:
            self._courtesy.begin(loaded.claim, sight)

    def spend(self, claim: Claim, calls: Sequence[Call]) -> None:
        """Note what models took: an attempt that fails takes it to the next one."""
        if calls:
            self._spent[claim] = (*self._spent.get(claim, ()), *calls)

    async def save(self, outcome: Outcome) -> Saved:
        """Save a turn, together with other turns."""
        return await self._saves.do(outcome)

    async def dismiss(self, claim: Claim) -> None:
        """End a turn that had nothing to do."""
        await self._runtime.database.retried(
            lambda connection: dismiss(connection, claim)
        )

    async def _load(self, batch: Sequence[Claim]) -> Sequence[Loaded]:
        async with self._runtime.database.reading() as connection:
            return await load(connection, batch)

    async def _save(self, batch: Sequence[Outcome]) -> Sequence[Saved]:
        runtime = self._runtime
        return await runtime.database.retried(
            lambda connection: save(
                connection,
                batch,
                new_id=runtime.new_id,
                now=runtime.clock(),
                overdue_after=self._overdue_after,
            )
        )

    # -- deliveries -------------------------------------------------------------------

    async def _take_deliveries(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            room = self._runtime.settings.sends_in_flight - len(self._deliveries)
            try:
                batch = await self._relay.claim(min(room, _BATCH)) if room > 0 else ()
                for item in batch:
                    task = group.create_task(self._deliver(item))
                    self._deliveries[task] = item
                    task.add_done_callback(self._deliveries.pop)
                if not batch:
                    await self._runtime.outbox_bell.wait(await self._until_next_item())
            except (DatabaseUnavailable, DBAPIError) as error:
                _log.warning("outbox_claim_failed", error=str(error))
                await self._runtime.outbox_bell.wait(_PAUSE)

    async def _until_next_item(self) -> float:
        now = self._runtime.clock()
        async with self._runtime.database.reading() as connection:
            due = await next_due(connection, now)
        return min(self._poll, (due - now).total_seconds()) if due else self._poll

    async def _deliver(self, item: Due) -> None:
        try:
            await self._relay.deliver(item)
        except DatabaseUnavailable as error:
            # Nothing was sent: its lease ends, and it is looked at again.
            _log.warning("delivery_put_off", item=item.id, error=str(error))
        except Exception:  # noqa: BLE001 (one item must not end the worker)
            # Its lease ends, and it is looked at again.
            _log.exception("delivery_failed", item=item.id, topic=item.topic)

    async def _begin_one(self, start: Start) -> Due | None:
        try:
            return await self._begins.do(start)
        except (DatabaseUnavailable, BatcherFull) as error:
            raise Unavailable(str(error)) from None

    async def _begin_batch(self, batch: Sequence[Start]) -> Sequence[Due | None]:
        return await self._runtime.database.retried(
            lambda connection: self._relay.begin(connection, batch)
        )

    async def _settle_one(self, settled: Settled) -> bool:
        """Settle an attempt, however long the database is gone: it was made."""
        while True:
            try:
                return await self._settles.do(settled)
            except DatabaseUnavailable as error:
                _log.warning("delivery_not_settled_yet", error=str(error))
                await asyncio.sleep(_PAUSE)

    async def _settle(self, batch: Sequence[Settled]) -> Sequence[bool]:
        ours = await self._runtime.database.retried(
            lambda connection: self._relay.write(connection, batch)
        )
        for settled in batch:
            self._runtime.metrics.deliveries.labels(
                settled.item.topic, settled.outcome
            ).inc()
        self._runtime.outbox_bell.ring()
        herald_deliveries(self._runtime, batch)
        return ours

    async def _hear_of_failures(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            try:
                while await act_on_failures(self._runtime):
                    pass
            except (DatabaseUnavailable, DBAPIError) as error:
                _log.warning("failures_not_looked_at", error=str(error))

    async def _enforce_grace(self, takers: Sequence[asyncio.Task[None]]) -> None:
        """After `stop`: let turns and deliveries end, and then cancel what is left."""
        await self._stopping.wait()
        seconds = self._runtime.settings.stop_seconds
        end = asyncio.get_running_loop().time() + seconds
        # What they take in their last round is work under way like the rest.
        await asyncio.wait(takers, timeout=seconds)
        tasks = [*takers, *self._turns.values(), *self._deliveries]
        left = end - asyncio.get_running_loop().time()
        _, late = await asyncio.wait(tasks, timeout=max(0.0, left))
        for task in late:
            task.cancel()
