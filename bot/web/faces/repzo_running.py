"""Generates an activity's advice: once at a time, beside the event loop, in time."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Tenant
from bot.inbox.accounts import load_tenants
from bot.inbox.users import find_user
from bot.web.api.call import Call
from bot.web.api.problems import CONFLICT, UNAVAILABLE, Problem, not_found
from catalog.domain.product import Product
from catalog.store import load_products
from orders.advice.activities import (
    begin_run,
    fail_run,
    feedback_about,
    find_activity,
    finish_run,
)
from orders.advice.baskets import OwnOrders, newest_order, own_orders, shop_baskets
from orders.advice.domain.activity import StoredActivity
from orders.advice.domain.basket import Basket
from orders.advice.domain.history import History
from orders.advice.domain.market import Market
from orders.advice.domain.recommending import recommend
from orders.advice.domain.request import Feedback, Status
from orders.advice.learnt import weights
from orders.advice.wording import load_wording
from orders.customers import load_customer
from orders.domain.ids import Face as System
from orders.domain.ids import Kind, Thing
from orders.faces.repzo import GeneratedAnswer, KeptGiven, KeptResult
from orders.faces.repzo_telling import short, words_of
from orders.faces.repzo_words import asked, product_names, result_of, wire_id
from orders.ids import give_ids

_log = structlog.get_logger(__name__)

_SHORTEST = timedelta(minutes=1)
#: How often somebody looks whether another one's run has ended.
_LOOK = 0.1


async def generate(call: Call, activity_id: str) -> GeneratedAnswer:
    """Return the short recommendations; everything is kept with the activity.

    Raises Problem: not found; conflict when it was cancelled, deleted or changed while
    it ran; unavailable when it took too long.
    """
    run = call.new_id("run")
    database, limit = call.runtime.database, call.runtime.markets.limit

    async def begin(connection: AsyncConnection) -> bool:
        return await begin_run(
            connection,
            call.tenant_id,
            activity_id,
            run=run,
            # After this it is taken for dead, and another one may begin.
            until=call.now + max(2 * limit, _SHORTEST),
            now=call.now,
        )

    if not await database.retried(begin):
        return await _join(call, activity_id)
    try:
        async with asyncio.timeout(limit.total_seconds()):
            result = await _advised(call, activity_id)
    except TimeoutError:
        await _failed(call, activity_id, run, f"took longer than {limit.seconds} s")
        raise Problem(
            UNAVAILABLE,
            f"the advice took longer than {limit.seconds} s: send it again in a minute",
            headers={"Retry-After": "60"},
        ) from None
    except Exception:
        await _failed(call, activity_id, run, "failed; the server's log says more")
        raise
    return await call.transact(lambda within: _keep(within, activity_id, run, result))


async def _failed(call: Call, activity_id: str, run: str, why: str) -> None:
    now = call.runtime.clock()
    _log.warning("advice_failed", activity_id=activity_id, why=why)
    async with call.runtime.database.transaction() as connection:
        await fail_run(
            connection,
            activity_id,
            run=run,
            failure=why,
            seconds=(now - call.now).total_seconds(),
            now=now,
        )


async def _join(call: Call, activity_id: str) -> GeneratedAnswer:
    """Wait for the run that is under way, and answer what it found."""
    limit = call.runtime.markets.limit.total_seconds()
    deadline = asyncio.get_running_loop().time() + limit
    while True:
        async with call.runtime.database.reading() as connection:
            found = await find_activity(connection, call.tenant_id, activity_id)
        if found is None:
            raise not_found("activity", activity_id)
        if not found.is_running(call.runtime.clock()):
            break
        if asyncio.get_running_loop().time() > deadline:
            raise _lost(activity_id, "is still being generated: read it in a minute")
        await asyncio.sleep(_LOOK)
    result = KeptResult.of(found.result)
    if found.state is not Status.COMPLETED or result is None:
        raise _lost(activity_id, f"is {found.state}: generate it again")

    async def answer(within: Call) -> GeneratedAnswer:
        within.note(joined=True)
        return short(result)

    return await call.transact(answer)


def _lost(activity_id: str, why: str) -> Problem:
    return Problem(CONFLICT, f"activity {activity_id!r} {why}")


# -- the advice -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """All that the advice stands on."""

    stored: StoredActivity
    tenant: Tenant
    products: tuple[Product, ...]
    own: OwnOrders
    feedback: Feedback


async def _advised(call: Call, activity_id: str) -> KeptResult:
    ground = await _ground(call, activity_id)
    market = await _market(call)
    work = partial(_computed, ground, market, call.now)
    return await call.runtime.markets.beside(work)


async def _ground(call: Call, activity_id: str) -> _Ground:
    tenant_id = call.tenant_id
    async with call.runtime.database.reading() as connection:
        stored = await find_activity(connection, tenant_id, activity_id)
        if stored is None:
            raise not_found("activity", activity_id)
        return _Ground(
            stored=stored,
            tenant=(await load_tenants(connection, [tenant_id]))[tenant_id].tenant,
            products=tuple(await load_products(connection, tenant_id)),
            own=await own_orders(connection, tenant_id, stored.customer_id),
            feedback=await feedback_about(connection, tenant_id, stored.customer_id),
        )


async def _market(call: Call) -> Market:
    database, tenant_id = call.runtime.database, call.tenant_id
    async with database.reading() as connection:
        newest = await newest_order(connection, tenant_id)

    async def baskets() -> list[Basket]:
        # Nobody holds a connection while the baskets are learnt from.
        async with database.reading() as connection:
            return await shop_baskets(connection, tenant_id)

    return await call.runtime.markets.current(tenant_id, newest, baskets, now=call.now)


def _computed(ground: _Ground, market: Market, at: datetime) -> KeptResult:
    """Return the advice as it is stored. Pure, and slow for a large shop."""
    stored, tenant_id = ground.stored, ground.tenant.id
    orders = {
        wire_id(tenant_id, Kind.ORDER, each.id): each.id for each in ground.own.baskets
    }
    question = asked(
        stored.activity,
        KeptGiven.model_validate(stored.given),
        customer_id=stored.customer_id,
        products=product_names(tenant_id, ground.products),
        orders={**ground.own.names, **orders},
        feedback=ground.feedback,
        at=at,
    )
    advice = recommend(
        History(market, ground.own.baskets),
        {product.id: product for product in ground.products},
        question.request,
        weights(),
    )
    return result_of(
        advice,
        question.unused,
        wording=load_wording(ground.tenant.language),
        called=lambda product: wire_id(tenant_id, Kind.PRODUCT, product),
    )


async def _keep(
    within: Call, activity_id: str, run: str, result: KeptResult
) -> GeneratedAnswer:
    """Store what a run found, unless it was called off meanwhile."""
    connection, now = within.connection, within.runtime.clock()
    stored = await find_activity(connection, within.tenant_id, activity_id, lock=True)
    if stored is None or stored.run != run:
        raise _lost(
            activity_id, "was cancelled, deleted or changed meanwhile: nothing is kept"
        )
    things = [Thing(Kind.PRODUCT, each) for each in result.products]
    await give_ids(connection, within.tenant_id, System.REPZO, things, now=now)
    client = await load_customer(connection, within.tenant_id, stored.customer_id)
    rep = await find_user(connection, within.tenant_id, stored.rep_id)
    names = (client.name if client else None, rep.name if rep else None)
    await finish_run(
        connection,
        activity_id,
        run=run,
        result=result.stored,
        words=words_of(
            stored.activity, KeptGiven.model_validate(stored.given), result, *names
        ),
        seconds=(now - within.now).total_seconds(),
        now=now,
    )
    within.note(lines=len(result.recommendations))
    return short(result)
