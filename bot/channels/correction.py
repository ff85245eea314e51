"""What edits and deletes are known by, whatever the channel."""

from datetime import datetime

from bot.domain.message import CORRECTIONS, REVOKE, Content, System

#: Of the columns that hold provider ids.
_LONGEST = 200


def known_as(content: Content, provider_id: str, sent_at: datetime) -> tuple[str, str]:
    """Return the event of an inbound message, and the id that is unique in it.

    A message is deleted once, so a delete is known by what it deletes: it is found
    when its message comes late. Of several edits each one counts, also where the
    provider gives them all the id of the message that is edited.
    """
    if not isinstance(content, System) or content.event not in CORRECTIONS:
        return "message", provider_id
    target = content.target or provider_id
    if content.event == REVOKE:
        return REVOKE, target
    if provider_id != target:
        return content.event, provider_id
    moment = f"#{int(sent_at.timestamp())}"
    return content.event, provider_id[: _LONGEST - len(moment)] + moment
