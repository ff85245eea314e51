"""One version of Meta's Graph API: its addresses, and calls of them."""

from collections.abc import Mapping
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channels.calling import Answer, called, key_of, patience
from bot.channels.channel import Account

#: An answer of the Graph API has a few hundred bytes.
_LONGEST_ANSWER = 64 * 1024


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
        self.timeout = patience(timeout)
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
        token = key_of(account, "access token")
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
        """Call once; errors are those of `called`, and `SendRefused` of `headers`."""
        return await called(
            self.session,
            method,
            url,
            headers=self.headers(account),
            timeout=self.timeout,
            most=_LONGEST_ANSWER,
            json=json,
            params=params,
        )
