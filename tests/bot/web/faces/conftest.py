"""A server with two merchants, whose faces are called with real HTTP."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api import Api, open_api


@pytest.fixture(scope="module")
async def faces(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> AsyncIterator[Api]:
    """Return a server on SQLite that the tests of a module share."""
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("faces"))
    names = ("api_limit_per_key", "api_limit_per_tenant", "api_refusals_per_address")
    limits = dict.fromkeys(names, 10**6)
    async with open_api(f"sqlite:///{path}", **limits) as api:
        yield api
