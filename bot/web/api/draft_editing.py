"""From what a caller asks for to typed changes: the catalog fills in the rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.ordering import Desk
from bot.web.api import draft_changes as given
from bot.web.api.draft_buyers import buyer_changed
from bot.web.api.draft_clearing import cleared
from bot.web.api.draft_options import Wrong, options_of
from bot.web.api.models import Money
from bot.web.api.problems import REFUSED, Problem
from catalog import Product
from orders import (
    Address,
    Change,
    ChangeRefused,
    ChooseVariant,
    Clear,
    Discount,
    Draft,
    DropLine,
    DropUnresolved,
    Evidence,
    Fulfilment,
    Line,
    PutLine,
    PutUnresolved,
    Reopen,
    ReplaceLine,
    Reprice,
    SetAddress,
    SetCoupon,
    SetDiscount,
    SetDue,
    SetFulfilment,
    SetGiftNote,
    SetNote,
    SetOptions,
    SetPayment,
    SetQuantity,
    SetShipping,
    Shop,
    UnknownUnit,
    Unresolved,
    adjustments,
    converted,
    review,
    review_terms,
    unit_price,
)
from orders.domain.editing import apply


@dataclass(frozen=True, slots=True)
class Known:
    """What the shop has of all that the changes name."""

    products: Collection[Product]
    customers: Collection[str]


def products_named(
    changes: Iterable[given.ChangeGiven],
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ids and the SKUs of the products that changes name."""
    named = [
        each
        for each in changes
        if isinstance(each, given.PutLineGiven | given.ReplaceLineGiven)
    ]
    return (
        frozenset(each.product_id for each in named if each.product_id is not None),
        frozenset(each.sku for each in named if each.sku is not None),
    )


def customers_named(changes: Iterable[given.ChangeGiven]) -> frozenset[str]:
    """Return the ids of the customers that changes name."""
    return frozenset(
        each.customer_id
        for each in changes
        if isinstance(each, given.SetCustomerGiven) and each.customer_id is not None
    )


def typed(
    changes: Sequence[given.ChangeGiven], desk: Desk, known: Known, because: Evidence
) -> tuple[Change, ...]:
    """Return the typed changes. Raises Problem naming the one that does not fit."""
    editing = _Editing(desk, known, because)
    found: list[Change] = []
    for place, each in enumerate(changes):
        try:
            found += editing.take(each)
        except Wrong as wrong:
            raise _refused(f"changes.{place}.{wrong.field}", str(wrong)) from None
        except ChangeRefused as refused:
            raise _refused(f"changes.{place}", str(refused)) from None
    return tuple(found)


def _refused(field: str, message: str) -> Problem:
    return Problem(
        REFUSED,
        f"{field}: {message}",
        {"errors": [{"field": field, "message": message}]},
    )


