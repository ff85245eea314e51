"""Why Ticaret.pro's face refuses, in that system's envelope."""

from decimal import Decimal

from bot.domain.commerce import FIELDS
from bot.web.api.face import Refusal
from bot.web.api.problems import NOT_READY, Problem
from orders import Difference, Gone, NotReady, PriceMoved, StockShort, TermsMoved
from orders.faces.ticaret_telling import ErrorTold, FailureAnswer, Free

#: The members of a refusal that are no details.
_SAID = frozenset({"code", "errors"})


def said(refusal: Refusal) -> FailureAnswer:
    """Return a refusal in the face's envelope."""
    code = refusal.extras.get("code")
    details: Free = {
        name: value  # type: ignore[misc]  # extras are JSON, by `Problem`
        for name, value in refusal.extras.items()
        if name not in _SAID
    }
    if refusal.errors:
        details["fields"] = list(dict.fromkeys(name for name, _ in refusal.errors))
    return FailureAnswer(
        error=ErrorTold(
            code=code if isinstance(code, str) else refusal.code,
            message=refusal.detail,
            details=details,
        )
    )


def not_ready(why: NotReady) -> Problem:
    """Return what an order lacks, and what is no longer as it was observed."""
    lacking = [each for each in why.missing if FIELDS[each.field] is not None]
    words = list(dict.fromkeys(str(FIELDS[each.field]) for each in lacking))
    differing = [_difference(each) for each in why.differences]
    if words:
        code, detail = "MISSING_FIELDS", f"the order lacks: {', '.join(words)}"
    else:
        code = "DRAFT_DIFFERS"
        told = ", ".join(dict.fromkeys(str(each["type"]) for each in differing))
        detail = f"the catalog is no longer as the draft says: {told}"
    return Problem(
        NOT_READY,
        f"{detail}; send items, which have the prices of now, or change the draft",
        {
            "code": code,
            "missingFields": words,
            "missing": [
                {"field": each.field.value, "about": each.about} for each in lacking
            ],
            "differences": differing,
        },
    )


def _difference(difference: Difference) -> dict[str, str | None]:
    match difference:
        case PriceMoved(line_id, name, before, after):
            return _about("price_changed", line_id, name, before, after)
        case StockShort(line_id, name, asked, there):
            return _about("stock_short", line_id, name, asked, there)
        case Gone(line_id, name):
            return _about("not_sold", line_id, name, None, None)
        case TermsMoved():
            return {"type": "terms_changed"}


def _about(
    kind: str,
    line_id: str,
    name: str,
    before: Decimal | None,
    after: Decimal | None,
) -> dict[str, str | None]:
    return {
        "type": kind,
        "lineId": line_id,
        "name": name,
        "before": None if before is None else f"{before:f}",
        "after": None if after is None else f"{after:f}",
    }
