"""Drafts, changes, orders and shops as JSON, for the database and for those outside.

What is stored lives longer than this code: unknown keys are ignored, fields that are
new take their defaults, and a change is known by a tag that never changes.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from orders.domain import changes
from orders.domain.changes import Change
from orders.domain.draft import Address, Draft, Fulfilment
from orders.domain.hours import WhenClosed
from orders.domain.humans import Assigns
from orders.domain.manners import CancelUntil
from orders.domain.needs import OwnKind
from orders.domain.order import Order
from orders.domain.payment import Instrument, PaymentKind
from orders.domain.shop import Confirms, Shop
from orders.domain.style import Tone

JsonObject = dict[str, object]
T = TypeVar("T")

#: The stored names of changes. Never rename or reuse one: old drafts are replayed.
TAGS: Mapping[str, type[Change]] = {
    "put_line": changes.PutLine,
    "set_quantity": changes.SetQuantity,
    "choose_variant": changes.ChooseVariant,
    "set_options": changes.SetOptions,
    "replace_line": changes.ReplaceLine,
    "drop_line": changes.DropLine,
    "reprice": changes.Reprice,
    "put_unresolved": changes.PutUnresolved,
    "drop_unresolved": changes.DropUnresolved,
    "clear": changes.Clear,
    "reopen": changes.Reopen,
    "take_back": changes.TakeBack,
    "set_name": changes.SetName,
    "set_phone": changes.SetPhone,
    "set_email": changes.SetEmail,
    "set_tax_id": changes.SetTaxId,
    "set_business": changes.SetBusiness,
    "set_company": changes.SetCompany,
    "set_tax_office": changes.SetTaxOffice,
    "set_recipient": changes.SetRecipient,
    "set_recipient_phone": changes.SetRecipientPhone,
    "set_extra": changes.SetExtra,
    "set_customer": changes.SetCustomer,
    "set_fulfilment": changes.SetFulfilment,
    "set_address": changes.SetAddress,
    "set_due": changes.SetDue,
    "set_payment": changes.SetPayment,
    "set_coupon": changes.SetCoupon,
    "set_gift_note": changes.SetGiftNote,
    "set_note": changes.SetNote,
    "set_discount": changes.SetDiscount,
    "set_shipping": changes.SetShipping,
    "unset": changes.Unset,
}


class UnknownChange(ValueError):
    """A stored or received change has a type that nobody knows."""


class _Form(Generic[T]):
    """The JSON form of one type."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter = TypeAdapter(kind)

    def dump(self, value: T) -> JsonObject:
        """Return the value as JSON that both databases can hold."""
        dumped: JsonObject = self._adapter.dump_python(value, mode="json")
        return {key: storable(part) for key, part in dumped.items()}

    def load(self, data: Mapping[str, object]) -> T:
        """Return the value. Raises ValueError (pydantic's) naming the bad field."""
        return self._adapter.validate_python(data)


_ADDRESS = _Form(Address)
_DRAFT = _Form(Draft)
_ORDER = _Form(Order)
_SHOP = _Form(Shop)
_CHANGES = {tag: _Form(kind) for tag, kind in TAGS.items()}
_TAG_OF = {kind: tag for tag, kind in TAGS.items()}


def dump_draft(draft: Draft) -> JsonObject:
    """Return a draft as JSON."""
    return _DRAFT.dump(draft)


def load_draft(data: Mapping[str, object]) -> Draft:
    """Return the draft that `dump_draft` stored."""
    return _DRAFT.load(data)


def dump_order(order: Order) -> JsonObject:
    """Return an order as JSON."""
    return _ORDER.dump(order)


def load_order(data: Mapping[str, object]) -> Order:
    """Return the order that `dump_order` stored."""
    return _ORDER.load(data)


def dump_shop(shop: Shop) -> JsonObject:
    """Return a shop's rules as JSON."""
    return _SHOP.dump(shop)


def load_shop(
    data: Mapping[str, object],
    *,
    timezone: str | None = None,
    country: str | None = None,
) -> Shop:
    """Return a shop's rules; an empty object is a shop with every default.

    Where the tenant's row tells its zone and country, they are those of the row. A
    word that only a newer version knows takes the careful meaning: an agent approves,
    the order is taken, a way of delivery that we do not have is not offered.
    """
    shop = _SHOP.load(_readable(data))
    return replace(
        shop,
        timezone=timezone or shop.timezone,
        country=country or shop.country,
    )


