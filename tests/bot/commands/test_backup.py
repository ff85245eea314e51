"""`backup` and `restore`: one file, and the key that is not in it."""

from pathlib import Path

import pytest

from tests.bot.commands.conftest import Run


@pytest.fixture
def shop(run: Run, tenant: str) -> str:
    words = ("--tenant", tenant, "--app-secret", "the app's secret")
    assert run("app", "add", *words).code == 0
    return tenant


@pytest.mark.usefixtures("on_both")
def test_a_shop_goes_into_a_file_and_comes_back_elsewhere(
    run: Run, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("backup", "shop.tar.zst", "--json")
    assert made.code == 0, made.err
    assert made.json["tenants"] == 1
    assert made.json["rows"]["app"] == 1
    assert "CHATORDER_SECRET_KEY" in made.json["lacks"]
    assert "app: 1 rows" in made.err
    done = run("restore", "shop.tar.zst", "--into", "sqlite:///new/shop.db", "--json")
    assert done.code == 0, done.err
    assert done.json["unopened_secrets"] == 0
    assert done.json["due"] == {"reply": 0, "event": 0}
    monkeypatch.setenv("CHATORDER_DATABASE_URL", "sqlite:///new/shop.db")
    assert run("tenant", "list", "--json").json["data"][0]["id"] == shop
    again = run("restore", "shop.tar.zst")
    assert again.code == 1
    assert "the database is not empty" in again.err


@pytest.mark.usefixtures("on_sqlite")
def test_the_lines_say_that_the_key_is_not_in_it(
    run: Run, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("backup", "shop.tar.gz")
    assert "It is without CHATORDER_SECRET_KEY" in done.out
    monkeypatch.setenv("CHATORDER_SECRET_KEY", "another" * 7)
    done = run("restore", "shop.tar.gz", "--into", "sqlite:///new.db")
    assert done.code == 0, done.err
    assert "2 stored secrets do not open" in done.out
    monkeypatch.delenv("CHATORDER_SECRET_KEY")
    done = run("restore", "shop.tar.gz", "--into", "sqlite:///newer.db")
    assert "Set the CHATORDER_SECRET_KEY that was used before" in done.out


@pytest.mark.usefixtures("on_sqlite")
def test_what_goes_wrong_is_one_line(run: Run, shop: str) -> None:
    Path("there.tar").touch()
    for words, why in (
        (("backup", "shop.zip"), "name the file *.tar"),
        (("backup", "there.tar"), "there.tar exists"),
        (("backup", "no/such/shop.tar"), "cannot write no/such/shop.tar"),
        (("restore", "none.tar"), "there is no file none.tar"),
        (("restore", "there.tar"), "there.tar"),
        (("restore", "there.tar", "--into", "mysql://x"), "database url: give"),
    ):
        refused = run(*words)
        assert refused.code == 1, words
        assert why in refused.err
        assert refused.err.count("\n") == 1
