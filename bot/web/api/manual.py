"""The API's description as a page for people: all it shows is in the document."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

Schema = Mapping[str, object]
_CODE = re.compile(r"`([^`]+)`")
#: Where the examples send their calls.
_SERVER = "$CHATORDER_URL"
_DEEPEST = 6
#: A larger limit is one of the database, and nobody meets it.
_TOLD = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or a field."""

    name: str
    type: Markup
    needed: bool
    words: Markup
    where: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation may answer."""

    status: str
    words: Markup
    example: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to be shown."""

    id: str
    method: str
    path: str
    summary: str
    words: Markup
    parameters: Sequence[Row]
    fields: Sequence[Row]
    curl: str
    answer: str
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations of one subject."""

    name: str
    about: Markup
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True)
class Model:
    """A named schema."""

    name: str
    about: Markup
    rows: Sequence[Row]
    words: Markup  #: What it may be, when it has no fields.


class Manual:
    """Reads an OpenAPI document made by `bot.web.api.openapi`."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        components = _part(document, "components")
        self._schemas = _part(components, "schemas")
        self._responses = _part(components, "responses")
        self.about = paragraphs(_text(_part(document, "info"), "description"))
        self.version = _text(_part(document, "info"), "version")

    def chapters(self) -> list[Chapter]:
        """Return every subject with its operations."""
        found: dict[str, list[Operation]] = {}
        for path, operations in _part(self._document, "paths").items():
            for method, operation in _members(operations).items():
                facts = _members(operation)
                tag = str(_list(facts, "tags")[0])
                shown = self._operation(method.upper(), path, facts)
                found.setdefault(tag, []).append(shown)
        tags = [_members(tag) for tag in _list(self._document, "tags")]
        return [
            Chapter(
                _text(tag, "name"),
                paragraphs(_text(tag, "description")),
                found.get(_text(tag, "name"), []),
            )
            for tag in tags
        ]

    def models(self) -> list[Model]:
        """Return every named schema."""
        return [
            Model(
                name,
                paragraphs(_text(_members(schema), "description")),
                list(self._rows(_members(schema))),
                self._type(_members(schema)),
            )
            for name, schema in sorted(self._schemas.items())
        ]

    def _operation(self, method: str, path: str, facts: Schema) -> Operation:
        body = _part(_part(facts, "requestBody"), "content")
        media_type = next(iter(body), "")
        schema = _part(_part(body, media_type), "schema")
        answers = _part(facts, "responses")
        return Operation(
            id=_text(facts, "operationId"),
            method=method,
            path=path,
            summary=_text(facts, "summary"),
            words=paragraphs(_text(facts, "description")),
            parameters=[
                self._parameter(_members(p)) for p in _list(facts, "parameters")
            ],
            fields=list(self._rows(self._resolved(schema))),
            curl=self._curl(method, path, media_type, schema, self._key(facts)),
            answer=self._success(answers),
            answers=[self._answer(s, _members(a)) for s, a in answers.items()],
        )

    def _parameter(self, facts: Schema) -> Row:
        schema = _part(facts, "schema")
        words = _text(facts, "description") or _text(schema, "description")
        return Row(
            name=_text(facts, "name"),
            type=self._type(schema),
            needed=bool(facts.get("required")),
            words=inline(words),
            where=_text(facts, "in"),
        )

    def _rows(self, schema: Schema) -> Iterator[Row]:
        needed = _list(schema, "required")
        for name, each in _part(schema, "properties").items():
            facts = _members(each)
            yield Row(
                name=name,
                type=self._type(facts),
                needed=name in needed,
                words=inline(_text(facts, "description")),
            )

    def _resolved(self, schema: Schema) -> Schema:
        ref = schema.get("$ref")
        return _part(self._schemas, _name(ref)) if isinstance(ref, str) else schema

    def _type(self, schema: Schema) -> Markup:
        """Return what a value may be, with links to what has a name."""
        ref = schema.get("$ref")
        if isinstance(ref, str):
            return Markup('<a href="#model-{0}">{0}</a>').format(_name(ref))
        choices = _list(schema, "anyOf") or _list(schema, "oneOf")
        if choices:
            return Markup(" or ").join(self._type(_members(c)) for c in choices)
        values = _list(schema, "enum") or [schema[k] for k in ("const",) if k in schema]
        if values:
            return Markup(" | ").join(
                Markup("<code>{}</code>").format(json.dumps(value)) for value in values
            )
        if schema.get("type") == "array":
            return Markup("list of {}").format(self._type(_part(schema, "items")))
        return Markup("{}").format(_plain_type(schema))

    def _key(self, facts: Schema) -> str:
        """Return the header that carries the key of an operation."""
        places = _list(facts, "security") or _list(self._document, "security")
        name = next(iter(_members(next(iter(places), {}))), "")
        schemes = _part(_part(self._document, "components"), "securitySchemes")
        header = _text(_part(schemes, name), "name")
        return header + ": " if header else "Authorization: Bearer "

    def _curl(
        self, method: str, path: str, media_type: str, schema: Schema, key: str
    ) -> str:
        place = re.sub(r"\{(\w+)\}", lambda m: m.group(1).upper(), path)
        request = "" if method == "GET" else f"-X {method} "
        lines = [
            f'curl {request}"{_SERVER}{place}"',
            f'  -H "{key}$CHATORDER_KEY"',
        ]
        if method == "POST":
            lines.append('  -H "Idempotency-Key: $(uuidgen)"')
        if media_type == "application/json":
            lines.append('  -H "Content-Type: application/json"')
            lines.append(
                f"  -d '{json.dumps(self.sample(schema), ensure_ascii=False)}'"
            )
        elif media_type:
            lines.append(f'  -H "Content-Type: {media_type}" --data-binary @FILE')
        return " \\\n".join(lines)

    def _success(self, answers: Schema) -> str:
        first = _members(next(iter(answers.values()), {}))
        content = _part(_part(first, "content"), "application/json")
        if not content:
            return ""
        sample = self.sample(_part(content, "schema"))
        return json.dumps(sample, indent=2, ensure_ascii=False)

    def _answer(self, status: str, facts: Schema) -> Answer:
        ref = facts.get("$ref")
        if isinstance(ref, str):
            link = Markup('<a href="/docs/errors#{0}"><code>{0}</code></a>').format(
                _name(ref)
            )
            known = _part(self._responses, _name(ref))
            words = inline(_text(known, "description"))
            return Answer(status, Markup("{} {}").format(link, words))
        return Answer(status, inline(_text(facts, "description")))

    def sample(self, schema: Schema, depth: int = 0) -> object:
        """Return a value that the schema allows: its own example where it has one."""
        schema = self._resolved(schema)
        examples = _list(schema, "examples")
        if examples:
            return examples[0]
        for choice in _list(schema, "anyOf") or _list(schema, "oneOf"):
            return self.sample(_members(choice), depth + 1)
        values = _list(schema, "enum")
        if "const" in schema or values or "default" in schema:
            return schema.get("const", values[0] if values else schema.get("default"))
        match schema.get("type"):
            case "object" if depth < _DEEPEST:
                return {
                    name: self.sample(_members(each), depth + 1)
                    for name, each in _part(schema, "properties").items()
                }
            case "array" if depth < _DEEPEST:
                return [self.sample(_part(schema, "items"), depth + 1)]
            case kind:
                return _SAMPLES.get(str(kind))


