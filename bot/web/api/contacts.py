"""Contacts: who writes, all that is known about them, and forgetting them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import IO

from pydantic import ConfigDict, Field

from bot.channels.s3_store import StoreUnreachable
from bot.domain.message import AliasKind
from bot.inbox.consent import record_opt_in, withdraw_opt_in
from bot.inbox.merging import CannotMerge, merge_contacts
from bot.privacy.erasing import Erased, erase_contact
from bot.privacy.exporting import NotKnown, export_contacts
from bot.privacy.people import ContactEntry, find_contact, list_contacts
from bot.web.api.call import Call, Download, Work
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import UNAVAILABLE, Problem, invalid, not_found
from bot.web.api.roles import CHATS, PRIVACY

endpoints = Endpoints("contacts", "People on a channel, and what is known about them.")

#: An export that is larger than this waits on the disk, not in memory.
_IN_MEMORY = 8 * 1024 * 1024
_CHUNK = 256 * 1024


class ContactsGiven(Paging):
    """Which contacts."""

    search: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="A part of the name, or the beginning of the phone number.",
    )
    channel_id: Id | None = Field(None, description="On this channel.")


class AliasView(Shown):
    """One of the ids by which a person is known on their channel."""

    kind: AliasKind
    value: str = Field(examples=["905321234567"])


class PastAliasView(AliasView):
    """An id that the person had; somebody else may have it by now."""

    until: Moment


class PersonView(Shown):
    """A person on a channel."""

    id: str = Field(examples=["con_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    channel_id: str
    channel_kind: str = Field(examples=["whatsapp"])
    name: str | None = Field(examples=["Ada Lovelace"])
    aliases: list[AliasView]
    opted_out: bool = Field(description="They said STOP: nothing is sent any more.")
    opted_in_at: Moment | None = Field(
        description="When they agreed to hear more than about their own orders; without"
        " it nothing promotional is sent. STOP ends it."
    )
    opted_in_how: str | None = Field(examples=["form on the web site"])
    conversation_id: str | None
    customer_id: str | None = Field(description="Set by their first order.")
    last_inbound_at: Moment | None
    created_at: Moment
    erased_at: Moment | None = Field(
        description="Since then nothing is left but orders under a pseudonym."
    )
    past_aliases: list[PastAliasView] = Field(
        description="What they were known by before, oldest first."
    )
    merged_ids: list[str] = Field(
        description="Contacts that turned out to be the same person: all that they had"
        " is here."
    )
    merged_into: str | None = Field(
        description="Of a contact that was merged: the one that has everything now."
    )
    merged_at: Moment | None
    identity_changed_at: Moment | None = Field(
        description="Another phone answers to the number since then, and maybe another"
        " person: until their next order nothing of earlier ones is filled in."
    )


class MergeGiven(Given):
    """Who is the same person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"contact_id": "con_01k9wz8qg6f1t0m3v5x7z9b2d5"}]
        }
    )

    contact_id: Id = Field(
        description="The other contact, on the same channel. The older of both stays.",
        examples=["con_01k9wz8qg6f1t0m3v5x7z9b2d5"],
    )


