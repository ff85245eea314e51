"""Our orders in the words of Zegoal's CreateOrder, and what it answers. Pure."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.domain.money import PRICE_DECIMALS, line_total, to_major
from orders.domain.order import Order, OrderLine, OrderState
from orders.domain.statuses import ZEGOAL_ORDER
from orders.faces.zegoal_words import plain, type_word, unit_word, written
from orders.outbox.delivery import Refused
from orders.provisioning.asking import Reply

_SMALLEST = Decimal(1).scaleb(-PRICE_DECIMALS)
_SHOWN = 300
_WELL = "0"  #: The code of an answer that is no error.


# -- outward --------------------------------------------------------------------------


def order_body(
    order: Order, zone: str, tenant: str, positions: Mapping[str, int]
) -> dict[str, object]:
    """Return the call for an order: the same on every attempt.

    `positions`: the numbers of lines that the catalog there has, by the line's id.
    """
    lines = [_position(line, order, positions.get(line.id)) for line in order.lines]
    ends = order.due_at and order.due_at > order.placed_at
    said = {
        "tenant": tenant,
        # A customer of ours is an account of theirs, by our id.
        "external_customer_id": order.customer_id or order.id,
        "customer_name": order.name,
        "create_account": True,
        "start_date": written(order.placed_at, zone),
        "end_date": written(order.due_at, zone) if order.due_at and ends else None,
        "tel_num": order.phone,
        "email": order.email,
        "address_text": order.address and order.address.text,
        "order_description": _description(order),
        # Whatever became of it here meanwhile.
        "order_status": ZEGOAL_ORDER.word(OrderState.CONFIRMED),
        "order_positions": [*lines, *_delivery(order)],
    }
    return {name: value for name, value in said.items() if value or value == []}


def _description(order: Order) -> str:
    """Return the order's note, and our names of it: by these a person finds it."""
    mark = " ".join(str(each) for each in (order.number, order.id) if each)
    return "\n".join(each for each in (order.note, f"chatorder {mark}") if each)


def _position(line: OrderLine, order: Order, number: int | None) -> dict[str, object]:
    kind = line.snapshot.get("type")
    name = f"{line.name}, {line.variant_name}" if line.variant_name else line.name
    options = ", ".join(each.name for each in line.options)
    by_hand = {
        "position_type": type_word(str(kind)) if kind else None,
        "product_name": name,
        "product_code": line.sku or None,
    }
    said = {
        **({"catalog_position_id": number} if number is not None else by_hand),
        "quantity": plain(line.quantity),
        "unit": unit_word(line.unit),
        # What was agreed here, whatever the catalog there says.
        "price": plain(_price(line, order.currency)),
        "description": "; ".join(each for each in (options, line.note) if each) or None,
    }
    return {key: value for key, value in said.items() if value is not None}


def _price(line: OrderLine, currency: str) -> Decimal:
    """Return a unit's price with discount and tax: times quantity it is the total."""
    if line_total(line.unit_price, line.quantity, currency) == line.total:
        return line.unit_price
    exact = to_major(line.total, currency) / line.quantity
    return exact.quantize(_SMALLEST, rounding=ROUND_HALF_UP)


def _delivery(order: Order) -> list[dict[str, object]]:
    """Return what the way to the customer costs, as a position of its own."""
    if not order.shipping_total:
        return []
    price = to_major(order.shipping_total, order.currency)
    return [
        {
            "position_type": "Service",
            "product_name": "Delivery",
            "quantity": 1,
            "price": plain(price),
        }
    ]


def external_code(line: OrderLine) -> str | None:
    """Return what the merchant's systems call a line's product, if that is known."""
    variants = line.snapshot.get("variants")
    form = variants[0] if isinstance(variants, list) and len(variants) == 1 else {}
    code = form.get("external_id") or line.snapshot.get("external_id")
    return code if isinstance(code, str) and code else None


# -- inward ---------------------------------------------------------------------------


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Result(_Read):
    code: int | str
    text: str = ""


class _Order(_Read):
    order_id: int | str


class _OrderResponse(_Read):
    order: _Order


class _Created(_Read):
    response: _OrderResponse


class _CreateAnswer(_Read):
    processing_result: _Result
    CreateOrder: _Created | None = None


class _Position(_Read):
    catalog_position_id: int
    external_code: str = ""


class _CatalogResponse(_Read):
    catalog_positions: list[_Position] = []


class _Listed(_Read):
    response: _CatalogResponse = _CatalogResponse()


class _CatalogAnswer(_Read):
    processing_result: _Result
    GetOrderingCatalog: _Listed | None = None


def made(reply: Reply) -> str | None:
    """Return the `order_id` of an answer; None where nothing was answered at all.

    Raises Refused when the code is not 0, or it is no such answer.
    """
    if not reply.data and not reply.words.strip():
        return None
    try:
        read = _CreateAnswer.model_validate(reply.data)
    except ValidationError:
        raise Refused(
            "it took the call and answered in other words than Zegoal's: look whether"
            f" the order is there: {reply.words}"
        ) from None
    if str(read.processing_result.code) != _WELL:
        raise Refused(refusal(reply))
    created = read.CreateOrder
    return None if created is None else str(created.response.order.order_id)


def refusal(reply: Reply) -> str:
    """Return what an answer says went wrong, in its own words."""
    try:
        result = _CatalogAnswer.model_validate(reply.data).processing_result
    except ValidationError:
        return reply.words
    return f"code {result.code}: {result.text[:_SHOWN]}"


def position_named(reply: Reply, code: str) -> str | None:
    """Return the number of the one position with that external code, if there is."""
    try:
        read = _CatalogAnswer.model_validate(reply.data)
    except ValidationError:
        return None
    if str(read.processing_result.code) != _WELL or read.GetOrderingCatalog is None:
        return None
    listed = read.GetOrderingCatalog.response.catalog_positions
    mine = [each.catalog_position_id for each in listed if each.external_code == code]
    return str(mine[0]) if len(mine) == 1 else None
