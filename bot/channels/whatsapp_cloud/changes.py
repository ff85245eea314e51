"""Meta's news that somebody has another user id: with a number of ours, or without.

Source: Meta's guide to business-scoped user ids, the `user_id_update` webhook and the
system message `user_changed_user_id`.
"""

import re
from collections.abc import Mapping, Sequence

from pydantic import Field, ValidationError

from bot.channels.whatsapp_cloud import wire
from bot.channels.whatsapp_cloud.senders import alias
from bot.channels.wire_types import AccountId, AliasValue, Lenient, Moment, Wire
from bot.domain.message import AT_RECEIPT, Alias, AliasKind, PersonChanged

USER_ID_UPDATE = "user_id_update"

#: How the platform says in words what its fields may leave out.
_FROM_TO = re.compile(r"changed from (\S{5,160}) to (\S{5,160})\s*$")


class _Ids(Wire):
    previous: AliasValue = Field(min_length=1)
    current: AliasValue = Field(min_length=1)


class _Update(Wire):
    user_id: Lenient[_Ids] = None
    parent_user_id: Lenient[_Ids] = None
    timestamp: Lenient[Moment] = None


class _Value(Wire):
    metadata: Lenient[wire.Metadata] = None
    user_id_update: tuple[_Update, ...]


def changes_of(value: Mapping[str, object]) -> Sequence[PersonChanged]:
    """Return whose ids changed; nothing when it cannot be read. Never raises.

    A number that stands beside the ids is left alone: nothing says whether it is the
    one before or the one after.
    """
    try:
        told = _Value.model_validate(value)
    except ValidationError:
        return ()
    account: AccountId | None = told.metadata.phone_number_id if told.metadata else None
    found = []
    for each in told.user_id_update:
        ids = [pair for pair in (each.user_id, each.parent_user_id) if pair]
        previous = tuple(alias(pair.previous) for pair in ids)
        current = tuple(alias(pair.current) for pair in ids)
        if not ids or any(one.kind is AliasKind.WA_ID for one in (*previous, *current)):
            return ()
        at = each.timestamp or AT_RECEIPT
        found.append(
            PersonChanged(account=account, previous=previous, current=current, at=at)
        )
    return found


def said_before(system: wire.System, new: Sequence[Alias]) -> tuple[Alias, ...]:
    """Return the id of before that only the words tell.

    They are believed where the id of now, in the same words, is that of the fields.
    """
    match = _FROM_TO.search(system.body or "")
    if match is None or alias(match[2]) not in new:
        return ()
    before = alias(match[1])
    numbers = before.kind is not AliasKind.WA_ID or before.value.isdecimal()
    return (before,) if numbers else ()
