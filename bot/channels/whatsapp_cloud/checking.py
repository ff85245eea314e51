"""Looking at a number without sending anything: is its token good, does it stand well.

Source: Meta's Cloud API reference, "Phone numbers".
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.channels.channel import Account, AccountFound
from bot.channels.failure import Action, SendUnavailable
from bot.channels.whatsapp_cloud.errors import is_error, outcome
from bot.channels.whatsapp_cloud.graph import Graph
from orders.outbox.delivery import OutcomeUnknown

_FIELDS = "display_phone_number,verified_name,quality_rating"
#: What Meta calls a number that customers complain about.
_POOR = {"RED": "Meta rates its quality low (red): it may soon send less, or nothing"}


class _Number(BaseModel):
    model_config = ConfigDict(extra="ignore")

    display_phone_number: str | None = None
    verified_name: str | None = None
    quality_rating: str | None = None


async def looked_up(graph: Graph, account: Account) -> AccountFound:
    """Return what Meta says about a number. Raises `SendRefused`, `SendUnavailable`."""
    url = graph.url(account.external_id)
    try:
        answer = await graph.call("GET", url, account, params={"fields": _FIELDS})
    except OutcomeUnknown as error:  # nothing was to be changed
        raise SendUnavailable(str(error), code=None, action=Action.RETRY) from error
    if is_error(answer.body) or not answer.ok:
        raise outcome(answer.status, answer.body, retry_after=answer.retry_after)
    try:
        number = _Number.model_validate_json(answer.body)
    except ValidationError:
        raise SendUnavailable(
            f"the answer is not one of Meta's (HTTP {answer.status})",
            code=None,
            action=Action.RETRY,
        ) from None
    return AccountFound(
        name=number.verified_name,
        number=number.display_phone_number,
        warning=_POOR.get(number.quality_rating or ""),
        at=_moment(answer.date),
    )


def _moment(date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC) if date else None
    except ValueError:
        return None
