"""The bench of reading orders, run on an invented menu."""

import json
from pathlib import Path

import pytest

from bench import reading

_CATALOG = [
    {
        "id": "stall/soup",
        "sku": "soup",
        "name": "soup",
        "category": "food",
        "options": [
            {"group": "size", "multi": False, "values": ["small", "extra_large"]},
            {"group": "herb", "multi": True, "values": ["dill", "garlic_shot"]},
        ],
    },
    {"id": "stall/tea", "sku": "tea", "name": "tea", "category": "", "options": []},
]
_ALIASES = [
    {"alias": "broth", "target": "product", "product": "stall/soup"},
    {
        "alias": "two shots",
        "target": "option",
        "kind": "food",
        "group": "herb",
        "value": "garlic_shot",
    },
    {"alias": "no", "target": "negation", "value": "not"},
]


def _option(group: str, value: str, **more: object) -> dict[str, object]:
    plain = {"group": group, "value": value, "negated": False, "qualifier": None}
    return {**plain, **more}


_SAID = {
    "two extra large soups with a little dill and a tea": [
        {
            "product": "stall/soup",
            "quantity": 2,
            "options": [
                _option("size", "extra_large"),
                _option("herb", "dill", qualifier="light"),
            ],
        },
        {"product": "stall/tea", "quantity": 1, "options": []},
    ],
    "a broth with two shots no dill": [
        {
            "product": "stall/soup",
            "quantity": 1,
            "options": [
                _option("herb", "garlic_shot", count=2),
                _option("herb", "dill", negated=True),
            ],
        }
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    menu = tmp_path / "stall"
    menu.mkdir()
    said = [
        {"uid": f"u{n}", "text": text, "gold_lines": lines}
        for n, (text, lines) in enumerate(_SAID.items())
    ]
    for name, rows in (
        ("catalog", _CATALOG),
        ("aliases", _ALIASES),
        ("utterances.dev", said),
    ):
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (menu / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def test_each_menu_is_scored_and_its_orders_are_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert reading.main([str(folder), "--out", str(out)]) == 0
    assert "| stall | 1.0000 | 1.0000 | 1.0000 | 1.0000 |" in capsys.readouterr().out
    rows = (out / "stall.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["uid"] for row in rows] == ["u0", "u1"]


def test_without_aliases_only_the_catalogs_names_are_known(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reading.main([str(folder), "--no-aliases"]) == 0
    assert "| stall | 0.5000 |" in capsys.readouterr().out


def test_a_folder_without_menus_is_an_error_that_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reading.main([str(tmp_path)]) == 1
    assert "has no MENU/utterances.dev.jsonl" in capsys.readouterr().err
