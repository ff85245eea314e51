"""News about people's ids, on the channels that they concern.

A system message names one of our numbers. A `user_id_update` may name none: it holds
for every number of the Meta app that signed it, for ids are the same on all of them
(Meta's guide to business-scoped user ids: one id per business portfolio).
"""

from bot.db.intake import NewChange
from bot.domain.identity import Known
from bot.domain.message import (
    IDENTITY_CHANGED,
    Alias,
    InboundMessage,
    PersonChanged,
    System,
)
from bot.inbox.directory import ChannelEntry, Directory


def known_as(item: InboundMessage) -> tuple[Known, ...]:
    """Return what who wrote goes by: where that changed, from now on."""
    content = item.content
    now = content.now_known_as if isinstance(content, System) else ()
    return _pairs(now or item.sender.aliases)


def may_be_another(item: InboundMessage) -> bool:
    """Return whether the platform says that somebody else may hold the phone."""
    content = item.content
    return isinstance(content, System) and content.event in IDENTITY_CHANGED


def change_in(
    item: InboundMessage, entry: ChannelEntry, contact_id: str
) -> NewChange | None:
    """Return what a system message changes; None: it is none that changes ids."""
    content = item.content
    if not isinstance(content, System) or not content.now_known_as:
        return None
    return NewChange(
        tenant_id=entry.account.tenant_id,
        channel_id=entry.account.channel_id,
        previous=_pairs(item.sender.aliases),
        current=_pairs(content.now_known_as),
        at=item.sent_at,
        contact_id=contact_id,
    )


def changes_by(
    item: PersonChanged, app_id: str, directory: Directory
) -> tuple[NewChange, ...]:
    """Return what a change means on each channel of the app that signed it."""
    return tuple(
        NewChange(
            tenant_id=entry.account.tenant_id,
            channel_id=entry.account.channel_id,
            previous=_pairs(item.previous),
            current=_pairs(item.current),
            at=item.at,
            contact_id=None,
        )
        for entry in directory.channels
        if entry.app_id == app_id
    )


def _pairs(aliases: tuple[Alias, ...]) -> tuple[Known, ...]:
    return tuple((alias.kind.value, alias.value) for alias in aliases)
