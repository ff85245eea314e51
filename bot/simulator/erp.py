"""The demo ERP: takes provisioned orders, works a moment, calls back.

It speaks OmniChat's OrderProvisioning and `statusChange`/`provisions` callbacks, and
checks deliveries as the Standard Webhooks specification says.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

import aiohttp

from bot.simulator.later import Later
from bot.simulator.news import News

SUBJECT = "erp"  #: What watchers of the news are told when an order changes.
RESPONSIBLE = "Demo ERP"

_TOLERANCE = timedelta(minutes=5)  # Standard Webhooks' own
_KEPT = 10_000  #: Older orders and callbacks are forgotten.
#: Where an item says what it is, best first.
_REFERENCES = ("productReference", "externalId", "variantId")

V = TypeVar("V")


class Step(StrEnum):
    """How far the ERP is with an order; values are OmniChat's where it has one."""

    RECEIVED = "RECEIVED"
    REJECTED = "REJECTED"
    PROVISIONED = "ORDER_GATEWAY_PROVISIONED"
    PACKAGED = "PACKAGED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


class Failure(StrEnum):
    """What may be asked of the next order."""

    DOWN = "down"  #: Answer 500; the order is not taken.
    REFUSE = "refuse"  #: Answer 400; the order is not taken.
    REJECT = "reject"  #: Take it, and report later that it cannot be provisioned.
    SHORT = "short"  #: Take it, and report later that its first item is sold out.
    PAY = "pay"  #: Take it, and send where it is paid.


#: What the ERP writes into its callbacks; merchants' systems are free to.
_MESSAGES: Mapping[Step, str] = {
    Step.PROVISIONED: "Order created",
    Step.PACKAGED: "Order packed",
    Step.SHIPPED: "Handed to the courier",
    Step.DELIVERED: "Delivered",
    Step.CANCELLED: "Cancelled",
    Step.REJECTED: "SKU is not available in the warehouse",
}


