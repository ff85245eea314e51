"""Prepared answers: called up by a word, filled, and sent by an agent."""

from pydantic import ConfigDict, Field

from bot.inbox.canned_replies import (
    CannedReply,
    ReplyGone,
    ReplyRefused,
    add_reply,
    change_reply,
    list_replies,
    load_reply,
    remove_reply,
)
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Shown
from bot.web.api.problems import CONFLICT, Problem, not_found
from bot.web.api.roles import CHATS, SHOP_WRITE

endpoints = Endpoints(
    "canned-replies",
    "Answers that a shop has ready. `{name}` stands for the customer's name and"
    " `{shop}` for the shop's; sending one with `canned_reply_id` fills them in.",
)

_SHORTCUT = r"^[^\s/\x00-\x1f]+$"
_TITLE = r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$"


class CannedReplyGiven(Given):
    """A prepared answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "shortcut": "hours",
                    "title": "Opening hours",
                    "text": "Hello {name}, {shop} is open from 9 to 18.",
                }
            ]
        }
    )

    shortcut: str = Field(
        min_length=1,
        max_length=40,
        pattern=_SHORTCUT,
        description="By which agents call it up, after a slash; one answer has it.",
    )
    title: str = Field(min_length=1, max_length=100, pattern=_TITLE)
    text: str = Field(min_length=1, max_length=4000, pattern=r"\S")


class CannedReplyChangeGiven(Given):
    """What to change. What is not sent stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "We are open from 8 to 20."}]}
    )

    shortcut: str | None = Field(None, min_length=1, max_length=40, pattern=_SHORTCUT)
    title: str | None = Field(None, min_length=1, max_length=100, pattern=_TITLE)
    text: str | None = Field(None, min_length=1, max_length=4000, pattern=r"\S")


class CannedReplyView(Shown):
    """A prepared answer."""

    id: str
    shortcut: str = Field(examples=["hours"])
    title: str = Field(examples=["Opening hours"])
    text: str = Field(examples=["Hello {name}, {shop} is open from 9 to 18."])
    created_at: Moment
    updated_at: Moment


@endpoints.get("/v1/canned-replies", roles=CHATS)
async def list_of_canned_replies(call: Call) -> Page[CannedReplyView]:
    """List the prepared answers, by shortcut."""
    found = await list_replies(call.connection, call.tenant_id)
    return Page(data=[_view(each) for each in found], total=len(found))


@endpoints.get("/v1/canned-replies/{canned_reply_id}", roles=CHATS)
async def read_canned_reply(call: Call, canned_reply_id: Id) -> CannedReplyView:
    """Read a prepared answer."""
    try:
        return _view(await load_reply(call.connection, call.tenant_id, canned_reply_id))
    except ReplyGone:
        raise not_found("canned reply", canned_reply_id) from None


@endpoints.post("/v1/canned-replies", roles=SHOP_WRITE, status=201, raises=(CONFLICT,))
async def create_canned_reply(call: Call, body: CannedReplyGiven) -> CannedReplyView:
    """Prepare an answer."""
    added = CannedReply(
        call.new_id("reply"), body.shortcut, body.title, body.text, call.now, call.now
    )
    try:
        await add_reply(call.connection, call.tenant_id, added)
    except ReplyRefused as error:
        raise Problem(CONFLICT, str(error)) from None
    return _view(added)


@endpoints.patch(
    "/v1/canned-replies/{canned_reply_id}", roles=SHOP_WRITE, raises=(CONFLICT,)
)
async def update_canned_reply(
    call: Call, canned_reply_id: Id, body: CannedReplyChangeGiven
) -> CannedReplyView:
    """Change a prepared answer."""
    try:
        changed = await change_reply(
            call.connection,
            call.tenant_id,
            canned_reply_id,
            changes=body.model_dump(exclude_none=True),
            now=call.now,
        )
    except ReplyGone:
        raise not_found("canned reply", canned_reply_id) from None
    except ReplyRefused as error:
        raise Problem(CONFLICT, str(error)) from None
    return _view(changed)


@endpoints.delete("/v1/canned-replies/{canned_reply_id}", roles=SHOP_WRITE)
async def delete_canned_reply(call: Call, canned_reply_id: Id) -> None:
    """Remove a prepared answer."""
    try:
        await remove_reply(call.connection, call.tenant_id, canned_reply_id)
    except ReplyGone:
        raise not_found("canned reply", canned_reply_id) from None


def _view(reply: CannedReply) -> CannedReplyView:
    return CannedReplyView(
        id=reply.id,
        shortcut=reply.shortcut,
        title=reply.title,
        text=reply.text,
        created_at=reply.created_at,
        updated_at=reply.updated_at,
    )
