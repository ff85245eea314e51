"""A sales activity: who it is about, what was asked, and what was advised."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from orders.advice.domain.request import Activity, Status


@dataclass(frozen=True, slots=True)
class StoredActivity:
    """One activity. `given` is as the caller sent it, `result` as we answer it."""

    id: str
    customer_id: str
    rep_id: str
    activity: Activity
    state: Status
    given: Mapping[str, object]
    result: Mapping[str, object] | None
    seconds: float | None
    failure: str | None
    run: str | None  #: The run that is under way.
    run_until: datetime | None
    draft_id: str | None
    order_id: str | None  #: What the draft became.
    created_at: datetime
    updated_at: datetime

    def is_running(self, now: datetime) -> bool:
        """Return whether somebody is at it: after its time a run is taken for dead."""
        return self.run is not None and (self.run_until or now) > now


@dataclass(frozen=True, slots=True)
class Written:
    """What a caller says of an activity."""

    customer_id: str
    rep_id: str
    activity: Activity
    given: Mapping[str, object]
    words: str  #: What a search finds it by.

    @property
    def values(self) -> dict[str, object]:
        return {
            "customer_id": self.customer_id,
            "rep_id": self.rep_id,
            "activity": self.activity.value,
            "given": dict(self.given),
            "words": self.words.casefold(),
        }
