"""What the documents name exists."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands.program import build
from bot.domain.understanding import Intent
from bot.migrations.comparing import METADATA, TABLE_MODULES

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)
FIRST_FOLDERS = ("bot/", "catalog/", "orders/", "prompts/", "tests/", "bench/", "docs/")


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def snippets(path: Path) -> list[str]:
    """Return what stands in code style: between backticks and in shell blocks."""
    text = read(path)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [snippet.partition("#")[0].strip() for snippet in (*lines, *spans)]


def named(word: str) -> set[str]:
    """Return the words that the documents put after a program: `make test`."""
    found = (
        re.match(rf"{word} ([a-z]+)", snippet)
        for path in DOCUMENTS
        for snippet in snippets(path)
    )
    return {match[1] for match in found if match}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", read(Path("Makefile")), re.MULTILINE))


def test_every_make_target_that_is_named_exists() -> None:
    assert {"run", "test"} <= named("make") <= targets()


def test_make_help_tells_every_target() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert set(re.findall(r"^  make ([a-z]+)", told, re.MULTILINE)) == targets()


@pytest.mark.parametrize("command", sorted(named("chatorder") | {"demo"}))
def test_every_command_that_is_named_exists(command: str) -> None:
    done = CliRunner().invoke(build(), [command, "--help"], prog_name="chatorder")
    assert done.exit_code == 0, done.stderr
    assert f"chatorder {command}" in done.stdout


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", read(path))
    inside = [link for link in links if "://" not in link]
    missing = [link for link in inside if not (ROOT / path.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_files_that_are_named_exist(path: Path) -> None:
    files = [
        snippet
        for snippet in snippets(path)
        if snippet.startswith(FIRST_FOLDERS) and not re.search(r"[<*\s]", snippet)
    ]
    missing = [file for file in files if not (ROOT / file).exists()]
    assert not missing


def test_the_architecture_tells_every_table() -> None:
    section = read(Path("docs/architecture.md")).partition("## The tables")[2]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    told = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert TABLE_MODULES
    assert told == set(METADATA.tables)


def test_the_glossary_tells_every_intent() -> None:
    glossary = read(Path("docs/glossary.md"))
    [line] = [line for line in glossary.splitlines() if line.startswith("| intent |")]
    assert all(intent.value in line for intent in Intent)
