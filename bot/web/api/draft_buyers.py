"""What a caller says of who buys and who receives, as typed changes."""

from collections.abc import Collection
from datetime import date

from bot.ordering import Desk
from bot.web.api import draft_changes as given
from bot.web.api.draft_options import Wrong
from orders import (
    Change,
    Evidence,
    SetBusiness,
    SetCompany,
    SetCustomer,
    SetEmail,
    SetExtra,
    SetName,
    SetPhone,
    SetRecipient,
    SetRecipientPhone,
    SetTaxId,
    SetTaxOffice,
)
from orders.domain.tax import documents_of, tax_number


def buyer_changed(
    change: given.ChangeGiven,
    desk: Desk,
    customers: Collection[str],
    because: Evidence,
) -> Change | None:
    """Return what a change says of who buys; None when it says nothing of it.

    Raises Wrong naming the field and what would be right.
    """
    match change:
        case given.SetNameGiven(name=str(name)):
            return SetName(name, because)
        case given.SetPhoneGiven(phone=str(phone)):
            return SetPhone(phone, because)
        case given.SetEmailGiven(email=str(email)):
            return SetEmail(email, because)
        case given.SetCustomerGiven(customer_id=str(customer_id)):
            if customer_id not in customers:
                raise Wrong("customer_id", "the shop has no such customer")
            return SetCustomer(customer_id, because)
        case _:
            return _papers(change, desk, because) or _receiver(change, desk, because)


def _papers(change: given.ChangeGiven, desk: Desk, because: Evidence) -> Change | None:
    match change:
        case given.SetTaxIdGiven(tax_id=str(tax_id)):
            return SetTaxId(_tax_id(tax_id, desk.shop.country), because)
        case given.SetBusinessGiven(business=bool(business)):
            return SetBusiness(business, because)
        case given.SetCompanyGiven(company=str(company)):
            return SetCompany(company, because)
        case given.SetTaxOfficeGiven(tax_office=str(tax_office)):
            return SetTaxOffice(tax_office, because)
        case _:
            return None


def _receiver(
    change: given.ChangeGiven, desk: Desk, because: Evidence
) -> Change | None:
    match change:
        case given.SetRecipientGiven(recipient=str(recipient)):
            return SetRecipient(recipient, because)
        case given.SetRecipientPhoneGiven(recipient_phone=str(phone)):
            return SetRecipientPhone(phone, because)
        case given.SetExtraGiven():
            return SetExtra(change.field_id, _answer(change, desk), because)
        case _:
            return None


def _tax_id(value: str, country: str) -> str:
    number = tax_number(country, value)
    if number is not None:
        return number.number
    known = documents_of(country)
    names = " or ".join(f"{each.name} such as {each.example}" for each in known)
    remedy = names or "a number of 5 to 20 letters and digits"
    raise Wrong("tax_id", f"its check digits do not fit: give a {remedy}")


def _answer(change: given.SetExtraGiven, desk: Desk) -> str | None:
    """Return the answer to a field of the shop's own as it is kept."""
    fields = desk.shop.fields
    own = fields.field(change.field_id)
    if own is None:
        known = ", ".join(each.id for each in fields.own) or "none"
        raise Wrong("field_id", f"the shop has no such field; it has: {known}")
    if change.value is None:
        return None
    # Only customers are bound to days that are still to come.
    answer = own.read(change.value, date.min)
    if answer is None:
        raise Wrong("value", f"{own.id} takes {own.wants}")
    return answer
