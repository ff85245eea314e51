"""What is known about a person, and where: one table that export and erasure read.

A new table that tells of persons is a line in ROOMS; any other is a line in IMPERSONAL
with the reason. A test reminds of both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Table, and_, false, or_, select

from bot.inbox.agents_table import conversation_label, conversation_read, note
from bot.inbox.api_table import audit
from bot.inbox.ownership import lane_of
from bot.inbox.table import (
    alias_past,
    analysis,
    app,
    channel,
    contact,
    contact_alias,
    conversation,
    media,
    message,
    message_status,
    quarantine,
)
from bot.privacy.subject import Subject
from catalog.alias_table import learnt_alias
from orders.advice.table import activity
from orders.outbox.store import Topic
from orders.table import (
    customer,
    customer_address,
    customer_contact,
    draft,
    draft_change,
    draft_version,
    external_id,
    order,
    order_call,
    order_line,
    order_move,
    outbox,
    outbox_attempt,
    sink_made,
)


class Fate(StrEnum):
    """What erasing does to the rows of a room."""

    REMOVED = "removed"
    REWRITTEN = "rewritten"  #: The row stays without what it says of the person.
    KEPT = "kept"  #: It says nothing of the person but an id of ours.


@dataclass(frozen=True, slots=True)
class Room:
    """A table that tells of persons."""

    name: str  #: In the exported document.
    table: Table
    whose: Callable[[Subject], ColumnElement[bool]]
    fate: Fate
    hidden: frozenset[str] = frozenset()  #: Columns of the engine: nothing of a person.


_ENGINE = frozenset(
    {
        *("shard", "ready_at", "waiting_since", "rev", "lease_until", "fence"),
        *("attempts", "supersedes", "waits_for"),
    }
)


def _messages(subject: Subject) -> Select[str]:
    return select(message.c.id).where(
        message.c.conversation_id.in_(subject.conversation_ids)
    )


def _is_status(subject: Subject) -> ColumnElement[bool]:
    sent = select(message.c.provider_id).where(
        message.c.conversation_id.in_(subject.conversation_ids),
        message.c.direction == "out",
        message.c.provider_id.is_not(None),
    )
    called = select(outbox.c.unique_key).where(is_reply(subject))
    return and_(
        message_status.c.channel_id == subject.channel_id,
        or_(
            message_status.c.provider_id.in_(sent),
            message_status.c.callback.in_(called),
        ),
    )


def is_reply(subject: Subject) -> ColumnElement[bool]:
    """Return the condition of what was said, or is to be said, to the person."""
    return and_(
        outbox.c.tenant_id == subject.tenant_id,
        outbox.c.lane.in_([lane_of(each) for each in subject.conversation_ids]),
    )


def is_event(subject: Subject) -> ColumnElement[bool]:
    """Return the condition of what told sinks about the person's orders."""
    return and_(
        outbox.c.tenant_id == subject.tenant_id,
        outbox.c.topic == Topic.EVENT,
        outbox.c.payload["order_id"].as_string().in_(subject.order_ids),
    )


def _is_raw(subject: Subject) -> ColumnElement[bool]:
    """Return the condition of bodies that nobody could read, and that name them."""
    own = or_(
        quarantine.c.app_id.in_(
            select(app.c.id)
            .where(app.c.tenant_id == subject.tenant_id)
            .union(
                # Of a gateway it is the channel that called.
                select(channel.c.id).where(channel.c.tenant_id == subject.tenant_id)
            )
        ),
        quarantine.c.account.in_(
            select(channel.c.external_id).where(
                channel.c.tenant_id == subject.tenant_id
            )
        ),
    )
    named = [quarantine.c.raw.contains(a, autoescape=True) for a in subject.aliases]
    return and_(own, or_(false(), *named))


def _is_called(subject: Subject) -> ColumnElement[bool]:
    """Return the condition of ids that other systems know the person by."""
    theirs = select(customer_address.c.id).where(
        customer_address.c.customer_id.in_(subject.customer_ids)
    )
    people = select(customer_contact.c.id).where(
        customer_contact.c.customer_id.in_(subject.customer_ids)
    )
    return and_(
        external_id.c.tenant_id == subject.tenant_id,
        or_(
            external_id.c.internal_id.in_((subject.contact_id, *subject.customer_ids)),
            external_id.c.internal_id.in_(theirs.union(people)),
        ),
    )


