"""The simulator beside a stand-in product."""

from collections.abc import AsyncIterator

import pytest

from bot.simulator.phone import Phone
from tests.simulation import Stage, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
def ana(stage: Stage) -> Phone:
    return stage.simulator.phone("905320000001", "Ana")
