"""Taking webhooks in: translate, store, answer. Thinking happens later.

What all kinds of channels share; who calls, and how they prove it, differs: see
`bot.web.meta_webhooks` and `bot.web.gateway_webhooks`.

Codes: stored 200; missing or malformed proof 401; wrong proof, or an account of another
app 403; body too large 413; nothing could be stored 503, so that the sender tries
again. What is proven and not understood is kept and answered with 200.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog
from aiohttp import web
from pydantic import BaseModel

from bot.channels.channel import Channel
from bot.db import DatabaseUnavailable
from bot.db.batcher import BatcherFull
from bot.db.intake import Delivery, NewChange, NewMessage, NewQuarantine, NewStatus
from bot.domain.message import (
    AT_RECEIPT,
    ECHO,
    FLUSH_TYPES,
    AccountNews,
    ConsentChanged,
    Ignored,
    InboundMessage,
    Media,
    PersonChanged,
    Quarantined,
    Received,
    StatusUpdate,
    written_for_the_shop,
)
from bot.inbox.directory import ChannelEntry, Directory
from bot.runtime import Runtime
from bot.web.changed_ids import change_in, changes_by, known_as, may_be_another
from bot.web.counting import counted

_log = structlog.get_logger(__name__)

#: A quarantined body is kept up to this many characters.
_RAW_LIMIT = 65_536
#: A store of media gets so many seconds for what came with a webhook.
_KEEPING = 5.0
#: Reading more than this many bytes takes a while: other calls go on meanwhile.
_LARGE = 262_144


class NotTheirs(Exception):
    """The caller does not speak for an account that its body names."""


class Proven(Protocol):
    """Who called, as the call proved."""

    @property
    def id(self) -> str:
        """Our id of the app or channel, kept with what nobody could read."""
        ...

    @property
    def kind(self) -> str:
        """The kind of channels that it speaks for."""
        ...

    def entry(self, account: str, directory: Directory) -> ChannelEntry | None:
        """Return the channel of an account that a body names; None: nobody added it.

        Raises NotTheirs.
        """
        ...


async def take_in(runtime: Runtime, proven: Proven, body: bytes) -> Sequence[Received]:
    """Store everything that an authenticated body says, and return it.

    Raises 403 and 503 as said above.
    """
    received = await _translated(runtime.channels[proven.kind], body)
    directory = await known_channels(runtime)
    try:
        delivery = await _delivery(received, proven, directory, runtime)
    except NotTheirs as error:
        raise web.HTTPForbidden(text=f"{error}\n") from None
    try:
        await runtime.writer.store(delivery)
    except (BatcherFull, DatabaseUnavailable) as error:
        _log.warning("intake_refused", error=str(error))
        raise unavailable() from None
    for message in delivery.messages:
        if message.event != ECHO:
            runtime.tally.heard(message.channel_id, message.tenant_id, message.sent_at)
    for item in received:
        counted(item, proven.kind, runtime.metrics)
        if isinstance(item, AccountNews):
            _tell(item, proven.id)
    return received


async def known_channels(runtime: Runtime, *, fresh: bool = False) -> Directory:
    """Return the directory. Raises 503 while the database cannot be reached."""
    try:
        return await runtime.directories.current(fresh=fresh)
    except DatabaseUnavailable as error:
        _log.warning("directory_unavailable", error=str(error))
        raise unavailable() from None


def unavailable() -> web.HTTPServiceUnavailable:
    """Return the answer after which every provider tries again."""
    return web.HTTPServiceUnavailable(
        text="nothing was stored: please send it again\n", headers={"Retry-After": "5"}
    )


async def _translated(channel: Channel, body: bytes) -> Sequence[Received]:
    if len(body) <= _LARGE:
        return channel.translate(body)
    return await asyncio.to_thread(channel.translate, body)


async def _delivery(
    received: Sequence[Received],
    proven: Proven,
    directory: Directory,
    runtime: Runtime,
) -> Delivery:
    messages: list[NewMessage] = []
    statuses: list[NewStatus] = []
    quarantines = [
        _quarantine(item, _reason(item, proven, directory), proven, runtime)
        for item in received
        if isinstance(item, Quarantined | AccountNews)
    ]
    changes: list[NewChange] = []
    for item in received:
        if isinstance(item, PersonChanged):
            if item.account is not None:
                proven.entry(item.account, directory)
            dated = item.model_copy(update={"at": _known(item.at, runtime)})
            found = changes_by(dated, proven.id, directory)
            changes += found
            if not found:
                quarantines.append(_quarantine(item, "unknown_app", proven, runtime))
        if not isinstance(item, InboundMessage | StatusUpdate | ConsentChanged):
            continue
        entry = await _entry(item.account, proven, directory, runtime)
        if entry is None:
            quarantines.append(_quarantine(item, "unknown_number", proven, runtime))
        elif isinstance(item, InboundMessage) and not _is_past(item, proven, runtime):
            message = _message(await _kept(item, runtime), entry, runtime)
            messages.append(message)
            if change := change_in(item, entry, message.contact_id):
                changes.append(change)
        elif isinstance(item, StatusUpdate):
            statuses.append(_status(item, entry, runtime))
    return Delivery(
        tuple(messages), tuple(statuses), tuple(quarantines), tuple(changes)
    )


def _reason(
    item: Quarantined | AccountNews, proven: Proven, directory: Directory
) -> str:
    """Return why something is kept aside. Raises NotTheirs."""
    if isinstance(item, Quarantined):
        return item.reason
    if item.account is not None:
        proven.entry(item.account, directory)
    return f"news: {item.field}"


async def _entry(
    account: str, proven: Proven, directory: Directory, runtime: Runtime
) -> ChannelEntry | None:
    """Return the channel of an account; None: nobody added it. Raises NotTheirs, 503.

    Another process may have added it a moment ago.
    """
    entry = proven.entry(account, directory)
    if entry is None:
        directory = await known_channels(runtime, fresh=True)
        entry = proven.entry(account, directory)
    if entry is None and (proven.kind, account) in directory.closed:
        # It is ours, and will be readable again: the sender keeps the message.
        _log.error("channel_closed", number_of=proven.id)
        raise unavailable()
    return entry


def _is_past(item: InboundMessage, proven: Proven, runtime: Runtime) -> bool:
    """Return whether the shop wrote it so long ago that nobody takes over by it."""
    after = runtime.channels[proven.kind].history_after
    if item.event != ECHO or after is None or item.sent_at == AT_RECEIPT:
        return False
    return runtime.clock() - item.sent_at > after


async def _kept(item: InboundMessage, runtime: Runtime) -> InboundMessage:
    """Keep the bytes that came with a message; return it with their hash.

    A full disk loses the bytes, never the message: its provider may still have them.
    """
    content = item.content
    most = runtime.settings.media_limit_bytes
    if item.inline is None or not isinstance(content, Media) or len(item.inline) > most:
        return item
    sha256 = await asyncio.to_thread(
        lambda data: hashlib.sha256(data).hexdigest(), item.inline
    )
    try:
        async with asyncio.timeout(_KEEPING):
            await runtime.media.put(sha256, item.inline)
    except OSError as full:  # A store that is too slow, too: TimeoutError is one.
        _log.error("media_not_kept", error=str(full))
        return item
    stored = content.model_copy(update={"stored": sha256})
    return item.model_copy(update={"content": stored, "inline": None})


def _message(item: InboundMessage, entry: ChannelEntry, runtime: Runtime) -> NewMessage:
    content = item.content
    is_echo = item.event == ECHO
    written = written_for_the_shop(content) if is_echo else content
    return NewMessage(
        id=runtime.new_id("msg"),
        tenant_id=entry.account.tenant_id,
        shard=entry.shard,
        channel_id=entry.account.channel_id,
        event=item.event,
        kind=content.type,
        provider_id=item.provider_id,
        aliases=known_as(item),
        name=item.sender.name,
        content=written.model_dump_json(exclude_none=True),
        reply_to=_json(item.reply_to),
        origin=_json(item.origin),
        sent_at=_known(item.sent_at, runtime),
        contact_id=runtime.new_id("con"),
        flush=is_echo or content.type in FLUSH_TYPES,
        identity=item.sender.identity,
        identity_changed=may_be_another(item),
    )


def _json(value: BaseModel | None) -> str | None:
    return value.model_dump_json(exclude_none=True) if value else None


def _known(moment: datetime, runtime: Runtime) -> datetime:
    return runtime.clock() if moment == AT_RECEIPT else moment


def _status(item: StatusUpdate, entry: ChannelEntry, runtime: Runtime) -> NewStatus:
    return NewStatus(
        tenant_id=entry.account.tenant_id,
        channel_id=entry.account.channel_id,
        provider_id=item.provider_id,
        state=item.state,
        at=_known(item.at, runtime),
        callback=item.callback,
        error_code=item.error_code,
        error_title=item.error_title,
        pricing=json.dumps(item.pricing) if item.pricing else None,
    )


def _quarantine(
    item: Received, reason: str, proven: Proven, runtime: Runtime
) -> NewQuarantine:
    raw = (
        item.raw
        if isinstance(item, Quarantined | AccountNews)
        else item.model_dump_json()
    )
    account = None if isinstance(item, Ignored) else item.account
    return NewQuarantine(
        id=runtime.new_id("qrn"),
        app_id=proven.id,
        account=account and account[:100],
        reason=reason[:60],
        raw=raw[:_RAW_LIMIT],
    )


def _tell(news: AccountNews, app: str) -> None:
    """Write down what happened to an account; its own words stay where they are."""
    write = _log.error if news.serious else _log.info
    write("account_news", app=app, field=news.field, about=news.about)
