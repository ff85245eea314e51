"""`chatorder shop show` and `shop set`: the rules by which a merchant sells."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from bot.inbox.audit import audited
from bot.inbox.shop_rules import (
    load_shop_rules,
    parse_rules,
    rules_of,
    shop_of,
    store_shop_rules,
)

_SHOW = "Example: chatorder shop show --tenant tenant_01... > shop.json"
_SET = "Example: chatorder shop set shop.toml --tenant tenant_01... --dry-run"


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="How a merchant delivers, is paid, opens and confirms.")
    group.command("show", epilog=_SHOW)(show_rules)
    group.command("set", epilog=_SET)(set_rules)
    program.add_typer(group, name="shop")


def show_rules(*, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """Show a merchant's rules, in the form in which `shop set` takes them."""

    async def work(connection: AsyncConnection) -> tuple[object, int]:
        owner = (await tenant_named(connection, tenant)).tenant
        shop, version = await load_shop_rules(connection, owner.id)
        written = rules_of(shop, owner.currency)
        return written.model_dump(mode="json"), version

    rules, version = in_transaction(configured(), work)
    lines = json.dumps(rules, ensure_ascii=False, indent=2).splitlines()
    show({"version": version, "rules": rules}, lines, as_json=as_json)


def set_rules(
    file: Annotated[Path, typer.Argument(help="Rules in .toml or .json: all of them.")],
    *,
    tenant: TenantOption,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check them and say what changes.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Put a merchant's rules in the place of the old ones."""
    rules = parse_rules(_read(file))
    now = utc_now()

    async def work(connection: AsyncConnection) -> tuple[int, list[str]]:
        owner = (await tenant_named(connection, tenant)).tenant
        old, version = await load_shop_rules(connection, owner.id)
        new = shop_of(rules, owner.currency)
        changed = _changed(
            rules_of(old, owner.currency).model_dump(mode="json"),
            rules_of(new, owner.currency).model_dump(mode="json"),
        )
        if dry_run or not changed:
            return version, changed
        version = await store_shop_rules(connection, owner.id, new, version, now)
        await audited(
            connection,
            id=new_id("audit"),
            tenant_id=owner.id,
            actor="command",
            action="set_shop_rules",
            target=owner.id,
            details={"version": version},
            now=now,
        )
        return version, changed

    version, changed = in_transaction(configured(), work)
    would = "Would change" if dry_run else "Changed"
    done = f"{would}: {', '.join(changed)}" if changed else "Nothing differs"
    stored = bool(changed) and not dry_run
    show(
        {"version": version, "stored": stored, "changed": changed},
        [f"{done} (version {version})"],
        as_json=as_json,
    )


def _read(file: Path) -> Mapping[str, object]:
    readers = {".toml": tomllib.loads, ".json": json.loads}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise CommandFailed(f"{file}: give rules in a file that ends in .toml or .json")
    try:
        data = reader(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandFailed(f"{file}: {error}") from error
    if not isinstance(data, dict):
        raise CommandFailed(f"{file}: give one object with the rules")
    return data


def _changed(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Return the names of the rules that differ."""
    return [name for name, value in new.items() if old.get(name) != value]
