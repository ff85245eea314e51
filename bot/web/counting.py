"""What webhooks brought, counted: with labels from a table, never from a body."""

from bot.domain.message import (
    AccountNews,
    ConsentChanged,
    Ignored,
    InboundMessage,
    LinkChanged,
    PersonChanged,
    Quarantined,
    Received,
    StatusUpdate,
    Unsupported,
)
from bot.telemetry import Metrics

_WHAT = {
    InboundMessage: "message",
    StatusUpdate: "status",
    ConsentChanged: "consent",
    AccountNews: "news",
    PersonChanged: "ids",
    LinkChanged: "link",
    Quarantined: "quarantined",
    Ignored: "ignored",
}
#: Types of messages that are known and cannot be read; any other counts as `other`.
_UNREADABLE = frozenset(
    {
        # Meta's, and the kinds that it names where it could not deliver one.
        *("call_permission_reply", "edit", "gif", "group_invite", "hsm", "image"),
        *("interactive", "keep_in_chat", "link_preview", "list", "location"),
        *("media_placeholder", "order", "pin", "poll_creation", "poll_update"),
        *("product", "reaction", "unknown", "unsupported"),
        # Those of gateways.
        *("eventMessage", "groupInviteMessage", "pollCreationMessage"),
        *("pollCreationMessageV2", "pollCreationMessageV3", "requestPaymentMessage"),
    }
)


def counted(item: Received, channel: str, metrics: Metrics) -> None:
    """Count one thing that a webhook of a kind of channel brought."""
    metrics.received.labels(_WHAT[type(item)]).inc()
    match item:
        case AccountNews(field=field):
            metrics.account_news.labels(field).inc()
        case InboundMessage(content=Unsupported(original_type=name)):
            label = name if name in _UNREADABLE else "other"
            metrics.unreadable.labels(channel, label).inc()
