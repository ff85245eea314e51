"""What agents have at hand: labels, and answers that are ready."""

from collections.abc import Mapping

from bot.inbox.labels import Colour
from bot.web.api.canned_replies import list_of_canned_replies
from bot.web.api.labels import list_of_labels
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("labels")
async def show_labels(visit: Visit) -> Mapping[str, object]:
    """Show the labels and the canned replies."""
    labels = await list_of_labels(visit.call)
    replies = await list_of_canned_replies(visit.call)
    return {
        "labels": labels.data,
        "colours": [each.value for each in Colour],
        "replies": replies.data,
    }
