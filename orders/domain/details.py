"""The facts of a draft that are not lines: who, where, when, how it is paid."""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from orders.domain.bounds import (
    LONGEST_TEXT,
    check_address,
    check_amount,
    check_discount,
    check_moment,
    check_words,
)
from orders.domain.changes import (
    ChangeRefused,
    SetAddress,
    SetBusiness,
    SetCompany,
    SetCoupon,
    SetCustomer,
    SetDiscount,
    SetDue,
    SetEmail,
    SetExtra,
    SetFulfilment,
    SetGiftNote,
    SetName,
    SetNote,
    SetPayment,
    SetPhone,
    SetRecipient,
    SetRecipientPhone,
    SetShipping,
    SetTaxId,
    SetTaxOffice,
    Unset,
)
from orders.domain.draft import Draft, Fulfilment
from orders.domain.needs import LONGEST_ANSWER

#: More answers to fields of its own no shop needs.
MOST_EXTRA = 50
LONGEST_FIELD_ID = 40

#: A change that sets one text, and which one.
TextChange = (
    SetName
    | SetPhone
    | SetEmail
    | SetTaxId
    | SetCompany
    | SetTaxOffice
    | SetRecipient
    | SetRecipientPhone
    | SetCustomer
    | SetPayment
    | SetCoupon
    | SetGiftNote
    | SetNote
)
DetailChange = (
    TextChange
    | SetFulfilment
    | SetAddress
    | SetDue
    | SetDiscount
    | SetShipping
    | SetBusiness
    | SetExtra
    | Unset
)

#: The draft fields that a change says something about.
FIELDS: Mapping[type[DetailChange], tuple[str, ...]] = {
    SetName: ("name",),
    SetPhone: ("phone",),
    SetEmail: ("email",),
    SetTaxId: ("tax_id",),
    SetBusiness: ("business",),
    SetCompany: ("company", "business"),
    SetTaxOffice: ("tax_office",),
    SetRecipient: ("recipient",),
    SetRecipientPhone: ("recipient_phone",),
    SetCustomer: ("customer_id",),
    SetFulfilment: ("fulfilment",),
    SetAddress: ("address", "fulfilment"),
    SetDue: ("due_at",),
    SetPayment: ("payment",),
    SetCoupon: ("coupon",),
    SetGiftNote: ("gift_note",),
    SetNote: ("note",),
    SetDiscount: ("discount",),
    SetShipping: ("shipping",),
}

#: What a customer's columns can hold; other texts are as long as a message may be.
LONGEST: Mapping[str, int] = {
    "name": 300,
    "phone": 40,
    "email": 320,
    "tax_id": 40,
    "company": 300,
    "tax_office": 100,
    "recipient": 300,
    "recipient_phone": 40,
    "customer_id": 40,
}

#: Facts that may be taken back. Of the shop's own fields and of a discount their own
#: changes say so.
CLEARABLE: frozenset[str] = frozenset(
    {
        *("name", "phone", "email", "tax_id", "business", "company", "tax_office"),
        *("recipient", "recipient_phone", "customer_id", "fulfilment", "address"),
        *("due_at", "payment", "coupon", "gift_note", "note", "shipping"),
    }
)


def with_detail(draft: Draft, change: DetailChange) -> Draft:  # noqa: PLR0911  # one per kind
    """Return the draft with one fact set, and its reason in `field_evidence`.

    Raises ChangeRefused when the value cannot be one.
    """
    draft = _noted(draft, change)
    match change:
        case SetFulfilment(fulfilment):
            return replace(draft, fulfilment=fulfilment)
        case SetAddress(address):
            where = check_address(address)
            return replace(draft, address=where, fulfilment=Fulfilment.DELIVERY)
        case SetDue(due_at, _, day_only):
            due_at = check_moment(due_at)
            return replace(draft, due_at=due_at, due_day_only=day_only)
        case SetDiscount(discount):
            return replace(draft, discount=check_discount(discount))
        case SetShipping(shipping):
            return replace(draft, shipping=check_amount(shipping, "shipping"))
        case SetBusiness(business):
            return replace(draft, business=business)
        case SetExtra(field_id, value):
            return replace(draft, extra=_answered(draft.extra, field_id, value))
        case Unset(field):
            return _without(draft, field)
        case _:
            return _with_text(draft, change)


def _with_text(draft: Draft, change: TextChange) -> Draft:
    name = FIELDS[type(change)][0]
    match change:
        case (
            SetName(text)
            | SetPhone(text)
            | SetEmail(text)
            | SetTaxId(text)
            | SetCompany(text)
            | SetTaxOffice(text)
            | SetRecipient(text)
            | SetRecipientPhone(text)
            | SetCustomer(text)
            | SetPayment(text)
            | SetCoupon(text)
            | SetGiftNote(text)
            | SetNote(text)
        ):
            longest = LONGEST.get(name, LONGEST_TEXT)
            words = check_words(text, name.replace("_", " "), longest)
            if isinstance(change, SetCompany):
                draft = replace(draft, business=True)
            return replace(draft, **{name: words})  # type: ignore[arg-type]  # a name out of FIELDS
        case _:
            assert_never(change)


def _without(draft: Draft, field: str) -> Draft:
    """Return the draft as if nobody had said a fact. Raises ChangeRefused."""
    if field not in CLEARABLE:
        known = ", ".join(sorted(CLEARABLE))
        raise ChangeRefused(f"{field!r} cannot be taken back; these can: {known}")
    if field == "due_at":
        return replace(draft, due_at=None, due_day_only=False)
    return replace(draft, **{field: None})  # type: ignore[arg-type]  # all of them may be None


def _answered(
    extra: Mapping[str, str], field_id: str, value: str | None
) -> Mapping[str, str]:
    """Return the answers with one set, or taken back."""
    rest = {name: kept for name, kept in extra.items() if name != field_id}
    if value is None:
        return rest
    check_words(field_id, "field", LONGEST_FIELD_ID)
    if len(rest) >= MOST_EXTRA:
        raise ChangeRefused(f"an order holds no more than {MOST_EXTRA} such fields")
    return {**rest, field_id: check_words(value, field_id, LONGEST_ANSWER)}


def fields_of(change: DetailChange) -> tuple[str, ...]:
    """Return the names of the draft's fields that a change sets, its own first."""
    if isinstance(change, SetExtra):
        return (f"extra.{change.field_id}",)
    if isinstance(change, Unset):
        return (change.field,)
    return FIELDS[type(change)]


def _noted(draft: Draft, change: DetailChange) -> Draft:
    """Keep the newest reason of a field; an old one would speak of an old value."""
    fields = fields_of(change)
    kept = tuple(pair for pair in draft.field_evidence if pair[0] not in fields)
    evidence = change.evidence
    new = tuple((name, evidence) for name in fields if evidence is not None)
    return replace(draft, field_evidence=(*kept, *new))
