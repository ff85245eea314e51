"""A shop on each engine, in which only the test works."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.worker.by_hand import ByHand, by_hand


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    async with by_hand(database_url, tmp_path) as opened:
        yield opened
