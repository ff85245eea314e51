"""Channels at a gateway of the merchant's own, such as Evolution API. Commits nothing.

Every gateway may have an account "default", so that what makes a channel unique is the
account together with the address at which its gateway answers.
"""

import hashlib
import re
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from yarl import URL

from bot.inbox.accounts import ChannelState, Seal
from bot.inbox.checking import InvalidAccount, check_secret
from bot.inbox.table import channel

_INSTANCE = re.compile(r"[^\x00-\x20/\\?#%|\x7f](?:[^\x00-\x1f/\\?#%|\x7f]{0,58}\S)?")
_LONGEST_URL = 300
#: Of the column.
_EXTERNAL_ID = 100


def check_base_url(url: str) -> str:
    """Return the address of a gateway without a slash at its end.

    Raises InvalidAccount.
    """
    text = url.strip().rstrip("/")
    try:
        found = URL(text)
        is_one = (
            found.scheme in {"http", "https"}
            and found.host
            and found.user is None
            and found.password is None
            and not found.query_string
            and not found.fragment
            and found.port
        )
    except ValueError:
        is_one = False
    if is_one and len(text) <= _LONGEST_URL and text.isascii() and text.isprintable():
        return text
    raise InvalidAccount(
        "base_url",
        "give the address at which the gateway answers, such as"
        " https://evolution.shop.example or http://127.0.0.1:8080",
    )


def check_instance(name: str) -> str:
    """Return what a gateway calls an account. Raises InvalidAccount."""
    text = name.strip()
    if _INSTANCE.fullmatch(text):
        return text
    raise InvalidAccount(
        "instance",
        "give the name of the instance or session as the gateway shows it: up to 60"
        " characters, none of them / \\ ? # % |",
    )


def external_id_of(base_url: str, instance: str) -> str:
    """Return what is unique of an account: readable as far as it fits."""
    url = URL(base_url)
    where = f"{url.host}:{url.port}{url.path.rstrip('/')}".lower()
    whole = f"{instance}@{where}"
    if len(whole) <= _EXTERNAL_ID:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return f"{instance[:60]}@{digest[:32]}"


async def add_gateway(
    connection: AsyncConnection,
    *,
    id: str,  # noqa: A002  # the field's name
    tenant_id: str,
    kind: str,
    base_url: str,
    instance: str,
    api_key: str,
    webhook_secret: str,
    sealer: Seal,
    now: datetime,
    public_only: bool = False,
) -> None:
    """Store a channel at a gateway, its secrets sealed. An account has one channel.

    Raises InvalidAccount naming the field and the remedy.
    """
    base_url, instance = check_base_url(base_url), check_instance(instance)
    api_key = check_secret("api_key", api_key)
    webhook_secret = check_secret("webhook_secret", webhook_secret)
    external_id = external_id_of(base_url, instance)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = await connection.execute(
        dialect.insert(channel)
        .values(
            id=id,
            tenant_id=tenant_id,
            kind=kind,
            external_id=external_id,
            access_token=sealer.seal(api_key),
            state=ChannelState.ACTIVE,
            created_at=now,
            base_url=base_url,
            instance=instance,
            public_only=public_only,
            webhook_secret=sealer.seal(webhook_secret),
        )
        .on_conflict_do_nothing(index_elements=["kind", "external_id"])
        .returning(channel.c.id)
    )
    if added.one_or_none() is None:
        raise InvalidAccount(
            "instance",
            f"{external_id} has a channel already; one account belongs to one channel",
        )


async def rotate_webhook_secret(
    connection: AsyncConnection,
    tenant_id: str,
    channel_id: str,
    secret: str,
    *,
    sealer: Seal,
    until: datetime,
) -> bool:
    """Store a gateway channel's new secret; the old one is taken, too, until then.

    False when the tenant has no such channel at a gateway. Raises InvalidAccount.
    """
    sealed = sealer.seal(check_secret("webhook_secret", secret))
    mine = (channel.c.id == channel_id, channel.c.tenant_id == tenant_id)
    found = await connection.execute(
        select(channel.c.webhook_secret).where(*mine).with_for_update()
    )
    old = found.scalar()
    if old is None:
        return False
    await connection.execute(
        update(channel)
        .where(*mine)
        .values(
            webhook_secret=sealed,
            webhook_secret_before=old,
            webhook_secret_before_until=until,
        )
    )
    return True
