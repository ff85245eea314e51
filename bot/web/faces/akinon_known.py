"""What the numbers in an Akinon order mean: all of it must be in its channel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.web.api.problems import INVALID
from bot.web.faces.akinon_face import wrong
from bot.web.faces.akinon_people import addresses_kept
from orders.customers import Customer, load_address_of, load_customer
from orders.domain.draft import Address
from orders.domain.ids import Face as System
from orders.domain.ids import Kind
from orders.face_customers import may_order
from orders.faces.akinon import CreateOrderGiven
from orders.faces.akinon_calling import Buyer, Known, Wrong, unknown
from orders.faces.akinon_reference import RefKind, sellable_parts
from orders.ids import resolve_id, resolve_ids
from orders.references import Reference, find_references


@dataclass(frozen=True)
class _Looking:
    """One look, and all that was not found."""

    connection: AsyncConnection
    tenant_id: str
    channel: str
    wrong: list[Wrong] = field(default_factory=list)

    async def ids(self, kind: str, numbers: Iterable[int]) -> Mapping[int, str]:
        found = await resolve_ids(
            self.connection,
            self.tenant_id,
            System.AKINON,
            kind,
            [str(each) for each in numbers],
        )
        return {int(number): ours for number, ours in found.items()}

    async def customer(self, number: int) -> Customer | None:
        found = await resolve_id(
            self.connection, self.tenant_id, System.AKINON, Kind.CUSTOMER, str(number)
        )
        if found is not None and await may_order(
            self.connection, self.tenant_id, System.AKINON, self.channel, found
        ):
            return await load_customer(self.connection, self.tenant_id, found)
        self.wrong.append(("order.customer", unknown("customer", number)))
        return None

    async def address(
        self, name: str, number: int, buyer: Customer | None
    ) -> tuple[str, Address] | None:
        ours = (await self.ids(Kind.ADDRESS, [number])).get(number)
        found = ours and await load_address_of(self.connection, self.tenant_id, ours)
        if not ours or not found:
            self.wrong.append((f"order.{name}", unknown(name, number)))
            return None
        owner, address = found
        if buyer is not None and owner != buyer.id:
            message = f"{number} is an address of another customer: use one of theirs"
            self.wrong.append((f"order.{name}", message))
        return ours, address

    async def reference(
        self, kind: RefKind, number: int, where: str
    ) -> Reference | None:
        ours = (await self.ids(kind, [number])).get(number)
        known = await find_references(self.connection, self.tenant_id, [ours or ""])
        found = known.get(ours or "")
        if found is None or found.channel != self.channel:
            self.wrong.append((where, unknown(kind, number)))
            return None
        return found


async def known_in(
    connection: AsyncConnection, tenant_id: str, channel: str, body: CreateOrderGiven
) -> Known:
    """Return what a body's numbers mean. Raises Problem naming each that is none."""
    look, order = _Looking(connection, tenant_id, channel), body.order
    buyer = await look.customer(order.customer)
    shipping = await look.address("shipping_address", order.shipping_address, buyer)
    billing = await look.address("billing_address", order.billing_address, buyer)
    option = await look.reference(
        RefKind.PAYMENT_OPTION, order.payment_option, "order.payment_option"
    )
    slug = order.payment_option_slug
    if option is not None and slug is not None and slug != option.slug:
        message = f"payment option {order.payment_option} is {option.slug!r}"
        look.wrong.append(("order.payment_option_slug", message))
    cargo = await look.reference(
        RefKind.CARGO_COMPANY, order.cargo_company, "order.cargo_company"
    )
    products = await _products(look, body)
    if look.wrong or buyer is None or shipping is None or billing is None:
        raise wrong(INVALID, look.wrong)
    kept = addresses_kept(buyer)
    where, invoice = kept.get(shipping[0], {}), kept.get(billing[0], {})
    strategy = option and option.data.get("first_refund_strategy")
    return Known(
        buyer=Buyer(buyer.id, buyer.name, buyer.phone, buyer.email, buyer.tax_id),
        shipping=shipping[1],
        recipient=_name(where),
        recipient_phone=_text(where, "phone_number"),
        billing=invoice,
        products=products,
        payment_slug=option.slug if option else None,
        cargo_slug=cargo.slug if cargo else None,
        first_refund_strategy=strategy if isinstance(strategy, str) else None,
    )


async def _products(
    look: _Looking, body: CreateOrderGiven
) -> Mapping[int, tuple[str, str | None]]:
    found = await look.ids(Kind.PRODUCT, {each.product for each in body.order_item})
    lists = {kind: await _lists(look, kind, body) for kind in _LISTS}
    for place, item in enumerate(body.order_item):
        if item.product not in found:
            where = f"order_item.{place}.product"
            look.wrong.append((where, unknown("product", item.product)))
        for kind in _LISTS:
            number: int = getattr(item, kind)
            if number not in lists[kind]:
                where = f"order_item.{place}.{kind}"
                look.wrong.append((where, unknown(kind, number)))
    return {number: sellable_parts(name) for number, name in found.items()}


_LISTS = (RefKind.PRICE_LIST, RefKind.STOCK_LIST)


async def _lists(
    look: _Looking, kind: RefKind, body: CreateOrderGiven
) -> frozenset[int]:
    """Return which of the lists that items name are the channel's."""
    ids = await look.ids(kind, {getattr(each, kind) for each in body.order_item})
    known = await find_references(look.connection, look.tenant_id, set(ids.values()))
    return frozenset(
        number
        for number, ours in ids.items()
        if ours in known and known[ours].channel == look.channel
    )


def _name(kept: Mapping[str, object]) -> str | None:
    parts = (_text(kept, "first_name"), _text(kept, "last_name"))
    return " ".join(part for part in parts if part) or None


def _text(kept: Mapping[str, object], name: str) -> str | None:
    found = kept.get(name)
    return found if isinstance(found, str) and found.strip() else None
