"""Labels: a shop's own words for its conversations."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from bot.inbox.labels import (
    Colour,
    LabelGone,
    LabelRefused,
    add_label,
    change_label,
    list_labels,
    remove_label,
    set_labels,
)
from bot.inbox.overview import has_chat
from bot.web.api.call import Call
from bot.web.api.conversation_views import (
    ConversationView,
    LabelView,
    label_view,
    shown_conversation,
)
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Page
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import CHATS, SHOP_WRITE

endpoints = Endpoints("labels", "What a shop calls its conversations.")

_Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
    Field(pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$", examples=["Wholesale"]),
]
#: So many one conversation has.
_MOST = 20


class LabelGiven(Given):
    """A label."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Wholesale", "colour": "blue"}]}
    )

    name: _Name = Field(description="One label of the shop has it, in any case.")
    colour: Colour = Field(Colour.GREY, strict=False)


class LabelChangeGiven(Given):
    """What to change. What is not sent stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"colour": "red"}]})

    name: _Name | None = None
    colour: Colour | None = Field(None, strict=False)


class LabelsGiven(Given):
    """All labels of a conversation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"label_ids": ["label_1"]}, {"label_ids": []}]}
    )

    label_ids: tuple[Id, ...] = Field(
        max_length=_MOST, strict=False, description="These, and no others."
    )


class CountedLabelView(LabelView):
    """A label, and how often it is used."""

    conversations: int


@endpoints.get("/v1/labels", roles=CHATS)
async def list_of_labels(call: Call) -> Page[CountedLabelView]:
    """List the shop's labels, by name."""
    found = await list_labels(call.connection, call.tenant_id)
    data = [
        CountedLabelView(**dict(label_view(label)), conversations=worn)
        for label, worn in found
    ]
    return Page(data=data, total=len(data))


@endpoints.post("/v1/labels", roles=SHOP_WRITE, status=201, raises=(CONFLICT,))
async def create_label(call: Call, body: LabelGiven) -> LabelView:
    """Add a label."""
    try:
        added = await add_label(
            call.connection,
            call.tenant_id,
            call.new_id("label"),
            name=body.name,
            colour=body.colour,
            now=call.now,
        )
    except LabelRefused as error:
        raise Problem(CONFLICT, str(error)) from None
    return label_view(added)


@endpoints.patch("/v1/labels/{label_id}", roles=SHOP_WRITE, raises=(CONFLICT,))
async def update_label(call: Call, label_id: Id, body: LabelChangeGiven) -> LabelView:
    """Change a label's name or colour."""
    try:
        changed = await change_label(
            call.connection,
            call.tenant_id,
            label_id,
            name=body.name,
            colour=body.colour,
        )
    except LabelGone:
        raise not_found("label", label_id) from None
    except LabelRefused as error:
        raise Problem(CONFLICT, str(error)) from None
    return label_view(changed)


@endpoints.delete("/v1/labels/{label_id}", roles=SHOP_WRITE)
async def delete_label(call: Call, label_id: Id) -> None:
    """Remove a label, also from the conversations that have it."""
    try:
        await remove_label(call.connection, call.tenant_id, label_id)
    except LabelGone:
        raise not_found("label", label_id) from None


@endpoints.put("/v1/conversations/{conversation_id}/labels", roles=CHATS)
async def replace_labels(
    call: Call, conversation_id: Id, body: LabelsGiven
) -> ConversationView:
    """Let a conversation have these labels, and no others."""
    if not await has_chat(call.connection, call.tenant_id, conversation_id):
        raise not_found("conversation", conversation_id)
    try:
        await set_labels(
            call.connection,
            call.tenant_id,
            conversation_id,
            body.label_ids,
            now=call.now,
        )
    except LabelGone as gone:
        raise invalid("label_ids", f"the shop has no label {gone}") from None
    call.note(conversation_id, labels=len(body.label_ids))
    return await shown_conversation(call, conversation_id)