class _Editing:
    """A draft while changes are read: the later ones speak of what the earlier made."""

    def __init__(self, desk: Desk, known: Known, because: Evidence) -> None:
        self._desk = desk
        self._draft: Draft = desk.draft
        self._because = because
        self._customers = known.customers
        products = (*desk.products.values(), *known.products)
        self._by_id: Mapping[str, Product] = {each.id: each for each in products}

    def take(self, change: given.ChangeGiven) -> Sequence[Change]:
        """Return what a change comes to, and go on from there."""
        made = self._made(change)
        for each in made:
            self._draft = apply(self._draft, each)
        return made

    def _made(self, change: given.ChangeGiven) -> Sequence[Change]:
        match change:
            case given.ReconcileGiven():
                return self._reconciled()
            case given.PutLineGiven():
                return (PutLine(self._line_of(change)),)
            case given.ReplaceLineGiven():
                return (ReplaceLine(change.line_id, self._line_of(change)),)
            case (
                given.SetQuantityGiven()
                | given.ChooseVariantGiven()
                | given.SetOptionsGiven()
                | given.RepriceGiven()
            ):
                return (self._edited(change),)
            case _:
                return (self._other(change),)

    def _reconciled(self) -> Sequence[Change]:
        desk, draft = self._desk, self._draft
        return adjustments(
            (
                *review(draft, self._by_id, desk.available),
                *review_terms(draft, desk.shop),
            )
        )

    # -- lines ------------------------------------------------------------------------

    def _line_of(self, wanted: given.PutLineGiven | given.ReplaceLineGiven) -> Line:
        product, variant_id = self._product(wanted)
        variant = product.variant(variant_id)
        options = options_of(product, wanted.options)
        quantity, pack = _quantity(product, wanted.quantity, wanted.unit)
        return Line(
            id="",
            product_id=product.id,
            sku=variant.sku if variant else product.sku,
            name=product.name,
            quantity=quantity,
            unit=product.unit,
            variant_id=variant_id,
            variant_name=variant.name if variant else None,
            options=options,
            note=wanted.note,
            unit_price=unit_price(product, variant_id, options),
            list_price=product.list_price,
            tax_rate=product.tax_rate,
            pack=pack,
            evidence=(self._because,),
            words=wanted.words or self._called(wanted),
        )

    def _called(
        self, wanted: given.PutLineGiven | given.ReplaceLineGiven
    ) -> str | None:
        """Return what the customer called the line that gives way."""
        if isinstance(wanted, given.PutLineGiven):
            return None
        line = self._draft.line(wanted.line_id)
        return line.words if line else None

    def _product(
        self, wanted: given.PutLineGiven | given.ReplaceLineGiven
    ) -> tuple[Product, str | None]:
        """Return the product and the variant that are meant."""
        if wanted.product_id is not None:
            product = self._by_id.get(wanted.product_id)
            named, value = "product_id", wanted.product_id
        else:
            named, value = "sku", wanted.sku or ""
            product = next(
                (each for each in self._by_id.values() if value in _skus(each)), None
            )
        if product is None or not product.active:
            raise Wrong(named, f"the shop sells no product {value!r}")
        own = next((v.id for v in product.variants if v.sku == wanted.sku), None)
        variant_id = wanted.variant_id or own
        if variant_id is not None and product.variant(variant_id) is None:
            raise Wrong("variant_id", _no_variant(product, variant_id))
        if variant_id is None and len(product.variants) == 1:
            variant_id = product.variants[0].id
        return product, variant_id

    def _edited(
        self,
        change: given.SetQuantityGiven
        | given.ChooseVariantGiven
        | given.SetOptionsGiven
        | given.RepriceGiven,
    ) -> Change:
        line = self._draft.line(change.line_id)
        if line is None:
            known = ", ".join(each.id for each in self._draft.lines) or "none"
            raise Wrong("line_id", f"there is no such line; its lines are: {known}")
        product = self._by_id.get(line.product_id)
        if product is None:
            raise Wrong("line_id", "its product is no longer sold: drop the line")
        match change:
            case given.SetQuantityGiven():
                quantity, _ = _quantity(product, change.quantity, change.unit)
                return SetQuantity(line.id, quantity, self._because)
            case given.ChooseVariantGiven():
                return self._chosen(line, product, change.variant_id)
            case given.SetOptionsGiven():
                options = options_of(product, change.options)
                price = unit_price(product, line.variant_id, options)
                return SetOptions(line.id, options, price, self._because)
            case given.RepriceGiven():
                price = unit_price(product, line.variant_id, line.options)
                return Reprice(line.id, price)

    def _chosen(self, line: Line, product: Product, variant_id: str) -> Change:
        variant = product.variant(variant_id)
        if variant is None:
            raise Wrong("variant_id", _no_variant(product, variant_id))
        price = unit_price(product, variant.id, line.options)
        return ChooseVariant(
            line.id, variant.id, variant.name, variant.sku, price, self._because
        )

    # -- everything else --------------------------------------------------------------

    def _other(self, change: given.ChangeGiven) -> Change:
        because = self._because
        match change:
            case given.DropLineGiven():
                return DropLine(change.line_id, because)
            case given.PutUnresolvedGiven():
                return PutUnresolved(
                    Unresolved(
                        id="",
                        text=change.text,
                        quantity=change.quantity,
                        unit=change.unit,
                        replaces=change.replaces,
                        evidence=(because,),
                    )
                )
            case given.DropUnresolvedGiven():
                return DropUnresolved(change.unresolved_id)
            case given.ClearGiven():
                return Clear()
            case given.ReopenGiven():
                return Reopen(because)
            case _:
                return (
                    cleared(change, because)
                    or buyer_changed(change, self._desk, self._customers, because)
                    or self._about_terms(change)
                )

    def _about_terms(self, change: given.ChangeGiven) -> Change:  # noqa: PLR0911  # one per kind
        """Return what a change says of where, when and for how much."""
        because, currency = self._because, self._draft.currency
        match change:
            case given.SetFulfilmentGiven(fulfilment=Fulfilment() as way):
                return SetFulfilment(way, because)
            case given.SetAddressGiven(address=given.AddressGiven() as address):
                return SetAddress(Address(**address.model_dump()), because)
            case given.SetDueGiven():
                return _due(change, self._desk.shop, because)
            case given.SetPaymentGiven(payment=str(payment)):
                return SetPayment(payment, because)
            case given.SetCouponGiven(coupon=str(coupon)):
                return SetCoupon(coupon, because)
            case given.SetGiftNoteGiven(gift_note=str(words)):
                return SetGiftNote(words, because)
            case given.SetNoteGiven(note=str(note)):
                return SetNote(note, because)
            case given.SetDiscountGiven():
                return SetDiscount(_discount(change, currency), because)
            case given.SetShippingGiven(shipping=Money() as fee):
                return SetShipping(_minor("shipping", fee, currency), because)
            case _:
                raise ChangeRefused(f"nothing is known to do for {change.type!r}")


