"""Statements in words: one function for each kind that has something to put in."""

import re
from datetime import datetime
from functools import singledispatch

from bot.domain import places
from bot.domain import replies as r
from bot.domain.describing import (
    Voice,
    amount,
    bullet,
    duration,
    how_to_pay,
    line_with_price,
    line_words,
    one_line,
    own_rows,
    payment_word,
    sums,
    unit_word,
    who_and_where,
)
from bot.domain.due import day_said
from bot.domain.understanding import Detail
from orders.domain.shop import Terms

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def key_of(kind: type) -> str:
    """Return the key of a reply's text: `LinesPut` is `lines_put`."""
    return _WORD_START.sub("_", kind.__name__).lower()


@singledispatch
def said(statement: object, voice: Voice) -> str:
    """Return a statement in words. Those with nothing to put in are only a text."""
    return voice.text(f"say.{key_of(type(statement))}")


@said.register
def _(statement: r.Welcome, voice: Voice) -> str:
    del statement
    hello = voice.text("say.welcome_hello", shop=voice.shop)
    return voice.text("say.welcome", hello=hello)


@said.register
def _(statement: r.LinesPut, voice: Voice) -> str:
    lines = "\n".join(line_with_price(voice, line) for line in statement.lines)
    return voice.blocks("say.lines_put", lines=lines)


@said.register
def _(statement: r.LinesDropped, voice: Voice) -> str:
    return _names("lines_dropped", statement.names, voice)


@said.register
def _(statement: r.NotFound, voice: Voice) -> str:
    return _names("not_found", statement.texts, voice)


@said.register
def _(statement: r.NotInOrder, voice: Voice) -> str:
    return _names("not_in_order", statement.texts, voice)


@said.register
def _(statement: r.CannotTake, voice: Voice) -> str:
    return _names("cannot_take", statement.names, voice)


@said.register
def _(statement: r.UnitUnknown, voice: Voice) -> str:
    units = ", ".join(unit_word(voice, unit) for unit in statement.units)
    unit = unit_word(voice, statement.said)
    return voice.text("say.unit_unknown", name=statement.name, said=unit, units=units)


@said.register
def _(statement: r.OutOfStock, voice: Voice) -> str:
    there = amount(voice, statement.available, statement.unit)
    key = "some" if statement.available > 0 else "none"
    return voice.text(f"say.out_of_stock.{key}", name=statement.name, available=there)


@said.register
def _(statement: r.StockShort, voice: Voice) -> str:
    key = "some" if statement.available > 0 else "none"
    return voice.text(
        f"say.stock_short.{key}",
        name=statement.name,
        asked=amount(voice, statement.asked, statement.unit),
        available=amount(voice, statement.available, statement.unit),
    )


@said.register
def _(statement: r.OptionTaken, voice: Voice) -> str:
    return voice.text(
        "say.option_taken",
        name=statement.name,
        said=", ".join(statement.said),
        taken=statement.taken,
    )


@said.register
def _(statement: r.QuantityAdjusted, voice: Voice) -> str:
    return voice.text(
        "say.quantity_adjusted",
        name=statement.name,
        asked=amount(voice, statement.asked, statement.unit),
        minimum=amount(voice, statement.minimum, statement.unit),
        step=amount(voice, statement.step, statement.unit),
    )


@said.register
def _(statement: r.PackConverted, voice: Voice) -> str:
    return voice.text(
        "say.pack_converted",
        name=statement.name,
        said=statement.said,
        amount=amount(voice, statement.quantity, statement.unit),
    )


@said.register
def _(statement: r.DetailNoted, voice: Voice) -> str:
    value = statement.value
    if statement.field is Detail.FULFILMENT:
        value = voice.text(f"fulfilment.{value}")
    if statement.field is Detail.PAYMENT:
        value = payment_word(voice, value)
    if statement.field is Detail.BUSINESS:
        value = voice.text(f"business.{value}")
    if statement.field is Detail.DATE:
        value = _moment_word(voice, value)
    return voice.text(f"say.detail_noted.{statement.field.value}", value=value)


@said.register
def _(statement: r.DetailUnclear, voice: Voice) -> str:
    key = f"say.detail_unclear.{statement.field.value}"
    if not voice.wording.knows(key):
        key = "say.detail_unclear.any"
    date = statement.field is Detail.DATE
    value = _moment_word(voice, statement.value) if date else statement.value
    return voice.text(key, value=value)


def _moment_word(voice: Voice, value: str) -> str:
    """Return a day or a moment as people read it; other words for it as they are."""
    day = day_said(value)
    if day is not None:
        return voice.wording.day(day)
    try:
        return voice.wording.moment(datetime.fromisoformat(value))
    except ValueError:
        return value


@said.register
def _(statement: places.NotOffered, voice: Voice) -> str:
    return voice.text(f"say.not_offered.{statement.fulfilment.value}")


@said.register
def _(statement: places.OutsideArea, voice: Voice) -> str:
    key = "pickup" if statement.pickup else "delivery"
    areas = ", ".join(statement.areas)
    return voice.text(f"say.outside_area.{key}", areas=areas)


@said.register
def _(statement: places.Delivers, voice: Voice) -> str:
    if len(statement.terms) > 1 or (statement.terms[0].area and not statement.named):
        rows = [
            bullet(voice, each.area.name if each.area else "", _terms(each, voice))
            for each in statement.terms
        ]
        return voice.blocks("say.delivers.areas", rows="\n".join(rows))
    (terms,) = statement.terms
    key = "area" if terms.area else "everywhere"
    area = terms.area.name if terms.area else ""
    return f"{voice.text(f'say.delivers.{key}', area=area)} {_terms(terms, voice)}"


