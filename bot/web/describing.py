"""The one description of everything that programs can call."""

from functools import cache

from bot.web.api.openapi import Object, describe
from bot.web.api.registry import ENDPOINTS, SUBJECTS
from bot.web.faces.registry import FACE_ENDPOINTS, FACE_SUBJECTS


@cache
def document() -> Object:
    """Return the whole description. It is made once and must not be changed."""
    return describe((*ENDPOINTS, *FACE_ENDPOINTS), (*SUBJECTS, *FACE_SUBJECTS))
