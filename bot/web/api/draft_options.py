"""The options of a product, as callers of the API choose them."""

from collections.abc import Iterable, Sequence

from bot.web.api.draft_changes import OptionGiven
from catalog import OptionGroup, Product
from orders import LineOption


class Wrong(Exception):
    """A field of one change cannot be as it is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def options_of(
    product: Product, wanted: Sequence[OptionGiven]
) -> tuple[LineOption, ...]:
    """Return the options that are wanted. Raises Wrong naming the one that is not."""
    groups = {group.id: group for group in product.option_groups}
    found: list[LineOption] = []
    for place, each in enumerate(wanted):
        group = groups.get(each.group_id)
        values = group.values if group else ()
        value = next((v for v in values if v.id == each.value_id), None)
        if group is None or value is None:
            raise Wrong(f"options.{place}", _no_option(product, each))
        option = LineOption(
            group_id=group.id,
            value_id=value.id,
            name=value.name,
            negated=each.negated,
            qualifier=each.qualifier,
            surcharge=value.surcharge,
        )
        if option not in found:
            found.append(option)
    for group in groups.values():
        _check_maximum(group, found)
    return tuple(found)


def _check_maximum(group: OptionGroup, chosen: Iterable[LineOption]) -> None:
    mine = [each for each in chosen if each.group_id == group.id and not each.negated]
    if len(mine) > max(group.maximum, 1):
        raise Wrong(
            "options", f"at most {group.maximum} of {group.name!r} may be chosen"
        )


def _no_option(product: Product, wanted: OptionGiven) -> str:
    known = ", ".join(
        f"{group.id}/{value.id}"
        for group in product.option_groups
        for value in group.values
    )
    return (
        f"{product.name!r} has no option {wanted.group_id}/{wanted.value_id};"
        f" it has: {known or 'none'}"
    )
