"""Lines, amounts and sums in words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.domain.items import WITHOUT
from bot.domain.voice import Voice as Voice  # noqa: PLC0414  # who describes
from bot.domain.voice import one_line as one_line  # noqa: PLC0414
from catalog.domain.money import line_total
from orders import (
    Draft,
    Line,
    LineOption,
    Order,
    OrderLine,
    OwnField,
    OwnKind,
    PaymentMethod,
)

_PIECE = "piece"
#: Units of time and their minutes, the largest first.
_UNITS_OF_TIME = (("days", 24 * 60), ("hours", 60), ("minutes", 1))
#: An order of more lines than these is long; of so many forms a product is named once.
_LONG, _MANY_FORMS = 10, 3
#: Between two notes of one line.
_NOTES = re.compile(r"[,;]\s+")


def unit_word(voice: Voice, unit: str, count: Decimal | int = 1) -> str:
    """Return what a unit is called; one that we have no word for as it is."""
    key = f"units.{unit}"
    return voice.text(key, count) if voice.wording.knows(key) else one_line(unit)


def amount(voice: Voice, quantity: Decimal, unit: str) -> str:
    """Return "3 pieces", "0.5 kg"."""
    return voice.text(
        "line.amount",
        quantity=voice.wording.number(quantity),
        unit=unit_word(voice, unit, quantity),
    )


def line_words(voice: Voice, line: Line | OrderLine) -> str:
    """Return a line with its quantity, what it was said in, its variant and wishes."""
    key = "line.pieces" if line.unit == _PIECE else "line.measured"
    said = voice.text(
        key,
        name=line.name,
        quantity=voice.wording.number(line.quantity),
        unit=unit_word(voice, line.unit, line.quantity),
    )
    pack = line.pack if isinstance(line, Line) else None
    details = [
        *([one_line(pack)] if pack else []),
        *([line.variant_name] if line.variant_name else []),
        *(option_words(voice, option) for option in line.options),
        *(note_words(voice, note) for note in notes_of(line.note)),
    ]
    if not details:
        return said
    return voice.text("line.detailed", line=said, details=", ".join(details))


def option_words(voice: Voice, option: LineOption) -> str:
    """Return "no sugar", "extra cheese"."""
    words = " ".join(w for w in (option.qualifier, option.name) if w)
    return voice.text("line.without", option=words) if option.negated else words


def notes_of(note: str | None) -> list[str]:
    """Return what was noted at a line, piece by piece."""
    return [part for part in _NOTES.split(note or "") if part.strip()]


def note_words(voice: Voice, note: str) -> str:
    """Return a note as the options beside it read: "no sugar"."""
    if not note.startswith(WITHOUT):
        return note
    return voice.text("line.without", option=note.removeprefix(WITHOUT).strip())


def line_with_price(voice: Voice, line: Line) -> str:
    """Return a line and what it costs, as far as that is known."""
    if line.unit_price is None:
        return bullet(voice, line_words(voice, line))
    total = line_total(line.unit_price, line.quantity, voice.currency)
    return bullet(voice, line_words(voice, line), voice.minor(total))


def rows_of(voice: Voice, lines: Sequence[Line]) -> list[str]:
    """Return the lines of an order; of a long one, the forms of a product together."""
    if len(lines) <= _LONG:
        return [line_with_price(voice, line) for line in lines]
    by_product: dict[str, list[Line]] = {}
    for line in lines:
        by_product.setdefault(line.product_id, []).append(line)
    rows = []
    for mine in by_product.values():
        if len(mine) >= _MANY_FORMS and all(line.variant_name for line in mine):
            rows.append(voice.text("line.group", name=mine[0].name))
            rows += [line_with_price(voice, _as_form(line)) for line in mine]
        else:
            rows += [line_with_price(voice, line) for line in mine]
    return rows


def _as_form(line: Line) -> Line:
    """Return a line that is called like its form: its product stands above it."""
    return replace(line, name=line.variant_name or line.name, variant_name=None)


def bullet(voice: Voice, words: str, money: str | None = None) -> str:
    """Return one row of a list."""
    if money is None:
        return voice.text("line.bullet", line=words)
    return voice.text("line.bullet_priced", line=words, amount=money)


def who_and_where(
    voice: Voice, what: Draft | Order, method: PaymentMethod | None
) -> list[str]:
    """Return a row for each fact about an order that is not about its lines."""
    way, text = what.fulfilment, voice.text
    address = what.address.text if what.address and way != "pickup" else None
    rows = [("address", address)]
    if address is None and way is not None:
        rows = [("fulfilment", text(f"fulfilment.{way.value}"))]
    rows += [
        ("name", what.name),
        ("phone", what.phone),
        ("email", what.email),
        ("recipient", _received_by(what)),
        ("company", what.company),
        ("tax_id", what.tax_id),
        ("tax_office", what.tax_office),
        ("date", due_words(voice, what)),
        ("payment", _paid(voice, what, method)),
        ("coupon", what.coupon),
        ("gift_note", what.gift_note),
        ("note", what.note),
    ]
    return [text(f"summary.{key}", value=value) for key, value in rows if value]


def due_words(voice: Voice, what: Draft | Order) -> str | None:
    """Return when it is wanted: a moment, or a day without an hour."""
    if what.due_at is None:
        return None
    if what.due_day_only:
        return voice.wording.day(what.due_at.date())
    return voice.wording.moment(what.due_at)


def _received_by(what: Draft | Order) -> str | None:
    """Return who receives it; nobody does what is picked up."""
    if what.fulfilment == "pickup":
        return None
    told = (what.recipient, what.recipient_phone)
    return ", ".join(part for part in told if part) or None


def own_rows(voice: Voice, what: Draft | Order, own: Sequence[OwnField]) -> list[str]:
    """Return a row for each answer to a field of the shop's own."""
    return [
        voice.text(
            "summary.extra",
            name=each.called(voice.languages),
            value=own_words(voice, each, what.extra[each.id]),
        )
        for each in own
        if each.id in what.extra
    ]


