"""Reading orders, measured: `python -m bench.reading DIR [--split dev] [--out OUTDIR]`.

DIR has a folder for each menu with `catalog.jsonl`, `aliases.jsonl` (the merchant's
synonyms) and `utterances.SPLIT.jsonl`. Each utterance is one message of a new customer,
read by the rules reader; what it names is resolved by the code that puts draft lines.
Times are the process's own: other work on the machine does not count as ours.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from bench.tables import table
from bot.domain.items import option_of
from bot.domain.matching import match_mentions
from bot.domain.message import Text
from bot.domain.understanding import Act, Mention, OptionMention, Understanding
from bot.reading.reader import ReadableMessage, ReadingRequest
from bot.reading.rules.reader import understand
from bot.reading.rules.words import whole_messages, words_for, words_of
from catalog import Certain, Index, OptionGroup, OptionValue, Product
from catalog.indexing import build_index
from catalog.language import languages, load_language
from orders import Draft

Line = Mapping[str, Any]  #: A line of an order, in the shape of the gold.
Key = tuple[Hashable, ...]

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_RUNS = 3
#: So many products a menu is filled up to, for the time that a large shop takes.
_LARGE = 1_000
_SYLLABLES = (
    *("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu"),
    *("na", "pe", "ri", "so", "tu", "va", "we", "xi", "yo", "zu"),
)
_HEADS = (
    *("menu", "exact", "line F1", "quantity", "options F1"),
    *("median ms", f"at {_LARGE}", "n"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.reading")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--out", type=Path, metavar="OUTDIR")
    parser.add_argument(
        "--no-aliases", action="store_true", help="only the catalog's own names"
    )
    wanted = parser.parse_args(arguments)
    menus = [
        folder
        for folder in sorted(wanted.folder.glob("*"))
        if (folder / f"utterances.{wanted.split}.jsonl").is_file()
    ]
    if not menus:
        print(
            f"bench.reading: {wanted.folder} has no MENU/utterances.{wanted.split}."
            "jsonl: name the folder that holds the menus",
            file=sys.stderr,
        )
        return 1
    rows = [
        measure(folder, wanted.split, wanted.out, aliases=not wanted.no_aliases)
        for folder in menus
    ]
    print(table(_HEADS, rows))
    return 0


def measure(
    folder: Path, split: str, out: Path | None, *, aliases: bool
) -> Sequence[str]:
    """Read a menu's utterances; return its row of the table."""
    menu = read_menu(folder, aliases=aliases)
    index = indexed(menu)
    counted = counted_values(folder) if aliases else frozenset()
    asked = list(map(json.loads, lines_of(folder / f"utterances.{split}.jsonl")))
    texts = [each["text"] for each in asked]
    score, answers = Score(), []
    for each in asked:
        found = ordered(read(each["text"], index), index, counted)
        answers.append({"uid": each["uid"], "lines": found})
        score.add(each.get("gold_lines", []), found)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{json.dumps(each)}\n" for each in answers)
        (out / f"{folder.name}.jsonl").write_text(text, encoding="utf-8")
    large = indexed([*menu, *invented(_LARGE - len(menu), menu)])
    times = [f"{milliseconds(texts, each):.2f}" for each in (index, large)]
    return [folder.name, *score.figures(), *times, str(len(asked))]


def indexed(products: Sequence[Product]) -> Index:
    """Return an index built like the product does."""
    return build_index(products, [load_language(code) for code in languages()])


def milliseconds(texts: Sequence[str], index: Index) -> float:
    """Return the median time to read a message, the best of three for each."""
    times = []
    for text in texts:
        runs = []
        for _ in range(_RUNS):
            started = process_time()
            read(text, index)
            runs.append(1e3 * (process_time() - started))
        times.append(min(runs))
    return median(times)


def invented(count: int, menu: Sequence[Product]) -> Iterator[Product]:
    """Yield products of no shop's names, with the options of a menu's products."""
    for number in range(max(count, 0)):
        first, second = divmod(number, len(_SYLLABLES) ** 2)
        words = [
            "".join(
                _SYLLABLES[(place + shift) % len(_SYLLABLES)] for shift in (0, 3, 7)
            )
            for place in (first, *divmod(second, len(_SYLLABLES)))
        ]
        yield replace(
            menu[number % len(menu)],
            id=f"invented/{number}",
            sku=f"invented/{number}",
            name=" ".join(words),
            category="invented",
            aliases=(),
        )


# -- the menu as a catalog ------------------------------------------------------------


def read_menu(folder: Path, *, aliases: bool) -> list[Product]:
    """Return the products of a menu, with the merchant's synonyms unless unwanted."""
    called: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in map(json.loads, lines_of(folder / "aliases.jsonl")) if aliases else ():
        match row["target"]:
            case "product":
                called["product", row["product"]].append(row["alias"])
            case "option":
                kind = row.get("kind") or ""
                key = ("option", kind, row["group"], row["value"])
                called[key].append(row["alias"])
    return [
        Product(
            id=row["id"],
            sku=row["sku"],
            name=row["name"],
            price=None,
            currency="XXX",
            category=row["category"] or None,
            option_groups=tuple(
                option_group(group, row["category"], called) for group in row["options"]
            ),
            aliases=tuple(called["product", row["id"]]),
        )
        for row in map(json.loads, lines_of(folder / "catalog.jsonl"))
    ]


