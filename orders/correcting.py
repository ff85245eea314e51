"""How often lines that were matched had to be put right afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, case, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.table import draft, draft_change

#: Who put a line there by writing to the shop: what they said was matched.
_CUSTOMER: Final = "contact:"


@dataclass(frozen=True, slots=True)
class Corrected:
    """Lines that customers' words were matched to, and how many were wrong."""

    lines: int = 0
    wrong: int = 0  #: Another product stands there now, or an agent took it out.


async def count_corrections(
    connection: AsyncConnection,
    tenant_id: str,
    start: datetime,
    end: datetime,
    *,
    first_id: str,
    last_id: str,
) -> Corrected:
    """Return what was put right in the drafts that began in a time.

    A line counts as wrong when anybody put another product in its place, or somebody
    else than the customer took it out or gave it another variant. The drafts' ids lie
    between `first_id` and `last_id`.
    """
    kind = draft_change.c.change["type"].as_string()
    line = draft_change.c.change["line_id"].as_string()
    by_customer = draft_change.c.actor.startswith(_CUSTOMER, autoescape=True)
    is_wrong = or_(
        kind == "replace_line",
        and_(kind.in_(("drop_line", "choose_variant")), ~by_customer),
    )
    rows = (
        select(
            draft_change.c.draft_id,
            func.count(case((and_(kind == "put_line", by_customer), 1))).label(
                "matched"
            ),
            func.count(distinct(case((is_wrong, line)))).label("wrong"),
        )
        .join(draft, draft.c.id == draft_change.c.draft_id)
        .where(
            draft_change.c.tenant_id == tenant_id,
            draft_change.c.draft_id >= first_id,
            draft_change.c.draft_id < last_id,
            draft.c.created_at >= start,
            draft.c.created_at < end,
        )
        .group_by(draft_change.c.draft_id)
        .subquery()
    )
    # An agent may also correct what agents put: of a draft at most what was matched.
    wrong = case((rows.c.wrong > rows.c.matched, rows.c.matched), else_=rows.c.wrong)
    sums = await connection.execute(
        select(func.sum(rows.c.matched), func.sum(wrong)).select_from(rows)
    )
    lines, found = sums.one()
    return Corrected(int(lines or 0), int(found or 0))