def _terms(terms: Terms, voice: Voice) -> str:
    """Return what a delivery costs and takes, as sentences."""
    fee = "fee" if terms.fee else "free"
    told = [voice.text(f"say.delivers.{fee}", amount=voice.minor(terms.fee))]
    free_from, least = terms.free_from, terms.minimum_order
    if terms.fee and free_from is not None:
        told.append(voice.text("say.delivers.free_from", amount=voice.minor(free_from)))
    if least:
        told.append(voice.text("say.delivers.minimum", amount=voice.minor(least)))
    minutes = terms.area.lead_minutes if terms.area else None
    if minutes:
        took = duration(voice, minutes)
        told.append(voice.text("summary.lead_time", duration=took))
    return " ".join(told)


@said.register
def _(statement: r.PaymentNotOffered, voice: Voice) -> str:
    return _names("payment_not_offered", statement.names, voice)


@said.register
def _(statement: r.TermsChanged, voice: Voice) -> str:
    before, after = statement.before, statement.after
    rows = []
    if before.payment != after.payment:
        rows.append(voice.text("say.terms_changed.payment"))
    amounts = (
        ("shipping", before.shipping, after.shipping),
        # A new fee makes a new total: one of them is enough to say.
        ("total", before.total - before.shipping, after.total - after.shipping),
    )
    for key, old, new in amounts:
        if old != new:
            was, now = (old, new) if key == "shipping" else (before.total, after.total)
            rows.append(
                voice.text(
                    f"say.terms_changed.{key}",
                    before=voice.minor(was),
                    after=voice.minor(now),
                )
            )
    return "\n".join(rows)


@said.register
def _(statement: r.DraftRejected, voice: Voice) -> str:
    if not (statement.reason or "").strip():
        return voice.text("say.draft_rejected.plain")
    return voice.text("say.draft_rejected.because", reason=statement.reason or "")


@said.register
def _(statement: r.PriceChanged, voice: Voice) -> str:
    return voice.text(
        "say.price_changed",
        name=statement.name,
        before=voice.price(statement.before),
        after=voice.price(statement.after),
    )


@said.register
def _(statement: r.ProductFacts, voice: Voice) -> str:
    name, unit = statement.name, unit_word(voice, statement.unit)
    if statement.price is None:
        rows = [voice.text("say.product_facts.unpriced", name=name)]
    else:
        price = voice.price(statement.price)
        rows = [
            voice.text("say.product_facts.priced", name=name, price=price, unit=unit)
        ]
    if statement.available is not None:
        key = "in_stock" if statement.available > 0 else "sold_out"
        rows.append(voice.text(f"say.product_facts.{key}"))
    if statement.description.strip():
        rows.append(one_line(statement.description))
    if statement.options:
        inside = any("," in option for option in statement.options)
        options = ("; " if inside else ", ").join(statement.options)
        rows.append(voice.text("say.product_facts.options", options=options))
    if statement.instead:
        names = ", ".join(statement.instead)
        rows.append(voice.text("say.product_facts.instead", names=names))
    return "\n".join(rows)


@said.register
def _(statement: r.Browse, voice: Voice) -> str:
    if not statement.categories:
        return voice.text("say.browse.empty")
    rows = []
    for category, names in statement.categories:
        key = "say.browse.category" if category else "say.browse.without_category"
        rows.append(voice.text(key, category=category, names=", ".join(names)))
    return voice.blocks("say.browse.all", rows="\n".join(rows))


@said.register
def _(statement: r.OrderPlaced, voice: Voice) -> str:
    order = statement.order
    numbered = order.number is not None
    head = voice.text(
        "say.order_placed.numbered" if numbered else "say.order_placed.plain",
        number=str(order.number),
    )
    added = 0 if order.tax_included else order.tax_total
    total = voice.text("summary.total", amount=voice.minor(order.grand_total))
    rows = [
        *(
            bullet(voice, line_words(voice, line), voice.minor(line.subtotal))
            for line in order.lines
        ),
        *sums(
            voice,
            subtotal=order.subtotal,
            rows=(
                ("discount", -order.discount_total),
                ("tax", added),
                ("shipping", order.shipping_total),
            ),
        ),
        total,
        *who_and_where(voice, order, order.payment_method),
        *own_rows(voice, order, statement.own),
        *how_to_pay(voice, order.payment_method),
    ]
    return "\n".join((head, *rows))


@said.register
def _(statement: r.OrderNews, voice: Voice) -> str:
    state = statement.state.value
    news = voice.text(f"say.order_news.{state}", number=str(statement.number))
    message = one_line(statement.message or "")
    return f"{news}\n{message}" if message else news


@said.register
def _(statement: r.AlreadyOrdered, voice: Voice) -> str:
    return voice.text("say.already_ordered", number=str(statement.number))


@said.register
def _(statement: r.CancelNeedsHuman, voice: Voice) -> str:
    return voice.text("say.cancel_needs_human", number=str(statement.number))


@said.register
def _(statement: r.CannotRead, voice: Voice) -> str:
    key = f"say.cannot_read.{statement.kind}"
    return voice.text(
        key if voice.wording.knows(key) else "say.cannot_read.unsupported"
    )


def _names(key: str, names: tuple[str, ...], voice: Voice) -> str:
    return voice.text(f"say.{key}", len(names), names=", ".join(names))