def own_words(voice: Voice, own: OwnField, value: str) -> str:
    """Return the answer to a field of the shop's own as the customer reads it."""
    if own.kind is not OwnKind.DATE:
        return own.told(value, voice.languages)
    try:
        return voice.wording.day(date.fromisoformat(value))
    except ValueError:
        return value  # The field was of another kind when it was answered.


def _paid(
    voice: Voice, what: Draft | Order, method: PaymentMethod | None
) -> str | None:
    if method is not None:
        return method.called(voice.languages)
    return payment_word(voice, what.payment) if what.payment else None


def how_to_pay(voice: Voice, method: PaymentMethod | None) -> list[str]:
    """Return what the customer does to pay: the shop's own words, and the link."""
    told = method.told(voice.languages) if method else ""
    link = method.link if method else None
    return [
        *([voice.text("pay.instructions", value=told)] if told.strip() else []),
        *([voice.text("pay.link", link=link)] if link else []),
    ]


def duration(voice: Voice, minutes: int) -> str:
    """Return "45 minutes", "3 hours", "2 days": in the largest unit that is exact."""
    exact = (each for each in _UNITS_OF_TIME if minutes % each[1] == 0)
    unit, size = next(exact)
    count = minutes // size
    number = voice.wording.number(Decimal(count))
    return voice.text(f"duration.{unit}", count, number=number)


def payment_word(voice: Voice, payment: str) -> str:
    """Return what a way to pay is called; other words as the customer said them."""
    key = f"payment.{payment}"
    return voice.text(key) if voice.wording.knows(key) else payment


def sums(
    voice: Voice, *, subtotal: int, rows: tuple[tuple[str, int], ...]
) -> list[str]:
    """Return the rows between lines and total: those that are not zero."""
    shown = [(key, value) for key, value in rows if value]
    told = [voice.text(f"summary.{key}", amount=voice.minor(v)) for key, v in shown]
    if not told:
        return []
    return [voice.text("summary.subtotal", amount=voice.minor(subtotal)), *told]
