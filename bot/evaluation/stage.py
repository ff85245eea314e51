"""A scratch shop in which cases are played: the product itself, without its network.

Messages are taken in, claimed, handled and saved as in a worker, on a database that is
thrown away. Nothing is delivered; the only calls that leave are those of the model.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.db.claims import Claim
from bot.db.intake import Delivery, NewMessage
from bot.domain.message import (
    FLUSH_TYPES,
    Alias,
    AliasKind,
    Content,
    OutboundMessage,
    OutButtons,
    OutList,
)
from bot.evaluation.paper import PaperChannel
from bot.evaluation.wallet import Wallet
from bot.ident import utc_now
from bot.inbox.accounts import add_app, add_channel, add_tenant
from bot.migrations.upgrade import upgrade
from bot.reading.reader import Call
from bot.reading.registry import READERS
from bot.runtime import Runtime
from bot.sealing import Sealer, new_secret_key
from bot.serving import beside
from bot.settings import Settings
from bot.wiring import need_secret_key, running, sealer_of, service_of
from bot.worker.failing import dismiss
from bot.worker.judging import Outcome, Verdict
from bot.worker.loading import Loaded, load
from bot.worker.saving import Saved, save
from bot.worker.turn import handle
from catalog.importing import Order as ImportOrder
from catalog.importing import import_products
from orders import Order, Shop

_CURRENCY, _NUMBER = "TRY", "100000000000001"
#: Longer than anything takes, in seconds: what is under way is nobody else's.
_LEASE = 3600.0
#: Messages are due at once: nobody waits for more of them.
_SOON = timedelta(minutes=1)
#: A turn that was overtaken by what it depended on runs again, so often.
_TRIES = 3
_READINGS = 1_000_000


class NotPlayed(Exception):
    """The product did not come to an end with a turn. The message says why."""


@dataclass(frozen=True, slots=True)
class Handled:
    """One turn of a talk, as it was saved."""

    outcome: Outcome
    order: Order | None
    said: tuple[OutboundMessage, ...]
    seconds: float  #: From the claim to the commit.


@dataclass
class Talk:
    """One customer's conversation."""

    number: str  #: Digits.
    name: str
    sent: int = 0
    turns: list[Handled] = field(default_factory=list)

    @property
    def choices(self) -> OutButtons | OutList | None:
        """Return the newest message that has buttons or rows."""
        said = (m.content for turn in reversed(self.turns) for m in reversed(turn.said))
        return next((c for c in said if isinstance(c, OutButtons | OutList)), None)


class Stage:
    """The scratch shop. Several talks may go on at the same time."""

    def __init__(self, runtime: Runtime, channel: PaperChannel, ids: "_Ids") -> None:
        self.runtime = runtime
        self.channel = channel
        self._ids = ids
        self._phones = 0
        self._outcomes: dict[str, tuple[Outcome, Saved]] = {}
        # Between storing and claiming nobody else claims: a claim is its own talk's.
        self._turnstile = asyncio.Lock()

    def talk(self, name: str) -> Talk:
        """Return the conversation of a customer who never wrote before."""
        self._phones += 1
        return Talk(f"90555{self._phones:07d}", name)

    async def hear(self, talk: Talk, contents: Sequence[Content]) -> Handled:
        """Take in messages and handle them as one turn.

        Raises ReaderUnavailable, and NotPlayed when the turn is not saved.
        """
        delivery = self._delivery(talk, contents)
        for _ in range(_TRIES):
            async with self._turnstile:
                if delivery is not None:
                    await self.runtime.writer.store(delivery)
                    delivery = None
                claim = await self._claimed()
            began = time.perf_counter()
            await handle(claim, self.runtime, self)
            took = time.perf_counter() - began
            outcome, saved = self._outcomes.pop(claim.conversation_id)
            if saved.verdict is Verdict.COMMITTED:
                said = outcome.say(saved.order)
                handled = Handled(outcome, saved.order, said, took)
                talk.turns.append(handled)
                return handled
        raise NotPlayed(f"the turn was decided {_TRIES} times and never saved")

    async def _claimed(self) -> Claim:
        runtime = self.runtime
        claims = await runtime.database.retried(
            lambda connection: runtime.claims.claim(
                connection, room=2, busy={}, now=runtime.clock() + _SOON
            )
        )
        if len(claims) != 1:
            raise NotPlayed(f"{len(claims)} conversations are due, not one")
        return claims[0]

    def _delivery(self, talk: Talk, contents: Sequence[Content]) -> Delivery | None:
        return Delivery(tuple(self._message(talk, content) for content in contents))

    def _message(self, talk: Talk, content: Content) -> NewMessage:
        runtime, alias = self.runtime, Alias(kind=AliasKind.WA_ID, value=talk.number)
        talk.sent += 1
        return NewMessage(
            id=runtime.new_id("msg"),
            tenant_id=self._ids.tenant,
            shard=0,
            channel_id=self._ids.channel,
            event="message",
            kind=content.type,
            provider_id=f"{talk.number}.{talk.sent}",
            aliases=((alias.kind, alias.value),),
            name=talk.name,
            content=content.model_dump_json(exclude_none=True),
            reply_to=None,
            sent_at=runtime.clock(),
            contact_id=runtime.new_id("con"),
            flush=content.type in FLUSH_TYPES,
        )

    # -- what a turn needs ------------------------------------------------------------

    async def load(self, claim: Claim) -> Loaded:
        async with self.runtime.database.reading() as connection:
            (loaded,) = await load(connection, [claim])
        return loaded

    def show(self, loaded: Loaded) -> None:
        """Show nobody that their words were seen."""

    def spend(self, claim: Claim, calls: Sequence[Call]) -> None:
        """Note nothing: a turn that fails ends the play."""

    async def save(self, outcome: Outcome) -> Saved:
        runtime = self.runtime
        (saved,) = await runtime.database.retried(
            lambda connection: save(
                connection, [outcome], new_id=runtime.new_id, now=runtime.clock()
            )
        )
        self._outcomes[outcome.loaded.claim.conversation_id] = (outcome, saved)
        return saved

    async def dismiss(self, claim: Claim) -> None:
        await self.runtime.database.retried(
            lambda connection: dismiss(connection, claim)
        )
        raise NotPlayed("a turn had no messages")


