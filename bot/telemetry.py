"""Logs and numbers: they carry ids, never texts, phone numbers or secrets."""

import logging
import sys
import traceback

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.domain.alarming import AlarmKind

#: An error that others caused tells of so many of them.
_CAUSES = 5
_TURN_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_WAIT_BUCKETS = (0.01, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0)


def configure_logging(
    *, level: str = "INFO", as_json: bool = True, lasting: bool = True
) -> None:
    """Send structured logs to stderr: one JSON object a line, or for a person.

    Loggers remember where they write, which is quicker, unless it is not `lasting`.
    """
    structlog.configure(
        processors=processors(as_json=as_json),
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=lasting,
    )


def processors(*, as_json: bool) -> list[structlog.typing.Processor]:
    """Return what a log entry passes through on its way to a line."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
    ]


def _without_words(
    _logger: structlog.typing.WrappedLogger,
    _name: str,
    entry: structlog.typing.EventDict,
) -> structlog.typing.EventDict:
    """Say which errors happened where; their messages may quote a customer."""
    info = entry.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exception()
    if not info or error is None:
        return entry
    chain: list[dict[str, object]] = []
    while error is not None and len(chain) < _CAUSES:
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append({"type": type(error).__qualname__, "at": places})
        error = error.__cause__ or error.__context__
    entry["exception"] = chain
    return entry


class Metrics:
    """The numbers of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_webhooks()
        self.turns = self._count("turns", "Turns by how they ended.", "outcome")
        self.readings = self._count(
            "readings", "Readings by reader and outcome.", "reader", "outcome"
        )
        self.deliveries = self._count(
            "deliveries", "Outbox attempts by topic and outcome.", "topic", "outcome"
        )
        self.orders = self._count("orders", "Orders that conversations made.")
        self.failures = self._count(
            "failures", "Messages that were taken and then failed.", "action"
        )
        self.held_back = self._count(
            "held_back", "Messages that waited for a rate, by whose it is.", "of"
        )
        self.pauses = self._count(
            "pauses", "Channels and sinks that were paused for what they said.", "what"
        )
        self.model_budget = self._count(
            "model_budget_used",
            "Tenants that used so many percent of a day's budget for models.",
            "percent",
        )
        self.overdue = self._count(
            "provisioning_overdue", "Orders that no sink answered for in time."
        )
        self.unanswered = self._count(
            "unanswered", "Customers whom no person answered in time.", "why"
        )
        self.refusals = self._count(
            "webhook_refusals", "Webhooks whose proof was not good.", "channel", "why"
        )
        self._of_channels()
        self.turn_seconds = self._measure(
            "turn_seconds", "From claim to commit of a turn.", _TURN_BUCKETS
        )
        self.wait_seconds = self._measure(
            "wait_seconds", "How long due conversations wait.", _WAIT_BUCKETS
        )
        self._begin()

    def _of_channels(self) -> None:
        self.alarms = self._count(
            "alarms", "Alarms that began or ended, by kind.", "kind", "what"
        )
        self.alarms_standing = self._gauge(
            "alarms_standing", "Alarms that stand, of all tenants.", "kind"
        )
        self.heard = self._gauge(
            "channel_last_inbound_timestamp_seconds",
            "When a customer last wrote there.",
            "channel",
        )
        self.expires = self._gauge(
            "channel_token_expires_timestamp_seconds",
            "When a channel's access token ends.",
            "channel",
        )
        self.channel_paused = self._gauge(
            "channel_paused", "1 while nothing is sent through a channel.", "channel"
        )

    def _of_webhooks(self) -> None:
        self.webhooks = self._count(
            "webhooks", "Webhook calls by channel kind and status.", "channel", "status"
        )
        self.received = self._count(
            "received", "What bodies held: message, status, quarantined ...", "what"
        )
        self.account_news = self._count(
            "account_news", "News about accounts by the field that told.", "field"
        )
        self.unreadable = self._count(
            "unreadable",
            "Messages that we cannot read, by channel kind and type.",
            "channel",
            "type",
        )

    def _begin(self) -> None:
        """Show at 0 what alerts wait for: what begins at 1 has no increase."""
        self.received.labels("quarantined")
        self.turns.labels("failed")
        for percent in ("80", "100"):
            self.model_budget.labels(percent)
        for topic in ("reply", "event", "timer"):
            self.deliveries.labels(topic, "parked")
        for what in ("channel", "sink"):
            self.pauses.labels(what)
        for why in ("unanswered", "closed"):
            self.unanswered.labels(why)
        for kind in AlarmKind:
            self.alarms.labels(kind, "raised")
            self.alarms.labels(kind, "cleared")
            self.alarms_standing.labels(kind)

    def _count(self, name: str, words: str, *labels: str) -> Counter:
        name = f"chatorder_{name}_total"
        return Counter(name, words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"chatorder_{name}", words, labels, registry=self.registry)

    def _measure(self, name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(
            f"chatorder_{name}", words, buckets=buckets, registry=self.registry
        )

    def count_budget(self, percent: int) -> None:
        """Count that a tenant used so much of a day's budget for models."""
        self.model_budget.labels(str(percent)).inc()

    def count_reading(self, reader: str, outcome: str) -> None:
        """Count one try of a reader."""
        self.readings.labels(reader, outcome).inc()
