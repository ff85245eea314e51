"""The phone page, its JSON and its news, mounted beside the fake Graph API and ERP."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response
from pydantic import ValidationError

from bot.simulator.actions import ACTION, NotPossible, SampleLine
from bot.simulator.bubble import Bubble
from bot.simulator.erp import SUBJECT, DemoErp
from bot.simulator.erp_app import erp_app, overview
from bot.simulator.graph import graph_app
from bot.simulator.network import WebhookRefused
from bot.simulator.phone import Phone
from bot.simulator.simulator import Simulator
from bot.simulator.trace import Reading, Trace, trace

SUGGESTION = "hi, 2 latte and a choc croissant pls"

#: Nothing but our own files, and nobody may frame the page.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_PING_SECONDS = 10
#: What a browser may show of the media store; all else is downloaded.
_SHOWN = frozenset({"image/jpeg", "image/png", "audio/ogg"})


@dataclass(frozen=True, slots=True)
class _Page:
    simulator: Simulator
    erp: DemoErp | None
    reading: Reading | None
    suggestion: str
    cart: tuple[SampleLine, ...]
    links: Mapping[str, str]


_PAGE = web.AppKey("simulator_page", _Page)
_FILES = files("bot.simulator") / "page"

routes = web.RouteTableDef()


def add_simulator(
    app: web.Application,
    simulator: Simulator,
    *,
    erp: DemoErp | None = None,
    reading: Reading | None = None,
    suggestion: str = SUGGESTION,
    cart: tuple[SampleLine, ...] = (),
    links: Mapping[str, str] | None = None,
) -> None:
    """Add to an application: `/` the page, `/simulator/`, `/graph/` and `/erp/`.

    The product's Graph URL is then `/graph` there and its sink's URL `/erp/orders`.
    `reading` gives connections to the product's database, for "what the system did".
    `links` are shown in the page's head, by name. The simulator and the ERP run as
    long as the application does.
    """
    app[_PAGE] = _Page(simulator, erp, reading, suggestion, cart, dict(links or {}))
    app.add_routes(routes)
    app.add_subapp("/graph/", graph_app(simulator))
    if erp is not None:
        app.add_subapp("/erp/", erp_app(erp))


def simulator_app(
    simulator: Simulator,
    *,
    erp: DemoErp | None = None,
    reading: Reading | None = None,
    suggestion: str = SUGGESTION,
    cart: tuple[SampleLine, ...] = (),
    links: Mapping[str, str] | None = None,
) -> web.Application:
    """Return an application with nothing but the simulator: see `add_simulator`."""
    app = web.Application()
    add_simulator(
        app,
        simulator,
        erp=erp,
        reading=reading,
        suggestion=suggestion,
        cart=cart,
        links=links,
    )
    return app


@routes.get("/")
async def page(_request: web.Request) -> web.Response:
    return _file("phone.html")


@routes.get("/simulator/assets/{name:phone\\.css|phone\\.js|icon\\.svg}")
async def asset(request: web.Request) -> web.Response:
    return _file(request.match_info["name"])


@routes.get("/simulator/state")
async def state(request: web.Request) -> web.Response:
    """Return everything that the page shows."""
    return web.json_response(_everything(request.app[_PAGE]))


@routes.get("/simulator/events")
async def events(request: web.Request) -> web.StreamResponse:
    """Stream news: first `all`, then `phone` and `erp` whenever one changes."""
    shown = request.app[_PAGE]
    async with sse_response(request, ping_interval=_PING_SECONDS) as stream:
        # A page that was closed is noticed when there is something to tell it.
        with suppress(ConnectionError, TimeoutError):
            await _tell(stream, shown)
    return stream


async def _tell(stream: EventSourceResponse, shown: _Page) -> None:
    with shown.simulator.news.watching() as subjects:
        await stream.send(json.dumps(_everything(shown)), event="all", retry=1000)
        async for event, data in _news(shown, subjects):
            await stream.send(json.dumps(data), event=event)


@routes.post("/simulator/phones/{wa_id}/actions")
async def act(request: web.Request) -> web.Response:
    """Do something on a phone: `{"type": "text", "text": "hi"}` and so on."""
    shown, phone = _phone(request)
    # A foreign page can post forms here, but not JSON without being allowed to.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        action = ACTION.validate_json(await request.read())
    except ValidationError as error:
        return _problem(400, str(error))
    try:
        bubble = await action.perform(phone, shown.cart)
    except NotPossible as error:
        return _problem(409, str(error))
    except WebhookRefused as error:
        return _problem(502, f"chatorder did not take the message: {error}")
    return web.json_response(bubble_json(bubble))


@routes.get("/simulator/phones/{wa_id}/trace")
async def show_trace(request: web.Request) -> web.Response:
    """Return what the system did with the phone's last message."""
    shown, phone = _phone(request)
    last = next((bubble for bubble in reversed(phone.bubbles) if bubble.mine), None)
    if last is None or shown.reading is None:
        return web.json_response({"message": None, "trace": None})
    found = await trace(
        shown.reading,
        account=shown.simulator.number.phone_number_id,
        provider_id=last.id,
    )
    return web.json_response({"message": bubble_json(last), "trace": _trace(found)})


