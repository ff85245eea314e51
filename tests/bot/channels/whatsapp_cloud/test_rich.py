"""Documents, links, products, templates and reactions, as Meta takes them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.emoji import is_emoji, without_emoji
from bot.channels.failure import Action, SendRefused
from bot.channels.graphemes import width
from bot.channels.whatsapp_cloud.fitting import parts
from bot.channels.whatsapp_cloud.outbound import bodies, body
from bot.domain.message import (
    Alias,
    AliasKind,
    OutboundMessage,
    OutContent,
    OutImage,
    OutText,
)
from bot.domain.outgoing import (
    OutCatalog,
    OutDocument,
    OutLink,
    OutLocationRequest,
    OutProduct,
    OutProducts,
    OutReaction,
    OutTemplate,
    ProductCard,
    ProductSection,
)
from bot.simulator import bodies as simulated
from bot.simulator.bubble import of_message
from tests.outgoing import PAY, PDF, SOUND, WILD

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PHONE = Alias(kind=AliasKind.WA_ID, value="16505551234")


def a_message(content: OutContent) -> OutboundMessage:
    return OutboundMessage(to=PHONE, content=content)


def sent(content: OutContent) -> dict[str, Any]:
    told = body(a_message(content), callback="outbox:1")
    return {k: v for k, v in told.items() if k in {"type", str(told["type"])}}


def fitted(content: OutContent) -> list[OutContent]:
    return [part.content for part in parts(a_message(content))]


# -- the JSON -------------------------------------------------------------------------


def interactive(kind: str, text: str, action: object, **more: object) -> object:
    inner = {"type": kind, "body": {"text": text}, "action": action, **more}
    return {"type": "interactive", "interactive": inner}


FOOTER = {"text": "Shop"}
EXPECTED: dict[str, object] = {
    "document": {
        "type": "document",
        "document": {
            "link": PDF,
            "caption": "Your invoice",
            "filename": "Invoice 7.pdf",
        },
    },
    "link": interactive(
        "cta_url",
        "Order 7 is 12.50.",
        {"name": "cta_url", "parameters": {"display_text": "Pay", "url": PAY}},
        header={"type": "text", "text": "Order 7"},
        footer=FOOTER,
    ),
    "location request": interactive(
        "location_request_message",
        "Where shall we bring it?",
        {"name": "send_location"},
    ),
    "product": interactive(
        "product",
        "Latte: 95.00",
        {"catalog_id": "194836987003835", "product_retailer_id": "latte"},
        footer=FOOTER,
    ),
    "products": interactive(
        "product_list",
        "These we have.",
        {
            "catalog_id": "194836987003835",
            "sections": [
                {"title": "Hot", "product_items": [{"product_retailer_id": "latte"}]},
                {"title": "Cold", "product_items": [{"product_retailer_id": "ayran"}]},
            ],
        },
        header={"type": "text", "text": "Drinks"},
        footer=FOOTER,
    ),
    "catalog": interactive(
        "catalog_message",
        "Have a look.",
        {
            "name": "catalog_message",
            "parameters": {"thumbnail_product_retailer_id": "latte"},
        },
        footer=FOOTER,
    ),
    "template": {
        "type": "template",
        "template": {
            "name": "order_shipped",
            "language": {"policy": "deterministic", "code": "tr"},
            "components": [
                {"type": "header", "parameters": [{"type": "text", "text": "7"}]},
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "text": "7"},
                        {"type": "text", "text": "Ada"},
                    ],
                },
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "0",
                    "parameters": [{"type": "text", "text": "o/7"}],
                },
            ],
        },
    },
    "reaction": {
        "type": "reaction",
        "reaction": {"message_id": "wamid.IN", "emoji": "👍🏽"},
    },
    "no reaction": {
        "type": "reaction",
        "reaction": {"message_id": "wamid.IN", "emoji": ""},
    },
}


@pytest.mark.parametrize("name", SOUND)
def test_every_kind_has_its_json(name: str) -> None:
    assert sent(SOUND[name]) == EXPECTED[name]
    assert fitted(SOUND[name]) == [SOUND[name]], "it is as it should be"


def test_what_nothing_is_said_of_is_left_out() -> None:
    assert sent(OutDocument(link=PDF)) == {
        "type": "document",
        "document": {"link": PDF},
    }
    template = sent(OutTemplate(name="hello_world", language="en_US"))["template"]
    assert "components" not in template


@pytest.mark.parametrize("name", [*SOUND, *WILD])
def test_the_simulated_graph_api_takes_it_and_a_phone_shows_it(name: str) -> None:
    for told in bodies(a_message((SOUND | WILD)[name]), callback="outbox:1"):
        message = simulated.parse(json.dumps(told).encode())
        assert not isinstance(message, simulated.Violation | simulated.ReadReceipt)
        bubble = of_message("wamid.OUT", message, NOW)
        assert bubble.words or bubble.link or bubble.kind == "reaction"


# -- limits ---------------------------------------------------------------------------

CARD = ProductCard(retailer_id="latte", name="Latte")


def a_link(**changes: Any) -> OutLink:
    return OutLink(body="b", title="Pay", url=PAY).model_copy(update=changes)


def a_product(**changes: Any) -> OutProduct:
    content = OutProduct(body="b", catalog_id="1", card=CARD)
    return content.model_copy(update=changes)


def cards(count: int) -> tuple[ProductCard, ...]:
    return tuple(ProductCard(retailer_id=f"p{n}", name="P") for n in range(count))


def products(*sections: ProductSection, **changes: Any) -> OutProducts:
    given = sections or (ProductSection(title="t", cards=(CARD,)),)
    content = OutProducts(header="h", body="b", catalog_id="1", sections=given)
    return content.model_copy(update=changes)


def a_template(**changes: Any) -> OutTemplate:
    return OutTemplate(name="hi", language="tr").model_copy(update=changes)


LIMITS: dict[str, tuple[int, Callable[[int], OutContent]]] = {
    "document caption": (1024, lambda n: OutDocument(link=PDF, caption="x" * n)),
    "document name": (240, lambda n: OutDocument(link=PDF, filename="x" * n)),
    "link body": (1024, lambda n: a_link(body="x" * n)),
    "link title": (20, lambda n: a_link(title="x" * n)),
    "link header": (60, lambda n: a_link(header="x" * n)),
    "link footer": (60, lambda n: a_link(footer="x" * n)),
    "link address": (2000, lambda n: a_link(url=PAY.ljust(n, "x"))),
    "location request": (1024, lambda n: OutLocationRequest(body="x" * n)),
    "product body": (1024, lambda n: a_product(body="x" * n)),
    "product footer": (60, lambda n: a_product(footer="x" * n)),
    "products header": (60, lambda n: products(header="x" * n)),
    "products": (30, lambda n: products(ProductSection(title="t", cards=cards(n)))),
    "sections": (
        10,
        lambda n: products(
            *(ProductSection(title=f"{i}", cards=(c,)) for i, c in enumerate(cards(n)))
        ),
    ),
    "section title": (
        24,
        lambda n: products(ProductSection(title="x" * n, cards=(CARD,))),
    ),
    "catalog body": (1024, lambda n: OutCatalog(body="x" * n, thumbnail="latte")),
    "parameter": (1024, lambda n: a_template(parameters=("x" * n,))),
    "header parameter": (60, lambda n: a_template(header="x" * n)),
}


@pytest.mark.parametrize(("most", "make"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is_reached_and_not_passed_and_what_is_longer_is_made_to_fit(
    most: int, make: Any
) -> None:
    sent(make(most))
    assert fitted(make(most)) == [make(most)]
    with pytest.raises(SendRefused, match=str(most)) as refused:
        sent(make(most + 1))
    assert refused.value.action is Action.REFUSE
    assert bodies(a_message(make(most + 1)), callback="outbox:1")


REFUSED: dict[str, OutContent] = {
    "a document that is no web page": OutDocument(link="file:///etc/passwd"),
    "an address with a space": OutDocument(link="https://x.example/a b"),
    "an address of no host": OutDocument(link="https://"),
    "an address that is none": OutDocument(link="https://[x.example/a"),
    "a script": a_link(url="javascript:alert(1)"),
    "an emoji on the button": a_link(title="Pay 💳"),
    "a flag on the button": a_link(title="🇹🇷"),
    "a key on the button": a_link(title="1️⃣"),
    "a blank title": a_link(title=" "),
    "a blank request": OutLocationRequest(body="\n"),
    "a product of no catalog": a_product(catalog_id=""),
    "no sections": products(sections=()),
    "an empty section": products(ProductSection(title="t", cards=())),
    "a product twice": products(ProductSection(title="t", cards=(CARD, CARD))),
    "a blank header": products(header=""),
    "a catalog without a picture": OutCatalog(body="b", thumbnail=""),
    "a template's odd name": a_template(name="Order Shipped"),
    "a template of no language": a_template(language=""),
    "a parameter of two lines": a_template(parameters=("a\nb",)),
    "a parameter with a gap": a_template(parameters=("a     b",)),
    "a blank parameter": a_template(parameters=("",)),
    "a word as a reaction": OutReaction(target="wamid.1", emoji="ok"),
    "two emoji": OutReaction(target="wamid.1", emoji="👍👎"),
    "a blank emoji": OutReaction(target="wamid.1", emoji=""),
    "a reaction to nothing": OutReaction(target="", emoji="👍"),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_whatsapp_would_refuse_is_refused_before(content: OutContent) -> None:
    with pytest.raises(SendRefused):
        sent(content)


# -- fitting --------------------------------------------------------------------------


@pytest.mark.parametrize("name", WILD)
def test_whatever_a_model_writes_becomes_valid_messages(name: str) -> None:
    told = fitted(WILD[name])
    assert bodies(a_message(WILD[name]), callback="outbox:1")
    assert [again for each in told for again in fitted(each)] == told


def test_a_long_text_goes_ahead_and_its_end_stays_with_the_button() -> None:
    body_of = "\n".join(f"{n} x something rather nice" for n in range(60))
    first, last = fitted(a_link(body=f"{body_of}\n\nPay here.", title="Pay 💳"))
    assert first == OutText(body=f"{body_of}\n\n")
    assert last == a_link(body="Pay here.")


def test_a_button_without_words_is_said_in_words() -> None:
    (told,) = fitted(a_link(body="Pay here.", title="💳"))
    assert told == OutText(body=f"Pay here.\n\n💳: {PAY}")


def test_a_product_of_no_catalog_is_a_picture_or_words() -> None:
    link = "https://shop.example/latte.jpg"
    without = a_product(catalog_id="", body="Latte")
    assert fitted(without.model_copy(update={"link": link})) == [
        OutImage(link=link, caption="Latte")
    ]
    assert fitted(without) == [OutText(body="Latte")]


def test_seventy_products_come_in_three_messages_each_once() -> None:
    told = fitted(products(ProductSection(title="All", cards=cards(70))))
    shown = [c for t in told if isinstance(t, OutProducts) for c in t.sections[0].cards]
    assert len(told) == 3
    assert tuple(shown) == cards(70)


def test_a_long_file_name_keeps_its_ending() -> None:
    (told,) = fitted(OutDocument(link=PDF, filename="ç" * 300 + ".pdf"))
    assert isinstance(told, OutDocument)
    assert told.filename is not None
    assert told.filename.endswith("….pdf")
    assert width(told.filename) == 240


def test_a_parameter_is_one_line_and_never_empty() -> None:
    (told,) = fitted(a_template(parameters=("a\nb\t c", "")))
    assert isinstance(told, OutTemplate)
    assert told.parameters == ("a b c", "-")


def test_pictures_are_told_from_letters() -> None:
    pictures = ["💳", "👩🏽\u200d💻", "🇹🇷", "1️⃣", "❤️", "☕"]
    letters = ["a", "é", "ş", "字", "א", "₺", "1", "-", "e\u0301"]
    assert all(map(is_emoji, pictures))
    assert not any(map(is_emoji, letters))
    assert without_emoji("Pay 💳 now 🇹🇷") == "Pay now"
    assert without_emoji("Öde  şimdi") == "Öde  şimdi"
