"""Settings, commands, metrics, addresses and links that the documents name exist."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from aiohttp import web

from bot.channels.media_store import DirectoryStore
from bot.commands.program import build as build_program
from bot.inbox.pausing import pause_channel
from bot.inbox.table import channel
from bot.privacy.kinds import KINDS
from bot.settings import Settings, variable
from bot.web import first_run, gateway_webhooks, health, meta_webhooks, pages
from bot.web.api.registry import ENDPOINTS
from bot.web.console import alerts, live
from bot.web.console.registry import CONSOLE_ROOMS
from bot.web.faces.registry import FACE_ENDPOINTS
from orders.domain.events import SinkAccount
from orders.sinks import add_sink, pause_sink
from tests.bot.web.entrance import ANA, open_entrance
from tests.documents import (
    COMMAND,
    ROOT,
    blocks,
    labelled,
    read,
    rows,
    spans,
    without_blocks,
)

PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)
OPERATE = "docs/operate.md"


# -- settings -------------------------------------------------------------------------


def test_every_setting_that_is_named_exists() -> None:
    known = {variable(name, field) for name, field in Settings.model_fields.items()}
    # Compose's own, and not ours: where it publishes the port.
    known |= set(re.findall(r"\$\{(CHATORDER_\w+):-", read("docker-compose.yml")))
    for page in (*PAGES, ".env.example"):
        named = set(re.findall(r"\b(?:CHATORDER|OPENAI)_[A-Z_]*[A-Z]\b", read(page)))
        assert named <= known, page


def test_the_example_of_an_env_file_is_one() -> None:
    lines = [line for line in read(".env.example").splitlines() if line]
    settings = [line for line in lines if not line.startswith("# ")]
    for line in settings:
        assert re.fullmatch(r"#?[A-Z_]+=\S*", line), line
    defaults = {variable(n, f): f.default for n, f in Settings.model_fields.items()}
    for name, shown in (line.removeprefix("#").split("=") for line in settings):
        if name in {"CHATORDER_READER", "CHATORDER_HOST", "CHATORDER_PORT"}:
            assert shown == str(defaults[name]), "what is commented out is the default"


# -- commands -------------------------------------------------------------------------


def command_lines() -> Iterator[tuple[str, str]]:
    """Yield every command of ours that stands in a block, with its page."""
    for page in PAGES:
        for block in blocks(page, "sh", "console", "cron"):
            for line in block.text.replace("\\\n", " ").splitlines():
                found = COMMAND.search(line)
                if found:
                    words = found[1] or found[2]
                    yield page, re.split(r" (?:&&|\||>|#)|;|\)", words)[0].strip()


LINES = sorted(set(command_lines()))


@cache
def program() -> Any:
    return typer.main.get_command(build_program())


@pytest.mark.parametrize(("page", "line"), LINES)
def test_each_command_can_be_given_as_it_stands(page: str, line: str) -> None:
    check_words(shlex.split(line), page)


def command_below(group: Any, name: str) -> Any:
    """Return a group's command of that name, None when there is none."""
    return group.get_command(None, name) if hasattr(group, "get_command") else None


def check_words(words: Sequence[str], page: str) -> None:
    command, rest = program(), list(words)
    while rest and (below := command_below(command, rest[0])):
        command = below
        del rest[0]
    is_group = hasattr(command, "get_command")
    assert not is_group or rest[:1] == ["--version"], (page, words)
    options = {name: each for each in command.params for name in each.opts}
    options |= {name: each for each in command.params for name in each.secondary_opts}
    given = [word.partition("=")[0] for word in rest if word.startswith("--")]
    unknown = [word for word in given if word not in options]
    assert unknown in ([], ["--version"]), (page, words)
    required = [
        name
        for each in command.params
        for name in each.opts
        if each.required and name.startswith("--")
    ]
    assert set(required) <= set(given), (page, words)
    places = [e for e in command.params if e.param_type_name == "argument"]
    assert sum(each.required for each in places) <= len(rest), (page, words)


@pytest.mark.parametrize("page", PAGES)
def test_each_command_in_a_sentence_exists(page: str) -> None:
    for text in spans(page):
        groups = [program()]
        for word in text.split()[1:] if text.startswith("chatorder ") else ():
            is_group = hasattr(groups[0], "get_command")
            if not is_group or not re.fullmatch(r"[a-z|-]+", word):
                break
            names = word.split("|")
            groups = [command_below(each, name) for each in groups for name in names]
            assert all(groups), text


def test_a_command_that_is_not_there_is_found_out() -> None:
    assert len(LINES) >= 25
    for wrong in ("sink remove", "backup", "backup f --fast", "key add --role x"):
        with pytest.raises(AssertionError):
            check_words(wrong.split(), "")


# -- numbers and states ---------------------------------------------------------------


def test_the_table_of_numbers_is_complete() -> None:
    told = {
        span(name): set(re.findall(r"`(\w+)`", labels))
        for name, labels, _ in rows(OPERATE, "### Numbers")
    }
    assert told == labelled()


def test_every_number_that_is_named_exists() -> None:
    known = labelled()
    for page in PAGES:
        named = {
            re.sub(r"_(bucket|sum|count)$", "", name)
            for name in re.findall(r"\bchatorder_\w+", read(page))
        }
        assert named <= known.keys(), page


