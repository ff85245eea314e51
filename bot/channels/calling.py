"""Calls of a provider's API: bounded in time and size, and honest about the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from yarl import URL

from bot.channels.channel import Account
from bot.channels.failure import Action, SendRefused, SendUnavailable
from orders.outbox.delivery import OutcomeUnknown

#: The part of the time in which a connection must stand: only then is a time-out sure
#: to come before anything was written.
_CONNECT_SHARE = 0.5
#: A longer wait than this that a server asks for is looked at again meanwhile.
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `body` is empty if it broke off or was too long."""

    status: int
    body: bytes
    retry_after: str | None = None
    date: str | None = None  #: The header: the server's clock.

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004  # the class of a status


def patience(seconds: float) -> aiohttp.ClientTimeout:
    """Return a time-out for whole calls that can tell what was never written."""
    return aiohttp.ClientTimeout(total=seconds, connect=seconds * _CONNECT_SHARE)


def key_of(account: Account, name: str) -> str:
    """Return the key of an account for a header.

    Raises `SendRefused`, with the key's `name` for people, for one that no header can
    carry, such as one that was pasted with a line break.
    """
    key = account.access_token
    if not key or not key.isascii() or not key.isprintable():
        raise SendRefused(
            f"the {name} of the channel is not one: set it again",
            code=None,
            action=Action.PAUSE_CHANNEL,
        )
    return key


async def called(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    headers: Mapping[str, str],
    timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  # it tells two kinds apart
    most: int,
    json: Mapping[str, object] | None = None,
    params: Mapping[str, str] | None = None,
) -> Answer:
    """Call once and return the answer, whatever its status. `most` is in bytes.

    Raises `SendUnavailable` when nothing was written, `OutcomeUnknown` when the request
    may have arrived without an answer. Redirects are answers: a key goes nowhere else.
    """
    if session.closed:
        raise unavailable("we are shutting down")
    try:
        async with session.request(
            method,
            url,
            json=json,
            params=params,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            return Answer(
                response.status,
                await bounded(response, most),
                response.headers.get("Retry-After"),
                response.headers.get("Date"),
            )
    except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
        raise unavailable(f"no connection: {type(error).__name__}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise OutcomeUnknown(f"no answer: {type(error).__name__}") from error


async def bounded(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body, or nothing of one that breaks off or does not end."""
    body = bytearray()
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > most:
                response.close()
                return b""
    except (aiohttp.ClientError, TimeoutError):
        return b""
    return bytes(body)


def wait_asked(answer_header: str | None) -> timedelta | None:
    """Return how long a `Retry-After` asks for; only its seconds are understood."""
    if answer_header is None or not answer_header.isascii():
        return None
    if not answer_header.isdigit():
        return None
    return min(timedelta(seconds=int(answer_header[:9])), _LONGEST_WAIT)


def unavailable(why: str, *, code: int | None = None) -> SendUnavailable:
    """Return the error of a call that may be made again as it is."""
    return SendUnavailable(why, code=code, action=Action.RETRY)
