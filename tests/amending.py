"""A conversation in words, turn by turn, whose messages are edited and deleted.

Read by the rules and decided without any I/O; what a turn did is kept as the database
keeps it, so that it can be looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.domain.amending import Handled, amended
from bot.domain.consequences import (
    corrections,
    remembered_then,
    taken_back,
    unheard,
)
from bot.domain.decide import decide, match_mentions
from bot.domain.decision import Decision
from bot.domain.message import Content, ReplyTo, System, Text
from bot.domain.snapshot import (
    Caused,
    Memory,
    Quoted,
    Snapshot,
    Subject,
    TurnMessage,
)
from bot.reading.reader import ReadableMessage, ReadingRequest
from bot.reading.rules.reader import understand
from orders import Change, Draft
from tests.factories import NOON
from tests.turns import a_snapshot


@dataclass(frozen=True)
class Step:
    version: int
    changes: tuple[Change, ...]
    restored: int | None = None


@dataclass
class Talk:
    """Turns in a row. Messages are known by their numbers, from 1."""

    snapshot: Snapshot = field(default_factory=a_snapshot)
    handled: dict[str, Handled] = field(default_factory=dict)
    turns: dict[str, tuple[str, Memory]] = field(default_factory=dict)
    logs: dict[str, list[Step]] = field(default_factory=dict)
    orders: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    created: dict[str, Draft] = field(default_factory=dict)
    heard: list[tuple[str | None, str]] = field(default_factory=list)
    count: int = 0

    def says(self, *said: str | Content, **changes: Any) -> Decision:
        """Take one turn of texts or other contents."""
        return self.take(
            [Text(text=each) if isinstance(each, str) else each for each in said],
            **changes,
        )

    def edits(self, number: int, text: str) -> Decision:
        return self.take([edit(number, text)])

    def deletes(self, *numbers: int) -> Decision:
        return self.take([delete(number) for number in numbers])

    def take(self, contents: Sequence[Content], **changes: Any) -> Decision:
        """Take one turn, as the worker does."""
        turn = amended(
            [self._message(each, **changes) for each in contents],
            self.snapshot.memory,
            self.handled,
        )
        mine = tuple(m for m in turn.messages if m.aside is None)
        self.heard = [(m.aside, m.id) for m in turn.messages]
        found = corrections(mine, self._caused(), self.snapshot.draft)
        memory = remembered_then(turn.memory, mine, found)
        at = replace(
            self.snapshot,
            messages=unheard(mine, found),
            corrections=found,
            memory=memory,
            since=None if memory is turn.memory else turn.memory,
        )
        said = understand(self._request(at))
        decision = decide(at, said, match_mentions(said, at.index))
        self._keep(at, turn.messages, decision)
        for mark in turn.marks:
            self._mark(mark.message_id, mark.text)
        return decision

    def lines(self) -> list[tuple[str, str, int]]:
        """Return the draft's lines: id, name, quantity."""
        return [
            (line.id, line.name, int(line.quantity))
            for line in self.snapshot.draft.lines
        ]

    def _message(self, content: Content, **changes: Any) -> TurnMessage:
        self.count += 1
        at = NOON + timedelta(seconds=self.count)
        message = TurnMessage(
            f"m{self.count}", self.count, content, at, at, f"wamid_{self.count}"
        )
        return replace(message, **changes)

    def _caused(self) -> dict[str, Caused]:
        found = {}
        for known in self.handled.values():
            draft_id, memory = self.turns[known.id]
            number, confirmed_by = self.orders.get(draft_id, (None, None))
            found[known.id] = Caused(
                ref=known.id,
                said=known.content.text if isinstance(known.content, Text) else "",
                draft_id=draft_id,
                created=self.created.get(draft_id),
                log=tuple(self.logs.get(draft_id, ())),
                order=number,
                confirmed=confirmed_by == known.id,
                memory=memory,
            )
        return found

    def _request(self, at: Snapshot) -> ReadingRequest:
        return ReadingRequest(
            messages=tuple(
                ReadableMessage(m.id, m.content, m.sent_at, reply_to=m.reply_to)
                for m in at.messages
            ),
            history=(),
            draft=taken_back(at.draft, at.corrections),
            asked=at.memory.asked,
            index=at.index,
            language=at.language,
            timezone=at.tenant.timezone,
            country=at.tenant.country,
            now=at.now,
        )

    def _keep(
        self, at: Snapshot, said: Sequence[TurnMessage], decision: Decision
    ) -> None:
        for each in said:
            if not isinstance(each.content, System) and each.amends is None:
                self.handled[each.provider_id] = Handled(
                    each.id, each.provider_id, each.content
                )
                self.turns[each.id] = (decision.draft.id, at.memory)
        log = self.logs.setdefault(decision.draft.id, [])
        if decision.changes:
            log.append(
                Step(decision.draft.version, decision.changes, decision.restored)
            )
        placed = decision.order and replace(decision.order, number=7)
        if placed:
            by = placed.confirmed_by
            self.orders[decision.draft.id] = (7, by.ref if by else None)
        following = decision.next_draft
        if following is not None:
            self.created[following.id] = following
        self.snapshot = replace(
            at,
            messages=(),
            corrections=(),
            draft=following or decision.draft,
            next_draft_id=f"{at.next_draft_id}_n" if following else at.next_draft_id,
            memory=decision.memory,
            owner=decision.owner,
            language=decision.language,
            contact=replace(at.contact, opted_out=decision.opted_out),
            last_order=placed or at.last_order,
        )

    def _mark(self, message_id: str, text: str | None) -> None:
        for key, known in self.handled.items():
            if known.id == message_id:
                content = known.content if text is None else Text(text=text)
                self.handled[key] = replace(
                    known, content=content, deleted=text is None
                )


def edit(number: int, text: str) -> System:
    return System(event="edit", target=f"wamid_{number}", text=text)


def delete(number: int) -> System:
    return System(event="revoke", target=f"wamid_{number}")


def answering(*products: str, **parts: Any) -> dict[str, Any]:
    """Return what makes a message an answer to one of ours about some products."""
    subjects = tuple(Subject(product=each) for each in products)
    quoted = Quoted(known=True, **{"subjects": subjects, **parts})
    return {"reply_to": ReplyTo(provider_id="wamid_old"), "quoted": quoted}


def answering_nothing_known() -> dict[str, Any]:
    """Return what makes a message an answer to one that we never saw."""
    return {"reply_to": ReplyTo(provider_id="wamid_lost"), "quoted": Quoted()}
