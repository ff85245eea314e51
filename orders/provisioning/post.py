"""One signed POST to a merchant's system, and what its answer means for a retry."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Protocol

import aiohttp

from orders.outbox.delivery import Closed, Refused, Unavailable
from orders.outbox.transcript import answered, asked
from orders.provisioning import signing

TIMEOUT = aiohttp.ClientTimeout(total=10)
#: How much of an answer is read, and how much of that a person is shown.
_READ, _SHOWN = 4096, 200
#: Whoever took it need not say more; we wait so long for it, seconds.
_SOON = 1.0
#: No answer may put an event off for longer.
_LONGEST_WAIT = timedelta(days=1)
_LATER = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
#: The answer is about us or about the address, not about the order (RFC 9110, 15.5).
_CLOSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.GONE})


class Signed(Protocol):
    """What is posted, and how it is signed: an order's delivery, or a test."""

    @property
    def event_id(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def secret(self) -> str: ...

    @property
    def secret_before(self) -> str | None: ...

    @property
    def sent_at(self) -> datetime: ...


async def post(
    session: aiohttp.ClientSession,
    delivery: Signed,
    body: Mapping[str, object],
    *,
    content_type: str = "application/json",
    timeout: aiohttp.ClientTimeout = TIMEOUT,  # noqa: ASYNC109  # aiohttp's own
) -> None:
    """Send an event's body, signed, and return when the receiver took it (2xx).

    Redirects are not followed: they would take the order to a host that nobody chose.
    Raises Unavailable (408, 425, 429, 5xx, no answer in time), Closed (401, 410) or
    Refused. A 403 only refuses this order: a firewall that dislikes one must not stop
    the others.
    """
    data = encoded(body)
    asked("POST", delivery.url, data)
    try:
        signed = signing.headers(
            delivery.secret,
            also=delivery.secret_before,
            event_id=delivery.event_id,
            sent_at=delivery.sent_at,
            body=data,
        )
    except ValueError as error:
        raise Refused(f"the sink's secret cannot sign: {error}") from error
    try:
        async with session.post(
            delivery.url,
            data=data,
            headers={"Content-Type": content_type, **signed},
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            await judge(response, delivery.sent_at)
            answered(response.status, await _said(response))
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise Refused(f"the sink's URL is not one: {delivery.url!r}") from error
    except TimeoutError as error:
        raise Unavailable(f"no answer within {timeout.total:g} s") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unavailable(f"no answer: {str(error) or type(error).__name__}") from error


def encoded(body: Mapping[str, object]) -> bytes:
    """Return a body as it is sent."""
    # A lone surrogate cannot be sent; anything else goes as it is.
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return raw.encode("utf-8", "replace")


async def judge(response: aiohttp.ClientResponse, now: datetime) -> None:
    """Return for a 2xx; raise what any other status means: see `post`."""
    status = response.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    words = await _words(response)
    answered(status, words)
    message = f"HTTP {status}: {words[:_SHOWN]}"
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = retry_after(response.headers.get("Retry-After"), now)
        raise Unavailable(message, retry_after=wait)
    if status in _CLOSED:
        raise Closed(message, status=status)
    raise Refused(message)


async def _words(response: aiohttp.ClientResponse) -> str:
    """Return the beginning of the answer: what a person needs to see."""
    raw = b""
    # The status decides; an answer that breaks off in the middle does not.
    with suppress(aiohttp.ClientError, OSError, TimeoutError):
        async for chunk in response.content.iter_chunked(_READ):
            raw += chunk
            if len(raw) >= _READ:
                break
    return raw.decode("utf-8", "replace")


async def _said(response: aiohttp.ClientResponse) -> str:
    """Return the beginning of the answer of who took it, if it comes at once."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SOON):
            return await _words(response)
    return ""


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for, at most a day; else None.

    RFC 9110 allows seconds or a date.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        # Beyond nine digits it is longer than a day in any case.
        wait = timedelta(seconds=int(text[:9]))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return max(timedelta(0), min(wait, _LONGEST_WAIT))
