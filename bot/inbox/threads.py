"""Chats as other systems name them: by our id, a phone number, or the platform's id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.identity import identifies
from bot.domain.message import Alias, AliasKind
from bot.inbox.table import channel, contact, contact_alias, conversation

#: What gateways put behind the number of a person, and behind their hidden id.
_SERVERS = {AliasKind.PHONE: "s.whatsapp.net", AliasKind.WA_ID: "s.whatsapp.net"}
_HIDDEN = "lid"


@dataclass(frozen=True, slots=True)
class Thread:
    """A chat: with whom, and through which account of the shop."""

    id: str
    channel_id: str
    channel_kind: str
    account: str  #: What the platform calls the shop's account.
    contact_id: str
    contact_name: str | None
    contact_status: str  #: `active`, `opted_out` or `erased`.
    address: Alias
    phone: str | None  #: E.164, where the person's number is known.

    @property
    def jid(self) -> str:
        """Return the id that the platform answers to: a phone number or not."""
        return jid_of(self.address)


def jid_of(alias: Alias) -> str:
    """Return an id as gateways write it: `DIGITS@s.whatsapp.net`, `DIGITS@lid`."""
    server = _HIDDEN if alias.kind is AliasKind.LID else _SERVERS.get(alias.kind)
    if server is None or "@" in alias.value:
        return alias.value
    return f"{alias.value.removeprefix('+')}@{server}"


async def find_threads(
    connection: AsyncConnection, tenant_id: str, chat: str, session: str | None = None
) -> Sequence[Thread]:
    """Return the tenant's chats of that name, of one account where it is named.

    A name is our id of the conversation or of the contact, the platform's id of the
    person, with or without what stands behind the @, or their phone number. What was
    joined into another chat is that chat.
    """
    plain = chat.partition("@")[0]
    names = {chat, plain, f"+{plain.removeprefix('+')}", plain.removeprefix("+")}
    shops = select(channel.c.id).where(channel.c.tenant_id == tenant_id)
    named = select(contact_alias.c.contact_id).where(
        contact_alias.c.channel_id.in_(shops),
        # A user name is another person's tomorrow.
        contact_alias.c.kind.in_([each for each in AliasKind if identifies(each)]),
        contact_alias.c.value.in_(sorted(names)),
    )
    joined = select(conversation.c.merged_into).where(
        conversation.c.id == chat, conversation.c.tenant_id == tenant_id
    )
    query = (
        _threads()
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.merged_into.is_(None),
            or_(
                conversation.c.id == chat,
                conversation.c.contact_id == chat,
                conversation.c.id.in_(joined),
                conversation.c.contact_id.in_(named),
            ),
        )
        .order_by(conversation.c.id)
    )
    if session:
        query = query.where(
            or_(conversation.c.channel_id == session, channel.c.external_id == session)
        )
    rows = (await connection.execute(query)).all()
    phones = await _phones(connection, [row.contact_id for row in rows])
    return [_thread(row, phones.get(row.contact_id)) for row in rows]


def _threads() -> Select[Any]:
    return (
        select(
            conversation.c.id,
            conversation.c.channel_id,
            conversation.c.contact_id,
            conversation.c.address,
            channel.c.kind,
            channel.c.external_id,
            contact.c.name,
            contact.c.opted_out,
            contact.c.erased_at,
        )
        .join(contact, contact.c.id == conversation.c.contact_id)
        .join(channel, channel.c.id == conversation.c.channel_id)
    )


def _thread(row: Row[Any], phone: str | None) -> Thread:
    return Thread(
        id=row.id,
        channel_id=row.channel_id,
        channel_kind=row.kind,
        account=row.external_id,
        contact_id=row.contact_id,
        contact_name=row.name,
        contact_status=_status(opted_out=row.opted_out, erased=row.erased_at),
        address=Alias.model_validate(row.address),
        phone=phone,
    )


def _status(*, opted_out: bool, erased: object) -> str:
    if erased is not None:
        return "erased"
    return "opted_out" if opted_out else "active"


async def _phones(
    connection: AsyncConnection, contact_ids: Sequence[str]
) -> dict[str, str]:
    """Return the phone numbers that are known of people."""
    rows = await connection.execute(
        select(contact_alias.c.contact_id, contact_alias.c.value)
        .where(
            contact_alias.c.contact_id.in_(sorted(contact_ids)),
            contact_alias.c.kind == AliasKind.PHONE,
        )
        .order_by(contact_alias.c.value)
    )
    return {row.contact_id: row.value for row in rows}
