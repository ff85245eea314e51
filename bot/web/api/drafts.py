"""Drafts: read them with their reasons, change them, take back, confirm, reject."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import Role
from bot.inbox.news import What
from bot.ordering import (
    Desk,
    DraftGone,
    NeedsPerson,
    NotOrdered,
    StaleVersion,
    change,
    confirm,
    hold,
    look,
    reject,
    take_back,
)
from bot.web.api.call import Call
from bot.web.api.draft_changes import ChangeGiven, ChangesGiven
from bot.web.api.draft_editing import (
    Known,
    customers_named,
    products_named,
    typed,
)
from bot.web.api.draft_lacks import missing_view
from bot.web.api.draft_views import (
    DifferenceView,
    DraftView,
    difference_view,
    draft_view,
)
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
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
from catalog.lookup import find_products
from orders import ChangeRefused, DraftState, Evidence, IllegalMove, Source
from orders.codec import dump_change
from orders.domain.pricing import discount_percent
from orders.drafts import list_drafts
from orders.store import StoredOrder
from orders.table import customer
from orders.versions import NothingBefore, VersionEntry, versions_of

endpoints = Endpoints(
    "drafts",
    "Orders-to-be. Every change names the version that it was decided on; if somebody"
    " was faster, nothing happens and the answer says which version is the newest.",
)


class VersionGiven(Given):
    """The version of the draft that you have seen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 3}]})

    version: int = Field(ge=0, le=2**31 - 1)


class RejectGiven(VersionGiven):
    """Why it does not become an order. The customer reads the reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"version": 3, "reason": "We do not deliver on Sundays."}]
        }
    )

    reason: str = Field(min_length=1, max_length=500, pattern=r"\S")


class DraftsGiven(Paging):
    """Which drafts."""

    state: DraftState | None = Field(None, description="In this state.")
    conversation_id: Id | None = Field(None, description="Of this conversation.")


class DraftRow(Shown):
    """A draft in a list."""

    id: str
    conversation_id: str
    version: int
    state: DraftState
    name: str | None
    lines: int = Field(description="How many lines it has.")
    unresolved: int = Field(description="How many words are still open.")
    created_at: Moment
    updated_at: Moment


class VersionView(Shown):
    """One version: who made it, when, by which changes."""

    version: int
    actor: str
    at: Moment
    restored: int | None = Field(description="The older version that it is again.")
    changes: list[dict[str, object]]


@endpoints.get("/v1/drafts", roles=ORDERING)
async def list_of_drafts(call: Call, query: DraftsGiven) -> Page[DraftRow]:
    """List drafts, the ones changed last first."""
    found, total = await list_drafts(
        call.connection,
        call.tenant_id,
        state=query.state,
        conversation_id=query.conversation_id,
        limit=query.limit,
        offset=query.offset,
    )
    rows = [
        DraftRow(
            id=each.draft.id,
            conversation_id=each.conversation_id,
            version=each.draft.version,
            state=each.draft.state,
            name=each.draft.name,
            lines=len(each.draft.lines),
            unresolved=len(each.draft.unresolved),
            created_at=each.created_at,
            updated_at=each.updated_at,
        )
        for each in found
    ]
    return Page(data=rows, total=total)


@endpoints.get("/v1/drafts/{draft_id}", roles=ORDERING)
async def read_draft(call: Call, draft_id: Id) -> DraftView:
    """Read a draft.

    Every line and field says why it is there; `missing` says what an order still needs.
    """
    try:
        return draft_view(await look(call.connection, call.tenant_id, draft_id))
    except DraftGone:
        raise not_found("draft", draft_id) from None


@endpoints.get("/v1/drafts/{draft_id}/history", roles=ORDERING)
async def read_draft_history(call: Call, draft_id: Id) -> Page[VersionView]:
    """Read who changed a draft, newest first."""
    try:
        await look(call.connection, call.tenant_id, draft_id)
    except DraftGone:
        raise not_found("draft", draft_id) from None
    found = await versions_of(call.connection, draft_id)
    return Page(data=[_version_view(each) for each in found], total=len(found))


@endpoints.post(
    "/v1/drafts/{draft_id}/changes",
    roles=ORDERING,
    raises=(VERSION_CONFLICT, CONFLICT, REFUSED, FORBIDDEN),
)
async def change_draft(call: Call, draft_id: Id, body: ChangesGiven) -> DraftView:
    """Change a draft.

    All changes happen in their order, or none. A draft that was shown to its customer,
    or that they confirmed, is open again: they are asked anew. Agents give discounts up
    to the limit of the shop's rules.
    """
    desk = await _held(call, draft_id, body.version)
    return draft_view(await changed_by(call, desk, body.changes))


@endpoints.post(
    "/v1/drafts/{draft_id}/undo",
    roles=ORDERING,
    raises=(VERSION_CONFLICT, CONFLICT),
)
async def undo_draft(call: Call, draft_id: Id, body: VersionGiven) -> DraftView:
    """Take back the last change of a draft, whoever made it.

    The draft becomes what it was before, as a new version. Doing it again goes back
    one more step.
    """
    desk = await _held(call, draft_id, body.version)
    try:
        after = await take_back(call.connection, desk, actor=call.actor, now=call.now)
    except NothingBefore as error:
        raise Problem(CONFLICT, f"{error}: there is nothing to take back") from None
    call.note(version=after.draft.version)
    return draft_view(after)


@endpoints.post(
    "/v1/drafts/{draft_id}/confirm",
    roles=ORDERING,
    status=201,
    raises=(VERSION_CONFLICT, CONFLICT, NOT_READY, FORBIDDEN),
)
async def confirm_draft(call: Call, draft_id: Id, body: VersionGiven) -> OrderView:
    """Confirm a draft: it becomes an order.

    Your call is the confirmation. Prices, stock and the shop's rules are looked at
    again; if something differs or is missing, nothing happens. Stock is held, the
    shop's systems hear of the order, and the customer is told in the chat. Of a draft
    in the state `awaiting_approval`, this is the approval. Where the shop's rules ask
    for an agent's approval, the key of an agent or a manager gives it, not a system's.
    """
    desk = await _held(call, draft_id, body.version)
    try:
        order = await confirm(
            call.connection,
            call.runtime,
            desk,
            confirmed_by=because(call),
            now=call.now,
        )
    except NotOrdered as error:
        raise not_ready(error) from None
    except NeedsPerson as error:
        raise Problem(FORBIDDEN, f"{error}: use the key of an agent") from None
    except IllegalMove as error:
        raise Problem(CONFLICT, str(error)) from None
    call.note(version=body.version, order_id=order.id)
    call.after_commit(call.runtime.outbox_bell.ring)
    call.after_commit(call.runtime.metrics.orders.inc)
    call.tell(desk.stored.conversation_id, What.ORDER, What.MESSAGE)
    stored = desk.stored
    return order_view(StoredOrder(order, stored.tenant_id, stored.conversation_id))


@endpoints.post(
    "/v1/drafts/{draft_id}/reject",
    roles=ORDERING,
    raises=(VERSION_CONFLICT, CONFLICT),
)
async def reject_draft(call: Call, draft_id: Id, body: RejectGiven) -> DraftView:
    """Reject a draft: it will not become an order.

    The customer is told, with your reason.
    """
    desk = await _held(call, draft_id, body.version)
    after = await reject(
        call.connection,
        call.runtime,
        desk,
        reason=body.reason,
        actor=call.actor,
        now=call.now,
    )
    call.note(version=body.version)
    call.after_commit(call.runtime.outbox_bell.ring)
    return draft_view(after)


async def changed_by(call: Call, desk: Desk, changes: Sequence[ChangeGiven]) -> Desk:
    """Change a held draft as its caller wants; return the desk after it.

    Raises Problem for what does not fit, and for a discount above the caller's limit.
    """
    fitting = typed(changes, desk, await _known(call, changes), because(call))
    try:
        after = await change(
            call.connection, desk, fitting, actor=call.actor, now=call.now
        )
    except ChangeRefused as error:
        raise Problem(REFUSED, str(error)) from None
    _check_discount(call, desk, after)
    call.note(version=after.draft.version, changes=[each.type for each in changes])
    return after


def _check_discount(call: Call, before: Desk, after: Desk) -> None:
    """Refuse an agent's change after which the discount is larger than theirs may be.

    What somebody else gave may stay, as long as its share does not grow.
    """
    if call.role is not Role.AGENT:
        return
    limit = after.shop.humans.discount_percent
    share = discount_percent(after.draft, after.shop)
    if share > max(Decimal(limit), discount_percent(before.draft, before.shop)):
        raise Problem(
            FORBIDDEN, f"agents give at most {limit} %: ask a manager for more"
        )


async def _held(call: Call, draft_id: str, version: int) -> Desk:
    """Return a draft that may be changed, held until the end of the call."""
    try:
        desk = await hold(call.connection, call.tenant_id, draft_id, version)
    except DraftGone:
        raise not_found("draft", draft_id) from None
    except StaleVersion as stale:
        raise version_conflict(
            "draft", draft_id, sent=version, newest=stale.newest
        ) from None
    if desk.is_ended:
        raise Problem(
            CONFLICT,
            f"draft {draft_id!r} is {desk.draft.state}: an ended draft cannot change",
        )
    return desk


def because(call: Call) -> Evidence:
    """Return the reason for what the caller does: an agent, or a system's key."""
    source = Source.KEY if call.role is Role.INTEGRATION else Source.AGENT
    return Evidence(source, ref=call.actor, actor=call.actor)


