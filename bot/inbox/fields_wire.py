"""What a shop asks for, as merchants write it: a part of `bot.inbox.shop_wire`."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from bot.inbox.rule_types import (
    Amount,
    Format,
    Language,
    Rules,
    Sentence,
    Words,
    written,
)
from orders import FieldRules, Fulfilment, Need, OwnField, OwnKind, OwnOption, When
from orders.domain.fields import REQUIRABLE

_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
NAMES = tuple(field.value for field in REQUIRABLE)
#: As many rows as a list has.
_MOST_OPTIONS = 10


def _number(value: object) -> object:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError("give a number as a text in quotes, such as '40'")
    return value


def _needed(value: object) -> object:
    if value not in NAMES:
        raise ValueError(f"there is no such field; use one of {', '.join(NAMES)}")
    return value


Number = Annotated[str, BeforeValidator(_number), written(_NUMBER, "40")]
Needed = Annotated[
    str,
    BeforeValidator(_needed),
    WithJsonSchema({"type": "string", "enum": list(NAMES)}),
]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class WhenRules(Rules):
    """A condition: all that is given must hold; nothing given is always."""

    fulfilment: Fulfilment | None = None
    total_from: Amount | None = Field(None, description="From this total on.")
    business: bool | None = Field(
        None, description="true: only companies; false: only private people."
    )
    payments: tuple[Id, ...] = Field(
        (), max_length=30, description="Only with one of these ways to pay."
    )


class NeedRules(Rules):
    """A field without which no order is placed while the condition holds."""

    field: Needed
    when: WhenRules = WhenRules()


class OptionRules(Rules):
    """One answer that can be chosen."""

    id: Id
    names: dict[Language, Words] = Field(min_length=1, max_length=50)


class OwnRules(Rules):
    """A field that only this shop asks for."""

    id: Id = Field(examples=["table"])
    names: dict[Language, Words] = Field(
        min_length=1,
        max_length=50,
        description="By language, as the summary shows it.",
        examples=[{"en": "Table", "tr": "Masa"}],
    )
    kind: OwnKind = OwnKind.TEXT
    questions: dict[Language, Sentence] = Field(
        default_factory=dict,
        max_length=50,
        description="By language; without one, its name is asked for.",
        examples=[{"en": "At which table do you sit?"}],
    )
    examples: dict[Language, Words] = Field(
        default_factory=dict,
        max_length=50,
        description="By language; told when an answer cannot be one.",
    )
    options: tuple[OptionRules, ...] = Field(
        (), max_length=_MOST_OPTIONS, description="choice: what there is to choose."
    )
    formats: tuple[Format, ...] = Field(
        (),
        max_length=10,
        description="text: what answers look like; 9 is a digit, A a letter.",
    )
    minimum: Number | None = Field(None, description="number: the least.")
    maximum: Number | None = Field(None, description="number: the most.")
    days_ahead: int | None = Field(
        None, ge=0, le=365, description="date: so many days from today at least."
    )
    required: bool = Field(
        default=True, description="false: it is kept when told, and never asked for."
    )
    when: WhenRules = WhenRules()

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        kinds: tuple[tuple[str, OwnKind, bool], ...] = (
            ("options", OwnKind.CHOICE, bool(self.options)),
            ("formats", OwnKind.TEXT, bool(self.formats)),
            ("minimum", OwnKind.NUMBER, self.minimum is not None),
            ("maximum", OwnKind.NUMBER, self.maximum is not None),
            ("days_ahead", OwnKind.DATE, self.days_ahead is not None),
        )
        for name, kind, given in kinds:
            if given and self.kind is not kind:
                raise ValueError(f"{name} belongs to `kind: {kind.value}`")
        if self.kind is OwnKind.CHOICE and len(self.options) < 2:  # noqa: PLR2004  # a choice
            raise ValueError("a choice needs at least two options")
        check_unique("options", [option.id for option in self.options])
        least, most = _maybe(self.minimum), _maybe(self.maximum)
        if least is not None and most is not None and least > most:
            raise ValueError("minimum is above maximum")
        return self


class AskRules(Rules):
    """Which fields are asked for when, in which order, and the shop's own ones."""

    needs: tuple[NeedRules, ...] = Field(
        (),
        max_length=100,
        description="Needed only while a condition holds; `required` is always.",
        examples=[[{"field": "tax_id", "when": {"total_from": "5000.00"}}]],
    )
    order: tuple[Id, ...] = Field(
        (),
        max_length=60,
        description="Fields and own fields that are asked for first, in this order."
        " Goods always come before, the rest after them.",
        examples=[["phone", "name"]],
    )
    own: tuple[OwnRules, ...] = Field(
        (), max_length=30, description="Fields that only this shop asks for."
    )

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        ids = [each.id for each in self.own]
        check_unique("own", ids)
        check_unique("order", list(self.order))
        taken = [each for each in ids if each in NAMES]
        if taken:
            raise ValueError(f"own: {taken[0]} is a field already; choose another id")
        for name in self.order:
            if name not in NAMES and name not in ids:
                known = ", ".join((*NAMES, *ids))
                raise ValueError(f"order: there is no field {name!r}; use {known}")
        return self

    def payments_named(self) -> frozenset[str]:
        """Return the ids of the ways to pay that conditions name."""
        conditions = (*(n.when for n in self.needs), *(o.when for o in self.own))
        return frozenset(name for when in conditions for name in when.payments)