def _skus(product: Product) -> frozenset[str]:
    return frozenset({product.sku, *(variant.sku for variant in product.variants)})


def _no_variant(product: Product, variant_id: str) -> str:
    known = ", ".join(f"{v.id} ({v.name})" for v in product.variants) or "none"
    return f"{product.name!r} has no variant {variant_id!r}; it has: {known}"


def _quantity(
    product: Product, quantity: Decimal | None, unit: str | None
) -> tuple[Decimal, str | None]:
    """Return how much it is in the product's unit, and the words it was said in."""
    amount = converted(product, quantity, unit)
    if isinstance(amount, UnknownUnit):
        possible = ", ".join(amount.possible)
        raise Wrong("unit", f"it is not sold in {amount.said!r}; it is in: {possible}")
    return amount.quantity, amount.converted_from


def _discount(change: given.SetDiscountGiven, currency: str) -> Discount | None:
    if change.amount is not None:
        amount = _minor("amount", change.amount, currency)
        return Discount(amount=amount, reason=change.reason)
    if change.percent is not None:
        return Discount(percent=change.percent, reason=change.reason)
    return None


def _minor(field: str, money: Money, currency: str) -> int:
    try:
        return money.minor(currency)
    except ValueError as error:
        raise Wrong(field, str(error)) from None


def _due(change: given.SetDueGiven, shop: Shop, because: Evidence) -> Change:
    """Return when it is wanted, by the shop's clock: customers read it so."""
    zone = ZoneInfo(shop.timezone)
    moment, day = change.due_at, change.due_day
    if moment is not None:
        return SetDue(_in_zone(moment, zone), because)
    if day is None:  # pragma: no cover  # with neither it is taken back
        raise ChangeRefused("neither a moment nor a day is given")
    return SetDue(datetime.combine(day, time.min, zone), because, day_only=True)


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment in a zone; one at the end of all calendars as it is."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment
