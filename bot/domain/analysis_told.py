"""An analysis in Ticaret.pro's words: `data.analysis` of its API reference. Pure.

Every key of the printed answer is there. What nobody knows is null, an empty text or
an empty object, as the key has it, and never invented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue, ValidationError
from pydantic.alias_generators import to_camel

from bot.domain.analysis import AnalysisRecord, AnalysisStatus, Applied
from bot.domain.commerce import (
    Commerce,
    MissingField,
    NextAction,
    Readiness,
    Stage,
    commerce_of,
    dump_commerce,
)
from bot.domain.found import StockStatus, load_found
from bot.domain.product_matches import (
    ProductMatch,
    VisualSearch,
    product_matches,
    visual_search,
)
from bot.domain.shelf import LineSeen, load_seen
from bot.domain.understanding import Understanding
from orders import Draft, DraftState, Line, Order
from orders.domain.ids import Kind
from orders.faces.ticaret_telling import Called, Free, Moment, Number, Told, number_of

#: Calls of a model in which pictures are looked at, too.
_LOOKING = frozenset({"read", "repair"})
_BEFORE = ("language", "owner", "draft_version", "draft_state")
_TRIGGERS = frozenset({"auto", "manual"})


class EntitiesTold(Told):
    """What was named first, in the customer's own words."""

    product_name: str | None = None
    color: str | None = None
    size: str | None = None
    amount: str | None = None
    date: str | None = None


class DraftSourceTold(Told):
    """Where a draft comes from."""

    channel: str
    source_id: str | None
    source_type: str
    thread_id: str
    message_id: str


class DraftItemTold(Told):
    """A line as it was observed when the message was analysed."""

    product_id: str
    sku: str
    name: str
    quantity: Number
    variant_note: str | None
    notes: str | None
    unit_price: Number | None
    currency: str
    stock_status: StockStatus | None
    stock_quantity: Number | None
    product_url: str | None
    variant_required: bool


class OrderDraftTold(Told):
    """The order-to-be at the version of the analysis."""

    customer_id: str | None
    contact_id: str | None
    items: list[DraftItemTold]
    source: DraftSourceTold
    notes: str | None


class CommerceTold(Told):
    """How far it is on its way to an order; of an ordered one, as it is now."""

    stage: Stage
    order_readiness: Readiness
    missing_fields: list[MissingField]
    order_draft: OrderDraftTold
    next_best_actions: list[NextAction]


class AppliedTold(Told):
    """What was done on the strength of the analysis."""

    type: str
    order_id: str
    order_no: str
    actor_type: str
    actor_id: str
    allow_duplicate: bool
    created_at: Moment


class AnalysisTold(Told):
    """The analysis of a message."""

    id: str | None
    account_id: str
    provider_session_id: str
    remote_jid: str
    message_id: str
    provider: str | None
    model: str | None
    status: AnalysisStatus
    source_type: str
    trigger: str
    intent: str | None
    action: str | None
    priority: str | None
    sentiment: str | None
    summary: str
    suggested_reply: str | None
    confidence: float | None
    entities: EntitiesTold
    visual_description: str | None
    warnings: list[str]
    result: Free
    input: Free
    usage: Free
    openai_response_id: str | None
    attempt_count: int
    max_attempts: int
    next_attempt_at: Moment | None
    last_error: Free
    completed_at: Moment | None
    failed_at: Moment | None
    skipped_at: Moment | None
    created_at: Moment
    updated_at: Moment
    entity_version: str
    product_matches: list[ProductMatch]
    visual_search: VisualSearch
    commerce: CommerceTold
    applied_actions: list[AppliedTold]


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside an analysis in the answer, as the database has it."""

    tenant_id: str
    session_id: str
    jid: str
    thread_id: str
    message_id: str
    contact_id: str
    draft: Draft  #: At the version of the analysis; an empty one where there is none.
    customer_id: str | None = None  #: The contact's, where the draft names none.
    order: Order | None = None  #: The first that was made of the draft.
    messages: Sequence[Mapping[str, JsonValue]] = ()  #: What was read, oldest first.
    called: Called = field(default=lambda _kind, internal: internal)


def analysis_told(record: AnalysisRecord, beside: Beside) -> AnalysisTold:
    """Return an analysis as Ticaret.pro prints it."""
    said = _understood(record.result)
    commerce = _commerce(record, beside)
    usage = dict(record.usage or {})
    response_id = usage.get("response_id")
    visual = visual_search(
        said.visual if said else (),
        response_id=_text(response_id),
        usage={"calls": _looks(usage)} if said and _looks(usage) else {},
    )
    return AnalysisTold(
        id=record.id and beside.called(Kind.ANALYSIS, record.id),
        account_id=beside.tenant_id,
        provider_session_id=beside.called(Kind.CHANNEL, beside.session_id),
        remote_jid=beside.jid,
        message_id=beside.called(Kind.MESSAGE, beside.message_id),
        provider=record.provider,
        model=record.model,
        status=record.status,
        source_type=record.source_type,
        trigger=record.trigger if record.trigger in _TRIGGERS else "auto",
        intent=said.intent.value if said else None,
        action=commerce.next_best_actions[0].value if said else None,
        priority=said.priority.value if said else None,
        sentiment=said.sentiment.value if said else None,
        summary=said.summary if said else "",
        suggested_reply=said.suggested_reply if said else None,
        confidence=record.confidence,
        entities=EntitiesTold(**said.entities.model_dump()) if said else EntitiesTold(),
        visual_description=visual.visual_description,
        warnings=_warnings(record, said),
        result=dict(record.result or {}),
        input=_input(record, beside),
        usage=usage,
        openai_response_id=_text(response_id),
        attempt_count=record.attempts,
        max_attempts=record.max_attempts,
        next_attempt_at=record.next_attempt_at,
        last_error=_last_error(record),
        **_ends(record),
        created_at=record.created_at,
        updated_at=record.updated_at,
        entity_version=str(record.entity_version),
        product_matches=_matches(record, beside.called),
        visual_search=visual,
        commerce=commerce,
        applied_actions=[_applied(each, beside) for each in _actions(record, beside)],
    )


def _understood(result: Mapping[str, JsonValue] | None) -> Understanding | None:
    """Return what was read; None: nothing yet, or another version wrote it."""
    if not result:
        return None
    try:
        return Understanding.model_validate(result)
    except ValidationError:
        return None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _looks(usage: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Return the calls in which a picture of the turn was looked at."""
    calls = usage.get("calls")
    return [
        each
        for each in (calls if isinstance(calls, list) else ())
        if isinstance(each, dict) and each.get("purpose") in _LOOKING
    ]


