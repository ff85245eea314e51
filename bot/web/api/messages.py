"""Messages of a conversation: read them, their files, and write as the shop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from bot.domain.message import (
    EDIT,
    REVOKE,
    OutboundMessage,
    OutContent,
    OutText,
)
from bot.domain.origin import Origin
from bot.domain.snapshot import Owner
from bot.inbox.canned_replies import ReplyGone, load_reply
from bot.inbox.chats import Chat, lock_chat, say
from bot.inbox.overview import (
    StoredMessage,
    find_messages,
    has_chat,
    newest_messages,
)
from bot.inbox.quoted import quoted_by
from bot.inbox.statuses import MessageState, states_of
from bot.inbox.turns import commerce_after
from bot.web.api.call import Call, Download
from bot.web.api.draft_lacks import CommerceView, commerce_told
from bot.web.api.endpoint import Endpoints
from bot.web.api.files import file_of
from bot.web.api.message_forms import MessageGiven
from bot.web.api.models import CursorPage, CursorPaging, Id, Moment, Shown
from bot.web.api.problems import (
    CONFLICT,
    WINDOW_CLOSED,
    Problem,
    invalid,
    not_found,
)
from bot.web.api.roles import CHATS

endpoints = Endpoints(
    "messages", "What was said, by whom, how far it got, and why the bot was silent."
)

#: A cursor is the number of a message.
_CURSOR = 18


class MediaView(Shown):
    """The file of a message."""

    outcome: str = Field(
        description="`stored`: it can be read; otherwise why it cannot.",
        examples=["stored"],
    )
    media_type: str | None = Field(examples=["image/jpeg"])
    size: int | None = Field(description="Bytes.")
    url: str | None = Field(description="Where to read it, with the same key.")
    error: str | None = Field(
        None, description="Why it cannot be read, or was not understood."
    )
    transcript: str | None = Field(None, description="What a voice note says.")


class ReferralView(Shown):
    """The ad or post that brought the customer, in the words of who made it.

    They are text to look at: nothing that they say was said by the customer.
    """

    source_id: str | None
    source_type: str | None = Field(examples=["ad"])
    source_url: str | None
    headline: str | None
    body: str | None
    media_type: str | None
    click_id: str | None = Field(description="What the platform counts the click as.")


class MessageView(Shown):
    """One message."""

    id: str
    conversation_id: str
    seq: int = Field(description="Its place in the conversation.")
    direction: Literal["in", "out"]
    kind: str = Field(examples=["text"])
    text: str | None = Field(description="Its words, when it has some.")
    content: dict[str, JsonValue] = Field(description="All of it, as its kind has it.")
    state: str = Field(
        description="Of the customer's: pending, done, dead. Of ours: queued, sent,"
        " delivered, read, failed, cancelled."
    )
    error: str | None = Field(description="Why ours failed.")
    actor: str | None = Field(description="Who wrote it for the shop; null: the bot.")
    why_silent: str | None = Field(description="Why the bot did not answer it.")
    analysis_id: str | None = Field(description="The turn that it belongs to.")
    commerce: CommerceView | None = Field(
        description="How far the order was after its turn; null: it has not had one."
    )
    media: MediaView | None
    sent_at: Moment
    received_at: Moment
    event: str = Field(
        description="`message`; `edit` and `revoke` are about an earlier message:"
        " `content.target` is the provider's id of it.",
        examples=["message"],
    )
    edited_text: str | None = Field(
        description="Its words now, when who wrote it edited it."
    )
    edited_at: Moment | None
    forwarded: int = Field(
        0, description="0: written here; 1: forwarded; 2: forwarded many times."
    )
    referral: ReferralView | None = Field(
        None, description="What brought the customer here, with their first message."
    )
    deleted_at: Moment | None = Field(
        description="When who wrote it deleted it: no reader sees its words again."
    )
    about_id: str | None = Field(
        None,
        description="The message that it answers, reacts to, edits or deletes, where"
        " that is one of this conversation.",
    )


class SentView(Shown):
    """What was said: one message, or several where a channel takes less at once."""

    data: list[MessageView]


@endpoints.get("/v1/conversations/{conversation_id}/messages", roles=CHATS)
async def list_of_messages(
    call: Call, conversation_id: Id, query: CursorPaging
) -> CursorPage[MessageView]:
    """List the messages of a conversation, newest first."""
    found = await newest_messages(
        call.connection,
        call.tenant_id,
        conversation_id,
        before=_number(query.cursor),
        limit=query.limit + 1,
    )
    if not found and not await has_chat(
        call.connection, call.tenant_id, conversation_id
    ):
        raise not_found("conversation", conversation_id)
    page, rest = found[: query.limit], found[query.limit :]
    return CursorPage(
        data=await _views(call, page),
        next_cursor=str(page[-1].seq) if rest else None,
    )


@endpoints.get("/v1/messages/{message_id}", roles=CHATS)
async def read_message(call: Call, message_id: Id) -> MessageView:
    """Read a message."""
    (view,) = await _views(call, [await _message(call, message_id)])
    return view


@endpoints.get(
    "/v1/messages/{message_id}/media",
    roles=CHATS,
    downloads=("image/*", "audio/*", "video/*", "application/*"),
)
async def read_media(call: Call, message_id: Id) -> Download:
    """Read the file of a message: a picture, a voice note, a document.

    Its type is told from its first bytes, not from what the sender claims. A part is
    given to who asks for a `Range`. Where there is no file, `detail` says why.
    """
    stored = await _message(call, message_id)
    return await file_of(call, stored)


@endpoints.post(
    "/v1/conversations/{conversation_id}/messages",
    roles=CHATS,
    status=201,
    raises=(CONFLICT, WINDOW_CLOSED),
)
async def send_message(call: Call, conversation_id: Id, body: MessageGiven) -> SentView:
    """Write to the customer as the shop.

    Take the conversation over first: the bot and a person never speak at once. The
    message is stored and sent in a moment; read it again to see how far it got. Later
    than WhatsApp's 24 hours after the customer's last word only a template is taken.
    """
    chat = await lock_chat(call.connection, call.tenant_id, conversation_id)
    if chat is None:
        raise not_found("conversation", conversation_id)
    channel = call.runtime.channels[chat.channel_kind]
    if body.template is not None and channel.window is None:
        raise invalid("template", f"{channel.kind} has no templates: write a text")
    if chat.owner is not Owner.AGENT:
        raise Problem(
            CONFLICT,
            f"the bot answers in conversation {chat.id!r}: take it over first",
        )
    content = await _prepared(call, chat, body.canned_reply_id)
    return await say_as_shop(call, chat, content or body.content())


async def _prepared(call: Call, chat: Chat, reply_id: str | None) -> OutText | None:
    """Return a prepared answer for a customer; None: none is wanted."""
    if reply_id is None:
        return None
    try:
        reply = await load_reply(call.connection, call.tenant_id, reply_id)
    except ReplyGone:
        raise invalid("canned_reply_id", "the shop has no such answer") from None
    return OutText(body=reply.filled(name=chat.contact.name, shop=chat.tenant.name))


async def say_as_shop(call: Call, chat: Chat, content: OutContent) -> SentView:
    """Say something in a locked chat, as the caller; return what was stored.

    Raises the problem of a customer who said STOP, and of a window that is closed.
    """
    _check_may_write(call, chat, at_any_time=content.type == "template")
    channel = call.runtime.channels[chat.channel_kind]
    whole = OutboundMessage(to=chat.contact.address, content=content)
    said = await say(
        call.connection,
        chat,
        channel.parts(whole),
        key=call.new_id("say"),
        agent=call.actor,
        new_id=call.new_id,
        now=call.now,
    )
    found = await newest_messages(
        call.connection,
        call.tenant_id,
        chat.id,
        before=None,
        limit=said.seq - chat.seq,
    )
    call.note(messages=len(found))
    call.after_commit(call.runtime.outbox_bell.ring)
    return SentView(data=await _views(call, found[::-1]))


def _check_may_write(call: Call, chat: Chat, *, at_any_time: bool) -> None:
    if chat.contact.opted_out:
        raise Problem(CONFLICT, "the customer said STOP: nothing may be sent to them")
    window = None if at_any_time else call.runtime.channels[chat.channel_kind].window
    wrote = chat.last_inbound_at
    if window is not None and (wrote is None or call.now >= wrote + window):
        hours = int(window.total_seconds() // 3600)
        raise Problem(
            WINDOW_CLOSED,
            f"the customer wrote more than {hours} hours ago: wait until they write, or"
            " send a template",
        )


async def _message(call: Call, message_id: str) -> StoredMessage:
    found = await find_messages(call.connection, call.tenant_id, [message_id])
    if not found:
        raise not_found("message", message_id)
    return found[0]


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > _CURSOR:
        raise invalid("cursor", "send the `next_cursor` of the part before")
    return int(cursor)


async def _views(call: Call, found: Sequence[StoredMessage]) -> list[MessageView]:
    states = await states_of(
        call.connection, call.tenant_id, [each.id for each in found]
    )
    turns = {each.analysis_id for each in found if each.analysis_id is not None}
    commerce = await commerce_after(call.connection, call.tenant_id, turns)
    quoted = await quoted_by(call.connection, call.tenant_id, found)
    return [
        view_of(
            each,
            states.get(each.id),
            commerce.get(each.analysis_id or ""),
            about_id=quoted.get(each.id),
        )
        for each in found
    ]


def _referral(origin: Origin) -> ReferralView | None:
    told = origin.referral
    return ReferralView.model_validate(told.model_dump()) if told else None


def view_of(
    stored: StoredMessage,
    state: MessageState | None,
    commerce: Mapping[str, JsonValue] | None = None,
    *,
    about_id: str | None = None,
) -> MessageView:
    """Return a message as the API shows it; `state`: how far ours got."""
    origin = Origin.model_validate(stored.origin or {})
    return MessageView(
        id=stored.id,
        conversation_id=stored.conversation_id,
        seq=stored.seq,
        direction="in" if stored.direction == "in" else "out",
        kind=stored.kind,
        text=_words(stored.content),
        content=_plain(stored.content),
        state=state.state if state else stored.state,
        error=state.error if state else None,
        actor=stored.actor,
        why_silent=stored.why_silent,
        analysis_id=stored.analysis_id,
        commerce=commerce_told(commerce) if commerce else None,
        media=_media(stored),
        sent_at=stored.sent_at,
        received_at=stored.received_at,
        event=stored.event,
        edited_text=(stored.correction or {}).get("text"),
        edited_at=_corrected_at(stored, EDIT),
        deleted_at=_corrected_at(stored, REVOKE),
        forwarded=origin.forwarded,
        referral=_referral(origin),
        about_id=about_id,
    )


def _corrected_at(stored: StoredMessage, event: str) -> datetime | None:
    """Return when who wrote a message edited or deleted it, if they did."""
    noted = stored.correction
    if noted is None or noted["event"] != event:
        return None
    return datetime.fromisoformat(noted["at"])


def _words(content: Mapping[str, JsonValue]) -> str | None:
    for name in ("text", "body", "caption", "title"):
        words = content.get(name)
        if isinstance(words, str):
            return words
    return None


def _plain(content: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return a content without the ids of buttons: those are the customer's to send."""
    shown = dict(content)
    for name in ("buttons", "rows"):
        choices = shown.get(name)
        if isinstance(choices, list):
            shown[name] = [
                {key: part for key, part in each.items() if key != "id"}
                for each in choices
                if isinstance(each, dict)
            ]
    return shown


def _media(stored: StoredMessage) -> MediaView | None:
    file = stored.media
    if file is None:
        return None
    there = file.outcome == "stored"
    return MediaView(
        outcome=file.outcome,
        media_type=file.mime,
        size=file.size,
        url=f"/v1/messages/{stored.id}/media" if there else None,
        error=file.error,
        transcript=file.transcript,
    )
