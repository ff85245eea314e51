"""From what is wanted of one product to a line: variant, options, amount, stock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.choices import choice_of, wishes_of
from bot.domain.course import Course, label, with_wishes
from bot.domain.instead import offer_instead
from bot.domain.matching import forms_named
from bot.domain.names import closest
from bot.domain.replies import (
    CannotTake,
    OptionTaken,
    OutOfStock,
    PackConverted,
    QuantityAdjusted,
    UnitUnknown,
)
from bot.domain.understanding import OptionMention
from catalog import OptionGroup, OptionValue, Product, Variant, fold
from orders import (
    Change,
    Evidence,
    Line,
    LineOption,
    PutUnresolved,
    ReplaceLine,
    SetQuantity,
    Unresolved,
    times,
)
from orders.domain.draft import TIMES
from orders.domain.editing import same_item
from orders.domain.placing import unit_price
from orders.domain.quantities import (
    UnknownUnit,
    at_most,
    converted,
    quantity_problem,
)

#: Written before what is not wanted and no option of the product: readable anywhere.
WITHOUT = "✕"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of one product."""

    product: Product
    evidence: Evidence
    variant_id: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    options: tuple[OptionMention, ...] = ()
    note: str | None = None
    replaces: str | None = None  #: Line id whose place it takes.
    words: str = ""  #: What it was called.
    because: tuple[Evidence, ...] = ()  #: Earlier words that it answers for.


def put(course: Course, wanted: Wanted) -> None:
    """Put a line, or keep the mention open, or say why neither; never silently."""
    product = wanted.product
    amount = converted(
        product, wanted.quantity, wanted.unit, course.snapshot.index.units
    )
    if isinstance(amount, UnknownUnit):
        course.say(UnitUnknown(product.name, amount.said, amount.possible))
        _keep_open(course, wanted)
        return
    line = _line(wanted, amount.quantity)
    say_taken(course, product, wanted.options)
    if amount.converted_from:
        said = amount.converted_from
        line = replace(line, pack=said)
        course.say(PackConverted(label(line), said, amount.quantity, amount.unit))
    narrow(course, line, product, wanted.words)
    if wanted.replaces is None:
        is_left = _add(course, line, product)
    else:
        is_left = _put_instead(course, line, product, wanted.replaces)
    if not is_left:
        wishes = wishes_of(wanted.options, wanted.note)
        offer_instead(course, line, product, wishes, wanted.replaces)


def narrow(course: Course, line: Line, product: Product, words: str) -> None:
    """Leave those forms to choose from that words name: the red ones of a shirt."""
    if line.variant_id is not None or not product.variants or not words:
        return
    named = forms_named(product, words, course.snapshot.index)
    if 1 < len(named) < len(product.variants):
        course.narrowed = frozenset(named)


def set_quantity(
    course: Course, line: Line, quantity: Decimal, evidence: Evidence
) -> None:
    """Set a line's quantity to what can be sold of that; say what differs."""
    course.heard = True
    product = course.product(line.product_id)
    if product is None:
        return  # It leaves with the reconciliation that ends every turn.
    target = fitted(course, product, line, quantity, line.id)
    if target > 0 and _made(course, SetQuantity(line.id, target, evidence), line):
        course.touch(line.id)


def fitted(
    course: Course, product: Product, line: Line, asked: Decimal, line_id: str | None
) -> Decimal:
    """Return what can be sold of what was asked, 0 when nothing; say what differs."""
    found = quantity_problem(product, asked)
    if found is not None:
        course.say(
            QuantityAdjusted(
                label(line), asked, found.minimum, found.step, product.unit
            )
        )
        asked = found.nearest
    left = course.left_for(product, line.variant_id, line_id)
    if left is None or asked <= left:
        return asked
    possible = at_most(product, left)
    course.say(OutOfStock(label(line), possible, product.unit))
    return possible


def variant_of(
    product: Product, options: Sequence[OptionMention]
) -> tuple[Variant | None, tuple[OptionMention, ...]]:
    """Return the variant that words about an item name, and the words that are left."""
    if len(product.variants) == 1:
        return product.variants[0], tuple(options)
    names = [(v.name, *v.attributes.values()) for v in product.variants]
    for place, option in enumerate(options):
        found = None if option.negated else closest(option.text, names)
        if found is not None:
            return product.variants[found], (*options[:place], *options[place + 1 :])
    return None, tuple(options)


def with_options(
    product: Product, chosen: Sequence[LineOption], said: Sequence[OptionMention]
) -> tuple[tuple[LineOption, ...], str | None]:
    """Return the options after what was said, and the words that name none."""
    kept = list(chosen)
    rest = []
    for option in said:
        found = option_of(product, option)
        if found is None:
            if any(map(str.isalpha, option.text)):  # A bare number says no wish.
                rest.append(_as_note(option))
        else:
            group, value = found
            asked = line_option(group, value, option)
            fits = _as_many_as_fit(asked, group)
            if _asks_more(asked, fits):
                rest.append(_as_note(option))  # The shop sees how many were asked.
            kept = _chosen(kept, group, fits)
    return tuple(kept), ", ".join(rest) or None


def say_taken(course: Course, product: Product, said: Sequence[OptionMention]) -> None:
    """Say which value was taken where one message has several and one is possible."""
    found = [option_of(product, option) for option in said if not option.negated]
    for group in product.option_groups:
        values = [each[1].name for each in found if each and each[0].id == group.id]
        names = tuple(dict.fromkeys(values))
        if len(names) > 1 and group.maximum <= 1:
            course.say(OptionTaken(product.name, names, values[-1]))


