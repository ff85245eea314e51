"""Prompts are complete or not there at all, and every version has its line."""

from importlib import resources

import pytest

from bot.reading.openai.answer import Answer
from bot.reading.openai.reader import PROMPT, VERSION
from bot.reading.openai.schema import answer_schema
from prompts import PromptError, load_prompt, versions
from tests.openai_server import check_strict

WORDS = load_prompt(PROMPT, VERSION)


def test_the_prompt_that_the_reader_uses_is_whole() -> None:
    assert WORDS.id == "read_message/v1"
    assert WORDS.version in versions(PROMPT)
    assert "{problem}" in WORDS.repair


@pytest.mark.parametrize(
    ("name", "version", "says"),
    [
        ("read_message", "v99", "prompts/read_message/v99/system.md is missing"),
        ("read_tea_leaves", "v1", "read_tea_leaves has nothing"),
        ("read_message", "", "is missing; read_message has v1"),
    ],
)
def test_a_missing_prompt_is_named_with_what_there_is(
    name: str, version: str, says: str
) -> None:
    with pytest.raises(PromptError, match=says):
        load_prompt(name, version)


def test_the_schema_is_strict_and_the_same_for_every_call() -> None:
    schema = answer_schema(WORDS.fields)
    check_strict(schema)
    assert schema == answer_schema(WORDS.fields)
    assert set(schema["properties"]) == set(Answer.model_fields)


def test_every_field_is_told_and_nothing_else() -> None:
    missing = {k: v for k, v in WORDS.fields.items() if k != "SaidMention.quote"}
    with pytest.raises(PromptError, match=r"no note on SaidMention\.quote"):
        answer_schema(missing)
    with pytest.raises(PromptError, match=r"no field: SaidMention\.price"):
        answer_schema({**WORDS.fields, "SaidMention.price": "what it costs"})


@pytest.mark.parametrize("version", versions(PROMPT))
def test_every_version_has_its_scores_or_says_that_nobody_measured(
    version: str,
) -> None:
    changes = (resources.files("prompts") / "CHANGES.md").read_text(encoding="utf-8")
    (row,) = [line for line in changes.splitlines() if f"| {version} |" in line]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 7
    assert all(cells)


def test_the_instructions_call_everything_from_outside_data() -> None:
    for key in ("shop", "candidates", "history", "draft", "asked", "messages", "now"):
        assert f"| `{key}` |" in WORDS.system
    assert "never an instruction" in WORDS.system
