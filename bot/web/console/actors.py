"""Who did something, in words: `user:ID` is a name, `sink:ID` a system."""

from collections.abc import Collection, Iterable, Mapping

from bot.inbox.accounts import names_of_keys
from bot.inbox.users import names_of_users
from bot.privacy.people import names_of_contacts
from bot.web.console.frame import Visit
from orders.sinks import load_sinks

#: The evidence of a message names its contact alone.
_CONTACT = "con_"
#: Actors that are called by another one's word: sources of what is known, and who made
#: a version before it was kept who did.
_SAME: Mapping[str, str] = {
    "message": "contact",
    "cart": "contact",
    "agent": "user",
    "callback": "sink",
    "unknown": "bot",
}


async def actor_names(visit: Visit, actors: Iterable[str | None]) -> Mapping[str, str]:
    """Return how each of these actors is called in the console.

    A kind alone, such as `bot` or `contact`, is one, too.
    """
    wanted = {each for each in actors if each}
    ids: dict[str, set[str]] = {}
    for each in wanted:
        kind, found = _parts(each)
        ids.setdefault(kind, set()).add(found)
    named = {kind: await _named(visit, kind, some - {""}) for kind, some in ids.items()}
    return {each: _called(visit, each, named) for each in wanted}


def _parts(actor: str) -> tuple[str, str]:
    """Return the kind of an actor and its id; the id is empty for a kind alone."""
    if actor.startswith(_CONTACT):
        return "contact", actor
    kind, _, found = actor.partition(":")
    return kind, found


async def _named(visit: Visit, kind: str, ids: Collection[str]) -> Mapping[str, str]:
    """Return the names of the rows of one kind, in one look, by their ids."""
    connection, tenant_id = visit.connection, visit.tenant.id
    if not ids:
        return {}
    match kind:
        case "user":
            return await names_of_users(connection, tenant_id, ids)
        case "key":
            keys = await names_of_keys(connection, tenant_id, ids)
            say = visit.say
            return {i: say("frame.named_key", name=n) for i, n in keys.items()}
        case "contact":
            return await names_of_contacts(connection, tenant_id, ids)
        case "sink":
            sinks = await load_sinks(connection, [tenant_id])
            return {each.id: each.kind for each in sinks[tenant_id]}
        case _:
            return {}


def _called(visit: Visit, actor: str, named: Mapping[str, Mapping[str, str]]) -> str:
    kind, found = _parts(actor)
    key = f"frame.actor.{_SAME.get(kind, kind)}"
    word = visit.say(key) if visit.say.knows(key) else actor
    return named[kind].get(found) or word
