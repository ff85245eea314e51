"""What happened to a conversation beside its words."""

from pydantic import Field

from bot.inbox.overview import has_chat
from bot.inbox.steps import Step, StepKind, steps_of
from bot.web.api.call import Call
from bot.web.api.conversations import endpoints
from bot.web.api.models import Given, Id, Moment, Page, Shown
from bot.web.api.problems import not_found
from bot.web.api.roles import CHATS
from orders.listing import OrderFilter, list_orders

__all__ = ["HistoryGiven", "StepView", "endpoints", "read_conversation_history"]

#: So many orders of one conversation are told.
_ORDERS = 50


class HistoryGiven(Given):
    """Which part of it."""

    since: Moment | None = Field(None, description="Then or later.")
    limit: int = Field(50, ge=1, le=100, description="How many at most.")


class StepView(Shown):
    """One thing that happened."""

    at: Moment
    kind: StepKind
    actor: str = Field(
        description="Who did it: `user:ID`, `key:ID`, `bot`, or `contact` (they"
        " ordered).",
        examples=["user:user_1"],
    )
    why: str | None = Field(description="handed_over: why.", examples=["request"])
    user_id: str | None = Field(description="assigned: to whom.")
    team: str | None = Field(
        description="assigned: to which team, where it was to nobody in it.",
        examples=["Kadikoy"],
    )
    order_id: str | None = Field(description="ordered: which order.")
    order_number: int | None = Field(description="ordered: its number.", examples=[7])


@endpoints.get("/v1/conversations/{conversation_id}/history", roles=CHATS)
async def read_conversation_history(
    call: Call, conversation_id: Id, query: HistoryGiven
) -> Page[StepView]:
    """Read what happened to a conversation: who had it, whose it was, what was ordered.

    Newest first, and as long as the shop keeps its audit.
    """
    steps = await steps_of(
        call.connection,
        call.tenant_id,
        conversation_id,
        since=query.since,
        limit=query.limit,
    )
    every = [_view(each) for each in steps] + await _orders(call, conversation_id)
    if not every and not await has_chat(
        call.connection, call.tenant_id, conversation_id
    ):
        raise not_found("conversation", conversation_id)
    every = [each for each in every if query.since is None or each.at >= query.since]
    every.sort(key=lambda each: each.at, reverse=True)
    return Page(data=every[: query.limit], total=len(every))


async def _orders(call: Call, conversation_id: str) -> list[StepView]:
    placed, _ = await list_orders(
        call.connection,
        call.tenant_id,
        OrderFilter(conversation_id=conversation_id),
        limit=_ORDERS,
    )
    return [
        StepView(
            at=each.order.placed_at,
            kind=StepKind.ORDERED,
            actor="contact",
            why=None,
            user_id=None,
            team=None,
            order_id=each.order.id,
            order_number=each.order.number,
        )
        for each in placed
    ]


def _view(step: Step) -> StepView:
    return StepView(
        at=step.at,
        kind=step.kind,
        actor=step.actor,
        why=step.why,
        user_id=step.user_id,
        team=step.team,
        order_id=None,
        order_number=None,
    )
