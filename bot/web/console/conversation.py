"""A conversation: the queue, the chat, and the draft beside it."""

from collections.abc import Mapping

from bot.web.api.assignments import list_of_colleagues
from bot.web.api.conversations import read_conversation
from bot.web.console import analysed, chat, draft_panel, queue
from bot.web.console.frame import Visit
from bot.web.console.inbox import room


@room.page("/conversations/{conversation_id}", "conversation.html")
async def show_conversation(visit: Visit) -> Mapping[str, object]:
    """Show a conversation with all that an agent needs to confirm its draft.

    Of a part only what it shows is looked up.
    """
    parts = visit.parts
    wanted = ("queue", "chat", "draft") if parts is None else parts
    conversation_id = visit.place("conversation_id")
    conversation = await read_conversation(visit.call, conversation_id)
    shown: dict[str, object] = {"conversation": conversation}
    if "queue" in wanted:
        shown |= await queue.values(visit, conversation_id)
    if "draft" in wanted:
        shown |= await draft_panel.values(visit, conversation)
    if "chat" in wanted:
        shown |= await chat.values(visit, conversation, shown.get("draft"))
    return shown


@room.page("/conversations/{conversation_id}/assign", "assign.html")
async def show_assign(visit: Visit) -> Mapping[str, object]:
    """Show whose work a conversation may become."""
    conversation = await read_conversation(visit.call, visit.place("conversation_id"))
    colleagues = await list_of_colleagues(visit.call)
    return {"conversation": conversation, "colleagues": colleagues.data}


@room.page("/conversations/{conversation_id}/earlier", "earlier.html")
async def show_earlier(visit: Visit) -> Mapping[str, object]:
    """Show what was said before a message of a conversation."""
    conversation = await read_conversation(visit.call, visit.place("conversation_id"))
    return {"conversation": conversation, **await chat.earlier(visit, conversation)}


@room.page("/messages/{message_id}/analysis", "analysis.html")
async def show_analysis(visit: Visit) -> Mapping[str, object]:
    """Show what was understood of a message."""
    return await analysed.values(visit, visit.place("message_id"))
