"""How the values of settings may look. Each type says in words what it expects."""

import ipaddress
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode


@dataclass(frozen=True, slots=True)
class Expected:
    """How a value has to look, in words."""

    words: str


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[,\s]+", value) if part)
    return value


def _database(url: str) -> str:
    url = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
    if re.match(r"sqlite:///.|postgresql://.", url):
        return url
    raise ValueError


def _web(url: str) -> str:
    if re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        return url.rstrip("/")
    raise ValueError


def is_encrypted(url: str) -> bool:
    """Return whether an address is one of https, or of this machine itself."""
    parts = urlsplit(url)
    local = (parts.hostname or "") in {"localhost", "127.0.0.1", "::1"}
    return parts.scheme == "https" or (parts.scheme == "http" and local)


def _issuer(url: str) -> str:
    if is_encrypted(url):
        return _web(url)
    raise ValueError


def _redis(url: str) -> str:
    if re.match(r"(rediss?|unix)://\S+", url):
        return url
    raise ValueError


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text, strict=False))


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < 32:  # noqa: PLR2004  # said in the next line
        raise ValueError
    return secret


Secret = Annotated[
    SecretStr,
    AfterValidator(_long_enough),
    Expected("at least 32 characters; `chatorder secret new` prints a good one"),
]
_POSITIVE = Field(gt=0, le=86_400, allow_inf_nan=False)
Seconds = Annotated[
    float,
    _POSITIVE,
    Expected("seconds, more than 0 and at most 86400, such as 1.5"),
]
Wait = Annotated[
    float,
    Field(ge=0, le=600, allow_inf_nan=False),
    Expected("seconds from 0 to 600, such as 1.5"),
]
Bytes = Annotated[
    int,
    Field(ge=1024, le=1024 * 1024 * 1024),
    Expected("a whole number of bytes from 1024 to 1073741824"),
]
Count = Annotated[
    int, Field(ge=1, le=1_000_000), Expected("a whole number from 1 to 1000000")
]
Port = Annotated[int, Field(ge=0, le=65_535), Expected("a port number, 0 to 65535")]
Database = Annotated[
    str,
    AfterValidator(_database),
    Expected("sqlite:///./path/file.db or postgresql://user:password@host/database"),
]
WebAddress = Annotated[
    str, AfterValidator(_web), Expected("an address such as https://shop.example")
]
Issuer = Annotated[
    str, AfterValidator(_issuer), Expected("an address with https, the provider's own")
]
RedisAddress = Annotated[
    str,
    AfterValidator(_redis),
    Expected("redis://host:6379/0, rediss://... or unix:///path"),
]
Words = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_split),
    Expected("host names, separated by commas"),
]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...],
    NoDecode,
    BeforeValidator(_split),
    Expected("IP addresses or networks such as 10.0.0.0/8, separated by commas"),
]
Secrets = Annotated[
    tuple[SecretStr, ...],
    NoDecode,
    BeforeValidator(_split),
    Expected("earlier values of CHATORDER_SECRET_KEY, separated by commas"),
]
Dollars = Annotated[
    Decimal,
    Field(ge=0, le=100_000, allow_inf_nan=False),
    Expected("US dollars from 0 to 100000, such as 5 or 0.50"),
]
Hidden = Annotated[
    tuple[Literal["phones", "emails", "ids", "nothing"], ...],
    NoDecode,
    BeforeValidator(_split),
    Expected("phones, emails, ids, separated by commas, or nothing"),
]
Switch = Annotated[bool, Expected("true or false")]
Word = Annotated[str, Field(min_length=1, max_length=200), Expected("a text")]
#: A bucket's name as S3 allows it, and a folder in it.
Shelf = Annotated[
    str,
    Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]{1,200})?$"),
    Expected("s3://bucket or s3://bucket/folder"),
]
Version = Annotated[
    str, Field(pattern=r"^v\d{1,3}\.\d{1,2}$"), Expected("a version such as v23.0")
]
