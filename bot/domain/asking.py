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
    bullet,
    duration,
    own_rows,
    rows_of,
    sums,
    unit_word,
    who_and_where,
)
from bot.domain.message import Row
from bot.domain.paging import page_named
from bot.domain.selection import product_offers
from bot.domain.understanding import PICTURED
from orders import Draft, Field
from orders.domain.needs import in_language
from orders.domain.tax import documents_of


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
    offered = {offer.id: offer for offer in product_offers(mention)}
    rows = []
    for choice_id in question.choices:
        offer = offered.get(choice_id)
        way = "none" if offer else "more"
        title = offer.title if offer else ""
        money = offer.price if offer else None
        rows.append(
            Row(
                id=signer.pick(Field.PRODUCT, mention.id, choice_id),
                title=title or voice.text(f"buttons.{way}"),
                description=None if money is None else voice.price(money),
            )
        )
    key = "ask.which" if mention.choices else "ask.product"
    if mention.instead_of is not None:
        key = "ask.instead"
    if mention.text == PICTURED and mention.choices:
        key = "ask.pictured"
    return Asked(voice.text(key, text=mention.text), choices=tuple(rows))


@asked.register
def _(question: r.AskField, voice: Voice, signer: Signer) -> Asked:
    if question.more:
        return _together(question, voice)
    line = question.about
    about = question.key
    rows = tuple(
        Row(
            id=signer.pick(question.field, about, choice_id),
            title=_title(question, choice_id, title, voice),
            description=_cost(question, choice_id, voice),
        )
        for choice_id, title in question.choices
    )
    documents = documents_of(question.country)
    prompt = _own_prompt(question, voice) or voice.text(
        _prompt(question),
        name=line.name if line else "",
        unit=unit_word(voice, line.unit, 2) if line else "",
        topic=question.own.called(voice.languages) if question.own else question.topic,
        names=" / ".join(each.name for each in documents),
        example=example_of(question.field, question.country, voice),
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
        *rows_of(voice, draft.lines),
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
        *own_rows(voice, draft, question.own),
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


def _own_prompt(question: r.AskField, voice: Voice) -> str:
    """Return the shop's own question in its own words, where it has some."""
    own = question.own
    return in_language(own.questions, voice.languages) if own else ""


def _together(question: r.AskField, voice: Voice) -> Asked:
    """Return one question for several facts, each on a line of its own."""
    fields = (question.field, *question.more)
    things = "\n".join(bullet(voice, voice.text(f"thing.{f.value}")) for f in fields)
    return Asked(voice.blocks("ask.together", things=things))


def example_of(field: Field, country: str, voice: Voice) -> str:
    """Return what an answer may look like; nothing where there is no such thing."""
    documents = documents_of(country) if field is Field.TAX_ID else ()
    if documents:
        return documents[0].example
    key = f"example.{field.value}"
    return voice.text(key) if voice.wording.knows(key) else ""


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
        case Field.TAX_ID if not documents_of(question.country):
            return "ask.tax_id_any"
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


def _cost(question: r.AskField, choice_id: str, voice: Voice) -> str | None:
    """Return what a choice costs, of an option what it adds, where they differ."""
    price = dict(question.prices).get(choice_id)
    if price is None or not price:
        return None
    adds = question.field is Field.OPTIONS and price > 0
    return f"+{voice.price(price)}" if adds else voice.price(price)


def _title(question: r.AskField, choice_id: str, title: str, voice: Voice) -> str:
    if page_named(choice_id) is not None:
        return voice.text("buttons.more")
    if question.field in (Field.FULFILMENT, Field.ADDRESS):
        return voice.text(f"fulfilment.{choice_id}")
    if question.field is Field.BUSINESS:
        return voice.text(f"business.{choice_id}")
    if question.field is Field.QUANTITY and question.about is not None:
        return amount(voice, Decimal(choice_id), question.about.unit)
    return title
