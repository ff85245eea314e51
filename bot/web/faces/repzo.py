"""Repzo's face: sales activities, and the advice that they ask for."""

from enum import StrEnum
from http import HTTPStatus

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.users import find_user
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.face import Face, KeyPlace, Refusal
from bot.web.api.models import Given, Id
from bot.web.api.problems import (
    CONFLICT,
    INVALID,
    KEY_REUSED,
    invalid,
    not_found,
)
from bot.web.api.roles import ORDERING
from bot.web.faces.repzo_running import generate
from orders.advice.activities import (
    add_activity,
    find_activity,
    list_activities,
    remove_activity,
    replace_activity,
)
from orders.advice.domain.activity import StoredActivity, Written
from orders.advice.domain.condition import Condition
from orders.customers import load_customer
from orders.domain.ids import Face as System
from orders.domain.ids import Kind, Thing
from orders.faces.repzo import (
    ActivitiesAnswer,
    ActivityAnswer,
    ActivityGiven,
    ActivityTold,
    DeletedAnswer,
    ErrorTold,
    FailureAnswer,
    GeneratedAnswer,
    KeptGiven,
    KeptResult,
)
from orders.faces.repzo_filter import read_filter
from orders.faces.repzo_telling import activity_told, judged, words_of
from orders.faces.repzo_words import wire_id
from orders.ids import give_ids, resolve_id


def _said(refusal: Refusal) -> FailureAnswer:
    code = "INVALID_FIELD" if refusal.kind is INVALID else refusal.code
    fields = list(dict.fromkeys(name for name, _ in refusal.errors))
    details = {"fields": fields} if fields else {}
    return FailureAnswer(
        error=ErrorTold(code=code, message=refusal.detail, details=details)
    )


FACE = Face(
    name="repzo",
    prefixes=("/activity-ai-sales-order",),
    keys=(KeyPlace("api-key", "api-key"),),
    error=FailureAnswer,
    said=_said,
    # Its callers know 400 for whatever is wrong with a request.
    statuses={kind.name: HTTPStatus.BAD_REQUEST for kind in (INVALID, KEY_REUSED)},
    omits_nulls=True,
)
endpoints = Endpoints(
    "repzo",
    "Repzo's sales activities: recommendations, order analysis, demand forecasts,"
    " cross-sell and upsell for a customer. `docs/faces.md` says what each fills.",
    FACE,
)


class SortKey(StrEnum):
    ID = "_id"
    CLIENT = "client"
    REP = "rep"
    ACTIVITY_TYPE = "activityType"
    STATUS = "status"
    PROCESSING_TIME = "processingTime"
    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"


class Direction(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


class ActivitiesGiven(Given):
    """Which activities."""

    limit: int = Field(50, ge=1, le=100, description="How many at most.")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many to skip.")
    sort: SortKey = Field(SortKey.CREATED_AT, description="By this field.")
    order: Direction = Direction.DESCENDING
    filter: str | None = Field(
        None,
        # A line of HTTP has 8,190 bytes, and each character may take three of them.
        max_length=2_000,
        pattern=r"^[\x20-\x7e]*$",
        description='JSON: fields with a value, a list of values, or `{"$gte": ...}`.',
        examples=['{"status": "completed"}'],
    )
    search: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="A part of a name, a type, a comment or a product.",
    )


@endpoints.get("/activity-ai-sales-order", roles=ORDERING)
async def repzo_list_activities(call: Call, query: ActivitiesGiven) -> ActivitiesAnswer:
    """List AI sales order activities."""
    found, total = await list_activities(
        call.connection,
        call.tenant_id,
        conditions=await _conditions(call, query.filter),
        search=query.search,
        sort=query.sort,
        descending=query.order is Direction.DESCENDING,
        limit=query.limit,
        offset=query.offset,
    )
    return ActivitiesAnswer(data=[_told(call, each) for each in found], total=total)


@endpoints.post("/activity-ai-sales-order", roles=ORDERING, status=201)
async def repzo_create_activity(call: Call, body: ActivityGiven) -> ActivityAnswer:
    """Create an AI sales order activity.

    It waits for `generate`. Feedback comes later: there is nothing to judge yet.
    """
    if body.feedback is not None and body.feedback.named:
        raise invalid(
            "feedback",
            "there are no recommendations yet: leave both lists empty, and send them"
            " with a PUT after `generate`",
        )
    activity_id = wire_id(call.tenant_id, "activity", call.new_id("act"))
    await add_activity(
        call.connection,
        call.tenant_id,
        activity_id,
        await _written(call, body),
        now=call.now,
    )
    call.note(target=activity_id)
    return ActivityAnswer(data=_told(call, await _known(call, activity_id)))


