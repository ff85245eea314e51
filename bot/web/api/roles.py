"""Who may do what: the one place that says it. Endpoints name these sets."""

from bot.inbox.accounts import Role

Roles = frozenset[Role]

_AGENTS: Roles = frozenset({Role.AGENT, Role.MANAGER, Role.ADMIN})
_MANAGERS: Roles = frozenset({Role.MANAGER, Role.ADMIN})
_ADMINS: Roles = frozenset({Role.ADMIN})
_SYSTEMS: Roles = frozenset({Role.INTEGRATION})

#: Any valid key.
EVERYBODY: Roles = _AGENTS | _SYSTEMS

#: Read chats, take them over, hand them back, write as the shop.
CHATS: Roles = _AGENTS
#: Read, edit, confirm and reject drafts; read and cancel orders; work on customers.
ORDERING: Roles = EVERYBODY
#: Say for the system that works on an order how it goes on.
ORDERS_MOVE: Roles = _ADMINS | _SYSTEMS
PRODUCTS_READ: Roles = EVERYBODY
PRODUCTS_WRITE: Roles = _MANAGERS | _SYSTEMS
SHOP_READ: Roles = EVERYBODY
SHOP_WRITE: Roles = _MANAGERS
#: Where orders go, what was delivered, and what events there were.
SINKS_READ: Roles = _MANAGERS | _SYSTEMS
SINKS_WRITE: Roles = _ADMINS
EVENTS_READ: Roles = _MANAGERS | _SYSTEMS
#: Let what is parked go again, and send what was sent once more.
EVENTS_WRITE: Roles = _MANAGERS | _SYSTEMS
CHANNELS_READ: Roles = _MANAGERS
CHANNELS_WRITE: Roles = _ADMINS
USERS_READ: Roles = _MANAGERS
USERS_WRITE: Roles = _ADMINS
#: See where one is signed in, and sign out there; admins: where anybody is.
SESSIONS: Roles = _AGENTS
KEYS: Roles = _ADMINS
USAGE: Roles = _MANAGERS
#: The shop itself: its name, its zone ...
SETTINGS: Roles = _ADMINS
#: Export and erase what is known about a person; read who did what.
PRIVACY: Roles = _ADMINS

#: What each role may hand on: never more than it has.
_GRANTS = {
    Role.ADMIN: frozenset(Role),
    Role.MANAGER: frozenset({Role.MANAGER, Role.AGENT}),
}


def may_grant(own: Role, wanted: Role) -> bool:
    """Return whether somebody with a role may give another one that role."""
    return wanted in _GRANTS.get(own, frozenset())


def called(actor: str, role: Role) -> str:
    """Return what a refusal calls whoever calls: `a key with the role agent`."""
    who = "a key" if actor.startswith("key:") else "a person"
    return f"{who} with the role {role}"
