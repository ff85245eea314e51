"""Draft a migration from what the table modules say. For developers.

    python -m bot.migrations.draft "add vouchers"   # a next migration
    python -m bot.migrations.draft --again          # the last one anew: unreleased

Read what it wrote: a draft knows nothing about moving data, and renames look like a
drop and an addition.
"""

import argparse
import asyncio
import fcntl
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.db.migrating import migrating
from bot.migrations.upgrade import configuration, upgrade


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("message", nargs="?", help="what the next migration does")
    wanted.add_argument("--again", action="store_true", help="write the last one anew")
    asked = parser.parse_args()
    with _alone() as versions:
        path = _again(versions) if asked.again else asyncio.run(draft(asked.message))
    sys.stdout.write(f"{path}\n")


@contextmanager
def _alone() -> Iterator[Path]:
    """Yield the folder of the migrations while nobody else drafts one."""
    versions = Path(str(files("bot.migrations"))) / "versions"
    with (versions / "__init__.py").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield versions


def _again(versions: Path) -> Path:
    """Write the last migration anew; when that fails it is as it was."""
    *before, last = sorted(versions.glob("[0-9]*.py"))
    if not before:
        sys.exit(f"{last.name} is the first migration, and released: add a next one")
    text = last.read_text("utf-8")
    last.unlink()
    try:
        return asyncio.run(draft(last.stem.partition("_")[2].replace("_", " ")))
    except BaseException:
        last.write_text(text, "utf-8")
        raise


async def draft(message: str) -> Path:
    """Write the next migration and return its file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.db"
        if any(ScriptDirectory.from_config(configuration()).walk_revisions()):
            await upgrade(url)
        async with migrating(url) as connection:
            path = await connection.run_sync(_write, message)
    _tidy(path)
    return path


def _write(connection: Connection, message: str) -> Path:
    config = configuration()
    config.attributes["connection"] = connection
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    known = list(ScriptDirectory.from_config(config).walk_revisions())
    number = f"{len(known) + 1:04d}"
    # New tables need no copying of old ones.
    config.attributes["batch"] = bool(known)
    slug = re.sub(r"\W+", "_", message.lower()).strip("_")
    script = command.revision(config, slug, autogenerate=True, rev_id=number)
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no migration")
    return Path(script.path)


def _tidy(path: Path) -> None:
    path.write_text(re.sub(r"^ *# ###.*\n", "", path.read_text(), flags=re.MULTILINE))
    for step in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *step, str(path)]
        subprocess.run(ruff, check=True)  # noqa: S603  # our own tool on our own file


if __name__ == "__main__":
    main()
