"""Some of the dialogues once more, on PostgreSQL with Redis and two workers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.ident import utc_now
from tests.conversations.test_dialogues import (
    DIALOGUES,
    Play,
    check_end,
    load,
    rules_of,
)
from tests.house import open_house

#: One of each kind: to the door with the ERP's news, two taps at once, a cart, a price
#: that changed between summary and yes, and kilograms in another language.
NAMES = {
    "delivered to an address, confirmed with the button, and followed to the door",
    "two taps make one order",
    "a catalog cart is priced by the shop",
    "a price that changed between summary and yes is shown first",
    "yarım kilo peynir, adrese",
    "an agent approves what the customer confirmed",
}
CHOSEN = [
    dialogue
    for path in DIALOGUES
    for dialogue in load(path)
    if dialogue["name"] in NAMES
]


def test_every_chosen_dialogue_is_there() -> None:
    assert {dialogue["name"] for dialogue in CHOSEN} == NAMES


@pytest.mark.parametrize("dialogue", CHOSEN, ids=[each["name"] for each in CHOSEN])
async def test_dialogue_on_postgres(
    dialogue: Mapping[str, Any], postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    rules = rules_of(dialogue, utc_now())
    async with open_house(
        postgres_url, tmp_path, redis_url=redis_url, workers=2, rules=rules
    ) as house:
        play = Play(house, house.phone(name=dialogue.get("customer", "Ana")))
        for step in dialogue["steps"]:
            await play.step(step)
        await check_end(house, play.phone, dialogue)
