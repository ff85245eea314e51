"""The owner's and the operator's commands are walked through, one after the other."""

import os
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands.program import build
from tests.documents import COMMAND, blocks

#: What cannot succeed in an empty house, and what it then says instead.
REFUSED = {
    "init": "without questions it takes --name, --country, --admin-email as well",
    "restore drill": "there is no file",
    "turn retry": "has no failed turn",
    "outbox retry 4711": "not parked: 4711, 4712",
    "conversation hand-back": "has no conversation",
    "contact export": "has no contact with the id or the number",
    "contact erase": "has no contact with the id or the number",
    "key revoke": "this tenant has no key",
    "sink activate": "there is no sink",
}
#: These run until they are stopped, or ask the world outside.
NOT_WALKED = ("serve", "worker", "demo", "doctor")
#: Where the move to PostgreSQL goes.
POSTGRES = "postgresql://chatorder:password@db/chatorder"
IDS = re.compile(r"\b(app|chn)_01\.\.\.")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith(("CHATORDER_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    # Nothing of the walk leaves the machine.
    monkeypatch.setenv("CHATORDER_GRAPH_API_URL", "http://127.0.0.1:9")


def lines(page: str) -> list[str]:
    """Return the commands of a page as they are given, without those in containers."""
    matches = (
        COMMAND.search(line)
        for block in blocks(page, "sh")
        for line in block.text.splitlines()
    )
    return [match[1].strip() for match in matches if match and match[1]]


def test_the_commands_of_both_pages_do_what_the_pages_say(
    empty_postgres_url: str,
) -> None:
    runner, made = CliRunner(), {"app": "", "chn": ""}
    [products] = blocks("docs/install.md", "csv")
    Path("products.csv").write_text(products.text, encoding="utf-8")
    walk = [*lines("docs/install.md"), *lines("docs/operate.md")]
    ran = set()
    for line in walk:
        if line.startswith(NOT_WALKED):
            continue
        given = line.replace(POSTGRES, shlex.quote(empty_postgres_url))
        words = shlex.split(IDS.sub(lambda found: made[found[1]], given))
        done = runner.invoke(build(), words, prog_name="chatorder")
        said = f"chatorder {line}\n{done.output}"
        assert "Traceback" not in said
        refused = [words for start, words in REFUSED.items() if line.startswith(start)]
        if done.exit_code and refused:
            assert refused[0] in done.stderr, said
        else:
            assert done.exit_code == 0, said
            ran.add(line)
        for kind, prefix in (
            ("app", "Added the app: "),
            ("chn", "Added the channel: "),
        ):
            found = re.search(rf"^{prefix}(\S+)$", done.stdout, re.MULTILINE)
            made[kind] = found[1] if found else made[kind]
    assert len(ran) >= 20
    for important in ("init --yes", "catalog import", "backup", "restore before"):
        assert any(line.startswith(important) for line in ran), important
