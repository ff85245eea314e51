"""Our messages as the Graph API's JSON. Pure, and strict: nothing is cut here.

Source: Meta's Cloud API reference, "Messages", and its OpenAPI document (v23.0).
"""

from collections.abc import Sequence

from bot.channels.failure import Action, SendRefused
from bot.channels.graphemes import width
from bot.channels.whatsapp_cloud.fitting import parts
from bot.channels.whatsapp_cloud.limits import (
    BUTTON_ID,
    BUTTON_TITLE,
    BUTTONS,
    CALLBACK,
    CAPTION,
    FOOTER,
    HEADER,
    INTERACTIVE_BODY,
    LIST_BUTTON,
    RECIPIENT,
    ROW_DESCRIPTION,
    ROW_ID,
    ROW_TITLE,
    ROWS,
    TEXT_BODY,
    Limit,
)
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

Body = dict[str, object]


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
        "biz_opaque_callback_data": _within(CALLBACK, callback),
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
    value = _within(RECIPIENT, to.value)
    match to.kind:
        case AliasKind.PHONE | AliasKind.WA_ID:
            return {"to": value}
        case AliasKind.BSUID:
            return {"recipient": value}
        case AliasKind.LID:
            raise SendRefused(
                "WhatsApp's Cloud API cannot write to a hidden id: a phone is needed",
                code=None,
                action=Action.NEEDS_PHONE,
            )


def _content(content: OutContent) -> Body:
    match content:
        case OutText():
            text = {"body": _within(TEXT_BODY, content.body), "preview_url": False}
            return {"type": "text", "text": text}
        case OutButtons():
            return _interactive("button", content, _buttons(content.buttons))
        case OutList():
            action: Body = {
                "button": _within(LIST_BUTTON, content.button),
                "sections": [{"rows": _rows(content.rows)}],
            }
            return _interactive("list", content, action)
        case OutImage():
            return {"type": "image", "image": _image(content)}


def _interactive(kind: str, content: OutButtons | OutList, action: Body) -> Body:
    interactive: Body = {"type": kind}
    if isinstance(content, OutButtons) and content.header is not None:
        header = _within(HEADER, content.header)
        interactive["header"] = {"type": "text", "text": header}
    interactive["body"] = {"text": _within(INTERACTIVE_BODY, content.body)}
    if content.footer is not None:
        interactive["footer"] = {"text": _within(FOOTER, content.footer)}
    interactive["action"] = action
    return {"type": "interactive", "interactive": interactive}


def _buttons(buttons: Sequence[Button]) -> Body:
    _count(BUTTONS, buttons)
    _differ("the titles of the buttons", [button.title for button in buttons])
    _differ("the ids of the buttons", [button.id for button in buttons])
    replies = [
        {
            "id": _id(BUTTON_ID, button.id),
            "title": _within(BUTTON_TITLE, button.title),
        }
        for button in buttons
    ]
    return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


def _rows(rows: Sequence[Row]) -> list[Body]:
    _count(ROWS, rows)
    _differ("the titles of the rows", [row.title for row in rows])
    _differ("the ids of the rows", [row.id for row in rows])
    return [_row(row) for row in rows]


def _row(row: Row) -> Body:
    body: Body = {"id": _id(ROW_ID, row.id), "title": _within(ROW_TITLE, row.title)}
    if row.description is not None:
        body["description"] = _within(ROW_DESCRIPTION, row.description)
    return body


def _image(content: OutImage) -> Body:
    if not content.link.startswith(("https://", "http://")):
        raise _refused("the link of the image is no http(s) address")
    image: Body = {"link": content.link}
    if content.caption is not None:
        image["caption"] = _within(CAPTION, content.caption)
    return image


# -- checks ---------------------------------------------------------------------------


def _within(limit: Limit, text: str) -> str:
    if not text.strip():
        raise _refused(f"{limit.name} is empty")
    if width(text) > limit.most:
        raise _refused(
            f"{limit.name} has {width(text)} characters, WhatsApp takes {limit.most}"
        )
    return text


def _id(limit: Limit, value: str) -> str:
    if value != value.strip():
        raise _refused(f"{limit.name} begins or ends with a space")
    return _within(limit, value)


def _count(limit: Limit, items: Sequence[object]) -> None:
    if not 1 <= len(items) <= limit.most:
        raise _refused(f"{limit.name} are {len(items)}, WhatsApp takes 1-{limit.most}")


def _differ(what: str, values: Sequence[str]) -> None:
    if len(set(values)) < len(values):
        raise _refused(f"{what} are not all different")


def _refused(why: str) -> SendRefused:
    return SendRefused(why, code=None, action=Action.REFUSE)
