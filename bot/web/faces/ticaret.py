"""Ticaret.pro's face: the analysis of a message, and the order that is made of it."""

from http import HTTPStatus
from typing import Annotated

from pydantic import Field, JsonValue

from bot.creating import (
    AlreadyOrdered,
    Created,
    DraftMoved,
    NotCompleted,
    Unfit,
    WantedItem,
    WantedOrder,
    create_order,
)
from bot.domain.analysis import AnalysisRecord, AnalysisStatus
from bot.domain.analysis_told import AnalysisTold
from bot.inbox.accounts import Role
from bot.inbox.analyses import AGAIN, find_message, queue_again
from bot.inbox.chats import lock_chat
from bot.inbox.threads import Thread, find_threads
from bot.ordering import NeedsPerson, NotOrdered
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.face import BEARER, Face
from bot.web.api.models import Given
from bot.web.api.problems import (
    CONFLICT,
    FORBIDDEN,
    INVALID,
    NOT_READY,
    VERSION_CONFLICT,
    Problem,
    not_found,
)
from bot.web.api.roles import ORDERING
from bot.web.faces.ticaret_reading import Desk, analysis_at, order_there
from bot.web.faces.ticaret_refusals import not_ready, said
from orders import Draft, Evidence, Fulfilment, IllegalMove, Source
from orders.domain.entity_version import VersionConflict
from orders.domain.ids import Face as System
from orders.domain.ids import Kind
from orders.faces.ticaret import (
    KEPT,
    CreateOrderGiven,
    address_of,
    quantity_of,
)
from orders.faces.ticaret_telling import FailureAnswer, OrderTold, Told
from orders.ids import resolve_id

FACE = Face(
    name="ticaret",
    prefixes=("/wa",),
    keys=(BEARER,),
    error=FailureAnswer,
    said=said,
    statuses={INVALID.name: HTTPStatus.BAD_REQUEST},
)
endpoints = Endpoints(
    "ticaret",
    "Ticaret.pro's analysis of a message, and the order that an operator makes of it."
    " `docs/faces.md` says where each field comes from.",
    FACE,
)

#: Our id of it, or the platform's: a phone number, a JID, a wamid.
Name = Annotated[str, Field(pattern=r"^[0-9A-Za-z@.:+=/_-]{1,200}$")]


class SessionGiven(Given):
    """Which account of the shop the chat is in."""

    providerSessionId: str = Field(  # noqa: N815  # the parameter's name there
        "",
        max_length=100,
        description="Our id of the channel, or the platform's id of the account. May"
        " be left out or empty where only one account has such a chat.",
    )


class OrderAndAnalysis(Told):
    """The order, and the analysis that says so."""

    order: OrderTold
    analysis: AnalysisTold


class CreateOrderAnswer(Told):
    """What was made."""

    status: bool = True
    data: OrderAndAnalysis


class AnalysisAnswer(Told):
    """An analysis."""

    status: bool = True
    data: AnalysisTold


_ANALYSIS = "/wa/chats/{chat}/messages/{message}/ai-analysis"


@endpoints.post(
    "/wa/chats/{chat}/messages/{message}/ai-actions/create-order",
    roles=ORDERING,
    raises=(CONFLICT, VERSION_CONFLICT, NOT_READY, FORBIDDEN),
)
async def ticaret_create_order(
    call: Call, chat: Name, message: Name, query: SessionGiven, body: CreateOrderGiven
) -> CreateOrderAnswer:
    """Create an order from the completed analysis of a message.

    Your call is the confirmation of the draft at the version of the analysis; what the
    body has goes before what the draft has. One draft makes one order, whoever made
    it, unless `allowDuplicate`. Prices, taxes and stock are the catalog's of now.
    """
    desk = await _desk(call, chat, message, query)
    wanted = await _wanted(call, body)
    try:
        made = await create_order(
            call.connection,
            call.runtime,
            call.tenant_id,
            desk.message.id,
            wanted,
            confirmed_by=_because(call),
            now=call.now,
        )
    except AlreadyOrdered as error:
        told = await order_there(call, desk, error.first.order)
        number = told.order_no
        why = f"order {number} was made of this draft: send allowDuplicate for another"
        order = told.model_dump(mode="json", by_alias=True)
        raise Problem(
            CONFLICT, why, {"code": "DUPLICATE_ORDER", "order": order}
        ) from None
    except NotOrdered as error:
        raise not_ready(error.why) from None
    except LookupError:  # Forgotten by the shop's rules of keeping.
        raise not_found("draft of message", message) from None
    except (
        *(DraftMoved, IllegalMove, NeedsPerson, NotCompleted, Unfit),
        VersionConflict,
    ) as error:
        raise _problem(error) from None
    _note(call, made)
    return CreateOrderAnswer(
        data=OrderAndAnalysis(
            order=await order_there(call, desk, made.order, given=True),
            analysis=await analysis_at(call, desk, made.record),
        )
    )


