"""The files that pages load: `/console/static/VERSION/NAME`, kept for ever.

The version follows from all of their contents, so that a page never meets a script of
another release. Modules import one another by relative names and stay in it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

routes = web.RouteTableDef()

_STATIC = files("bot.web.console") / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SHEET = "console.css"


@dataclass(frozen=True, slots=True)
class _Files:
    version: str
    by_name: Mapping[str, bytes]


def address(name: str) -> str:
    """Return where a page finds a file."""
    return f"/console/static/{_all().version}/{name}"


@routes.get("/console/static/{version}/{name}")
async def give(request: web.Request) -> web.Response:
    """Give a file. One of an older version is given as it is now, and not kept."""
    name = request.match_info["name"]
    content = _all().by_name.get(name)
    if content is None:
        raise web.HTTPNotFound
    fresh = request.match_info["version"] == _all().version
    kept = "public, max-age=31536000, immutable" if fresh else "no-store"
    return web.Response(
        body=content,
        content_type=_TYPES["." + name.rpartition(".")[2]],
        charset="utf-8",
        headers={"Cache-Control": kept, "X-Content-Type-Options": "nosniff"},
    )


@cache
def _all() -> _Files:
    """Return all files: the sheets of rooms are added to the one stylesheet."""
    found = {each.name: each.read_bytes() for each in _of(_STATIC)}
    sheets = (each.read_bytes() for each in _of(_STATIC / "rooms"))
    found[_SHEET] = b"\n".join([found[_SHEET], *sheets])
    every = b"".join(name.encode() + found[name] for name in sorted(found))
    return _Files(hashlib.sha256(every).hexdigest()[:12], found)


def _of(folder: Traversable) -> list[Traversable]:
    named = (each for each in folder.iterdir() if each.is_file())
    known = (each for each in named if each.name.endswith(tuple(_TYPES)))
    return sorted(known, key=lambda each: each.name)
