"""What an operator may set. The only file that reads the environment."""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from rapidfuzz import fuzz, process

from bot.setting_values import (
    Bytes,
    Count,
    Database,
    Dollars,
    Expected,
    Hidden,
    Issuer,
    Networks,
    Port,
    RedisAddress,
    Seconds,
    Secret,
    Secrets,
    Shelf,
    Switch,
    Version,
    Wait,
    WebAddress,
    Word,
    Words,
)

PREFIX = "CHATORDER_"
_MIB = 1024 * 1024
#: What Kubernetes sets in every container for a service called `chatorder` (or
#: `chatorder-web` ...), see "Discovering services" in its documentation.
_SERVICE_LINK = re.compile(
    PREFIX + r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)"
)
_LINK_VALUE = re.compile(r"(tcp|udp|sctp)://")
#: From this similarity on, 0 to 100, an unknown name is taken for a slip.
_CLOSE = 70


class SettingsError(Exception):
    """A setting is malformed; the message names it and says what is expected."""


class Settings(BaseSettings):
    """All that may be set. `Settings(...)` reads nothing; `read_settings` does."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        validate_default=False,
    )

    database_url: Database = Field("sqlite:///./data/chatorder.db", repr=False)
    """Where everything is stored: a SQLite file, or PostgreSQL."""
    database_pool_size: Count = 8
    """Connections to PostgreSQL that one process opens at most."""
    database_wait_seconds: Seconds = 10
    """How long a write to SQLite waits for another process's write."""
    redis_url: RedisAddress | None = Field(None, repr=False)
    """Optional: makes wake-ups between processes immediate. Holds no data."""
    media_dir: Path = Path("./data/media")
    """Folder for the pictures and voice notes of customers."""
    media_url: Shelf | None = None
    """Bucket for them in place of the folder; needs the extra `chatorder[s3]`."""
    media_endpoint: WebAddress | None = None
    """Server of the bucket, when it is not AWS's."""
    media_region: Word = "us-east-1"
    """Region of the bucket."""
    media_access_key: Word | None = None
    """Key of the bucket; without one, what AWS's environment or role gives."""
    media_secret_key: SecretStr | None = None
    """Secret that goes with it."""

    secret_key: Secret | None = None
    """Encrypts the secrets of apps, channels and sinks in the database."""
    secret_keys_old: Secrets = ()
    """Keys that were used before: still open what they sealed."""

    public_url: WebAddress | None = None
    """Where the outside world reaches this server: for webhooks and pictures."""
    host: Word = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all of this machine."""
    port: Port = 8080
    """Port to listen on."""
    worker_host: Word = "127.0.0.1"
    """Address on which `chatorder worker` shows its /live, /ready and /metrics."""
    worker_port: Port | None = None
    """Port for that, one for each worker of a machine; without one nothing is shown."""
    trusted_proxies: Networks = ()
    """Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    oidc_issuer: Issuer | None = None
    """OpenID Connect provider that people may sign in to the console with."""
    oidc_client_id: Word | None = None
    """What the provider calls this server."""
    oidc_client_secret: SecretStr | None = None
    """Secret that goes with it; without one, PKCE alone proves who asks."""
    oidc_name: Word | None = None
    """The provider's name on the button; without one, its host."""

    reader: Annotated[
        Literal["auto", "openai", "rules"], Expected("auto, openai or rules")
    ] = "auto"
    """Who understands messages: auto asks the model and falls back to the rules."""
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    """Key for OpenAI. Without one, auto means rules."""
    openai_base_url: WebAddress = Field(
        "https://api.openai.com/v1", validation_alias="OPENAI_BASE_URL"
    )
    """Another server that speaks OpenAI's API."""
    openai_model: Word = "gpt-5.4-mini"
    """Model that reads text."""
    openai_vision_model: Word = "gpt-5.4-mini"
    """Model that looks at pictures."""
    openai_transcribe_model: Word = "gpt-transcribe"
    """Model that listens to voice notes."""
    openai_timeout_seconds: Seconds = 15
    """How long one call of a model may take."""
    openai_reasoning: Annotated[
        Literal["none", "minimal", "low", "medium", "high", "default"],
        Expected("none, minimal, low, medium, high or default"),
    ] = "low"
    """How much a model thinks before it answers; default leaves it to the model."""
    openai_daily_budget: Dollars = Decimal(5)
    """US dollars that models may cost a tenant a day; then the rules read."""
    openai_readings_per_hour: Count = 60
    """Readings by a model that one conversation may have in an hour."""
    openai_hides: Hidden = ("phones", "emails")
    """What is masked before it leaves, beside card numbers, which always are."""
    openai_voice_seconds: Seconds = 180
    """Longest voice note that is listened to."""

    graph_api_url: WebAddress = "https://graph.facebook.com"
    """Meta's Graph API."""
    graph_api_version: Version = "v23.0"
    """Version of the Graph API."""
    media_hosts: Words = ("lookaside.fbsbx.com",)
    """Hosts that media may be downloaded from with a channel's token."""
    allow_private_hosts: Switch = False
    """Allow sink addresses set through the API to lie in a private network."""
    outgoing_timeout_seconds: Seconds = 15
    """How long a call to a messaging provider may take."""

    debounce_seconds: Wait = 1.5
    """Quiet time after a customer's last message before a turn starts."""
    debounce_max_seconds: Wait = 8
    """Longest wait after the first message, even if the customer keeps writing."""
    lease_seconds: Seconds = 10
    """How long a worker owns a conversation without a sign of life."""
    poll_seconds: Seconds = 0.25
    """How often due work is looked for when no wake-up comes."""
    turn_budget_seconds: Seconds = 20
    """Longest time for understanding a turn; then the rules reader takes over."""
    turns_in_flight: Count = 2000
    """Turns that one worker process has under way at most."""
    turns_in_flight_per_tenant: Count = 500
    """The same, for one tenant."""
    intake_queue: Count = 2000
    """Webhook bodies that may wait for a commit; more are answered with 503."""
    sends_in_flight: Count = 100
    """Replies and events that one worker process sends at the same time."""
    unknown_wait_seconds: Seconds = 60
    """Wait for news of a message that may have been sent, before it is sent again."""
    provisioning_overdue_seconds: Seconds = 900
    """Without an answer of the sink for so long, an order is marked and logged."""
    stop_seconds: Seconds = 6
    """Time for work under way to end when the process is told to stop."""

    api_limit_per_key: Count = 600
    """Calls of the API that one key may make in a minute."""
    api_limit_per_tenant: Count = 3000
    """Calls of the API that all keys of one tenant may make in a minute."""
    api_refusals_per_address: Count = 60
    """Calls without a valid key that one address may make in a minute."""
    body_limit_bytes: Bytes = 4 * _MIB
    """Largest body of a request."""
    import_limit_bytes: Bytes = 256 * _MIB
    """Largest product file that is taken through the API."""
    body_timeout_seconds: Seconds = 15
    """Time in which the whole body of a request must have arrived."""
    gateway_body_limit_bytes: Bytes = 64 * _MIB
    """Largest webhook body of a gateway that sends media inside."""
    media_limit_bytes: Bytes = 16 * _MIB
    """Largest picture or voice note that is downloaded."""

    catalog_pictures: Switch = True
    """Fetch the pictures that products name, to know them in customers' photos."""
    catalog_picture_hosts: Words = ()
    """Hosts of a private network that catalog pictures may be fetched from."""
    catalog_picture_limit_bytes: Bytes = 8 * _MIB
    """Largest catalog picture that is fetched."""

    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda value: str(value).upper()),
        Expected("DEBUG, INFO, WARNING or ERROR"),
    ] = "INFO"
    """How much is logged."""
    log_format: Annotated[Literal["json", "text"], Expected("json or text")] = "json"
    """JSON for machines, text for people."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let an instance hold what it was given, whatever the environment says."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.debounce_max_seconds < self.debounce_seconds:
            raise ValueError(
                f"{PREFIX}DEBOUNCE_MAX_SECONDS={self.debounce_max_seconds:g} is less"
                f" than {PREFIX}DEBOUNCE_SECONDS={self.debounce_seconds:g}"
            )
        if (self.media_access_key is None) != (self.media_secret_key is None):
            raise ValueError(
                f"{PREFIX}MEDIA_ACCESS_KEY and {PREFIX}MEDIA_SECRET_KEY go together:"
                " set both, or none"
            )
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            raise ValueError(
                f"{PREFIX}OIDC_ISSUER and {PREFIX}OIDC_CLIENT_ID go together:"
                " set both, or none"
            )
        if self.reader == "openai" and self.openai_api_key is None:
            raise ValueError(
                f"{PREFIX}READER=openai needs OPENAI_API_KEY; set it, or use auto"
            )
        return self

    #: Only for the table of the documentation.
    SECRETS: ClassVar[frozenset[str]] = frozenset(
        {
            *("secret_key", "secret_keys_old", "openai_api_key", "media_secret_key"),
            "oidc_client_secret",
        }
    )


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings, and what looked odd on the way, for the log."""

    settings: Settings
    warnings: tuple[str, ...] = ()


