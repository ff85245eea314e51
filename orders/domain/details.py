"""The facts of a draft that are not lines: who, where, when, how it is paid."""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from orders.domain.bounds import (
    LONGEST_TEXT,
    check_address,
    check_amount,
    check_discount,
    check_words,
)
from orders.domain.changes import (
    ChangeRefused,
    SetAddress,
    SetCoupon,
    SetCustomer,
    SetDiscount,
    SetDue,
    SetEmail,
    SetFulfilment,
    SetGiftNote,
    SetName,
    SetNote,
    SetPayment,
    SetPhone,
    SetShipping,
    SetTaxId,
)
from orders.domain.draft import Draft, Fulfilment

#: A change that sets one text, and which one.
TextChange = (
    SetName
    | SetPhone
    | SetEmail
    | SetTaxId
    | SetCustomer
    | SetPayment
    | SetCoupon
    | SetGiftNote
    | SetNote
)
DetailChange = (
    TextChange | SetFulfilment | SetAddress | SetDue | SetDiscount | SetShipping
)

#: The draft fields that a change says something about.
FIELDS: Mapping[type[DetailChange], tuple[str, ...]] = {
    SetName: ("name",),
    SetPhone: ("phone",),
    SetEmail: ("email",),
    SetTaxId: ("tax_id",),
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
    "customer_id": 40,
}


def with_detail(draft: Draft, change: DetailChange) -> Draft:
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
        case SetDue(due_at):
            if due_at.tzinfo is None:
                raise ChangeRefused(f"the date {due_at} needs a time zone")
            return replace(draft, due_at=due_at)
        case SetDiscount(discount):
            return replace(draft, discount=check_discount(discount))
        case SetShipping(shipping):
            return replace(draft, shipping=check_amount(shipping, "shipping"))
        case _:
            return _with_text(draft, change)


def _with_text(draft: Draft, change: TextChange) -> Draft:
    (name,) = FIELDS[type(change)]
    match change:
        case (
            SetName(text)
            | SetPhone(text)
            | SetEmail(text)
            | SetTaxId(text)
            | SetCustomer(text)
            | SetPayment(text)
            | SetCoupon(text)
            | SetGiftNote(text)
            | SetNote(text)
        ):
            longest = LONGEST.get(name, LONGEST_TEXT)
            words = check_words(text, name.replace("_", " "), longest)
            return replace(draft, **{name: words})  # type: ignore[arg-type]  # a name out of FIELDS
        case _:
            assert_never(change)


def _noted(draft: Draft, change: DetailChange) -> Draft:
    """Keep the newest reason of a field; an old one would speak of an old value."""
    fields = FIELDS[type(change)]
    kept = tuple(pair for pair in draft.field_evidence if pair[0] not in fields)
    evidence = change.evidence
    new = tuple((name, evidence) for name in fields if evidence is not None)
    return replace(draft, field_evidence=(*kept, *new))
