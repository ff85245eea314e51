"""The names of all events that leave the process."""

from typing import Final

ORDER_PLACED: Final = "order.placed"
ORDER_UPDATED: Final = "order.updated"
ORDER_CANCELLED: Final = "order.cancelled"
DRAFT_AWAITING: Final = "draft.awaiting_approval"
NEEDS_PERSON: Final = "conversation.needs_person"
PROVISIONING_OVERDUE: Final = "order.provisioning_overdue"
PING: Final = "ping"

#: Alarms begin and end, and are named by what they are about.
ALARMS: Final = frozenset(
    f"{about}.alarm.{word}"
    for about in ("channel", "conversation", "draft")
    for word in ("raised", "cleared")
)
#: All that a sink can be told; a `ping` is only ever asked for.
EVERYTHING: Final = ALARMS | {
    ORDER_PLACED,
    ORDER_UPDATED,
    ORDER_CANCELLED,
    PROVISIONING_OVERDUE,
    DRAFT_AWAITING,
    NEEDS_PERSON,
}
