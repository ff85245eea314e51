"""Drafts out of their log: what one was at every version, and going back by one.

The log is the changes of each version, and which older version one began as again. From
it and the draft as it was created every version comes out again, exactly.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Protocol

from orders.domain.changes import Change
from orders.domain.draft import Draft, DraftState
from orders.domain.editing import apply


class Step(Protocol):
    """What made one version of a draft."""

    @property
    def version(self) -> int: ...

    @property
    def changes(self) -> tuple[Change, ...]: ...

    @property
    def restored(self) -> int | None:
        """The older version that it was again, before its changes."""
        ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a draft was before its last change, and which version that was."""

    draft: Draft
    version: int


def content_of(draft: Draft) -> Draft:
    """Return what was ordered so far, without how far it got.

    A summary that is shown, a confirmation and an end are no changes: the log of
    changes does not tell them.
    """
    return replace(
        draft,
        state=DraftState.OPEN,
        shown_version=None,
        shown=None,
        confirmed_by=None,
        end_reason=None,
    )


def back_to(current: Draft, earlier: Draft) -> Draft:
    """Return a draft with the content that it had, still at its present version.

    It is open, and no id of a line comes back for another one.
    """
    return replace(
        content_of(earlier),
        version=current.version,
        shown_version=current.shown_version,
        shown=current.shown,
        next_line=current.next_line,
    )


def replayed(created: Draft, log: Iterable[Step]) -> Mapping[int, Draft]:
    """Return the content of a draft at every version, from the one it began with.

    Raises ChangeRefused, or KeyError for a restored version that is not in the log:
    then it is not the log of that draft.
    """
    now = content_of(created)
    versions = {now.version: now}
    for step in sorted(log, key=lambda each: each.version):
        if step.restored is not None:
            now = back_to(now, versions[step.restored])
        now = replace(reduce(apply, step.changes, now), version=step.version)
        versions[step.version] = content_of(now)
    return versions
