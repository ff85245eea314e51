"""An order of a message that was read: the operator's yes to what its analysis left."""

from pydantic import ConfigDict, Field

from bot.creating import (
    AlreadyOrdered,
    DraftMoved,
    NotCompleted,
    Unfit,
    WantedItem,
    WantedOrder,
    create_order,
)
from bot.inbox.news import What
from bot.inbox.overview import find_messages
from bot.ordering import NeedsPerson, NotOrdered
from bot.web.api.call import Call
from bot.web.api.draft_evidence import endpoints as endpoints  # noqa: PLC0414  # more
from bot.web.api.drafts import because, not_ready
from bot.web.api.models import Exact, Given, Id
from bot.web.api.order_views import OrderView, order_view
from bot.web.api.problems import (
    CONFLICT,
    FORBIDDEN,
    NOT_READY,
    REFUSED,
    VERSION_CONFLICT,
    Problem,
    not_found,
    version_conflict,
)
from bot.web.api.roles import ORDERING
from orders import IllegalMove
from orders.store import StoredOrder

#: Where an order keeps what was said with it.
_KEPT = "chatorder"


class ItemGiven(Given):
    """A product that is wanted."""

    product_id: Id
    quantity: Exact = Field(gt=0)
    variant: str | None = Field(
        None, max_length=300, description="Its id, its SKU, or its name in words."
    )


class MessageOrderGiven(Given):
    """What is ordered, where that is not the draft that the message left."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"draft_version": 3}]})

    items: list[ItemGiven] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="In the place of the draft's lines.",
    )
    draft_version: int | None = Field(
        None,
        ge=0,
        le=2**31 - 1,
        description="The version that you have seen; without: that of the analysis.",
    )
    allow_duplicate: bool = Field(
        default=False, description="One more order, where the draft made one already."
    )


@endpoints.post(
    "/v1/messages/{message_id}/order",
    roles=ORDERING,
    status=201,
    raises=(VERSION_CONFLICT, CONFLICT, NOT_READY, FORBIDDEN, REFUSED),
)
async def create_message_order(
    call: Call, message_id: Id, body: MessageOrderGiven | None = None
) -> OrderView:
    """Create the order of a message that was read.

    Your call is the confirmation of the draft that its analysis left. One draft makes
    one order, whoever made it, unless `allow_duplicate`. Prices, taxes and stock are
    the catalog's of now; the customer is told.
    """
    found = await find_messages(call.connection, call.tenant_id, [message_id])
    if not found:
        raise not_found("message", message_id)
    try:
        made = await create_order(
            call.connection,
            call.runtime,
            call.tenant_id,
            message_id,
            _wanted(body or MessageOrderGiven()),
            confirmed_by=because(call),
            now=call.now,
        )
    except NotOrdered as error:
        raise not_ready(error) from None
    except LookupError:  # Forgotten by the shop's rules of keeping.
        raise not_found("draft of message", message_id) from None
    except DraftMoved as moved:
        sent = (body.draft_version if body else None) or moved.analysed or 0
        raise version_conflict(
            "draft of message", message_id, sent=sent, newest=moved.current
        ) from None
    except (AlreadyOrdered, IllegalMove, NeedsPerson, NotCompleted, Unfit) as error:
        raise _problem(error) from None
    chat_id = found[0].conversation_id
    call.note(made.order.id, message=message_id)
    call.after_commit(call.runtime.outbox_bell.ring)
    call.after_commit(call.runtime.metrics.orders.inc)
    call.tell(chat_id, What.ORDER, What.DRAFT, What.MESSAGE)
    return order_view(StoredOrder(made.order, call.tenant_id, chat_id))


def _wanted(body: MessageOrderGiven) -> WantedOrder:
    items = body.items
    return WantedOrder(
        face=_KEPT,
        items=None
        if items is None
        else tuple(
            WantedItem(each.product_id, each.quantity, each.variant) for each in items
        ),
        draft_version=body.draft_version,
        allow_duplicate=body.allow_duplicate,
    )


def _problem(error: Exception) -> Problem:
    match error:
        case AlreadyOrdered(first=first):
            number = first.order.given_number or first.order.number
            why = f"order {number} was made of it: send allow_duplicate for another"
            return Problem(CONFLICT, why)
        case NotCompleted(status=status):
            word = status.value if status else "none"
            return Problem(CONFLICT, f"its analysis is {word}: wait, or retry it")
        case NeedsPerson():
            return Problem(FORBIDDEN, f"{error}: use the key of an agent")
        case Unfit(problems=problems):
            told = [{"field": field, "message": why} for field, why in problems]
            return Problem(REFUSED, str(error), {"errors": told})
        case _:
            return Problem(CONFLICT, str(error))
