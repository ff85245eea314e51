"""The bot's own question for something that an order lacks, asked by a person."""

from pydantic import ConfigDict, Field

from bot.domain.fitting import TEXT, split
from bot.domain.lacks import asking
from bot.domain.message import OutText
from bot.domain.voice import voice_of
from bot.inbox.chats import Chat, lock_chat, remember_question
from bot.inbox.overview import find_chat
from bot.ordering import Desk, look
from bot.texts import wording_for
from bot.web.api.call import Call
from bot.web.api.messages import SentView, say_as_shop
from bot.web.api.messages import endpoints as endpoints  # noqa: PLC0414  # more of it
from bot.web.api.models import Given, Id
from bot.web.api.problems import CONFLICT, WINDOW_CLOSED, Problem, not_found
from bot.web.api.roles import CHATS
from orders import Missing


class QuestionGiven(Given):
    """What to ask for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"field": "address"}]})

    field: str = Field(
        min_length=1,
        max_length=40,
        description="One of the `missing` fields of the open draft.",
        examples=["address"],
    )
    about: Id | None = Field(
        None, description="Of which line or open words; without: the first one."
    )


@endpoints.post(
    "/v1/conversations/{conversation_id}/ask",
    roles=CHATS,
    status=201,
    raises=(CONFLICT, WINDOW_CLOSED),
)
async def ask_customer(
    call: Call, conversation_id: Id, body: QuestionGiven
) -> SentView:
    """Ask the customer for something that their order lacks.

    In the bot's own words and the customer's language. The bot understands the answer
    where the conversation is the bot's: it need not be taken over.
    """
    chat = await lock_chat(call.connection, call.tenant_id, conversation_id)
    entry = await find_chat(call.connection, call.tenant_id, conversation_id)
    if chat is None or entry is None:
        raise not_found("conversation", conversation_id)
    if entry.draft is None:
        raise Problem(
            CONFLICT, "the conversation has no open draft: nothing is missing"
        )
    desk = await look(call.connection, call.tenant_id, entry.draft.id)
    lacking = _lacking(desk, body)
    wording = wording_for(
        chat.language, chat.tenant.language, country=chat.tenant.country
    )
    voice = voice_of(wording, chat.tenant.name, chat.tenant.currency, chat.shop.style)
    words, asked = asking(lacking, desk.draft, desk.shop, desk.products, voice)
    sent = await _said(call, chat, words)
    await remember_question(call.connection, chat, asked)
    call.note(conversation_id, field=body.field)
    return sent


async def _said(call: Call, chat: Chat, words: str) -> SentView:
    # A question fits into one message, but for the longest lists of choices.
    first = next(split(words, TEXT))
    return await say_as_shop(call, chat, OutText(body=first))


def _lacking(desk: Desk, body: QuestionGiven) -> Missing:
    missing = desk.missing()
    for each in missing:
        if each.field == body.field and body.about in {None, each.about}:
            return each
    there = ", ".join(dict.fromkeys(each.field.value for each in missing)) or "nothing"
    raise Problem(
        CONFLICT, f"the draft does not lack {body.field!r}; it lacks: {there}"
    )
