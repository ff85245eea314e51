"""Questions about products, answered with what the catalog says."""

from bot.domain.choices import choice_of
from bot.domain.course import Course, remembered
from bot.domain.instead import instead_of
from bot.domain.pointing import last_line
from bot.domain.replies import NotFound, ProductFacts
from bot.domain.revising import Said
from catalog import Ambiguous, Candidate, Certain, Product, Unknown
from orders import unit_price
from orders.domain.rules import stock_of

#: So many products are described when a question may be about several.
_DESCRIBED = 3


def asked_about(course: Course, said: Said) -> None:
    """Say what is known of the product that somebody asks about."""
    if isinstance(said.match, Unknown):
        course.say(NotFound((said.mention.text,)))
        return
    found = _candidates(course, said.match)
    only = found[0].product_id if len(found) == 1 else None
    course.memory = remembered(course.memory, last_asked=only)
    for each in found:
        product = course.product(each.product_id)
        if product is not None:
            course.say(_facts(course, product, each.variant_id))
    course.unclear = course.unclear or not found


def _candidates(
    course: Course, match: Certain | Ambiguous | None
) -> tuple[Candidate, ...]:
    if isinstance(match, Certain):
        return (match.candidate,)
    if isinstance(match, Ambiguous):
        return match.candidates[:_DESCRIBED]
    line = last_line(course)
    return (Candidate(line.product_id, line.variant_id, 1.0),) if line else ()


def _facts(course: Course, product: Product, variant_id: str | None) -> ProductFacts:
    variant = product.variant(variant_id)
    values = (value.name for group in product.option_groups for value in group.values)
    forms = () if variant else tuple(each.name for each in product.variants)
    counted = variant is not None or not product.variants
    available = (
        stock_of(product, variant_id, course.snapshot.available) if counted else None
    )
    instead = instead_of(course, product, variant_id) if available == 0 else ()
    return ProductFacts(
        name=choice_of(product, variant_id, 1.0).name,
        price=unit_price(product, variant_id, ()),
        unit=product.unit,
        available=available,
        description=product.description,
        options=(*forms, *values),
        instead=tuple(choice.name for choice in instead),
    )
