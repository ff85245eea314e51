"""Our bodies against Meta's own OpenAPI document, where it is at hand."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.whatsapp_cloud.outbound import bodies, read_receipt
from bot.domain.message import (
    Alias,
    AliasKind,
    Button,
    OutboundMessage,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
    Row,
)
from tests.outgoing import SOUND, WILD

PATH = os.environ.get("CHATORDER_META_SPEC")
pytestmark = pytest.mark.skipif(
    not PATH, reason="CHATORDER_META_SPEC does not name Meta's OpenAPI document"
)

#: Documented elsewhere: the document leaves it out.
UNDOCUMENTED = {"biz_opaque_callback_data"}

CONTENTS: dict[str, OutContent] = {
    "text": OutText(body="word " * 3000),
    "buttons": OutButtons(
        body="line\n" * 1000,
        header="h" * 100,
        footer="f" * 100,
        buttons=tuple(Button(id="b" * 250 + str(n), title="t" * 50) for n in range(5)),
    ),
    "list": OutList(
        body="line\n" * 1000,
        button="Choose one of these now",
        footer="f" * 100,
        rows=tuple(
            Row(id=f"{n}", title="t" * 50, description="d" * 100) for n in range(14)
        ),
    ),
    "image": OutImage(link="https://x.example/a.jpg", caption="word " * 500),
}
#: Kinds of interactive messages that the document (v23.0) does not list; their
#: envelope, header, body and footer are checked all the same.
UNLISTED = {"cta_url", "location_request_message"}
RICH = {
    **{f"sound {name}": content for name, content in SOUND.items()},
    **{f"wild {name}": content for name, content in WILD.items()},
}


@pytest.fixture(scope="module")
def spec() -> Mapping[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = Path(PATH or "").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.load(text, loader)
    return document


def problems(
    spec: Mapping[str, Any], schema: Any, value: Any, at: str
) -> Iterator[str]:
    """Yield what a schema has against a value: the few keywords that are used here.

    Parts of an `allOf` are read as one object, as they are meant; read to the letter
    each would forbid what the other demands.
    """
    schema = merged(spec, schema)
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at} has no {name}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}, not one of {schema['enum']}"
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield f"{at} is longer than {schema['maxLength']}"
    if isinstance(value, list):
        yield from of_list(spec, schema, value, at)
    if isinstance(value, dict):
        yield from of_object(spec, schema, value, at)
    if "oneOf" in schema:
        tries = [list(problems(spec, one, value, at)) for one in schema["oneOf"]]
        if all(tries):
            yield from min(tries, key=len)


def of_list(
    spec: Mapping[str, Any], schema: Mapping[str, Any], value: list[Any], at: str
) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1000):
        yield f"{at} has {len(value)} items"
    for place, item in enumerate(value):
        yield from problems(spec, schema.get("items", {}), item, f"{at}[{place}]")


def of_object(
    spec: Mapping[str, Any], schema: Mapping[str, Any], value: dict[str, Any], at: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    if schema.get("additionalProperties") is False:
        known = set(properties) | UNDOCUMENTED
        yield from (f"{at} may not have {name}" for name in set(value) - known)
    for name in set(properties) & set(value):
        yield from problems(spec, properties[name], value[name], f"{at}.{name}")


def merged(spec: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return merged(spec, spec["components"]["schemas"][name])
    whole = {key: inner for key, inner in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        for key, inner in merged(spec, part).items():
            if key == "properties":
                whole[key] = {**whole.get(key, {}), **inner}
            elif key == "required":
                whole[key] = [*whole.get(key, ()), *inner]
            else:
                whole[key] = inner
    return whole


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_every_body_fits_metas_document(
    spec: Mapping[str, Any], content: OutContent
) -> None:
    to = Alias(kind=AliasKind.WA_ID, value="16505551234")
    message = OutboundMessage(to=to, content=content, reply_to="wamid.IN")
    sent = bodies(message, callback="outbox:1")
    assert len(sent) > 1
    for body in sent:
        assert list(of_body(spec, body)) == []


@pytest.mark.parametrize("content", RICH.values(), ids=RICH)
def test_every_rich_kind_fits_metas_document(
    spec: Mapping[str, Any], content: OutContent
) -> None:
    to = Alias(kind=AliasKind.WA_ID, value="16505551234")
    message = OutboundMessage(to=to, content=content)
    for body in bodies(message, callback="outbox:1"):
        assert list(of_body(spec, body)) == []


def of_body(spec: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    mapping = spec["components"]["schemas"]["Message"]["discriminator"]["mapping"]
    told = body.get("interactive")
    if told is not None and told["type"] in UNLISTED:
        seen = {k: v for k, v in told.items() if k != "action"}
        action = {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "t"}}]}
        body = {**body, "interactive": {**seen, "type": "button", "action": action}}
    yield from problems(spec, {"$ref": mapping[body["type"]]}, body, "body")
    if body["type"] == "template":
        components = spec["components"]["schemas"]["TemplateComponent"]
        named = components["discriminator"]["mapping"]
        for component in body["template"].get("components", ()):
            schema = {"$ref": named[component["type"]]}
            # Its pattern of an index is broken: it allows "," and no 0.
            yield from problems(spec, schema, component, "component")


def test_the_checker_finds_what_is_wrong(spec: Mapping[str, Any]) -> None:
    text = {"$ref": "#/components/schemas/TextMessage"}
    wrong = {"type": "image", "text": {"body": 1, "odd": 2}, "to": "1"}
    found = " ".join(problems(spec, text, wrong, "body"))
    assert "no messaging_product" in found
    assert "'image'" in found
    assert "may not have odd" in found


@pytest.mark.parametrize("typing", [True, False])
def test_a_read_receipt_fits_metas_document(
    spec: Mapping[str, Any], typing: bool
) -> None:
    schema = {"$ref": "#/components/schemas/MarkMessageRequestPayload"}
    receipt = read_receipt("wamid.IN", typing=typing)
    assert list(problems(spec, schema, receipt, "body")) == []