@endpoints.get(_ANALYSIS, roles=ORDERING)
async def ticaret_read_analysis(
    call: Call, chat: Name, message: Name, query: SessionGiven
) -> AnalysisAnswer:
    """Read the analysis of a message.

    One that waits for its turn, or for another try after a failure, is `pending`.
    """
    desk = await _desk(call, chat, message, query)
    return AnalysisAnswer(data=await analysis_at(call, desk, _known(desk)))


@endpoints.post(_ANALYSIS + "/retry", roles=ORDERING, raises=(CONFLICT,))
async def ticaret_retry_analysis(
    call: Call, chat: Name, message: Name, query: SessionGiven
) -> AnalysisAnswer:
    """Put the analysis of a message into the queue again.

    A failed or skipped one is queued, for good, and its attempts count. One that waits
    or runs stays as it is. A completed one has been acted on: 409.
    """
    found = await _desk(call, chat, message, query)
    await lock_chat(call.connection, call.tenant_id, found.thread.id)
    desk = await found.again(call)
    record = _known(desk)
    if record.status is AnalysisStatus.COMPLETED:
        raise Problem(
            CONFLICT,
            "the analysis is completed, and what it says has been done: write to the"
            " customer, or change the draft",
            {"code": "ANALYSIS_COMPLETED"},
        )
    if record.status in AGAIN:
        if not await queue_again(call.connection, record, now=call.now):
            why = "the customer wrote nothing that could be analysed again"
            raise Problem(CONFLICT, why, {"code": "NOTHING_TO_ANALYSE"})
        call.after_commit(call.runtime.turn_bell.ring)
        desk = await desk.again(call)
    call.note(target=record.id or desk.message.id, status=record.status.value)
    return AnalysisAnswer(data=await analysis_at(call, desk, _known(desk)))


# -- what is meant --------------------------------------------------------------------


async def _desk(call: Call, chat: str, message: str, query: SessionGiven) -> Desk:
    """Return a message with what is known of it. Raises Problem: not found, invalid."""
    thread = await _thread(call, chat, query.providerSessionId.strip())
    name = await _ours(call, Kind.MESSAGE, message)
    found = await find_message(call.connection, call.tenant_id, thread.id, name)
    if found is None:
        raise not_found("message", message)
    return await Desk.of(call, thread, found)


async def _thread(call: Call, chat: str, session: str) -> Thread:
    name = await _ours(call, Kind.CONVERSATION, chat)
    channel = await _ours(call, Kind.CHANNEL, session) if session else None
    found = await find_threads(call.connection, call.tenant_id, name, channel)
    if not found:
        raise not_found("chat", chat)
    if len(found) == 1:
        return found[0]
    sessions = list(dict.fromkeys(each.channel_id for each in found))
    why = f"several sessions have the chat {chat!r}: name one of {', '.join(sessions)}"
    if len(sessions) == 1:
        ids = ", ".join(each.id for each in found)
        why = f"several chats are called {chat!r}: name one of {ids} as the chat"
    field = "providerSessionId" if len(sessions) > 1 else "chat"
    errors: list[JsonValue] = [{"field": field, "message": why}]
    raise Problem(INVALID, f"{field}: {why}", {"errors": errors, "sessions": sessions})


