"""No test reaches the outside by accident."""

import ipaddress
import sys
from collections.abc import Callable, Mapping

_NAMES = frozenset({"localhost", "ip6-localhost", "ip6-loopback", ""})


class OutsideWorld(BaseException):
    """A test tried to leave this machine. No `except Exception` may hide that."""


def is_local(host: object) -> bool:
    """Say whether a host is this machine; None is how sockets say "any of ours"."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in _NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _address(arguments: tuple[object, ...]) -> object:
    address = arguments[1]
    # A path is a unix socket.
    return address[0] if isinstance(address, tuple) else None


#: Where the audit events of the interpreter keep the host. Every socket passes them,
#: whoever opens it.
_EVENTS: Mapping[str, Callable[[tuple[object, ...]], object]] = {
    "socket.connect": _address,
    "socket.sendto": _address,
    "socket.getaddrinfo": lambda arguments: arguments[0],
    "socket.gethostbyname": lambda arguments: arguments[0],
}


def forbid() -> None:
    """From now on and for good, let this process talk to itself and neighbours only."""
    sys.addaudithook(_check)


def _check(
    event: str,
    arguments: tuple[object, ...],
    # Its own, and looked into first: there are thousands of events a second, and
    # some when the module's names are gone already.
    hosts: Mapping[str, Callable[[tuple[object, ...]], object]] = _EVENTS,
) -> None:
    if event not in hosts:
        return
    host = hosts[event](arguments)
    if not is_local(host):
        raise OutsideWorld(
            f"a test must not reach {host!r}: start a server on 127.0.0.1"
        )
