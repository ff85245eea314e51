"""Sinks: where placed orders go, and what became of it."""

import json
from collections.abc import Mapping

from bot.web.api.models import CursorPaging, Paging
from bot.web.api.roles import SINKS_WRITE
from bot.web.api.sinks import list_of_sinks, list_sink_deliveries, read_sink
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page
from orders.provisioning.registry import KEYED, OPTIONS, SINKS


@page("sinks")
async def show_sinks(visit: Visit) -> Mapping[str, object]:
    """Show every sink, and the way to another one."""
    asked = visit.query(Paging)
    found = await list_of_sinks(visit.call, asked)
    return {
        "sinks": found.data,
        "total": found.total,
        "asked": asked,
        "kinds": {kind: ", ".join(OPTIONS[kind].model_fields) for kind in SINKS},
        "keyed": KEYED,
        "may_write": visit.role in SINKS_WRITE,
    }


@page("sinks", below="/{sink_id}", template="sink")
async def show_sink(visit: Visit) -> Mapping[str, object]:
    """Show one sink with what it was told."""
    asked = visit.query(CursorPaging)
    sink_id = visit.place("sink_id")
    sink = await read_sink(visit.call, sink_id)
    told = await list_sink_deliveries(visit.call, sink_id, asked)
    return {
        "sink": sink,
        "options": json.dumps(dict(sink.options), indent=2, ensure_ascii=False),
        "takes": ", ".join(OPTIONS[sink.kind].model_fields)
        if sink.kind in OPTIONS
        else "",
        "is_keyed": sink.kind in KEYED,
        "deliveries": told.data,
        "following": told.next_cursor,
        "may_write": visit.role in SINKS_WRITE,
    }
