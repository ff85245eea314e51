"""The facts of a draft that are no lines: what is known, what lacks, how it is set."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.ordering import Desk
from bot.web.api.draft_evidence import BasisView
from bot.web.api.draft_lacks import MissingView
from bot.web.console.saying import Say
from catalog.domain.money import to_major
from orders import Address, Draft, Shop
from orders.domain.fields import ADDRESS_PARTS
from orders.domain.needs import OwnField, OwnKind
from orders.domain.shop import fulfilment_of, payments_of

#: What is asked for of most orders; the others are shown when they are there or lack.
MAIN = ("name", "phone", "fulfilment", "address", "due_at", "payment", "note")
#: All texts in the order of the form, with the kind of their field.
_TEXTS: Mapping[str, str] = {
    "name": "text",
    "phone": "tel",
    "email": "email",
    "fulfilment": "choice",
    "address": "area",
    "due_at": "due",
    "payment": "text",
    "note": "area",
    "recipient": "text",
    "recipient_phone": "tel",
    "business": "choice",
    "company": "text",
    "tax_id": "text",
    "tax_office": "text",
    "coupon": "text",
    "gift_note": "area",
}
#: What lacks is called otherwise than the field of the draft.
_PLACES: Mapping[str, str] = {"date": "due_at"} | {
    part.value: "address" for part in ADDRESS_PARTS
}
_EXTRA = "extra."
#: So many choices stand side by side.
_FEW = 4


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One fact, as the panel shows it and as a form sets it."""

    name: str  #: Of the draft's field; of one of the shop's own `extra.ID`.
    label: str
    value: str  #: For people; empty: nobody said.
    raw: str  #: For the form.
    kind: str  #: text, tel, email, area, choice, due, number, date
    choices: Sequence[tuple[str, str]] = ()  #: Value and name.
    missing: MissingView | None = None
    basis: BasisView | None = None
    is_main: bool = False

    @property
    def own_id(self) -> str | None:
        """Return the id of one of the shop's own fields."""
        return self.name.removeprefix(_EXTRA) if self.name.startswith(_EXTRA) else None

    @property
    def has_buttons(self) -> bool:
        """Return whether it lacks, and one press of a few buttons sets it."""
        return self.missing is not None and 0 < len(self.choices) <= _FEW

    @property
    def offers(self) -> bool:
        """Return whether what somebody chose is a choice, and not words of theirs."""
        return any(value == self.raw for value, _ in self.choices)

    def change(self, value: str) -> str:
        """Return the JSON of the changes that set one of its choices."""
        if self.own_id is not None:
            change = {"type": "set_extra", "field_id": self.own_id, "value": value}
            return json.dumps([change])
        given = value == "true" if self.name == "business" else value
        return json.dumps([{"type": f"set_{self.name}", self.name: given}])

    @property
    def is_shown(self) -> bool:
        """Return whether the panel shows it outside of the form."""
        return bool(self.value or self.missing)


def fields_shown(
    desk: Desk, say: Say, missing: Sequence[MissingView], basis: Sequence[BasisView]
) -> list[FieldShown]:
    """Return every fact of a draft, in the order of the form."""
    draft, shop = desk.draft, desk.shop
    values = values_of(draft, shop, say)
    lacking = {_place(each): each for each in reversed(missing)}
    because = {each.about: each for each in basis}
    own = {_EXTRA + each.id: each for each in shop.fields.own}
    return [
        FieldShown(
            name=name,
            label=label_of(name, shop, say),
            value=values.get(name, ""),
            raw=_raw(name, draft),
            kind=_kind(name, own.get(name), desk),
            choices=tuple(_choices(name, own.get(name), desk, say)),
            missing=lacking.get(name),
            basis=because.get(name),
            is_main=name in MAIN or name in own,
        )
        for name in (*_TEXTS, *own)
    ]


def label_of(name: str, shop: Shop, say: Say) -> str:
    """Return what a fact is called: `address`, or `extra.table`."""
    if name.startswith(_EXTRA):
        field_id = name.removeprefix(_EXTRA)
        own = shop.fields.field(field_id)
        return own.called((say.language,)) if own else field_id
    return say(f"draft.field_{name}")


def lack_of(missing: MissingView, shop: Shop, say: Say) -> str:
    """Return what lacks, in a word."""
    if missing.field == "extra":
        return label_of(f"{_EXTRA}{missing.about}", shop, say)
    return say(f"draft.field_{_PLACES.get(missing.field, missing.field)}")


