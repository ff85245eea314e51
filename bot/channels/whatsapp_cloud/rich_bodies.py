"""Documents, links, products, templates and reactions as the Graph API's JSON.

Pure, and strict, as `bot.channels.whatsapp_cloud.outbound`, which sends them.
"""

from functools import singledispatch

from bot.channels.whatsapp_cloud.checks import (
    address,
    count,
    differ,
    id_of,
    one_emoji,
    one_line,
    refused,
    within,
    wordy,
)
from bot.channels.whatsapp_cloud.limits import (
    BUTTON_PARAMETER,
    CAPTION,
    CATALOG_ID,
    FILENAME,
    FOOTER,
    HEADER,
    HEADER_PARAMETER,
    INTERACTIVE_BODY,
    LINK_TITLE,
    PARAMETER,
    PRODUCTS,
    RETAILER_ID,
    SECTION_TITLE,
    SECTIONS,
    TARGET,
    TEMPLATE_LANGUAGE,
    TEMPLATE_NAME,
    URL,
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
    ProductSection,
    Rich,
)

Body = dict[str, object]


@singledispatch
def rich_body(content: Rich) -> Body:
    """Return the part of a body that says a content. Raises `SendRefused`."""
    raise TypeError(f"{content!r} has no form")


@rich_body.register
def _(content: OutDocument) -> Body:
    document: Body = {"link": address("the link of the document", content.link)}
    if content.caption is not None:
        document["caption"] = within(CAPTION, content.caption)
    if content.filename is not None:
        document["filename"] = id_of(FILENAME, content.filename)
    return {"type": "document", "document": document}


@rich_body.register
def _(content: OutLink) -> Body:
    url = within(URL, address(URL.name, content.url))
    shown = {"display_text": wordy(LINK_TITLE, content.title), "url": url}
    action: Body = {"name": "cta_url", "parameters": shown}
    return interactive(
        "cta_url", action, content.body, header=content.header, footer=content.footer
    )


@rich_body.register
def _(content: OutLocationRequest) -> Body:
    return interactive(
        "location_request_message", {"name": "send_location"}, content.body
    )


@rich_body.register
def _(content: OutProduct) -> Body:
    action: Body = {
        "catalog_id": id_of(CATALOG_ID, content.catalog_id),
        "product_retailer_id": id_of(RETAILER_ID, content.card.retailer_id),
    }
    return interactive("product", action, content.body, footer=content.footer)


@rich_body.register
def _(content: OutProducts) -> Body:
    cards = [card for section in content.sections for card in section.cards]
    count(SECTIONS, content.sections)
    count(PRODUCTS, cards)
    differ("the retailer ids", [card.retailer_id for card in cards])
    action: Body = {
        "catalog_id": id_of(CATALOG_ID, content.catalog_id),
        "sections": [_section(section) for section in content.sections],
    }
    return interactive(
        "product_list",
        action,
        content.body,
        header=content.header,
        footer=content.footer,
    )


def _section(section: ProductSection) -> Body:
    count(PRODUCTS, section.cards)
    return {
        "title": within(SECTION_TITLE, section.title),
        "product_items": [
            {"product_retailer_id": id_of(RETAILER_ID, card.retailer_id)}
            for card in section.cards
        ],
    }


@rich_body.register
def _(content: OutCatalog) -> Body:
    thumbnail = id_of(RETAILER_ID, content.thumbnail)
    action: Body = {
        "name": "catalog_message",
        "parameters": {"thumbnail_product_retailer_id": thumbnail},
    }
    return interactive("catalog_message", action, content.body, footer=content.footer)


@rich_body.register
def _(content: OutTemplate) -> Body:
    components: list[Body] = []
    if content.header is not None:
        header = one_line(HEADER_PARAMETER, content.header)
        components.append({"type": "header", "parameters": [_text(header)]})
    if content.parameters:
        told = [_text(one_line(PARAMETER, each)) for each in content.parameters]
        components.append({"type": "body", "parameters": told})
    if content.button is not None:
        added = id_of(BUTTON_PARAMETER, content.button)
        components.append(
            {
                "type": "button",
                "sub_type": "url",
                "index": "0",
                "parameters": [_text(added)],
            }
        )
    template: Body = {
        "name": _template_name(content.name),
        "language": {
            "policy": "deterministic",
            "code": id_of(TEMPLATE_LANGUAGE, content.language),
        },
    }
    return {
        "type": "template",
        "template": template | ({"components": components} if components else {}),
    }


def _text(text: str) -> Body:
    return {"type": "text", "text": text}


def _template_name(name: str) -> str:
    """Return a name as Meta makes them: lower case, digits, underscores."""
    plain = name.replace("_", "")
    if not (plain.isascii() and plain.isalnum() and name == name.lower()):
        raise refused(f"{name!r} is no name of a template")
    return within(TEMPLATE_NAME, name)


@rich_body.register
def _(content: OutReaction) -> Body:
    emoji = "" if content.emoji is None else one_emoji(content.emoji)
    reaction = {"message_id": id_of(TARGET, content.target), "emoji": emoji}
    return {"type": "reaction", "reaction": reaction}


def interactive(
    kind: str,
    action: Body,
    body: str,
    *,
    header: str | None = None,
    footer: str | None = None,
) -> Body:
    """Return an interactive message. Raises `SendRefused`."""
    told: Body = {"type": kind}
    if header is not None:
        told["header"] = {"type": "text", "text": within(HEADER, header)}
    told["body"] = {"text": within(INTERACTIVE_BODY, body)}
    if footer is not None:
        told["footer"] = {"text": within(FOOTER, footer)}
    told["action"] = action
    return {"type": "interactive", "interactive": told}
