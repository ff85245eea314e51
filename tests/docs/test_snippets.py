"""Units, proxies, alerts: as right as can be told without the programs they are for."""

import configparser
import re
import shlex
from collections.abc import Iterator, Sequence

import pytest
import yaml
from prometheus_client import generate_latest

from bot.settings import Settings
from bot.telemetry import Metrics
from tests.documents import ROOT, Block, blocks, labelled

INSTALL, OPERATE = "docs/install.md", "docs/operate.md"
UNITS = blocks(INSTALL, "ini")
#: What a service of ours must not be able to do: `systemd-analyze security` asks.
HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "ProtectHome": "yes",
    "ProtectKernelModules": "yes",
    "ProtectSystem": "strict",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "UMask": "0077",
}


def unit(block: Block) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]  # keeps capitals
    found.read_string(block.text)
    return found


# -- systemd --------------------------------------------------------------------------


def test_there_is_a_unit_for_each_role() -> None:
    started = {unit(each)["Service"]["ExecStart"] for each in UNITS}
    assert started == {
        "/opt/chatorder/bin/chatorder serve --no-worker",
        "/opt/chatorder/bin/chatorder worker",
    }
    names = re.findall(r"^# (\S+)$", "".join(u.text for u in UNITS), re.MULTILINE)
    assert names == [
        "/etc/systemd/system/chatorder-web.service",
        "/etc/systemd/system/chatorder-worker.service",
    ]


