"""Commands are tried the way they are used: by their words, in an own folder."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from bot.commands.program import build

SECRET_KEY = "k" * 43


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the one object on stdout."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Start from nothing, in an empty folder, whatever the developer has set."""
    for name in [n for n in os.environ if n.startswith(("CHATORDER_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    before = structlog.get_config()
    yield
    # A command's log goes to a screen that is gone by now.
    structlog.configure(**before)


@pytest.fixture
def run() -> Run:
    """Run a command: `run("tenant", "add", "Shop")`."""
    runner = CliRunner()

    def invoke(*words: str) -> Ran:
        result = runner.invoke(
            build(), words, catch_exceptions=False, prog_name="chatorder"
        )
        return Ran(result.exit_code, result.stdout, result.stderr)

    return invoke


@pytest.fixture
def on_sqlite(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    """Set the commands to an empty SQLite and a secret key."""
    monkeypatch.setenv("CHATORDER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHATORDER_SECRET_KEY", SECRET_KEY)


@pytest.fixture
def on_both(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """Set the commands to an empty database of each engine and a secret key."""
    monkeypatch.setenv("CHATORDER_DATABASE_URL", database_url)
    monkeypatch.setenv("CHATORDER_SECRET_KEY", SECRET_KEY)


@pytest.fixture
def tenant(run: Run) -> str:
    """Add a tenant by command and return its id."""
    added = run("tenant", "add", "Test Shop", "--country", "TR", "--json")
    assert added.code == 0, added.err
    return str(added.json["id"])
