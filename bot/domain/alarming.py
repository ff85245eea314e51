"""When something is wrong for long enough to tell people, and when it is over.

An alarm begins and ends once: what raises it lies well above what clears it, so that a
number that goes up and down around a limit does not ring all day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class AlarmKind(StrEnum):
    SIGNATURES = "signatures"  #: Webhooks come, and prove themselves wrongly.
    TOKEN = "token"  # noqa: S105  # the kind's name
    PAUSED = "paused"  #: The provider takes nothing: replies wait.
    LINK = "link"  #: A gateway lost its connection to WhatsApp.
    UNANSWERED = "unanswered"  #: A customer was told that nobody is there.
    APPROVAL = "approval"  #: A confirmed draft waits for an agent's yes.


#: The event's `type` begins with what the alarm is about.
ABOUT = {
    AlarmKind.SIGNATURES: "channel",
    AlarmKind.TOKEN: "channel",
    AlarmKind.PAUSED: "channel",
    AlarmKind.LINK: "channel",
    AlarmKind.UNANSWERED: "conversation",
    AlarmKind.APPROVAL: "draft",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong now. `words` name no person: they leave the house."""

    tenant_id: str
    kind: AlarmKind
    subject: str
    words: str

    @property
    def name(self) -> tuple[str, str, str]:
        """Return what tells one alarm from another."""
        return self.tenant_id, self.kind.value, self.subject


def event_type(kind: AlarmKind, *, raised: bool) -> str:
    """Return the `type` under which other systems hear of it."""
    return f"{ABOUT[kind]}.alarm.{'raised' if raised else 'cleared'}"


# -- webhooks -------------------------------------------------------------------------

#: What is looked at: the webhooks of the last quarter of an hour, and of a day.
RECENT, DAY = timedelta(minutes=15), timedelta(days=1)
#: One wrong call may be anybody's; so many within RECENT are somebody's trouble.
_SOME = 3
#: What ended a moment ago is not told of again before this, however it goes.
REST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Tallied:
    """Webhooks of one app or channel: those of RECENT, and the refused of a DAY."""

    taken: int
    refused: int
    refused_of_day: int

    @property
    def rate(self) -> float:
        """Return which part of the recent ones was refused, 0 without any."""
        return self.refused / max(1, self.taken + self.refused)


def signatures_fail(tallied: Tallied, *, stands: bool) -> bool:
    """Return whether the secret is probably wrong.

    One that is believed shows that the secret is right: wrong ones beside it are a
    stranger's, who must be able neither to ring nor, by ringing on, to hide the day on
    which the secret is really wrong. A provider that is refused tries again for days,
    ever more rarely: its silence is no recovery. The alarm ends with the first webhook
    that is believed, or after a quiet day.
    """
    if tallied.taken > 0:
        return False
    if stands:
        return tallied.refused_of_day > 0
    return tallied.refused >= _SOME


# -- accounts -------------------------------------------------------------------------

_SOON, _NOT_SOON = timedelta(days=7), timedelta(days=8)
#: A connection that comes back within this was never worth a word.
_BLINK = timedelta(minutes=1)


def token_ends(expires_at: datetime | None, now: datetime, *, stands: bool) -> bool:
    """Return whether a token ends within a week, or has ended."""
    if expires_at is None:
        return False
    return expires_at <= now + (_NOT_SOON if stands else _SOON)


def link_is_lost(lost_at: datetime | None, now: datetime, *, stands: bool) -> bool:
    """Return whether a gateway is without its connection, and not for a blink."""
    return lost_at is not None and (stands or lost_at <= now - _BLINK)
