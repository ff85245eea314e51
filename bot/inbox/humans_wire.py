"""What a shop leaves to people, as written: a part of `bot.inbox.shop_wire`."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bot.domain.understanding import Intent
from bot.inbox.rule_types import Rules, Team, Words
from orders.domain.humans import Assigns, Humans

_MINUTE = timedelta(minutes=1)
_DAY = 24 * 60
#: A stop always stops; what an order is made of is the bot's work.
LEAVABLE = frozenset(
    {
        Intent.ASK_DELIVERY,
        Intent.ASK_PRODUCT,
        Intent.BROWSE,
        Intent.CANCEL_ORDER,
        Intent.COMPLAINT,
        Intent.ORDER_STATUS,
        Intent.REPEAT,
    }
)


def _leavable(intent: Intent) -> Intent:
    if intent not in LEAVABLE:
        names = ", ".join(sorted(LEAVABLE))
        raise ValueError(f"only these can be left to people: {names}")
    return intent


Left = Annotated[Intent, AfterValidator(_leavable)]


class LeftRules(Rules):
    """What only a person answers; the bot hands the conversation over."""

    intents: tuple[Left, ...] = Field(
        (),
        max_length=20,
        description="What customers want: ask_delivery, ask_product, browse,"
        " cancel_order, complaint, order_status, repeat.",
        examples=[["order_status"]],
    )
    words: tuple[Words, ...] = Field(
        (),
        max_length=200,
        description="Whole words that they write, in any case.",
        examples=[["wholesale", "catering"]],
    )
    categories: tuple[Words, ...] = Field(
        (),
        max_length=200,
        description="Categories of the catalog; an order of something in them.",
        examples=[["Cakes to order"]],
    )


class HumansTimes(Rules):
    """When a person takes over, apart from amounts of money."""

    misunderstood: int = Field(
        3,
        ge=1,
        le=20,
        description="After so many turns in a row that the bot could not use.",
    )
    on_anger: bool = Field(
        default=True, description="A person answers angry customers."
    )
    left: LeftRules = LeftRules()
    answer_minutes: int = Field(
        10,
        ge=0,
        le=_DAY,
        description="Nobody answered for so long, while the shop was open: the customer"
        " is told, may go on with the bot, and people are alerted. 0: never.",
    )
    phone_pause_minutes: int = Field(
        60,
        ge=0,
        le=30 * _DAY,
        description="So long after the last message from the shop's own phone the bot"
        " goes on. 0: it stays silent until the conversation is handed back.",
    )
    discount_percent: int = Field(
        10,
        ge=0,
        le=100,
        description="What agents may give off the goods of a draft; managers and"
        " systems may give more.",
    )
    assign: Assigns = Field(
        Assigns.NOBODY,
        description="Whose work a conversation becomes that needs a person and is"
        " nobody's yet. nobody: it waits until somebody takes it; next: that of whoever"
        " has the least to do.",
    )
    assign_team: Team | None = Field(
        None,
        description="With `next`: of that team; null: of all. A conversation that is a"
        " team's already stays that team's.",
        examples=["Kadikoy"],
    )

    @model_validator(mode="after")
    def _assigns_somebody(self) -> Self:
        if self.assign is Assigns.NOBODY and self.assign_team is not None:
            raise ValueError("assign_team belongs to `assign: next`")
        return self


def humans_of(rules: HumansTimes, asked_from: int | None) -> Humans:
    """Return the rules that decide; `asked_from` in minor units."""
    return Humans(
        misunderstood_at_most=rules.misunderstood,
        on_anger=rules.on_anger,
        asked_from=asked_from,
        intents=tuple(dict.fromkeys(intent.value for intent in rules.left.intents)),
        words=rules.left.words,
        categories=rules.left.categories,
        answer_within=_lasting(rules.answer_minutes),
        phone_pause=_lasting(rules.phone_pause_minutes),
        discount_percent=rules.discount_percent,
        assigns=rules.assign,
        assigns_team=rules.assign_team,
    )


def written_humans(humans: Humans) -> HumansTimes:
    """Return the rules as merchants write them, but for the amount."""
    return HumansTimes(
        misunderstood=humans.misunderstood_at_most,
        on_anger=humans.on_anger,
        left=LeftRules(
            intents=tuple(Intent(each) for each in humans.intents),
            words=humans.words,
            categories=humans.categories,
        ),
        answer_minutes=_minutes(humans.answer_within),
        phone_pause_minutes=_minutes(humans.phone_pause),
        discount_percent=humans.discount_percent,
        assign=humans.assigns,
        # A word of a newer version reads as nobody, and then a team has no place.
        assign_team=humans.assigns_team if humans.assigns is Assigns.NEXT else None,
    )


def _lasting(minutes: int) -> timedelta | None:
    return minutes * _MINUTE if minutes else None


def _minutes(lasting: timedelta | None) -> int:
    return lasting // _MINUTE if lasting else 0
