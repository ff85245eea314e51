"""Webhook payloads exactly as Meta shapes them, and their signature. Pure.

Source: Meta's Cloud API reference, "Webhooks".
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Number:
    """The shop's number as Meta knows it, and the app that hears its webhooks."""

    app_secret: str
    phone_number_id: str
    access_token: str
    business_number: str  #: Digits, shown to customers.
    name: str = "Shop"
    business_account_id: str = "100200300400500"
    catalog_id: str = "700800900"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as Meta knows them. With a username the number may stay hidden."""

    wa_id: str
    name: str
    user_id: str
    shares_number: bool = True

    @classmethod
    def of(cls, wa_id: str, name: str, *, shares_number: bool = True) -> "Person":
        """Return a person whose business-scoped user id follows from the number."""
        digits = int.from_bytes(hashlib.sha256(wa_id.encode()).digest()[:8], "big")
        return cls(wa_id, name, f"TR.{str(digits).zfill(17)[:17]}", shares_number)


def encode(payload: Json) -> bytes:
    """Return a payload as Meta sends it: ASCII only, slashes escaped."""
    # A slash can stand only inside of strings, where JSON allows the escape.
    return json.dumps(payload).replace("/", "\\/").encode()


def signature(app_secret: str, body: bytes) -> str:
    """Return the X-Hub-Signature-256 header of a body."""
    digest = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def seconds(moment: datetime) -> str:
    """Return a moment as webhooks write it: whole seconds since 1970, as a string."""
    return str(int(moment.timestamp()))


def of_messages(number: Number, person: Person, *messages: Json) -> Json:
    """Return the payload that brings messages of one person."""
    contact: dict[str, object] = {"profile": {"name": person.name}}
    if person.shares_number:
        contact["wa_id"] = person.wa_id
    contact["user_id"] = person.user_id
    return _envelope(number, {"contacts": [contact], "messages": list(messages)})


def of_status(number: Number, person: Person | None, status: Json) -> Json:
    """Return the payload that brings news about a message of the shop."""
    value: dict[str, object] = {"statuses": [status]}
    if person is not None and status["status"] != "failed":
        value["contacts"] = [{"wa_id": person.wa_id, "user_id": person.user_id}]
    return _envelope(number, value)


def message(
    person: Person, wamid: str, sent_at: datetime, content: Json, context: Json | None
) -> Json:
    """Return one inbound message. `content` holds `type` and the part of that name."""
    result: dict[str, object] = {}
    if context is not None:
        result["context"] = context
    if person.shares_number:
        result["from"] = person.wa_id
    return result | {
        "from_user_id": person.user_id,
        "id": wamid,
        "timestamp": seconds(sent_at),
        **content,
    }


def amended(wamid: str, text: str | None) -> Json:
    """Return the content that edits a text, or deletes it when there is none."""
    if text is None:
        return {"type": "revoke", "revoke": {"original_message_id": wamid}}
    said = {"type": "text", "text": {"body": text}}
    edit = {"original_message_id": wamid, "message": said}
    return {"type": "edit", "edit": edit}


def status(
    wamid: str,
    state: str,
    at: datetime,
    *,
    recipient: str,
    user_id: str | None,
    callback: str | None,
    error: Json | None = None,
) -> Json:
    """Return one status: sent, delivered, read, or failed with its error."""
    result: dict[str, object] = {
        "id": wamid,
        "status": state,
        "timestamp": seconds(at),
        "recipient_id": recipient,
    }
    if user_id is not None:
        result["recipient_user_id"] = user_id
    if callback is not None:
        result["biz_opaque_callback_data"] = callback
    if error is not None:
        return result | {"errors": [error]}
    if state in {"sent", "delivered"}:
        result["pricing"] = {
            "billable": False,
            "pricing_model": "PMP",
            "category": "service",
            "type": "free_customer_service",
        }
    return result


def of_echo(
    number: Number, person: Person, wamid: str, at: datetime, content: Json
) -> Json:
    """Return the payload that tells what somebody wrote in the shop's own app."""
    echo: dict[str, object] = {
        "from": number.business_number,
        "to_user_id": person.user_id,
        "id": wamid,
        "timestamp": seconds(at),
        **content,
    }
    if person.shares_number:
        echo["to"] = person.wa_id
    return _envelope(number, {"message_echoes": [echo]}, field="smb_message_echoes")


def _envelope(number: Number, value: Json, *, field: str = "messages") -> Json:
    return {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": number.business_account_id,
                "changes": [
                    {
                        "value": {
                            "messaging_product": "whatsapp",
                            "metadata": {
                                "display_phone_number": number.business_number,
                                "phone_number_id": number.phone_number_id,
                            },
                            **value,
                        },
                        "field": field,
                    }
                ],
            }
        ],
    }