@pytest.mark.parametrize("block", UNITS, ids=lambda block: f"line {block.line}")
def test_a_unit_may_do_little_and_writes_where_its_state_is(block: Block) -> None:
    service = unit(block)["Service"]
    assert HARDENED.items() <= dict(service).items()
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert service["EnvironmentFile"].startswith(service["WorkingDirectory"])
    assert service["Restart"] == "always"
    assert unit(block)["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.parametrize("block", UNITS, ids=lambda block: f"line {block.line}")
def test_a_unit_waits_until_a_stop_has_ended(block: Block) -> None:
    ours: float = Settings.model_fields["stop_seconds"].default
    assert float(unit(block)["Service"]["TimeoutStopSec"]) > ours + 1.5


# -- the proxies ----------------------------------------------------------------------

Directive = tuple[list[str], "list[Directive] | None"]


def nginx(words: Iterator[str]) -> list[Directive]:
    """Parse nginx's grammar: words that end in `;` or in a block."""
    found: list[Directive] = []
    directive: list[str] = []
    for word in words:
        if word == ";":
            assert directive, "a semicolon behind nothing"
            found.append((directive, None))
            directive = []
        elif word == "{":
            found.append((directive, nginx(words)))
            directive = []
        elif word == "}":
            break
        else:
            directive.append(word)
    assert not directive, f"{directive} has no semicolon"
    return found


def tokens(text: str) -> Iterator[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars="{};")
    lexer.whitespace_split = True
    depth = 0
    for token in lexer:
        for word in re.findall(r"[{};]|[^{};]+", token) or [token]:
            depth += (word == "{") - (word == "}")
            assert depth >= 0, "a bracket closes nothing"
            yield word
    assert depth == 0, "a bracket is never closed"


def body_limit(words: Sequence[str]) -> int:
    """Return bytes; nginx's m are as large as Caddy's MiB, and not as its MB."""
    match = re.fullmatch(r"(\d+)(?:m|MiB)", words[1])
    assert match, words
    return int(match[1]) * 1024 * 1024


def test_nginx_passes_on_what_the_server_takes_and_hides_what_is_ours() -> None:
    [block] = blocks(INSTALL, "nginx")
    top = nginx(tokens(block.text))
    by_name = {words[0]: inner or [] for words, inner in top}
    server = by_name["server"]
    plain = {words[0]: words for words, inner in server if inner is None}
    assert body_limit(plain["client_max_body_size"]) >= largest_body()
    places = {words[-1]: inner or [] for words, inner in server if inner is not None}
    assert places["/metrics"] == places["/ready"] == [(["return", "404"], None)]
    proxied = [words for words, _ in places["/"]]
    assert ["proxy_pass", "http://chatorder"] in proxied
    assert ["proxy_set_header", "X-Forwarded-For", "$remote_addr"] in proxied
    upstream = {words[0]: words for words, _ in by_name["upstream"]}
    assert upstream["server"] == ["server", f"127.0.0.1:{default_port()}"]
    assert seconds(upstream["keepalive_timeout"][1]) < IDLE


def test_caddy_does_the_same() -> None:
    [block] = blocks(INSTALL, "caddyfile")
    assert block.text.count("{") == block.text.count("}")
    lines = [line.split() for line in block.text.splitlines() if line.strip()]
    assert ["@inside", "path", "/metrics", "/ready"] in lines
    assert ["respond", "@inside", "404"] in lines
    assert ["reverse_proxy", f"127.0.0.1:{default_port()}", "{"] in lines
    by_name = {line[0]: line for line in lines}
    assert body_limit(by_name["max_size"]) >= largest_body()
    assert seconds(by_name["keepalive"][1]) < IDLE


#: The server's own, in `bot/serving.py`.
IDLE = 30.0


def test_the_server_gives_up_idle_connections_when_the_page_says() -> None:
    serving = (ROOT / "bot/serving.py").read_text(encoding="utf-8")
    assert f"keepalive_timeout={IDLE:.0f}," in serving


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


def largest_body() -> int:
    fields = Settings.model_fields
    limits = ("body_limit_bytes", "gateway_body_limit_bytes")
    return int(max(fields[name].default for name in limits))


def default_port() -> int:
    return int(Settings.model_fields["port"].default)


# -- alerts ---------------------------------------------------------------------------


def test_alerts_ask_for_numbers_that_there_are_by_labels_that_they_have() -> None:
    rules, targets = (yaml.safe_load(each.text) for each in blocks(OPERATE, "yaml"))
    [group] = rules["groups"]
    assert len(group["rules"]) >= 8
    for rule in group["rules"]:
        assert rule.keys() <= {"alert", "expr", "for", "annotations"}
        assert rule["annotations"].keys() == {"summary"}
        check_expression(rule["expr"])
    [job] = targets["scrape_configs"]
    assert f'job="{job["job_name"]}"' in str(group["rules"])


def samples() -> dict[str, set[str]]:
    """Return every number by its name in Prometheus, with its labels."""
    found: dict[str, set[str]] = {}
    for name, labels in labelled().items():
        if name.endswith("_total"):
            found[name] = labels
        else:
            found |= {f"{name}_{part}": labels for part in ("sum", "count")}
            found[f"{name}_bucket"] = labels | {"le"}
    return found


def test_what_an_alert_waits_for_is_there_before_it_happens() -> None:
    """Prometheus sees no increase in a number that begins at 1."""
    there = generate_latest(Metrics().registry).decode()
    rules, _ = (yaml.safe_load(each.text) for each in blocks(OPERATE, "yaml"))
    for rule in rules["groups"][0]["rules"]:
        for name, matchers in re.findall(
            r"increase\((chatorder_\w+)(?:\{([^}]*)\})?", rule["expr"]
        ):
            wanted = rf"^{name}(?:\{{[^}}]*{re.escape(matchers)}[^}}]*\}})? 0\.0$"
            assert re.search(wanted, there, re.MULTILINE), rule["expr"]


def check_expression(expression: str) -> None:
    known = samples()
    used = re.findall(r"(chatorder_\w+)(?:\{([^}]*)\})?", expression)
    for name, matchers in used:
        assert name in known, expression
        assert set(re.findall(r"(\w+)=", matchers)) <= known[name], expression
    for group in re.findall(r"by \(([^)]*)\)", expression):
        assert all(group.strip() in known[name] for name, _ in used), expression
    assert expression.count("(") == expression.count(")")
