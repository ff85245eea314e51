"""The description of the API: `/openapi.json` for programs, `/docs` for people.

The pages are made once, need no script and nothing from elsewhere.
"""

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

from aiohttp import web
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from bot.web.api.manual import Manual, inline
from bot.web.api.problems import KINDS, MEDIA_TYPE
from bot.web.describing import document
from bot.web.keys import RUNTIME

routes = web.RouteTableDef()

_TEMPLATES = files("bot.web") / "templates"
_STYLE = (_TEMPLATES / "docs.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:;"
        " form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


@routes.get("/openapi.json")
async def openapi(request: web.Request) -> web.Response:
    """Give the API's description, OpenAPI 3.1."""
    del request
    return web.Response(
        text=_json(),
        content_type="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )


@routes.get("/docs")
async def docs(request: web.Request) -> web.Response:
    """Show the API's description."""
    runtime = request.app[RUNTIME]
    url = runtime.settings.public_url or f"http://{request.host}"
    return _page(_docs(str(url).rstrip("/")))


@routes.get("/docs/errors")
async def errors(request: web.Request) -> web.Response:
    """Show every error of the API, and what to do about it."""
    del request
    return _page(_errors())


def _page(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers=_HEADERS)


@cache
def _json() -> str:
    return json.dumps(document(), ensure_ascii=False)


@cache
def _errors() -> str:
    return _render("errors.html", kinds=KINDS, media_type=MEDIA_TYPE, inline=inline)


def _docs(url: str) -> str:
    # A stranger chooses the name in the address: it is put in, and not remembered.
    return _manual().replace(_PLACE, str(Markup.escape(url)))


_PLACE = "CHATORDER-ADDRESS"


@cache
def _manual() -> str:
    manual = Manual(document())
    return _render(
        "docs.html",
        manual=manual,
        chapters=manual.chapters(),
        models=manual.models(),
        url=_PLACE,
    )


def _render(name: str, **values: object) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((_TEMPLATES / name).read_text(encoding="utf-8"))
    # Our own file, and a style whose hash the page's policy names.
    style = Markup(_STYLE)  # noqa: S704
    return template.render(style=style, **values)
