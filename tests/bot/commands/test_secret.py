"""`secret rotate`: the key changes, everything that was stored stays usable."""

import pytest

from tests.bot.commands.conftest import SECRET_KEY, Run

NEW = "n" * 43


def furnish(run: Run, tenant: str) -> None:
    app = run("app", "add", "--tenant", tenant, "--app-secret", "s3", "--json").json
    number = ("--phone-number-id", "106540352242922", "--access-token", "EAAG")
    words = ("--tenant", tenant, "--app", app["id"], *number)
    assert run("channel", "add", "whatsapp", *words).code == 0
    sink = ("--tenant", tenant, "--kind", "webhook", "--url", "https://erp.example")
    assert run("sink", "add", *sink).code == 0


@pytest.mark.usefixtures("on_both")
def test_the_secrets_follow_the_new_key_and_nobody_has_to_count(
    run: Run, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(run, tenant)
    monkeypatch.setenv("CHATORDER_SECRET_KEY", NEW)
    monkeypatch.setenv("CHATORDER_SECRET_KEYS_OLD", SECRET_KEY)
    assert run("secret", "rotate", "--json").json == {"resealed": 4, "already": 0}
    again = run("secret", "rotate")
    assert again.out.startswith("0 secrets sealed anew, 4 were already.")
    assert "Keep it for some days" in again.out
    monkeypatch.delenv("CHATORDER_SECRET_KEYS_OLD")
    assert run("secret", "rotate", "--json").json == {"resealed": 0, "already": 4}


@pytest.mark.usefixtures("on_sqlite")
def test_without_the_key_that_sealed_it_says_which_and_what_to_do(
    run: Run, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(run, tenant)
    monkeypatch.setenv("CHATORDER_SECRET_KEY", NEW)
    refused = run("secret", "rotate")
    assert refused.code == 1
    assert "4 stored secrets open with none of the keys" in refused.err
    assert "CHATORDER_SECRET_KEYS_OLD" in refused.err
    assert "does not open: channel.access_token of chn_" in refused.err
    assert NEW not in refused.err
    # Nothing was changed: the old key still opens everything.
    monkeypatch.setenv("CHATORDER_SECRET_KEY", SECRET_KEY)
    assert run("secret", "rotate", "--json").json == {"resealed": 0, "already": 4}
