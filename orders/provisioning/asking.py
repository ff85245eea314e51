"""Calls of another system's own API, with the key that it gave us.

Like `post`, and judged alike; what differs is that answers are read, and that the key
stands in a header and signs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

import aiohttp
from pydantic_core import from_json
from yarl import URL

from orders.outbox.delivery import Refused, Unavailable
from orders.outbox.transcript import answered, asked
from orders.provisioning.post import TIMEOUT, encoded, judge
from orders.provisioning.sink import SinkDelivery

#: No answer of a list that we ask for is longer.
_LONGEST = 2**20
#: So much of an answer is kept for whoever looks at the attempt.
_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Reply:
    """What the system answered, read. `taken`: it was a 2xx."""

    status: int
    data: Mapping[str, object]
    words: str

    @property
    def taken(self) -> bool:
        """Return whether it did what it was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class Asking:
    """One delivery's calls. A path is below the address of the sink."""

    session: aiohttp.ClientSession
    delivery: SinkDelivery
    #: Statuses that the caller judges; any other that is no 2xx raises.
    judged: frozenset[int] = frozenset(
        {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
    )
    scheme: str = ""  #: Before the key in the header, such as `Bearer`.
    #: A step is done once, whatever its body: the Idempotency-Key has no print of it.
    once: bool = False

    async def get(self, path: str, **query: object) -> Reply:
        """Return the answer of a list. Raises what `post` raises."""
        named = {name: str(value) for name, value in query.items()}
        return await self._ask("GET", path, query=named)

    async def post(self, path: str, body: Mapping[str, object], *, step: str) -> Reply:
        """Make something. Raises what `post` raises.

        `step` tells the calls of one delivery apart: with the event's id and a print of
        the body it is the Idempotency-Key, the same on every attempt.
        """
        return await self._ask("POST", path, body=body, step=step)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        step: str = "",
    ) -> Reply:
        given = self.delivery
        headers = {"Authorization": f"{self.scheme} {_key(given.secret)}".strip()}
        data = None if body is None else encoded(body)
        if data is not None:
            told = "" if self.once else f":{sha256(data).hexdigest()[:12]}"
            headers["Content-Type"] = "application/json"
            headers["webhook-id"] = given.event_id
            headers["Idempotency-Key"] = f"{given.event_id}:{step}{told}"
        asked(method, given.url.rstrip("/") + path, data)
        try:
            async with self.session.request(
                method,
                URL(given.url.rstrip("/") + path),
                params=query,
                data=data,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as response:
                if response.status not in self.judged:
                    await judge(response, given.sent_at)
                return await _read(response)
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError) as error:
            raise Refused(f"the sink's URL is not one: {given.url!r}") from error
        except TimeoutError as error:
            raise Unavailable(f"no answer within {TIMEOUT.total:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            why = str(error) or type(error).__name__
            raise Unavailable(f"no answer: {why}") from error


async def _read(response: aiohttp.ClientResponse) -> Reply:
    raw = await response.content.read(_LONGEST)
    while len(raw) < _LONGEST and (more := await response.content.read(_LONGEST)):
        raw += more
    answered(response.status, raw[:_KEPT].decode("utf-8", "replace"))
    words = raw[:200].decode("utf-8", "replace")
    try:
        data = from_json(raw, allow_inf_nan=False)
    except ValueError:
        data = None
    if isinstance(data, dict):
        return Reply(response.status, data, words)
    return Reply(response.status, {}, words)


def _key(secret: str) -> str:
    if not secret.isascii() or not secret.isprintable():
        raise Refused("the sink's secret cannot sign: it is no key that a header holds")
    return secret
