"""How lines change: quantity, variant, options, note; and what is not a line yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.course import Course, label, with_wishes
from bot.domain.items import say_taken, set_quantity, variant_of, with_options
from bot.domain.matching import closest_form, forms_named
from bot.domain.names import closest
from bot.domain.picking import choose_variant, resolve, set_options
from bot.domain.pointing import line_named
from bot.domain.replies import UnitUnknown
from bot.domain.understanding import Mention, OptionMention
from catalog import Match, Product, Variant
from orders import (
    DropLine,
    DropUnresolved,
    Evidence,
    Field,
    Line,
    PutUnresolved,
    ReplaceLine,
    UnknownUnit,
    Unresolved,
    converted,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One mention with all that it takes to act on it."""

    mention: Mention
    match: Match | None  #: None: no words, it only points.
    evidence: Evidence
    late: bool
    because: tuple[Evidence, ...] = ()  #: Earlier words that it answers for.

    @property
    def points(self) -> bool:
        """Return whether it names no product by itself."""
        return self.match is None


def said_quantity(line: Line, quantity: Decimal) -> Decimal:
    del line
    return quantity


def more_quantity(line: Line, quantity: Decimal) -> Decimal:
    return line.quantity + quantity


def revise(
    course: Course,
    line: Line,
    said: Said,
    target: Callable[[Line, Decimal], Decimal],
) -> None:
    """Change the quantity, variant, options or note of a line, as far as said."""
    said = _without_lines(course, line, said)
    mention, evidence = said.mention, said.evidence
    product = course.product(line.product_id)
    if product is None or course.draft.line(line.id) is None:
        return
    if mention.quantity is not None:
        amount = _in_unit(course, product, mention)
        if amount is not None:
            set_quantity(course, line, target(line, amount), evidence)
    rest = mention.options
    form = form_of(course, line, product, rest)
    if form is not None:
        variant, rest = form
        if variant.id != line.variant_id:
            choose_variant(course, line, product, variant.id, evidence)
    options, words = with_options(product, line.options, rest)
    if options != line.options:
        set_options(course, line, product, options, evidence)
    say_taken(course, product, rest)
    note = "; ".join(n for n in (words, mention.note) if n)
    now = course.draft.line(line.id)
    if note and now is not None:
        noted = replace(with_wishes(now, note), evidence=(evidence,))
        course.change(ReplaceLine(line.id, noted))
        course.touch(line.id)
    if mention.quantity or mention.options or mention.note:
        course.heard = True
    elif not course.heard:
        course.unclear = True


def form_of(
    course: Course, line: Line, product: Product, said: Sequence[OptionMention]
) -> tuple[Variant, tuple[OptionMention, ...]] | None:
    """Return the form of a line's product that words mean, and the words left over.

    "Large" is the large one of the colour that it has; "not red" leaves what is not.
    None when no form is meant, or nobody can tell which.
    """
    if not product.variants or not said:
        return None
    variant, rest = variant_of(product, said)
    if variant is not None and len(product.variants) > 1:
        return variant, rest
    had = product.variant(line.variant_id)
    index = course.snapshot.index
    for place, option in enumerate(said):
        named = forms_named(product, option.text, index)
        left = [v for v in product.variants if (v.id in named) != option.negated]
        if not named or not left:
            continue
        meant = closest_form(had, left) if had else None
        if len(left) == 1:
            meant = left[0]
        if meant is not None:
            return meant, (*said[:place], *said[place + 1 :])
    return None


def _without_lines(course: Course, line: Line, said: Said) -> Said:
    """Take "no croissant" for a line to drop, unless it is an option of the item."""
    if not said.points or said.mention.quantity is not None:
        return said
    product = course.product(line.product_id)
    groups = product.option_groups if product else ()
    values = [(v.name, *v.aliases) for group in groups for v in group.values]
    kept = []
    for option in said.mention.options:
        named = line_named(course, option.text) if option.negated else None
        if named is None or closest(option.text, values) is not None:
            kept.append(option)
        elif course.change(DropLine(named.id, said.evidence)):
            course.drop(label(named))
    mention = said.mention.model_copy(update={"options": tuple(kept)})
    return replace(said, mention=mention)


def _in_unit(course: Course, product: Product, mention: Mention) -> Decimal | None:
    amount = converted(
        product, mention.quantity, mention.unit, course.snapshot.index.units
    )
    if isinstance(amount, UnknownUnit):
        course.say(UnitUnknown(product.name, amount.said, amount.possible))
        return None
    return amount.quantity


def requantify(course: Course, still_open: Unresolved, said: Said) -> None:
    quantity = said.mention.quantity
    course.heard = True
    asked = course.asked
    about_amount = asked is not None and asked.field is Field.QUANTITY
    if len(still_open.choices) == 1 and about_amount:
        resolve(course, still_open, still_open.choices[0], said.evidence, quantity)
        return
    course.change(DropUnresolved(still_open.id, said.evidence))
    unit = said.mention.unit or still_open.unit
    reasons = (*still_open.evidence, said.evidence)
    kept = replace(still_open, quantity=quantity, unit=unit, evidence=reasons)
    course.change(PutUnresolved(kept))


def taken_off(course: Course, line: Line, said: Said) -> bool:
    """Take some of a line away; False when that is all of it."""
    product = course.product(line.product_id)
    if product is None:
        return False
    amount = _in_unit(course, product, said.mention)
    if amount is None:
        return True
    if amount >= line.quantity:
        return False
    set_quantity(course, line, line.quantity - amount, said.evidence)
    return True


def option_dropped(course: Course, said: Said) -> bool:
    """Take an option off the line that has it: "remove the oat milk"."""
    chosen = [(line, o) for line in course.draft.lines for o in line.options]
    place = closest(said.mention.text, [(option.name,) for _, option in chosen])
    if place is None:
        return False
    line, option = chosen[place]
    product = course.product(line.product_id)
    if product is None:
        return False
    course.heard = True
    rest = tuple(each for each in line.options if each != option)
    set_options(course, line, product, rest, said.evidence)
    return True


def other_form(course: Course, old: Line, said: Said) -> bool:
    """Exchange only the variant or an option: "red instead of blue"."""
    product = course.product(old.product_id)
    if product is None or not said.mention.text.strip():
        return False
    wish = OptionMention(text=said.mention.text)
    variant = None
    if len(product.variants) > 1:
        variant, _ = variant_of(product, (wish,))
    if variant is not None:
        choose_variant(course, old, product, variant.id, said.evidence)
        return True
    options, words = with_options(product, old.options, (wish,))
    if words is not None:
        return False
    course.heard = True
    set_options(course, old, product, options, said.evidence)
    return True
