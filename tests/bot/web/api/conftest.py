"""The API on both engines, or on the quicker one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api import Api, Office, open_api, open_office


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Api]:
    """Return the API with two merchants: once for each engine."""
    async with open_api(database_url) as api:
        yield api


@pytest.fixture
async def quick_api(sqlite_url: str) -> AsyncIterator[Api]:
    """Return the API on SQLite: where the engine does not matter."""
    async with open_api(sqlite_url) as api:
        yield api


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Return a whole shop with a key of every role: once for each engine."""
    async with open_office(database_url, tmp_path) as office:
        yield office


@pytest.fixture
async def quick_office(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Return a whole shop on SQLite: where the engine does not matter."""
    async with open_office(sqlite_url, tmp_path) as office:
        yield office