def option_of(
    product: Product, said: OptionMention
) -> tuple[OptionGroup, OptionValue] | None:
    """Return the option of a product that somebody means, None when it is not clear."""
    offers = [(g, v) for g in product.option_groups for v in g.values]
    for group, value in offers if said.value else ():
        if (group.id, value.id) == (said.group, said.value):
            return group, value
    found = closest(said.text, [(v.name, *v.aliases) for _, v in offers])
    return None if found is None else offers[found]


def line_option(
    group: OptionGroup, value: OptionValue, said: OptionMention | None = None
) -> LineOption:
    """Return a value of an option group as a line keeps it."""
    return LineOption(
        group_id=group.id,
        value_id=value.id,
        name=value.name,
        negated=said.negated if said else False,
        qualifier=said.qualifier if said else None,
        surcharge=value.surcharge,
    )


def _as_many_as_fit(option: LineOption, group: OptionGroup) -> LineOption:
    """Return an option with no more of it than its group may hold."""
    if not _number_in(option):
        return option
    count = min(option.count, max(group.maximum, 1))
    return replace(option, qualifier=times(count) if count > 1 else None)


def _asks_more(option: LineOption, fits: LineOption) -> bool:
    """Return whether more of an option was asked than fits: not of "1x" or "0x"."""
    number = _number_in(option).lstrip("0")
    return number not in ("", "1") and number != _number_in(fits)


def _number_in(option: LineOption) -> str:
    """Return the digits of a qualifier that counts, else nothing."""
    qualifier = option.qualifier or ""
    number = qualifier.removesuffix(TIMES)
    return number if number != qualifier and number.isdecimal() else ""


def _line(wanted: Wanted, quantity: Decimal) -> Line:
    product = wanted.product
    variant = product.variant(wanted.variant_id)
    rest = wanted.options
    if variant is None:
        variant, rest = variant_of(product, rest)
    else:
        rest = _not_told(variant, rest)
    options, note = with_options(product, (), rest)
    variant_id = variant.id if variant else None
    line = Line(
        id="",
        product_id=product.id,
        sku=variant.sku if variant else product.sku,
        name=product.name,
        quantity=quantity,
        unit=product.unit,
        variant_id=variant_id,
        variant_name=variant.name if variant else None,
        options=options,
        unit_price=unit_price(product, variant_id, options),
        list_price=product.list_price,
        tax_rate=product.tax_rate,
        evidence=(*wanted.because, wanted.evidence),
        words=_own_words(product, wanted.words),
    )
    return with_wishes(with_wishes(line, wanted.note), note)


def _not_told(
    variant: Variant, said: Sequence[OptionMention]
) -> tuple[OptionMention, ...]:
    """Return what was said beside the form that it named: no note of the line."""
    names = [(variant.name, *variant.attributes.values())]
    return tuple(o for o in said if o.negated or closest(o.text, names) is None)


def _own_words(product: Product, words: str) -> str | None:
    """Return what the customer called it, unless it is called so anyway."""
    said = fold(words).replace(" ", "")
    names = (product.name, product.sku, *product.aliases)
    known = {fold(name).replace(" ", "") for name in names}
    return words if said and said not in known else None


def _add(course: Course, line: Line, product: Product) -> bool:
    """Put a line or let its twin grow; False when nothing is left of the product."""
    twin = next((kept for kept in course.draft.lines if same_item(kept, line)), None)
    before = twin.quantity if twin else Decimal(0)
    target = fitted(
        course, product, line, before + line.quantity, twin.id if twin else None
    )
    if target <= before:
        return target > 0
    more = course.putting(replace(line, quantity=target - before))
    new_id = more.again or f"L{course.draft.next_line}"
    if _made(course, more, line):
        course.touch(twin.id if twin else new_id)
    return True


def _put_instead(course: Course, line: Line, product: Product, line_id: str) -> bool:
    old = course.draft.line(line_id)
    if old is None:
        return _add(course, line, product)
    target = fitted(course, product, line, line.quantity, line_id)
    if target <= 0:
        return False
    new = replace(line, quantity=target)
    if _made(course, ReplaceLine(line_id, new), line):
        course.drop(label(old))
        course.touch(line_id)
    return True


def _made(course: Course, change: Change, line: Line) -> bool:
    if course.change(change):
        return True
    course.say(CannotTake((label(line),)))
    return False


def _keep_open(course: Course, wanted: Wanted) -> None:
    """Keep an item open whose unit we do not know: it is to be asked for."""
    choice = choice_of(wanted.product, wanted.variant_id, 1.0)
    kept = Unresolved(
        id="",
        text=wanted.words or choice.name,
        quantity=wanted.quantity,
        unit=wanted.unit,
        choices=(choice,),
        replaces=wanted.replaces,
        evidence=(*wanted.because, wanted.evidence),
        wishes=wishes_of(wanted.options, wanted.note),
    )
    course.change(PutUnresolved(kept))


def _as_note(option: OptionMention) -> str:
    words = f"{option.qualifier} {option.text}" if option.qualifier else option.text
    return f"{WITHOUT} {words}" if option.negated else words


def _chosen(
    kept: Sequence[LineOption], group: OptionGroup, new: LineOption
) -> list[LineOption]:
    """Add an option; the oldest of a group gives way when it would hold too many."""
    others = [
        o for o in kept if (o.group_id, o.value_id) != (new.group_id, new.value_id)
    ]
    mine = [o for o in others if o.group_id == group.id and not o.negated]
    surplus = 0 if new.negated else len(mine) + 1 - max(group.maximum, 1)
    too_many = mine[: max(surplus, 0)]
    return [*(o for o in others if o not in too_many), new]
