"""The demo ERP over HTTP: the sink's address, and its orders as JSON."""

from collections.abc import AsyncIterator, Mapping

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.simulator.erp import DemoErp, ErpOrder, Failure, Step

_ERP = web.AppKey("erp", DemoErp)
_BODY_MAX = 4 * 1024 * 1024

routes = web.RouteTableDef()


class _Move(BaseModel):
    model_config = ConfigDict(extra="forbid")
    step: Step


class _FailNext(BaseModel):
    model_config = ConfigDict(extra="forbid")
    failure: Failure | None


def erp_app(erp: DemoErp) -> web.Application:
    """Return the ERP, which runs as long as it. `POST orders` is the sink's URL."""
    app = web.Application(client_max_size=_BODY_MAX)
    app[_ERP] = erp
    app.cleanup_ctx.append(_running)
    app.add_routes(routes)
    return app


@routes.post("/orders")
async def receive(request: web.Request) -> web.Response:
    """Take an OrderProvisioning delivery."""
    erp, body = request.app[_ERP], await request.read()
    if not erp.is_authentic(request.headers, body):
        return web.json_response(
            {"error": "the webhook-signature is missing, wrong or too old"}, status=401
        )
    status, word = await erp.take(request.headers["webhook-id"], body)
    return web.json_response(
        {"message": word} if status == 200 else {"error": word},  # noqa: PLR2004 - OK
        status=status,
    )


@routes.get("/orders")
async def show(request: web.Request) -> web.Response:
    """Show the orders, newest first, and what shall fail."""
    return web.json_response(overview(request.app[_ERP]))


@routes.post("/orders/{object_id}/step")
async def move(request: web.Request) -> web.Response:
    """Move an order on: `{"step": "SHIPPED"}`."""
    erp, object_id = request.app[_ERP], request.match_info["object_id"]
    if object_id not in erp.orders:
        raise web.HTTPNotFound
    try:
        wanted = _Move.model_validate_json(await _json_body(request))
    except ValidationError as error:
        return web.json_response({"error": str(error)}, status=400)
    await erp.move(object_id, wanted.step)
    return web.json_response(order_json(erp.orders[object_id]))


@routes.post("/fail-next")
async def fail_next(request: web.Request) -> web.Response:
    """Let the next delivery fail: `{"failure": "down"}`; null takes it back."""
    erp = request.app[_ERP]
    try:
        wanted = _FailNext.model_validate_json(await _json_body(request))
    except ValidationError as error:
        return web.json_response({"error": str(error)}, status=400)
    erp.failures.clear()
    if wanted.failure is not None:
        erp.fail_next(wanted.failure)
    return web.json_response(overview(erp))


def overview(erp: DemoErp) -> Mapping[str, object]:
    """Return the ERP's orders, newest first, as JSON."""
    return {
        "orders": [order_json(order) for order in reversed(erp.orders.values())],
        "failNext": erp.failures[0] if erp.failures else None,
    }


def order_json(order: ErpOrder) -> Mapping[str, object]:
    return {
        "objectId": order.object_id,
        "retailerOrderId": order.retailer_order_id,
        "number": order.number,
        "customer": order.customer,
        "items": [
            {
                "quantity": str(item.quantity),
                "price": str(item.price),
                "reference": item.reference,
            }
            for item in order.items
        ],
        "receivedAt": order.received_at.isoformat(),
        "step": order.step,
        "deliveries": order.deliveries,
        "problem": order.problem,
    }


async def _json_body(request: web.Request) -> bytes:
    # A foreign page can post forms here, but not JSON without being allowed to.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    return await request.read()


async def _running(app: web.Application) -> AsyncIterator[None]:
    async with app[_ERP].running():
        yield