#: Parents before their children: erasing goes backwards.
ROOMS: tuple[Room, ...] = (
    Room("contact", contact, lambda s: contact.c.id.in_(s.contact_ids), Fate.REWRITTEN),
    Room(
        "aliases",
        contact_alias,
        lambda s: contact_alias.c.contact_id.in_(s.contact_ids),
        Fate.REMOVED,
    ),
    Room(
        "past_aliases",
        alias_past,
        lambda s: alias_past.c.contact_id.in_(s.contact_ids),
        Fate.REMOVED,
    ),
    Room(
        "conversations",
        conversation,
        lambda s: conversation.c.id.in_(s.conversation_ids),
        Fate.REWRITTEN,
        hidden=_ENGINE,
    ),
    Room(
        "messages",
        message,
        lambda s: message.c.conversation_id.in_(s.conversation_ids),
        Fate.REMOVED,
    ),
    Room("media", media, lambda s: media.c.message_id.in_(_messages(s)), Fate.REMOVED),
    Room(
        "analyses",
        analysis,
        lambda s: analysis.c.conversation_id.in_(s.conversation_ids),
        Fate.REMOVED,
    ),
    Room(
        "notes",
        note,
        lambda s: note.c.conversation_id.in_(s.conversation_ids),
        Fate.REMOVED,
    ),
    Room(
        "labels",
        conversation_label,
        lambda s: conversation_label.c.conversation_id.in_(s.conversation_ids),
        Fate.REMOVED,
    ),
    Room(
        "read_marks",
        conversation_read,
        lambda s: conversation_read.c.conversation_id.in_(s.conversation_ids),
        Fate.REMOVED,
    ),
    Room("drafts", draft, lambda s: draft.c.id.in_(s.draft_ids), Fate.REMOVED),
    Room(
        "draft_changes",
        draft_change,
        lambda s: draft_change.c.draft_id.in_(s.draft_ids),
        Fate.REMOVED,
    ),
    Room(
        "draft_versions",
        draft_version,
        lambda s: draft_version.c.draft_id.in_(s.draft_ids),
        Fate.REMOVED,
    ),
    Room(
        "customers",
        customer,
        lambda s: customer.c.id.in_(s.customer_ids),
        Fate.REWRITTEN,
    ),
    Room(
        "addresses",
        customer_address,
        lambda s: customer_address.c.customer_id.in_(s.customer_ids),
        Fate.REMOVED,
    ),
    Room(
        "customer_contacts",
        customer_contact,
        lambda s: or_(
            customer_contact.c.customer_id.in_(s.customer_ids),
            and_(
                customer_contact.c.tenant_id == s.tenant_id,
                customer_contact.c.contact_id.in_(s.contact_ids),
            ),
        ),
        Fate.REMOVED,
    ),
    # What other systems call the person; their orders keep their numbers there.
    Room("external_ids", external_id, _is_called, Fate.REMOVED),
    Room(
        "made_by_sinks",
        sink_made,
        lambda s: and_(
            sink_made.c.tenant_id == s.tenant_id,
            or_(
                sink_made.c.owner_id.in_(s.customer_ids),
                sink_made.c.owner_id.in_(s.order_ids),
            ),
        ),
        Fate.REMOVED,
    ),
    Room(
        "activities",
        activity,
        lambda s: activity.c.customer_id.in_(s.customer_ids),
        Fate.REMOVED,
        hidden=frozenset({"run", "run_until", "words"}),
    ),
    Room(
        "learnt_aliases",
        learnt_alias,
        lambda s: and_(
            learnt_alias.c.tenant_id == s.tenant_id,
            learnt_alias.c.contact_id.in_(s.contact_ids),
        ),
        Fate.REMOVED,
    ),
    Room("orders", order, lambda s: order.c.id.in_(s.order_ids), Fate.REWRITTEN),
    Room(
        "order_calls",
        order_call,
        lambda s: order_call.c.order_id.in_(s.order_ids),
        Fate.REWRITTEN,
    ),
    Room(
        "order_lines",
        order_line,
        lambda s: order_line.c.order_id.in_(s.order_ids),
        Fate.KEPT,
    ),
    Room(
        "order_moves",
        order_move,
        lambda s: order_move.c.order_id.in_(s.order_ids),
        Fate.REWRITTEN,
    ),
    # What a sink answered may repeat what it was sent.
    Room("deliveries", outbox, is_event, Fate.REWRITTEN, hidden=_ENGINE),
    Room(
        "delivery_attempts",
        outbox_attempt,
        lambda s: outbox_attempt.c.outbox_id.in_(
            select(outbox.c.id).where(is_event(s))
        ),
        Fate.REWRITTEN,
    ),
    Room("replies", outbox, is_reply, Fate.REMOVED, hidden=_ENGINE),
    Room(
        "reply_attempts",
        outbox_attempt,
        lambda s: outbox_attempt.c.outbox_id.in_(
            select(outbox.c.id).where(is_reply(s))
        ),
        Fate.REMOVED,
    ),
    Room("statuses", message_status, _is_status, Fate.REMOVED),
    Room("unreadable", quarantine, _is_raw, Fate.REMOVED),
    Room(
        "audit",
        audit,
        lambda s: and_(
            audit.c.tenant_id == s.tenant_id,
            or_(
                audit.c.target.in_(s.ids),
                audit.c.actor.in_([f"contact:{each}" for each in s.contact_ids]),
            ),
        ),
        Fate.KEPT,
    ),
)

#: Why the other tables tell of nobody who writes to a shop.
IMPERSONAL: Mapping[str, str] = {
    "tenant": "the merchant",
    "product": "what is sold",
    "variant": "what is sold",
    "catalog_import": "what is sold",
    "catalog_picture": "what is sold",
    "staged_product": "what is sold",
    "staged_variant": "what is sold",
    "app": "the merchant's account",
    "channel": "the merchant's account",
    "sink": "the merchant's system",
    "face_reference": "how the merchant is paid, ships, and prices",
    "counter": "numbers",
    "model_spending": "sums of a day",
    "key": "programs",
    "user": "people who work for the merchant",
    "session": "people who work for the merchant, until they sign out",
    "sign_in_try": "hashes of who tried a password, forgotten soon afterwards",
    "label": "what the merchant calls conversations",
    "canned_reply": "what the merchant's people answer",
    "first_run": "the operator",
    "idempotency": "answers to programs, sealed, forgotten after a day",
    "forgotten_message": "hashes of what was forgotten",
    "webhook_tally": "numbers",
    "channel_vitals": "the merchant's account",
    "alarm": "what was wrong, with an id of ours and no word of a person",
}