class OptInGiven(Given):
    """That a person opted in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"how": "form on the web site, 3 May 2026"}]}
    )

    how: str = Field(
        min_length=1,
        max_length=200,
        description="Where and how they agreed, for those who ask later.",
        examples=["form on the web site, 3 May 2026"],
    )


class ToldView(Shown):
    """A system of the merchant that was told of the person."""

    sink_id: str
    order_id: str
    event_id: str
    at: Moment


class ErasedView(Shown):
    """What was done about a contact, in ids and numbers."""

    contact_id: str
    erased_at: Moment = Field(description="When it was done first.")
    removed: dict[str, int] = Field(
        description="How many rows went, by kind.", examples=[{"messages": 12}]
    )
    pseudonym: str = Field(
        description="Whose orders they are now.", examples=["erased-x7z9b2d4"]
    )
    orders: int = Field(description="How many are kept under the pseudonym.")
    open_orders: list[str] = Field(description="Of these, those not finished yet.")
    files: int = Field(
        description="A worker takes them away within minutes, unless others sent the"
        " same."
    )
    told: list[ToldView] = Field(
        description="These systems know the person: have it erased there, too."
    )


@endpoints.get("/v1/contacts", roles=CHATS)
async def list_of_contacts(call: Call, query: ContactsGiven) -> Page[PersonView]:
    """List contacts, newest first."""
    found, total = await list_contacts(
        call.connection,
        call.tenant_id,
        search=query.search,
        channel_id=query.channel_id,
        limit=query.limit,
        offset=query.offset,
    )
    return Page(data=[_view(each) for each in found], total=total)


@endpoints.get("/v1/contacts/{contact_id}", roles=CHATS)
async def read_contact(call: Call, contact_id: Id) -> PersonView:
    """Read a contact."""
    entry = await find_contact(call.connection, call.tenant_id, contact_id)
    if entry is None:
        raise not_found("contact", contact_id)
    return _view(entry)


@endpoints.post("/v1/contacts/{contact_id}/merge", roles=CHATS)
async def merge_known_contacts(
    call: Call, contact_id: Id, body: MergeGiven
) -> PersonView:
    """Merge two contacts that are one person. It cannot be taken back.

    Messages, orders, customer data, drafts and ids of both are then in the older one,
    which is answered; a STOP of either holds. Of two open drafts the newer one goes on.
    A turn that runs begins again with everything.
    """
    both = (contact_id, body.contact_id)
    for each in both:
        if await find_contact(call.connection, call.tenant_id, each) is None:
            raise not_found("contact", each)
    try:
        merged = await merge_contacts(
            call.connection,
            call.tenant_id,
            *both,
            why="by hand",
            actor=call.actor,
            audit_id=None,
            now=call.now,
        )
    except CannotMerge as error:
        raise invalid("contact_id", str(error)) from None
    call.note(
        merged.contact_id,
        merged=merged.other_id,
        messages=merged.messages,
        put_away=merged.put_away,
    )
    call.after_commit(call.runtime.turn_bell.ring)
    return await read_contact(call, merged.contact_id)


@endpoints.put("/v1/contacts/{contact_id}/opt-in", roles=CHATS)
async def opt_contact_in(call: Call, contact_id: Id, body: OptInGiven) -> PersonView:
    """Record that a contact agreed to hear more than about their own orders.

    It says when (now) and how, and lifts no STOP: only the customer's START does.
    """
    done = await record_opt_in(
        call.connection, call.tenant_id, contact_id, how=body.how, now=call.now
    )
    if not done:
        raise not_found("contact", contact_id)
    return await read_contact(call, contact_id)


@endpoints.delete("/v1/contacts/{contact_id}/opt-in", roles=CHATS)
async def opt_contact_out(call: Call, contact_id: Id) -> None:
    """Forget that a contact opted in. Messages about their orders go on."""
    if not await withdraw_opt_in(call.connection, call.tenant_id, contact_id):
        raise not_found("contact", contact_id)


@endpoints.post(
    "/v1/contacts/{contact_id}/export",
    roles=PRIVACY,
    own_transaction=True,
    downloads=("application/zip",),
)
async def export_contact(call: Call, contact_id: Id) -> Download:
    """Export everything that is known about a contact.

    A ZIP with one JSON document, `contact.json` (its `format` and `version` are in
    it), and the files of the messages under the hashes of their contents. It is
    written down in the audit that it was done.
    """
    runtime = call.runtime
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # it is closed when it was sent
    try:
        async with runtime.database.reading() as connection:
            exported = await export_contacts(
                connection,
                runtime.media,
                call.tenant_id,
                [contact_id],
                file,
                now=call.now,
            )
        await call.transact(_noted(files=exported.files))
    except NotKnown:
        file.close()
        raise not_found("contact", contact_id) from None
    except StoreUnreachable:
        file.close()
        raise Problem(
            UNAVAILABLE,
            "the store of media does not answer now: please ask again",
            headers={"Retry-After": "5"},
        ) from None
    except BaseException:
        file.close()
        raise
    return Download("application/zip", _chunks(file), f"{contact_id}.zip")


def _noted(files: int) -> Work[None]:
    """Return work that only writes down that it was done."""

    async def work(call: Call) -> None:
        call.note(files=files)

    return work


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        await asyncio.to_thread(file.seek, 0)
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
    finally:
        file.close()


@endpoints.post("/v1/contacts/{contact_id}/erase", roles=PRIVACY)
async def erase_known_contact(call: Call, contact_id: Id) -> ErasedView:
    """Erase a contact, for good.

    Messages, files, readings, drafts, addresses and names go; a turn that runs is
    thrown away, and nothing more is sent. Orders stay, under a pseudonym. A message
    that was stored before is never stored again; whoever writes a new one is somebody
    new. Erasing twice is fine.
    """
    report = await erase_contact(
        call.connection,
        call.tenant_id,
        contact_id,
        actor=call.actor,
        audit=False,
        new_id=call.new_id,
        now=call.now,
    )
    if report is None:
        raise not_found("contact", contact_id)
    call.note(orders=report.orders, files=report.files)
    call.after_commit(call.runtime.outbox_bell.ring)
    return _erased(report)


def _erased(report: Erased) -> ErasedView:
    return ErasedView(
        contact_id=report.contact_id,
        erased_at=report.erased_at,
        removed=report.removed,
        pseudonym=report.pseudonym,
        orders=report.orders,
        open_orders=list(report.open_orders),
        files=report.files,
        told=[
            ToldView(
                sink_id=each.sink_id,
                order_id=each.order_id,
                event_id=each.event_id,
                at=each.at,
            )
            for each in report.told
        ],
    )


def _view(entry: ContactEntry) -> PersonView:
    return PersonView(
        id=entry.id,
        channel_id=entry.channel_id,
        channel_kind=entry.channel_kind,
        name=entry.name,
        aliases=[
            AliasView(kind=AliasKind(kind), value=value)
            for kind, value in entry.aliases
        ],
        opted_out=entry.opted_out,
        opted_in_at=entry.opted_in_at,
        opted_in_how=entry.opted_in_how,
        conversation_id=entry.conversation_id,
        customer_id=entry.customer_id,
        last_inbound_at=entry.last_inbound_at,
        created_at=entry.created_at,
        erased_at=entry.erased_at,
        past_aliases=[
            PastAliasView(kind=AliasKind(kind), value=value, until=until)
            for kind, value, until in entry.past
        ],
        merged_ids=list(entry.merged_ids),
        merged_into=entry.merged_into,
        merged_at=entry.merged_at,
        identity_changed_at=entry.identity_changed_at,
    )