@endpoints.get("/activity-ai-sales-order/{activity_id}", roles=ORDERING)
async def repzo_read_activity(call: Call, activity_id: Id) -> ActivityAnswer:
    """Read an AI sales order activity."""
    return ActivityAnswer(data=_told(call, await _known(call, activity_id)))


@endpoints.put("/activity-ai-sales-order/{activity_id}", roles=ORDERING)
async def repzo_replace_activity(
    call: Call, activity_id: Id, body: ActivityGiven
) -> ActivityAnswer:
    """Replace an AI sales order activity.

    What is not sent is empty afterwards; what was advised stays. Feedback may name the
    products of this activity's recommendations. A generation that runs for another
    question than the new one is called off.
    """
    old = await _known(call, activity_id, lock=True)
    if body.feedback is not None:
        strange = body.feedback.named - judged(old)
        if strange:
            raise invalid(
                "feedback",
                f"{', '.join(sorted(strange))}: is none of this activity's"
                " recommendations: name their `product`",
            )
    written = await _written(call, body, old)
    await replace_activity(call.connection, call.tenant_id, old, written, now=call.now)
    return ActivityAnswer(data=_told(call, await _known(call, activity_id)))


@endpoints.delete("/activity-ai-sales-order/{activity_id}", roles=ORDERING, status=200)
async def repzo_delete_activity(call: Call, activity_id: Id) -> DeletedAnswer:
    """Delete an AI sales order activity."""
    if not await remove_activity(call.connection, call.tenant_id, activity_id):
        raise not_found("activity", activity_id)
    return DeletedAnswer()


@endpoints.post(
    "/activity-ai-sales-order/{activity_id}/generate",
    roles=ORDERING,
    raises=(CONFLICT,),
    own_transaction=True,
)
async def repzo_generate(call: Call, activity_id: Id) -> GeneratedAnswer:
    """Generate the recommendations of an activity.

    It may be done again. Who asks while it is being done gets the same answer; one
    that was cancelled, deleted or changed meanwhile keeps nothing of it: 409.
    """
    return await generate(call, activity_id)


# -- between bodies and what is stored ------------------------------------------------


async def _known(call: Call, activity_id: str, *, lock: bool = False) -> StoredActivity:
    found = await find_activity(call.connection, call.tenant_id, activity_id, lock=lock)
    if found is None:
        raise not_found("activity", activity_id)
    return found


async def _written(
    call: Call, body: ActivityGiven, old: StoredActivity | None = None
) -> Written:
    """Return a body as it is stored. Raises Problem for whom the shop has not."""
    connection, tenant_id = call.connection, call.tenant_id
    client_id = await _resolved(connection, tenant_id, Kind.CUSTOMER, body.client)
    client = await load_customer(connection, tenant_id, client_id)
    if client is None:
        raise invalid("client", f"there is no client {body.client!r}")
    rep_id = await _resolved(connection, tenant_id, Kind.USER, body.rep)
    rep = await find_user(connection, tenant_id, rep_id)
    if rep is None or rep.id != rep_id:
        raise invalid("rep", f"there is no rep {body.rep!r}")
    who = (Thing(Kind.CUSTOMER, client.id), Thing(Kind.USER, rep.id))
    called = await give_ids(connection, tenant_id, System.REPZO, who, now=call.now)
    given = {**body.kept, "client": called[who[0]], "rep": called[who[1]]}
    kept = KeptGiven.model_validate(given)
    found = KeptResult.of(old.result) if old else None
    return Written(
        customer_id=client.id,
        rep_id=rep.id,
        activity=body.activity_type,
        given=given,
        words=words_of(body.activity_type, kept, found, client.name, rep.name),
    )


async def _resolved(
    connection: AsyncConnection, tenant_id: str, kind: Kind, wanted: str
) -> str:
    """Return our id of what a caller names; our own id stands for itself."""
    found = await resolve_id(connection, tenant_id, System.REPZO, kind, wanted)
    return found or wanted


async def _conditions(call: Call, text: str | None) -> list[Condition]:
    if text is None:
        return []
    try:
        asked = read_filter(text)
    except ValueError as error:
        raise invalid("filter", str(error)) from None
    return [await _internal(call, each) for each in asked]


_KINDS = {"client": Kind.CUSTOMER, "rep": Kind.USER}


async def _internal(call: Call, asked: Condition) -> Condition:
    """Return a condition with our ids in it."""
    kind = _KINDS.get(asked.field)
    if kind is None:
        return asked
    values = [
        await _resolved(call.connection, call.tenant_id, kind, str(each))
        for each in asked.values
    ]
    return Condition(asked.field, asked.operator, tuple(values))


def _told(call: Call, stored: StoredActivity) -> ActivityTold:
    return activity_told(stored, lambda order: wire_id(call.tenant_id, "order", order))
