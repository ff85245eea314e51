"""What our things are called in the systems whose contracts we speak."""

from pydantic import Field

from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Moment, Page, Paging, Shown
from bot.web.api.roles import ORDERING
from orders.domain.ids import Face
from orders.ids import ExternalId, list_ids

endpoints = Endpoints(
    "ids",
    "What things are called elsewhere. Each system has ids in its own form: Ticaret.pro"
    " and OmniChat texts, Repzo 24 hexadecimal digits, Zegoal and Akinon numbers. An id"
    " is given once and stays.",
)


class IdsGiven(Paging):
    """Which ids."""

    face: Face | None = Field(None, description="Of this system.")
    kind: str | None = Field(
        None,
        pattern=r"^[a-z_]{1,30}$",
        description="Of things of this kind: order, customer, product ...",
    )
    external_id: str | None = Field(
        None, min_length=1, max_length=200, description="What is called so there."
    )
    internal_id: str | None = Field(
        None, min_length=1, max_length=80, description="What this thing is called."
    )


class ExternalIdView(Shown):
    """One name of one thing."""

    face: str = Field(examples=["zegoal"])
    kind: str = Field(examples=["customer"])
    external_id: str = Field(examples=["7"])
    internal_id: str = Field(examples=["customer_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    created_at: Moment


@endpoints.get("/v1/ids", roles=ORDERING)
async def list_of_ids(call: Call, query: IdsGiven) -> Page[ExternalIdView]:
    """List what things are called in other systems.

    With `face`, `kind` and `external_id` it finds one thing; with `internal_id` all its
    names. Only ids that were given are listed: each is, when it is first needed.
    """
    found, total = await list_ids(
        call.connection,
        call.tenant_id,
        face=query.face,
        kind=query.kind,
        external=query.external_id,
        internal=query.internal_id,
        limit=query.limit,
        offset=query.offset,
    )
    return Page(data=[_view(each) for each in found], total=total)


def _view(each: ExternalId) -> ExternalIdView:
    return ExternalIdView(
        face=each.face,
        kind=each.kind,
        external_id=each.external_id,
        internal_id=each.internal_id,
        created_at=each.created_at,
    )
