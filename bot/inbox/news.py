"""News for people who look at pages: what changed, so that they look again.

Losing one costs seconds, never data: pages look for themselves now and then. Telling
costs next to nothing when nobody listens. In one process listeners are called at once;
between processes news go over Redis, gathered for a moment.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger(__name__)

#: What comes within this time is told together, seconds.
_MOMENT = 0.1
#: More different news than this say one thing: look at everything.
_MOST = 64
#: How long we rest before connecting to Redis again, seconds.
_RECONNECT = 1.0


class What(StrEnum):
    """What changed."""

    MESSAGE = "message"
    STATUS = "status"
    DRAFT = "draft"
    ORDER = "order"
    CHAT = "chat"  #: Who has the conversation, and what is known about it.
    ALARM = "alarm"
    IMPORT = "import"
    SESSION = "session"  #: Somebody may be signed out now: no page is told of it.
    EVERYTHING = "all"  #: Nobody knows what: all of it may have.


@dataclass(frozen=True, slots=True)
class Told:
    """One piece of news; without a conversation it is about any, or about none."""

    what: What
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Herald:
    """What changed together, and in which conversation; None: in any, or in none."""

    conversation_id: str | None
    changed: tuple[What, ...]


class Pile:
    """News that wait, each once; too many collapse into one that says everything.

    That a session is over is never lost in it.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._news: dict[Told, None] = {}

    def __bool__(self) -> bool:
        return bool(self._news)

    def put(self, told: Told) -> None:
        """Add a piece of news."""
        if told == _SESSION:
            self._news[told] = None
            return
        if _ALL in self._news:
            return
        if told == _ALL or (told not in self._news and len(self._news) >= self._most):
            kept = [_SESSION] if _SESSION in self._news else []
            self._news = dict.fromkeys([*kept, _ALL])
        else:
            self._news[told] = None

    def take(self) -> tuple[Told, ...]:
        """Return what waits, the oldest first, and forget it."""
        taken, self._news = tuple(self._news), {}
        return taken


_ALL = Told(What.EVERYTHING)
_SESSION = Told(What.SESSION)


class Listener:
    """What one page hears: iterate over it, and close it.

    Each round is all that changed since the one before it; it waits until something
    did. A round that is cancelled loses nothing.
    """

    def __init__(self, listeners: "_Listeners", tenant_id: str) -> None:
        self._listeners = listeners
        self._tenant_id = tenant_id
        self._pile = Pile()
        self._changed = asyncio.Event()
        self._is_closed = False
        listeners.setdefault(tenant_id, set()).add(self)

    def hear(self, told: Told) -> None:
        """Be told something. Never waits."""
        self._pile.put(told)
        self._changed.set()

    def close(self) -> None:
        """Hear nothing any more; whoever iterates comes to the end."""
        self._is_closed = True
        self._changed.set()
        others = self._listeners.get(self._tenant_id, set())
        others.discard(self)
        if not others:
            self._listeners.pop(self._tenant_id, None)

    def __aiter__(self) -> "Listener":
        return self

    async def __anext__(self) -> tuple[Told, ...]:
        await self._changed.wait()
        if not self._is_closed:
            await asyncio.sleep(_MOMENT)
        if self._is_closed:
            raise StopAsyncIteration
        self._changed.clear()
        return self._pile.take()


_Listeners = dict[str, set[Listener]]


class News(Protocol):
    """Tells listeners what changed."""

    def tell(self, tenant_id: str, conversation_id: str | None, *changed: What) -> None:
        """Say what changed, after the commit. Never waits, never raises."""
        ...

    def subscribe(self, tenant_id: str) -> Listener:
        """Return who hears a tenant's news from now on; close it afterwards."""
        ...

    async def run(self) -> None:
        """Pass news on between processes, until cancelled."""
        ...


class LocalNews:
    """News within one process."""

    def __init__(self) -> None:
        self._listeners: _Listeners = {}

    def tell(self, tenant_id: str, conversation_id: str | None, *changed: What) -> None:
        for listener in self._listeners.get(tenant_id, ()):
            for what in changed:
                listener.hear(Told(what, conversation_id))

    def subscribe(self, tenant_id: str) -> Listener:
        return Listener(self._listeners, tenant_id)

    @property
    def listening(self) -> int:
        """Return how many listen."""
        return sum(map(len, self._listeners.values()))

    def tell_all(self) -> None:
        """Say to everybody that everything may have changed."""
        for tenant_id in self._listeners:
            self.tell(tenant_id, None, What.EVERYTHING)

    async def run(self) -> None:
        """Return at once: local news need no upkeep."""


class RedisNews:
    """News in every process that shares a Redis.

    At home they are heard at once, whatever happens to Redis. `name` is this process's
    own: by it, it knows what it said itself.
    """

    def __init__(self, redis: Redis, channel: str, name: str) -> None:
        self._redis = redis
        self._channel = channel
        self._name = name
        self._local = LocalNews()
        self._unsent: dict[str, Pile] = {}  #: By tenant.
        self._has_unsent = asyncio.Event()
        self._is_running = False

    def tell(self, tenant_id: str, conversation_id: str | None, *changed: What) -> None:
        self._local.tell(tenant_id, conversation_id, *changed)
        if not self._is_running:
            return
        pile = self._unsent.setdefault(tenant_id, Pile())
        for what in changed:
            pile.put(Told(what, conversation_id))
        self._has_unsent.set()

    def subscribe(self, tenant_id: str) -> Listener:
        return self._local.subscribe(tenant_id)

    async def run(self) -> None:
        """Pass news on and hear those of others, until cancelled."""
        self._is_running = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._publish())
                group.create_task(self._listen())
        finally:
            self._is_running = False

    async def _publish(self) -> None:
        while True:
            await self._has_unsent.wait()
            # One message for all that happens meanwhile, in all conversations.
            await asyncio.sleep(_MOMENT)
            self._has_unsent.clear()
            unsent, self._unsent = self._unsent, {}
            try:
                await self._redis.publish(self._channel, _written(self._name, unsent))
            except (RedisError, OSError) as error:
                _log.warning("news_not_sent", error=str(error))
                await asyncio.sleep(_RECONNECT)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(self._channel)
                    async for message in pubsub.listen():
                        if message["type"] == "subscribe":
                            # What was said while we were not there is lost.
                            self._local.tell_all()
                        elif message["type"] == "message":
                            self._hear(message["data"])
            except (RedisError, OSError, ValueError, TypeError, KeyError) as error:
                _log.warning("news_not_heard", error=str(error))
                await asyncio.sleep(_RECONNECT)

    def _hear(self, data: str) -> None:
        said = json.loads(data)
        if said["from"] == self._name:
            return
        for tenant_id, news in said["news"].items():
            for conversation_id, word in news:
                self._local.tell(tenant_id, conversation_id, _known(word))


def _written(name: str, unsent: Mapping[str, Pile]) -> str:
    news = {
        tenant_id: [(told.conversation_id, told.what) for told in pile.take()]
        for tenant_id, pile in unsent.items()
    }
    return json.dumps({"from": name, "news": news}, separators=(",", ":"))


def _known(word: str) -> What:
    """Return what a word means; a newer program's new word means everything."""
    try:
        return What(word)
    except ValueError:
        return What.EVERYTHING
