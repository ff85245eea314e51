"""Passwords: what they must be, and how they are kept (Argon2id, RFC 9106)."""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.inbox.checking import InvalidAccount

SHORTEST, LONGEST = 10, 256
#: Fewer different characters than this make no password: "aaaaaaaaaa", "1212121212".
_DIFFERENT = 4
#: The library's defaults are the second profile that RFC 9106 recommends.
_HASHER = PasswordHasher()
#: Each hash takes 64 MiB and a processor for a twentieth of a second: two at a time.
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="passwords")


def check_password(password: str, *, about: tuple[str, ...] = ()) -> str:
    """Return a password that may be used. Raises InvalidAccount.

    Length is what counts (NIST SP 800-63B); `about`: the user's own words, which
    everybody tries first.
    """
    password = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidAccount(
            "password", f"give {SHORTEST} to {LONGEST} characters; several words do"
        )
    if len(set(password)) < _DIFFERENT:
        raise InvalidAccount("password", "it repeats itself; several words do better")
    if password.casefold() in {word.casefold() for word in about}:
        raise InvalidAccount("password", "it is the name or the email; choose another")
    return password


async def hash_password(password: str) -> str:
    """Return what is stored of a password. Takes a moment, in a thread."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, _HASHER.hash, _prepared(password))


async def is_password(stored: str | None, password: str) -> bool:
    """Return whether a password is the stored one.

    With None (there is no such user) it takes as long and says no, so that nobody
    learns from the clock who has an account.
    """
    loop = asyncio.get_running_loop()
    prepared = _prepared(password)
    return await loop.run_in_executor(_THREADS, _verify, stored, prepared)


def is_outdated(stored: str) -> bool:
    """Return whether the password should be hashed again, with today's parameters."""
    return _HASHER.check_needs_rehash(stored)


def _verify(stored: str | None, password: bytes) -> bool:
    if stored is None:
        _HASHER.hash(password)
        return False
    try:
        return _HASHER.verify(stored, password)
    except (InvalidHashError, VerificationError):
        return False


def _prepared(password: str) -> bytes:
    # What a browser sends may hold half a character, which UTF-8 has no bytes for.
    text = unicodedata.normalize("NFKC", password[: 2 * LONGEST])
    return text.encode("utf-8", "surrogatepass")
