"""`doctor`: its exit code says whether something does not work."""

import pytest

from tests.bot.commands.conftest import Run


@pytest.mark.usefixtures("on_sqlite")
def test_a_shop_that_works_ends_with_0(
    run: Run, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_READER", "rules")
    done = run("doctor", "--json")
    assert done.code == 0
    assert done.json["ok"] is True
    assert {each["level"] for each in done.json["findings"]} == {"ok", "warning"}


def test_what_does_not_work_ends_with_1_and_the_remedy(run: Run) -> None:
    done = run("doctor")
    assert done.code == 1
    assert "error    settings: CHATORDER_SECRET_KEY is not set" in done.out
    assert "-> run `chatorder init`" in done.out
    assert run("doctor", "--json").json["ok"] is False


def test_malformed_and_unknown_settings_are_named_each(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATORDER_PROT", "80")
    done = run("doctor")
    assert "CHATORDER_PROT is not a setting: did you mean CHATORDER_PORT?" in done.out
    monkeypatch.setenv("CHATORDER_PORT", "eighty")
    monkeypatch.setenv("CHATORDER_LEASE_SECONDS", "-1")
    done = run("doctor", "--json")
    assert done.code == 1
    words = [each["words"] for each in done.json["findings"]]
    assert any(each.startswith("CHATORDER_PORT is 'eighty'") for each in words)
    assert any(each.startswith("CHATORDER_LEASE_SECONDS is '-1'") for each in words)
