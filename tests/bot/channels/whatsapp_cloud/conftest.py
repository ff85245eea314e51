from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.channels.channel import Account
from tests.graph_api import GraphApi, graph_api


@pytest.fixture
async def api() -> AsyncIterator[GraphApi]:
    async with graph_api() as running:
        yield running


@pytest.fixture
async def elsewhere() -> AsyncIterator[GraphApi]:
    """Return another server, to which no token may ever go."""
    async with graph_api() as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def account() -> Account:
    return Account(
        channel_id="c1", tenant_id="t1", external_id="1065", access_token="EAAB-token"
    )
