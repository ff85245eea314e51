"""Sinks: the systems that placed orders go to."""

from collections.abc import Mapping
from datetime import timedelta

from bot.domain.account import Unsealable
from bot.inbox.accounts import load_tenants
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.events import EventView, cursor_of, event_view
from bot.web.api.models import CursorPage, CursorPaging, Id, Page, Paging
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import EVENTS_WRITE, SINKS_READ, SINKS_WRITE
from bot.web.api.sink_views import (
    JSON_OBJECT,
    ActivatedSinkView,
    NewSinkView,
    PingView,
    RedeliveryGiven,
    SinkChangeGiven,
    SinkGiven,
    SinkPauseGiven,
    SinkSecretGiven,
    SinkView,
)
from orders.domain.events import SinkAccount
from orders.domain.order import OrderState
from orders.outbox.delivery import DeliveryError
from orders.outbox.looking import Wanted, find_item, list_items
from orders.outbox.store import Topic
from orders.provisioning.account import (
    KEY_RULE,
    SECRET_RULE,
    is_usable_key,
    is_usable_secret,
    is_web_address,
    new_secret,
)
from orders.provisioning.options import BadOptions, stored_options
from orders.provisioning.ping import Ping
from orders.provisioning.public import NotPublic, check_public
from orders.provisioning.registry import KEYED, OPTIONS, SINKS
from orders.redelivery import SinkPaused, redeliver
from orders.sinks import (
    activate_sink,
    add_sink,
    load_sink,
    load_sinks,
    move_sink,
    pause_sink,
    rotate_secret,
    sink_standing,
)
from orders.store import load_order

endpoints = Endpoints(
    "sinks",
    "Where placed orders go. Every call is signed (Standard Webhooks) and carries the"
    " event's id, so that a receiver can tell a repetition.",
)


@endpoints.get("/v1/sinks", roles=SINKS_READ)
async def list_of_sinks(call: Call, query: Paging) -> Page[SinkView]:
    """List sinks, oldest first."""
    sinks = (await load_sinks(call.connection, [call.tenant_id]))[call.tenant_id]
    part = sinks[query.offset : query.offset + query.limit]
    return Page(data=[await _view(call, each) for each in part], total=len(sinks))


@endpoints.get("/v1/sinks/{sink_id}", roles=SINKS_READ)
async def read_sink(call: Call, sink_id: Id) -> SinkView:
    """Read a sink."""
    return await _view(call, await _known(call, sink_id))


@endpoints.post("/v1/sinks", roles=SINKS_WRITE, status=201, own_transaction=True)
async def create_sink(call: Call, body: SinkGiven) -> NewSinkView:
    """Send placed orders to a system, from the next order on."""
    if body.kind not in SINKS:
        raise invalid("kind", f"is none of {', '.join(sorted(SINKS))}")
    secret = _secret(body.kind, body.secret)
    options = _options(body.kind, body.options)
    public_only = await _check_url(call, body.url)

    async def work(call: Call) -> NewSinkView:
        account = SinkAccount(
            id=call.new_id("sink"),
            tenant_id=call.tenant_id,
            kind=body.kind,
            url=body.url,
            secret=call.runtime.seal_secret(secret),
            public_only=public_only,
            options=options,
        )
        await add_sink(call.connection, account, now=call.now)
        return await _shown_once(call, account.id, body.secret, secret)

    return await call.transact(work)


@endpoints.patch("/v1/sinks/{sink_id}", roles=SINKS_WRITE, own_transaction=True)
async def update_sink(call: Call, sink_id: Id, body: SinkChangeGiven) -> SinkView:
    """Send to another address from now on, also what waits already."""
    async with call.runtime.database.reading() as connection:
        found = await load_sink(connection, call.tenant_id, sink_id)
    if found is None:
        raise not_found("sink", sink_id)
    given = body.options
    options = None if given is None else _options(found.kind, given)
    public_only = await _check_url(call, body.url)

    async def work(call: Call) -> SinkView:
        await _known(call, sink_id)
        await move_sink(
            call.connection,
            sink_id,
            url=body.url,
            public_only=public_only,
            options=options,
        )
        return await _view(call, await _known(call, sink_id))

    return await call.transact(work)


