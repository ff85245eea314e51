"""Hosts of the outside world only: what a stranger names must not reach our own.

An address is judged where it is used, when the connection is made: a name that meant a
public host yesterday may mean `127.0.0.1` today.
"""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult


class NotPublic(OSError):
    """The host lies in a private network, or nowhere."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet.

    An IPv6 address that carries an IPv4 address is as public as that one.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _carried(parsed)
    if inner is not None:
        return is_public(str(inner))
    return parsed.is_global and not parsed.is_multicast


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if not isinstance(address, IPv6Address):
        return None
    if address.teredo is not None:
        return address.teredo[1]
    if address.packed.startswith(b"\x00\x64\xff\x9b" + bytes(8)):  # NAT64, RFC 6052
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, for a client session's connector."""

    def __init__(
        self,
        inner: Callable[[], AbstractResolver] = ThreadedResolver,
    ) -> None:
        self._inner = inner()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the host's addresses. Raises NotPublic when one is not public."""
        found = await self._inner.resolve(host, port, family)
        private = [each["host"] for each in found if not is_public(each["host"])]
        if private or not found:
            raise NotPublic(f"{host} is not in the public internet")
        return found

    async def close(self) -> None:
        await self._inner.close()


def public_socket(address: tuple[Any, ...]) -> socket.socket:
    """Return a socket for an entry of `getaddrinfo`, for a connector.

    The last word: a literal address never reaches a resolver. Raises NotPublic.
    """
    family, kind, protocol, _, where = address
    if not is_public(str(where[0])):
        raise NotPublic(f"{where[0]} is not in the public internet")
    return socket.socket(family, kind, protocol)


async def check_public(url: str, resolver: AbstractResolver) -> None:
    """Raise NotPublic, saying why, unless the URL's host is a public one now.

    A literal address never reaches a resolver, so it is judged here.
    """
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        if not is_public(host):
            raise NotPublic(f"{host} is not in the public internet")
        return
    try:
        await resolver.resolve(host)
    except NotPublic:
        raise
    except (OSError, UnicodeError):  # a label that is too long for a name
        raise NotPublic(f"there is no host {host}") from None
