"""Channels as they were heard of: last messages, wrong proofs, tokens, alarms."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.doctor.finding import Finding, ok, warning
from bot.domain.alarming import AlarmKind, token_ends
from bot.inbox.accounts import ChannelState
from bot.inbox.alarms import Alarm, standing
from bot.inbox.vitals import Vitals, vitals

#: After so long without a message an owner should look whether webhooks arrive.
_QUIET = timedelta(days=7)
_NAMED = 5
#: What to do about each kind; those of people are in the console already.
_REMEDIES = {
    AlarmKind.SIGNATURES: "compare the secret there with ours: an app's is rotated with"
    " POST /v1/apps/{app_id}/rotate-secret, a gateway's with `channel rotate-secret`",
    AlarmKind.TOKEN: "make another token, then `chatorder channel activate ID"
    " --access-token ...`",
    AlarmKind.PAUSED: "`chatorder channel activate` says what was wrong",
    AlarmKind.LINK: "scan the gateway's QR code again",
    AlarmKind.UNANSWERED: "answer: see GET /v1/conversations?waits=true",
    AlarmKind.APPROVAL: "approve or reject it: see GET /v1/drafts",
}


async def check_health(connection: AsyncConnection, now: datetime) -> Sequence[Finding]:
    """Return how every channel does, as far as the database knows. Asks nobody."""
    found = [_of_channel(each, now) for each in await vitals(connection)]
    alarms = await standing(connection)
    return [*found, *(_of_alarms(kind, alarms) for kind in _kinds(alarms))]


def _of_channel(found: Vitals, now: datetime) -> Finding:
    subject = f"messages of {found.channel_id}"
    ends = found.checked.expires_at
    if token_ends(ends, now, stands=False) and ends is not None:
        words = f"its access token is good until {ends.isoformat(timespec='minutes')}"
        return warning(subject, words, _REMEDIES[AlarmKind.TOKEN])
    remedy = "see GET /v1/channels/{channel_id}/setup: what to paste where"
    if found.heard_at is None:
        return warning(subject, "nobody has written there yet", remedy)
    last = f"the last message came {found.heard_at.isoformat(timespec='seconds')}"
    is_quiet = found.heard_at <= now - _QUIET and found.state is ChannelState.ACTIVE
    return warning(subject, last, remedy) if is_quiet else ok(subject, last)


def _kinds(alarms: Sequence[Alarm]) -> Sequence[AlarmKind]:
    return [kind for kind in AlarmKind if any(each.kind is kind for each in alarms)]


def _of_alarms(kind: AlarmKind, alarms: Sequence[Alarm]) -> Finding:
    own = [each for each in alarms if each.kind is kind]
    named = ", ".join(each.subject for each in own[:_NAMED])
    rest = " ..." if len(own) > _NAMED else ""
    return warning("alarm", f"{own[0].words} ({named}{rest})", _REMEDIES[kind])