@dataclass(frozen=True, slots=True)
class _Ids:
    tenant: str
    channel: str


@asynccontextmanager
async def open_stage(
    chosen: Settings,
    reader: str,
    wallet: Wallet,
    *,
    prompt: str | None = None,
    rules: Shop | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Stage]:
    """Open a scratch shop that is read for by one reader alone.

    `rules` are the shop's, `clock` its time. Raises PromptError for a version of the
    prompt that there is not.
    """
    with TemporaryDirectory(prefix="chatorder-eval-") as folder:
        settings = _scratch(chosen, Path(folder))
        await upgrade(settings.database_url)
        async with AsyncExitStack() as stack:
            service = service_of(settings, wallet, prompt=prompt)
            senses = await stack.enter_async_context(READERS[reader](service))
            channel = PaperChannel()
            runtime = await stack.enter_async_context(
                running(
                    settings,
                    readers=[senses.reader],
                    channels={channel.kind: channel},
                    clock=clock,
                )
            )
            runtime = replace(runtime, listener=senses.listener)
            await stack.enter_async_context(beside(runtime.writer.run()))
            ids = await _furnished(runtime, sealer_of(settings), rules or Shop())
            yield Stage(runtime, channel, ids)


def _scratch(chosen: Settings, folder: Path) -> Settings:
    return chosen.model_copy(
        update={
            "database_url": f"sqlite:///{folder / 'scratch.db'}",
            "redis_url": None,
            "media_dir": folder / "media",
            "secret_key": SecretStr(new_secret_key()),
            "secret_keys_old": (),
            "lease_seconds": _LEASE,
            "openai_readings_per_hour": _READINGS,
        }
    )


async def _furnished(runtime: Runtime, sealer: Sealer, rules: Shop) -> _Ids:
    """Make the shop, and put its products on the shelves."""
    need_secret_key(runtime.settings)
    now, new_id = runtime.clock(), runtime.new_id
    ids, app_id = _Ids(new_id("tenant"), new_id("channel")), new_id("app")
    async with runtime.database.transaction() as connection:
        await add_tenant(
            connection,
            id=ids.tenant,
            name="Corner Shop",
            language="en",
            timezone="Europe/Istanbul",
            currency=_CURRENCY,
            country="TR",
            shop=rules,
            now=now,
        )
        await add_app(
            connection,
            id=app_id,
            tenant_id=ids.tenant,
            secret="of nobody",  # noqa: S106  # nothing is ever signed with it
            verify_token="of nobody",  # noqa: S106  # nor verified
            sealer=sealer,
            now=now,
        )
        await add_channel(
            connection,
            id=ids.channel,
            tenant_id=ids.tenant,
            app_id=app_id,
            external_id=_NUMBER,
            access_token="of nobody",  # noqa: S106  # nor sent
            sealer=sealer,
            now=now,
        )
    with as_file(files("bot.evaluation.sets") / "shop.csv") as path:
        report = await import_products(
            runtime.database,
            ImportOrder(new_id("imp"), ids.tenant, path.name, "command"),
            path,
            new_id=new_id,
            clock=runtime.clock,
        )
    if report.errors:
        raise NotPlayed(f"the products of the sets are wrong: {report.errors[0]}")
    return ids
