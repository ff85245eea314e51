"""Something else for what is sold out: an offer, which lapses when it is not taken."""

from collections.abc import Sequence

from bot.domain.choices import choice_of
from bot.domain.course import Course, label
from catalog import Product
from catalog.domain.alternatives import Alternative, alternatives
from orders import (
    Choice,
    DropUnresolved,
    Field,
    Line,
    PutUnresolved,
    Unresolved,
)
from orders.domain.quantities import at_most


def instead_of(
    course: Course, product: Product, variant_id: str | None
) -> tuple[Choice, ...]:
    """Return what may be bought in the place of a product that is sold out."""

    def is_left(other: Product, form: str | None) -> bool:
        left = course.left_for(other, form, None)
        return left is None or at_most(other, left) > 0

    found = alternatives(course.snapshot.index, product, variant_id, is_left=is_left)
    return tuple(_choices(course, found))


def offer_instead(
    course: Course,
    line: Line,
    product: Product,
    wishes: tuple[tuple[str, bool, str | None], ...] = (),
    replaces: str | None = None,
) -> None:
    """Offer something else for a line of which nothing is left, if there is any."""
    choices = instead_of(course, product, line.variant_id)
    name = label(line)
    offered = {each.instead_of for each in course.draft.unresolved}
    if not choices or name in offered:
        return
    course.change(
        PutUnresolved(
            Unresolved(
                id="",
                text=name,
                quantity=line.quantity,
                choices=choices,
                replaces=replaces,
                evidence=line.evidence,
                wishes=wishes,
                instead_of=name,
            )
        )
    )


def let_lapse(course: Course) -> None:
    """Forget an offer that the customer was asked about and went past."""
    asked = course.asked
    if asked is None or asked.field is not Field.PRODUCT or course.narrowed:
        return
    for mention in course.draft.unresolved:
        if mention.instead_of is not None and mention.id == asked.about:
            course.change(DropUnresolved(mention.id))


def _choices(course: Course, found: Sequence[Alternative]) -> list[Choice]:
    return [
        choice_of(product, each.variant_id, each.likeness)
        for each in found
        if (product := course.product(each.product_id)) is not None
    ]
