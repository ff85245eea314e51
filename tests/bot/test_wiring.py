"""Building a runtime: what is missing is said before anything starts."""

import pytest

from bot.settings import Settings, SettingsError
from bot.wiring import need_secret_key, readers_of, running

SECRET_KEY = "test-secret-key-0123456789abcdef-0123456789"


@pytest.mark.parametrize("reader", ["auto", "rules"])
def test_the_rules_read_when_there_is_no_model(reader: str) -> None:
    settings = Settings(reader=reader)
    assert [each.name for each in readers_of(settings)] == ["rules"]


def test_a_reader_that_this_version_lacks_is_refused_by_name() -> None:
    settings = Settings(reader="openai", openai_api_key="sk-test")
    with pytest.raises(SettingsError, match="CHATORDER_READER=openai is not in this"):
        readers_of(settings)


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
