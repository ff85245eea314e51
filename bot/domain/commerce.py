"""How far a conversation is on its way to an order, in Ticaret.pro's words.

The words are those of `commerce` in Ticaret.pro's analysis: its API reference prints
the first of each list ("none", "not_applicable", "customer", "reply"); the others are
what a draft of ours can be in, each with one meaning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.understanding import Intent
from orders import Draft, DraftState, Field, Missing, Order, OrderState
from orders.domain.fields import ADDRESS_PARTS


class Stage(StrEnum):
    NONE = "none"  #: Nobody speaks of buying.
    INQUIRY = "inquiry"  #: Somebody asks about products or delivery.
    PRODUCT_SELECTION = "product_selection"  #: It is open which product is meant.
    DRAFTING = "drafting"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    ORDERED = "ordered"
    POST_ORDER = "post_order"  #: The order is on its way, or about to be paid.
    CANCELLED = "cancelled"


class Readiness(StrEnum):
    NOT_APPLICABLE = "not_applicable"
    MISSING_INFO = "missing_info"
    NEEDS_REVIEW = "needs_review"  #: A person decides: an approval, a price.
    READY = "ready"
    ALREADY_ORDERED = "already_ordered"


class MissingField(StrEnum):
    CUSTOMER = "customer"
    CONTACT = "contact"
    PRODUCT = "product"
    QUANTITY = "quantity"
    VARIANT = "variant"
    PRICE = "price"
    STOCK = "stock"
    SHIPPING_ADDRESS = "shipping_address"
    PAYMENT_METHOD = "payment_method"
    DELIVERY_DATE = "delivery_date"


class NextAction(StrEnum):
    REPLY = "reply"
    ASK_MISSING_FIELD = "ask_missing_field"
    CONFIRM_PRODUCT = "confirm_product"
    PICK_VARIANT = "pick_variant"
    OFFER_ALTERNATIVE = "offer_alternative"
    CREATE_CUSTOMER = "create_customer"
    CREATE_ORDER = "create_order"
    REQUEST_PAYMENT = "request_payment"
    HANDOFF = "handoff"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Commerce:
    """Where it stands, and what brings it on: the most useful action first."""

    stage: Stage
    readiness: Readiness
    missing: tuple[MissingField, ...]
    actions: tuple[NextAction, ...]


#: What each field of ours is called there. None: it is no field, but a rule.
FIELDS: Mapping[Field, MissingField | None] = {
    Field.LINES: MissingField.PRODUCT,
    Field.PRODUCT: MissingField.PRODUCT,
    Field.VARIANT: MissingField.VARIANT,
    Field.OPTIONS: MissingField.VARIANT,
    Field.QUANTITY: MissingField.QUANTITY,
    Field.STOCK: MissingField.STOCK,
    Field.PRICE: MissingField.PRICE,
    Field.MINIMUM: MissingField.QUANTITY,
    Field.FULFILMENT: MissingField.SHIPPING_ADDRESS,
    Field.ADDRESS: MissingField.SHIPPING_ADDRESS,
    **dict.fromkeys(ADDRESS_PARTS, MissingField.SHIPPING_ADDRESS),
    Field.RECIPIENT: MissingField.SHIPPING_ADDRESS,
    Field.RECIPIENT_PHONE: MissingField.SHIPPING_ADDRESS,
    Field.DATE: MissingField.DELIVERY_DATE,
    Field.NAME: MissingField.CUSTOMER,
    Field.BUSINESS: MissingField.CUSTOMER,
    Field.COMPANY: MissingField.CUSTOMER,
    Field.TAX_ID: MissingField.CUSTOMER,
    Field.TAX_OFFICE: MissingField.CUSTOMER,
    Field.EXTRA: MissingField.CUSTOMER,
    Field.PHONE: MissingField.CONTACT,
    Field.EMAIL: MissingField.CONTACT,
    Field.PAYMENT: MissingField.PAYMENT_METHOD,
    Field.HOURS: None,
    Field.CONFIRMATION: None,
}

#: What to do about a missing field, where it is not simply asked for.
_ACTIONS: Mapping[Field, NextAction] = {
    Field.PRODUCT: NextAction.CONFIRM_PRODUCT,
    Field.VARIANT: NextAction.PICK_VARIANT,
    Field.OPTIONS: NextAction.PICK_VARIANT,
    Field.STOCK: NextAction.OFFER_ALTERNATIVE,
    Field.PRICE: NextAction.HANDOFF,
    Field.HOURS: NextAction.REPLY,
}
_INQUIRIES = frozenset({Intent.BROWSE, Intent.ASK_PRODUCT, Intent.ASK_DELIVERY})
_PEOPLE = frozenset({Intent.HUMAN, Intent.COMPLAINT})
_ENDED = frozenset({DraftState.CANCELLED, DraftState.REJECTED, DraftState.EXPIRED})
_SHOWN = frozenset({DraftState.PROPOSED, DraftState.AWAITING})
_NEW = frozenset(
    {OrderState.CONFIRMED, OrderState.PROVISIONING, OrderState.PROVISIONED}
)
_OVER = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})


def commerce_of(
    draft: Draft,
    missing: Sequence[Missing],
    *,
    order: Order | None = None,
    intents: Sequence[Intent] = (),
) -> Commerce:
    """Return where a draft stands.

    `missing` is what it lacks, `order` what it became or, of an empty draft, the order
    before it; `intents` are those of the last words.
    """
    stage = _stage(draft, order, intents)
    readiness = _readiness(draft, missing, stage)
    is_open = readiness in (Readiness.MISSING_INFO, Readiness.NEEDS_REVIEW)
    named = (FIELDS[each.field] for each in missing) if is_open else ()
    before, after = _around(stage, order, intents)
    actions = (*before, *_actions(draft, missing, readiness), *after)
    return Commerce(
        stage=stage,
        readiness=readiness,
        missing=tuple(dict.fromkeys(name for name in named if name)),
        actions=tuple(dict.fromkeys(actions)) or (NextAction.REPLY,),
    )


def dump_commerce(commerce: Commerce) -> dict[str, object]:
    """Return where a draft stands as JSON, in the words of Ticaret.pro's analysis."""
    return {
        "stage": commerce.stage.value,
        "orderReadiness": commerce.readiness.value,
        "missingFields": [each.value for each in commerce.missing],
        "nextBestActions": [each.value for each in commerce.actions],
    }


