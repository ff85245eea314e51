"""The `.env` file: what is added is read as it was meant; what was there stays."""

from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.env_file import add_settings
from bot.commands.failing import CommandFailed

VALUES = {
    "plain": "sqlite:///./data/a.db",
    "address": "postgresql://shop:p%40ss@db/shop?sslmode=require",
    "space": "two words",
    "quotes": 'it\'s "so"',
    "backslash": "a\\b\\",
    "hash": "a #b",
    "dollar": "$HOME",
    "letters": "şifre",
    "empty": "",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_is_read_as_it_was_written(tmp_path: Path, value: str) -> None:
    path = tmp_path / ".env"
    add_settings(path, {"CHATORDER_X": value, "CHATORDER_Y": "1"})
    assert dotenv_values(path) == {"CHATORDER_X": value, "CHATORDER_Y": "1"}


printable = st.text(max_size=40).filter(lambda t: t.isprintable() and "${" not in t)


@given(value=printable)
def test_so_is_any_value(value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("env") / ".env"
    add_settings(path, {"CHATORDER_X": value})
    assert dotenv_values(path)["CHATORDER_X"] == value


@pytest.mark.parametrize("value", ["${HOME}", "a\nb", "a\0b"])
def test_what_no_env_file_can_hold_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / ".env"
    with pytest.raises(CommandFailed, match=r"CHATORDER_X cannot stand in \.env"):
        add_settings(path, {"CHATORDER_X": value})
    assert not path.exists()


def test_lines_that_were_there_stay_and_a_link_stays_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("# mine\nA=1")
    kept.chmod(0o644)
    link = tmp_path / ".env"
    link.symlink_to(kept)
    add_settings(link, {"B": "2"})
    assert kept.read_text() == "# mine\nA=1\nB=2\n"
    assert link.is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_nothing_to_add_makes_no_file(tmp_path: Path) -> None:
    add_settings(tmp_path / ".env", {})
    assert not (tmp_path / ".env").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"cannot write .*no/\.env"):
        add_settings(tmp_path / "no" / ".env", {"A": "1"})
