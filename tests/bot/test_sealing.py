"""Secrets at rest open only with the key that sealed them."""

import pytest

from bot.sealing import Sealer, Unsealable, new_secret_key

KEY, OTHER = "a" * 43, "b" * 43


@pytest.mark.parametrize("text", ["", "token", "şifre 🔑", "x" * 10_000])
def test_what_is_sealed_opens_again(text: str) -> None:
    assert Sealer(KEY).open(Sealer(KEY).seal(text)) == text


def test_a_sealed_text_shows_nothing_and_never_looks_the_same() -> None:
    sealer = Sealer(KEY)
    first, second = sealer.seal("token"), sealer.seal("token")
    assert "token" not in first
    assert first != second


def test_another_key_opens_nothing_and_says_what_happened() -> None:
    sealed = Sealer(KEY).seal("token")
    with pytest.raises(Unsealable, match="CHATORDER_SECRET_KEY is not the one"):
        Sealer(OTHER).open(sealed)


@pytest.mark.parametrize("sealed", ["", "plain", "ş", "gAAAAA"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(Unsealable):
        Sealer(KEY).open(sealed)


def test_a_changed_text_does_not_open() -> None:
    sealed = Sealer(KEY).seal("token")
    changed = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    with pytest.raises(Unsealable):
        Sealer(KEY).open(changed)


def test_an_earlier_key_still_opens_and_the_new_one_takes_over() -> None:
    sealed = Sealer(KEY).seal("token")
    both = Sealer(OTHER, [KEY])
    assert both.open(sealed) == "token"
    assert Sealer(OTHER).open(both.reseal(sealed)) == "token"


def test_each_purpose_has_its_own_bytes_the_same_after_a_restart() -> None:
    buttons = Sealer(KEY).derive("buttons")
    assert len(buttons) == 32
    assert buttons == Sealer(KEY).derive("buttons")
    assert buttons != Sealer(KEY).derive("sessions")
    assert buttons != Sealer(OTHER).derive("buttons")


def test_a_new_key_is_long_and_never_the_same() -> None:
    assert len(new_secret_key()) == 43
    assert new_secret_key() != new_secret_key()


def test_it_is_known_which_key_sealed() -> None:
    sealed, both = Sealer(KEY).seal("token"), Sealer(OTHER, [KEY])
    assert not both.is_current(sealed)
    assert both.is_current(both.reseal(sealed))
    assert not both.is_current("no seal")


def test_what_an_earlier_key_signed_can_still_be_checked() -> None:
    both = Sealer(OTHER, ["c" * 43, KEY])
    earlier = (Sealer("c" * 43).derive("buttons"), Sealer(KEY).derive("buttons"))
    assert both.derive_old("buttons") == earlier
    assert both.derive("buttons") == Sealer(OTHER).derive("buttons")
    assert Sealer(KEY).derive_old("buttons") == ()