_SAMPLES: Mapping[str, object] = {
    "string": "...",
    "integer": 1,
    "number": 0.9,
    "boolean": False,
    "object": {},
    "array": [],
}


def paragraphs(text: str) -> Markup:
    """Return a text as HTML: paragraphs, lists of lines with `*`, and `code`."""
    parts: list[Markup] = []
    for block in text.strip().split("\n\n"):
        items = re.split(r"^\* ", block, flags=re.MULTILINE)
        if len(items) > 1:
            points = Markup().join(
                Markup("<li>{}</li>").format(inline(item)) for item in items[1:]
            )
            parts.append(Markup("<ul>{}</ul>").format(points))
        elif block.strip():
            parts.append(Markup("<p>{}</p>").format(inline(block)))
    return Markup().join(parts)


def inline(text: str) -> Markup:
    """Return a text of one paragraph as HTML."""
    words = str(escape(" ".join(text.split())))
    return Markup(_CODE.sub(r"<code>\1</code>", words))  # noqa: S704  # escaped above


def _plain_type(schema: Schema) -> str:
    kind = str(schema.get("format") or schema.get("type") or "anything")
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and isinstance(most, int | float) and most <= _TOLD:
        return f"{kind}, {least} to {most}"
    longest = schema.get("maxLength")
    return f"{kind}, up to {longest} characters" if longest else kind


def _name(ref: object) -> str:
    return str(ref).rpartition("/")[2]


def _members(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _part(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _members(value.get(name))


def _list(value: Mapping[str, object], name: str) -> list[object]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