def _warnings(record: AnalysisRecord, said: Understanding | None) -> list[str]:
    """Return what to beware of; of a skipped one, why it was skipped."""
    found = list(said.warnings) if said else []
    if record.status is AnalysisStatus.SKIPPED and record.error:
        found.append(record.error)
    return found


def _last_error(record: AnalysisRecord) -> Free:
    if record.error is None or record.status is AnalysisStatus.SKIPPED:
        return {}
    return {"message": record.error}


def _ends(record: AnalysisRecord) -> dict[str, object]:
    """Return when it ended, under the name of how it did."""
    names = {
        AnalysisStatus.COMPLETED: "completed_at",
        AnalysisStatus.FAILED: "failed_at",
        AnalysisStatus.SKIPPED: "skipped_at",
    }
    return {
        name: record.ended_at if record.status is status else None
        for status, name in names.items()
    }


def _input(record: AnalysisRecord, beside: Beside) -> Free:
    """Return what was read: the messages, and what was true before them."""
    messages: list[JsonValue] = [dict(each) for each in beside.messages]
    before = record.before or {}
    memory = before.get("memory")
    known: Free = {to_camel(name): before.get(name) for name in _BEFORE}
    # What had been asked last; the rest of the memory is the bot's own business.
    known["asked"] = memory.get("asked") if isinstance(memory, dict) else None
    return {"messages": messages, "before": known if before else {}}


def _matches(record: AnalysisRecord, called: Called) -> list[ProductMatch]:
    found = product_matches(load_found(record.matches))
    return [
        each.model_copy(update={"product_id": called(Kind.PRODUCT, each.product_id)})
        if each.product_id
        else each
        for each in found
    ]


# -- commerce -------------------------------------------------------------------------


def _commerce(record: AnalysisRecord, beside: Beside) -> CommerceTold:
    stored = dict(record.commerce or dump_commerce(_NOTHING))
    if beside.order is not None:
        closed = Draft(beside.draft.id, beside.draft.currency, state=DraftState.ORDERED)
        stored = dict(dump_commerce(commerce_of(closed, (), order=beside.order)))
    seen = load_seen(record.shelf)
    draft, called = beside.draft, beside.called
    customer_id = draft.customer_id or beside.customer_id
    return CommerceTold.model_validate(
        {
            **stored,
            "order_draft": OrderDraftTold(
                customer_id=called(Kind.CUSTOMER, customer_id) if customer_id else None,
                contact_id=called(Kind.CONTACT, beside.contact_id),
                items=[
                    _item(line, draft, seen.get(line.id), called)
                    for line in draft.lines
                ],
                source=_source(record, beside),
                notes=draft.note,
            ),
        }
    )


_NOTHING = Commerce(Stage.NONE, Readiness.NOT_APPLICABLE, (), (NextAction.REPLY,))


def _source(record: AnalysisRecord, beside: Beside) -> DraftSourceTold:
    called = beside.called
    return DraftSourceTold(
        channel="provider_whatsapp",
        source_id=called(Kind.ANALYSIS, record.id) if record.id else None,
        source_type="ai_analysis",
        thread_id=called(Kind.CONVERSATION, beside.thread_id),
        message_id=called(Kind.MESSAGE, beside.message_id),
    )


def _item(
    line: Line, draft: Draft, seen: LineSeen | None, called: Called
) -> DraftItemTold:
    return DraftItemTold(
        product_id=called(Kind.PRODUCT, line.product_id),
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        variant_note=line.variant_name,
        notes=line.note,
        unit_price=line.unit_price,
        currency=draft.currency,
        stock_status=seen.stock_status if seen else None,
        stock_quantity=seen.stock if seen else None,
        product_url=seen.url if seen else None,
        variant_required=seen.variant_required if seen else False,
    )


# -- what was done --------------------------------------------------------------------


def _actions(record: AnalysisRecord, beside: Beside) -> tuple[Applied, ...]:
    """Return what was done, with the order that the customer made in the chat."""
    order = beside.order
    if order is None or order.id != record.order_id:
        return record.applied
    if any(each.order_id == order.id for each in record.applied):
        return record.applied
    by_customer = Applied(
        order_id=order.id,
        order_no=number_of(order),
        actor_type="customer",
        actor_id=beside.contact_id,
        created_at=order.placed_at,
    )
    return (by_customer, *record.applied)


def _applied(action: Applied, beside: Beside) -> AppliedTold:
    is_contact = action.actor_type == "customer"
    return AppliedTold(
        type=action.type,
        order_id=beside.called(Kind.ORDER, action.order_id),
        order_no=action.order_no,
        actor_type=action.actor_type,
        actor_id=beside.called(Kind.CONTACT, action.actor_id)
        if is_contact
        else action.actor_id,
        allow_duplicate=action.allow_duplicate,
        created_at=action.created_at,
    )
