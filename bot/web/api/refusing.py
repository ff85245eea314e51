"""Answers that refuse, each in the words of the face that was called."""

from collections.abc import Sequence

import pydantic_core
import structlog
from aiohttp import web

from bot.db import DatabaseUnavailable
from bot.web.api import reading
from bot.web.api.face import Face
from bot.web.api.problems import (
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAUTHORIZED,
    Problem,
    unavailable,
)
from bot.web.keys import RUNTIME

_log = structlog.get_logger(__name__)

#: Answers are for the caller alone, and are what they say they are.
ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def answer(request: web.Request, face: Face, problem: Problem) -> web.Response:
    """Return a problem as the face answers it."""
    runtime = request.app[RUNTIME]
    refusal = face.refusal(problem, at=runtime.clock(), id=runtime.new_id("err"))
    return web.Response(
        body=pydantic_core.to_json(face.said(refusal)),
        status=refusal.status.value,
        content_type=face.media_type,
        headers={**problem.headers, **ALWAYS},
    )


def failed(
    request: web.Request, face: Face, name: str, error: Exception
) -> web.Response:
    """Return the answer for whatever an operation raised."""
    match error:
        case Problem():
            problem = error
        case web.HTTPException():
            problem = reading.as_problem(error, headers={})
        case DatabaseUnavailable():
            _log.warning("call_refused", operation=name, error=str(error))
            problem = unavailable()
        case _:
            # A bug must show a stranger nothing but where to look for it.
            error_id = request.app[RUNTIME].new_id("err")
            _log.error("call_failed", operation=name, id=error_id, exc_info=error)
            problem = Problem(
                INTERNAL, f"this call failed here; it was logged as {error_id}"
            )
    return answer(request, face, problem)


def no_key(face: Face) -> Problem:
    """Return the answer for who proves nobody."""
    place = face.keys[0]
    return Problem(
        UNAUTHORIZED,
        f"send `{place.header}: {place.written('KEY')}` with a key of"
        " `chatorder key add`",
        headers={"WWW-Authenticate": f'{place.scheme or "Key"} realm="chatorder"'},
    )


def face_of(faces: Sequence[Face], path: str) -> Face | None:
    """Return whose address it is, known or not."""
    return next((face for face in faces if face.owns(path)), None)


def refused(request: web.Request, face: Face, error: web.HTTPException) -> web.Response:
    """Return the answer for an address or a method that no operation has."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        problem = Problem(
            METHOD_NOT_ALLOWED,
            f"{request.path} does not take {request.method}; it takes {allowed}",
            headers={"Allow": allowed},
        )
    elif isinstance(error, web.HTTPNotFound):
        problem = Problem(NOT_FOUND, f"there is no address {request.path!r}")
    else:
        problem = reading.as_problem(error, headers={})
    return answer(request, face, problem)
