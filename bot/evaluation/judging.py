"""Whether what came of a case is what its customer wanted. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.decide import match_mentions
from bot.domain.understanding import Act, Detail, Mention, OptionMention, Understanding
from bot.evaluation.cases import Dialogue, Extraction, Item
from bot.evaluation.scores import compared
from bot.evaluation.stage import Talk
from catalog import Ambiguous, Certain, Index, Match
from orders import Line, LineOption, Order, OrderLine

_AMBIGUOUS, _UNKNOWN, _POINTED = "ambiguous", "unknown", "pointed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, if anything."""

    problems: tuple[str, ...] = ()
    false_order: bool = False
    hits: tuple[int, int, int] = (0, 0, 0)  #: Products: right, invented, missed.


# -- dialogues ------------------------------------------------------------------------


def judged_dialogue(case: Dialogue, talk: Talk) -> Verdict:
    """Return what is wrong with how a conversation ended."""
    orders = [turn.order for turn in talk.turns if turn.order is not None]
    wrong = _wrong_orders(case, orders)
    return Verdict(
        (*wrong, *_wrong_end(case, talk)), false_order=bool(orders) and bool(wrong)
    )


def _wrong_orders(case: Dialogue, orders: Sequence[Order]) -> list[str]:
    if case.order is None:
        return [f"ordered {_told(_lines(o.lines))}: nothing was to be" for o in orders]
    if not orders:
        return [f"no order; wanted {_told(case.order)}"]
    problems = []
    if len(orders) != case.orders:
        problems.append(f"{len(orders)} orders; wanted {case.orders}")
    order = orders[-1]
    found = _lines(order.lines)
    if found != case.order:
        problems.append(f"ordered {_told(found)}; wanted {_told(case.order)}")
    for line in order.lines:
        wanted = {name.casefold() for name in case.options.get(line.sku, ())}
        if not _options_fit(line, wanted):
            names = sorted(map(_option, line.options))
            problems.append(f"{line.sku} has {names}; wanted {sorted(wanted)}")
    problems += [
        f"{field} is {told!r}; wanted {value!r}"
        for field, value in case.fields.items()
        if (told := _field(order, field)) != value
    ]
    return problems


def _lines(lines: Sequence[Line | OrderLine]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in lines:
        # The same thing with other options is a line of its own.
        found[line.sku] = found.get(line.sku, Decimal(0)) + line.quantity
    return found


def _options_fit(line: OrderLine, wanted: set[str]) -> bool:
    """Return whether all that was wanted is there, and nothing that costs beside it."""
    found = {_option(option) for option in line.options}
    extra = {
        _option(option)
        for option in line.options
        if option.surcharge or option.negated or option.qualifier
    }
    return wanted <= found and extra <= wanted


def _option(option: LineOption) -> str:
    return ("-" if option.negated else "") + option.name.casefold()


def _field(order: Order, field: str) -> str | None:
    value = getattr(order, field)
    return getattr(value, "text", None) or (None if value is None else str(value))


def _told(lines: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{n:g} {sku}" for sku, n in sorted(lines.items())) or "nothing"


def _wrong_end(case: Dialogue, talk: Talk) -> list[str]:
    decision = talk.turns[-1].outcome.decision
    problems = []
    if case.draft is not None:
        left = decision.next_draft or decision.draft
        found = _lines(left.lines)
        if found != case.draft:
            problems.append(f"kept {_told(found)}; wanted {_told(case.draft)}")
    if decision.owner != case.owner:
        problems.append(f"it is the {decision.owner}'s; wanted the {case.owner}'s")
    if decision.opted_out != case.opted_out:
        problems.append("opted out" if decision.opted_out else "not opted out")
    return problems


# -- extraction -----------------------------------------------------------------------


def judged_extraction(case: Extraction, stored: object, index: Index) -> Verdict:
    """Return what is wrong with how a turn was read."""
    said = Understanding.model_validate(stored)
    problems = []
    if case.intents and said.intent not in case.intents:
        wanted = " or ".join(case.intents)
        problems.append(f"intent {said.intent}; wanted {wanted}")
    hits = (0, 0, 0)
    if case.items is not None:
        matches = match_mentions(said, index)
        found = [_item(m, matches.get(n), index) for n, m in enumerate(said.mentions)]
        hits = compared(_counted(case.items), _counted(found))
        problems += _wrong_items(case.items, found)
    if case.details is not None:
        problems += _wrong_details(case.details, said)
    return Verdict(tuple(problems), hits=hits)


def _item(mention: Mention, match: Match | None, index: Index) -> Item:
    return Item(
        sku=_sku(match, index),
        quantity=mention.quantity,
        act=mention.act,
        options=tuple(map(_wish, mention.options)),
    )


def _sku(match: Match | None, index: Index) -> str:
    if match is None:
        return _POINTED
    if isinstance(match, Ambiguous):
        return _AMBIGUOUS
    if not isinstance(match, Certain):
        return _UNKNOWN
    product = index.products[match.candidate.product_id]
    variant = product.variant(match.candidate.variant_id)
    return variant.sku if variant else product.sku


def _wish(option: OptionMention) -> str:
    return ("-" if option.negated else "") + option.text.casefold()


def _counted(items: Sequence[Item]) -> Counter[str]:
    return Counter(map(_name, items))


def _name(item: Item) -> str:
    """Return an item without its options. One is meant when no amount is said."""
    unsaid = item.act in (Act.ASK, Act.REMOVE) and item.quantity is None
    amount = "" if unsaid else f"{item.quantity or Decimal(1):g} "
    return f"{item.act} {amount}{item.sku}"


def _wrong_items(wanted: Sequence[Item], found: Sequence[Item]) -> list[str]:
    left = list(found)
    problems = []
    for item in wanted:
        same = [each for each in left if _name(each) == _name(item)]
        fitting = [each for each in same if _wishes_fit(item, each)]
        if not same:
            problems.append(f"missing: {_name(item)}")
        elif not fitting:
            told = [list(each.options) for each in same]
            problems.append(f"{_name(item)}: {told}; wanted {list(item.options)}")
        for each in (fitting or same)[:1]:
            left.remove(each)
    return problems + [f"invented: {_name(each)}" for each in left]


def _wishes_fit(wanted: Item, found: Item) -> bool:
    """Return whether the same wishes were heard, in whatever many words."""
    if len(wanted.options) != len(found.options):
        return False
    return all(
        any(
            wish.startswith("-") == said.startswith("-")
            and wish.lstrip("-").casefold() in said
            for said in found.options
        )
        for wish in wanted.options
    )


def _wrong_details(wanted: Mapping[Detail, str], said: Understanding) -> list[str]:
    found = {each.detail: each.value for each in said.details}
    problems = [f"invented: {d} {v!r}" for d, v in found.items() if d not in wanted]
    for detail, value in wanted.items():
        told = next((v for d, v in found.items() if d == detail), None)
        if told is None or value.casefold() not in told.casefold():
            problems.append(f"{detail} is {told!r}; wanted {value!r}")
    return problems
