"""What the API shows of messages that were edited or deleted."""

from dataclasses import replace
from typing import Any

import pytest

from bot.inbox.overview import StoredMessage
from bot.web.api.messages import view_of
from tests.factories import NOON


def stored(correction: dict[str, Any] | None) -> StoredMessage:
    return StoredMessage(
        id="msg_1",
        conversation_id="cnv_1",
        seq=1,
        direction="in",
        kind="text",
        content={"type": "text", "text": "2 latte"},
        reply_to=None,
        state="done",
        actor=None,
        why_silent=None,
        analysis_id=None,
        provider_id="wamid.1",
        sent_at=NOON,
        received_at=NOON,
        media=None,
        correction=correction,
    )


@pytest.mark.parametrize(
    ("correction", "shown"),
    [
        (None, (None, None, None)),
        (
            {"event": "edit", "text": "3 latte", "at": NOON.isoformat()},
            ("3 latte", NOON, None),
        ),
        (
            {"event": "revoke", "text": None, "at": NOON.isoformat()},
            (None, None, NOON),
        ),
    ],
    ids=["as it was sent", "edited", "deleted"],
)
def test_a_message_keeps_its_words_and_tells_what_became_of_them(
    correction: dict[str, Any] | None, shown: tuple[Any, ...]
) -> None:
    view = view_of(stored(correction), None)
    assert (view.event, view.text) == ("message", "2 latte")
    assert (view.edited_text, view.edited_at, view.deleted_at) == shown
    assert (view.forwarded, view.referral) == (0, None)


def test_an_ad_that_brought_somebody_is_shown_to_people() -> None:
    origin = {"forwarded": 2, "referral": {"source_id": "1", "headline": "Price 0"}}
    view = view_of(replace(stored(None), origin=origin), None)
    assert view.forwarded == 2
    assert view.referral is not None
    assert (view.referral.source_id, view.referral.headline) == ("1", "Price 0")
    assert view.text == "2 latte", "what an ad says is not what the customer said"
