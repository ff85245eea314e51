"""The file of a new SQLite database, and the folders above it."""

from pathlib import Path

from sqlalchemy import text

from bot.db.migrating import migrating


async def test_nobody_else_can_read_a_new_database(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    async with migrating(f"sqlite:///{folder}/shop.db") as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER)"))
        files = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert files == dict.fromkeys(("shop.db", "shop.db-wal", "shop.db-shm"), 0o600)
    assert {each.stat().st_mode & 0o777 for each in (folder, folder.parent)} == {0o700}


async def test_modes_that_the_operator_chose_stay(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o750)
    path = tmp_path / "shared" / "shop.db"
    path.touch()
    path.chmod(0o640)
    async with migrating(f"sqlite:///{path}") as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER)"))
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.parent.stat().st_mode & 0o777 == 0o750
