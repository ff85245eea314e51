"""docs/events.md, made from the registry of events: `python -m ...events_page`."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from orders.codec import dump_order
from orders.domain.event_types import EVENT_TYPES, EventType, OrderData, OrderUpdated
from orders.domain.order import Order, OrderLine
from orders.domain.retry import EVENTS
from orders.provisioning.envelope import Event, cloud_event, schema_of

_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
_SHOP = {
    "id": "tenant_01k",
    "name": "Corner Cafe and Home",
    "timezone": "Europe/Istanbul",
    "currency": "TRY",
    "country": "TR",
}
#: What an example shows of an order: the rest is in the table.
_SHOWN = (
    *("id", "number", "state", "currency", "lines", "subtotal", "discount_total"),
    *("tax_total", "shipping_total", "grand_total", "payment_status"),
    *("fulfilment_status", "entity_version", "placed_at"),
)
_SHOWN_OF_LINE = ("id", "sku", "name", "quantity", "unit_price", "total")


def as_markdown() -> str:
    """Return the page."""
    text = files("orders.provisioning").joinpath("events_page.md").read_text("utf-8")
    parts = {
        "{overview}": _overview(),
        "{retries}": _retries(),
        "{types}": "\n\n".join(map(_section, EVENT_TYPES.values())),
        "{parts}": "\n\n".join(_parts()),
    }
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


def sample(event_type: EventType) -> dict[str, object]:
    """Return valid data of an event, as the page shows it."""
    named = {"id": _SHOP["id"], "name": _SHOP["name"]}
    about = event_type.name.partition(".")[0]
    alarm = {
        "id": "alm_01k",
        "kind": "link",
        "subject": f"{about}_01k",
        "words": "the gateway has no connection to WhatsApp",
        "raised_at": _AT.isoformat(),
        "cleared_at": None if event_type.name.endswith("raised") else _AT.isoformat(),
    }
    chat = "conversation_01k"
    data: dict[str, dict[str, object]] = {
        "order.placed": {"tenant": _SHOP, "order": dump_order(_order())},
        "order.cancelled": {"tenant": _SHOP, "order": dump_order(_order())},
        "order.updated": {
            "tenant": _SHOP,
            "order": dump_order(_order()),
            "change": _change(),
        },
        "order.provisioning_overdue": {
            "tenant": named,
            "order": {"id": "order_01k", "number": 17},
            "waited_seconds": 900,
        },
        "draft.awaiting_approval": {
            "tenant": named,
            "draft": {"id": "draft_01k", "version": 4, "conversation_id": chat},
        },
        "conversation.needs_person": {
            "tenant": named,
            "conversation": {
                "id": chat,
                "channel_id": "channel_01k",
                "why": "complaint",
            },
        },
    }
    return data.get(event_type.name, {"tenant": named, "alarm": alarm})


def _change() -> dict[str, object]:
    return {
        "kind": "payment",
        "value": "paid",
        "actor": "key:key_01k",
        "message": None,
        "at": _AT.isoformat(),
        "amount": None,
        "parts": {},
    }


def _order() -> Order:
    line = OrderLine(
        id="L1",
        product_id="product_01k",
        sku="CAF-002",
        name="Cappuccino",
        quantity=Decimal(2),
        unit="piece",
        unit_price=Decimal(115),
        subtotal=23000,
        discount=0,
        tax_rate=Decimal(10),
        tax=2091,
        total=23000,
    )
    return Order(
        id="order_01k",
        draft_id="draft_01k",
        draft_version=4,
        currency="TRY",
        lines=(line,),
        subtotal=23000,
        discount_total=0,
        tax_total=2091,
        shipping_total=0,
        grand_total=23000,
        placed_at=_AT,
        number=17,
    )


# -- parts of the page ----------------------------------------------------------------


def _overview() -> str:
    rows = [
        (f"[`{each.name}`](#{_anchor(each.name)})", each.trigger)
        for each in EVENT_TYPES.values()
    ]
    return _table(("type", "sent when"), rows)


def _retries() -> str:
    """Return the waits between attempts, each from half of it to the whole."""
    waits = [EVENTS.base * 2**n for n in range(EVENTS.attempts - 1)]
    seconds = [int(min(wait, EVENTS.ceiling).total_seconds()) for wait in waits]
    growing = [each for each in seconds if each < EVENTS.ceiling.total_seconds()]
    last = int(EVENTS.ceiling.total_seconds())
    rest = len(seconds) - len(growing)
    return (
        f"{EVENTS.attempts} attempts in all; the waits between them are at most"
        f" {', '.join(map(str, growing))} seconds, then {rest} times {last} seconds."
    )


def _section(event_type: EventType) -> str:
    event = Event(
        id=_id(event_type),
        type=event_type.name,
        subject=_subject(event_type),
        at=_AT,
        tenant_id="tenant_01k",
        data=_shortened(sample(event_type)),
        partition=_subject(event_type),
    )
    example = json.dumps(cloud_event(event), indent=2, ensure_ascii=False)
    model = event_type.model.__name__
    told = (
        f"`subject` is the id of {event_type.subject}; ordering key:"
        f" {event_type.partition}; schema `{schema_of(event_type.name)}`:"
        f" `data` is a [{model}](#{_anchor(model)})."
    )
    head = f"### {event_type.name}\n\n{event_type.trigger}"
    return f"{head}\n\n{told}\n\n```json\n{example}\n```"


def _id(event_type: EventType) -> str:
    about = _subject(event_type)
    return f"{event_type.name}:{about}:sink:sink_01k"


def _subject(event_type: EventType) -> str:
    return f"{event_type.name.partition('.')[0]}_01k"


def _shortened(data: Mapping[str, object]) -> dict[str, object]:
    shown = dict(data)
    order = shown.get("order")
    if isinstance(order, dict) and "lines" in order:
        lines = [{k: line[k] for k in _SHOWN_OF_LINE} for line in order["lines"]]
        shown["order"] = {k: order[k] for k in _SHOWN} | {"lines": lines}
    return shown


def _parts() -> Iterator[str]:
    """Return a table for each model, and for each part that they are made of."""
    models: list[type[BaseModel]] = []
    for each in EVENT_TYPES.values():
        if each.model not in models:
            models.append(each.model)
    _, schema = models_json_schema([(each, "serialization") for each in models])
    defs: Mapping[str, Mapping[str, object]] = schema["$defs"]
    first = [each.__name__ for each in (OrderData, OrderUpdated)]
    for name in sorted(defs, key=lambda each: (each not in first, each)):
        yield _part(name, defs[name])


def _part(name: str, schema: Mapping[str, object]) -> str:
    said = str(schema.get("description", "")).partition("\n")[0]
    head = f"### {name}\n\n{said}".rstrip()
    match schema:
        case {"enum": list() as words}:
            return f"{head}\n\nOne of {', '.join(f'`{word}`' for word in words)}."
        case {"properties": dict() as fields}:
            always = schema.get("required", [])
            rows = [
                (
                    f"`{field}`",
                    _kind(of),
                    "yes" if isinstance(always, list) and field in always else "",
                    str(of.get("description", "")),
                )
                for field, of in fields.items()
            ]
            return f"{head}\n\n{_table(('field', 'type', 'required', ''), rows)}"
        case _:
            return head


def _kind(schema: Mapping[str, object]) -> str:
    match schema:
        case {"$ref": str() as ref}:
            name = ref.rpartition("/")[2]
            return f"[{name}](#{_anchor(name)})"
        case {"anyOf": list() as ways}:
            return " or ".join(dict.fromkeys(map(_kind, ways)))
        case {"const": word}:
            return f"`{word}`"
        case {"enum": list() as words}:
            return ", ".join(f"`{word}`" for word in words)
        case _:
            return _plain_kind(schema)


def _plain_kind(schema: Mapping[str, object]) -> str:
    match schema:
        case {"type": "array", "items": dict() as items}:
            return f"list of {_kind(items)}"
        case {"type": "object", "additionalProperties": dict() as values}:
            return f"object of {_kind(values)}"
        case {"type": "string", "format": str() as form}:
            return f"text ({form})"
        case {"type": str() as kind}:
            return {"string": "text"}.get(kind, kind)
        case _:
            return "any"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _anchor(name: str) -> str:
    return name.lower().replace(".", "")


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