@endpoints.post("/v1/sinks/{sink_id}/pause", roles=SINKS_WRITE)
async def pause_known_sink(
    call: Call, sink_id: Id, body: SinkPauseGiven | None = None
) -> SinkView:
    """Send nothing to a sink. Orders that are on their way to it wait."""
    await _known(call, sink_id)
    reason = (body or SinkPauseGiven()).reason
    await pause_sink(call.connection, sink_id, reason=reason, now=call.now)
    return await _view(call, await _known(call, sink_id))


@endpoints.post("/v1/sinks/{sink_id}/activate", roles=SINKS_WRITE)
async def activate_known_sink(call: Call, sink_id: Id) -> ActivatedSinkView:
    """Call a sink again, with what waited for it first."""
    await _known(call, sink_id)
    waiting = await activate_sink(call.connection, sink_id, now=call.now)
    call.after_commit(call.runtime.outbox_bell.ring)
    shown = await _view(call, await _known(call, sink_id))
    return ActivatedSinkView(**shown.model_dump(), waiting=waiting)


@endpoints.post("/v1/sinks/{sink_id}/rotate-secret", roles=SINKS_WRITE)
async def rotate_secret_of_sink(
    call: Call, sink_id: Id, body: SinkSecretGiven | None = None
) -> NewSinkView:
    """Sign with another secret.

    For another day, or for as long as you say, every call carries a signature of the
    old one, too: the receiver may change over at any time until then.
    """
    account = await _known(call, sink_id)
    given = body or SinkSecretGiven()
    secret = _secret(account.kind, given.secret)
    await rotate_secret(
        call.connection,
        account,
        secret=call.runtime.seal_secret(secret),
        until=call.now + timedelta(seconds=given.grace_seconds),
    )
    return await _shown_once(call, sink_id, given.secret, secret)


@endpoints.post(
    "/v1/sinks/{sink_id}/test",
    roles=SINKS_WRITE,
    own_transaction=True,
    raises=(CONFLICT,),
)
async def test_sink(call: Call, sink_id: Id) -> PingView:
    """Send a signed test to a sink, paused or not, and see what it answers.

    The body is `{"type": "ping", "timestamp": ..., "data": {"sink_id": ...}}`,
    whatever the kind of the sink.
    """
    async with call.runtime.database.reading() as connection:
        account = await load_sink(connection, call.tenant_id, sink_id)
    if account is None:
        raise not_found("sink", sink_id)
    if account.kind in KEYED:
        raise Problem(
            CONFLICT,
            f"the API of a sink of the kind {account.kind} knows no test: send it an"
            " order with `redeliver`",
        )
    event_id = call.new_id("ping")
    try:
        ping = _ping(call, account, event_id)
        await call.runtime.pinger.ping(ping)
        error = None
    except DeliveryError as refused:
        error = str(refused)
    except Unsealable as unknown:
        raise Problem(
            CONFLICT, f"the sink's secret cannot be read: {unknown}"
        ) from None
    answer = PingView(delivered=error is None, event_id=event_id, error=error)

    async def work(call: Call) -> PingView:
        call.note(delivered=answer.delivered)
        return answer

    return await call.transact(work)


@endpoints.get("/v1/sinks/{sink_id}/deliveries", roles=SINKS_READ)
async def list_sink_deliveries(
    call: Call, sink_id: Id, query: CursorPaging
) -> CursorPage[EventView]:
    """List what a sink was told, and is to be told, newest first."""
    await _known(call, sink_id)
    found, following = await list_items(
        call.connection,
        call.tenant_id,
        Wanted(topic=Topic.EVENT, sink_id=sink_id),
        before=cursor_of(query.cursor),
        limit=query.limit,
    )
    return CursorPage(
        data=[event_view(each) for each in found],
        next_cursor=None if following is None else str(following),
    )