def values_of(draft: Draft, shop: Shop, say: Say) -> dict[str, str]:
    """Return the facts that are known, for people, in the order of the form."""
    found = {name: _told(name, draft, shop, say) for name in _TEXTS}
    for field_id, value in draft.extra.items():
        own = shop.fields.field(field_id)
        found[_EXTRA + field_id] = own.told(value, (say.language,)) if own else value
    found |= {
        "discount": _discount(draft, say),
        "shipping": ""
        if draft.shipping is None
        else say.money(to_major(draft.shipping, draft.currency), draft.currency),
    }
    return {name: value for name, value in found.items() if value}


def _told(name: str, draft: Draft, shop: Shop, say: Say) -> str:
    tell = _TOLD.get(name)
    return tell(draft, shop, say) if tell else str(getattr(draft, name) or "")


def _fulfilment(draft: Draft, shop: Shop, say: Say) -> str:
    way = fulfilment_of(draft, shop)
    return say(f"draft.{way.value}") if way else ""


def _payment(draft: Draft, shop: Shop, say: Say) -> str:
    named = (each for each in shop.payments if each.id == draft.payment)
    method = next(named, None)
    return method.called((say.language,)) if method else draft.payment or ""


def _business(draft: Draft, shop: Shop, say: Say) -> str:
    del shop
    if draft.business is None:
        return ""
    return say("draft.company_buys" if draft.business else "draft.person_buys")


def _address(draft: Draft, shop: Shop, say: Say) -> str:
    """Return where to deliver: the words, and the parts that they do not name."""
    del shop, say
    address = draft.address
    if address is None:
        return ""
    parts = (address.complement, address.suburb, address.postal_code, address.city)
    more = [part for part in parts if part and part not in address.text]
    return ", ".join([address.text, *more])


def _due(draft: Draft, shop: Shop, say: Say) -> str:
    due_at = draft.due_at
    if due_at is None:
        return ""
    day = say.day(_there(due_at, shop).date())
    return day if draft.due_day_only else f"{day}, {say.clock(due_at)}"


_TOLD: Mapping[str, Callable[[Draft, Shop, Say], str]] = {
    "fulfilment": _fulfilment,
    "address": _address,
    "due_at": _due,
    "payment": _payment,
    "business": _business,
}


def _there(moment: datetime, shop: Shop) -> datetime:
    """Return a moment by the shop's clock; one at the end of all calendars as it is."""
    try:
        return moment.astimezone(ZoneInfo(shop.timezone))
    except OverflowError:
        return moment


def _discount(draft: Draft, say: Say) -> str:
    given = draft.discount
    if given is None:
        return ""
    amount = to_major(given.amount, draft.currency)
    much = (
        f"{say.number(given.percent)} %"
        if given.percent
        else say.money(amount, draft.currency)
    )
    return f"{much} ({given.reason})" if given.reason else much


def _place(missing: MissingView) -> str:
    if missing.field == "extra":
        return f"{_EXTRA}{missing.about}"
    return _PLACES.get(missing.field, missing.field)


def _raw(name: str, draft: Draft) -> str:
    if name.startswith(_EXTRA):
        return draft.extra.get(name.removeprefix(_EXTRA), "")
    value = getattr(draft, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Address):
        return value.text
    if isinstance(value, datetime):
        is_day = draft.due_day_only
        return value.date().isoformat() if is_day else value.isoformat()
    return "" if value is None else str(value)


def _kind(name: str, own: OwnField | None, desk: Desk) -> str:
    if own is not None:
        return own.kind.value
    if name == "payment" and desk.shop.payments:
        return OwnKind.CHOICE.value
    return _TEXTS[name]


def _choices(
    name: str, own: OwnField | None, desk: Desk, say: Say
) -> Iterator[tuple[str, str]]:
    if own is not None:
        for option in own.options:
            yield option.id, option.called((say.language,))
    elif name == "fulfilment":
        for way in desk.shop.fulfilments:
            yield way.value, say(f"draft.{way.value}")
    elif name == "payment":
        for method in payments_of(desk.draft, desk.shop):
            yield method.id, method.called((say.language,))
    elif name == "business":
        yield "false", say("draft.person_buys")
        yield "true", say("draft.company_buys")
