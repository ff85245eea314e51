"""What becomes of advice: it is called off, or a draft in the customer's chat."""

from decimal import Decimal

from pydantic import Field
from sqlalchemy import or_, select

from bot.inbox.table import conversation
from bot.ordering import change, open_draft
from bot.web.api.call import Call
from bot.web.api.draft_changes import PutLineGiven
from bot.web.api.draft_editing import Known, typed
from bot.web.api.draft_views import DraftView, draft_view
from bot.web.api.drafts import because
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Id, Moment, Shown
from bot.web.api.problems import CONFLICT, REFUSED, Problem, not_found
from bot.web.api.roles import ORDERING
from catalog.lookup import find_products
from orders import ChangeRefused
from orders.advice.activities import cancel_run, find_activity, note_draft
from orders.advice.domain.activity import StoredActivity
from orders.advice.domain.request import Activity, Status
from orders.faces.repzo import KeptResult
from orders.table import customer, customer_contact

endpoints = Endpoints(
    "advice",
    "What becomes of sales activities, which Repzo's face makes and generates.",
)


class ActivityView(Shown):
    """A sales activity."""

    id: str = Field(examples=["60f7b1b3e4b0e8b3f8b3f8b3"])
    activity: Activity
    state: Status
    customer_id: str
    rep_id: str = Field(description="The user who visits the customer.")
    failure: str | None = Field(description="Why the last run failed.")
    draft_id: str | None = Field(description="What its proposal became.")
    order_id: str | None = Field(description="What that draft became.")
    created_at: Moment
    updated_at: Moment


@endpoints.get("/v1/advice/{activity_id}", roles=ORDERING)
async def read_advice(call: Call, activity_id: Id) -> ActivityView:
    """Read what became of a sales activity."""
    return _view(await _known(call, activity_id))


@endpoints.post("/v1/advice/{activity_id}/cancel", roles=ORDERING, raises=(CONFLICT,))
async def cancel_advice(call: Call, activity_id: Id) -> ActivityView:
    """Call off the advice that is being generated, or waits for it.

    What a run finds afterwards is not kept. It may be generated again.
    """
    stored = await _known(call, activity_id)
    if not await cancel_run(call.connection, call.tenant_id, activity_id, now=call.now):
        raise Problem(
            CONFLICT,
            f"activity {activity_id!r} is {stored.state}: there is nothing to cancel",
        )
    return _view(await _known(call, activity_id))


@endpoints.post(
    "/v1/advice/{activity_id}/draft",
    roles=ORDERING,
    status=201,
    raises=(CONFLICT, REFUSED),
)
async def draft_of_advice(call: Call, activity_id: Id) -> DraftView:
    """Put the proposed order into the draft of the customer's conversation.

    It is the conversation in which they wrote last; without a draft it gets one. What
    the draft has stays, and the same item grows. Nothing is said and nothing ordered:
    whoever looks at the draft goes on from there. Once only.
    """
    stored = await _known(call, activity_id, lock=True)
    if stored.draft_id is not None:
        raise Problem(
            CONFLICT,
            f"the proposal of {activity_id!r} is in draft {stored.draft_id!r} already",
        )
    wanted = _wanted(stored)
    chat_id = await _conversation_of(call, stored.customer_id)
    desk = await open_draft(
        call.connection,
        call.runtime,
        call.tenant_id,
        chat_id,
        actor=call.actor,
        now=call.now,
    )
    ids = {str(each.product_id) for each in wanted}
    products = await find_products(call.connection, call.tenant_id, ids=ids)
    changes = typed(wanted, desk, Known(products, ()), because(call))
    try:
        after = await change(
            call.connection, desk, changes, actor=call.actor, now=call.now
        )
    except ChangeRefused as error:
        raise Problem(REFUSED, str(error)) from None
    await note_draft(call.connection, activity_id, after.draft.id)
    call.note(draft=after.draft.id, version=after.draft.version)
    return draft_view(after)


def _wanted(stored: StoredActivity) -> list[PutLineGiven]:
    result = KeptResult.of(stored.result)
    if result is None or result.generated_order is None:
        raise Problem(
            CONFLICT, f"activity {stored.id!r} has no proposal: generate it first"
        )
    return [
        PutLineGiven(type="put_line", product_id=product_id, quantity=Decimal(quantity))
        for product_id, quantity in zip(
            result.products,
            (each.quantity for each in result.recommendations),
            strict=True,
        )
    ]


async def _conversation_of(call: Call, customer_id: str) -> str:
    """Return where the customer wrote last. Raises Problem when they never did."""
    own = select(customer.c.contact_id).where(
        customer.c.id == customer_id, customer.c.tenant_id == call.tenant_id
    )
    others = select(customer_contact.c.contact_id).where(
        customer_contact.c.customer_id == customer_id,
        customer_contact.c.tenant_id == call.tenant_id,
        customer_contact.c.contact_id.is_not(None),
    )
    found = await call.connection.execute(
        select(conversation.c.id)
        .where(
            conversation.c.tenant_id == call.tenant_id,
            or_(
                conversation.c.contact_id.in_(own),
                conversation.c.contact_id.in_(others),
            ),
            conversation.c.erased_at.is_(None),
            conversation.c.merged_into.is_(None),
        )
        .order_by(conversation.c.last_inbound_at.desc().nulls_last())
        .limit(1)
    )
    chat_id = found.scalar()
    if chat_id is None:
        raise Problem(CONFLICT, f"customer {customer_id!r} has no conversation")
    return str(chat_id)


async def _known(call: Call, activity_id: str, *, lock: bool = False) -> StoredActivity:
    found = await find_activity(call.connection, call.tenant_id, activity_id, lock=lock)
    if found is None:
        raise not_found("activity", activity_id)
    return found


def _view(stored: StoredActivity) -> ActivityView:
    return ActivityView(
        id=stored.id,
        activity=stored.activity,
        state=stored.state,
        customer_id=stored.customer_id,
        rep_id=stored.rep_id,
        failure=stored.failure,
        draft_id=stored.draft_id,
        order_id=stored.order_id,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )
