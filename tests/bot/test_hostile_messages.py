"""Texts and forms that nobody types by hand: from Meta's body to an answer."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.channels.cleaning import TEXT_LIMIT
from bot.channels.whatsapp_cloud.translate import translate
from bot.domain.decision import Decision
from bot.domain.message import Content, InboundMessage, Media, MediaKind, Text
from bot.reading.rules.reader import understand
from tests.factories import a_draft, a_line
from tests.readings import a_request
from tests.turns import INDEX, a_snapshot, decided, kinds, rendered

_PAYLOADS = Path(__file__).parent / "channels" / "whatsapp_cloud" / "payloads"


def _received(sample: str, change: Any) -> list[Any]:
    body = json.loads((_PAYLOADS / f"{sample}.json").read_text("utf-8"))
    change(body["entry"][0]["changes"][0]["value"]["messages"][0])
    return list(translate(json.dumps(body).encode("utf-8", "surrogatepass")))


def _texted(text: str) -> Content:
    def write(message: dict[str, Any]) -> None:
        message["text"]["body"] = text

    (received, *_) = (
        each for each in _received("text", write) if isinstance(each, InboundMessage)
    )
    return received.content


def _answered(content: Content) -> Decision:
    snapshot = a_snapshot((content,))
    decision = decided(snapshot, understand(a_request(content, index=INDEX)))
    for said in rendered(snapshot, decision):
        said.model_dump_json().encode("utf-8")
    return decision


STRANGE = {
    "a lone surrogate": "2 latte \ud83d please",
    "NUL": "2 \0latte",
    "right to left override": "\u202e2 latte\u202c",
    "fullwidth digits": "２ latte",  # noqa: RUF001  on purpose
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_a_strange_text_is_an_order_like_any_other(text: str) -> None:
    content = _texted(text)
    assert isinstance(content, Text)
    content.model_dump_json().encode("utf-8")  # It can be stored.
    (line,) = _answered(content).draft.lines
    assert (line.product_id, line.quantity) == ("latte", Decimal(2))


def test_64_kilobytes_of_text_are_cut_and_answered() -> None:
    content = _texted("latte \u202e２ \0" * 8_000)  # noqa: RUF001  on purpose
    assert isinstance(content, Text)
    assert len(content.text) <= TEXT_LIMIT
    assert _answered(content).replies


FORMS = {
    "no JSON": "{not json",
    "no object": "[1]",
    "nothing": "",
    "a key twice": '{"a": 1, "a": 2}',
    "no flow token": '{"size": "L"}',
    "another person's token": '{"flow_token": "of-somebody-else", "confirm": "yes"}',
    "a token that is no text": '{"flow_token": {"x": [1, null]}}',
}


@pytest.mark.parametrize("answers", FORMS.values(), ids=FORMS)
def test_a_form_that_nobody_can_trust_orders_nothing(answers: str) -> None:
    def fill(message: dict[str, Any]) -> None:
        message["interactive"]["nfm_reply"]["response_json"] = answers

    received = _received("form", fill)
    assert received
    for each in received:
        each.model_dump_json().encode("utf-8")
    contents = [e.content for e in received if isinstance(e, InboundMessage)]
    for content in contents:
        snapshot = a_snapshot(
            (content,), draft=a_draft(lines=(a_line(product_id="latte"),))
        )
        decision = decided(snapshot)
        assert decision.order is None
        assert decision.draft.lines == snapshot.draft.lines
        assert kinds(decision)


def test_words_below_a_photo_that_only_point_are_about_the_photo() -> None:
    picture = Media(kind=MediaKind.IMAGE, provider_media_id="1", caption="this one x2")
    draft = a_draft(lines=(a_line(product_id="latte", quantity=Decimal(1)),))
    request = a_request(picture, index=INDEX, draft=draft)
    snapshot = a_snapshot((picture,), draft=draft)
    decision = decided(snapshot, understand(request))
    assert decision.draft.lines == draft.lines
    assert "CannotRead" in kinds(decision)
    assert "NotUnderstood" not in kinds(decision)
    assert rendered(snapshot, decision)
