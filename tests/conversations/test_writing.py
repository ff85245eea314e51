"""Whoever writes a dialogue is told what is wrong with it, and what may be written."""

import re
from pathlib import Path

import pytest

from tests.dialogues import HEAD, BadDialogue, parse
from tests.playing import DOES, ENDS, HEARS

README = Path(__file__).with_name("README.md").read_text("utf-8")

WRONG = {
    "an unknown step names the words that are known": (
        "name: a\nsteps:\n  - sya: hi",
        ["cafe.yaml: a: step 1", "'sya'", "did you mean `say`?", "burst, tap, pick"],
    ),
    "an unknown word beside the steps": (
        "name: a\nsteps: []\nordres: 1",
        ["cafe.yaml: a: beside the steps", "'ordres'", "`orders`", "draft, owner"],
    ),
    "a yes without quotes is no text": (
        "name: a\nsteps:\n  - say: hi\n  - say: yes",
        ["cafe.yaml: a: step 2", "`say`", "not True", "quotes"],
    ),
    "a word that does not belong to what stands beside it": (
        "name: a\nsteps:\n  - say: hi\n    times: 2",
        ["step 1", "unknown word 'times'"],
    ),
    "a number that is none": (
        "name: a\nsteps:\n  - tap: Confirm\n    times: often",
        ["step 1", "`times`", "integer", "'often'"],
    ),
    "an order is spelt wrong": (
        "name: a\nsteps: []\norder: {lines: {TEA: 2}, totl: 3}",
        ["cafe.yaml: a", "`order` at totl"],
    ),
    "a quantity that is none": (
        "name: a\nsteps: []\ndraft: {TEA: much}",
        ["`draft` at TEA", "decimal", "'much'"],
    ),
    "rules that the product would not take": (
        "name: a\nsteps:\n  - rules: {minimum_order: lots}\n    say: hi",
        ["step 1", "`rules`", "minimum_order"],
    ),
    "to do and to hear in one step": (
        "name: a\nsteps:\n  - say: hi\n    bot: hello",
        ["step 1", "a step of its own"],
    ),
    "a step that is no mapping": ("name: a\nsteps: [hi]", ["step 1", "'hi'"]),
    "no name": ("steps: []", ["cafe.yaml: dialogue 1", "no `name`"]),
    "no YAML": ("name: [", ["cafe.yaml is not YAML", "line"]),
    "a span of time that is none": (
        "name: a\nsteps:\n  - later: soon",
        ["step 1", "`later`", "'soon'"],
    ),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(text: str, told: list[str], tmp_path: Path) -> None:
    path = tmp_path / "cafe.yaml"
    path.write_text(text, "utf-8")
    (problem,) = parse(path)
    assert isinstance(problem, BadDialogue)
    missing = [part for part in told if part not in str(problem)]
    assert not missing, str(problem)


def test_two_of_a_file_are_not_named_alike(tmp_path: Path) -> None:
    path = tmp_path / "cafe.yaml"
    path.write_text("name: a\nsteps: []\n---\nname: a\nsteps: []", "utf-8")
    _, problem = parse(path)
    assert "two are named 'a'" in str(problem)


def test_every_word_is_explained_and_no_other_one() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)
    assert sorted(set(explained)) == sorted({*DOES, *HEARS, *ENDS, *HEAD})


def test_the_example_of_the_readme_can_be_played(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "example.yaml"
    path.write_text(example, "utf-8")
    (dialogue,) = parse(path)
    assert not isinstance(dialogue, BadDialogue), dialogue
