"""The JSON schema that the model's answer is held to: constant, strict, self-contained.

Strict structured outputs know a part of JSON Schema only: every property is required,
nothing else is allowed, and limits of numbers and lengths are not among it (OpenAI's
guide "Structured Outputs"). Those are checked when the answer is grounded.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.reading.openai.answer import Answer
from prompts import PromptError

NAME = "reading"
#: What pydantic adds and a model has no use for.
_NOISE = ("title", "default")


def answer_schema(notes: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema, with a prompt's note on every field.

    Raises PromptError when a field has no note, or a note has no field.
    """
    raw = Answer.model_json_schema()
    defs = raw.pop("$defs")
    named = {**defs, "Answer": raw}
    _check(notes, set(_fields(named)))
    return _whole("Answer", named, notes)


def _fields(named: Mapping[str, Any]) -> Iterator[str]:
    for owner, definition in named.items():
        yield from (f"{owner}.{name}" for name in definition.get("properties", ()))


def _check(notes: Mapping[str, str], fields: set[str]) -> None:
    missing, unknown = sorted(fields - set(notes)), sorted(set(notes) - fields)
    if missing:
        raise PromptError(f"fields.toml has no note on {', '.join(missing)}")
    if unknown:
        raise PromptError(f"fields.toml has notes on no field: {', '.join(unknown)}")


def _whole(
    owner: str, named: Mapping[str, Any], notes: Mapping[str, str]
) -> dict[str, Any]:
    """Return a definition with all that it refers to put in place."""
    definition = {k: v for k, v in named[owner].items() if k not in _NOISE}
    if "properties" in definition:
        definition["properties"] = {
            name: {
                **_inlined(property_, named, notes),
                "description": notes[f"{owner}.{name}"],
            }
            for name, property_ in definition["properties"].items()
        }
        definition["required"] = list(definition["properties"])
        definition["additionalProperties"] = False
    definition.pop("description", None)
    return definition


def _inlined(
    node: Mapping[str, Any], named: Mapping[str, Any], notes: Mapping[str, str]
) -> dict[str, Any]:
    """Return a property with what it refers to put in place."""
    if "$ref" in node:
        return _whole(node["$ref"].rpartition("/")[2], named, notes)
    whole = {key: value for key, value in node.items() if key not in _NOISE}
    if "items" in whole:
        whole["items"] = _inlined(whole["items"], named, notes)
    if "anyOf" in whole:
        whole["anyOf"] = [_inlined(each, named, notes) for each in whole["anyOf"]]
    return whole
