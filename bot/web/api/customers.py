"""Customers: who buys, and where they had it delivered."""

from pydantic import Field

from bot.privacy.people import find_contact
from bot.web.api.call import Call
from bot.web.api.customer_bodies import (
    CustomerAddressView,
    CustomerChangeGiven,
    CustomerGiven,
    CustomerView,
    NewAddressGiven,
    NewPersonGiven,
    PersonView,
    customer_view,
    person_view,
)
from bot.web.api.draft_views import address_view
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Id, Page, Paging
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import ORDERING
from orders.customers import (
    Customer,
    CustomerAddress,
    ExternalIdTaken,
    add_address,
    add_customer,
    addresses_of,
    change_customer,
    list_customers,
    load_customer,
)
from orders.domain.draft import Address
from orders.domain.entity_version import VersionConflict
from orders.people import ContactTaken, Person, add_person, drop_person, people_of

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
    return Page(data=[customer_view(each) for each in found], total=total)


@endpoints.get("/v1/customers/{customer_id}", roles=ORDERING)
async def read_customer(call: Call, customer_id: Id) -> CustomerView:
    """Read a customer."""
    return customer_view(await _known(call, customer_id))


@endpoints.post("/v1/customers", roles=ORDERING, status=201, raises=(CONFLICT,))
async def create_customer(call: Call, body: CustomerGiven) -> CustomerView:
    """Make a customer. A chat's contact becomes one by itself, with the first order."""
    try:
        made = await add_customer(
            call.connection,
            call.tenant_id,
            call.new_id("customer"),
            body.given,
            now=call.now,
        )
    except ExternalIdTaken as error:
        raise _taken(error) from None
    call.note(fields=sorted(body.given))
    return customer_view(made)


@endpoints.patch("/v1/customers/{customer_id}", roles=ORDERING, raises=(CONFLICT,))
async def update_customer(
    call: Call, customer_id: Id, body: CustomerChangeGiven
) -> CustomerView:
    """Change a customer.

    Orders that were placed keep what they say.
    """
    try:
        changed = await change_customer(
            call.connection,
            call.tenant_id,
            customer_id,
            body.given,
            expected_version=body.entity_version,
            now=call.now,
        )
    except ExternalIdTaken as error:
        raise _taken(error) from None
    except VersionConflict as error:
        raise Problem(CONFLICT, f"entity_version: {error}") from None
    if changed is None:
        raise not_found("customer", customer_id)
    call.note(fields=sorted(body.given))
    return customer_view(changed)


@endpoints.get("/v1/customers/{customer_id}/addresses", roles=ORDERING)
async def list_customer_addresses(
    call: Call, customer_id: Id
) -> Page[CustomerAddressView]:
    """List where a customer had something delivered, the usual address first."""
    await _known(call, customer_id)
    found = await addresses_of(call.connection, call.tenant_id, customer_id)
    views = [_address(each) for each in found]
    return Page(data=views, total=len(views))


@endpoints.post("/v1/customers/{customer_id}/addresses", roles=ORDERING, status=201)
async def create_customer_address(
    call: Call, customer_id: Id, body: NewAddressGiven
) -> CustomerAddressView:
    """Add an address. The first one is the usual one, or the one that is said to be."""
    await _known(call, customer_id)
    address = Address(**body.address.model_dump())
    added = await add_address(
        call.connection,
        call.tenant_id,
        customer_id,
        address,
        address_id=call.new_id("address"),
        is_default=body.is_default,
        now=call.now,
    )
    return _address(added)


@endpoints.get("/v1/customers/{customer_id}/contacts", roles=ORDERING)
async def list_customer_contacts(call: Call, customer_id: Id) -> Page[PersonView]:
    """List who buys for a customer, beside the contact that it began with."""
    await _known(call, customer_id)
    found = await people_of(call.connection, call.tenant_id, customer_id)
    return Page(data=[person_view(each) for each in found], total=len(found))


@endpoints.post(
    "/v1/customers/{customer_id}/contacts",
    roles=ORDERING,
    status=201,
    raises=(CONFLICT,),
)
async def create_customer_contact(
    call: Call, customer_id: Id, body: NewPersonGiven
) -> PersonView:
    """Add somebody who buys for a customer.

    With `contact_id` it is somebody who writes to the shop; they are a person of one
    customer only.
    """
    await _known(call, customer_id)
    if body.contact_id is not None:
        known = await find_contact(call.connection, call.tenant_id, body.contact_id)
        if known is None:
            raise invalid("contact_id", f"there is no contact {body.contact_id!r}")
    person = Person(
        id=call.new_id("person"),
        customer_id=customer_id,
        created_at=call.now,
        **body.model_dump(),
    )
    try:
        await add_person(call.connection, call.tenant_id, person, now=call.now)
    except ContactTaken as error:
        raise Problem(
            CONFLICT, f"contact_id: {error}: take it off there first"
        ) from None
    return person_view(person)


@endpoints.delete(
    "/v1/customers/{customer_id}/contacts/{customer_contact_id}", roles=ORDERING
)
async def delete_customer_contact(
    call: Call, customer_id: Id, customer_contact_id: Id
) -> None:
    """Take somebody off a customer. They stay a contact of the shop."""
    await _known(call, customer_id)
    await drop_person(call.connection, call.tenant_id, customer_id, customer_contact_id)


async def _known(call: Call, customer_id: str) -> Customer:
    found = await load_customer(call.connection, call.tenant_id, customer_id)
    if found is None:
        raise not_found("customer", customer_id)
    return found


def _taken(error: ExternalIdTaken) -> Problem:
    return Problem(
        CONFLICT, f"external_id: {error}: change that one first, or use another id"
    )


def _address(stored: CustomerAddress) -> CustomerAddressView:
    address = address_view(stored.address)
    if address is None:
        raise LookupError(f"address {stored.id} says nothing")
    return CustomerAddressView(
        id=stored.id,
        is_default=stored.is_default,
        address=address,
        created_at=stored.created_at,
    )
