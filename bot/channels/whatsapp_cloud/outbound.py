"""Our messages as the Graph API's JSON. Pure, and strict: nothing is cut here.

Source: Meta's Cloud API reference, "Messages", and its OpenAPI document (v23.0).
"""

from collections.abc import Sequence

from bot.channels.failure import Action, SendRefused
from bot.channels.whatsapp_cloud.checks import address, count, differ, id_of, within
from bot.channels.whatsapp_cloud.fitting import parts
from bot.channels.whatsapp_cloud.limits import (
    BUTTON_ID,
    BUTTON_TITLE,
    BUTTONS,
    CALLBACK,
    CAPTION,
    LIST_BUTTON,
    RECIPIENT,
    ROW_DESCRIPTION,
    ROW_ID,
    ROW_TITLE,
    ROWS,
    TEXT_BODY,
)
from bot.channels.whatsapp_cloud.rich_bodies import Body, interactive, rich_body
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


def bodies(message: OutboundMessage, *, callback: str) -> tuple[Body, ...]:
    """Return the bodies of all calls that saying this takes. Raises `Refused`."""
    return tuple(body(part, callback=callback) for part in parts(message))


def body(message: OutboundMessage, *, callback: str) -> Body:
    """Return the one body that sends a message as it is.

    Raises `Refused`, naming what is too long, missing or there twice: `parts` makes
    messages fit.
    """
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(message.to),
        **({"context": {"message_id": message.reply_to}} if message.reply_to else {}),
        "biz_opaque_callback_data": within(CALLBACK, callback),
        **_content(message.content),
    }


def read_receipt(provider_id: str, *, typing: bool) -> Body:
    """Return the body that marks a message as read, and all before it.

    With `typing` the customer sees that an answer is being written, until it comes or
    25 seconds have passed.
    """
    receipt: Body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": provider_id,
    }
    return receipt | ({"typing_indicator": {"type": "text"}} if typing else {})


def _recipient(to: Alias) -> Body:
    value = within(RECIPIENT, to.value)
    match to.kind:
        case AliasKind.PHONE | AliasKind.WA_ID:
            return {"to": value}
        case AliasKind.BSUID | AliasKind.PARENT_BSUID:
            return {"recipient": value}
        case AliasKind.LID | AliasKind.USERNAME:
            raise SendRefused(
                "WhatsApp's Cloud API cannot write to such an id: a phone is needed",
                code=None,
                action=Action.NEEDS_PHONE,
            )


def _content(content: OutContent) -> Body:
    match content:
        case OutText():
            text = {"body": within(TEXT_BODY, content.body), "preview_url": False}
            return {"type": "text", "text": text}
        case OutButtons():
            return interactive(
                "button",
                _buttons(content.buttons),
                content.body,
                header=content.header,
                footer=content.footer,
            )
        case OutList():
            action: Body = {
                "button": within(LIST_BUTTON, content.button),
                "sections": [{"rows": _rows(content.rows)}],
            }
            return interactive("list", action, content.body, footer=content.footer)
        case OutImage():
            return {"type": "image", "image": _image(content)}
        case _:
            return rich_body(content)


def _buttons(buttons: Sequence[Button]) -> Body:
    count(BUTTONS, buttons)
    differ("the titles of the buttons", [button.title for button in buttons])
    differ("the ids of the buttons", [button.id for button in buttons])
    replies = [
        {
            "id": id_of(BUTTON_ID, button.id),
            "title": within(BUTTON_TITLE, button.title),
        }
        for button in buttons
    ]
    return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


def _rows(rows: Sequence[Row]) -> list[Body]:
    count(ROWS, rows)
    differ("the titles of the rows", [row.title for row in rows])
    differ("the ids of the rows", [row.id for row in rows])
    return [_row(row) for row in rows]


def _row(row: Row) -> Body:
    body: Body = {"id": id_of(ROW_ID, row.id), "title": within(ROW_TITLE, row.title)}
    if row.description is not None:
        body["description"] = within(ROW_DESCRIPTION, row.description)
    return body


def _image(content: OutImage) -> Body:
    image: Body = {"link": address("the link of the image", content.link)}
    if content.caption is not None:
        image["caption"] = within(CAPTION, content.caption)
    return image
