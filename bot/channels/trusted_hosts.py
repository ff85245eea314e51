"""Who may be shown an access token: hosts that an operator configured, exactly."""

import re
from collections.abc import Set as AbstractSet

from yarl import URL

_PRINTABLE = re.compile(r"[!-~]{1,4096}")


def address(text: str) -> URL | None:
    """Return an address from outside as it stands, or None if it is none.

    Nothing is quoted again: its query may be signed.
    """
    if not _PRINTABLE.fullmatch(text):
        return None
    try:
        url = URL(text, encoded=True)
        _ = url.port  # yarl reads it late, and may only then find that it is none
    except ValueError:
        return None
    return url


class TrustedHosts:
    """The provider's own origin, and hosts by "name" or "name:port".

    A name stands for the usual port only. Plain http is trusted only where the
    provider itself is reached so, as on one machine.
    """

    def __init__(self, origin: URL, names: AbstractSet[str]) -> None:
        self._origin = origin.origin()
        self._names = frozenset(name.lower() for name in names)
        self._schemes = frozenset({"https", origin.scheme})

    def trust(self, url: URL) -> bool:
        """Return whether a request to this address may carry the token."""
        if url.scheme not in self._schemes or not url.host or url.raw_user is not None:
            return False
        if url.raw_password is not None:
            return False
        if url.origin() == self._origin:
            return True
        usual = {url.host} if url.is_default_port() else set()
        return not self._names.isdisjoint({f"{url.host}:{url.port}", *usual})