def option_group(
    row: Mapping[str, object], kind: str, called: Mapping[tuple[str, ...], list[str]]
) -> OptionGroup:
    name, values = str(row["group"]), row["values"]
    assert isinstance(values, list)
    return OptionGroup(
        id=name,
        name=name.replace("_", " "),
        values=tuple(
            OptionValue(
                id=value,
                name=value.replace("_", " "),
                aliases=(
                    *called.get(("option", kind, name, value), ()),
                    *called.get(("option", "", name, value), ()),
                ),
            )
            for value in values
        ),
        maximum=len(values) if row["multi"] else 1,
    )


def counted_values(folder: Path) -> frozenset[tuple[str, str]]:
    """Return the option values that the merchant's synonyms count: "two shots"."""
    numbers = words_for("en").numbers
    found: set[tuple[str, str]] = set()
    for row in map(json.loads, lines_of(folder / "aliases.jsonl")):
        first = numbers.get(row["alias"].split()[0], Decimal(1))
        if row["target"] == "option" and first > 1:
            named = row["value"]
            if not any(map(str.isdigit, named)):  # "two liter" is no two liters.
                found.add((row["group"], named))
    return frozenset(found)


def lines_of(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        yield from file


# -- reading --------------------------------------------------------------------------


def read(text: str, index: Index) -> tuple[Mention, ...]:
    """Return what a new customer's only message orders."""
    message = ReadableMessage("m1", Text(text=text), _NOON)
    request = ReadingRequest(
        messages=(message,),
        history=(),
        draft=Draft("d1", "XXX"),
        asked=None,
        index=index,
        language="en",
        timezone="UTC",
        country="US",
        now=_NOON,
    )
    said = understand(request)
    return said.mentions


# -- what became of it ----------------------------------------------------------------


def ordered(
    mentions: Sequence[Mention], index: Index, counted: frozenset[tuple[str, str]]
) -> list[dict[str, object]]:
    """Return the lines that mentions become, in the shape of the gold."""
    matches = match_mentions(Understanding(mentions=tuple(mentions)), index)
    found = []
    for place, mention in enumerate(mentions):
        match = matches.get(place)
        if mention.act not in (Act.ADD, Act.SET) or not isinstance(match, Certain):
            continue
        product = index.products[match.candidate.product_id]
        quantity = mention.quantity if mention.quantity is not None else Decimal(1)
        options = [
            told
            for option in mention.options
            if (told := chosen(product, option, counted)) is not None
        ]
        found.append(
            {"product": product.id, "quantity": float(quantity), "options": options}
        )
    return found


def chosen(
    product: Product, said: OptionMention, counted: frozenset[tuple[str, str]]
) -> dict[str, object] | None:
    """Return an option in the shape of the gold, None when there is none such."""
    found = option_of(product, said)
    if found is None:
        return None
    group, value = found
    told: dict[str, object] = {
        "group": group.id,
        "value": value.id,
        "negated": said.negated,
        "qualifier": None if said.count else degree(said.qualifier),
    }
    if said.count is not None or (group.id, value.id) in counted:
        told["count"] = said.count or 1
    return told


def degree(said: str | None) -> str | None:
    """Return how much of an option is meant: a lot is "extra", little is "light"."""
    if said is None:
        return None
    little = words_of(said) in whole_messages("little")
    return "light" if little else "extra"


@dataclass(slots=True)
class Score:
    """How many orders, lines, quantities and options are right."""

    orders: list[bool] = field(default_factory=list)
    quantities: list[bool] = field(default_factory=list)
    lines: list[int] = field(default_factory=lambda: [0, 0, 0])  #: Right, said, gold.
    options: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, gold: Sequence[Line], said: Sequence[Line]) -> None:
        """Compare one order with what it should be."""
        wanted, got = Counter(map(_line_key, gold)), Counter(map(_line_key, said))
        self.orders.append(wanted == got)
        _count(self.lines, wanted, got)
        left = list(said)
        for line in gold:
            same = [other for other in left if other["product"] == line["product"]]
            if not same:
                self.options[2] += len(_options(line))
                continue
            best = max(same, key=lambda other: _likeness(line, other))
            left.remove(best)
            self.quantities.append(_quantity(best) == _quantity(line))
            _count(self.options, Counter(_options(line)), Counter(_options(best)))
        self.options[1] += sum(len(_options(line)) for line in left)

    def figures(self) -> list[str]:
        right = len(self.quantities) and sum(self.quantities) / len(self.quantities)
        exact = sum(self.orders) / len(self.orders)
        shares = (exact, _f1(self.lines), right, _f1(self.options))
        return [f"{value:.4f}" for value in shares]


def _count(sums: list[int], wanted: Counter[Key], got: Counter[Key]) -> None:
    for place, found in enumerate((wanted & got, got, wanted)):
        sums[place] += found.total()


def _f1(sums: Sequence[int]) -> float:
    right, said, gold = sums
    return 2 * right / (said + gold) if said + gold else 0.0


def _quantity(line: Line) -> float:
    return float(line.get("quantity", 1))


def _options(line: Line) -> list[Key]:
    keys = ("group", "value", "negated", "qualifier", "count")
    return [tuple(each.get(key) or None for key in keys) for each in line["options"]]


def _line_key(line: Line) -> Key:
    return line["product"], _quantity(line), frozenset(_options(line))


def _likeness(gold: Line, said: Line) -> tuple[int, bool]:
    shared = Counter(_options(gold)) & Counter(_options(said))
    return shared.total(), _quantity(gold) == _quantity(said)


if __name__ == "__main__":
    sys.exit(main())
