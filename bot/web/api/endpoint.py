"""An endpoint as a value: what the runner, the documentation and the tests read."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar, get_args

from pydantic import BaseModel, TypeAdapter

from bot.web.api.call import Call, Download, Upload
from bot.web.api.face import NATIVE, Face
from bot.web.api.problems import (
    FORBIDDEN,
    INVALID,
    KEY_REUSED,
    MALFORMED,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY,
    TOO_SLOW,
    UNAUTHORIZED,
    UNAVAILABLE,
    WRONG_MEDIA_TYPE,
    Kind,
)
from bot.web.api.roles import EVERYBODY, Roles

Handler = Callable[..., Awaitable[BaseModel | Download | None]]
HandlerT = TypeVar("HandlerT", bound=Handler)

JSON = "application/json"
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Endpoint:
    """One route. Everything about it is read from its declaration."""

    method: str
    path: str
    roles: Roles
    status: HTTPStatus
    tag: str
    handler: Handler
    raises: tuple[Kind, ...]
    own_transaction: bool
    accepts: tuple[str, ...]  #: Media types of its body; none: it has no body.
    places: Mapping[str, TypeAdapter[object]]  #: The ids of its path, in order.
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    body_required: bool
    upload: bool
    answer: type[BaseModel] | None
    downloads: tuple[str, ...]  #: Media types of its answer, when it is a file.
    face: Face = NATIVE  #: Whose words its errors have, and where its key stands.

    @property
    def name(self) -> str:
        """Return the operation's id: the name of the function."""
        return self.handler.__name__

    @property
    def summary(self) -> str:
        return self._doc[0]

    @property
    def description(self) -> str:
        return self._doc[1]

    @property
    def _doc(self) -> tuple[str, str]:
        first, _, rest = (inspect.getdoc(self.handler) or "").partition("\n\n")
        return " ".join(first.split()).removesuffix("."), rest.strip()

    @property
    def writes(self) -> bool:
        """Return whether it changes anything."""
        return self.method != "GET"

    @property
    def takes_key(self) -> bool:
        """Return whether an Idempotency-Key may be sent with it."""
        return self.method == "POST" and not self.downloads

    @property
    def problems(self) -> tuple[Kind, ...]:
        """Return everything that it may answer besides success, by status."""
        found = {UNAUTHORIZED, TOO_MANY, UNAVAILABLE, *self.raises}
        # Of the native API a browser that is signed in is asked for more than a role.
        if self.roles != EVERYBODY or self.face is NATIVE:
            found.add(FORBIDDEN)
        if self.places:
            found.add(NOT_FOUND)
        if self.query or self.body or self.takes_key:
            found.add(INVALID)
        if self.accepts:
            found |= {MALFORMED, TOO_SLOW, TOO_LARGE, WRONG_MEDIA_TYPE}
        if self.takes_key:
            found |= {KEY_REUSED, MALFORMED}
        return tuple(sorted(found, key=lambda kind: (kind.status, kind.name)))


