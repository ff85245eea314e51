"""What need not be asked because it is known: from the profile, and the last order."""

from collections.abc import Callable, Mapping

from bot.domain.course import Course
from bot.domain.names import close
from bot.domain.snapshot import Buyer
from catalog.domain.folding import fold
from orders import (
    Change,
    Draft,
    Evidence,
    Field,
    Missing,
    Order,
    SetAddress,
    SetBusiness,
    SetCompany,
    SetEmail,
    SetName,
    SetPhone,
    SetTaxId,
    SetTaxOffice,
    Source,
    TakeBack,
    Unserved,
    missing,
)
from orders.domain.tax import tax_number

_Maker = Callable[[Order, Evidence], Change | None]
_FromShop = Callable[[Buyer, Evidence], Change | None]


def fill_from_profile(course: Course) -> None:
    """Fill in what the order lacks and the contact or their last order tells."""
    contact, draft, buyer = course.snapshot.contact, course.draft, _buyer(course)
    is_another = contact.may_be_another or _is_another(course, buyer)
    if is_another:
        # Nothing of one person is another one's, on whichever phone they write.
        buyer = None
        _give_back(course)
    name = (buyer.name if buyer else None) or (contact.name or "").strip()
    is_name = any(letter.isalnum() for letter in name)
    if is_name and draft.name is None and not _is_taken_back(draft, Field.NAME):
        course.change(SetName(name, course.profile()))
    phone = (buyer.phone if buyer else None) or contact.phone
    if phone and draft.phone is None and not _is_taken_back(draft, Field.PHONE):
        course.change(SetPhone(phone, course.profile()))
    if not is_another:
        _fill_from_before(course, buyer)


def _give_back(course: Course) -> None:
    """Take out what was filled in before somebody said who they are."""
    draft = course.draft
    reasons = dict(draft.field_evidence)
    filled = tuple(
        name
        for name in _FILLED
        if name in reasons and reasons[name].source is Source.PROFILE
    )
    said = reasons.get("name")
    if filled and said is not None and said.ref is not None:
        empty = Draft(draft.id, draft.currency)
        course.change(TakeBack(said.ref, (), empty, filled))


def _is_another(course: Course, buyer: Buyer | None) -> bool:
    """Return whether the name that was said for this order is somebody else's.

    Several people share one phone. A name that shares a word with the known one, or is
    nearly the same, is the same person's.
    """
    draft, last = course.draft, course.snapshot.last_order
    reasons = dict(draft.field_evidence)
    reason = reasons.get("name")
    if draft.name is None or reason is None or reason.source is Source.PROFILE:
        return False
    known = (last.name if last else None) or (buyer.name if buyer else None)
    if not known:
        return False
    shared = set(fold(draft.name).split()) & set(fold(known).split())
    return not shared and not close(draft.name, [[known]])


def _buyer(course: Course) -> Buyer | None:
    """Return whom the shop knows the contact as, unless somebody else buys."""
    buyer, chosen = course.snapshot.buyer, course.draft.customer_id
    is_theirs = buyer is not None and chosen in (None, buyer.id)
    return buyer if is_theirs else None


def _fill_from_before(course: Course, buyer: Buyer | None) -> None:
    """Fill in what does not change from one order to the next, where it is needed.

    What the last order says is newest; the rest is what the shop knows. The summary
    shows it all, and asks whether it is right.
    """
    last, why = course.snapshot.last_order, course.profile()
    if last is None and buyer is None:
        return
    for lack in _lacking(course):
        if lack.reason or _is_taken_back(course.draft, lack.field):
            continue
        from_order, from_shop = _FROM_ORDER.get(lack.field), _FROM_SHOP.get(lack.field)
        known = (
            from_order(last, why) if from_order and last else None,
            from_shop(buyer, why) if from_shop and buyer else None,
        )
        for change in known:
            if change is not None and _fits(course, change) and course.change(change):
                break


def _is_taken_back(draft: Draft, field: Field) -> bool:
    """Return whether somebody emptied a fact: then it is asked for, not filled in."""
    reasons = dict(draft.field_evidence)
    return field.value in reasons and getattr(draft, field.value, None) is None


def _lacking(course: Course) -> tuple[Missing, ...]:
    snapshot = course.snapshot
    products, there = snapshot.index.products, snapshot.available
    return missing(course.draft, snapshot.shop, products, there)


def _fits(course: Course, change: Change) -> bool:
    """Return whether the shop still goes there, and a tax number can be one."""
    match change:
        case SetAddress(address):
            return not isinstance(course.snapshot.shop.reach(address), Unserved)
        case SetTaxId(number):
            return tax_number(course.snapshot.tenant.country, number) is not None
        case _:
            return True


def _address(last: Order, why: Evidence) -> Change | None:
    return SetAddress(last.address, why) if last.address else None


#: Fields of a draft that are filled in from before.
_FILLED = ("address", "email", "tax_id", "company", "tax_office", "business")
#: What a new order takes from the one before. A date, and how it is paid, are new.
_FROM_ORDER: Mapping[Field, _Maker] = {
    Field.ADDRESS: _address,
    Field.NAME: lambda o, why: SetName(o.name, why) if o.name else None,
    Field.PHONE: lambda o, why: SetPhone(o.phone, why) if o.phone else None,
    Field.EMAIL: lambda o, why: SetEmail(o.email, why) if o.email else None,
    Field.TAX_ID: lambda o, why: SetTaxId(o.tax_id, why) if o.tax_id else None,
    Field.COMPANY: lambda o, why: SetCompany(o.company, why) if o.company else None,
    Field.TAX_OFFICE: lambda o, why: (
        SetTaxOffice(o.tax_office, why) if o.tax_office else None
    ),
    Field.BUSINESS: lambda o, why: (
        None if o.business is None else SetBusiness(o.business, why)
    ),
}
#: What the shop knows of them besides the name and the number.
_FROM_SHOP: Mapping[Field, _FromShop] = {
    Field.ADDRESS: lambda b, why: SetAddress(b.address, why) if b.address else None,
    Field.EMAIL: lambda b, why: SetEmail(b.email, why) if b.email else None,
    Field.TAX_ID: lambda b, why: SetTaxId(b.tax_id, why) if b.tax_id else None,
}