async def _known(call: Call, changes: Sequence[ChangeGiven]) -> Known:
    ids, skus = products_named(changes)
    customers = customers_named(changes)
    products = (
        await find_products(call.connection, call.tenant_id, ids=ids, skus=skus)
        if ids or skus
        else []
    )
    return Known(products, await _customers(call.connection, call.tenant_id, customers))


async def _customers(
    connection: AsyncConnection, tenant_id: str, ids: frozenset[str]
) -> frozenset[str]:
    if not ids:
        return frozenset()
    found = await connection.execute(
        select(customer.c.id).where(
            customer.c.tenant_id == tenant_id, customer.c.id.in_(sorted(ids))
        )
    )
    return frozenset(found.scalars())


def not_ready(error: NotOrdered) -> Problem:
    """Return what keeps a draft from becoming an order."""
    why, desk = error.why, error.desk
    fields = list(dict.fromkeys(each.field.value for each in why.missing))
    differing = [each.type for each in _differences(desk, error)]
    said = ", ".join([*fields, *dict.fromkeys(differing)])
    return Problem(
        NOT_READY,
        f"draft {desk.draft.id!r} is not ready: {said}",
        {
            "missingFields": fields,
            "missing": [missing_view(each, desk) for each in why.missing],
            "differences": _differences(desk, error),
        },
    )


def _differences(desk: Desk, error: NotOrdered) -> list[DifferenceView]:
    return [difference_view(each, desk.draft) for each in error.why.differences]


def _version_view(entry: VersionEntry) -> VersionView:
    return VersionView(
        version=entry.version,
        actor=entry.actor,
        at=entry.at,
        restored=entry.restored,
        changes=[dump_change(each) for each in entry.changes],
    )
