"""Looking at a number without sending anything: is its token good, does it stand well.

Source: Meta's Cloud API reference, "Phone numbers".
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.channels.calling import unavailable
from bot.channels.channel import Account, AccountFound
from bot.channels.whatsapp_cloud.errors import is_error, outcome
from bot.channels.whatsapp_cloud.graph import Graph
from orders.outbox.delivery import DeliveryError, OutcomeUnknown

_FIELDS = "display_phone_number,verified_name,quality_rating"
#: What Meta calls a number that customers complain about.
_POOR = {"RED": "Meta rates its quality low (red): it may soon send less, or nothing"}


class _Number(BaseModel):
    model_config = ConfigDict(extra="ignore")

    display_phone_number: str | None = None
    verified_name: str | None = None
    quality_rating: str | None = None


class _Token(BaseModel):
    expires_at: int = 0  #: Seconds since 1970; 0: never.


class _Debugged(BaseModel):
    data: _Token


async def looked_up(graph: Graph, account: Account) -> AccountFound:
    """Return what Meta says about a number. Raises `SendRefused`, `SendUnavailable`."""
    url = graph.url(account.external_id)
    try:
        answer = await graph.call("GET", url, account, params={"fields": _FIELDS})
    except OutcomeUnknown as error:  # nothing was to be changed
        raise unavailable(str(error)) from error
    if is_error(answer.body) or not answer.ok:
        raise outcome(answer.status, answer.body, retry_after=answer.retry_after)
    try:
        number = _Number.model_validate_json(answer.body)
    except ValidationError:
        why = f"the answer is not one of Meta's (HTTP {answer.status})"
        raise unavailable(why) from None
    return AccountFound(
        name=number.verified_name,
        number=number.display_phone_number,
        warning=_POOR.get(number.quality_rating or ""),
        at=_moment(answer.date),
        expires_at=await _expires_at(graph, account),
    )


async def _expires_at(graph: Graph, account: Account) -> datetime | None:
    """Return when the token ends; None: never, or Meta does not say.

    A token may ask about itself. Source: Meta's Graph API reference, "Debug token".
    """
    asked = {"input_token": account.access_token}
    try:
        answer = await graph.call(
            "GET", graph.url("debug_token"), account, params=asked
        )
        token = _Debugged.model_validate_json(answer.body).data
        seconds = token.expires_at
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (DeliveryError, ValueError, OverflowError, OSError):
        return None


def _moment(date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC) if date else None
    except ValueError:
        return None
