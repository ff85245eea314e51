"""Who really calls when a proxy stands before us: read only from proxies we trust."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

Network = IPv4Network | IPv6Network

_FOR, _PROTO = hdrs.X_FORWARDED_FOR, hdrs.X_FORWARDED_PROTO


def behind(proxies: Sequence[str]) -> Middleware:
    """Return what makes `request.remote` and `request.scheme` those of the caller.

    `proxies` are addresses or networks. What others say about themselves is ignored.
    """
    trusted = tuple(map(ip_network, proxies))

    @web.middleware
    async def behind_proxies(
        request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        peer = request.remote
        if peer is None or not _is_in(peer, trusted):
            return await handler(request)
        hops = ",".join(request.headers.getall(_FOR, [])).split(",")
        proto = request.headers.get(_PROTO, "").rpartition(",")[2].strip().lower()
        return await handler(
            request.clone(
                remote=caller(peer, hops, trusted),
                scheme=proto if proto in {"http", "https"} else request.scheme,
            )
        )

    return behind_proxies


def caller(peer: str, hops: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address that the last trusted proxy was called from.

    Each proxy adds whom it was called by at the right; what stands left of the first
    address that is no proxy of ours may be anybody's invention.
    """
    found = peer
    for hop in reversed([each.strip() for each in hops]):
        if not _is_in(found, trusted) or not _is_address(hop):
            break
        found = hop
    return found


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    # A zone ("fe80::1%eth0") belongs to no network.
    return _is_address(address) and any(
        ip_address(address) in network for network in networks
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