def _readable(shop: Mapping[str, object]) -> JsonObject:
    return {
        **shop,
        **_known(shop, "confirms", Confirms, Confirms.AGENT),
        **_known(shop, "when_closed", WhenClosed, WhenClosed.ACCEPT),
        **_ways(shop),
        **_payments(shop),
        **_manners(shop),
        **_style(shop),
        **_humans(shop),
        **_fields(shop),
    }


def _known(
    data: Mapping[str, object], key: str, words: type[StrEnum], careful: StrEnum
) -> JsonObject:
    if key not in data or data[key] in set(words):
        return {}
    return {key: careful}


def _ways(data: Mapping[str, object]) -> JsonObject:
    ways = data.get("fulfilments")
    if not isinstance(ways, list | tuple):
        return {}
    return {"fulfilments": [way for way in ways if way in set(Fulfilment)]}


def _payments(shop: Mapping[str, object]) -> JsonObject:
    methods = shop.get("payments")
    if not isinstance(methods, list | tuple):
        return {}
    readable = [
        {
            **method,
            **_known(method, "kind", PaymentKind, PaymentKind.OTHER),
            **_ways(method),
            **_instruments(method),
        }
        for method in methods
        if isinstance(method, Mapping)
    ]
    return {"payments": readable}


def _instruments(method: Mapping[str, object]) -> JsonObject:
    accepts = method.get("accepts")
    if not isinstance(accepts, list | tuple):
        return {}
    return {"accepts": [each for each in accepts if each in set(Instrument)]}


def _manners(shop: Mapping[str, object]) -> JsonObject:
    manners = shop.get("manners")
    if not isinstance(manners, Mapping):
        return {}
    careful = _known(manners, "cancel_until", CancelUntil, CancelUntil.NEVER)
    return {"manners": {**manners, **careful}}


def _style(shop: Mapping[str, object]) -> JsonObject:
    style = shop.get("style")
    if not isinstance(style, Mapping):
        return {}
    return {"style": {**style, **_known(style, "tone", Tone, Tone.PLAIN)}}


def _humans(shop: Mapping[str, object]) -> JsonObject:
    humans = shop.get("humans")
    if not isinstance(humans, Mapping):
        return {}
    careful = _known(humans, "assigns", Assigns, Assigns.NOBODY)
    return {"humans": {**humans, **careful}}


def _fields(shop: Mapping[str, object]) -> JsonObject:
    """Read a field of the shop's own whose kind only a newer version knows as text."""
    fields = shop.get("fields")
    own = fields.get("own") if isinstance(fields, Mapping) else None
    if not isinstance(fields, Mapping) or not isinstance(own, list | tuple):
        return {}
    readable = [
        {**each, **_known(each, "kind", OwnKind, OwnKind.TEXT)}
        for each in own
        if isinstance(each, Mapping)
    ]
    return {"fields": {**fields, "own": readable}}


def dump_address(address: Address) -> JsonObject:
    """Return an address as JSON."""
    return _ADDRESS.dump(address)


def load_address(data: Mapping[str, object]) -> Address:
    """Return the address that `dump_address` stored."""
    return _ADDRESS.load(data)


def dump_change(change: Change) -> JsonObject:
    """Return a change as JSON, with its tag as `type`."""
    tag = _TAG_OF[type(change)]
    return {"type": tag, **_CHANGES[tag].dump(change)}


def load_change(data: Mapping[str, object]) -> Change:
    """Return the change that `dump_change` stored.

    Raises UnknownChange for an unknown `type`, ValueError for a bad field.
    """
    tag = data.get("type")
    form = _CHANGES.get(tag) if isinstance(tag, str) else None
    if form is None:
        raise UnknownChange(f"type is {tag!r}; it must be one of: {', '.join(TAGS)}")
    return form.load(data)


def storable(value: object) -> object:
    """Return JSON without the two kinds of text that PostgreSQL cannot hold.

    NUL characters and lone surrogates become U+FFFD, as a decoder would have made
    them: a customer's odd character must not stop a turn.
    """
    match value:
        case str():
            return _clean(value)
        case dict():
            return {_clean(str(key)): storable(part) for key, part in value.items()}
        case list() | tuple():
            return [storable(part) for part in value]
        case _:
            return value


def _clean(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
