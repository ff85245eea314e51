"""What was understood of a message: of which words, seen where, and said when."""

from collections.abc import Mapping

from bot.web.api.analyses import AnalysisView, read_analysis
from bot.web.api.messages import read_message
from bot.web.api.problems import Problem
from bot.web.console.draft_lines import second_of
from bot.web.console.frame import Visit
from bot.web.console.saying import percent_of


async def values(visit: Visit, message_id: str) -> Mapping[str, object]:
    """Return what `analysis.html` shows. Raises Problem for a message without one."""
    message = await read_message(visit.call, message_id)
    read = await read_analysis(visit.call, message_id)
    return {
        "message": message,
        "read": read,
        "files": await _files(visit, read),
        "second_of": second_of,
        "percent_of": percent_of,
        "named": lambda name: _named(visit, name),
        "valued": lambda name, value: _valued(visit, name, value),
    }


async def _files(visit: Visit, read: AnalysisView) -> Mapping[str, str]:
    """Return where the pictures and voice notes lie that were read, by their messages.

    What is not kept any more has no place.
    """
    spots = [each.spot.message_id for each in read.mentions if each.spot]
    said = [each.said.message_id for each in read.mentions if each.said]
    found: dict[str, str] = {}
    for name in dict.fromkeys(spots + said):
        try:
            media = (await read_message(visit.call, name)).media
        except Problem:
            continue  # It is forgotten; what was read of it is not.
        if media is not None and media.url is not None:
            found[name] = media.url
    return found


def _named(visit: Visit, name: str) -> str:
    """Return what a fact is called: as in the draft, or as only readers know it."""
    field = "due_at" if name == "date" else name
    known = f"draft.field_{field}"
    return visit.say(known if visit.say.knows(known) else f"inbox.read.{name}")


def _valued(visit: Visit, name: str, value: str) -> str:
    """Return a fact in words: some have a few values, which are known by name."""
    words = {
        ("fulfilment", "delivery"): "draft.delivery",
        ("fulfilment", "pickup"): "draft.pickup",
        ("business", "yes"): "draft.company_buys",
        ("business", "no"): "draft.person_buys",
    }
    key = words.get((name, value))
    return visit.say(key) if key else value
