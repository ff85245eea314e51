"""What the API document promises, held against requests that a machine makes up.

Every operation is called with what its schema allows and with what it forbids, by a
key of every role and by nobody: no 500, no status and no body that is not documented,
no bad input that is accepted.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.web.api.registry import ENDPOINTS
from bot.web.describing import document
from bot.web.faces.registry import FACE_ENDPOINTS
from tests.api import Api, open_api

pytestmark = pytest.mark.chaos

#: What is held against every answer. A made-up id is a 404: that positive data are
#: accepted is what the tests of each subject show.
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
#: How many calls each caller makes with right data, and with wrong data: `make chaos`
#: makes many times more. Roles are checked before data, so one call tells what the
#: others may not do, and the admin's tell what becomes of wrong data.
_TIMES = 20 if os.environ.get("CHATORDER_CHAOS") == "long" else 1
_CALLS = {
    "admin": (5 * _TIMES, 5 * _TIMES),
    "manager": (_TIMES, _TIMES - 1),
    "agent": (_TIMES, _TIMES - 1),
    "integration": (_TIMES, _TIMES - 1),
    "nobody": (1, 1),
}
_OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in openapi.from_dict(document()).get_all_operations()
    if isinstance(found, Ok)
}
#: Where the key of each stands.
_PLACES = {each.name: each.face.keys[0] for each in (*ENDPOINTS, *FACE_ENDPOINTS)}


@pytest.fixture(scope="module")
async def shop(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> AsyncIterator[Api]:
    """Return an API whose limits do not get in the way."""
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("fuzzing"))
    async with open_api(
        f"sqlite:///{path}", api_limit_per_key=10**6, api_limit_per_tenant=10**6
    ) as api:
        yield api


def fuzz(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    calls: int,
    url: str,
    headers: dict[str, Any],
) -> None:
    """Call an operation with made-up data; raise for what breaks a promise."""

    @settings(
        max_examples=calls,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case[Any]) -> None:
        case.call_and_validate(url, headers=headers, checks=_CHECKS)

    run()


@pytest.mark.parametrize("name", sorted(_OPERATIONS))
async def test_the_document_is_kept(shop: Api, name: str) -> None:
    for caller, (right, wrong) in _CALLS.items():
        key, place = getattr(shop, caller).key, _PLACES[name]
        headers = {place.header: place.written(key)} if key else {}
        for mode, calls in (
            (GenerationMode.POSITIVE, right),
            (GenerationMode.NEGATIVE, wrong),
        ):
            if calls:
                operation, url = _OPERATIONS[name], shop.entrance.url
                await asyncio.to_thread(fuzz, operation, mode, calls, url, headers)


def test_every_endpoint_is_fuzzed() -> None:
    assert set(_OPERATIONS) == set(_PLACES)
