"""What Ticaret.pro's face answers with, gathered from the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row

from bot.creating import MOST_ATTEMPTS
from bot.domain.analysis import AnalysisRecord
from bot.domain.analysis_told import AnalysisTold, Beside, analysis_told
from bot.domain.found import load_found
from bot.domain.message import REVOKE
from bot.inbox.analyses import analysis_of, analysis_of_draft, heard_in
from bot.inbox.overview import StoredMessage, find_messages
from bot.inbox.threads import Thread
from bot.web.api.call import Call
from orders import Draft, Order
from orders.customers import Customer, list_customers, load_customer
from orders.domain.ids import Face as System
from orders.domain.ids import Kind, Thing
from orders.drafts import find_draft
from orders.faces.ticaret_telling import (
    Around,
    Called,
    ContactTold,
    CustomerTold,
    OrderTold,
    SourceTold,
    kept_of,
    order_told,
)
from orders.ids import give_ids, names_of
from orders.order_rows import order_of_draft
from orders.versions import kept_version


@dataclass(frozen=True, slots=True)
class Desk:
    """A message that somebody asks about: its chat, and its analysis if it has one."""

    thread: Thread
    message: StoredMessage
    record: AnalysisRecord | None

    @classmethod
    async def of(cls, call: Call, thread: Thread, message_id: str) -> "Desk":
        """Return a message as it is now."""
        (message,) = await find_messages(call.connection, call.tenant_id, [message_id])
        record = await analysis_of(
            call.connection, message, most_attempts=MOST_ATTEMPTS, now=call.now
        )
        return cls(thread, message, record)

    async def again(self, call: Call) -> "Desk":
        """Return the same message as it is now."""
        return await self.of(call, self.thread, self.message.id)


# -- an order -------------------------------------------------------------------------


async def order_there(
    call: Call, desk: Desk, order: Order, *, given: bool = False
) -> OrderTold:
    """Return an order of a chat with all that stands around it.

    `given`: it is new, and what it speaks of is given its ids for ever.
    """
    customer = None
    if order.customer_id is not None:
        customer = await load_customer(
            call.connection, call.tenant_id, order.customer_id
        )
    analysis_id, message_id = await _origin(call, order, desk.thread.id)
    found = await find_messages(
        call.connection, call.tenant_id, [message_id] if message_id else []
    )
    things = [
        Thing(Kind.ORDER, order.id),
        Thing(Kind.CONTACT, desk.thread.contact_id),
        Thing(Kind.CONVERSATION, desk.thread.id),
        *(Thing(Kind.PRODUCT, each.product_id) for each in order.lines),
        *([Thing(Kind.CUSTOMER, customer.id)] if customer else []),
        *([Thing(Kind.ANALYSIS, analysis_id)] if analysis_id else []),
        *([Thing(Kind.MESSAGE, message_id)] if message_id else []),
    ]
    called = await _called(call, things, given=given)
    source = _source(order, desk.thread, called, analysis_id)
    if found:
        source = source.model_copy(
            update={
                "message_id": called(Kind.MESSAGE, found[0].id),
                "external_message_id": found[0].provider_id,
            }
        )
    around = Around(
        tenant_id=call.tenant_id,
        source=source,
        customer=_customer(customer, called) if customer else None,
        contact=_contact(order, customer, desk.thread, called),
        called=called,
    )
    return order_told(order, around)


async def _origin(
    call: Call, order: Order, chat_id: str
) -> tuple[str | None, str | None]:
    """Return the analysis and the message that an order came of.

    One that was made here says it; another one came of its draft's last turn.
    """
    source = kept_of(order).get("source")
    if isinstance(source, dict):
        return _text(source.get("analysis")), _text(source.get("message"))
    record = await analysis_of_draft(call.connection, chat_id, order.draft_id)
    if record is None:
        return None, None
    heard = await heard_in(call.connection, record)
    return record.id, heard[-1].id if heard else None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _source(
    order: Order, thread: Thread, called: Called, analysis_id: str | None
) -> SourceTold:
    return SourceTold(
        channel="provider_whatsapp",
        source_type="ai_analysis" if analysis_id else "draft",
        source_id=called(Kind.ANALYSIS, analysis_id) if analysis_id else order.draft_id,
        thread_id=called(Kind.CONVERSATION, thread.id),
        external_thread_id=thread.jid,
        label=thread.channel_kind,
        metadata={"draftId": order.draft_id, "draftVersion": order.draft_version},
    )


def _customer(customer: Customer, called: Called) -> CustomerTold:
    return CustomerTold(
        id=called(Kind.CUSTOMER, customer.id),
        title=customer.company or customer.name,
        short_name=customer.name
        if customer.company
        else customer.first_name or customer.name,
        status="active",
    )


def _contact(
    order: Order, customer: Customer | None, thread: Thread, called: Called
) -> ContactTold:
    """Return who ordered: the person of the chat, or whom the operator named."""
    named = kept_of(order).get("contact")
    if isinstance(named, dict):
        return ContactTold(
            id=called(Kind.CONTACT, str(named["id"])),
            display_name=_text(named.get("name")),
            email=_text(named.get("email")),
            phone=_text(named.get("phone")),
            status="active",
        )
    return ContactTold(
        id=called(Kind.CONTACT, thread.contact_id),
        display_name=thread.contact_name or order.name,
        email=order.email or (customer.email if customer else None),
        phone=thread.phone or order.phone,
        status=thread.contact_status,
    )


# -- an analysis ----------------------------------------------------------------------


async def analysis_at(call: Call, desk: Desk, record: AnalysisRecord) -> AnalysisTold:
    """Return an analysis with all that stands beside it."""
    thread = desk.thread
    beside = Beside(
        tenant_id=call.tenant_id,
        session_id=thread.channel_id,
        jid=thread.jid,
        thread_id=thread.id,
        message_id=desk.message.id,
        contact_id=thread.contact_id,
        draft=await _draft(call, record),
        customer_id=await _customer_of(call, thread),
        order=await _order(call, record),
        messages=[_heard(row) for row in await heard_in(call.connection, record)],
    )
    called = await _called(call, _things(record, beside))
    return analysis_told(record, replace(beside, called=called))


def _things(record: AnalysisRecord, beside: Beside) -> list[Thing]:
    """Return everything that an analysis speaks of."""
    customers = {beside.draft.customer_id, beside.customer_id} - {None}
    found = (each for match in load_found(record.matches) for each in match.products)
    goods = {line.product_id for line in beside.draft.lines}
    goods |= {each.product_id for each in found}
    orders = {each.order_id for each in record.applied}
    orders |= {beside.order.id} if beside.order else set()
    return [
        Thing(Kind.CHANNEL, beside.session_id),
        Thing(Kind.CONVERSATION, beside.thread_id),
        Thing(Kind.MESSAGE, beside.message_id),
        Thing(Kind.CONTACT, beside.contact_id),
        *([Thing(Kind.ANALYSIS, record.id)] if record.id else []),
        *(Thing(Kind.CUSTOMER, each) for each in customers if each),
        *(Thing(Kind.PRODUCT, each) for each in goods),
        *(Thing(Kind.ORDER, each) for each in orders),
    ]


async def _draft(call: Call, record: AnalysisRecord) -> Draft:
    """Return the draft at the version of the analysis; an empty one without any."""
    draft_id, version = record.draft_id, record.draft_version
    if draft_id is None:
        return Draft("", "")
    connection, tenant_id = call.connection, call.tenant_id
    kept = await kept_version(connection, tenant_id, draft_id, version or 0)
    if kept is not None:
        return kept
    stored = await find_draft(connection, tenant_id, draft_id)
    is_same = stored is not None and stored.draft.version == version
    return stored.draft if stored is not None and is_same else Draft(draft_id, "")


async def _order(call: Call, record: AnalysisRecord) -> Order | None:
    if record.draft_id is None:
        return None
    stored = await order_of_draft(call.connection, call.tenant_id, record.draft_id)
    return stored.order if stored else None


async def _customer_of(call: Call, thread: Thread) -> str | None:
    found, _ = await list_customers(
        call.connection, call.tenant_id, contact_id=thread.contact_id, limit=1
    )
    return found[0].id if found else None


def _heard(row: Row[Any]) -> Mapping[str, JsonValue]:
    """Return a message as it was read; what was deleted since is not shown again."""
    is_deleted = (row.correction or {}).get("event") == REVOKE
    return {
        "id": row.id,
        "externalMessageId": row.provider_id,
        "type": row.kind,
        "content": {} if is_deleted else row.content,
        "sentAt": row.sent_at.isoformat(),
    }


async def _called(
    call: Call, things: Iterable[Thing], *, given: bool = False
) -> Called:
    """Return what Ticaret.pro calls things: the name it gave them, else our id."""
    wanted = [each for each in things if each.internal_id]
    at = (call.connection, call.tenant_id, System.TICARET, wanted)
    names = await (give_ids(*at, now=call.now) if given else names_of(*at))

    def called(kind: str, internal: str) -> str:
        return names.get(Thing(kind, internal), internal)

    return called
