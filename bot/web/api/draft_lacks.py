"""What a draft lacks, and how far it is, as the API shows it."""

from collections.abc import Mapping

from pydantic import Field, JsonValue, ValidationError

from bot.domain.commerce import (
    MissingField,
    NextAction,
    Readiness,
    Stage,
    commerce_of,
)
from bot.domain.describing import Voice
from bot.domain.lacks import told_lack
from bot.ordering import Desk
from bot.texts import wording_for
from bot.web.api.models import Exact, Moment, Money, Shown
from orders import Missing


class MissingView(Shown):
    """One thing that an order still lacks."""

    field: str = Field(examples=["address"])
    about: str | None = Field(description="Id of the line or of the open words.")
    group_id: str | None = Field(description="options: the group that is open.")
    nearest: Exact | None = Field(description="quantity: the nearest that is sold.")
    available: Exact | None = Field(description="stock: what there is.")
    short_by: Money | None = Field(description="minimum: what is still to come.")
    area: str | None = Field(description="minimum: the area that asks for it.")
    reason: str | None = Field(description="address: why the one there will not do.")
    opens_at: Moment | None = Field(description="hours: when the shop opens.")
    question: str = Field(
        description="How the customer is asked for it, in their language.",
        examples=["Where shall we deliver it?"],
    )
    example: str | None = Field(description="What an answer may look like.")
    hint: str = Field(description="What an answer has to be.")


class CommerceView(Shown):
    """How far it is on its way to an order, in Ticaret.pro's words."""

    stage: Stage
    order_readiness: Readiness
    missing_fields: list[MissingField]
    next_best_actions: list[NextAction] = Field(description="The best one first.")


def missing_views(desk: Desk) -> list[MissingView]:
    """Return what the draft lacks; nothing lacks once it has ended."""
    if desk.is_ended:
        return []
    return [missing_view(each, desk) for each in desk.missing()]


def commerce_view(desk: Desk) -> CommerceView:
    """Return how far a draft is on its way to an order."""
    lacking = () if desk.is_ended else desk.missing()
    found = commerce_of(desk.draft, lacking, order=desk.order, intents=desk.intents)
    return CommerceView(
        stage=found.stage,
        order_readiness=found.readiness,
        missing_fields=list(found.missing),
        next_best_actions=list(found.actions),
    )


def commerce_told(stored: Mapping[str, JsonValue]) -> CommerceView | None:
    """Return how far an order was, as it is stored; None: another version wrote it."""
    try:
        return CommerceView.model_validate(
            {
                "stage": stored["stage"],
                "order_readiness": stored["orderReadiness"],
                "missing_fields": stored["missingFields"],
                "next_best_actions": stored["nextBestActions"],
            }
        )
    except (KeyError, ValidationError):
        return None


def missing_view(lacking: Missing, desk: Desk) -> MissingView:
    """Return one thing that an order lacks, and how its customer is asked for it."""
    short, currency = lacking.short_by, desk.draft.currency
    voice = Voice(wording_for(desk.language), "", currency)
    told = told_lack(lacking, desk.draft, desk.shop, desk.products, voice)
    return MissingView(
        field=lacking.field,
        about=lacking.about,
        group_id=lacking.group_id,
        nearest=lacking.nearest,
        available=lacking.available,
        short_by=None if short is None else Money.of_minor(short, currency),
        area=lacking.area,
        reason=_reason(lacking),
        opens_at=lacking.opens_at,
        question=told.question,
        example=told.example or None,
        hint=told.hint,
    )


def _reason(lacking: Missing) -> str | None:
    return None if lacking.reason is None else lacking.reason.value
