"""Zegoal's face: where its key stands, what its errors say, whose shop is meant."""

from http import HTTPStatus

from bot.inbox.accounts import load_tenants
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.face import BEARER, Face, Refusal
from bot.web.api.problems import (
    CONFLICT,
    FORBIDDEN,
    INVALID,
    KEY_REUSED,
    NOT_FOUND,
    Kind,
    Problem,
)
from orders.faces.zegoal_answers import (
    FailureAnswer,
    ProcessingResult,
)
from orders.faces.zegoal_telling import Place
from orders.faces.zegoal_words import Code, ctx_id, written

#: Kinds of problems that Zegoal's words call otherwise.
_CODES = {INVALID.name: Code.INVALID_FIELD, KEY_REUSED.name: Code.CONFLICT}
#: With which kind of answer a code is refused that is this face's alone.
_KINDS: dict[Code, Kind] = {
    Code.WRONG_TENANT: FORBIDDEN,
    Code.ACCOUNT_NOT_FOUND: NOT_FOUND,
    Code.ACCOUNT_AMBIGUOUS: CONFLICT,
    Code.NAME_TAKEN: CONFLICT,
    Code.ADDRESS_NOT_FOUND: NOT_FOUND,
    Code.POSITION_NOT_FOUND: NOT_FOUND,
    Code.CONFLICT: CONFLICT,
    Code.SOLD_OUT: CONFLICT,
}


def _said(refusal: Refusal) -> FailureAnswer:
    own = refusal.extras.get("code")
    code = own if isinstance(own, Code) else _CODES.get(refusal.kind.name)
    code = Code[refusal.code] if code is None else code
    return FailureAnswer(
        processing_result=ProcessingResult(
            text=refusal.detail,
            status="error",
            ctx_id=ctx_id(refusal.id),
            code=code,
            error=code.name,
        ),
        processing_date=written(refusal.at, "UTC"),
        TZ="UTC",
    )


FACE = Face(
    name="zegoal",
    prefixes=("/CreateOrder", "/AddCatalogPosition", "/GetOrderingCatalog"),
    keys=(BEARER,),
    error=FailureAnswer,
    said=_said,
    statuses={INVALID.name: HTTPStatus.BAD_REQUEST, KEY_REUSED.name: CONFLICT.status},
    omits_nulls=True,
)
endpoints = Endpoints(
    FACE.name,
    "Zegoal's ordering: orders for accounts that are there or are made, and the"
    " catalog that they name. `docs/faces.md` says more.",
    FACE,
)


def refused(code: Code, *errors: tuple[str, str]) -> Problem:
    """Return the refusal of a call, with its wrong fields and what is wrong."""
    return Problem(
        _KINDS.get(code, INVALID),
        "; ".join(f"{field}: {message}" for field, message in errors),
        {
            "code": code,
            "errors": [{"field": each, "message": words} for each, words in errors],
        },
    )


async def place_of(call: Call, named: str) -> Place:
    """Return the key's shop. Raises Problem when another one is named."""
    entry = (await load_tenants(call.connection, [call.tenant_id]))[call.tenant_id]
    tenant = entry.tenant
    names = {each.casefold(): each for each in (tenant.id, tenant.name)}
    called = names.get(named.strip().casefold())
    if called is None:
        raise refused(
            Code.WRONG_TENANT,
            ("tenant", "the key belongs to another one: name that, or use its key"),
        )
    return Place(
        tenant_id=tenant.id,
        called=called,
        zone=tenant.timezone,
        currency=tenant.currency,
        tax_included=entry.shop.tax_included,
        creates_accounts=entry.shop.calls.creates_accounts,
    )


def done(call: Call, text: str) -> ProcessingResult:
    """Return that all is well; the call's own id stands in the audit."""
    mine = ctx_id(call.new_id("ctx"))
    call.note(ctx_id=mine)
    return ProcessingResult(text=text, status="ok", ctx_id=mine, code=Code.OK)
