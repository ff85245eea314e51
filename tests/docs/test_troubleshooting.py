"""Every message that is explained is one that the software says."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from bot.channels.failure import Action
from bot.channels.whatsapp_cloud.errors import MEANINGS
from tests.documents import ROOT, blocks, read, rows

PAGE = "docs/troubleshooting.md"
#: Where the software says something: Python, and the pages that it shows.
ROOMS = ("bot", "catalog", "orders", "prompts")
#: Stands for what a message puts in at its time.
GAP = "\0"
MESSAGES = [" ".join(block.text.split()) for block in blocks(PAGE, "text")]
#: What Meta's codes make us do, in the words of the page.
THEN = {
    Action.PAUSE_CHANNEL: "paused",
    Action.RETRY: "again",
    Action.SLOW_DOWN: "again",
    Action.SLOW_PAIR: "again",
    Action.ONCE_MORE: "once more, then as text",
    Action.NOT_TODAY: "parked",
    Action.HOLD_FOR_WINDOW: "waits",
    Action.PLAIN_TEXT: "once more, as text",
    Action.REFUSE: "parked",
}


@cache
def said() -> str:
    """Return every text of the source, one on a line, with gaps in them."""
    return "\n".join(
        " ".join(text.split())
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for text in _texts(ast.parse(path.read_text(encoding="utf-8")))
    )


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts in a tree, without those of comments and descriptions."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else GAP
            for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def pattern_of(message: str) -> re.Pattern[str]:
    """Return what finds a message in the source: `...` is what it puts in.

    Gaps at the ends may be anything: other code puts its words before and behind.
    """
    parts = [re.escape(part) for part in message.strip(".").split("...")]
    return re.compile(f"[^\n]*?{GAP}[^\n]*?".join(parts))


def test_enough_messages_are_explained_and_none_twice() -> None:
    assert len(MESSAGES) >= 25
    assert len(set(MESSAGES)) == len(MESSAGES)


@pytest.mark.parametrize("message", MESSAGES)
def test_each_message_stands_in_the_code(message: str) -> None:
    assert pattern_of(message).search(said()), f"nobody says: {message}"


@pytest.mark.parametrize("message", MESSAGES)
def test_each_message_says_enough_to_be_searched_for(message: str) -> None:
    words = re.findall(r"\w{2,}", message.replace("...", " "))
    assert len(words) >= 2


def test_a_message_that_nobody_says_is_found_out() -> None:
    assert not pattern_of("port ... is taken by nobody").search(said())
    assert not pattern_of("everything ... is fine").search(said())


def test_each_message_is_followed_by_what_to_do() -> None:
    lines = read(PAGE).splitlines()
    ends = [n for n, line in enumerate(lines) if line == "```"]
    after = ["".join(lines[end + 1 : end + 3]) for end in ends]
    assert len(after) == len(MESSAGES)
    assert all(words and not words.startswith(("`" * 3, "#")) for words in after)


def test_metas_codes_are_those_of_the_table_in_the_code() -> None:
    codes = rows(PAGE, "## WhatsApp")
    assert len(codes) >= 20
    for code, words, then, _ in codes:
        meaning = MEANINGS[int(code)]
        assert (words, then) == (meaning.why, THEN[meaning.action]), code


def test_every_reason_to_pause_a_channel_is_explained() -> None:
    explained = {words for _, words, _, _ in rows(PAGE, "## WhatsApp")}
    pauses = {m.why for m in MEANINGS.values() if m.action is Action.PAUSE_CHANNEL}
    assert pauses <= explained
