"""Parts of a file: players of voice notes and videos ask for them (RFC 9110, 14)."""

from http import HTTPStatus

from aiohttp import web


def ranged(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Return the part of a file that was asked for, else the whole answer.

    What is no range, or several of them, is answered with the whole file; one that
    begins behind its end with 416.
    """
    whole = isinstance(answer, web.Response) and answer.status == HTTPStatus.OK
    if not whole or not isinstance(answer, web.Response):
        return answer
    data = answer.body
    if not isinstance(data, bytes):
        return answer
    answer.headers["Accept-Ranges"] = "bytes"
    try:
        wanted = request.http_range
    except ValueError:
        return answer
    if wanted.start is None and wanted.stop is None:
        return answer
    size = len(data)
    start, stop, _ = wanted.indices(size)
    lost = {"content-length", "content-type"}
    kept = {n: v for n, v in answer.headers.items() if n.lower() not in lost}
    if start >= size:
        return web.Response(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={**kept, "Content-Range": f"bytes */{size}"},
        )
    return web.Response(
        status=HTTPStatus.PARTIAL_CONTENT,
        body=data[start:stop],
        headers={
            **kept,
            "Content-Type": answer.headers["Content-Type"],
            "Content-Range": f"bytes {start}-{stop - 1}/{size}",
        },
    )
