"""Telling pages what a worker changed, once it is committed."""

from collections.abc import Sequence

from bot.db.claims import Claim
from bot.inbox.news import What
from bot.runtime import Runtime
from orders.outbox.store import Outcome, Settled, Topic


def herald_turn(runtime: Runtime, claim: Claim) -> None:
    """Tell of a turn that ended, however it did."""
    changed = (What.MESSAGE, What.DRAFT, What.CHAT)
    runtime.news.tell(claim.tenant_id, claim.conversation_id, *changed)


def herald_order(runtime: Runtime, claim: Claim) -> None:
    """Tell of an order that a turn placed."""
    runtime.news.tell(claim.tenant_id, claim.conversation_id, What.ORDER)


def herald_deliveries(runtime: Runtime, batch: Sequence[Settled]) -> None:
    """Tell of replies and events that were delivered, or were not."""
    for settled in batch:
        item = settled.item
        if settled.outcome is Outcome.WAITED:
            continue
        if item.topic == Topic.REPLY:
            conversation_id = item.payload.get("conversation_id")
            runtime.news.tell(item.tenant_id, conversation_id, What.STATUS)
        elif item.topic == Topic.EVENT:
            is_alarm = "alarm_id" in item.payload
            what = What.ALARM if is_alarm else What.ORDER
            runtime.news.tell(item.tenant_id, None, what)
