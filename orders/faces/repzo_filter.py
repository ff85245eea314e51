"""The `filter` of a list: JSON with a few known fields and comparisons, and no more.

It looks like a query of a document database and is none: every field, operator and
value is checked against the table below, and only values reach the database.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from orders.advice.domain.condition import Condition, Value
from orders.advice.domain.request import Activity, Status
from orders.faces.repzo import Amount, Moment, Name

#: The operators of a field that has an order, and of one that has none.
_EQUAL = ("$eq", "$ne", "$in", "$nin")
_ORDERED = (*_EQUAL, "$gt", "$gte", "$lt", "$lte")
_LISTS = ("$in", "$nin")
_MOST = 100
_REMEDY = 'give a JSON object such as {"status": "completed"}'


@dataclass(frozen=True, slots=True)
class _Field:
    read: Callable[[object], Value]
    operators: tuple[str, ...] = _EQUAL


def _reader(adapter: TypeAdapter[Value]) -> Callable[[object], Value]:
    def read(value: object) -> Value:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("must not contain NUL characters")
        return adapter.validate_json(json.dumps(value))

    return read


_FIELDS: Mapping[str, _Field] = {
    "_id": _Field(_reader(TypeAdapter(Name))),
    "client": _Field(_reader(TypeAdapter(Name))),
    "rep": _Field(_reader(TypeAdapter(Name))),
    "activityType": _Field(_reader(TypeAdapter(Activity))),
    "status": _Field(_reader(TypeAdapter(Status))),
    "processingTime": _Field(_reader(TypeAdapter(Amount)), _ORDERED),
    "createdAt": _Field(_reader(TypeAdapter(Moment)), _ORDERED),
    "updatedAt": _Field(_reader(TypeAdapter(Moment)), _ORDERED),
}


def read_filter(text: str) -> tuple[Condition, ...]:
    """Return what a filter asks for. Raises ValueError saying what is wrong."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"is not JSON: {_REMEDY}") from None
    match given:
        case dict():
            return tuple(
                condition
                for name, wanted in given.items()
                for condition in _conditions(name, wanted)
            )
        case _:
            raise ValueError(_REMEDY)


def _conditions(name: str, wanted: object) -> list[Condition]:
    field = _FIELDS.get(name)
    if field is None:
        raise ValueError(f"{name!r} is no field here; there are: {', '.join(_FIELDS)}")
    if isinstance(wanted, list):
        wanted = {"$in": wanted}
    if not isinstance(wanted, dict):
        wanted = {"$eq": wanted}
    if not wanted:
        raise ValueError(f"{name}: give a value")
    return [_condition(name, field, op, value) for op, value in wanted.items()]


def _condition(name: str, field: _Field, operator: str, value: object) -> Condition:
    if operator not in field.operators:
        known = ", ".join(field.operators)
        raise ValueError(f"{name}: {operator!r} does not go with it; use {known}")
    if (operator in _LISTS) != isinstance(value, list):
        one = "a list" if operator in _LISTS else "one value"
        raise ValueError(f"{name}: {operator} takes {one}")
    values = value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= _MOST:
        raise ValueError(f"{name}: give 1 to {_MOST} values")
    try:
        return Condition(name, operator, tuple(field.read(each) for each in values))
    except ValidationError as error:
        message = error.errors(include_url=False, include_context=False)[0]["msg"]
        raise ValueError(f"{name}: {message}") from None
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
