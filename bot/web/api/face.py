"""A face: how one of the APIs that we speak says who calls, and what went wrong.

Everything else is the same for all of them, and done by the runner.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from pydantic import BaseModel

from bot.web.api.problems import KINDS, MEDIA_TYPE, Kind, Problem, ProblemView


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key stands: `api-key: KEY`, or with a scheme `Authorization: Bearer KEY`.

    `name` is the place's in the API's description.
    """

    name: str
    header: str
    scheme: str | None = None

    def found(self, headers: Mapping[str, str]) -> str | None:
        """Return the key of a request, None when it has none in this place."""
        given = headers.get(self.header, "").strip()
        if not given.isascii():  # No key of ours, and no text that can be hashed.
            return None
        if self.scheme is None:
            return given or None
        scheme, _, key = given.partition(" ")
        return key.strip() or None if scheme.lower() == self.scheme.lower() else None

    def written(self, key: str) -> str:
        """Return the header's value for a key."""
        return key if self.scheme is None else f"{self.scheme} {key}"

    @property
    def security(self) -> Mapping[str, object]:
        """Return the place as OpenAPI's security scheme."""
        told = {"description": "A key of `chatorder key add`."}
        if self.scheme == "Bearer":
            return {"type": "http", "scheme": "bearer", **told}
        return {"type": "apiKey", "in": "header", "name": self.header, **told}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a face puts into its own words. `id` is this refusal's alone."""

    kind: Kind
    status: HTTPStatus
    detail: str
    extras: Mapping[str, object]
    at: datetime
    id: str

    @property
    def code(self) -> str:
        """Return the kind's name as many APIs write it: `NOT_FOUND`."""
        return self.kind.name.replace("-", "_").upper()

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """Return which fields are wrong, and how; none: it is about the whole call."""
        given = self.extras.get("errors")
        if not isinstance(given, list):
            return ()
        return tuple((str(each["field"]), str(each["message"])) for each in given)


@dataclass(frozen=True, slots=True, eq=False)  # a face is itself alone
class Face:
    """An API of its own beside the others."""

    name: str
    prefixes: tuple[str, ...]  #: Every address at or below them is the face's.
    keys: tuple[KeyPlace, ...]  #: The first is the documented one.
    error: type[BaseModel]  #: The form of what `said` returns.
    said: Callable[[Refusal], object]
    media_type: str = "application/json"  #: Of errors.
    #: Statuses that differ from those of `problems`, by the kind's name.
    statuses: Mapping[str, HTTPStatus] = field(default_factory=dict)
    omits_nulls: bool = False  #: What is not known is absent from answers.

    def owns(self, path: str) -> bool:
        """Return whether an address is this face's, known or not."""
        return any(
            path == each or path.startswith(f"{each}/") for each in self.prefixes
        )

    def status(self, kind: Kind) -> HTTPStatus:
        """Return with which status the face answers a kind of problem."""
        return self.statuses.get(kind.name, kind.status)

    def status_of(self, name: str) -> HTTPStatus:
        """Return with which status the face answers the kind of that name."""
        return self.status(next(kind for kind in KINDS if kind.name == name))

    def key(self, headers: Mapping[str, str]) -> str | None:
        """Return the key that a request carries."""
        return next((k for p in self.keys if (k := p.found(headers))), None)

    def refusal(self, problem: Problem, *, at: datetime, id: str) -> Refusal:  # noqa: A002  # the field's name
        """Return a problem as the face is given it."""
        status = self.status(problem.kind)
        return Refusal(
            problem.kind, status, problem.detail, problem.extras, at=at, id=id
        )


def _as_problem_details(refusal: Refusal) -> object:
    return {
        "type": refusal.kind.type,
        "title": refusal.kind.title,
        "status": refusal.status.value,
        "detail": refusal.detail,
        **refusal.extras,
    }


#: `Authorization: Bearer KEY`.
BEARER = KeyPlace("key", "Authorization", "Bearer")

#: The native API.
NATIVE = Face(
    name="native",
    prefixes=("/v1",),
    keys=(BEARER,),
    error=ProblemView,
    said=_as_problem_details,
    media_type=MEDIA_TYPE,
)
