"""Events: what leaves the process, each try, and what a person lets go again."""

from collections.abc import Sequence

from pydantic import Field

from bot.inbox.retrying import retry_deliveries
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import CursorPage, CursorPaging, Id, Moment, Shown
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import EVENTS_READ, EVENTS_WRITE
from orders.outbox.looking import (
    Attempt,
    Seen,
    Wanted,
    attempts_of,
    find_item,
    list_items,
)
from orders.outbox.store import State, Topic

endpoints = Endpoints(
    "events",
    "What leaves this server: orders to sinks, replies to customers, and timers."
    " What is `parked` was refused or given up, and waits for a person.",
)

#: A cursor, and an event's id, is the number of its row.
_DIGITS = 18


class EventsGiven(CursorPaging):
    """Which events."""

    topic: Topic | None = Field(
        None, description="`event`: orders to sinks; `reply`; `timer`."
    )
    state: State | None = Field(None, description="In this state.")
    order_id: Id | None = Field(None, description="About this order.")
    sink_id: Id | None = Field(None, description="To this sink.")


class EventView(Shown):
    """Something that leaves this server, or left it. What it says is not shown."""

    id: str = Field(examples=["4711"])
    topic: Topic
    event_id: str = Field(
        description="The same on every try: `webhook-id` and `Idempotency-Key`."
    )
    state: State
    type: str | None = Field(
        description="Of an `event`: what it tells.", examples=["order.placed"]
    )
    order_id: str | None
    sink_id: str | None
    conversation_id: str | None
    message_id: str | None
    attempts: int = Field(description="Since it was last let go.")
    error: str | None = Field(description="Why it waits, or why it is parked.")
    waits_for: str | None = Field(examples=["sink:sink_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    created_at: Moment
    due_at: Moment
    done_at: Moment | None = Field(description="Delivered, cancelled or parked.")


class ExchangeView(Shown):
    """One call of a sink. What tells of persons, and secrets, are blacked out."""

    method: str = Field(examples=["POST"])
    url: str = Field(description="Without its query.")
    request: str | None = Field(description="The beginning of the body.")
    status: int | None = Field(description="Null: no answer came.", examples=[200])
    response: str | None = Field(description="The beginning of the answer.")


class AttemptView(Shown):
    """One try."""

    number: int
    started_at: Moment
    ended_at: Moment | None
    outcome: str | None = Field(description="Null: it never ended; a crash.")
    error: str | None
    exchanges: list[ExchangeView] = Field(
        description="What was asked and answered, of events about orders."
    )


class EventDetailView(EventView):
    """One event with its tries."""

    tries: list[AttemptView] = Field(description="The newest hundred, newest first.")


@endpoints.get("/v1/events", roles=EVENTS_READ)
async def list_of_events(call: Call, query: EventsGiven) -> CursorPage[EventView]:
    """List events, newest first."""
    found, following = await list_items(
        call.connection,
        call.tenant_id,
        Wanted(query.topic, query.state, query.order_id, query.sink_id),
        before=cursor_of(query.cursor),
        limit=query.limit,
    )
    return CursorPage(
        data=[event_view(each) for each in found],
        next_cursor=None if following is None else str(following),
    )


@endpoints.get("/v1/events/{event_id}", roles=EVENTS_READ)
async def read_event(call: Call, event_id: Id) -> EventDetailView:
    """Read an event with its tries."""
    seen = await _known(call, event_id)
    (view,) = await with_tries(call, [event_view(seen)])
    return view


async def with_tries(
    call: Call, events: Sequence[EventView]
) -> Sequence[EventDetailView]:
    """Return events of the tenant with their tries: one look for all of them."""
    tries = await attempts_of(call.connection, [int(each.id) for each in events])
    return [
        EventDetailView(
            **each.model_dump(), tries=[_attempt(one) for one in tries[int(each.id)]]
        )
        for each in events
    ]


@endpoints.post("/v1/events/{event_id}/retry", roles=EVENTS_WRITE, raises=(CONFLICT,))
async def retry_event(call: Call, event_id: Id) -> EventView:
    """Let a parked event be tried again, as if for the first time.

    A reply whose fate is unknown may arrive twice by this.
    """
    seen = await _known(call, event_id)
    again = await retry_deliveries(
        call.connection, call.tenant_id, ids=[seen.id], now=call.now
    )
    if not again:
        raise Problem(
            CONFLICT,
            f"event {event_id!r} is {seen.state}: only a parked one is retried",
        )
    call.after_commit(call.runtime.outbox_bell.ring)
    return event_view(await _known(call, event_id))


def cursor_of(text: str | None) -> int | None:
    """Return the number that a cursor is. Raises Problem."""
    if text is None:
        return None
    number = number_of(text)
    if number is None:
        raise invalid("cursor", "send the `next_cursor` of the part before")
    return number


def number_of(text: str) -> int | None:
    """Return an event's number, None for what cannot be one."""
    fits = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if fits else None


def event_view(seen: Seen) -> EventView:
    """Return an event as the API shows it."""
    return EventView(
        id=str(seen.id),
        topic=seen.topic,
        event_id=seen.unique_key,
        state=seen.state,
        type=seen.type,
        order_id=seen.order_id,
        sink_id=seen.sink_id,
        conversation_id=seen.conversation_id,
        message_id=seen.message_id,
        attempts=seen.attempts,
        error=seen.error,
        waits_for=seen.waits_for,
        created_at=seen.created_at,
        due_at=seen.due_at,
        done_at=seen.done_at,
    )


async def _known(call: Call, event_id: str) -> Seen:
    number = number_of(event_id)
    seen = None
    if number is not None:
        seen = await find_item(call.connection, call.tenant_id, number)
    if seen is None:
        raise not_found("event", event_id)
    return seen


def _attempt(attempt: Attempt) -> AttemptView:
    return AttemptView(
        number=attempt.number,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        outcome=attempt.outcome,
        error=attempt.error,
        exchanges=[
            ExchangeView(
                method=each.method,
                url=each.url,
                request=each.request,
                status=each.status,
                response=each.response,
            )
            for each in attempt.exchanges
        ],
    )
