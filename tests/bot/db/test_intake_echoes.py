"""Echoes: what a person wrote for the shop, told from what we sent ourselves."""

import json

import pytest

from bot.db.intake_echoes import is_ours

ECHOES: dict[str, tuple[str, list[str | None], bool]] = {
    "the very id that we got": ("Hi", [None], True),
    "the same words": ("Two lattes: 171.00", ["Two lattes: 171.00"], True),
    "words as a provider marks them": (
        "*two  LATTES*\n171.00",
        ["Two lattes: 171.00"],
        True,
    ),
    "an emoji, the same": ("👍", ["👍"], True),
    "a picture alone, when we sent one": ("", ["", "Hello"], True),
    "other words": ("Ben here", ["Two lattes: 171.00"], False),
    "another emoji": ("👎", ["👍"], False),
    "a picture alone, when we sent words": ("", ["Hello"], False),
    "words when we have said nothing lately": ("Ben here", [], False),
}


@pytest.mark.parametrize(("words", "sent", "ours"), ECHOES.values(), ids=ECHOES)
def test_an_echo_is_ours_when_it_repeats_what_we_sent(
    words: str, sent: list[str | None], ours: bool
) -> None:
    assert is_ours(json.dumps({"type": "text", "body": words}), sent) is ours
