"""A sentence cut into parts that each say one thing about one product."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.domain.understanding import Act
from bot.reading.rules.marks import Kind, Mark, Sentence, says
from bot.reading.rules.tokens import Break

#: Phrases that are verbs about a line, strongest first.
VERBS: tuple[tuple[str, Act], ...] = (
    ("remove", Act.REMOVE),
    ("set", Act.SET),
    ("swap", Act.SET),
    ("add", Act.ADD),
)
_VERB_KEYS = tuple(key for key, _ in VERBS)
#: All that a word may mean that takes back a slip wherever it stands.
_SLIPS = frozenset({"correction", "clause"})
_CONTENT = (Kind.NAME, Kind.AMOUNT, Kind.WORD, Kind.ORDINAL)


@dataclass(frozen=True, slots=True)
class Part:
    """Marks between two joints, with the verb that governs them (None: unsaid)."""

    marks: tuple[Mark, ...]
    verb: Mark | None = None
    joint: Mark | None = None  #: What joined it to the part before: "and", "but".
    comma: bool = False
    joins_on: bool = False  #: An "and" follows.

    @property
    def is_joined(self) -> bool:
        """Whether an "and" stands before or after it."""
        return self.joins_on or (self.joint is not None and not self.joint.means("but"))

    @property
    def has_content(self) -> bool:
        return any(mark.kind in _CONTENT for mark in self.marks)

    @property
    def has_amount(self) -> bool:
        return any(mark.kind is Kind.AMOUNT for mark in self.marks)

    def says(self, *keys: str) -> bool:
        return says(self.marks, *keys)


def parts_of(sentence: Sentence) -> tuple[Part, ...]:
    """Return a sentence's parts, verbs handed to the parts that share them."""
    return _govern(tuple(_split(sentence)))


def is_verb(mark: Mark) -> bool:
    """Return whether a mark is a verb about a line."""
    return mark.means(*_VERB_KEYS)


def _split(sentence: Sentence) -> Iterable[Part]:
    part = Part(())
    for place, mark in enumerate(sentence):
        comma = mark.before is Break.COMMA or _takes_back(mark, part)
        joins = mark.means("connectors", "but") and not _is_inside(mark, part)
        if comma or joins:
            if part.marks:
                yield replace(part, joins_on=joins and not mark.means("but"))
            part = Part((), joint=mark if joins else None, comma=comma)
            if joins:
                continue
        if is_verb(mark):
            if _opens_part(part, mark, sentence[place + 1 :]):
                if part.marks:
                    yield part
                part = Part((mark,), mark, part.joint, part.comma)
            else:
                governor = part.verb or mark
                part = replace(part, marks=(*part.marks, mark), verb=governor)
                if mark.verb_last:
                    yield part
                    part = Part(())
            continue
        part = replace(part, marks=(*part.marks, mark))
    if part.marks:
        yield part


def _is_inside(mark: Mark, part: Part) -> bool:
    """Return whether a joint joins nothing: "bir tane de kruvasan", "and another"."""
    counts = {each.kind for each in part.marks} - {Kind.FILLER} == {Kind.AMOUNT}
    return mark.means("more") or (counts and not mark.means("but"))


def _takes_back(mark: Mark, part: Part) -> bool:
    """Return whether a "sorry" parts what was said from what is meant."""
    return mark.keys <= _SLIPS and mark.means("correction") and part.has_content


def _opens_part(part: Part, mark: Mark, rest: Sequence[Mark]) -> bool:
    """Return whether a verb begins a part: "2 latte | remove the tea"."""
    if mark.verb_last or not part.has_content:
        return not part.marks and not mark.verb_last
    following = []
    for after in rest:
        if after.before or after.means("connectors", "but"):
            break
        following.append(after)
    names = any(each.kind in (Kind.NAME, Kind.WORD) for each in following)
    # "the latte should be 3" is about the latte.
    return names or (part.has_amount and bool(following))


def _govern(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Hand a verb on: "remove the latte and the tea", "latte ve suyu sil"."""
    governed: list[Part] = []
    verb: Mark | None = None
    for part in parts:
        if part.verb is None and verb is not None and not verb.verb_last:
            part = replace(part, verb=verb) if _shares(part) else part  # noqa: PLW2901
        governed.append(part)
        verb = part.verb if part.has_content else None
    verb = None
    for place in range(len(governed) - 1, -1, -1):
        part = governed[place]
        if part.verb is None and verb is not None and verb.verb_last:
            can_share = _shares(part) and not part.has_amount
            governed[place] = replace(part, verb=verb) if can_share else part
        verb = governed[place].verb if part.has_content else verb
    return tuple(governed)


def _shares(part: Part) -> bool:
    """Return whether a part without a verb may share its neighbour's."""
    but = part.joint is not None and part.joint.means("but")
    own = part.says("want", "ask_price", "ask_have", "negation", "more")
    return part.has_content and not own and not but