@endpoints.post("/v1/sinks/{sink_id}/redeliver", roles=EVENTS_WRITE, raises=(CONFLICT,))
async def redeliver_to_sink(
    call: Call, sink_id: Id, body: RedeliveryGiven
) -> EventView:
    """Send an order to a sink once more, or for the first time.

    The event keeps its id: a receiver that has it tells the repetition by that. What
    is on its way already stays so.
    """
    account = await _known(call, sink_id)
    order_id = await _order_of(call, account, body)
    stored = await load_order(call.connection, call.tenant_id, order_id)
    if stored is None:
        raise not_found("order", order_id)
    if stored.order.state in {OrderState.CANCELLED, OrderState.REFUNDED}:
        raise Problem(CONFLICT, f"order {order_id!r} is {stored.order.state}")
    entries = await load_tenants(call.connection, [call.tenant_id])
    try:
        item_id = await redeliver(
            call.connection,
            account,
            order_id,
            shard=entries[call.tenant_id].shard,
            now=call.now,
        )
    except SinkPaused as error:
        raise Problem(CONFLICT, str(error)) from None
    call.note(sink_id, order_id=order_id)
    call.after_commit(call.runtime.outbox_bell.ring)
    seen = await find_item(call.connection, call.tenant_id, item_id)
    if seen is None:
        raise not_found("event", str(item_id))
    return event_view(seen)


async def _order_of(call: Call, account: SinkAccount, body: RedeliveryGiven) -> str:
    """Return the order that is meant. Raises Problem."""
    if (body.event_id is None) == (body.order_id is None):
        raise invalid("body", "give either event_id or order_id")
    if body.event_id is not None:
        number = cursor_of(body.event_id)
        seen = number and await find_item(call.connection, call.tenant_id, number)
        if not seen or seen.sink_id != account.id or seen.order_id is None:
            raise invalid("event_id", "this sink has no such event")
        return seen.order_id
    order_id = body.order_id or ""
    if await load_order(call.connection, call.tenant_id, order_id) is None:
        raise invalid("order_id", "there is no such order")
    return order_id


async def _check_url(call: Call, url: str) -> bool:
    """Return whether the host must be public, and is. Raises Problem."""
    if not is_web_address(url):
        raise invalid("url", "is not an http or https address")
    if call.runtime.settings.allow_private_hosts:
        return False
    try:
        await check_public(url, call.runtime.public_hosts)
    except NotPublic as error:
        raise invalid(
            "url", f"{error}: use another host, or ask the operator"
        ) from None
    return True


def _secret(kind: str, given: str | None) -> str:
    if kind in KEYED:
        if given is None or not is_usable_key(given):
            raise invalid("secret", KEY_RULE)
        return given
    if given is None:
        return new_secret()
    if not is_usable_secret(given):
        raise invalid("secret", SECRET_RULE)
    return given


def _options(kind: str, given: Mapping[str, object]) -> Mapping[str, object]:
    try:
        return stored_options(OPTIONS[kind], given)
    except BadOptions as error:
        raise invalid("options", str(error)) from None


def _ping(call: Call, account: SinkAccount, event_id: str) -> Ping:
    runtime, until = call.runtime, account.secret_before_until
    before = account.secret_before if until is not None and until > call.now else None
    return Ping(
        event_id=event_id,
        sink_id=account.id,
        url=account.url,
        secret=runtime.open_secret(account.secret),
        sent_at=call.now,
        public_only=account.public_only,
        secret_before=None if before is None else runtime.open_secret(before),
    )


async def _known(call: Call, sink_id: str) -> SinkAccount:
    found = await load_sink(call.connection, call.tenant_id, sink_id)
    if found is None:
        raise not_found("sink", sink_id)
    return found


async def _shown_once(
    call: Call, sink_id: str, given: str | None, secret: str
) -> NewSinkView:
    shown = await _view(call, await _known(call, sink_id))
    return NewSinkView(**shown.model_dump(), secret=secret if given is None else None)


async def _view(call: Call, account: SinkAccount) -> SinkView:
    standing = await sink_standing(
        call.connection, account.id, tenant_id=call.tenant_id
    )
    return SinkView(
        id=account.id,
        kind=account.kind,
        url=account.url,
        options=JSON_OBJECT.validate_python(account.options),
        state=account.state,
        state_reason=standing.reason if standing else None,
        state_at=standing.at if standing else None,
        old_secret_until=account.secret_before_until,
    )