def _stage(draft: Draft, order: Order | None, intents: Sequence[Intent]) -> Stage:
    if draft.state is DraftState.ORDERED:
        return Stage.ORDERED if order is None else _after(order)
    if draft.state in _ENDED:
        return Stage.CANCELLED
    if draft.lines:
        shown = draft.state in _SHOWN
        return Stage.AWAITING_CONFIRMATION if shown else Stage.DRAFTING
    if draft.unresolved:
        return Stage.PRODUCT_SELECTION
    if _INQUIRIES & set(intents):
        return Stage.INQUIRY
    return Stage.NONE if order is None else _after(order)


def _after(order: Order) -> Stage:
    if order.state in _OVER:
        return Stage.CANCELLED
    return Stage.ORDERED if order.state in _NEW else Stage.POST_ORDER


def _readiness(draft: Draft, missing: Sequence[Missing], stage: Stage) -> Readiness:
    if stage in (Stage.ORDERED, Stage.POST_ORDER):
        return Readiness.ALREADY_ORDERED
    if stage in (Stage.NONE, Stage.INQUIRY, Stage.CANCELLED):
        return Readiness.NOT_APPLICABLE
    if draft.state is DraftState.AWAITING:
        return Readiness.NEEDS_REVIEW
    if any(each.field is Field.PRICE for each in missing):
        return Readiness.NEEDS_REVIEW
    return Readiness.MISSING_INFO if missing else Readiness.READY


def _actions(
    draft: Draft, missing: Sequence[Missing], readiness: Readiness
) -> tuple[NextAction, ...]:
    """Return what brings a draft on."""
    found: list[NextAction] = []
    if readiness in (Readiness.MISSING_INFO, Readiness.NEEDS_REVIEW):
        found += [
            _ACTIONS.get(each.field, NextAction.ASK_MISSING_FIELD) for each in missing
        ]
    if readiness is Readiness.READY or draft.state is DraftState.AWAITING:
        is_new = draft.customer_id is None
        found += [NextAction.CREATE_CUSTOMER] if is_new else []
        found.append(NextAction.CREATE_ORDER)
    return tuple(found)


def _around(
    stage: Stage, order: Order | None, intents: Sequence[Intent]
) -> tuple[tuple[NextAction, ...], tuple[NextAction, ...]]:
    """Return what comes before anything about the draft, and what after it."""
    to_people = bool(_PEOPLE & set(intents))
    unpaid = order is not None and order.state is OrderState.PAYMENT_PENDING
    after = [NextAction.REQUEST_PAYMENT] if unpaid else []
    after += [NextAction.NONE] if stage is Stage.CANCELLED and not to_people else []
    return ((NextAction.HANDOFF,) if to_people else ()), tuple(after)
