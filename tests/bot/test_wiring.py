"""Building a runtime: what is missing is said before anything starts."""

import subprocess
import sys
from typing import Literal

import pytest
from pydantic import SecretStr

from bot.settings import Settings, SettingsError
from bot.wiring import chain_of, need_secret_key, running

SECRET_KEY = "test-secret-key-0123456789abcdef-0123456789"


@pytest.mark.parametrize(
    ("reader", "key", "names"),
    [
        ("auto", None, ["rules"]),
        ("auto", "sk-test", ["openai", "rules"]),
        ("rules", "sk-test", ["rules"]),
        ("openai", "sk-test", ["openai"]),
    ],
)
async def test_who_reads_is_as_set_and_needs_a_key(
    reader: Literal["auto", "openai", "rules"], key: str | None, names: list[str]
) -> None:
    settings = Settings(
        reader=reader,
        openai_api_key=SecretStr(key) if key else None,
        database_url="postgresql://nobody@127.0.0.1:1/none",
        secret_key=SecretStr(SECRET_KEY),
    )
    assert chain_of(settings) == names
    async with running(settings) as runtime:
        assert [each.name for each in runtime.readers] == names
        assert (runtime.listener is not None) is ("openai" in names)


async def test_without_a_secret_key_nothing_starts() -> None:
    with pytest.raises(SettingsError, match="chatorder secret new"):
        need_secret_key(Settings())
    with pytest.raises(SettingsError, match="CHATORDER_SECRET_KEY is not set"):
        async with running(Settings()):
            pass


async def test_wiring_connects_to_nothing() -> None:
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/none", secret_key=SECRET_KEY
    )
    async with running(settings) as runtime:
        assert runtime.database.dialect == "postgresql"


def test_the_client_of_openai_is_loaded_by_those_who_use_it() -> None:
    """It takes a second, which a start without a key need not wait."""
    code = "import sys, bot.wiring, bot.worker.loop; print('openai' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
