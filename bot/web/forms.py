"""Forms that pages send without a script: read, and refused to other sites."""

from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from bot.web.body import read_body
from bot.web.keys import RUNTIME

_FORM = "application/x-www-form-urlencoded"
_LONGEST_FORM = 16 * 1024
_FIELDS = 20


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Return what was entered; what is missing is empty.

    Raises web.HTTPException for what is no form of ours.
    """
    if request.content_type != _FORM:
        raise web.HTTPUnsupportedMediaType(text=f"send the form as {_FORM}\n")
    if (request.content_length or 0) > _LONGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(_LONGEST_FORM, request.content_length or 0)
    body = await read_body(request)
    try:
        pairs = parse_qsl(
            body[:_LONGEST_FORM].decode(),
            keep_blank_values=True,
            max_num_fields=_FIELDS,
        )
    except ValueError:
        raise web.HTTPBadRequest(text="this is no form of ours\n") from None
    # A password may begin and end as it likes; the rest is trimmed where it is checked.
    return defaultdict(str, pairs)


def refuse_other_sites(request: web.Request) -> None:
    """Refuse a form that another site's page sent: Fetch Metadata, and Origin."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    public = request.app[RUNTIME].settings.public_url
    ours = {request.host, urlsplit(public).netloc if public else request.host}
    if site not in {"same-origin", "none"} or (
        origin is not None and urlsplit(origin).netloc not in ours
    ):
        raise web.HTTPForbidden(text="this form was sent by another site\n")
