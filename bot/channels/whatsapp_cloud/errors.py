"""Meta's error codes and what each asks of us: one table, and nothing else decides.

The code counts, not the title, the HTTP status or the subcode. Meta's own words are not
repeated: they may hold a number or a token. Source: Meta's Cloud API error codes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from pydantic import BaseModel, ValidationError

from bot.channels.calling import wait_asked
from bot.channels.failure import Action, SendRefused, SendUnavailable, failed


@dataclass(frozen=True, slots=True)
class Meaning:
    action: Action
    why: str
    wait: timedelta | None = None


def _meanings(
    *rows: tuple[Iterable[int], Action, str],
) -> Mapping[int, Meaning]:
    return {code: Meaning(action, why) for codes, action, why in rows for code in codes}


MEANINGS: Mapping[int, Meaning] = {
    **_meanings(
        ((0, 190), Action.PAUSE_CHANNEL, "the access token is invalid or expired"),
        ((3, 10, *range(200, 300)), Action.PAUSE_CHANNEL, "a permission is missing"),
        ((131005,), Action.PAUSE_CHANNEL, "a permission is missing"),
        ((131031, 368), Action.PAUSE_CHANNEL, "the account is locked"),
        ((130497,), Action.PAUSE_CHANNEL, "not allowed in the customer's country"),
        ((131042,), Action.PAUSE_CHANNEL, "the account cannot pay"),
        ((131048,), Action.PAUSE_CHANNEL, "too many were reported as spam"),
        ((4, 80007, 130429), Action.SLOW_DOWN, "a throughput limit is reached"),
        (
            (1, 2, 131000, 131016, 131057, 133016),
            Action.RETRY,
            "the service is down for now",
        ),
        ((131052, 131053), Action.ONCE_MORE, "Meta could not fetch the media"),
        ((131047,), Action.HOLD_FOR_WINDOW, "24 hours since the customer wrote"),
        ((131062,), Action.NEEDS_PHONE, "this needs a phone number"),
        (
            (100, 131008, 131009, 131051, *range(132000, 132017)),
            Action.PLAIN_TEXT,
            "the form of the message was refused",
        ),
        ((131026,), Action.REFUSE, "the customer cannot receive it"),
        ((131050,), Action.REFUSE, "the customer opted out of marketing messages"),
        ((131064,), Action.REFUSE, "a limit after a wrong template category"),
        ((131021,), Action.REFUSE, "the recipient is the shop's own number"),
        ((131030,), Action.REFUSE, "the recipient is not on the test number's list"),
        ((131020, 131041), Action.REFUSE, "not possible in this group"),
    ),
    # One message in six seconds to one person; bursts are borrowed from the future.
    131056: Meaning(Action.SLOW_PAIR, "too many messages to one customer"),
    **dict.fromkeys(
        (131049, 130472),
        Meaning(
            Action.NOT_TODAY,
            "Meta holds back marketing messages: not before 24 hours are over",
            timedelta(days=1),
        ),
    ),
}


class _Error(BaseModel):
    code: int
    is_transient: bool = False


class _Answer(BaseModel):
    error: _Error


def outcome(
    status: int, body: bytes, *, retry_after: str | None = None
) -> SendRefused | SendUnavailable:
    """Return the error that an answer means; raise it or look at its `action`.

    `retry_after` is the header of that name; only its seconds are understood.
    """
    error = _error(body)
    code = error.code if error else None
    meaning = _meaning(status, error)
    said = f"{meaning.why} (HTTP {status}, code {code if error else 'none'})"
    wait = wait_asked(retry_after) or meaning.wait
    return failed(said, code=code, action=meaning.action, retry_after=wait)


def reported(code: int | None) -> SendRefused | SendUnavailable:
    """Return the error that a status `failed` with this code means.

    Meta had taken the message; the code is one of the same table.
    """
    known = None if code is None else MEANINGS.get(code)
    meaning = known or Meaning(Action.REFUSE, "the message was not delivered")
    said = f"{meaning.why} (reported later, code {'none' if code is None else code})"
    return failed(said, code=code, action=meaning.action, retry_after=meaning.wait)


def is_error(body: bytes) -> bool:
    """Return whether a body is one of Meta's errors, whatever its status says."""
    return _error(body) is not None


def _error(body: bytes) -> _Error | None:
    try:
        return _Answer.model_validate_json(body).error
    except ValidationError:
        return None


def _meaning(status: int, error: _Error | None) -> Meaning:
    if error and error.code in MEANINGS:
        return MEANINGS[error.code]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Meaning(Action.SLOW_DOWN, "a limit is reached")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or (error and error.is_transient):
        return Meaning(Action.RETRY, "the service is down for now")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Meaning(Action.PAUSE_CHANNEL, "the access token was not accepted")
    return Meaning(Action.REFUSE, "the message was not accepted")
