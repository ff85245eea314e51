"""Calls of Meta's Graph API: bounded in time and size, and honest about the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channels.channel import Account
from bot.channels.failure import Action, SendRefused, SendUnavailable
from orders.outbox.delivery import OutcomeUnknown

#: An answer of the Graph API has a few hundred bytes.
_LONGEST_ANSWER = 64 * 1024
#: The part of the time in which a connection must stand: only then is a time-out sure
#: to come before anything was written.
_CONNECT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `body` is empty if it broke off or was too long."""

    status: int
    body: bytes
    retry_after: str | None
    date: str | None = None  #: The header: the server's clock.

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004  # the class of a status


class Graph:
    """One version of the Graph API at one address."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        graph_url: str,
        version: str,
        timeout: float,
    ) -> None:
        """Raise ValueError for an address that cannot be one."""
        base = URL(graph_url)
        if base.scheme not in {"http", "https"} or not base.host or base.user:
            raise ValueError(
                "the address of the Graph API must look like"
                f" https://graph.facebook.com, not {graph_url!r}"
            )
        self.session = session
        self.origin = base.origin()
        self.timeout = aiohttp.ClientTimeout(
            total=timeout, connect=timeout * _CONNECT_SHARE
        )
        self._root = f"{str(base).rstrip('/')}/{quote(version, safe='')}"

    def url(self, *path: str) -> URL:
        """Return an address; the path's parts are data and never become more parts."""
        parts = "/".join(quote(part, safe="") for part in path)
        return URL(f"{self._root}/{parts}", encoded=True)

    def headers(self, account: Account) -> Mapping[str, str]:
        """Return the headers that speak for an account.

        Raises `SendRefused` for a token that no header can carry, such as one that was
        pasted with a line break.
        """
        token = account.access_token
        if not token or not token.isascii() or not token.isprintable():
            raise SendRefused(
                "the access token of the channel is not one: set it again",
                code=None,
                action=Action.PAUSE_CHANNEL,
            )
        return {"Authorization": f"Bearer {token}", "User-Agent": "chatorder"}

    async def call(
        self,
        method: str,
        url: URL,
        account: Account,
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call once and return the answer, whatever its status.

        Raises `SendUnavailable` when nothing was written, `OutcomeUnknown` when the
        request may have arrived without an answer, and `SendRefused` as `headers` does.
        Redirects are answers: the token goes nowhere else.
        """
        headers = self.headers(account)
        if self.session.closed:
            raise _unavailable("we are shutting down")
        try:
            async with self.session.request(
                method,
                url,
                json=json,
                params=params,
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
            ) as response:
                return Answer(
                    response.status,
                    await _bounded(response),
                    response.headers.get("Retry-After"),
                    response.headers.get("Date"),
                )
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise _unavailable(f"no connection: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutcomeUnknown(f"no answer: {type(error).__name__}") from error


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, or nothing of one that breaks off or does not end."""
    body = bytearray()
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > _LONGEST_ANSWER:
                response.close()
                return b""
    except (aiohttp.ClientError, TimeoutError):
        return b""
    return bytes(body)


def _unavailable(why: str) -> SendUnavailable:
    return SendUnavailable(why, code=None, action=Action.RETRY)
