"""Signed webhook requests, ready to be sent."""

import json
from collections.abc import Iterator

from bot.channels.signature import sign

SECRET = "bench-app-secret-0123456789abcdef"
NUMBER = "106540352242922"


def body(person: int, number: int, text: str = "2 latte please") -> bytes:
    """Return a webhook body with one text message, shaped as Meta sends it."""
    wa_id, user_id = f"90555{person:07}", f"TR.{person:020}"
    return _body(
        {
            "contacts": [
                {
                    "profile": {"name": f"Person {person}"},
                    "wa_id": wa_id,
                    "user_id": user_id,
                }
            ],
            "messages": [
                {
                    "from": wa_id,
                    "from_user_id": user_id,
                    "id": f"wamid.bench{person:07}{number:09}",
                    "timestamp": "1795348800",
                    "type": "text",
                    "text": {"body": text},
                }
            ],
        }
    )


def status_body(person: int, number: int) -> bytes:
    """Return a webhook body with news about a message that we sent."""
    return _body(
        {
            "statuses": [
                {
                    "id": f"wamid.sent{person:07}{number:09}",
                    "status": "delivered",
                    "timestamp": "1795348800",
                    "recipient_id": f"90555{person:07}",
                }
            ]
        }
    )


def _body(what: dict[str, object]) -> bytes:
    """Return a body with one change of our number."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": "15550783881",
            "phone_number_id": NUMBER,
        },
        **what,
    }
    payload = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "102290129340398",
                "changes": [{"field": "messages", "value": value}],
            }
        ],
    }
    return json.dumps(payload).encode()


def request(content: bytes) -> bytes:
    """Return the whole HTTP request for a body."""
    head = (
        "POST /webhooks/whatsapp HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n"
        f"X-Hub-Signature-256: {sign(SECRET.encode(), content)}\r\n\r\n"
    )
    return head.encode() + content


def requests(count: int, people: int, first: int = 0) -> Iterator[bytes]:
    """Return requests of new messages, spread over people."""
    for number in range(first, first + count):
        yield request(body(number % people, number))
