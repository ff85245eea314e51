"""Who did something, in words: `user:ID` is a name, `sink:ID` a system."""

from collections.abc import Iterable, Mapping

from bot.inbox.users import list_users
from bot.privacy.people import find_contact
from bot.web.console.frame import Visit
from orders.sinks import load_sinks

#: So many people of a shop have their names shown.
_PEOPLE = 500
#: The evidence of a message names its contact alone.
_CONTACTS = ("contact:", "con_")
#: Actors that are no row of a table.
_OWN = frozenset({"bot", "system", "timer", "command"})


async def actor_names(visit: Visit, actors: Iterable[str | None]) -> Mapping[str, str]:
    """Return how each of these actors is called in the console."""
    wanted = {each for each in actors if each}
    kinds = {each.partition(":")[0] for each in wanted}
    names = {
        **(await _users(visit) if "user" in kinds else {}),
        **(await _sinks(visit) if "sink" in kinds else {}),
    }
    for each in wanted:
        if each.startswith(_CONTACTS):
            names[each] = await _contact(visit, each)
    return {each: names.get(each) or _word(visit, each) for each in wanted}


async def _users(visit: Visit) -> dict[str, str]:
    people, _ = await list_users(visit.connection, visit.tenant.id, limit=_PEOPLE)
    return {f"user:{each.id}": each.name for each in people}


async def _sinks(visit: Visit) -> dict[str, str]:
    sinks = await load_sinks(visit.connection, [visit.tenant.id])
    return {f"sink:{each.id}": each.kind for each in sinks[visit.tenant.id]}


async def _contact(visit: Visit, actor: str) -> str:
    contact_id = actor.removeprefix("contact:")
    contact = await find_contact(visit.connection, visit.tenant.id, contact_id)
    return (contact and contact.name) or visit.say("orders.actor.contact")


def _word(visit: Visit, actor: str) -> str:
    kind, _, rest = actor.partition(":")
    key = f"orders.actor.{kind}"
    if kind in _OWN or (rest and visit.say.knows(key)):
        return visit.say(key)
    return actor
