"""Every error that the native API answers, in one table: RFC 9457 problem details.

`type` is a link to what the table says about the kind; programs compare its last part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"
_PAGE = "/docs/errors#"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. `means` and `remedy` are sentences for the documentation."""

    name: str
    status: HTTPStatus
    title: str
    means: str
    remedy: str
    extras: tuple[str, ...] = ()  #: Members beyond those of the RFC.

    @property
    def type(self) -> str:
        """Return the URI reference that names the kind."""
        return _PAGE + self.name


MALFORMED = Kind(
    "malformed-request",
    HTTPStatus.BAD_REQUEST,
    "The request cannot be read",
    "The body is not JSON, broke off, or a header cannot be read.",
    "Send one JSON value in UTF-8, complete, without comments or trailing commas.",
)
UNAUTHORIZED = Kind(
    "unauthorized",
    HTTPStatus.UNAUTHORIZED,
    "No valid key",
    "The request carries no key, or one that was never made or is revoked.",
    "Send `Authorization: Bearer KEY` with a key of `chatorder key add`.",
)
FORBIDDEN = Kind(
    "forbidden",
    HTTPStatus.FORBIDDEN,
    "Not with this role",
    "The caller is known, and their role may not do this; or a browser that is signed"
    " in to the console sent the call without the console's `X-CSRF-Token`.",
    "Use a key, or sign in, with one of the roles that the operation lists.",
)
NOT_FOUND = Kind(
    "not-found",
    HTTPStatus.NOT_FOUND,
    "There is no such thing",
    "The caller's tenant has nothing with this id, or the address does not exist.",
    "Check the id and who calls: everybody sees the things of their own tenant only.",
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    HTTPStatus.METHOD_NOT_ALLOWED,
    "Not with this method",
    "The address exists, and this method does not go with it.",
    "Use one of the methods that the header `Allow` lists.",
)
TOO_SLOW = Kind(
    "body-timeout",
    HTTPStatus.REQUEST_TIMEOUT,
    "The body took too long",
    "The whole body did not arrive in time.",
    "Send it again, faster or in smaller parts.",
)
TOO_LARGE = Kind(
    "body-too-large",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "The body is too large",
    "The body is larger than this server takes.",
    "Send less at once; CHATORDER_BODY_LIMIT_BYTES sets the limit.",
)
WRONG_MEDIA_TYPE = Kind(
    "unsupported-media-type",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "Not in this form",
    "The header `Content-Type` is missing, or names a form that is not read here.",
    "Send JSON with `Content-Type: application/json`, or what the operation lists.",
)
INVALID = Kind(
    "invalid-request",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The request is not valid",
    "It was understood, and some of its fields cannot be as they are.",
    "Correct the fields that `errors` names; the documentation shows a valid example.",
    ("errors",),
)
KEY_REUSED = Kind(
    "idempotency-key-reused",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The Idempotency-Key belongs to another call",
    "Within 24 hours the key was sent with another method, address or body.",
    "Use a fresh key for a new call; repeat a call with exactly the same body.",
)
NOT_READY = Kind(
    "not-ready",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The draft cannot become an order yet",
    "Something is missing, or a price or stock is no longer as the draft says.",
    "Set what `missingFields` lists and accept what `differences` tells.",
    ("missingFields", "differences"),
)
REFUSED = Kind(
    "change-refused",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The change does not fit",
    "What is asked for does not fit the thing as it is now.",
    "Read `detail`: it says why, and what would fit.",
    ("errors",),
)
VERSION_CONFLICT = Kind(
    "version-conflict",
    HTTPStatus.CONFLICT,
    "Somebody was faster",
    "The version that was sent is not the newest: somebody has changed it meanwhile.",
    "Read it again and decide again; `version` is the newest.",
    ("version",),
)
CONFLICT = Kind(
    "conflict",
    HTTPStatus.CONFLICT,
    "Not in this state",
    "The thing is in a state in which this cannot be done.",
    "Read `detail`: it says which state it is in, and what is possible.",
)
WINDOW_CLOSED = Kind(
    "window-closed",
    HTTPStatus.CONFLICT,
    "The customer wrote too long ago",
    "WhatsApp lets a business write freely within 24 hours of the customer's last"
    " message.",
    "Wait until the customer writes again.",
)
TOO_MANY = Kind(
    "too-many-requests",
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many calls",
    "The caller, or their tenant, has used up their calls; or too many passwords were"
    " tried.",
    "Wait as many seconds as `Retry-After` says.",
)
INTERNAL = Kind(
    "internal-error",
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Something went wrong here",
    "A bug of the server; it was logged, and nothing was changed.",
    "Tell the operator of the server when it happened.",
)
UNAVAILABLE = Kind(
    "unavailable",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Not now",
    "The database cannot be reached. Nothing was changed.",
    "Send the same call again after as many seconds as `Retry-After` says.",
)

#: In the order of the documentation.
KINDS: tuple[Kind, ...] = (
    MALFORMED,
    UNAUTHORIZED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_SLOW,
    VERSION_CONFLICT,
    CONFLICT,
    WINDOW_CLOSED,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    INVALID,
    REFUSED,
    NOT_READY,
    KEY_REUSED,
    TOO_MANY,
    INTERNAL,
    UNAVAILABLE,
)


class FieldError(BaseModel):
    """One field that cannot be as it is."""

    field: str = Field(description="Where: names and positions, joined by dots.")
    message: str = Field(description="What is wrong, or what is expected.")


class ProblemView(BaseModel):
    """An error, as RFC 9457 writes it; members beyond these depend on the kind."""

    model_config = ConfigDict(
        extra="allow",
        title="Problem",
        json_schema_extra={
            "examples": [
                {
                    "type": NOT_FOUND.type,
                    "title": NOT_FOUND.title,
                    "status": 404,
                    "detail": "there is no draft 'draft_1'",
                }
            ]
        },
    )

    type: str = Field(description="Which kind: a link to its documentation.")
    title: str = Field(description="The kind, for people.")
    status: int = Field(description="The HTTP status, again.")
    detail: str = Field(description="What happened this time, and what to do.")
    errors: list[FieldError] | None = Field(
        None, description="The fields that are wrong (invalid-request)."
    )


class Problem(Exception):
    """An answer that says what is wrong. Raise it anywhere in an endpoint.

    `detail` says what, which one and what to do; `extras` are the members that the
    kind promises. Whatever the transaction did is rolled back.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        extras: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{kind.name}: {detail}")
        self.kind = kind
        self.detail = detail
        self.extras = extras or {}
        self.headers = headers or {}


def not_found(what: str, wanted: str) -> Problem:
    """Return the answer for an id that the tenant does not have, whoever has it."""
    return Problem(NOT_FOUND, f"there is no {what} {wanted!r}")


def version_conflict(what: str, wanted: str, *, sent: int, newest: int) -> Problem:
    """Return the answer for a change of a version that is no longer the newest."""
    return Problem(
        VERSION_CONFLICT,
        f"{what} {wanted!r} is at version {newest}, not {sent}: read it again",
        {"version": newest},
    )


def invalid(field_name: str, message: str) -> Problem:
    """Return the answer for one field that a check of our own refuses."""
    return Problem(
        INVALID,
        f"{field_name}: {message}",
        {"errors": [{"field": field_name, "message": message}]},
    )


def unavailable() -> Problem:
    """Return the answer while the database cannot be reached."""
    return Problem(
        UNAVAILABLE,
        "the database cannot be reached now: please send it again",
        headers={"Retry-After": "5"},
    )