def read_settings(env_file: Path = Path(".env")) -> Configured:
    """Return what the environment and the `.env` file say; the environment wins.

    Raises SettingsError naming every malformed setting, its value and what is expected.
    """
    source = EnvSettingsSource(Settings)
    in_file = DotEnvSettingsSource(Settings, env_file=env_file).env_vars
    found = {
        name.upper(): value
        for name, value in {**in_file, **source.env_vars}.items()
        if value is not None
    }
    variables = {n: v for n, v in found.items() if not _is_service_link(n, v)}
    source.env_vars = {name.lower(): value for name, value in variables.items()}
    try:
        settings = Settings(**source())
    except ValidationError as error:
        raise SettingsError("; ".join(_complaints(error, variables))) from None
    return Configured(settings, tuple(_warnings(variables)))


def variable(name: str, field: FieldInfo) -> str:
    """Return the environment variable that sets a field."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else PREFIX + name.upper()


def _is_service_link(name: str, value: str) -> bool:
    if _SERVICE_LINK.fullmatch(name):
        return True
    link = name.startswith(PREFIX) and name.endswith("PORT")
    return link and _LINK_VALUE.match(value) is not None


def _complaints(error: ValidationError, found: Mapping[str, str]) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        where = problem["loc"]
        if not where:
            yield problem["msg"].removeprefix("Value error, ")
            continue
        name = str(where[0])
        fields = Settings.model_fields
        field_name = next(
            (n for n, f in fields.items() if name in {n, f.validation_alias}), name
        )
        env = variable(field_name, fields[field_name])
        value = _shown(field_name, found.get(env, ""))
        yield f"{env} is {value}: expected {_expected(fields[field_name])}"


def _shown(field: str, value: str) -> str:
    if field in Settings.SECRETS:
        return "malformed (its value is not shown)"
    return repr(re.sub(r"://[^@/]*@", "://***@", value))


def _expected(field: FieldInfo) -> str:
    for item in field.metadata:
        if isinstance(item, Expected):
            return item.words
    for option in getattr(field.annotation, "__args__", ()):
        for item in getattr(option, "__metadata__", ()):
            if isinstance(item, Expected):
                return item.words
    return "a path" if field.annotation is Path else "a text"


def _warnings(found: Mapping[str, str]) -> Iterator[str]:
    known = [variable(name, field) for name, field in Settings.model_fields.items()]
    for name in sorted(found):
        if not name.startswith(PREFIX) or name in known:
            continue
        near = process.extractOne(
            name, known, scorer=fuzz.ratio, score_cutoff=_CLOSE, processor=_own_part
        )
        hint = f": did you mean {near[0]}?" if near else ""
        yield f"{name} is not a setting{hint or ' and is ignored'}"


def _own_part(name: str) -> str:
    return name.removeprefix(PREFIX)


def as_markdown() -> str:
    """Return the table of all settings for the documentation."""
    lines = [
        "# Settings",
        "",
        "Read from the environment and from a `.env` file in the working folder; the",
        "environment wins. A malformed value stops the start with a message that names",
        "the variable. An unknown `CHATORDER_` name is warned about.",
        "",
        "| Variable | Default | Value | Meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(
            f"| `{variable(name, field)}` | {_default(field)} | {_expected(field)} |"
            f" {field.description} |"
        )
    return "\n".join([*lines, ""])


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        value = ",".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`./{value}`" if isinstance(value, Path) else f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
