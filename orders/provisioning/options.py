"""What a kind of sink must know beside its address and its secret.

Options are kept as JSON with the sink; each kind says which it takes. A command gives
them as texts (`channel_id=5`), a program as JSON: both are read alike.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json

from orders.domain.event_names import EVERYTHING, ORDER_PLACED

OptionsT = TypeVar("OptionsT", bound="SinkOptions")


def _event(name: str) -> str:
    if name not in EVERYTHING:
        raise ValueError(f"{name!r} is no event: {', '.join(sorted(EVERYTHING))}")
    return name


_Words = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200)]],
    Field(min_length=1, max_length=500),
]


class Route(BaseModel):
    """What goes to a sink: that of which every part that is given names one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    channels: _Words | None = None  #: Ids of channels.
    accounts: _Words | None = None  #: Ids of customers, or accounts of an order.
    teams: _Words | None = None  #: Names or external ids of agents' teams.
    always: Literal[True] | None = None  #: In every case, beside who else takes it.

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("name channels, accounts or teams, or leave it out")
        return self


class SinkOptions(BaseModel):
    """What every kind takes. One that takes more has a model of its own, below."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    #: What is stored in any case.
    always: ClassVar[frozenset[str]] = frozenset()

    #: Types of events; absent: all that the kind can be told.
    events: (
        Annotated[
            list[Annotated[str, AfterValidator(_event)]],
            Field(min_length=1, max_length=50),
        ]
        | None
    ) = None
    route: Route | None = None  #: Absent: whatever no other sink's route names.

    @model_validator(mode="after")
    def _is_told_of_orders(self) -> Self:
        """Refuse a route that nothing follows: it is asked when an order is placed."""
        if self.route and self.events is not None and ORDER_PLACED not in self.events:
            raise ValueError(f"a route needs {ORDER_PLACED!r} among the events")
        return self


class BadOptions(ValueError):
    """The options do not fit the kind of sink; the message names each and says why."""


def read_options(kind: type[OptionsT], given: Mapping[str, object]) -> OptionsT:
    """Return the options as a kind has them. Raises BadOptions."""
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        raise BadOptions("; ".join(_problems(kind, error))) from None


def stored_options(
    kind: type[SinkOptions], given: Mapping[str, object]
) -> dict[str, object]:
    """Return the options as they are stored: what was not given is left out.

    Except what tells a sink from one that was added before there was such an option.

    Raises BadOptions.
    """
    read = read_options(kind, given)
    shown = read.model_dump(mode="json", include=set(kind.always))
    return shown | read.model_dump(mode="json", exclude_unset=True)


def option_texts(pairs: Iterable[str]) -> dict[str, object]:
    """Return what `name=value` texts say; a value may be JSON, and else is a text.

    Raises BadOptions.
    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise BadOptions(f"{pair!r} is no option: write it as name=value")
        value: object = text
        with suppress(ValueError):
            value = from_json(text, allow_inf_nan=False)
        found[name.strip()] = value
    return found


def _problems(kind: type[SinkOptions], error: ValidationError) -> Iterable[str]:
    known = ", ".join(kind.model_fields) or "none"
    for each in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in each["loc"])
        match each["type"]:
            case "missing":
                yield f"{name} is required"
            case "extra_forbidden":
                yield f"{name} is no option of this kind: it takes {known}"
            case _:
                said = each["msg"].removeprefix("Value error, ")
                yield f"{name or 'options'}: {said[:1].lower()}{said[1:]}"
