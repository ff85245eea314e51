"""Akinon's face: customers and their addresses, listed and made."""

from collections.abc import Mapping

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.web.api.call import Call
from bot.web.api.problems import CONFLICT, invalid
from bot.web.api.roles import ORDERING
from bot.web.faces.akinon_face import (
    PATH,
    ChannelNumber,
    Part,
    endpoints,
    known_channel,
    numbered,
    taken,
)
from orders.customers import (
    Customer,
    add_address,
    add_customer,
    addresses_of,
    change_customer,
    load_customer,
)
from orders.domain.ids import Face as System
from orders.domain.ids import Kind, Thing
from orders.face_customers import CODE, REMOTE, channel_customers, code_of, may_order
from orders.faces.akinon_calling import unknown
from orders.faces.akinon_reference import (
    AddressGiven,
    AddressTold,
    CustomerGiven,
    CustomerTold,
    Listed,
    address_of,
    address_told,
)
from orders.faces.akinon_types import LARGEST_REF
from orders.ids import IdTaken, adopt_id, give_id, known_ids, resolve_id

# -- customers ------------------------------------------------------------------------


class CustomersWanted(Part):
    """Which customers."""

    channel_code: str | None = Field(
        None, min_length=1, max_length=100, description="With this id of the caller's."
    )


@endpoints.get(f"{PATH}/customers/", roles=ORDERING, own_transaction=True)
async def akinon_list_customers(
    call: Call, channel_id: ChannelNumber, query: CustomersWanted
) -> Listed[CustomerTold]:
    """List who may order in a channel, oldest first."""
    async with call.runtime.database.reading() as connection:
        channel = await known_channel(call, connection, channel_id)
        if query.channel_code is None:
            ids, total = await channel_customers(
                connection,
                call.tenant_id,
                System.AKINON,
                channel,
                limit=query.limit,
                offset=query.offset,
            )
        else:
            name = code_of(channel, query.channel_code)
            one = await resolve_id(
                connection, call.tenant_id, System.AKINON, CODE, name
            )
            ids, total = ([], 0) if one is None else ([one], 1)
        found = [
            each
            for customer_id in ids
            if (each := await load_customer(connection, call.tenant_id, customer_id))
        ]
        codes = await known_ids(
            connection,
            call.tenant_id,
            System.AKINON,
            [Thing(CODE, each.id) for each in found],
        )
    numbers = await numbered(call, [Thing(Kind.CUSTOMER, each.id) for each in found])
    told = [
        _customer_told(
            numbers[Thing(Kind.CUSTOMER, each.id)],
            each,
            codes.get(Thing(CODE, each.id)),
        )
        for each in found
    ]
    return Listed(count=total, next=query.following(total), results=told)


@endpoints.post(f"{PATH}/customers/", roles=ORDERING, status=201, raises=(CONFLICT,))
async def akinon_create_customer(
    call: Call, channel_id: ChannelNumber, body: CustomerGiven
) -> CustomerTold:
    """Make a customer of a channel; their `channel_code` is theirs alone there."""
    connection, tenant_id = call.connection, call.tenant_id
    channel = await known_channel(call, connection, channel_id)
    customer_id = call.new_id("customer")
    code = code_of(channel, body.channel_code)
    if await resolve_id(connection, tenant_id, System.AKINON, CODE, code) is not None:
        raise taken("channel_code", body.channel_code)
    number = await give_id(
        connection, tenant_id, System.AKINON, Kind.CUSTOMER, customer_id, now=call.now
    )
    name = f"{body.first_name} {body.last_name}".strip()
    made = await add_customer(
        connection,
        tenant_id,
        customer_id,
        {
            "name": name,
            "first_name": body.first_name,
            "last_name": body.last_name or None,
            "email": body.email,
            "phone": body.phone_number,
            "tax_id": body.identity_number,
            "data": {System.AKINON.value: {"extra_field": body.extra_field}},
        },
        now=call.now,
    )
    await _adopt(call, Thing(CODE, customer_id), code, "channel_code")
    call.note(target=customer_id)
    return _customer_told(number, made, code)


def _customer_told(number: str, found: Customer, code: str | None) -> CustomerTold:
    channel, _, own = (code or "").partition("/")
    first, _, rest = (found.name or "").partition(" ")
    return CustomerTold(
        pk=int(number),
        channel=int(channel) if channel else None,
        channel_code=own or None,
        first_name=found.first_name or first,
        last_name=found.last_name or ("" if found.first_name else rest),
        email=found.email,
        phone_number=found.phone,
        identity_number=found.tax_id,
        extra_field=_kept(found).get("extra_field") or {},
    )


