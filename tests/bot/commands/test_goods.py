"""`catalog import` and `catalog export`, as people and programs use them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.commands.import_progress import described
from catalog.jobs import Phase, Standing
from tests.bot.commands.conftest import Ran, Run

FEED = "sku,name,price\nLAT,Caffe latte,95\nCRO,Chocolate croissant,80.50\n"
ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.usefixtures("on_sqlite")


def take(run: Run, tenant: str, content: str, *words: str) -> Ran:
    Path("feed.csv").write_text(content)
    return run("catalog", "import", "feed.csv", "--tenant", tenant, *words)


@pytest.mark.usefixtures("on_both")
def test_what_is_exported_is_imported_without_a_change(run: Run, tenant: str) -> None:
    assert take(run, tenant, FEED).code == 0
    written = run("catalog", "export", "out.csv", "--tenant", tenant, "--json")
    content = Path("out.csv").read_bytes()
    assert written.json == {"file": "out.csv", "bytes": len(content), "left_out": 0}
    assert not Path("out.csv.part").exists()
    again = run("catalog", "import", "out.csv", "--tenant", tenant, "--json")
    assert (again.json["unchanged"], again.json["warnings"]) == (2, [])
    shown = run("catalog", "export", "--tenant", tenant)
    assert shown.out.splitlines() == content.decode().splitlines()
    assert shown.err == ""


def test_the_name_of_the_file_or_a_flag_says_the_format(run: Run, tenant: str) -> None:
    assert take(run, tenant, FEED + "TEA,Tea,none\n").code == 0
    assert run("catalog", "export", "out.xlsx", "--tenant", tenant).code == 0
    again = run("catalog", "import", "out.xlsx", "--tenant", tenant, "--json")
    assert (again.json["format"], again.json["unchanged"]) == ("xlsx", 3)
    google = run(
        *("catalog", "export", "out.txt", "--tenant", tenant, "--format", "google")
    )
    assert Path("out.txt").read_bytes().startswith(b"<?xml")
    assert google.err == (
        "1 products were left out: they have no price or are off the shelf, and the"
        " format cannot say so\n"
    )
    read = run("catalog", "import", "out.txt", "--tenant", tenant)
    assert read.out.endswith("read as google\n")
    for words in (("export", "out.txt"), ("import", "out.xlsx")):
        ended = run("catalog", *words, "--tenant", tenant, "--format", "word")
        assert ended.code == 1
        assert "there is no format 'word': write one of csv, tsv, jsonl" in ended.err


def test_who_knows_the_encoding_and_the_decimals_says_so(run: Run, tenant: str) -> None:
    Path("feed.csv").write_bytes("sku;name;price\nA;Чай;1,250\n".encode("koi8-r"))
    words = ("catalog", "import", "feed.csv", "--tenant", tenant, "--json")
    refused = run(*words)
    assert "'1,250' may be 1250 or 1.250: write one of them" in refused.err
    taken = run(*words, "--encoding", "koi8-r", "--decimal", "comma")
    assert (taken.json["added"], taken.json["warnings"]) == (1, [])
    shown = run("catalog", "export", "--tenant", tenant)
    assert "A,,Чай,1.25," in shown.out


def test_an_export_does_not_mix_json_and_csv(run: Run, tenant: str) -> None:
    ended = run("catalog", "export", "--tenant", tenant, "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "--json and the products would mix: name a file to write" in ended.err


def test_an_export_that_cannot_be_written_is_one_line(run: Run, tenant: str) -> None:
    ended = run("catalog", "export", "no/such/out.csv", "--tenant", tenant)
    assert ended.code == 1
    assert ended.err == (
        "chatorder: no/such/out.csv cannot be written: No such file or directory\n"
    )


def test_an_unknown_column_is_a_warning_on_stderr(run: Run, tenant: str) -> None:
    content = "sku,name,price,color\nLAT,Latte,95,brown\n"
    ended = take(run, tenant, content, "--json")
    assert ended.json["added"] == 1
    told = "line 1, color: no such column, it is left out: did you mean colour?"
    assert ended.json["warnings"] == [told]
    assert ended.err == f"warning: feed.csv, {told}\n"


def test_a_hundred_mistakes_are_counted_and_twenty_named(run: Run, tenant: str) -> None:
    rows = "".join(f"S{n},Thing,cheap\n" for n in range(150))
    ended = take(run, tenant, "sku,name,price\n" + rows)
    *named, summary = ended.err.splitlines()
    assert (ended.code, ended.out, len(named)) == (1, "", 20)
    assert "150 mistakes in feed.csv (the first 20 are above)" in summary
    partial = take(run, tenant, "sku,name,price\n" + rows, "--partial", "--json")
    assert partial.json["mistakes"] == 150
    assert len(partial.json["errors"]) == 100


def test_progress_goes_to_stderr_when_asked_for(run: Run, tenant: str) -> None:
    ended = take(run, tenant, FEED, "--progress", "--json")
    assert ended.json["added"] == 2
    assert ended.err.startswith("100 %  storing, 2 rows")
    quiet = take(run, tenant, FEED, "--json")
    assert quiet.err == "", "stderr is no terminal here"


def test_progress_says_how_far_how_many_and_how_fast() -> None:
    for standing, line in (
        (Standing(), "  0 %  waiting, 0 rows"),
        (
            Standing(Phase.READING, 7, 45_210),
            "  7 %  reading, 45,210 rows, 4,521 rows/s",
        ),
        (Standing(Phase.STORING, 90, 100_000), " 90 %  storing, 100,000 rows"),
    ):
        assert described(standing, 10.0) == line


#: A file that were held in memory would show: 100,000 rows in `make chaos`.
ROWS = 100_000 if os.environ.get("CHATORDER_CHAOS") == "long" else 40_000


def imported(file: Path, tenant: str, database_url: str) -> tuple[int, int]:
    """Import a file in a process of its own; return what was added and peak bytes."""
    words = ("catalog", "import", str(file), "--tenant", tenant, "--json")
    program = subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT,
        env={"PATH": "", "CHATORDER_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        text=True,
    )
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    out, _ = program.communicate()
    assert program.returncode == 0
    return json.loads(out)["added"], used.ru_maxrss * 1024


@pytest.mark.chaos
def test_many_rows_take_no_more_memory_than_a_few(
    tenant: str, sqlite_url: str, tmp_path: Path
) -> None:
    header = "sku,name,price,stock,category,aliases,parent_sku,attributes\n"
    small, big = tmp_path / "small.csv", tmp_path / "big.csv"
    small.write_text(header + "ONE,One,1,,,,,\n")
    with big.open("w") as out:
        out.write(header)
        for n in range(0, ROWS, 5):
            out.write(
                f"S{n},Product number {n},{n % 900}.50,7,Things,thing {n}|{n},,\n"
            )
            for m in range(1, 5):
                out.write(f"S{n + m},,,3,,,S{n},size={m}\n")
    added_few, few = imported(small, tenant, sqlite_url)
    added_many, many = imported(big, tenant, sqlite_url)
    assert (added_few, added_many) == (1, ROWS // 5)
    assert many - few < 60 * 1024**2
