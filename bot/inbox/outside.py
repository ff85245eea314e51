"""What is sent when a customer may not be written to freely: a template, if any."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.message import OutContent
from bot.domain.outgoing import OutTemplate
from orders.domain.templates import Template, template_for


def outside_of(
    templates: Sequence[Template],
    *,
    event: str | None,
    number: int,
    languages: Sequence[str | None],
    instead_of: OutContent,
) -> OutTemplate | None:
    """Return the template that tells of an order; None where the shop names none."""
    found = template_for(templates, event) if event else None
    if found is None:
        return None
    return OutTemplate(
        name=found.name,
        language=found.language_for([each for each in languages if each]),
        parameters=(str(number),),
        body=getattr(instead_of, "body", ""),
    )


def is_template(payload: Mapping[str, Any]) -> bool:
    """Return whether a stored reply is one that may be sent at any time."""
    return bool(payload["message"]["content"]["type"] == "template")


def reworded(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the payload of a reply that is sent as its template; None: it has none."""
    template = payload.get("outside")
    if template is None:
        return None
    kept = {key: value for key, value in payload.items() if key != "outside"}
    said = {**payload["message"], "content": template, "reply_to": None}
    return {**kept, "message": said}
