"""Sinks as callers send them, and as the API shows them."""

from collections.abc import Mapping

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter

from bot.web.api.models import Given, Id, Moment, Shown
from orders.domain.events import SinkState
from orders.faces.json_values import Loose
from orders.provisioning.account import LONGEST_URL
from orders.provisioning.registry import SINKS

JSON_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_A_DAY = 24 * 60 * 60
_LONGEST_SECRET = 500
_URL = "Its host must be one of the public internet."
_SIGNS = (
    "Signs what we send. Without: one is made, and shown this once. Of a system that"
    " gives out keys it is its key, and required."
)
_OPTIONS = "Settings of its kind: `docs/integrate.md` lists them."


class SinkGiven(Given):
    """A system, and where it listens."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "webhook", "url": "https://erp.example/orders"}]
        }
    )

    kind: str = Field(
        max_length=20,
        description=f"One of {', '.join(sorted(SINKS))}.",
        examples=["webhook"],
    )
    url: str = Field(max_length=LONGEST_URL, description=_URL)
    secret: str | None = Field(None, max_length=_LONGEST_SECRET, description=_SIGNS)
    options: Loose = Field(default_factory=dict, description=_OPTIONS)


class SinkChangeGiven(Given):
    """Where it listens now."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://erp.example/v2/orders"}]}
    )

    url: str = Field(max_length=LONGEST_URL, description=_URL)
    options: Loose | None = Field(
        None, description=f"{_OPTIONS} All of them at once; without: they stay."
    )


class SinkPauseGiven(Given):
    """Why it is paused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Moving."}]})

    reason: str = Field(
        "a person paused it", min_length=1, max_length=300, pattern=r"\S"
    )


class SinkSecretGiven(Given):
    """The next secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    secret: str | None = Field(None, max_length=_LONGEST_SECRET, description=_SIGNS)
    grace_seconds: int = Field(
        _A_DAY,
        ge=0,
        le=30 * _A_DAY,
        description="So long we sign with the old secret, too.",
    )


class RedeliveryGiven(Given):
    """What to send once more: one event, or one order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"order_id": "ord_01k"}]})

    event_id: str | None = Field(
        None, max_length=18, pattern=r"^[0-9]+$", description="The `id` of an event."
    )
    order_id: Id | None = None


class SinkView(Shown):
    """A sink, without its secret."""

    id: str = Field(examples=["sink_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    kind: str = Field(examples=["webhook"])
    url: str
    options: Mapping[str, JsonValue] = Field(description=_OPTIONS)
    state: SinkState
    state_reason: str | None = Field(description="Why it is paused.")
    state_at: Moment | None
    old_secret_until: Moment | None = Field(
        description="Until then we sign with the old secret, too."
    )


class NewSinkView(SinkView):
    """A sink whose secret was just set."""

    secret: str | None = Field(
        description="The one that was made: it is shown this once. Null: you sent it."
    )


class ActivatedSinkView(SinkView):
    """A sink that is called again."""

    waiting: int = Field(description="Events that waited for it, and go now.")


class PingView(Shown):
    """What became of a test."""

    delivered: bool = Field(description="The receiver answered 2xx.")
    event_id: str
    error: str | None = Field(examples=["HTTP 401: unknown signature"])
