"""Filters of lists: a form sends its empty fields, too, and addresses have none."""

from aiohttp import web

from bot.web.console.frame import Visit


def drop_empty(visit: Visit) -> None:
    """Lead to the address without the fields that nobody filled in, if it has some."""
    query = visit.request.query
    kept = {name: value for name, value in query.items() if value.strip()}
    if len(kept) != len(query):
        raise web.HTTPSeeOther(visit.request.rel_url.with_query(kept))
