"""Questions in words, with their buttons and lists."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import singledispatch

from bot.domain import replies as r
from bot.domain.buttons import (
    CancelTap,
    ChangeTap,
    ConfirmTap,
    Made,
    PickTap,
    made,
    mark_of,
)
from bot.domain.describing import (
    Voice,
    amount,
    duration,
    line_with_price,
    sums,
    unit_word,
    who_and_where,
)
from bot.domain.message import Row
from bot.domain.picking import product_offers
from bot.domain.understanding import PICTURED
from orders import Draft, Field


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes the ids of buttons about one draft in one conversation."""

    key: bytes
    conversation_id: str
    draft: Draft

    def id_of(self, tap: Made) -> str:
        return made(self.key, self.conversation_id, tap)

    def pick(self, field: Field, about: str | None, choice_id: str) -> str:
        """Return the id of a button that picks a choice of a question."""
        mark = mark_of(choice_id)
        return self.id_of(PickTap(self.draft.id, field, about or "", mark))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words. `lead` may go ahead as a message of its own."""

    prompt: str
    lead: str = ""
    choices: tuple[Row, ...] = ()


@singledispatch
def asked(question: object, voice: Voice, signer: Signer) -> Asked:
    """Return a question in words, with the ids of its choices."""
    del voice, signer
    raise TypeError(f"{question!r} is no question")


@asked.register
def _(question: r.AskWhatElse, voice: Voice, signer: Signer) -> Asked:
    del question, signer
    return Asked(voice.text("ask.lines"))


@asked.register
def _(question: r.AskChange, voice: Voice, signer: Signer) -> Asked:
    del question, signer
    return Asked(voice.text("ask.change"))


@asked.register
def _(question: r.AskWhich, voice: Voice, signer: Signer) -> Asked:
    mention = question.unresolved
    rows = []
    prices = {c.name: c.unit_price for c in mention.choices}
    for offer in product_offers(mention):
        if offer.id not in question.choices:
            continue
        price = prices.get(offer.title)
        button_id = signer.pick(Field.PRODUCT, mention.id, offer.id)
        title = offer.title or voice.text("buttons.none")
        money = None if price is None else voice.price(price)
        rows.append(Row(id=button_id, title=title, description=money))
    key = "ask.which" if mention.choices else "ask.product"
    if mention.instead_of is not None:
        key = "ask.instead"
    if mention.text == PICTURED and mention.choices:
        key = "ask.pictured"
    return Asked(voice.text(key, text=mention.text), choices=tuple(rows))


@asked.register
def _(question: r.AskField, voice: Voice, signer: Signer) -> Asked:
    line = question.about
    about = question.key
    rows = tuple(
        Row(
            id=signer.pick(question.field, about, choice_id),
            title=_title(question, choice_id, title, voice),
        )
        for choice_id, title in question.choices
    )
    prompt = voice.text(
        _prompt(question),
        name=line.name if line else "",
        unit=unit_word(voice, line.unit, 2) if line else "",
        topic=question.topic,
        short_by=voice.minor(question.short_by),
        areas=", ".join(question.areas),
        moment=_moment(voice, question.opens_at),
        text="",
    )
    return Asked(prompt, choices=rows)


@asked.register
def _(question: r.Summary, voice: Voice, signer: Signer) -> Asked:
    draft, totals = question.draft, question.totals
    rows = [
        *(line_with_price(voice, line) for line in draft.lines),
        *sums(
            voice,
            subtotal=totals.subtotal,
            rows=(
                ("discount", -totals.discount),
                ("tax", 0 if totals.tax_included else totals.tax),
                ("shipping", totals.shipping),
            ),
        ),
        voice.text("summary.total", amount=voice.minor(totals.grand_total)),
        *who_and_where(voice, draft, question.payment),
        *_when(question, voice),
    ]
    lead = "\n".join((voice.text("summary.head"), *rows))
    taps: tuple[tuple[Made, str], ...] = (
        (ConfirmTap(draft.id, draft.version), "confirm"),
        (ChangeTap(draft.id, draft.version), "change"),
        (CancelTap(draft.id, draft.version), "cancel"),
    )
    choices = tuple(
        Row(id=signer.id_of(tap), title=voice.text(f"buttons.{key}"))
        for tap, key in taps
    )
    return Asked(voice.text("ask.confirmation"), lead, choices)


def _prompt(question: r.AskField) -> str:
    """Return the key of the sentence: some fields are asked for in several ways."""
    field = question.field
    match field:
        case Field.ADDRESS if question.reason is not None:
            way = "_pickup" if question.choices else ""
            return f"ask.address_{question.reason.value}{way}"
        case Field.MINIMUM if question.areas:
            return "ask.minimum_area"
        case Field.HOURS if question.opens_at is None:
            return "ask.hours_unknown"
    return f"ask.{field.value}"


def _when(question: r.Summary, voice: Voice) -> list[str]:
    """Return how long it takes, and that a closed shop begins later."""
    rows = []
    lead = question.area.lead_minutes if question.area else None
    if lead:
        rows.append(voice.text("summary.lead_time", duration=duration(voice, lead)))
    if question.closed:
        key = "closed" if question.opens_at else "closed_unknown"
        moment = _moment(voice, question.opens_at)
        rows.append(voice.text(f"summary.{key}", moment=moment))
    return rows


def _moment(voice: Voice, moment: datetime | None) -> str:
    return voice.wording.moment(moment) if moment else ""


def _title(question: r.AskField, choice_id: str, title: str, voice: Voice) -> str:
    if question.field in (Field.FULFILMENT, Field.ADDRESS):
        return voice.text(f"fulfilment.{choice_id}")
    if question.field is Field.QUANTITY and question.about is not None:
        return amount(voice, Decimal(choice_id), question.about.unit)
    return title