async def _ours(call: Call, kind: Kind, name: str) -> str:
    found = await resolve_id(
        call.connection, call.tenant_id, System.TICARET, kind, name
    )
    return found or name


def _known(desk: Desk) -> AnalysisRecord:
    if desk.record is None:
        raise not_found("analysis of message", desk.message.id)
    return desk.record


async def _wanted(call: Call, body: CreateOrderGiven) -> WantedOrder:
    """Return what the body says, with our ids in it."""
    shipping, seen = body.shipping_known, body.metadata_known
    items = None
    if body.items is not None:
        items = tuple(
            [
                WantedItem(
                    product=await _ours(call, Kind.PRODUCT, each.product_id),
                    quantity=quantity_of(each),
                    variant=each.variant_note,
                    data=each.metadata,
                )
                for each in body.items
            ]
        )
    customer, contact = body.customer_id, body.contact_id
    version = seen.entity_version
    return WantedOrder(
        face=KEPT,
        items=items,
        customer_id=customer and await _ours(call, Kind.CUSTOMER, customer),
        contact_id=contact and await _ours(call, Kind.CONTACT, contact),
        fulfilment=Fulfilment(shipping.method) if shipping.method else None,
        address=address_of(shipping.address) if shipping.address else None,
        recipient=shipping.recipient,
        recipient_phone=shipping.recipient_phone,
        payment=body.payment_known.method,
        note=body.notes or None,
        tags=tuple(body.tags),
        data={
            "metadata": body.metadata,
            "shipping": body.shipping,
            "payment": body.payment,
        },
        draft_version=seen.draft_version,
        entity_version=None if version is None else int(version),
        allow_duplicate=body.allow_duplicate,
    )


def _because(call: Call) -> Evidence:
    source = Source.KEY if call.role is Role.INTEGRATION else Source.AGENT
    return Evidence(source, ref=call.actor, actor=call.actor)


def _note(call: Call, made: Created) -> None:
    """Tell the audit and whoever waits; the draft is told as it was and as it is."""
    call.note(
        target=made.order.id,
        analysis=made.record.id,
        draft=made.after.id,
        before=_goods(made.before),
        after=_goods(made.after),
        duplicate=made.record.applied[-1].allow_duplicate,
    )
    call.after_commit(call.runtime.outbox_bell.ring)
    call.after_commit(call.runtime.metrics.orders.inc)


def _goods(draft: Draft) -> list[dict[str, str]]:
    return [{"sku": line.sku, "quantity": f"{line.quantity:f}"} for line in draft.lines]


def _problem(error: Exception) -> Problem:
    """Return what keeps an order from being made, besides what it lacks."""
    match error:
        case NotCompleted(status=status):
            word = status.value if status else "none"
            return Problem(
                CONFLICT,
                f"the analysis is {word}: orders are made of a completed one",
                {"code": "ANALYSIS_NOT_COMPLETED", "analysisStatus": word},
            )
        case DraftMoved(analysed=analysed, current=current):
            return Problem(
                VERSION_CONFLICT,
                f"the draft is at version {current}, the analysis saw"
                f" {'none' if analysed is None else analysed}: read"
                " it again, and send metadata.draftVersion or the items",
                {
                    "code": "DRAFT_CHANGED",
                    "analysisVersion": analysed,
                    "currentVersion": current,
                },
            )
        case VersionConflict(actual=actual):
            return Problem(
                VERSION_CONFLICT,
                str(error),
                {"code": "ANALYSIS_CHANGED", "entityVersion": str(actual)},
            )
        case Unfit(problems=problems):
            errors = [{"field": where, "message": why} for where, why in problems]
            return Problem(INVALID, str(error), {"errors": errors})
        case NeedsPerson():
            return Problem(FORBIDDEN, f"{error}: use the key of an agent")
        case _:
            return Problem(CONFLICT, str(error), {"code": "DRAFT_ENDED"})
