"""What the API document promises, held against requests that a machine makes up.

Every operation is called with what its schema allows and with what it forbids, by a
key of every role and by nobody: no 500, no status and no body that is not documented,
no bad input that is accepted.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
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
    GenerationMode.POSITIVE: {
        "admin": 5 * _TIMES,
        "manager": _TIMES,
        "agent": _TIMES,
        "integration": _TIMES,
        "nobody": 1,
    },
    GenerationMode.NEGATIVE: {
        "admin": 5 * _TIMES,
        "manager": _TIMES - 1,
        "agent": _TIMES - 1,
        "integration": _TIMES - 1,
        "nobody": 1,
    },
}
_CALLERS = tuple(_CALLS[GenerationMode.POSITIVE])
#: Where the key of each stands.
_PLACES = {each.name: each.face.keys[0] for each in (*ENDPOINTS, *FACE_ENDPOINTS)}


@cache
def operations() -> Mapping[str, APIOperation[Any, Any, Any, Any]]:
    """Return what the document describes: asked by those who need it, not by all."""
    return {
        found.ok().definition.raw["operationId"]: found.ok()
        for found in openapi.from_dict(document()).get_all_operations()
        if isinstance(found, Ok)
    }


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


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Return connections that stay open, without looking for proxies at each call."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def fuzz(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    callers: Mapping[str, Mapping[str, Any]],
    call: Callable[[Case[Any], Mapping[str, Any]], None],
) -> None:
    """Call an operation with made-up data; raise for what breaks a promise.

    `callers`: the headers of each. What is made up is the same for all of them: making
    it up takes longer than a call.
    """
    left = dict(_CALLS[mode])

    @settings(
        max_examples=max(left.values()),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case[Any]) -> None:
        for caller, headers in callers.items():
            if left[caller]:
                call(case, headers)
                # Afterwards: a call that fails is made again, to be told.
                left[caller] -= 1

    run()


@pytest.mark.parametrize("name", sorted(_PLACES))
async def test_the_document_is_kept(
    shop: Api, session: requests.Session, name: str
) -> None:
    place = _PLACES[name]
    keys = {caller: getattr(shop, caller).key for caller in _CALLERS}
    callers = {
        caller: {place.header: place.written(key)} if key else {}
        for caller, key in keys.items()
    }

    def call(case: Case[Any], headers: Mapping[str, Any]) -> None:
        session.cookies.clear()
        case.call_and_validate(
            shop.entrance.url, session, headers=dict(headers), checks=_CHECKS
        )

    for mode in _CALLS:
        await asyncio.to_thread(fuzz, operations()[name], mode, callers, call)


def test_every_endpoint_is_fuzzed() -> None:
    assert set(operations()) == set(_PLACES)
