"""Lines of JSON: values as JSON has them, each wrong line told."""

from decimal import Decimal
from pathlib import Path

import pytest

from catalog.formats.rows import BadFeed
from tests.feeds import read
from tests.taking import taken

LATTE = (
    '{"sku": "LAT", "name": "Latte", "price": 85.5, "active": true, "stock": null,'
    ' "aliases": ["latte | big", "a\\\\b"], "attributes": {"milk": "oat, whole"},'
    ' "packs": {"koli": 24}, "option_groups": [{"name": "Milk", "minimum": 1,'
    ' "default": "whole", "values": [{"name": "whole"}, {"name": "oat",'
    ' "surcharge": "12.50", "aliases": ["yulaf"]}]}]}\n'
)
SHIRT = (
    '{"sku": "TEE", "name": "T-shirt", "price": "199,90", "variants": ['
    '{"sku": "TEE-S", "attributes": {"size": "S"}, "stock": 3},'
    '{"sku": "TEE-M", "attributes": {"size": "M"}, "price": 210}]}\n'
)


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "shop.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_values_are_written_as_json_has_them(tmp_path: Path) -> None:
    latte, shirt = read(written(tmp_path, LATTE + "\n" + SHIRT))
    assert (latte.price, latte.active, latte.stock) == (Decimal("85.5"), True, None)
    assert latte.aliases == ("latte | big", "a\\b")
    assert latte.attributes == {"milk": "oat, whole"}
    assert [(pack.unit, pack.size) for pack in latte.packs] == [("koli", Decimal(24))]
    (milk,) = latte.option_groups
    assert (milk.minimum, milk.maximum, milk.default) == (1, 1, "whole")
    assert milk.values[1].surcharge == Decimal("12.50")
    assert milk.values[1].aliases == ("yulaf",)
    assert shirt.price == Decimal("199.90")
    assert [(v.sku, v.stock, v.price) for v in shirt.variants] == [
        ("TEE-S", 3, None),
        ("TEE-M", None, 210),
    ]


def test_a_variant_may_be_a_line_and_cells_may_have_our_notation(
    tmp_path: Path,
) -> None:
    lines = (
        '{"sku": "TEE", "name": "Tee", "price": "none", "aliases": "a|b"}\n'
        '{"sku": "S", "parent_sku": "TEE", "attributes": "size=S"}\n'
    )
    (shirt,) = read(written(tmp_path, lines))
    assert (shirt.price, shirt.aliases) == (None, ("a", "b"))
    assert shirt.variants[0].attributes == {"size": "S"}


def test_only_what_lines_name_is_set(tmp_path: Path) -> None:
    found = taken(written(tmp_path, '{"sku": "A", "name": "Tea", "price": 1}\n'))
    assert found.format == "jsonl"
    assert found.columns == {"sku", "name", "price", "currency"}
    found = taken(written(tmp_path, SHIRT + '{"sku":"A","name":"a","price":1,"x":2}'))
    assert {"parent_sku", "attributes", "stock"} <= found.columns
    assert found.warnings == [
        "line 1, x: no such column, it is left out: remove it or rename it"
    ]


NO_JSON = (
    'it is not JSON: write one object on each line, such as {"sku": "LAT", "name":'
    ' "Latte", "price": "85.50"}'
)
WRONG = {
    "no JSON": ("{sku: 1}", NO_JSON),
    "deep": ('{"sku": ' + "[" * 50_000, NO_JSON),
    "no object": ("[1]", 'it is no object: write {"sku": "LAT", "name": "Latte"'),
    "a key twice": ('{"sku": "A", "sku": "B"}', "'sku' is given twice"),
    "no number": ('{"sku": "A", "price": NaN}', "NaN is no number: write digits"),
    "half a letter": ('{"sku": "\\ud83d"}', "it holds half a character"),
    "variants that are no list": ('{"variants": 3}', "variants is no list"),
    "a variant that is no object": ('{"variants": [3]}', "variant 1 is no object"),
    "a variant of a variant": (
        '{"parent_sku": "A", "variants": [{}]}',
        "a variant has no variants",
    ),
    "objects in lists": ('{"aliases": [{}]}', "aliases holds dict inside"),
    "an option without a name": (
        '{"option_groups": [{"name": "Milk", "values": [{}]}]}',
        "an option or its group has no name",
    ),
    "an option group without values": (
        '{"option_groups": [{"name": "Milk"}]}',
        "an option group is no",
    ),
    "aliases of an option": (
        '{"option_groups": [{"name": "M", "values": [{"name": "a", "aliases": 1}]}]}',
        "aliases of an option are no list",
    ),
    "variants without end": (
        '{"sku": "A", "variants": [' + "{}," * 1000 + "{}]}",
        "it has more than 1000 variants: split it",
    ),
    "values without end": (
        '{"variants": [' + "{}," * 200_000 + "{}]}",
        "it has more than 100000 values: split the product",
    ),
    "values without end behind a quote that is never closed": (
        "[1," * 50_001 + '"' + '\\"' * 200_000,
        "it has more than 100000 values: split the product",
    ),
    "keys without end": (
        "{" + ",".join(f'"k{n}":1' for n in range(501)) + "}",
        "an object has more than 500 keys",
    ),
}


@pytest.mark.parametrize(("line", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_line_is_told_and_the_others_are_read(
    tmp_path: Path, line: str, message: str
) -> None:
    found = taken(written(tmp_path, f"{LATTE}{line}\n"))
    (error,) = found.errors
    assert error.startswith(f"line 2, (line): {message}")


def test_what_is_wrong_with_a_variant_is_told_by_its_number(tmp_path: Path) -> None:
    line = SHIRT.replace('"price": 210', '"price": "dear"')
    (error,) = taken(written(tmp_path, line)).errors
    assert error.startswith("line 1, price: variant 2: 'dear' is not a number here")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((LATTE + LATTE[:40] + "ç\xff" + "é" * 9).encode() + b"\xff", "line 2 is not"),
        ('{"sku": "' + "x" * 4_000_001, "line 1: it is far too long"),
    ],
    ids=["encoding", "length"],
)
def test_a_damaged_file_is_refused(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(BadFeed, match=message):
        taken(written(tmp_path, content))


def test_marks_in_texts_are_no_values(tmp_path: Path) -> None:
    text = ",{[" * 50_000 + '\\"'
    line = f'{{"sku": "A", "name": "Tea", "price": 1, "x": "{text}"}}'
    assert taken(written(tmp_path, line)).kept == {"A": []}
