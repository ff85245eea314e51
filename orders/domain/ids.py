"""What an id looks like in each system that we speak with.

An entity keeps our id for ever; to each system it has one more, in that system's form,
given once and never again to anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

#: Letters of a hexadecimal id: what a document database makes of twelve bytes.
_HEX_LETTERS = 24


class Face(StrEnum):
    """Whose contract an API of ours speaks."""

    TICARET = "ticaret"
    REPZO = "repzo"
    ZEGOAL = "zegoal"
    OMNICHAT = "omnichat"
    AKINON = "akinon"


class Form(StrEnum):
    """What a system's ids look like."""

    TEXT = "text"  #: Our own id will do.
    HEX = "hex"  #: 24 hexadecimal digits.
    NUMBER = "number"  #: Counted up from 1, for each tenant and kind.


FORMS: Final[Mapping[Face, Form]] = {
    Face.TICARET: Form.TEXT,
    Face.REPZO: Form.HEX,
    Face.ZEGOAL: Form.NUMBER,
    Face.OMNICHAT: Form.TEXT,
    Face.AKINON: Form.NUMBER,
}


class Kind(StrEnum):
    """What has an id. A face may use other words for things of its own."""

    ORDER = "order"
    ORDER_LINE = "order_line"  #: Of ours: `ORDER/LINE`.
    CUSTOMER = "customer"
    ADDRESS = "address"
    CONTACT = "contact"
    PRODUCT = "product"
    VARIANT = "variant"
    DRAFT = "draft"
    MESSAGE = "message"
    ANALYSIS = "analysis"
    CONVERSATION = "conversation"
    CHANNEL = "channel"
    USER = "user"


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One entity: its kind, and our id of it."""

    kind: str
    internal_id: str


def line_thing(order_id: str, line_id: str) -> Thing:
    """Return a line of an order as a thing: a line's own id is one of its order."""
    return Thing(Kind.ORDER_LINE, f"{order_id}/{line_id}")


def made_id(face: Face, tenant_id: str, thing: Thing) -> str | None:
    """Return the id that follows from the thing; None where one is counted up."""
    match FORMS[face]:
        case Form.TEXT:
            return thing.internal_id
        case Form.HEX:
            words = f"{tenant_id}\0{thing.kind}\0{thing.internal_id}"
            return sha256(words.encode()).hexdigest()[:_HEX_LETTERS]
        case Form.NUMBER:
            return None
