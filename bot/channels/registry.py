"""Every kind of channel by its name. A new one is a folder and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp

from bot.channels.channel import Channel
from bot.channels.evolution.client import Evolution
from bot.channels.waha.client import Waha
from bot.channels.whatsapp_cloud.client import WhatsAppCloud


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What channels are made of: the connection pool, and what settings say."""

    session: aiohttp.ClientSession
    graph_url: str
    graph_version: str
    media_hosts: frozenset[str]
    media_limit: int  #: Bytes.
    timeout: float  #: Seconds, for each call.
    #: Reaches hosts of the public internet only; None: nobody asked for that.
    public: aiohttp.ClientSession | None = None


def _whatsapp_cloud(given: Surroundings) -> Channel:
    return WhatsAppCloud(
        given.session,
        graph_url=given.graph_url,
        version=given.graph_version,
        media_hosts=given.media_hosts,
        media_limit=given.media_limit,
        timeout=given.timeout,
        public=given.public,
    )


def _gateway(kind: type[Evolution] | type[Waha]) -> Callable[[Surroundings], Channel]:
    def make(given: Surroundings) -> Channel:
        return kind(
            given.session,
            given.public or given.session,
            media_hosts=given.media_hosts,
            media_limit=given.media_limit,
            timeout=given.timeout,
        )

    return make


CHANNELS: Mapping[str, Callable[[Surroundings], Channel]] = {
    WhatsAppCloud.kind: _whatsapp_cloud,
    Evolution.kind: _gateway(Evolution),
    Waha.kind: _gateway(Waha),
}
