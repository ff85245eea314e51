"""Settings: loud when wrong, helpful when misspelt, quiet about Kubernetes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsError, as_markdown, read_settings

ROOT = Path(__file__).parents[2]
SECRET = "s3cret-" * 6


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start from nothing, whatever the developer's own environment says."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("CHATORDER_", "OPENAI_")):
            monkeypatch.delenv(name)


def set_all(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_without_any_setting_everything_has_a_default() -> None:
    configured = read_settings()
    assert configured.warnings == ()
    settings = configured.settings
    assert settings.database_url == "sqlite:///./data/chatorder.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert (settings.debounce_seconds, settings.debounce_max_seconds) == (1.5, 8)
    assert settings.lease_seconds == 10
    assert settings.body_limit_bytes == 4 * 1024 * 1024
    assert settings.media_hosts == ("lookaside.fbsbx.com",)
    assert settings.reader == "auto"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(
        monkeypatch,
        CHATORDER_PORT="9000",
        CHATORDER_DATABASE_URL="postgres://me:pw@db/shop",
        CHATORDER_MEDIA_HOSTS="a.example, b.example",
        CHATORDER_TRUSTED_PROXIES="10.1.2.3,192.168.0.0/16",
        CHATORDER_ALLOW_PRIVATE_HOSTS="true",
        CHATORDER_PUBLIC_URL="https://shop.example/",
        CHATORDER_LOG_LEVEL="debug",
        OPENAI_API_KEY="sk-1",
        OPENAI_BASE_URL="http://127.0.0.1:9/v1",
    )
    settings = read_settings().settings
    assert settings.port == 9000
    assert settings.database_url == "postgresql://me:pw@db/shop"
    assert settings.media_hosts == ("a.example", "b.example")
    assert settings.trusted_proxies == ("10.1.2.3/32", "192.168.0.0/16")
    assert settings.allow_private_hosts
    assert settings.public_url == "https://shop.example"
    assert settings.log_level == "DEBUG"
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-1"
    assert settings.openai_base_url == "http://127.0.0.1:9/v1"


def test_the_env_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = "CHATORDER_PORT=9000\nCHATORDER_HOST=0.0.0.0\nOPENAI_API_KEY=sk-2\nOTHER=1\n"
    (tmp_path / ".env").write_text(file)
    set_all(monkeypatch, CHATORDER_PORT="9001")
    configured = read_settings()
    assert configured.settings.port == 9001
    assert configured.settings.host == "0.0.0.0"
    assert configured.settings.openai_api_key is not None
    assert configured.warnings == ()


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, CHATORDER_REDIS_URL="", CHATORDER_PORT="")
    settings = read_settings().settings
    assert settings.redis_url is None
    assert settings.port == 8080


MALFORMED = [
    ("CHATORDER_PORT", "eighty", "'eighty'", "a port number, 0 to 65535"),
    ("CHATORDER_PORT", "70000", "'70000'", "a port number"),
    ("CHATORDER_DEBOUNCE_SECONDS", "soon", "'soon'", "seconds from 0 to 600"),
    ("CHATORDER_DEBOUNCE_SECONDS", "nan", "'nan'", "seconds from 0 to 600"),
    ("CHATORDER_LEASE_SECONDS", "0", "'0'", "more than 0"),
    ("CHATORDER_READER", "gpt", "'gpt'", "auto, openai or rules"),
    ("CHATORDER_DATABASE_URL", "mysql://x/y", "'mysql://x/y'", "sqlite:///./path"),
    ("CHATORDER_REDIS_URL", "localhost", "'localhost'", "redis://host:6379/0"),
    ("CHATORDER_PUBLIC_URL", "shop.example", "'shop.example'", "https://shop"),
    ("CHATORDER_GRAPH_API_VERSION", "23", "'23'", "v23.0"),
    ("CHATORDER_TRUSTED_PROXIES", "10.0.0.0/40", "'10.0.0.0/40'", "IP addresses"),
    ("CHATORDER_ALLOW_PRIVATE_HOSTS", "perhaps", "'perhaps'", "true or false"),
    ("CHATORDER_LOG_LEVEL", "loud", "'loud'", "DEBUG, INFO"),
    ("OPENAI_BASE_URL", "api", "'api'", "an address such as"),
]


@pytest.mark.parametrize(("name", "value", "shown", "expected"), MALFORMED)
def test_a_malformed_value_stops_with_its_name_and_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, shown: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    message = str(error.value)
    assert message.startswith(f"{name} is {shown}: expected ")
    assert expected in message
    assert "\n" not in message


def test_every_malformed_setting_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_all(monkeypatch, CHATORDER_PORT="x", CHATORDER_READER="y")
    with pytest.raises(SettingsError, match=r"CHATORDER_PORT.*; CHATORDER_READER"):
        read_settings()


def test_a_malformed_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATORDER_SECRET_KEY", "hunter2")
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert "CHATORDER_SECRET_KEY" in str(error.value)
    assert "at least 32 characters" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_password_in_a_malformed_address_is_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHATORDER_DATABASE_URL", "mysql://me:hunter2@db/shop")
    with pytest.raises(SettingsError, match=r"mysql://\*\*\*@db/shop") as error:
        read_settings()
    assert "hunter2" not in str(error.value)


def test_settings_never_print_their_secrets() -> None:
    settings = Settings(
        secret_key=SECRET,
        secret_keys_old=SECRET,
        openai_api_key=SECRET,
        database_url=f"postgresql://me:{SECRET}@db/shop",
        redis_url=f"redis://:{SECRET}@redis/0",
    )
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def test_a_cap_below_the_debounce_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, CHATORDER_DEBOUNCE_SECONDS="9")
    with pytest.raises(SettingsError, match="CHATORDER_DEBOUNCE_MAX_SECONDS=8"):
        read_settings()


def test_the_openai_reader_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, CHATORDER_READER="openai")
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("CHATORDER_DEBOUNC_SECONDS", "CHATORDER_DEBOUNCE_SECONDS"),
        ("CHATORDER_DATABASE", "CHATORDER_DATABASE_URL"),
        ("CHATORDER_OPENAI_KEY", "OPENAI_API_KEY"),
        ("CHATORDER_OPENAI_API_KEY", "OPENAI_API_KEY"),
    ],
)
def test_an_unknown_name_warns_with_the_nearest_known_one(
    monkeypatch: pytest.MonkeyPatch, name: str, near: str
) -> None:
    monkeypatch.setenv(name, "1")
    (warning,) = read_settings().warnings
    assert warning == f"{name} is not a setting: did you mean {near}?"


def test_an_unknown_name_like_no_other_is_warned_about_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHATORDER_XYZZY", "1")
    assert read_settings().warnings == (
        "CHATORDER_XYZZY is not a setting and is ignored",
    )


def test_names_that_kubernetes_injects_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_all(
        monkeypatch,
        CHATORDER_PORT="tcp://10.0.0.1:8080",
        CHATORDER_SERVICE_HOST="10.0.0.1",
        CHATORDER_SERVICE_PORT="8080",
        CHATORDER_SERVICE_PORT_HTTP="8080",
        CHATORDER_PORT_8080_TCP="tcp://10.0.0.1:8080",
        CHATORDER_PORT_8080_TCP_ADDR="10.0.0.1",
        CHATORDER_PORT_8080_TCP_PORT="8080",
        CHATORDER_PORT_8080_TCP_PROTO="tcp",
        CHATORDER_WEB_PORT="tcp://10.0.0.2:80",
        CHATORDER_WEB_SERVICE_HOST="10.0.0.2",
        CHATORDER_WEB_PORT_80_TCP_ADDR="10.0.0.2",
    )
    configured = read_settings()
    assert configured.settings.port == 8080
    assert configured.warnings == ()


def test_settings_made_by_hand_do_not_look_at_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHATORDER_PORT", "9000")
    assert Settings().port == 8080


def test_settings_do_not_change() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]  # that is the point


def test_the_page_of_settings_is_in_step() -> None:
    written = (ROOT / "docs" / "settings.md").read_text()
    assert written == as_markdown(), "run: python -m bot.settings > docs/settings.md"


def test_the_command_prints_the_page() -> None:
    command = [sys.executable, "-m", "bot.settings"]
    assert subprocess.check_output(command, cwd=ROOT, text=True) == as_markdown()