def check_unique(name: str, ids: list[str]) -> None:
    """Raise ValueError when an id is given twice."""
    if len(set(ids)) != len(ids):
        raise ValueError(f"{name}: an id is given twice")


def fields_of(rules: AskRules, minor: Callable[[str, str], int]) -> FieldRules:
    """Return what decides; `minor` reads an amount of money of a named field."""

    def when(at: str, written: WhenRules) -> When:
        total = written.total_from
        return When(
            fulfilment=written.fulfilment,
            total_from=None if total is None else minor(f"{at}.total_from", total),
            business=written.business,
            payments=written.payments,
        )

    return FieldRules(
        needs=tuple(
            Need(each.field, when(f"fields.needs[{n}].when", each.when))
            for n, each in enumerate(rules.needs)
        ),
        order=rules.order,
        own=tuple(
            OwnField(
                id=each.id,
                names=each.names,
                kind=each.kind,
                questions=each.questions,
                examples=each.examples,
                options=tuple(OwnOption(o.id, o.names) for o in each.options),
                formats=each.formats,
                minimum=_maybe(each.minimum),
                maximum=_maybe(each.maximum),
                days_ahead=each.days_ahead,
                required=each.required,
                when=when(f"fields.own[{n}].when", each.when),
            )
            for n, each in enumerate(rules.own)
        ),
    )


def written_fields(fields: FieldRules, major: Callable[[int], str]) -> AskRules:
    """Return rules as merchants write them; `fields_of` makes the same of them."""

    def when(condition: When) -> WhenRules:
        total = condition.total_from
        return WhenRules(
            fulfilment=condition.fulfilment,
            total_from=None if total is None else major(total),
            business=condition.business,
            payments=condition.payments,
        )

    return AskRules(
        needs=tuple(
            NeedRules(field=each.field, when=when(each.when)) for each in fields.needs
        ),
        order=fields.order,
        own=tuple(
            OwnRules(
                id=each.id,
                names=dict(each.names),
                kind=each.kind,
                questions=dict(each.questions),
                examples=dict(each.examples),
                options=tuple(
                    OptionRules(id=o.id, names=dict(o.names)) for o in each.options
                ),
                formats=each.formats,
                minimum=_plain(each.minimum),
                maximum=_plain(each.maximum),
                days_ahead=each.days_ahead,
                required=each.required,
                when=when(each.when),
            )
            for each in fields.own
        ),
    )


def _maybe(number: str | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