@routes.get("/simulator/media/{media_id}")
async def media(request: web.Request) -> web.Response:
    """Return a picture or a voice note of the chats."""
    stored = request.app[_PAGE].simulator.media.get(request.match_info["media_id"])
    if stored is None:
        raise web.HTTPNotFound
    mime = stored.mime.partition(";")[0]
    kind = mime if mime in _SHOWN else "application/octet-stream"
    headers = {**_HEADERS, "Cache-Control": "private, max-age=3600"}
    return web.Response(body=stored.data, content_type=kind, headers=headers)


def bubble_json(bubble: Bubble) -> Mapping[str, object]:
    """Return a bubble as the page reads it."""
    return {
        "id": bubble.id,
        "mine": bubble.mine,
        "kind": bubble.kind,
        "at": bubble.at.isoformat(),
        "text": bubble.text,
        "state": bubble.state,
        "header": bubble.header,
        "footer": bubble.footer,
        "buttons": [{"id": each.id, "title": each.title} for each in bubble.buttons],
        "listButton": bubble.list_button,
        "opens": bubble.opens
        and {"title": bubble.opens.title, "url": bubble.opens.url},
        "cards": [each.title for each in bubble.cards],
        "rows": [
            {
                "id": each.id,
                "title": each.title,
                "description": each.description,
                "section": each.section,
            }
            for each in bubble.rows
        ],
        "cart": [
            {
                "title": line.title or line.retailer_id,
                "quantity": line.quantity,
                "price": _amount(line.price),
                "currency": line.currency,
            }
            for line in bubble.cart
        ],
        "media": bubble.media_id and f"/simulator/media/{bubble.media_id}",
        "quotes": bubble.quotes,
        "chosen": bubble.chosen,
        "reaction": bubble.reaction,
        "error": bubble.error,
    }


def _everything(shown: _Page) -> Mapping[str, object]:
    number = shown.simulator.number
    return {
        "shop": {"name": number.name, "number": number.business_number},
        "suggestion": shown.suggestion,
        "cart": bool(shown.cart),
        "traces": shown.reading is not None,
        "links": shown.links,
        "phones": [_phone_json(phone) for phone in shown.simulator.phones],
        "erp": overview(shown.erp) if shown.erp else None,
    }


def _phone_json(phone: Phone) -> Mapping[str, object]:
    return {
        "number": phone.wa_id,
        "name": phone.name,
        "typing": phone.is_typed_to,
        "bubbles": [bubble_json(bubble) for bubble in phone.bubbles],
    }


async def _news(
    shown: _Page, subjects: AsyncIterator[str]
) -> AsyncIterator[tuple[str, Mapping[str, object]]]:
    async for subject in subjects:
        if subject == SUBJECT:
            if shown.erp is not None:
                yield "erp", overview(shown.erp)
        elif (phone := shown.simulator.find(subject)) is not None:
            yield "phone", _phone_json(phone)


def _trace(found: Trace | None) -> Mapping[str, object] | None:
    if found is None:
        return None
    return {
        "isOver": found.is_over,
        "steps": [
            {
                "name": step.name,
                "at": step.at and step.at.isoformat(),
                "note": step.note,
                "failed": step.failed,
            }
            for step in found.steps
        ],
    }


def _phone(request: web.Request) -> tuple[_Page, Phone]:
    shown = request.app[_PAGE]
    wa_id = request.match_info["wa_id"]
    phone = next((each for each in shown.simulator.phones if each.wa_id == wa_id), None)
    if phone is None:
        raise web.HTTPNotFound(text=f"there is no phone {wa_id}\n")
    return shown, phone


def _file(name: str) -> web.Response:
    kind = _TYPES[name.rpartition(".")[2]]
    text = (_FILES / name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=_HEADERS)


def _problem(status: int, word: str) -> web.Response:
    return web.json_response({"error": word}, status=status)


def _amount(price: Decimal) -> str:
    return f"{price:.2f}"
