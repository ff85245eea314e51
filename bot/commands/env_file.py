"""The `.env` file: settings are added to it, and never changed."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.commands.failing import CommandFailed

#: What needs no quotes, in a shell as little as for us.
_PLAIN = re.compile(r"[\w./:@%?&=+,~-]*", re.ASCII)


def add_settings(path: Path, values: Mapping[str, str]) -> None:
    """Add lines to the file, which only its owner can read from now on.

    A reader sees the old file or the new one, also after a crash. Raises CommandFailed
    when the file cannot be written, or when a value cannot stand in one.
    """
    if not values:
        return
    target = path.resolve()  # a link stays a link
    try:
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"
        lines = "".join(f"{name}={_quoted(name, values[name])}\n" for name in values)
        _replace(target, before + lines)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"cannot write {path}: {error}") from None


def _replace(target: Path, text: str) -> None:
    # Such a file begins with mode 600, and is the secret's only copy: it must last.
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".env-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _quoted(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    if "${" in value or not value.isprintable():
        raise CommandFailed(
            f"{name} cannot stand in .env: set it in the environment, or write ${{ as"
            " %24%7B where it is part of an address"
        )
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
