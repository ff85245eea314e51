"""What calls, forms and other systems told of a buyer goes with them."""

import json
from datetime import timedelta

from sqlalchemy import select

from bot.inbox.calling import take_order
from bot.migrations.comparing import METADATA
from bot.privacy.erasing import erase_contact
from orders.customers import Document, change_customer
from orders.domain.ids import Face, Thing
from orders.ids import give_ids
from orders.people import Person, add_person
from orders.store import load_order
from orders.table import (
    customer,
    customer_address,
    customer_contact,
    external_id,
    order_call,
)
from tests.api import Api
from tests.bot.web.api.things import a_person, an_order_of
from tests.bot.web.entrance import ANA
from tests.purchase_calls import a_call, by_hand


async def test_nothing_that_names_a_buyer_is_left(quick_api: Api) -> None:
    runtime, tenant_id = quick_api.runtime, ANA.tenant_id
    person = await a_person(quick_api)
    bought = await an_order_of(quick_api, person)
    buyer, now = bought.customer_id, runtime.clock()
    assert buyer is not None
    secret = "Zuleika"
    async with runtime.database.transaction() as connection:
        told = {
            "first_name": secret,
            "company": secret,
            "documents": [Document("CPF", secret)],
            "data": {"said": secret},
        }
        await change_customer(connection, tenant_id, buyer, told, now=now)
        other = Person("person_1", buyer, name=secret)
        await add_person(connection, tenant_id, other, now=now)
        call = a_call(
            tenant_id=tenant_id,
            customer_id=buyer,
            raw={"customer_name": secret},
            data={"said": secret},
            gift_card=secret,
            tags=(secret,),
            lines=(by_hand(note=secret, data={"said": secret}),),
        )
        called = await take_order(
            connection,
            call,
            actor="key:erp",
            overdue_after=timedelta(minutes=5),
            new_id=runtime.new_id,
            now=now,
        )
        address = await connection.scalar(select(customer_address.c.id))
        things = [Thing("customer", buyer), Thing("address", str(address))]
        things += [Thing("contact", "person_1"), Thing("order", called.order.id)]
        await give_ids(connection, tenant_id, Face.ZEGOAL, things, now=now)
    async with runtime.database.transaction() as connection:
        await erase_contact(
            connection,
            tenant_id,
            person["id"],
            actor="command",
            new_id=runtime.new_id,
            now=now,
        )
    async with runtime.database.reading() as connection:
        for name, table in METADATA.tables.items():
            rows = (await connection.execute(select(table))).mappings()
            text = json.dumps([dict(row) for row in rows], default=str)
            assert secret not in text, name
        assert (await connection.execute(select(customer_contact))).all() == []
        names = (await connection.execute(select(external_id.c.kind))).scalars().all()
        assert names == ["order"]
        # The purchase stays, and a repeat of the call is still known.
        kept = await load_order(connection, tenant_id, called.order.id)
        assert kept is not None
        assert kept.order.grand_total == called.order.grand_total
        row = (await connection.execute(select(order_call))).one()
        assert (row.raw, len(row.digest)) == (None, 64)
        assert (await connection.execute(select(customer.c.id))).scalar() == buyer
