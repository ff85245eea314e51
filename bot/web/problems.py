"""Errors as problem details: RFC 9457."""

from http import HTTPStatus

from aiohttp import web


def problem(
    status: HTTPStatus, detail: str, *, field: str | None = None
) -> web.Response:
    """Return an error that says what is wrong and what to do."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    if field is not None:
        body["field"] = field
    headers = {"Retry-After": "5"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return web.json_response(
        body,
        status=status.value,
        content_type="application/problem+json",
        headers=headers,
    )
