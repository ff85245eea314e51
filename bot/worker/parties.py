"""Who takes part in a conversation: the shop, the contact, whom the shop knows them as.

All of it is read with the conversation, in one query.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_

from bot.domain.message import Alias
from bot.domain.snapshot import Buyer, Contact, Tenant
from bot.inbox.table import conversation
from orders import Order
from orders.codec import load_address
from orders.table import customer, customer_address

BUYER_COLUMNS: Sequence[ColumnElement[Any]] = (
    customer.c.id.label("buyer_id"),
    customer.c.name.label("buyer_name"),
    customer.c.phone.label("buyer_phone"),
    customer.c.email.label("buyer_email"),
    customer.c.tax_id.label("buyer_tax_id"),
    customer_address.c.body.label("buyer_address"),
)
#: What to join to a conversation: its contact's customer, then their default address.
OF_CONTACT = (
    customer,
    and_(
        customer.c.tenant_id == conversation.c.tenant_id,
        customer.c.contact_id == conversation.c.contact_id,
    ),
)
DEFAULT_ADDRESS = (
    customer_address,
    and_(
        customer_address.c.customer_id == customer.c.id,
        customer_address.c.is_default.is_(True),
    ),
)


def buyer_of(row: Row[Any]) -> Buyer | None:
    """Return the buyer that a row with `BUYER_COLUMNS` tells of, if there is one."""
    if row.buyer_id is None:
        return None
    address = load_address(row.buyer_address) if row.buyer_address else None
    return Buyer(
        id=row.buyer_id,
        name=row.buyer_name,
        phone=row.buyer_phone,
        email=row.buyer_email,
        tax_id=row.buyer_tax_id,
        address=address,
    )


def tenant_of(row: Row[Any]) -> Tenant:
    """Return the merchant of a conversation's row."""
    return Tenant(
        row.tenant_id,
        row.tenant_name,
        row.tenant_language,
        row.timezone,
        row.currency,
        row.country,
    )


def contact_of(row: Row[Any], last_order: Order | None) -> Contact:
    """Return the person of a conversation's row; `last_order` is that of the chat."""
    changed = row.identity_changed_at
    ordered = last_order.placed_at if last_order else None
    address = Alias.model_validate(row.address)
    digits = address.value if address.value.isdigit() else None
    return Contact(
        id=row.contact_id,
        name=row.name,
        phone=f"+{digits}" if digits else None,
        address=address,
        opted_out=row.opted_out,
        may_be_another=changed is not None and (ordered is None or ordered <= changed),
    )
