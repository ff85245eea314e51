"""Secrets at rest: sealed with the operator's key, opened only in memory."""

import base64
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.account import Unsealable as Unsealable  # noqa: PLC0414  # the seam's


class Sealer:
    """Seals with the current key; opens what it or an earlier one sealed.

    Every purpose has a key of its own, derived with HKDF (RFC 5869), so that nothing
    made for one purpose is worth anything for another.
    """

    def __init__(self, secret_key: str, old: Sequence[str] = ()) -> None:
        self._secret_keys = (secret_key, *old)
        keys = [_derive(key, "seal") for key in self._secret_keys]
        fernets = [Fernet(base64.urlsafe_b64encode(key)) for key in keys]
        self._current = fernets[0]
        self._fernet = MultiFernet(fernets)

    def seal(self, text: str) -> str:
        """Return the text encrypted and signed: another one at every call."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text that was sealed. Raises Unsealable."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Unsealable(
                "a stored secret does not open: CHATORDER_SECRET_KEY is not the one"
                " that sealed it. Set the key that was used before, as"
                " CHATORDER_SECRET_KEY or in CHATORDER_SECRET_KEYS_OLD"
            ) from None

    def reseal(self, sealed: str) -> str:
        """Return the same secret under the current key. Raises Unsealable."""
        return self.seal(self.open(sealed))

    def is_current(self, sealed: str) -> bool:
        """Return whether the current key sealed it: then it needs no other one."""
        try:
            self._current.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def derive(self, purpose: str) -> bytes:
        """Return 32 secret bytes for a purpose, the same ones for the same key."""
        return _derive(self._secret_keys[0], f"purpose: {purpose}")

    def derive_old(self, purpose: str) -> tuple[bytes, ...]:
        """Return the bytes that earlier keys gave: for checking only, never to sign.

        What was signed before a change of the key stays good for as long as the
        operator names the earlier key.
        """
        old = self._secret_keys[1:]
        return tuple(_derive(key, f"purpose: {purpose}") for key in old)


def new_secret_key() -> str:
    """Return a value for CHATORDER_SECRET_KEY: 256 random bits as text."""
    return secrets.token_urlsafe(32)


def _derive(secret_key: str, info: str) -> bytes:
    # The key is random, not a password: HKDF needs neither a salt nor many rounds.
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode())
    return hkdf.derive(secret_key.encode())
