"""For how long what is kept."""

from pydantic import ConfigDict, Field

from bot.privacy.kinds import LONGEST, BadRetention, Retention
from bot.privacy.retention import load_retention, store_retention
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Page, Shown
from bot.web.api.problems import invalid
from bot.web.api.roles import PRIVACY

endpoints = Endpoints(
    "retention", "For how long messages, files and the rest are kept; orders stay."
)

_Days = Field(None, ge=1, le=LONGEST, description="Days; null: the default.")


class KeepingView(Shown):
    """For how long one kind is kept."""

    kind: str = Field(examples=["media"])
    what: str = Field(examples=["pictures, voice notes and other files"])
    days: int = Field(description="As wanted.", examples=[180])
    effective_days: int = Field(
        description="As it is: what repeats messages ends with them.", examples=[180]
    )
    is_default: bool


class RetentionGiven(Given):
    """Days for each kind. A kind that is not sent goes back to its default."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"messages": 365, "media": 90}]}
    )

    messages: int | None = _Days
    media: int | None = _Days
    analyses: int | None = _Days
    drafts: int | None = _Days
    learnt: int | None = _Days
    activities: int | None = _Days
    outbox: int | None = _Days
    events: int | None = _Days
    statuses: int | None = _Days
    quarantine: int | None = _Days
    imports: int | None = _Days
    audit: int | None = _Days


@endpoints.get("/v1/retention", roles=PRIVACY)
async def read_retention(call: Call) -> Page[KeepingView]:
    """Read for how many days each kind is kept."""
    return _page(await load_retention(call.connection, call.tenant_id))


@endpoints.put("/v1/retention", roles=PRIVACY)
async def replace_retention(call: Call, body: RetentionGiven) -> Page[KeepingView]:
    """Set for how many days each kind is kept.

    A run in the night (in the shop's time zone) removes what is older. Messages that
    wait for an answer and deliveries that are due stay, however old they are.
    """
    days = body.model_dump()
    try:
        retention = await store_retention(call.connection, call.tenant_id, days)
    except BadRetention as error:
        raise invalid(error.kind, error.problem) from None
    call.note(call.tenant_id, **{k: v for k, v in days.items() if v is not None})
    return _page(retention)


def _page(retention: Retention) -> Page[KeepingView]:
    data = [
        KeepingView(
            kind=each.kind.name,
            what=each.kind.what,
            days=each.days,
            effective_days=each.effective,
            is_default=each.is_default,
        )
        for each in retention
    ]
    return Page(data=data, total=len(data))
