"""A shop's templates as merchants name them: a part of `bot.inbox.shop_wire`."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.inbox.rule_types import Rules
from orders.domain.templates import Template, TemplateEvent

_Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$", max_length=15)
]


class TemplateRules(Rules):
    """The approved template that tells of an event outside WhatsApp's 24 hours."""

    event: TemplateEvent = Field(
        description="What it tells of: a state of an order, or `payment_link`.",
        examples=["shipped"],
    )
    name: str = Field(
        pattern=r"^[a-z0-9_]{1,512}$",
        description="Its name at Meta. Its body has one parameter: the order's number.",
        examples=["order_shipped"],
    )
    languages: tuple[_Language, ...] = Field(
        min_length=1,
        max_length=20,
        description="In which it was approved, as Meta writes them; the first is for"
        " customers who read none of them.",
        examples=[["tr", "en_US"]],
    )


def one_each(rules: tuple[TemplateRules, ...]) -> tuple[TemplateRules, ...]:
    """Return the rules. Raises ValueError for an event that has two templates."""
    events = [each.event for each in rules]
    twice = next((each for each in events if events.count(each) > 1), None)
    if twice is not None:
        raise ValueError(f"the event {twice} has two templates: keep one")
    return rules


def templates_of(rules: Sequence[TemplateRules]) -> tuple[Template, ...]:
    """Return the templates that are sent."""
    return tuple(
        Template(each.event.value, each.name, each.languages) for each in rules
    )


def written_templates(templates: Sequence[Template]) -> tuple[TemplateRules, ...]:
    """Return templates as merchants name them; of newer versions' events none."""
    return tuple(
        TemplateRules.model_validate(
            {"event": each.event, "name": each.name, "languages": each.languages}
        )
        for each in templates
        if each.event in set(TemplateEvent)
    )
