"""The draft beside the chat: what will be ordered, why, and what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from bot.inbox.accounts import Role
from bot.ordering import Desk, DraftGone, look
from bot.web.api.conversation_views import ConversationView
from bot.web.api.draft_evidence import basis_of
from bot.web.api.draft_views import (
    DifferenceView,
    DraftView,
    difference_view,
    draft_view,
)
from bot.web.api.models import Given
from bot.web.console.actors import actor_names
from bot.web.console.draft_fields import (
    FieldShown,
    fields_shown,
    lack_of,
)
from bot.web.console.draft_lines import (
    Around,
    LineShown,
    OpenShown,
    Proof,
    actor_of,
    lines_shown,
    marks_of,
    open_shown,
    proofs_of,
)
from bot.web.console.draft_past import (
    Meanwhile,
    Told,
    newest_kept,
    since,
    versions_told,
)
from bot.web.console.draft_start import start_of
from bot.web.console.frame import Visit
from bot.web.console.saying import percent_of
from orders import DraftState, review, review_terms
from orders.domain.pricing import discount_percent


class PanelGiven(Given, extra="ignore"):
    """What a page asks of the panel: the version that somebody had seen."""

    since: int | None = Field(None, ge=0, le=2**31 - 1)


@dataclass(frozen=True, slots=True)
class Panel:
    """All that the panel shows of a draft."""

    view: DraftView
    lines: Sequence[LineShown]
    unresolved: Sequence[OpenShown]
    fields: Sequence[FieldShown]
    field_proofs: Mapping[str, Sequence[Proof]]
    differences: Sequence[DifferenceView]
    versions: Sequence[Told]
    meanwhile: Meanwhile | None
    lacks: Sequence[str]  #: What keeps it from being ordered, in words, each once.
    discount_limit: int | None  #: Percent; None: the reader may give any.

    @property
    def is_ready(self) -> bool:
        """Return whether it can be confirmed as it is."""
        return not self.view.missing and not self.differences

    @property
    def awaits_approval(self) -> bool:
        return self.view.state is DraftState.AWAITING

    @property
    def terms_moved(self) -> bool:
        return any(each.type == "terms_moved" for each in self.differences)

    def marks(self, name: str) -> str:
        """Return which words light up for a field."""
        return marks_of(self.field_proofs.get(name, ()))


async def values(visit: Visit, conversation: ConversationView) -> Mapping[str, object]:
    """Return what `draft.html` shows: `draft` is None when nothing is open."""
    panel = await _panel(visit, conversation)
    begins = panel is None or not (panel.lines or panel.unresolved)
    return {
        "draft": panel.view if panel else None,
        "panel": panel,
        "start": await start_of(visit, conversation) if begins else None,
        "percent_of": percent_of,
    }


async def _panel(visit: Visit, conversation: ConversationView) -> Panel | None:
    if conversation.draft is None:
        return None
    try:
        desk = await look(visit.connection, visit.tenant.id, conversation.draft.id)
    except DraftGone:
        return None
    if desk.is_ended:  # In this moment: the next look has no draft any more.
        return None
    return await _shown(visit, desk)


async def _shown(visit: Visit, desk: Desk) -> Panel:
    say, draft, shop = visit.say, desk.draft, desk.shop
    view = draft_view(desk)
    basis = {each.about: each for each in await basis_of(visit.call, desk)}
    kept = await newest_kept(visit, draft)
    actors = [actor_of(proof) for each in basis.values() for proof in each.proofs]
    names = await actor_names(visit, [*actors, *(each.actor for each in kept)])
    differences = [
        difference_view(each, draft)
        for each in (
            *review(draft, desk.products, desk.available),
            *review_terms(draft, shop),
        )
    ]
    around = Around(desk, view, basis, differences, names, say)
    versions = versions_told(kept, draft, shop, say, names)
    seen = visit.query(PanelGiven).since
    return Panel(
        view=view,
        lines=lines_shown(around),
        unresolved=open_shown(around),
        fields=fields_shown(desk, say, view.missing, tuple(basis.values())),
        field_proofs={name: proofs_of(each, around) for name, each in basis.items()},
        differences=differences,
        versions=versions,
        meanwhile=None
        if seen is None
        else await since(visit, draft, seen, versions, shop),
        lacks=_lacks(view, differences, desk, visit),
        discount_limit=_limit(visit, desk),
    )


def _lacks(
    view: DraftView,
    differences: Sequence[DifferenceView],
    desk: Desk,
    visit: Visit,
) -> Sequence[str]:
    words = [lack_of(each, desk.shop, visit.say) for each in view.missing]
    words += [visit.say(f"draft.moved_{each.type}") for each in differences]
    return tuple(dict.fromkeys(words))


def _limit(visit: Visit, desk: Desk) -> int | None:
    if visit.role is not Role.AGENT:
        return None
    given = discount_percent(desk.draft, desk.shop)
    return max(desk.shop.humans.discount_percent, int(given))
