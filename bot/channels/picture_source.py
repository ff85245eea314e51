"""Fetching the pictures of a catalog: from where anybody may, and no further.

Their addresses come from product files, so they are strangers' words: only the public
internet is asked, besides hosts that the operator named and our own server. Nothing
secret goes along.
"""

from collections.abc import Set as AbstractSet

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.channels.sniffing import sniff
from bot.channels.trusted_hosts import TrustedHosts, address
from orders.provisioning.public import NotPublic, check_public

_HOPS = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Answers after which a later attempt may do better.
_LATER = frozenset({408, 425, 429})
_SERVER_FAILED = 500
_OK = 200
#: A host that never is: named hosts are trusted by http, too, for nothing secret goes
#: along.
_NOWHERE = URL("http://nowhere.invalid")


class PictureRefused(Exception):
    """The address gives no picture, and will not; the message says why."""


class PictureUnavailable(Exception):
    """The picture could not be fetched now; a later try may work."""


class PictureSource:
    """Downloads pictures of at most `limit` bytes.

    `session` may reach any host and is used for trusted ones only, `public` reaches
    hosts of the public internet. `hosts` are trusted by "name" or "name:port", as is
    the origin `own`. With `private` every host is.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        public: aiohttp.ClientSession,
        resolver: AbstractResolver,
        *,
        own: URL | None,
        hosts: AbstractSet[str],
        limit: int,
        private: bool = False,
    ) -> None:
        self._session, self._public, self._resolver = session, public, resolver
        self._hosts = TrustedHosts(_NOWHERE, hosts)
        self._own = own.origin() if own is not None else None
        self._limit, self._private = limit, private

    async def fetch(self, text: str) -> bytes:
        """Return the bytes of a picture. Raises PictureRefused, PictureUnavailable.

        Redirects are followed by hand: every address on the way is judged.
        """
        url = _address(text, None)
        try:
            for _ in range(_HOPS):
                session = await self._session_for(url)
                async with session.get(url, allow_redirects=False) as response:
                    if response.status not in _REDIRECTS:
                        return await self._read(response)
                    url = _address(response.headers.get("Location", ""), url)
        except NotPublic as private:
            raise PictureRefused(str(private)) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error.__cause__, NotPublic):
                raise PictureRefused(str(error.__cause__)) from None
            what = f"broke off: {type(error).__name__}"
            raise PictureUnavailable(what) from error
        raise PictureRefused("the address leads from one to the next")

    async def _session_for(self, url: URL) -> aiohttp.ClientSession:
        ours = url.origin() == self._own or self._hosts.trust(url)
        if self._private or ours:
            return self._session
        await check_public(str(url), self._resolver)
        return self._public

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status != _OK:
            said = f"the server answers {response.status}"
            if response.status in _LATER or response.status >= _SERVER_FAILED:
                raise PictureUnavailable(said)
            raise PictureRefused(said)
        data = bytearray()
        if (response.content_length or 0) > self._limit:
            raise PictureRefused(f"larger than {self._limit} bytes")
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > self._limit:
                response.close()
                raise PictureRefused(f"larger than {self._limit} bytes")
        if not (sniff(bytes(data[:512])) or "").startswith("image/"):
            raise PictureRefused("what is there is no picture that we can read")
        return bytes(data)


def _address(text: str, base: URL | None) -> URL:
    url = address(text)
    if url is not None and base is not None:
        url = base.join(url)
    if url is None or not url.host or url.scheme not in ("http", "https"):
        raise PictureRefused("the address is not one of the web")
    if url.raw_user is not None or url.raw_password is not None:
        raise PictureRefused("the address has a name or a password in it")
    return url
