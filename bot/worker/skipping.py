"""Turns of which nobody could make anything: Ticaret.pro's `skipped`, with a reason."""

from collections.abc import Sequence

from bot.domain.message import Media
from bot.domain.snapshot import TurnMessage
from bot.domain.ticking import ticked
from bot.domain.understanding import Understanding
from bot.worker.judging import MediaFound

_LONGEST = 500


def why_skipped(
    messages: Sequence[TurnMessage],
    understanding: Understanding,
    media: Sequence[MediaFound],
) -> str | None:
    """Return why a turn was not analysed; None: it was, as far as it goes.

    It is skipped when it is made of files alone, and none of them told anything; or
    when it is the clock's alone.
    """
    fired = [name for m in messages if (name := ticked(m.content))]
    if len(fired) == len(messages):
        return f"nobody wrote, a timer fired: {', '.join(fired)}"[:_LONGEST]
    if understanding.mentions or understanding.details or understanding.pick:
        return None
    found = {each.message_id: each for each in media}
    reasons = []
    for message in messages:
        content, file = message.content, found.get(message.id)
        # What was said in a voice note stands in the reading, not in the message.
        if not isinstance(content, Media) or (content.caption or "").strip():
            return None
        if file is not None and (file.transcript or file.seen):
            return None
        told = file.error if file is not None else None
        reasons.append(told or f"nobody looks into a {content.kind.value} here")
    return "; ".join(dict.fromkeys(reasons))[:_LONGEST] or None
