"""The draft of a conversation, begun by a person: what the bot could not, they can."""

from pydantic import ConfigDict, Field

from bot.inbox.news import What
from bot.ordering import open_draft
from bot.web.api.call import Call
from bot.web.api.draft_changes import ChangeGiven
from bot.web.api.draft_views import DraftView, draft_view
from bot.web.api.drafts import changed_by
from bot.web.api.message_orders import endpoints as endpoints  # noqa: PLC0414  # more
from bot.web.api.models import Given, Id
from bot.web.api.problems import FORBIDDEN, REFUSED, not_found
from bot.web.api.roles import ORDERING


class OpeningGiven(Given):
    """What is put into the draft; they happen together or not at all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"changes": [{"type": "put_line", "sku": "LATTE", "quantity": "2"}]}
            ]
        }
    )

    changes: list[ChangeGiven] = Field(min_length=1, max_length=100)


@endpoints.post(
    "/v1/conversations/{conversation_id}/draft",
    roles=ORDERING,
    status=201,
    raises=(REFUSED, FORBIDDEN),
)
async def open_conversation_draft(
    call: Call, conversation_id: Id, body: OpeningGiven
) -> DraftView:
    """Put something into the draft of a conversation; without one it gets one.

    What the draft has stays. Nothing is said and nothing ordered: whoever looks at the
    draft goes on from there.
    """
    try:
        desk = await open_draft(
            call.connection,
            call.runtime,
            call.tenant_id,
            conversation_id,
            actor=call.actor,
            now=call.now,
        )
    except LookupError:
        raise not_found("conversation", conversation_id) from None
    after = await changed_by(call, desk, body.changes)
    call.tell(conversation_id, What.DRAFT)
    call.note(after.draft.id, version=after.draft.version)
    return draft_view(after)
