"""Facts of a draft that a caller takes back: null says that nobody said them."""

from bot.web.api import draft_changes as given
from orders import Evidence, Unset

_SETS = "set_"
#: Facts that are called otherwise in the draft than in their change.
_CALLED = {"customer": "customer_id", "due": "due_at"}
#: Without a value they end, or answer, something of their own.
_OTHERS = frozenset({"discount", "extra", "options", "quantity"})


def cleared(change: given.ChangeGiven, because: Evidence) -> Unset | None:
    """Return what takes a fact back; None for a change that says something."""
    if not change.type.startswith(_SETS):
        return None
    name = change.type.removeprefix(_SETS)
    said = change.model_dump(exclude={"type"}, exclude_none=True)
    if said or name in _OTHERS:
        return None
    return Unset(_CALLED.get(name, name), because)
