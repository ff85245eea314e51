"""What is reached over the network: Redis, the model, the channels, the sinks."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.channel import Channel
from bot.doctor.clocks import check_clock
from bot.doctor.finding import Finding, error, ok, warning
from bot.ident import utc_now
from bot.inbox.directory import ChannelEntry
from bot.settings import Settings, SettingsError
from bot.wiring import media_store_of
from orders.domain.events import SinkAccount
from orders.outbox.delivery import Refused, Unavailable

#: No check of the network takes longer, seconds.
PATIENCE = 10.0
#: A list of models has some hundred bytes for each.
_LONGEST_ANSWER = 1024 * 1024


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: tuple[_Model, ...]


async def check_redis(url: str | None) -> Finding:
    """Return whether Redis answers, when it is set."""
    if url is None:
        return ok("redis", "not set: one process wakes itself, several look by polling")
    client = Redis.from_url(url, socket_connect_timeout=PATIENCE)
    try:
        async with asyncio.timeout(PATIENCE):
            await client.ping()
    except (RedisError, OSError, TimeoutError) as problem:
        return error(
            "redis",
            f"does not answer: {type(problem).__name__}",
            "start it, or correct CHATORDER_REDIS_URL; without it wake-ups are slow",
        )
    finally:
        await client.aclose()
    return ok("redis", "answers")


async def check_bucket(settings: Settings) -> Sequence[Finding]:
    """Return whether the bucket of media can be listed, when there is one."""
    if settings.media_url is None:
        return ()
    subject, remedy = "media bucket", "see CHATORDER_MEDIA_URL and its four neighbours"
    try:
        store = media_store_of(settings)
        async with asyncio.timeout(PATIENCE):
            await anext(store.shelves(), ())
    except SettingsError as problem:
        return [error(subject, str(problem), "install it")]
    except (OSError, TimeoutError) as problem:
        words = str(problem) or "no answer in time"
        return [error(subject, f"{settings.media_url}: {words}", remedy)]
    return [ok(subject, f"{settings.media_url} can be listed")]


async def check_model(settings: Settings, session: aiohttp.ClientSession) -> Finding:
    """Return whether OpenAI takes the key and has the model."""
    if settings.reader == "rules":
        return ok("openai", "not used: CHATORDER_READER=rules")
    if settings.openai_api_key is None:
        return ok("openai", "no OPENAI_API_KEY: the rules reader understands messages")
    key = settings.openai_api_key.get_secret_value()
    url = f"{settings.openai_base_url}/models"
    try:
        async with (
            asyncio.timeout(PATIENCE),
            session.get(
                url,
                headers={"Authorization": f"Bearer {key}"},
                allow_redirects=False,
            ) as response,
        ):
            body = await response.content.read(_LONGEST_ANSWER)
            status = response.status
    except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
        return error(
            "openai",
            f"{url} does not answer: {type(problem).__name__}",
            "let this machine reach it, or correct OPENAI_BASE_URL",
        )
    return _model_finding(settings, url, status, body)


def _model_finding(settings: Settings, url: str, status: int, body: bytes) -> Finding:
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return error("openai", f"{url} refuses the key", "correct OPENAI_API_KEY")
    if status != HTTPStatus.OK:
        return error(
            "openai",
            f"{url} answers HTTP {status}",
            "try again; see that OPENAI_BASE_URL is right",
        )
    try:
        known = {model.id for model in _Models.model_validate_json(body).data}
    except ValidationError:
        return warning(
            "openai",
            f"{url} gives no list of models",
            "see that OPENAI_BASE_URL speaks OpenAI's API",
        )
    wanted = {settings.openai_model, settings.openai_vision_model}
    missing = sorted(wanted - known)
    if missing:
        return warning(
            "openai",
            f"{url} does not list {', '.join(missing)}",
            "set CHATORDER_OPENAI_MODEL to one that it lists",
        )
    return ok("openai", f"{url} takes the key and has {settings.openai_model}")


async def check_channel(
    entry: ChannelEntry, channels: Mapping[str, Channel]
) -> AsyncIterator[Finding]:
    """Yield whether a provider lets us speak for a channel."""
    subject = f"channel {entry.account.channel_id}"
    channel = channels.get(entry.kind)
    if channel is None:
        words = f"its kind {entry.kind!r} is not in this version"
        yield error(subject, words, "run the version that has it")
        return
    try:
        async with asyncio.timeout(2 * PATIENCE):
            found = await channel.check(entry.account)
    except Refused as problem:
        yield error(
            subject,
            f"{entry.account.external_id} is refused: {problem}",
            _remedy(entry, channel),
        )
        return
    except (Unavailable, TimeoutError) as problem:
        yield warning(
            subject,
            f"nobody can say now: {str(problem) or 'no answer in time'}",
            "try again; let this machine reach"
            f" {entry.account.base_url or 'CHATORDER_GRAPH_API_URL'}",
        )
        return
    name = " ".join(filter(None, (found.name, found.number)))
    if found.warning:
        where = entry.account.base_url or "Meta's WhatsApp Manager"
        yield warning(subject, found.warning, f"see {where}")
    else:
        yield ok(subject, f"{name or entry.account.external_id}: its token is good")
    if found.at is not None:
        yield check_clock(f"the provider of {subject}", found.at, utc_now())


def _remedy(entry: ChannelEntry, channel: Channel) -> str:
    what = "a token of a system user that has whatsapp_business_messaging"
    if channel.gate is not None:
        what = f"the API key of {entry.account.base_url}"
    return (
        f"`chatorder channel activate {entry.account.channel_id} --access-token ...`"
        f" with {what}"
    )


async def check_sink(account: SinkAccount) -> Finding:
    """Return whether the name of a sink's host leads anywhere. Nothing is sent."""
    subject = f"sink {account.id}"
    parts = urlsplit(account.url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.get_running_loop().getaddrinfo(host, port)
    except (OSError, TimeoutError, UnicodeError):
        return error(
            subject,
            f"nobody knows the host {host}",
            "correct its address: add the sink again with the right --url",
        )
    return ok(subject, f"{host} is known")
