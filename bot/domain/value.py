"""Frozen values that know their JSON form."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that knows its JSON form."""

    model_config = ConfigDict(frozen=True, extra="ignore")
