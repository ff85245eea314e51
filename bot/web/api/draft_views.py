"""Drafts as the API shows them: with totals, with reasons, with what lacks."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from bot.ordering import Desk
from bot.web.api.draft_lacks import (
    CommerceView,
    MissingView,
    commerce_view,
    missing_views,
)
from bot.web.api.models import Exact, Moment, Money, Shown
from catalog.domain.money import to_major
from orders import (
    Address,
    Difference,
    Draft,
    DraftState,
    Evidence,
    Fulfilment,
    Gone,
    Line,
    LineOption,
    Order,
    PriceMoved,
    Source,
    StockShort,
    TermsMoved,
    Totals,
    Unresolved,
    price,
)


class EvidenceView(Shown):
    """Why a line or a field is there."""

    source: Source
    ref: str | None = Field(description="Id of the message, for one of a message.")
    quote: str | None = Field(description="The words, as they were written.")
    actor: str | None = Field(description="Who: contact, user or key.")


class OptionView(Shown):
    """An option that was chosen for a line."""

    group_id: str
    value_id: str
    name: str
    negated: bool = Field(description="It is not wanted: `no sugar`.")
    qualifier: str | None = Field(description="How much of it: `extra`.")


class LineView(Shown):
    """One line: what is wanted of one product. Prices are as when it was put."""

    id: str = Field(examples=["L1"])
    product_id: str
    variant_id: str | None
    sku: str
    name: str
    variant_name: str | None
    quantity: Exact
    unit: str = Field(examples=["piece"])
    pack: str | None = Field(description="The words that were converted: `2 koli`.")
    options: list[OptionView]
    note: str | None
    unit_price: Money | None = Field(description="Options included; null: no price.")
    tax_rate: Exact = Field(description="Percent.")
    total: Money = Field(description="With discount; with tax when tax is added.")
    words: str | None = Field(
        description="What the customer called it, where that is none of its names."
    )
    evidence: list[EvidenceView]


class ChoiceView(Shown):
    """A product that open words may mean."""

    product_id: str
    variant_id: str | None
    name: str
    unit_price: Money | None
    probability: float = Field(description="From 0 to 1.")


class UnresolvedView(Shown):
    """Words for a product that are still open: nothing that was said gets lost."""

    id: str = Field(examples=["U2"])
    text: str
    quantity: Exact | None
    unit: str | None
    choices: list[ChoiceView]
    replaces: str | None = Field(description="Id of the line that it shall replace.")
    instead_of: str | None = Field(
        description="What is sold out: the choices are offered in its place."
    )
    evidence: list[EvidenceView]


class AddressView(Shown):
    """Where to deliver: the words, and the parts that are clear."""

    text: str
    street: str | None
    number: str | None
    complement: str | None
    suburb: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    latitude: float | None
    longitude: float | None


class TotalsView(Shown):
    """What it costs. All amounts add up exactly."""

    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    tax_included: bool = Field(description="The tax is part of the other amounts.")
    grand_total: Money


class DifferenceView(Shown):
    """What is no longer as the draft says."""

    type: str = Field(examples=["price_moved"])
    line_id: str | None
    name: str | None
    before: str | None
    after: str | None = Field(description="A price, or what is left; null: none.")


class DraftView(Shown):
    """An order-to-be."""

    id: str
    conversation_id: str
    version: int = Field(description="Send it with every change.", examples=[3])
    state: DraftState
    currency: str
    lines: list[LineView]
    unresolved: list[UnresolvedView]
    customer_id: str | None
    name: str | None
    phone: str | None
    email: str | None
    tax_id: str | None
    fulfilment: Fulfilment | None
    address: AddressView | None
    due_at: Moment | None = Field(
        description="When it is wanted; of a day without an hour, its beginning."
    )
    due_day: date | None = Field(
        description="The day by the shop's clock, when nobody said an hour; else null."
    )
    payment: str | None
    coupon: str | None
    gift_note: str | None
    note: str | None
    totals: TotalsView
    missing: list[MissingView] = Field(description="What an order still lacks.")
    commerce: CommerceView
    business: bool | None = Field(description="Whether a company buys.")
    company: str | None
    tax_office: str | None
    recipient: str | None = Field(description="Who receives it; null: who buys.")
    recipient_phone: str | None
    extra: dict[str, str] = Field(
        description="Answers to the shop's own fields, by their id."
    )
    field_evidence: dict[str, EvidenceView] = Field(
        description="Why a field has its value, by its name."
    )
    end_reason: str | None = Field(description="Why the shop rejected it.")
    created_at: Moment
    updated_at: Moment


def draft_view(desk: Desk) -> DraftView:
    """Return a draft as the API shows it."""
    draft, stored = desk.draft, desk.stored
    totals = price(draft, desk.shop)
    amounts = {each.line_id: each.total for each in totals.lines}
    return DraftView(
        id=draft.id,
        conversation_id=stored.conversation_id,
        version=draft.version,
        state=draft.state,
        currency=draft.currency,
        lines=[_line(each, amounts[each.id], draft.currency) for each in draft.lines],
        unresolved=[_unresolved(each, draft.currency) for each in draft.unresolved],
        customer_id=draft.customer_id,
        name=draft.name,
        phone=draft.phone,
        email=draft.email,
        tax_id=draft.tax_id,
        fulfilment=draft.fulfilment,
        address=address_view(draft.address),
        due_at=draft.due_at,
        due_day=due_day(draft),
        payment=draft.payment,
        coupon=draft.coupon,
        gift_note=draft.gift_note,
        note=draft.note,
        totals=_totals(totals),
        missing=missing_views(desk),
        commerce=commerce_view(desk),
        business=draft.business,
        company=draft.company,
        tax_office=draft.tax_office,
        recipient=draft.recipient,
        recipient_phone=draft.recipient_phone,
        extra=dict(draft.extra),
        field_evidence={
            name: evidence_view(each) for name, each in draft.field_evidence
        },
        end_reason=draft.end_reason,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def due_day(what: Draft | Order) -> date | None:
    """Return the day for which it is wanted when nobody said an hour."""
    due_at = what.due_at
    return due_at.date() if due_at is not None and what.due_day_only else None


def difference_view(difference: Difference, draft: Draft) -> DifferenceView:
    """Return what is no longer as the draft says."""
    match difference:
        case PriceMoved(line_id, name, before, after):
            return _difference("price_moved", line_id, name, before, after)
        case StockShort(line_id, name, asked, there):
            return _difference("stock_short", line_id, name, asked, there)
        case Gone(line_id, name):
            return _difference("gone", line_id, name, None, None)
        case TermsMoved(shown, now):
            before, after = (
                to_major(each.total, draft.currency) for each in (shown, now)
            )
            return _difference("terms_moved", None, None, before, after)


def _difference(
    kind: str,
    line_id: str | None,
    name: str | None,
    before: Decimal | None,
    after: Decimal | None,
) -> DifferenceView:
    return DifferenceView(
        type=kind,
        line_id=line_id,
        name=name,
        before=None if before is None else f"{before:f}",
        after=None if after is None else f"{after:f}",
    )


def evidence_view(evidence: Evidence) -> EvidenceView:
    """Return why something is there."""
    return EvidenceView(
        source=evidence.source,
        ref=evidence.ref,
        quote=evidence.quote,
        actor=evidence.actor,
    )


def option_view(option: LineOption) -> OptionView:
    """Return an option that was chosen."""
    return OptionView(
        group_id=option.group_id,
        value_id=option.value_id,
        name=option.name,
        negated=option.negated,
        qualifier=option.qualifier,
    )


def address_view(address: Address | None) -> AddressView | None:
    """Return where to deliver, if that is known."""
    if address is None:
        return None
    return AddressView(
        text=address.text,
        street=address.street,
        number=address.number,
        complement=address.complement,
        suburb=address.suburb,
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
        latitude=address.latitude,
        longitude=address.longitude,
    )


def _line(line: Line, total: int, currency: str) -> LineView:
    return LineView(
        id=line.id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        variant_name=line.variant_name,
        quantity=line.quantity,
        unit=line.unit,
        pack=line.pack,
        options=[option_view(each) for each in line.options],
        note=line.note,
        words=line.words,
        unit_price=_price(line.unit_price, currency),
        tax_rate=line.tax_rate,
        total=Money.of_minor(total, currency),
        evidence=[evidence_view(each) for each in line.evidence],
    )


def _unresolved(mention: Unresolved, currency: str) -> UnresolvedView:
    return UnresolvedView(
        id=mention.id,
        text=mention.text,
        quantity=mention.quantity,
        unit=mention.unit,
        choices=[
            ChoiceView(
                product_id=each.product_id,
                variant_id=each.variant_id,
                name=each.name,
                unit_price=_price(each.unit_price, currency),
                probability=each.probability,
            )
            for each in mention.choices
        ],
        replaces=mention.replaces,
        instead_of=mention.instead_of,
        evidence=[evidence_view(each) for each in mention.evidence],
    )


def _price(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money.of_price(amount, currency)


def _totals(totals: Totals) -> TotalsView:
    currency = totals.currency
    return TotalsView(
        subtotal=Money.of_minor(totals.subtotal, currency),
        discount=Money.of_minor(totals.discount, currency),
        shipping=Money.of_minor(totals.shipping, currency),
        tax=Money.of_minor(totals.tax, currency),
        tax_included=totals.tax_included,
        grand_total=Money.of_minor(totals.grand_total, currency),
    )