@dataclass(frozen=True, slots=True)
class Item:
    quantity: Decimal
    price: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class ErpOrder:
    """An order as the ERP knows it. `number` is the ERP's own."""

    object_id: str
    retailer_order_id: str
    number: str
    customer: str
    items: tuple[Item, ...]
    received_at: datetime
    step: Step = Step.RECEIVED
    deliveries: int = 1  #: How often it came; the repetitions changed nothing.
    problem: str | None = None  #: Why the last callback was not taken.
    asked: Failure | None = None  #: What was asked of it when it came.
    payload: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback and how the product answered (None: not at all)."""

    object_id: str
    kind: str  #: statusChange or provisions
    body: Mapping[str, object]
    status: int | None


class DemoErp:
    """A merchant's system. `url`, `key`: the product's address and an API key."""

    def __init__(
        self,
        *,
        url: str,
        key: str,
        secret: str,
        clock: Callable[[], datetime],
        news: News | None = None,
        provisioning_seconds: float = 1.0,
        retries: Sequence[float] = (0.2, 0.5, 1.0, 2.0),
    ) -> None:
        self.url = url
        self.key = key
        self.orders: dict[str, ErpOrder] = {}  #: By objectId, oldest first.
        self.callbacks: list[Callback] = []
        self.failures: list[Failure] = []  #: Of the next deliveries, one each.
        self.provisioning_seconds = provisioning_seconds
        self._secret = _key_bytes(secret)
        self._clock = clock
        self._later = Later()
        self._session: aiohttp.ClientSession | None = None
        self._news = news or News()
        self._retries = tuple(retries)
        self._handled: dict[str, None] = {}  # webhook ids, oldest first
        self._next_number = 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work on orders and call back while the block lasts."""
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            self._session = session
            async with self._later.running():
                yield

    async def settled(self) -> None:
        """Return when no callback is left to make."""
        await self._later.idle()

    def fail_next(self, failure: Failure, *, times: int = 1) -> None:
        """Let the next deliveries fail."""
        self.failures.extend([failure] * times)
        self._news.tell(SUBJECT)

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether a delivery was signed with our secret, a moment ago."""
        event_id = headers.get("webhook-id", "")
        sent_at = headers.get("webhook-timestamp", "")
        if not sent_at.isdecimal() or not event_id:
            return False
        age = self._clock().timestamp() - int(sent_at)
        if abs(age) > _TOLERANCE.total_seconds():
            return False
        signed = f"{event_id}.{sent_at}.".encode() + body
        digest = hmac.new(self._secret, signed, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(digest)
        given = headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(expected, each.encode()) for each in given)

    async def take(self, event_id: str, body: bytes) -> tuple[int, str]:
        """Take a delivery; return the HTTP status and a word about it."""
        try:
            order = _parse(body, self._clock(), self._next_number)
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            return 400, f"not an order: {error!r}"
        if event_id in self._handled:
            self._count_again(order.object_id)
            return 200, "already taken"
        failure = self.failures.pop(0) if self.failures else None
        self._news.tell(SUBJECT)
        if failure is Failure.DOWN:
            return 500, "the ERP is down"
        if failure is Failure.REFUSE:
            return 400, "unknown SKU"
        self._handled[event_id] = None
        if order.object_id in self.orders or _is_news(body):
            return 200, self._take_known(order.object_id, body)
        self._next_number += 1
        self._put(replace(order, asked=failure))
        _forget(self.orders)
        _forget(self._handled)
        fails = failure in {Failure.REJECT, Failure.SHORT}
        step = Step.REJECTED if fails else Step.PROVISIONED
        await self._later.after(
            self.provisioning_seconds, lambda: self.move(order.object_id, step)
        )
        return 200, "taken"

    def _take_known(self, object_id: str, body: bytes) -> str:
        if object_id not in self.orders:
            return "news of an order that we do not have"
        if _is_cancelled(body):
            self._put(replace(self.orders[object_id], step=Step.CANCELLED))
            return "cancelled"
        if _is_news(body):
            return "news of an order that we have"
        self._count_again(object_id)
        return "an order that we have"

    async def move(self, object_id: str, step: Step) -> None:
        """Move an order on and tell the product; nothing happens to unknown ones."""
        if object_id not in self.orders:
            return
        kind, body = _callback(self.orders[object_id], step, self.url)
        self._put(replace(self.orders[object_id], step=step, problem=None))
        await self._call(object_id, kind, body, 0)

    async def _call(
        self, object_id: str, kind: str, body: dict[str, object], attempt: int
    ) -> None:
        status, answer = await self._post(object_id, kind, body)
        self.callbacks.append(Callback(object_id, kind, body, status))
        del self.callbacks[:-_KEPT]
        if object_id not in self.orders:
            return
        if status is not None and status < HTTPStatus.MULTIPLE_CHOICES:
            self._put(replace(self.orders[object_id], problem=None))
            return
        may_help = status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if may_help and attempt < len(self._retries):
            await self._later.after(
                self._retries[attempt],
                lambda: self._call(object_id, kind, body, attempt + 1),
            )
        problem = f"chatorder answered {status or 'nothing'}: {answer[:200]}"
        self._put(replace(self.orders[object_id], problem=problem))

    async def _post(
        self, object_id: str, kind: str, body: Mapping[str, object]
    ) -> tuple[int | None, str]:
        if self._session is None:
            raise RuntimeError("the demo ERP is not running: enter `running()` first")
        url = f"{self.url.rstrip('/')}/v2/orders/{quote(object_id, safe='')}/{kind}"
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            async with self._session.post(url, json=body, headers=headers) as response:
                return response.status, await response.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            return None, type(error).__name__

    def _count_again(self, object_id: str) -> None:
        if object_id in self.orders:
            order = self.orders[object_id]
            self._put(replace(order, deliveries=order.deliveries + 1))

    def _put(self, order: ErpOrder) -> None:
        self.orders[order.object_id] = order
        self._news.tell(SUBJECT)


def _callback(order: ErpOrder, step: Step, url: str) -> tuple[str, dict[str, object]]:
    """Return which callback tells a step, and what it says."""
    body: dict[str, object] = {"responsible": RESPONSIBLE, "message": _MESSAGES[step]}
    asked = order.asked
    if step is Step.REJECTED:
        body["code"] = 400
        if asked is Failure.SHORT and order.payload is not None:
            items = order.payload["items"]
            first = items[0]["objectId"] if isinstance(items, list) else None
            body["unavailableItems"] = [{"objectId": first, "available": 0}]
        return "provisions", body
    if step is Step.PROVISIONED and asked is Failure.PAY:
        body |= {"code": 200, "checkoutUrl": f"{url.rstrip('/')}/pay/{order.number}"}
        return "provisions", body
    return "statusChange", {
        **body,
        "status": str(step),
        "orderGwId": order.number,
    }


def _is_news(body: bytes) -> bool:
    """Tell a StatusChangeNotification from an order."""
    return "statusChange" in json.loads(body)


def _is_cancelled(body: bytes) -> bool:
    change = json.loads(body).get("statusChange")
    return isinstance(change, dict) and change.get("status") == "CANCELLED"


def _parse(body: bytes, now: datetime, number: int) -> ErpOrder:
    payload = json.loads(body, parse_float=Decimal)
    if not isinstance(payload, dict):
        raise TypeError("the body is not an object")
    payload = payload.get("order", payload)
    customer = payload.get("customer")
    named = customer if isinstance(customer, dict) else {}
    names = (named.get("name"), named.get("lastName"))
    return ErpOrder(
        object_id=str(payload["objectId"]),
        retailer_order_id=str(payload.get("retailerOrderId") or ""),
        number=f"ERP-{number:05d}",
        customer=" ".join(str(name) for name in names if name),
        items=tuple(_item(dict(each)) for each in payload["items"]),
        received_at=now,
        payload=payload,
    )


def _item(body: Mapping[str, object]) -> Item:
    reference = next(
        (body[name] for name in _REFERENCES if body.get(name)), body.get("objectId", "")
    )
    return Item(
        Decimal(str(body["quantity"])), Decimal(str(body["price"])), str(reference)
    )


def _key_bytes(secret: str) -> bytes:
    prefix, marker, encoded = secret.partition("whsec_")
    if marker and not prefix:
        return base64.b64decode(encoded)
    return secret.encode()


def _forget(kept: dict[str, V]) -> None:
    while len(kept) > _KEPT:
        del kept[next(iter(kept))]
