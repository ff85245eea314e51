"""What an order lacks, for people and programs: the question, an example, a hint."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.asking import Signer, asked, example_of
from bot.domain.describing import Voice
from bot.domain.questions import asked_by
from bot.domain.replies import AskField, AskWhatElse, AskWhich, Question
from bot.domain.selection import product_offers
from bot.domain.snapshot import Asked
from catalog import Product
from orders import Draft, Field, Missing, OwnKind, Shop
from orders.domain.needs import in_language

#: Which hint a field has where it is not its own.
_HINTS: Mapping[Field, str] = {
    **dict.fromkeys(
        (
            Field.PRODUCT,
            Field.VARIANT,
            Field.OPTIONS,
            Field.FULFILMENT,
            Field.PAYMENT,
            Field.BUSINESS,
        ),
        "choice",
    ),
    Field.RECIPIENT_PHONE: "phone",
    Field.COUNTRY: "text",
}
_OWN_HINTS: Mapping[OwnKind, str] = {
    OwnKind.CHOICE: "choice",
    OwnKind.DATE: "date",
    OwnKind.NUMBER: "quantity",
    OwnKind.TEXT: "text",
}


@dataclass(frozen=True, slots=True)
class Lack:
    """How one missing thing is asked for, in one language."""

    question: str
    example: str  #: Empty where there is no such thing.
    hint: str  #: What an answer has to be.


def told_lack(
    lacking: Missing,
    draft: Draft,
    shop: Shop,
    products: Mapping[str, Product],
    voice: Voice,
) -> Lack:
    """Return how a customer would be asked for it."""
    own = shop.fields.field(lacking.about) if lacking.field is Field.EXTRA else None
    if own is not None:
        example = in_language(own.examples, voice.languages)
        hint = _OWN_HINTS[own.kind]
    else:
        example = example_of(lacking.field, shop.country, voice)
        hint = _HINTS.get(lacking.field, lacking.field.value)
    key = f"hint.{hint}" if voice.wording.knows(f"hint.{hint}") else "hint.text"
    signer = Signer(b"", "", draft)
    question = asked(_question(lacking, draft, shop, products), voice, signer)
    return Lack(question.prompt, example, voice.text(key))


def asking(
    lacking: Missing,
    draft: Draft,
    shop: Shop,
    products: Mapping[str, Product],
    voice: Voice,
) -> tuple[str, Asked | None]:
    """Return the question for one missing thing in words, and what to remember of it.

    It has no buttons: whoever asks it is no turn. The choices stand in its words.
    """
    question = _question(lacking, draft, shop, products)
    told = asked(question, voice, Signer(b"", "", draft))
    lines = [told.lead, told.prompt]
    mention = question.unresolved if isinstance(question, AskWhich) else None
    offers = product_offers(mention) if mention is not None else ()
    lines += [f"{n}. {offer.title}" for n, offer in enumerate(offers, start=1)]
    remembered = asked_by(question)
    if remembered is not None and offers:
        choices = tuple(offer.id for offer in offers)
        remembered = remembered.model_copy(update={"choices": choices})
    return "\n".join(line for line in lines if line), remembered


def _question(
    lacking: Missing, draft: Draft, shop: Shop, products: Mapping[str, Product]
) -> Question:
    if lacking.field is Field.LINES:
        return AskWhatElse()
    mention = next((u for u in draft.unresolved if u.id == lacking.about), None)
    if mention is not None:
        return AskWhich(mention)
    line = draft.line(lacking.about or "")
    product = products.get(line.product_id) if line else None
    groups = product.option_groups if product else ()
    return AskField(
        field=lacking.field,
        about=line,
        topic=next((g.name for g in groups if g.id == lacking.group_id), ""),
        short_by=lacking.short_by or 0,
        areas=(lacking.area,) if lacking.area else tuple(a.name for a in shop.areas),
        reason=lacking.reason,
        opens_at=lacking.opens_at,
        own=shop.fields.field(lacking.about),
        country=shop.country,
    )
