"""Templates of the console, rendered whole or block by block."""

from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.web.console.amounts import amount_pattern

#: A part that a page has not is left out: what asked for it is older than the page.
PART = "part_"


def render(template: str, values: Mapping[str, object]) -> str:
    """Return a page as HTML. Raises jinja2.TemplateError for a mistake in it."""
    return _environment().get_template(template).render(values)


def render_parts(
    template: str, names: Sequence[str], values: Mapping[str, object]
) -> str:
    """Return some parts of a page, one after the other: its blocks `part_NAME`."""
    found = _environment().get_template(template)
    context = found.new_context(dict(values))
    blocks = (found.blocks.get(PART + name) for name in names)
    return "\n".join("".join(block(context)) for block in blocks if block is not None)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("bot.web.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["amount_pattern"] = amount_pattern
    return made
