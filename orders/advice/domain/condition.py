"""What a list of activities may be narrowed by."""

from dataclasses import dataclass
from datetime import datetime

Value = str | float | datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `values` has one value, but for `$in` and `$nin`."""

    field: str
    operator: str
    values: tuple[Value, ...]
