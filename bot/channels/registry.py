"""Every kind of channel by its name. A new one is a folder and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp

from bot.channels.channel import Channel
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


def _whatsapp_cloud(given: Surroundings) -> Channel:
    return WhatsAppCloud(
        given.session,
        graph_url=given.graph_url,
        version=given.graph_version,
        media_hosts=given.media_hosts,
        media_limit=given.media_limit,
        timeout=given.timeout,
    )


CHANNELS: Mapping[str, Callable[[Surroundings], Channel]] = {
    WhatsAppCloud.kind: _whatsapp_cloud,
}
