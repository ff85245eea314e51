"""The rules of the house that import-linter, ruff and mypy cannot see."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import pytest

from bot.migrations.comparing import METADATA

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "catalog", "orders", "prompts")
SOURCES = [
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
]
#: A schema is as long as it is, and is written once.
EXEMPT = Path("bot/migrations/versions")
SIZED = [path for path in SOURCES if not path.is_relative_to(EXEMPT)]
DOMAIN = [path for path in SOURCES if "domain" in path.parts]

MODULE_LINES, FUNCTION_LINES = 400, 50
DRAWERS = {"common", "helpers", "manager", "managers", "misc", "services", "utils"}
#: Calls by which a clock, a random id, a file or a terminal would get into a decision.
IMPURE = {
    *("now", "utcnow", "today", "time", "monotonic", "perf_counter", "sleep"),
    *("uuid1", "uuid4", "token_bytes", "token_hex", "token_urlsafe", "urandom"),
    *("open", "print", "input", "read_text", "read_bytes", "write_text", "write_bytes"),
    *("getLogger", "get_logger", "getenv"),
}
#: Where the outside's words are translated, `Any` is what arrives.
ADAPTERS = (
    *("bot/channels", "bot/db", "bot/inbox", "bot/reading", "bot/migrations"),
    *("bot/simulator", "orders/provisioning"),
)
COMMITTING = ("bot/db", "bot/migrations")


def outside(folders: Iterable[str]) -> list[Path]:
    inside = {p for p in SOURCES for folder in folders if p.is_relative_to(folder)}
    return [path for path in SOURCES if path not in inside]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def filled(found: Mapping[Path, T]) -> dict[str, T]:
    """Return what was found in which file, without the files that are in order."""
    return {str(path): each for path, each in found.items() if each}


def calls(node: ast.AST) -> set[str]:
    """Return the last name of everything that is called: `now` of `datetime.now()`."""
    found = {call.func for call in ast.walk(node) if isinstance(call, ast.Call)}
    names = {func.id for func in found if isinstance(func, ast.Name)}
    return names | {func.attr for func in found if isinstance(func, ast.Attribute)}


def functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for child in ast.walk(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has, its docstring not counted."""
    first = function.body[0]
    said = ast.get_docstring(function) is not None
    words = (first.end_lineno or 0) - first.lineno + 1 if said else 0
    return (function.end_lineno or 0) - function.lineno + 1 - words


def test_domain_code_is_pure() -> None:
    waiting, used = {}, {}
    for path in DOMAIN:
        module = tree(path)
        waiting[path] = [
            f.name for f in functions(module) if isinstance(f, ast.AsyncFunctionDef)
        ]
        used[path] = calls(module) & IMPURE
    assert not filled(waiting), "domain functions do not wait: I/O is the shell's"
    assert not filled(used), "pass it in: the shell owns clock, ids and files"


def test_modules_and_functions_stay_small() -> None:
    lines, long = {}, {}
    for path in SIZED:
        count = (ROOT / path).read_text(encoding="utf-8").count("\n")
        lines[path] = count if count > MODULE_LINES else 0
        lengths = {each.name: length(each) for each in functions(tree(path))}
        long[path] = {name: n for name, n in lengths.items() if n > FUNCTION_LINES}
    assert not filled(lines), "split it where it has two subjects"
    assert not filled(long), "give its steps names"


def test_no_file_is_a_drawer_for_things_without_a_noun() -> None:
    drawers = [path for path in SOURCES if DRAWERS & {*path.parts, path.stem}]
    assert not drawers, "if a function has no home, its noun is missing"


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= {"bot/settings.py"}


def test_only_the_database_room_opens_and_commits_transactions() -> None:
    ends = {"begin", "begin_nested", "commit", "rollback"}
    used = {
        path: {
            call.func.attr
            for call in ast.walk(tree(path))
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and not call.args
        }
        & ends
        for path in outside(COMMITTING)
    }
    assert not filled(used), "take the connection as an argument; bot/db commits"


def test_untyped_objects_stay_where_rows_and_payloads_arrive() -> None:
    untyped = {}
    for path in outside(ADAPTERS):
        text = (ROOT / path).read_text(encoding="utf-8")
        if not re.search(r"^from sqlalchemy", text, re.MULTILINE):
            untyped[path] = re.findall(r"(?:dict|Mapping)\[str, Any\]", text)
    assert not filled(untyped), "parse it at the edge"


def sentences(module: ast.Module) -> set[str]:
    """Return texts of three words or more that are neither docstring nor error."""
    quiet = {
        id(text)
        for node in ast.walk(module)
        if isinstance(node, ast.Raise | ast.Expr | ast.Assert)
        for text in ast.walk(node)
        # A docstring is an expression statement; so is a call, which may say things.
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
    }
    texts = (
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in quiet
    )
    return {text for text in texts if re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", text)}


def test_what_customers_read_is_written_in_the_texts() -> None:
    decisions = [path for path in SOURCES if path.is_relative_to("bot/domain")]
    said = {path: sentences(tree(path)) for path in decisions}
    assert not filled(said), "move it to bot/texts/<lang>.toml"


@pytest.mark.parametrize("name", ["catalog", "orders"])
def test_the_face_of_a_package_is_exactly_what_it_names(name: str) -> None:
    face = import_module(name)
    assert face.__all__ == sorted(face.__all__)
    imported = {
        alias.asname or alias.name
        for node in tree(Path(name, "__init__.py")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(face.__all__) == {name for name in imported if not name.startswith("_")}


def pyproject() -> dict[str, dict[str, dict[str, object]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def shipped() -> Iterator[Path]:
    """Yield what belongs into the wheel."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT)


def test_every_folder_is_a_listed_package() -> None:
    listed = pyproject()["tool"]["setuptools"]["packages"]
    assert isinstance(listed, list)
    folders = {".".join(path.parent.parts) for path in shipped()}
    assert folders == set(listed)


def test_every_data_file_has_an_ending_that_is_shipped() -> None:
    data = pyproject()["tool"]["setuptools"]["package-data"]
    assert isinstance(data, dict)
    endings = {pattern.removeprefix("*") for pattern in data["*"]} | {".py"}
    left_out = [
        path
        for path in shipped()
        if path.suffix not in endings and path.name != "py.typed"
    ]
    assert not left_out


#: Where a number is read as one: its forms, and what a person typed to find somebody.
NUMBER_READERS = {
    *("bot/db/numbers.py", "bot/privacy/subject.py", "bot/web/choices.py"),
    *("bot/reading/rules/details.py", "bot/reading/openai/redacting.py"),
    *("bot/inbox/checking.py", "orders/provisioning/phone.py"),
}


def test_numbers_are_parsed_in_few_places() -> None:
    parsing = {
        str(path) for path in SOURCES if "import phonenumbers" in path.read_text()
    }
    assert parsing <= NUMBER_READERS


def test_no_table_is_keyed_by_a_phone() -> None:
    """People are known by ids of ours: a number is somebody else's one day."""
    for table in METADATA.tables.values():
        keys = [table.primary_key, *table.indexes, *table.constraints]
        names = {column.name for key in keys for column in getattr(key, "columns", ())}
        assert not [name for name in names if "phone" in name or name == "wa_id"]
