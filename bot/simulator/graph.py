"""The fake Graph API: what the product calls instead of graph.facebook.com.

Source: Meta's Cloud API reference, "Messages", "Media", "Error codes".
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.simulator import bodies
from bot.simulator.bubble import of_message
from bot.simulator.faults import Answer, Fault
from bot.simulator.phone import Phone
from bot.simulator.reports import Accepted
from bot.simulator.simulator import Simulator

#: How long a silent answer holds the connection, seconds.
SILENCE = 120.0

_TOKEN_INVALID = 190
_UNKNOWN_OBJECT = 100
_TO_ITSELF = 131021
_OUTSIDE_WINDOW = 131047
_MEDIA_MISSING = 131053


@dataclass(frozen=True, slots=True)
class _Problem:
    status: int
    title: str


#: HTTP status and title by code, as far as the product treats codes differently.
PROBLEMS: Mapping[int, _Problem] = {
    0: _Problem(401, "AuthException"),
    1: _Problem(400, "API Unknown"),
    2: _Problem(503, "API Service"),
    3: _Problem(500, "API Method"),
    4: _Problem(400, "API Too Many Calls"),
    10: _Problem(403, "Permission Denied"),
    100: _Problem(400, "Invalid parameter"),
    190: _Problem(401, "Access token has expired"),
    368: _Problem(403, "Temporarily blocked for policies violations"),
    80007: _Problem(400, "Rate limit issues"),
    130429: _Problem(429, "Rate limit hit"),
    131000: _Problem(500, "Something went wrong"),
    131005: _Problem(403, "Access denied"),
    131008: _Problem(400, "Required parameter is missing"),
    131009: _Problem(400, "Parameter value is not valid"),
    131016: _Problem(500, "Service unavailable"),
    131021: _Problem(400, "Recipient cannot be sender"),
    131026: _Problem(400, "Message undeliverable"),
    131031: _Problem(403, "Account has been locked"),
    131042: _Problem(400, "Business eligibility payment issue"),
    131047: _Problem(400, "Re-engagement message"),
    131048: _Problem(400, "Spam rate limit hit"),
    131051: _Problem(400, "Unsupported message type"),
    131052: _Problem(400, "Media download error"),
    131053: _Problem(400, "Media upload error"),
    131056: _Problem(400, "(Business Account, Consumer Account) pair rate limit hit"),
}
_OTHER = _Problem(400, "Something went wrong")

_SIMULATORS = web.AppKey("simulators", dict[str, Simulator])
_CLOSING = web.AppKey("closing", asyncio.Event)

routes = web.RouteTableDef()


def graph_app(*simulators: Simulator) -> web.Application:
    """Return the API for the numbers of some simulators, which run as long as it.

    Mount it under a prefix; the product's Graph URL is that prefix.
    """
    app = web.Application()
    app[_SIMULATORS] = {each.number.phone_number_id: each for each in simulators}
    app[_CLOSING] = asyncio.Event()
    for simulator in simulators:
        app.cleanup_ctx.append(_while_served(simulator))
    app.on_shutdown.append(_stop_waiting)
    app.add_routes(routes)
    return app


def speak_for(app: web.Application, simulator: Simulator) -> None:
    """Let an API speak for one more number; whoever adds it runs its simulator."""
    app[_SIMULATORS][simulator.number.phone_number_id] = simulator


@routes.post(r"/v{version:\d+\.\d+}/{phone_number_id:\d+}/messages")
async def send(request: web.Request) -> web.StreamResponse:
    """Accept a message, or a read receipt, of the shop."""
    simulator = _authorized(request)
    if isinstance(simulator, web.Response):
        return simulator
    body = bodies.parse(await request.read())
    match body:
        case bodies.Violation(code, details):
            return _error(code, details)
        case bodies.ReadReceipt():
            return await _mark_read(simulator, body)
        case _:
            return await _take(request, simulator, body)


async def _take(
    request: web.Request, simulator: Simulator, body: bodies.Message
) -> web.StreamResponse:
    if body.address == simulator.number.business_number:
        return _error(_TO_ITSELF, "the recipient is the sender")
    if isinstance(body, bodies.ImageMessage) and not _is_there(simulator, body.image):
        return _error(_MEDIA_MISSING, f"no media {body.image.id!r}")
    fault = simulator.faults.take(body.address)
    if fault is not None and not fault.accepted:
        return await _answer_fault(request, fault)
    phone = simulator.find(body.address) or simulator.phone(body.address)
    wamid = await _accept(simulator, phone, body, fault)
    if fault is not None and fault.answer is not Answer.NORMAL:
        return await _answer_fault(request, fault)
    contact = {
        "input": body.to or body.recipient,
        "wa_id": phone.wa_id,
        "user_id": phone.person.user_id,
    }
    return web.json_response(
        {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": wamid, "message_status": "accepted"}],
        }
    )


@routes.get(r"/v{version:\d+\.\d+}/{object_id:\d+}")
async def look_up(request: web.Request) -> web.Response:
    """Tell about media, with a short-lived address, or about the number itself."""
    simulators = request.app[_SIMULATORS].values()
    simulator = next((each for each in simulators if _speaks_for(request, each)), None)
    if simulator is None:
        return _error(_TOKEN_INVALID, "no number has this access token")
    object_id = request.match_info["object_id"]
    if object_id == simulator.number.phone_number_id:
        number = simulator.number
        return web.json_response(
            {
                "id": object_id,
                "verified_name": number.name,
                "display_phone_number": number.business_number,
            }
        )
    media = simulator.media.get(object_id)
    if media is None:
        return _error(_UNKNOWN_OBJECT, f"Object with ID {object_id!r} does not exist")
    token = simulator.media.address(media.id, now=simulator.clock())
    path = request.app.router["download"].url_for(token=token)
    return web.json_response(
        {
            "messaging_product": "whatsapp",
            "url": str(request.url.origin().join(path)),
            "mime_type": media.mime,
            "sha256": media.sha256,
            "file_size": len(media.data),
            "id": media.id,
        }
    )


@routes.get("/media/{token}", name="download")
async def download(request: web.Request) -> web.Response:
    """Give the bytes behind an address, to whoever has the same access token."""
    for simulator in request.app[_SIMULATORS].values():
        token = request.match_info["token"]
        media = simulator.media.at_address(token, now=simulator.clock())
        if media is not None:
            if not _speaks_for(request, simulator):
                raise web.HTTPUnauthorized
            mime = media.mime.partition(";")[0]
            return web.Response(body=media.data, content_type=mime)
    raise web.HTTPNotFound


async def _accept(
    simulator: Simulator, phone: Phone, body: bodies.Message, fault: Fault | None
) -> str:
    wamid = simulator.network.new_wamid()
    await phone.receive(of_message(wamid, body, simulator.clock()))
    if fault is None or fault.reported:
        fails_with = fault.code if fault is not None and fault.code else None
        at_any_time = isinstance(body, bodies.TemplateMessage)
        if not at_any_time and not _is_open(simulator, phone):
            fails_with = _OUTSIDE_WINDOW
        accepted = Accepted(phone, wamid, body.biz_opaque_callback_data, fails_with)
        await simulator.reports.begin(accepted)
    return wamid


def _is_open(simulator: Simulator, phone: Phone) -> bool:
    if simulator.window is None:
        return True
    if phone.last_wrote_at is None:
        return False
    return simulator.clock() - phone.last_wrote_at < simulator.window


async def _mark_read(simulator: Simulator, receipt: bodies.ReadReceipt) -> web.Response:
    typing = receipt.typing_indicator is not None
    for phone in simulator.phones:
        if await phone.read_until(receipt.message_id, typing=typing):
            return web.json_response({"success": True})
    return _error(_UNKNOWN_OBJECT, f"no message {receipt.message_id!r}")


async def _answer_fault(request: web.Request, fault: Fault) -> web.StreamResponse:
    match fault.answer:
        case Answer.MALFORMED:
            body = b'{"messaging_product":"whatsapp","contacts":[{"input'
            return web.Response(body=body, content_type="application/json")
        case Answer.SILENCE:
            await _wait_for_the_end(request)
            return _cut(request)
        case Answer.CUT:
            return _cut(request)
        case _:
            answer = _error(fault.code, "on demand", status=fault.status)
            if fault.retry_after is not None:
                answer.headers["Retry-After"] = str(fault.retry_after)
            return answer


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=HTTPStatus.BAD_GATEWAY)  # nobody reads it any more


async def _wait_for_the_end(request: web.Request) -> None:
    try:
        async with asyncio.timeout(SILENCE):
            await request.app[_CLOSING].wait()
    except TimeoutError:
        return


def _is_there(simulator: Simulator, image: bodies.ImagePart) -> bool:
    return image.id is None or simulator.media.get(image.id) is not None


def _authorized(request: web.Request) -> Simulator | web.Response:
    phone_number_id = request.match_info["phone_number_id"]
    simulator = request.app[_SIMULATORS].get(phone_number_id)
    if simulator is None:
        return _error(_UNKNOWN_OBJECT, f"no number {phone_number_id!r}")
    if not _speaks_for(request, simulator):
        return _error(_TOKEN_INVALID, "the access token is not this number's")
    return simulator


def _speaks_for(request: web.Request, simulator: Simulator) -> bool:
    expected = f"Bearer {simulator.number.access_token}".encode()
    given = request.headers.get("Authorization", "").encode(errors="replace")
    return hmac.compare_digest(expected, given)


def _error(code: int, details: str, *, status: int | None = None) -> web.Response:
    problem = PROBLEMS.get(code, _OTHER)
    error = {
        "message": f"(#{code}) {problem.title}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "Asimulated",
    }
    return web.json_response({"error": error}, status=status or problem.status)


def _while_served(
    simulator: Simulator,
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def served(_app: web.Application) -> AsyncIterator[None]:
        async with simulator.running():
            yield

    return served


async def _stop_waiting(app: web.Application) -> None:
    app[_CLOSING].set()
    for simulator in app[_SIMULATORS].values():
        simulator.news.close()
