"""Who buys, in OmniChat's words."""

from collections.abc import Mapping

from orders.domain.order import Order
from orders.provisioning.around import Buyer
from orders.provisioning.phone import PhoneParts, split
from orders.provisioning.sink import SinkTenant


def buyer_part(order: Order, buyer: Buyer, tenant: SinkTenant) -> dict[str, object]:
    """Return the customer: what the order says first, then what is stored of them."""
    first, last = _names(order, buyer)
    phone = _phone(order, buyer, tenant)
    return known(
        {
            "objectId": order.customer_id,
            "name": first,
            "lastName": last,
            "gender": buyer.gender,
            **_tax(order, buyer),
            "email": order.email,
            "phoneNumber": phone and phone.number,
            "phoneAreaCode": phone and phone.area_code,
            "phoneCountryCode": phone and phone.country_code,
            "birthDate": buyer.birth_date,
        }
    )


def known(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of which something is known."""
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value != ""
    }


def _names(order: Order, buyer: Buyer) -> tuple[str | None, str | None]:
    """Return the first and the last name.

    The order's name is told apart at its first space, unless the customer it belongs
    to has told the two apart.
    """
    said = " ".join((order.name or "").split())
    parts = (buyer.first_name or "", buyer.last_name or "")
    whole = " ".join(" ".join(parts).split())
    if whole and (not said or said.casefold() == whole.casefold()):
        return buyer.first_name, buyer.last_name
    first, _, rest = said.partition(" ")
    return first, rest


def _phone(order: Order, buyer: Buyer, tenant: SinkTenant) -> PhoneParts | None:
    """Return the order's phone in parts: as the customer gave them, if it is theirs."""
    given = (buyer.phone_country_code, buyer.phone_area_code, buyer.phone_number)
    whole = "".join(_digits(each) for each in given)
    if buyer.phone_number and (
        order.phone is None or _digits(order.phone).endswith(whole)
    ):
        return PhoneParts(
            number=buyer.phone_number,
            area_code=buyer.phone_area_code,
            country_code=buyer.phone_country_code,
        )
    return None if order.phone is None else split(order.phone, tenant.country)


def _digits(text: str | None) -> str:
    return "".join(each for each in text or "" if each.isdecimal())


def _tax(order: Order, buyer: Buyer) -> dict[str, object]:
    """Return whose numbers they are: a company has its own names for the same.

    Who buys for a company may have a number of their own: a document that is not the
    company's.
    """
    business = buyer.business if order.business is None else order.business
    number = order.tax_id or buyer.tax_id
    if not business:
        return {"businessAccount": business, "taxDocumentnumber": number}
    own = [each for each in buyer.documents if each != number]
    return {
        "businessAccount": True,
        "taxDocumentnumber": own[0] if own else None,
        "businessStateTaxId": buyer.state_tax_id,
        "businessTaxId": number,
        "businessName": order.company or buyer.company,
    }