@dataclass
class Endpoints:
    """The endpoints of one subject. `tag` and `about` head it in the documentation."""

    tag: str
    about: str
    face: Face = NATIVE
    declared: list[Endpoint] = field(default_factory=list)

    def get(
        self,
        path: str,
        *,
        roles: Roles,
        raises: Sequence[Kind] = (),
        own_transaction: bool = False,
        downloads: Sequence[str] = (),
    ) -> Callable[[HandlerT], HandlerT]:
        """Declare a reading endpoint. `downloads`: media types of a file it answers."""
        return self._declare(
            "GET",
            path,
            roles=roles,
            status=HTTPStatus.OK,
            raises=tuple(raises),
            own_transaction=own_transaction,
            downloads=tuple(downloads),
        )

    def post(
        self,
        path: str,
        *,
        roles: Roles,
        status: int = HTTPStatus.OK,
        raises: Sequence[Kind] = (),
        own_transaction: bool = False,
        accepts: Sequence[str] = (JSON,),
        downloads: Sequence[str] = (),
    ) -> Callable[[HandlerT], HandlerT]:
        """Declare an endpoint that does something once per Idempotency-Key.

        One that answers a file (`downloads`) takes no such key: files are not kept.
        """
        return self._declare(
            "POST",
            path,
            roles=roles,
            status=HTTPStatus(status),
            raises=tuple(raises),
            own_transaction=own_transaction,
            accepts=tuple(accepts),
            downloads=tuple(downloads),
        )

    def patch(
        self,
        path: str,
        *,
        roles: Roles,
        raises: Sequence[Kind] = (),
        own_transaction: bool = False,
    ) -> Callable[[HandlerT], HandlerT]:
        """Declare an endpoint that changes the fields that are sent."""
        return self._declare(
            "PATCH",
            path,
            roles=roles,
            status=HTTPStatus.OK,
            raises=tuple(raises),
            own_transaction=own_transaction,
        )

    def put(
        self,
        path: str,
        *,
        roles: Roles,
        raises: Sequence[Kind] = (),
        own_transaction: bool = False,
    ) -> Callable[[HandlerT], HandlerT]:
        """Declare an endpoint that replaces a thing."""
        return self._declare(
            "PUT",
            path,
            roles=roles,
            status=HTTPStatus.OK,
            raises=tuple(raises),
            own_transaction=own_transaction,
        )

    def delete(
        self,
        path: str,
        *,
        roles: Roles,
        status: int = HTTPStatus.NO_CONTENT,
        raises: Sequence[Kind] = (),
    ) -> Callable[[HandlerT], HandlerT]:
        """Declare an endpoint that ends a thing; ending it twice is fine."""
        return self._declare(
            "DELETE",
            path,
            roles=roles,
            status=HTTPStatus(status),
            raises=tuple(raises),
        )

    def _declare(
        self,
        method: str,
        path: str,
        *,
        roles: Roles,
        status: HTTPStatus,
        raises: tuple[Kind, ...],
        own_transaction: bool = False,
        accepts: tuple[str, ...] = (JSON,),
        downloads: tuple[str, ...] = (),
    ) -> Callable[[HandlerT], HandlerT]:
        def declare(handler: HandlerT) -> HandlerT:
            parts = _parts(handler, path)
            self.declared.append(
                Endpoint(
                    method=method,
                    path=path,
                    roles=roles,
                    status=status,
                    tag=self.tag,
                    handler=handler,
                    raises=raises,
                    own_transaction=own_transaction or parts.upload,
                    accepts=accepts if parts.body or parts.upload else (),
                    places=parts.places,
                    query=parts.query,
                    body=parts.body,
                    body_required=parts.body_required,
                    upload=parts.upload,
                    answer=parts.answer,
                    downloads=downloads,
                    face=self.face,
                )
            )
            return handler

        return declare


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the signature of a handler says."""

    places: Mapping[str, TypeAdapter[object]]
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    body_required: bool
    upload: bool
    answer: type[BaseModel] | None


def _parts(handler: Handler, path: str) -> _Parts:
    """Read a signature: `call`, the ids of the path, then `query`, `body`, `upload`.

    Raises TypeError for what no caller could fill in.
    """
    signature = inspect.signature(handler)
    given = {name: each.annotation for name, each in signature.parameters.items()}
    wanted = _PLACE.findall(path)
    odd = set(given) - {"call", "query", "body", "upload"} - set(wanted)
    if given.get("call") is not Call or odd or not set(wanted) <= set(given):
        raise TypeError(f"{handler.__name__}: {path} and {signature} do not fit")
    if "upload" in given and given["upload"] is not Upload:
        raise TypeError(f"{handler.__name__}: `upload` is an Upload")
    body = _model(given.get("body"))
    answer = signature.return_annotation
    return _Parts(
        places={name: TypeAdapter(given[name]) for name in wanted},
        query=_model(given.get("query")),
        body=body,
        body_required=body is not None and body is given["body"],
        upload="upload" in given,
        answer=_model(answer) if answer not in {None, Download} else None,
    )


def _model(annotation: object) -> type[BaseModel] | None:
    """Return the model of an annotation, also of `Model | None`."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None
