"""`chatorder chat`: a conversation in a terminal, or from a script."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests import nursery
from tests.image import clean_environment


def chat(folder: Path, lines: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder with lines on its stdin."""
    folder.mkdir(exist_ok=True)
    return nursery.run(
        ["chat", *words],
        environment=clean_environment(),
        folder=folder,
        said=lines,
        seconds=120,
    )


def said(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_script_orders_and_hears_the_end(tmp_path: Path) -> None:
    done = chat(tmp_path / "home", "hi, 2 latte and a choc croissant pls\n/2\nyes\n")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    parts = [
        "> hi, 2 latte and a choc croissant pls",
        "2 × Latte",  # noqa: RUF001 (what customers read)
        "/1  Delivery",
        "/2  Pick-up",
        "> Pick-up",
        "/1  Confirm",
        "> yes",
        "your order 1 is placed",
        "Your order 1 has arrived at the shop",
    ]
    found = [done.stdout.find(part) for part in parts]
    assert -1 not in found, done.stdout
    assert found == sorted(found)
    assert list((tmp_path / "home").iterdir()) == [], "nothing is kept"


def test_every_message_is_one_object(tmp_path: Path) -> None:
    messages = said(
        chat(
            tmp_path, "a bagel\n/photo\n\n/quit\nnever sent\n", "--json", "--name", "B"
        )
    )
    mine = [each for each in messages if each["from"] == "customer"]
    assert [(each["kind"], each["text"]) for each in mine] == [
        ("text", "a bagel"),
        ("image", ""),
    ]
    first = messages[1]
    assert first["from"] == "shop"
    assert isinstance(first["choices"], list)


def test_what_cannot_be_done_is_said_and_the_chat_goes_on(tmp_path: Path) -> None:
    done = chat(tmp_path, "/7\n/fly away\nhello\n", "--json")
    assert "there is no choice 7" in done.stderr
    assert "there is no /fly" in done.stderr
    assert [each["text"] for each in said(done) if each["from"] == "customer"] == [
        "hello"
    ]


def test_an_empty_script_ends_at_once(tmp_path: Path) -> None:
    assert said(chat(tmp_path, "", "--json")) == []
