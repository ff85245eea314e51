"""Pictures of choices: "which one?" is easier to answer for who sees them."""

from bot.domain.course import Course, remembered
from bot.domain.illustrated import ChoiceShown
from bot.domain.replies import AskField, AskWhich
from bot.domain.selection import choice_id
from catalog import Product
from catalog.domain.facts import picture_of
from orders.domain.rules import Field

#: So many choices are shown: one needs no choosing, and more are a gallery.
_FEWEST, _MOST = 2, 3


def illustrated(course: Course) -> tuple[ChoiceShown, ...]:
    """Return pictures of what the turn's question offers, once for each question.

    None where two look the same or one has no picture: they would not help to choose.
    """
    question, shop = course.question, course.snapshot.shop
    match question:
        case AskWhich(unresolved=mention):
            key, shown = mention.id, _products(course, question)
        case AskField(field=Field.VARIANT, key=str(key)):
            shown = _variants(course, question)
        case _:
            return ()
    key = f"{course.draft.id}.{key}"
    if not shop.style.pictures or key == course.snapshot.memory.pictured:
        return ()
    links = {each.link for each in shown if each.link}
    if not _FEWEST <= len(shown) == len(links) <= _MOST:
        return ()
    course.memory = remembered(course.memory, pictured=key)
    return shown


def _products(course: Course, question: AskWhich) -> tuple[ChoiceShown, ...]:
    choices = {choice_id(each): each for each in question.unresolved.choices}
    offered = [choices[each] for each in question.choices if each in choices]
    return tuple(
        ChoiceShown(
            number,
            each.name,
            each.unit_price,
            _link(course.product(each.product_id), each.variant_id),
            each.product_id,
            each.variant_id,
        )
        for number, each in enumerate(offered, start=1)
    )


def _variants(course: Course, question: AskField) -> tuple[ChoiceShown, ...]:
    line = question.about
    product = course.product(line.product_id) if line else None
    if product is None:
        return ()
    return tuple(
        ChoiceShown(
            number,
            name,
            product.price_of(variant_id),
            _link(product, variant_id),
            product.id,
            variant_id,
        )
        for number, (variant_id, name) in enumerate(question.choices, start=1)
    )


def _link(product: Product | None, variant_id: str | None) -> str:
    found = product and picture_of(product, product.variant(variant_id))
    return found or ""