def _kept(found: Customer) -> Mapping[str, object]:
    kept = found.data.get(System.AKINON.value)
    return kept if isinstance(kept, dict) else {}


# -- addresses ------------------------------------------------------------------------


class AddressesWanted(Part):
    """Whose addresses."""

    customer: int | None = Field(
        None, ge=1, le=LARGEST_REF, description="The customer's `pk`; required."
    )
    remote_id: str | None = Field(
        None, min_length=1, max_length=100, description="With this id of the caller's."
    )


@endpoints.get(f"{PATH}/addresses/", roles=ORDERING, own_transaction=True)
async def akinon_list_addresses(
    call: Call, channel_id: ChannelNumber, query: AddressesWanted
) -> Listed[AddressTold]:
    """List a customer's addresses."""
    async with call.runtime.database.reading() as connection:
        channel = await known_channel(call, connection, channel_id)
        number = query.customer
        if number is None:
            raise invalid("customer", "is required: the pk of a customer")
        owner = await _buyer(call, connection, channel, number)
        found = await addresses_of(connection, call.tenant_id, owner.id)
        codes = await known_ids(
            connection,
            call.tenant_id,
            System.AKINON,
            [Thing(REMOTE, each.id) for each in found],
        )
    if query.remote_id is not None:
        name = code_of(str(number), query.remote_id)
        found = [each for each in found if codes.get(Thing(REMOTE, each.id)) == name]
    numbers = await numbered(call, [Thing(Kind.ADDRESS, each.id) for each in found])
    kept = addresses_kept(owner)
    told = [
        address_told(
            numbers[Thing(Kind.ADDRESS, each.id)],
            str(number),
            each.address,
            kept.get(each.id),
        )
        for each in found[query.offset :][: query.limit]
    ]
    return Listed(count=len(found), next=query.following(len(found)), results=told)


@endpoints.post(f"{PATH}/addresses/", roles=ORDERING, status=201, raises=(CONFLICT,))
async def akinon_create_address(
    call: Call, channel_id: ChannelNumber, body: AddressGiven
) -> AddressTold:
    """Make an address of a customer; its `remote_id` is its alone with them."""
    connection, tenant_id = call.connection, call.tenant_id
    channel = await known_channel(call, connection, channel_id)
    owner = await _buyer(call, connection, channel, body.customer)
    code = code_of(str(body.customer), body.remote_id)
    if await resolve_id(connection, tenant_id, System.AKINON, REMOTE, code) is not None:
        raise taken("remote_id", body.remote_id)
    address_id = call.new_id("address")
    number = await give_id(
        connection, tenant_id, System.AKINON, Kind.ADDRESS, address_id, now=call.now
    )
    address = address_of(body)
    await add_address(
        connection, tenant_id, owner.id, address, address_id=address_id, now=call.now
    )
    await _adopt(call, Thing(REMOTE, address_id), code, "remote_id")
    kept = body.model_dump(mode="json", exclude_none=True)
    # Read again, now that it is locked: another address may have come meanwhile.
    owner = await load_customer(connection, tenant_id, owner.id) or owner
    addresses = {**addresses_kept(owner), address_id: kept}
    data = {**owner.data, System.AKINON.value: {**_kept(owner), "addresses": addresses}}
    await change_customer(connection, tenant_id, owner.id, {"data": data}, now=call.now)
    call.note(target=owner.id, address=address_id)
    return address_told(number, str(body.customer), address, kept)


def addresses_kept(owner: Customer) -> Mapping[str, Mapping[str, object]]:
    """Return how callers gave the addresses of a customer, by our ids of them."""
    found = _kept(owner).get("addresses")
    return found if isinstance(found, dict) else {}


# -- shared ---------------------------------------------------------------------------


async def _buyer(
    call: Call, connection: AsyncConnection, channel: str, number: int
) -> Customer:
    """Return who orders in a channel. Raises Problem naming `customer`."""
    tenant_id = call.tenant_id
    found = await resolve_id(
        connection, tenant_id, System.AKINON, Kind.CUSTOMER, str(number)
    )
    if found is not None and await may_order(
        connection, tenant_id, System.AKINON, channel, found
    ):
        owner = await load_customer(connection, tenant_id, found)
        if owner is not None:
            return owner
    raise invalid("customer", unknown("customer", number))


async def _adopt(call: Call, thing: Thing, name: str, field: str) -> None:
    """Keep the caller's own id of a thing. Raises Problem: somebody was faster."""
    try:
        await adopt_id(
            call.connection, call.tenant_id, System.AKINON, thing, name, now=call.now
        )
    except IdTaken:
        raise taken(field, name.partition("/")[2]) from None
