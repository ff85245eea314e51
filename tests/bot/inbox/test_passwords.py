"""Passwords: long enough, kept as Argon2id hashes, compared without telling."""

import pytest

from bot.inbox.checking import InvalidAccount
from bot.inbox.passwords import (
    check_password,
    hash_password,
    is_outdated,
    is_password,
)

REFUSED = {
    "too short": ("123456789", "10 to 256"),
    "too long": ("ab12" * 65, "10 to 256"),
    "empty": ("", "10 to 256"),
    "one letter": ("aaaaaaaaaaaa", "repeats itself"),
    "three letters": ("abcabcabcabc", "repeats itself"),
    "the email": ("Ana@Shop.example", "the name or the email"),
    "the name": ("ana maria lima", "the name or the email"),
}


@pytest.mark.parametrize(("password", "why"), REFUSED.values(), ids=REFUSED)
def test_a_bad_password_is_refused_with_the_reason(password: str, why: str) -> None:
    about = ("ana@shop.example", "Ana Maria Lima")
    with pytest.raises(InvalidAccount, match=why) as refused:
        check_password(password, about=about)
    assert refused.value.field == "password"
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize(
    "password", ["correct horse", "şifre şifre 12", "a" + "bcd123ef9"]
)
def test_a_good_password_is_taken(password: str) -> None:
    assert check_password(password) == password


async def test_only_the_password_itself_opens() -> None:
    stored = await hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert "correct" not in stored
    assert await is_password(stored, "correct horse")
    assert not await is_password(stored, "Correct horse")
    assert not await is_password(stored, "")
    assert not is_outdated(stored)


async def test_the_same_password_never_looks_the_same() -> None:
    assert await hash_password("correct horse") != await hash_password("correct horse")


async def test_how_a_keyboard_composes_letters_does_not_matter() -> None:
    stored = await hash_password("pâtisserie 1")
    assert await is_password(stored, "pa\u0302tisserie 1")


@pytest.mark.parametrize("stored", [None, "", "no hash", "$argon2id$v=19$broken"])
async def test_without_a_hash_nothing_opens(stored: str | None) -> None:
    assert not await is_password(stored, "correct horse")


@pytest.mark.parametrize("typed", ["\ud800" * 12, "\0" * 20, "x" * 100_000])
async def test_whatever_is_typed_is_no_error(typed: str) -> None:
    stored = await hash_password("correct horse")
    assert not await is_password(stored, typed)
