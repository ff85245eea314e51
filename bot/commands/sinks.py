"""`chatorder sink add`."""

import base64
import binascii
import secrets
from typing import Annotated
from urllib.parse import urlsplit

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from bot.wiring import sealer_of
from orders.domain.events import SinkAccount
from orders.provisioning.registry import SINKS
from orders.sinks import add_sink

_EXAMPLE = (
    "Example: chatorder sink add --tenant tenant_01... --kind webhook"
    " --url https://erp.example/orders"
)
_PREFIX = "whsec_"


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Where placed orders go.")
    group.callback()(_group)
    group.command("add", epilog=_EXAMPLE)(add)
    program.add_typer(group, name="sink")


def _group() -> None:
    """Where placed orders go."""


def add(
    *,
    tenant: TenantOption,
    kind: Annotated[str, typer.Option(help=f"One of: {', '.join(sorted(SINKS))}.")],
    url: Annotated[str, typer.Option(help="Where every placed order is sent.")],
    secret: Annotated[
        str | None,
        typer.Option(help="Signs what we send; if not given, one is made."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Send the placed orders of a merchant to a system."""
    _check(kind, url, secret)
    settings = configured()
    sealer = sealer_of(settings)
    sink_id, made = new_id("sink"), secret or _new_secret()

    async def work(connection: AsyncConnection) -> None:
        owner = await tenant_named(connection, tenant)
        account = SinkAccount(
            id=sink_id,
            tenant_id=owner.tenant.id,
            kind=kind,
            url=url,
            secret=sealer.seal(made),
        )
        await add_sink(connection, account, now=utc_now())

    in_transaction(settings, work)
    data = {"id": sink_id, "kind": kind, "url": url}
    lines = [f"Added the sink {sink_id}: placed orders go to {url}"]
    if secret is None:
        data["secret"] = made
        lines += [
            "Give this secret to the receiver: it proves with it that a call is ours",
            "(Standard Webhooks). It is shown this once:",
            f"  {made}",
        ]
    show(data, lines, as_json=as_json)


def _check(kind: str, url: str, secret: str | None) -> None:
    if kind not in SINKS:
        known = ", ".join(sorted(SINKS))
        raise typer.BadParameter(f"{kind!r} is no kind of sink: use one of {known}")
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        raise CommandFailed(f"url: {url!r} is not an http or https address")
    if secret is not None and not _is_usable(secret):
        raise CommandFailed(
            f"secret: give at least 16 characters; after {_PREFIX!r} comes base64"
        )


def _is_usable(secret: str) -> bool:
    if not secret.startswith(_PREFIX):
        return len(secret) >= 16  # noqa: PLR2004  # said in the message
    try:
        return len(base64.b64decode(secret.removeprefix(_PREFIX), validate=True)) > 0
    except binascii.Error:
        return False


def _new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
