"""What happened to a draft: its versions, and what differs between two of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.web.console.draft_fields import label_of, values_of
from bot.web.console.frame import Visit
from bot.web.console.saying import Say
from orders import Draft, DraftState, Evidence, Line, Shop, Source
from orders.versions import KeptVersion, kept_version, newest_versions

#: So many versions are told; the API has them all.
_MOST = 12


@dataclass(frozen=True, slots=True)
class Told:
    """One version: who made it, when, what it did, and by which words."""

    version: int
    who: str
    at: datetime
    restored: int | None
    did: Sequence[str]
    quotes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What became of a draft since somebody saw it."""

    seen: int
    who: Sequence[str]
    did: Sequence[str]


async def newest_kept(visit: Visit, draft: Draft) -> Sequence[KeptVersion]:
    """Return the versions of a draft that are told, the newest first, and one more."""
    return await newest_versions(
        visit.connection, visit.tenant.id, draft.id, limit=_MOST + 1
    )


def versions_told(
    kept: Sequence[KeptVersion],
    draft: Draft,
    shop: Shop,
    say: Say,
    names: Mapping[str, str],
) -> list[Told]:
    """Return what a draft's newest versions did. `names`: of actors."""
    found = []
    for place, each in enumerate(kept[:_MOST]):
        if place + 1 < len(kept):
            before = kept[place + 1].draft
        elif each.version <= 1:
            before = Draft(draft.id, draft.currency)
        else:
            break
        found.append(_told(each, before, shop, say, names))
    return found


async def since(
    visit: Visit, draft: Draft, seen: int, versions: Sequence[Told], shop: Shop
) -> Meanwhile | None:
    """Return what changed since a version; None: nothing did, or nobody knows."""
    if seen >= draft.version:
        return None
    old = await kept_version(visit.connection, visit.tenant.id, draft.id, seen)
    if old is None:
        return Meanwhile(seen, (), ())
    who = [each.who for each in reversed(versions) if each.version > seen]
    return Meanwhile(
        seen,
        tuple(dict.fromkeys(who)),
        tuple(differences(old, draft, shop, visit.say)),
    )


def differences(before: Draft, after: Draft, shop: Shop, say: Say) -> Iterator[str]:
    """Yield in sentences what is not as it was."""
    yield from _lines(before, after, say)
    still = {each.id for each in after.unresolved}
    known = {each.id for each in before.unresolved}
    for each in after.unresolved:
        if each.id not in known:
            yield say("draft.did_open", text=each.text)
    for each in before.unresolved:
        if each.id not in still:
            yield say("draft.did_settle", text=each.text)
    if _without_goods(before) != _without_goods(after):
        yield from _facts(before, after, shop, say)
    if before.state != after.state:
        yield say(f"draft.state_{after.state.value}")


def _without_goods(draft: Draft) -> Draft:
    """Return what is no line and no state: two versions always differ in those."""
    return replace(
        draft,
        version=0,
        state=DraftState.OPEN,
        shown_version=None,
        shown=None,
        confirmed_by=None,
        next_line=0,
        lines=(),
        unresolved=(),
    )


def _facts(before: Draft, after: Draft, shop: Shop, say: Say) -> Iterator[str]:
    old, new = values_of(before, shop, say), values_of(after, shop, say)
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            moved = _moved(old.get(name), new.get(name), say)
            yield f"{label_of(name, shop, say)}: {moved}"


def _lines(before: Draft, after: Draft, say: Say) -> Iterator[str]:
    for line in after.lines:
        old = before.line(line.id)
        if old is None:
            yield say("draft.did_add", what=line_told(line, say))
        elif old == line:
            continue
        elif line_told(old, say) != line_told(line, say):
            yield _moved(line_told(old, say), line_told(line, say), say)
        elif old.unit_price != line.unit_price:
            was, is_ = (
                None if price is None else say.money(price, after.currency)
                for price in (old.unit_price, line.unit_price)
            )
            yield f"{line.name}: {_moved(was, is_, say)}"
    for line in before.lines:
        if after.line(line.id) is None:
            yield say("draft.did_drop", what=line_told(line, say))


def _moved(before: str | None, after: str | None, say: Say) -> str:
    nothing = say("draft.none")
    return say("draft.moved", before=before or nothing, after=after or nothing)


def line_told(line: Line, say: Say) -> str:
    """Return a line in words: "2 x Latte, oat milk"."""
    more = [line.variant_name, *option_told(line, say), line.note]
    much = say("draft.line", quantity=say.number(line.quantity), name=line.name)
    return ", ".join([much, *(each for each in more if each)])


def option_told(line: Line, say: Say) -> Iterator[str]:
    """Yield the options of a line, and what is not wanted."""
    for option in line.options:
        much = f"{option.qualifier} " if option.qualifier else ""
        name = f"{much}{option.name}"
        yield say("draft.without", option=name) if option.negated else name


def _told(
    kept: KeptVersion, before: Draft, shop: Shop, say: Say, names: Mapping[str, str]
) -> Told:
    said = {quote for quote in _quotes(before) if quote}
    return Told(
        version=kept.version,
        who=names.get(kept.actor, kept.actor),
        at=kept.at,
        restored=kept.restored,
        did=tuple(differences(before, kept.draft, shop, say)),
        quotes=tuple(
            dict.fromkeys(q for q in _quotes(kept.draft) if q and q not in said)
        ),
    )


def _quotes(draft: Draft) -> Iterator[str | None]:
    for each in _evidence(draft):
        if each.source is Source.MESSAGE:
            yield each.quote


def _evidence(draft: Draft) -> Iterator[Evidence]:
    for line in draft.lines:
        yield from line.evidence
    for words in draft.unresolved:
        yield from words.evidence
    for _, evidence in draft.field_evidence:
        yield evidence
