"""`chatorder sink add`, `pause` and `activate`."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from bot.wiring import sealer_of
from orders.domain.events import SinkAccount, SinkState
from orders.provisioning.account import (
    KEY_RULE,
    SECRET_RULE,
    is_usable_key,
    is_usable_secret,
    is_web_address,
    new_secret,
)
from orders.provisioning.options import BadOptions, option_texts, stored_options
from orders.provisioning.registry import KEYED, OPTIONS, SINKS
from orders.sinks import (
    SinkStanding,
    activate_sink,
    add_sink,
    pause_sink,
    sink_standing,
)

_EXAMPLE = (
    "Example: chatorder sink add --tenant tenant_01... --kind webhook"
    " --url https://erp.example/orders"
)
_PAUSE = 'Example: chatorder sink pause sink_01... --reason "stocktaking"'
_ACTIVATE = "Example: chatorder sink activate sink_01..."
_Sink = Annotated[str, typer.Argument(help="Id of a sink.", metavar="ID")]


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Where placed orders go.")
    group.callback()(_group)
    group.command("add", epilog=_EXAMPLE)(add)
    group.command("pause", epilog=_PAUSE)(pause)
    group.command("activate", epilog=_ACTIVATE)(activate)
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
        typer.Option(
            help="Signs what we send; if not given, one is made. Of a system that"
            " gives out keys it is its key."
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            help="A setting of its kind; may be repeated.", metavar="NAME=VALUE"
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Send the placed orders of a merchant to a system."""
    _check(kind, url, secret)
    options = _options(kind, option or ())
    settings = configured()
    sealer = sealer_of(settings)
    sink_id, made = new_id("sink"), secret or new_secret()

    async def work(connection: AsyncConnection) -> None:
        owner = await tenant_named(connection, tenant)
        account = SinkAccount(
            id=sink_id,
            tenant_id=owner.tenant.id,
            kind=kind,
            url=url,
            secret=sealer.seal(made),
            options=options,
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


def pause(
    sink: _Sink,
    *,
    reason: Annotated[
        str, typer.Option(help="Why, for whoever looks.")
    ] = "a person paused it",
    as_json: JsonFlag = False,
) -> None:
    """Send nothing to a sink: the orders that are on their way to it wait."""

    async def work(connection: AsyncConnection) -> None:
        await _known(connection, sink)
        await pause_sink(connection, sink, reason=reason, now=utc_now())

    in_transaction(configured(), work)
    show(
        {"id": sink, "state": SinkState.PAUSED},
        [
            f"{sink} is paused: its orders wait until `chatorder sink activate`;",
            "orders that are placed meanwhile do not go there.",
        ],
        as_json=as_json,
    )


def activate(sink: _Sink, *, as_json: JsonFlag = False) -> None:
    """Send to a sink again, what waited for it first."""

    async def work(connection: AsyncConnection) -> tuple[SinkStanding, int]:
        before = await _known(connection, sink)
        return before, await activate_sink(connection, sink, now=utc_now())

    before, waiting = in_transaction(configured(), work)
    lines = [f"{sink} is active; orders that waited for it: {waiting}."]
    if before.state is SinkState.PAUSED:
        since = before.at.isoformat(timespec="seconds") if before.at else "it was added"
        lines.insert(0, f"It was paused since {since}: {before.reason or 'no reason'}.")
    show(
        {
            "id": sink,
            "state": SinkState.ACTIVE,
            "was": before.state,
            "reason": before.reason,
            "since": before.at and before.at.isoformat(),
            "waiting": waiting,
        },
        lines,
        as_json=as_json,
    )


async def _known(connection: AsyncConnection, sink: str) -> SinkStanding:
    found = await sink_standing(connection, sink)
    if found is None:
        raise CommandFailed(
            f"there is no sink {sink!r}; its id was printed by `sink add`"
        )
    return found


def _options(kind: str, given: Iterable[str]) -> Mapping[str, object]:
    try:
        return stored_options(OPTIONS[kind], option_texts(given))
    except BadOptions as error:
        raise CommandFailed(f"--option: {error}") from None


def _check(kind: str, url: str, secret: str | None) -> None:
    if kind not in SINKS:
        known = ", ".join(sorted(SINKS))
        raise typer.BadParameter(f"{kind!r} is no kind of sink: use one of {known}")
    if not is_web_address(url):
        raise CommandFailed(f"url: {url!r} is not an http or https address")
    if kind in KEYED:
        if secret is None or not is_usable_key(secret):
            raise CommandFailed(f"--secret: {KEY_RULE}")
    elif secret is not None and not is_usable_secret(secret):
        raise CommandFailed(f"secret: {SECRET_RULE}")
