"""The audit: who did what through the API or a command."""

from pydantic import Field

from bot.inbox.audit import AuditEntry, audit_page
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import CursorPage, CursorPaging, Moment, Shown
from bot.web.api.problems import invalid
from bot.web.api.roles import PRIVACY

endpoints = Endpoints("audit", "Who did what, when. Kept for three years by default.")


class AuditGiven(CursorPaging):
    """Which entries."""

    actor: str | None = Field(
        None,
        max_length=100,
        description="Done by: `key:ID`, `user:ID`, `command`, `bot`.",
    )
    action: str | None = Field(
        None, max_length=60, description="What: the operation's id, `erase_contact` ..."
    )
    target: str | None = Field(None, max_length=100, description="Done to this id.")


class AuditView(Shown):
    """One thing that somebody did."""

    id: str
    at: Moment
    actor: str = Field(examples=["key:key_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    action: str = Field(examples=["confirm_draft"])
    target: str | None = Field(examples=["draft_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    details: dict[str, object] = Field(description="Ids and numbers; never persons.")


@endpoints.get("/v1/audit", roles=PRIVACY)
async def list_audit_entries(call: Call, query: AuditGiven) -> CursorPage[AuditView]:
    """List what was done, newest first."""
    try:
        found, following = await audit_page(
            call.connection,
            call.tenant_id,
            actor=query.actor,
            action=query.action,
            target=query.target,
            limit=query.limit,
            cursor=query.cursor,
        )
    except ValueError as error:
        raise invalid("cursor", str(error)) from None
    return CursorPage(data=[_view(each) for each in found], next_cursor=following)


def _view(entry: AuditEntry) -> AuditView:
    return AuditView(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        target=entry.target,
        details=dict(entry.details),
    )
