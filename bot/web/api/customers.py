"""Customers: who buys, and where they had it delivered."""

from pydantic import ConfigDict, Field

from bot.web.api.call import Call
from bot.web.api.draft_views import AddressView, address_view
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import CONFLICT, Problem, not_found
from bot.web.api.roles import ORDERING
from orders.customers import (
    Customer,
    ExternalIdTaken,
    addresses_of,
    change_customer,
    list_customers,
    load_customer,
)

endpoints = Endpoints(
    "customers",
    "Who buys. A contact becomes a customer with their first order.",
)


class CustomersGiven(Paging):
    """Which customers."""

    search: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="A part of the name, the phone number or the e-mail address.",
    )
    external_id: str | None = Field(
        None, max_length=200, description="With this id in the shop's other system."
    )
    contact_id: Id | None = Field(None, description="Who writes as this contact.")


class CustomerView(Shown):
    """Who buys."""

    id: str = Field(examples=["customer_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    contact_id: str | None
    name: str | None = Field(examples=["Ada Lovelace"])
    external_id: str | None = Field(description="Their id in the shop's other system.")
    phone: str | None = Field(examples=["+905321234567"])
    email: str | None = Field(examples=["ada@example.com"])
    tax_id: str | None
    created_at: Moment


class CustomerAddressView(Shown):
    """Where a customer had something delivered."""

    id: str
    is_default: bool
    address: AddressView
    created_at: Moment


class CustomerGiven(Given):
    """What to change. What is not sent stays; null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Ada Lovelace", "external_id": "ERP-4711"}]
        }
    )

    name: str | None = Field(None, min_length=1, max_length=300, pattern=r"\S")
    email: str | None = Field(
        None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.com"]
    )
    phone: str | None = Field(
        None,
        pattern=r"^\+[1-9][0-9]{6,14}$",
        description="In full, as E.164 writes it.",
        examples=["+905321234567"],
    )
    tax_id: str | None = Field(None, min_length=1, max_length=40, pattern=r"\S")
    external_id: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description="Their id in the shop's other system. One customer has it.",
    )


@endpoints.get("/v1/customers", roles=ORDERING)
async def list_of_customers(call: Call, query: CustomersGiven) -> Page[CustomerView]:
    """List customers, newest first."""
    found, total = await list_customers(
        call.connection,
        call.tenant_id,
        search=query.search,
        external_id=query.external_id,
        contact_id=query.contact_id,
        limit=query.limit,
        offset=query.offset,
    )
    return Page(data=[_view(each) for each in found], total=total)


@endpoints.get("/v1/customers/{customer_id}", roles=ORDERING)
async def read_customer(call: Call, customer_id: Id) -> CustomerView:
    """Read a customer."""
    return _view(await _known(call, customer_id))


@endpoints.patch("/v1/customers/{customer_id}", roles=ORDERING, raises=(CONFLICT,))
async def update_customer(
    call: Call, customer_id: Id, body: CustomerGiven
) -> CustomerView:
    """Change a customer.

    Orders that were placed keep what they say.
    """
    given = body.model_dump(exclude_unset=True)
    try:
        changed = await change_customer(
            call.connection, call.tenant_id, customer_id, given
        )
    except ExternalIdTaken as error:
        raise Problem(
            CONFLICT,
            f"external_id: {error}: change that one first, or use another id",
        ) from None
    if changed is None:
        raise not_found("customer", customer_id)
    call.note(fields=sorted(given))
    return _view(changed)


@endpoints.get("/v1/customers/{customer_id}/addresses", roles=ORDERING)
async def list_customer_addresses(
    call: Call, customer_id: Id
) -> Page[CustomerAddressView]:
    """List where a customer had something delivered, the usual address first."""
    await _known(call, customer_id)
    found = await addresses_of(call.connection, call.tenant_id, customer_id)
    views = []
    for each in found:
        address = address_view(each.address)
        if address is not None:
            views.append(
                CustomerAddressView(
                    id=each.id,
                    is_default=each.is_default,
                    address=address,
                    created_at=each.created_at,
                )
            )
    return Page(data=views, total=len(views))


async def _known(call: Call, customer_id: str) -> Customer:
    found = await load_customer(call.connection, call.tenant_id, customer_id)
    if found is None:
        raise not_found("customer", customer_id)
    return found


def _view(customer: Customer) -> CustomerView:
    return CustomerView(
        id=customer.id,
        contact_id=customer.contact_id,
        name=customer.name,
        external_id=customer.external_id,
        phone=customer.phone,
        email=customer.email,
        tax_id=customer.tax_id,
        created_at=customer.created_at,
    )
