"""OpenID Connect: what is asked of a provider, and what of its answers is believed.

The authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC
7636, RFC 9700). Signatures and keys are PyJWT's work; the clock is ours.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote_plus

import aiohttp
import jwt
from pydantic import BaseModel, Field, ValidationError
from yarl import URL

from bot.setting_values import is_encrypted

#: Between our clock and the provider's.
LEEWAY = timedelta(seconds=60)
#: Signed with the provider's key alone: nothing that our secret could sign as well.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
_SCOPES = "openid email"
_LARGEST = 1024 * 1024
_RANDOM_BYTES = 32
_BASIC, _POST = "client_secret_basic", "client_secret_post"
M = TypeVar("M", bound=BaseModel)


class Reason(StrEnum):
    """Why nobody is signed in."""

    UNREACHABLE = "unreachable"  #: The provider does not answer; later it may.
    REFUSED = "refused"  #: It said no, or what it said is not to be believed.
    UNVERIFIED = "unverified"  #: It does not vouch for an email address.


class NotVouched(Exception):
    """The provider vouches for nobody. `detail` is for the log: no secret, no name."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the provider."""

    issuer: str
    id: str
    secret: str | None  #: None: a public client, which PKCE alone protects.
    redirect_uri: str


class Flow(BaseModel):
    """One try to sign in, as its browser keeps it, sealed."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: datetime


class Metadata(BaseModel):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = [_BASIC]


class _Tokens(BaseModel):
    id_token: str = Field(max_length=_LARGEST)
    access_token: str | None = None


class _Keys(BaseModel):
    keys: list[dict[str, object]]


class _Email(BaseModel):
    sub: str
    email: str | None = None
    email_verified: bool | str | None = None


class _Claims(_Email):
    aud: str | list[str]
    azp: str | None = None
    exp: float = Field(allow_inf_nan=False)
    iat: float = Field(allow_inf_nan=False)
    nonce: str | None = None


def new_flow(next_path: str, until: datetime) -> Flow:
    """Return the begin of a try, with fresh secrets."""
    state, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
    return Flow(
        state=state, nonce=nonce, verifier=verifier, next=next_path, until=until
    )


def authorization_url(client: Client, metadata: Metadata, flow: Flow) -> str:
    """Return where the browser goes to be asked who its owner is."""
    digest = hashlib.sha256(flow.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "scope": _SCOPES,
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return str(URL(metadata.authorization_endpoint).update_query(asked))


async def discover(session: aiohttp.ClientSession, issuer: str) -> Metadata:
    """Return what the provider says of itself. Raises NotVouched."""
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _parsed(Metadata, await _called(session, "GET", address))
    if found.issuer.rstrip("/") != issuer.rstrip("/"):
        raise NotVouched(Reason.REFUSED, "the discovery names another issuer")
    addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    if not all(map(is_encrypted, (*addresses, found.userinfo_endpoint or issuer))):
        raise NotVouched(Reason.REFUSED, "the discovery names an address without https")
    return found


async def vouched_email(
    session: aiohttp.ClientSession,
    client: Client,
    flow: Flow,
    code: str,
    *,
    now: datetime,
) -> str:
    """Return the address of whom the code stands for. Raises NotVouched.

    The provider says of it that it is verified: everybody can claim any address.
    """
    metadata = await discover(session, client.issuer)
    tokens = await _redeemed(session, client, metadata, flow, code)
    keys = await _called(session, "GET", metadata.jwks_uri)
    claims = _claims(client, metadata, tokens.id_token, keys)
    _check_claims(client, flow, claims, now)
    said: _Email = claims
    if said.email is None and metadata.userinfo_endpoint and tokens.access_token:
        said = await _user_info(session, metadata.userinfo_endpoint, tokens)
        if said.sub != claims.sub:
            raise NotVouched(Reason.REFUSED, "the user info is of somebody else")
    if said.email is None or said.email_verified not in {True, "true"}:
        raise NotVouched(Reason.UNVERIFIED, "no verified email")
    return said.email


async def _redeemed(
    session: aiohttp.ClientSession,
    client: Client,
    metadata: Metadata,
    flow: Flow,
    code: str,
) -> _Tokens:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": flow.verifier,
    }
    headers: dict[str, str] = {}
    methods = metadata.token_endpoint_auth_methods_supported
    if client.secret is not None and (_BASIC in methods or _POST not in methods):
        # RFC 6749, 2.3.1: both parts are encoded as in a form first.
        pair = quote_plus(client.id), quote_plus(client.secret)
        headers["Authorization"] = aiohttp.encode_basic_auth(*pair)
    else:
        form |= {"client_id": client.id}
        form |= {"client_secret": client.secret} if client.secret else {}
    answer = await _called(session, "POST", metadata.token_endpoint, form, headers)
    return _parsed(_Tokens, answer)


async def _user_info(
    session: aiohttp.ClientSession, address: str, tokens: _Tokens
) -> _Email:
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    return _parsed(_Email, await _called(session, "GET", address, headers=headers))


# -- the id token ---------------------------------------------------------------------


def _claims(client: Client, metadata: Metadata, token: str, keys: bytes) -> _Claims:
    """Return what a token says that the provider has signed for us."""
    try:
        found = jwt.decode(
            token,
            _key_of(token, _parsed(_Keys, keys)),
            algorithms=_ALGORITHMS,
            audience=client.id,
            issuer=metadata.issuer,
            # `_check_claims` does, by our clock.
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.PyJWTError as error:
        raise NotVouched(Reason.REFUSED, f"the id token: {error}") from None
    try:
        return _Claims.model_validate(found)
    except ValidationError as error:
        raise NotVouched(Reason.REFUSED, _what(error)) from None


def _key_of(token: str, keys: _Keys) -> jwt.PyJWK:
    """Return the key that a token names, for the algorithm that it names.

    Raises jwt.PyJWTError.
    """
    header = jwt.get_unverified_header(token)
    algorithm, wanted = header.get("alg"), header.get("kid")
    if algorithm not in _ALGORITHMS:
        raise jwt.InvalidAlgorithmError("it is signed in a way that proves nothing")
    usable = [each for each in keys.keys if each.get("use", "sig") == "sig"]
    named = [each for each in usable if wanted is None or each.get("kid") == wanted]
    if len(named) != 1:
        raise jwt.InvalidKeyError("the provider has no such key, or several")
    return jwt.PyJWK.from_dict(named[0], algorithm)


def _check_claims(client: Client, flow: Flow, claims: _Claims, now: datetime) -> None:
    several = isinstance(claims.aud, list) and len(claims.aud) > 1
    if (claims.azp is not None or several) and claims.azp != client.id:
        raise NotVouched(Reason.REFUSED, "the id token was made for another client")
    if not hmac.compare_digest((claims.nonce or "").encode(), flow.nonce.encode()):
        raise NotVouched(Reason.REFUSED, "the id token belongs to another try")
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if claims.exp <= moment - leeway:
        raise NotVouched(Reason.REFUSED, "the id token is over: are the clocks right?")
    if claims.iat > moment + leeway:
        raise NotVouched(Reason.REFUSED, "the id token is of later: are clocks right?")


# -- calls ----------------------------------------------------------------------------


async def _called(
    session: aiohttp.ClientSession,
    method: str,
    address: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return what the provider answers. The session bounds the time."""
    try:
        async with session.request(
            method,
            address,
            data=form,
            headers={"Accept": "application/json", **(headers or {})},
            allow_redirects=False,
        ) as answer:
            body = await _read(answer)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        detail = f"{type(error).__name__} at {URL(address).path}"
        raise NotVouched(Reason.UNREACHABLE, detail) from None
    if answer.status != HTTPStatus.OK:
        down = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        reason = Reason.UNREACHABLE if down else Reason.REFUSED
        raise NotVouched(reason, f"{answer.status} at {URL(address).path}")
    return body


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > _LARGEST:
            raise NotVouched(Reason.REFUSED, "the answer is too long")
    return bytes(body)


def _parsed(model: type[M], raw: bytes) -> M:
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise NotVouched(Reason.REFUSED, _what(error)) from None


def _what(error: ValidationError) -> str:
    """Return which fields are wrong, without what they say."""
    names = {".".join(map(str, each["loc"])) for each in error.errors()}
    return f"{error.title.lstrip('_')} lacks or misspells {', '.join(sorted(names))}"
