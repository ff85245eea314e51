"""Our documents as tests read them: their blocks, tables and code spans."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.telemetry import Metrics

ROOT = Path(__file__).parent.parent
#: How a command of ours begins in a block: by hand, by its path, or in a container.
COMMAND = re.compile(
    r"(?:^|/bin/|\$\()chatorder (?=[a-z-])(.*)$|--rm (?:-v \S+ )?web (.*)$"
)
_BLOCK = re.compile(
    r"(?:<!-- not run: (?P<why>[^>]+) -->\n\s*)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str
    line: int  #: Of its first line in the page.
    why_not_run: str | None = None


def read(page: str) -> str:
    """Return the text of a page: `docs/install.md`."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> Sequence[Block]:
    """Return the fenced blocks of a page in these languages; of all without any."""
    return [
        each
        for each in _blocks(read(page))
        if not languages or each.language in languages
    ]


def _blocks(text: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(text):
        indent = len(match["indent"])
        lines = [line[indent:] for line in match["text"].splitlines()]
        yield Block(
            language=match["language"],
            text="\n".join(lines) + "\n",
            line=text.count("\n", 0, match.start("text")) + 1,
            why_not_run=match["why"],
        )


def without_blocks(text: str) -> str:
    """Return what stands outside of fenced blocks."""
    return _BLOCK.sub("", text)


def spans(page: str) -> Sequence[str]:
    """Return what stands between single backticks, outside of blocks."""
    return re.findall(r"`([^`\n]+)`", without_blocks(read(page)))


def rows(page: str, heading: str) -> Sequence[Sequence[str]]:
    """Return the cells of the first table below a heading, without its head."""
    _, found, rest = read(page).partition(f"{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    lines = rest.partition("\n#")[0].splitlines()
    table = [line for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def labelled() -> dict[str, set[str]]:
    """Return every metric of ours, as the page names them, with its labels."""
    metrics: list[Any] = [
        each for each in vars(Metrics()).values() if hasattr(each, "describe")
    ]
    names = {each: each.describe()[0] for each in metrics}
    return {
        f"{family.name}_total" if family.type == "counter" else family.name: set(
            metric._labelnames  # noqa: SLF001  # there is no public way to ask
        )
        for metric, family in names.items()
    }