def test_the_kinds_that_are_kept_are_told_with_their_days() -> None:
    told = rows(OPERATE, "## What is kept, and for how long")
    assert told == [[f"`{e.name}`", str(e.days), e.what] for e in KINDS]


async def test_every_field_of_ready_is_told(sqlite_url: str) -> None:
    # Redis is only there when it is set; the port answers nobody.
    async with open_entrance(sqlite_url, redis_url="redis://127.0.0.1:1/0") as shop:
        await pause_everything(shop.runtime)
        async with shop.session.get(f"{shop.url}/ready") as response:
            answer = await response.json()
    told = {span(row[0]) for row in ready_rows()}
    assert told == set(answer) - {"checks"} | set(answer["checks"])


def ready_rows() -> Sequence[Sequence[str]]:
    text = read(OPERATE).partition("`/ready` says more than yes or no:")[2]
    table = text.partition("\n### ")[0].strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


async def pause_everything(runtime: Any) -> None:
    now = runtime.clock()
    account = SinkAccount(
        id="sink_1",
        tenant_id=ANA.tenant_id,
        kind="webhook",
        url="https://erp.example/orders",
        secret=runtime.seal_secret("a secret of sixteen"),
    )
    async with runtime.database.transaction() as connection:
        await add_sink(connection, account, now=now)
        await pause_sink(connection, account.id, reason="test", now=now)
        found = await connection.execute(channel.select())
        for row in found.all():
            await pause_channel(connection, row.id, reason="test", now=now)


def span(cell: str) -> str:
    return cell.strip("`")


def test_every_event_of_the_log_that_is_named_exists() -> None:
    logs = read(OPERATE).partition("Logs are one JSON object")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", logs))
    assert len(named) >= 10
    code = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py")
    )
    missing = [name for name in named if f'"{name}"' not in code]
    assert not missing


# -- addresses ------------------------------------------------------------------------


@cache
def addresses() -> Mapping[str, set[str]]:
    """Return every address of the server, `{}` for what differs, with its methods."""
    found: dict[str, set[str]] = {}
    modules = (meta_webhooks, gateway_webhooks, health, first_run, pages, live, alerts)
    for module in modules:
        for route in module.routes:
            assert isinstance(route, web.RouteDef)
            found.setdefault(plain(route.path), set()).add(route.method)
    for page in (route for room in CONSOLE_ROOMS for route in room.routes):
        found.setdefault(plain(page.path), set()).add(page.method)
    for endpoint in (*ENDPOINTS, *FACE_ENDPOINTS):
        found.setdefault(plain(endpoint.path), set()).add(endpoint.method)
    return found


def plain(path: str) -> str:
    """Return a path without the names of what differs in it."""
    nested = re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", path)
    return re.sub(r"\{[^}]*\}|<[^>]*>|\$\w+", "{}", nested).rstrip("/")


#: Pages of APIs that later versions speak: told before they are there.
PLANNED = ("docs/errors.md", "docs/adr/")
CALL = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) (/[\w/{}$.-]*)")


@pytest.mark.parametrize("page", PAGES)
def test_every_call_that_is_named_exists(page: str) -> None:
    for text in spans(page):
        found = CALL.match(text)
        if found and not page.startswith(PLANNED):
            method, path = found[1], plain(found[2])
            assert method in addresses().get(path, ()), text


@pytest.mark.parametrize("page", PAGES)
def test_every_address_that_is_named_exists(page: str) -> None:
    rooms = {address.split("/")[1] for address in addresses()}
    for text in spans(page):
        parts = text.split("/")
        whole = re.fullmatch(r"/[\w/{}.]+\w\}?", text) and "..." not in text
        if whole and parts[1] in rooms and not page.startswith(PLANNED):
            known = addresses()
            assert text == "/v1" or any(fits(plain(text), e) for e in known), text


@pytest.mark.parametrize("page", PAGES)
def test_every_address_in_an_example_exists(page: str) -> None:
    text = "".join(block.text for block in blocks(page, "sh", "python"))
    for path in re.findall(r"(?<![\w.])(/v[12]/[\w/{}$]+)", text):
        known = addresses().keys()
        assert any(fits(plain(path), each) for each in known), f"{page}: {path}"


def fits(path: str, known: str) -> bool:
    parts, ours = path.split("/"), known.split("/")
    return len(parts) == len(ours) and all(
        mine in (each, "{}") for each, mine in zip(parts, ours, strict=True)
    )


# -- links ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_links_into_a_page_lead_to_a_heading(page: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", read(page)):
        if "://" in target:
            continue
        other = (ROOT / page).parent / target if target else ROOT / page
        assert anchor in anchors(other), f"{page}: {target}#{anchor}"


def anchors(path: Path) -> set[str]:
    """Return the names by which GitHub links to the headings of a page."""
    text = without_blocks(path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


def test_every_page_is_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        page = todo.pop().resolve()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        todo += [page.parent / link for link in links if "://" not in link]
    lost = {ROOT / page for page in PAGES if "adr" not in page} - seen
    assert not lost


def test_compose_publishes_where_the_page_says() -> None:
    ports = yaml.safe_load(read("docker-compose.yml"))["services"]["web"]["ports"]
    assert ports == ["${CHATORDER_PUBLISH:-127.0.0.1:8080}:8080"]
    assert DirectoryStore.__name__ in read("bot/wiring.py"), "media lies in a folder"
