"""Here it is Alembic itself that migrates."""

from collections.abc import Iterator

import pytest

from tests.migrated import alembic_itself


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    with alembic_itself():
        yield
