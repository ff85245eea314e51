"""Where in a picture something is: parts of the upright picture that people see."""

from math import isfinite
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: So many digits tell a pixel of any picture that is looked at.
_DIGITS = 4
#: A part with such a share of both sides is no part: it is the whole.
_WHOLE = 0.95
#: What a sum of rounded numbers may be beside the truth.
_ROUNDING = 1e-6


class Region(BaseModel):
    """A part of a picture, in shares of its width and its height from 0 to 1.

    They are of the picture as it stands upright, so they hold at every size of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: float = Field(ge=0, lt=1, allow_inf_nan=False)
    top: float = Field(ge=0, lt=1, allow_inf_nan=False)
    width: float = Field(gt=0, le=1, allow_inf_nan=False)
    height: float = Field(gt=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _lies_in_the_picture(self) -> Self:
        if max(self.left + self.width, self.top + self.height) > 1 + _ROUNDING:
            raise ValueError("a region lies within its picture")
        return self

    @classmethod
    def between(
        cls, left: float, top: float, right: float, bottom: float
    ) -> Self | None:
        """Return the part between these edges; what is outside of the picture is cut.

        None when nothing of it is left, when it is about the whole picture, or when the
        edges are no edges.
        """
        edges = (left, top, right, bottom)
        if not all(map(isfinite, edges)):
            return None
        left, top, right, bottom = (
            round(min(max(edge, 0.0), 1.0), _DIGITS) for edge in edges
        )
        if left >= right or top >= bottom:
            return None
        width, height = round(right - left, _DIGITS), round(bottom - top, _DIGITS)
        if min(width, height) >= _WHOLE:
            return None
        return cls(left=left, top=top, width=width, height=height)
