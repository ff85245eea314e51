"""Product files sent to the API, and what became of them."""

import asyncio
from typing import Any

from tests.api import Api, Caller

PATH = "/v1/products/imports"
#: No import of a test takes longer, seconds.
_PATIENCE = 30.0


async def send(caller: Caller, content: bytes, *, query: str = "") -> Any:
    """Upload a file; return the import as it was accepted."""
    answer = await caller(
        "POST", PATH + query, content, headers={"Content-Type": "text/csv"}
    )
    assert answer.status == 202, answer.raw
    return answer.body


async def ended(caller: Caller, accepted: Any) -> Any:
    """Return an import once it has ended."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            found = await caller.read(f"{PATH}/{accepted['id']}")
            if found["state"] not in {"queued", "running"}:
                return found
            await asyncio.sleep(0.02)


async def imported(api: Api, content: bytes, *, query: str = "") -> Any:
    """Upload a file as the manager; return the import once it has ended."""
    return await ended(api.manager, await send(api.manager, content, query=query))
