"""A small OpenID Connect provider on loopback: it signs, checks PKCE, and may lie."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from yarl import URL

CLIENT, SECRET = "chatorder at the shop", "s:cret & more"
Claims = dict[str, Any]


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """Who is signed in there, and what it says of them."""

    clock: Callable[[], datetime]
    key: rsa.RSAPrivateKey = field(default_factory=_rsa)
    other_key: rsa.RSAPrivateKey = field(default_factory=_rsa)
    url: str = ""
    person: Claims = field(default_factory=dict)
    #: What its id tokens say otherwise; None: nothing at all of it.
    lies: Claims = field(default_factory=dict)
    discovery: Claims = field(default_factory=dict)
    sign: Callable[["Provider", Claims], str] | None = None
    down: frozenset[str] = frozenset()  #: Addresses that answer 503.
    public: bool = False  #: Clients have no secret.
    in_user_info: bool = False  #: There, and not in the token, stands the address.
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Be honest again."""
        self.lies, self.discovery, self.sign = {}, {}, None
        self.down, self.public, self.in_user_info = frozenset(), False, False
        self.person = {
            "sub": "248289761001",
            "email": "ana@shop.example",
            "email_verified": True,
        }
        self.asked.clear()

    # -- what browsers and clients ask for --------------------------------------------

    async def discover(self, _request: web.Request) -> web.Response:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=1",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/me",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return web.json_response(told | self.discovery)

    async def authorize(self, request: web.Request) -> web.Response:
        """Say yes at once, as to somebody who is signed in already."""
        asked = dict(request.query)
        assert asked["tenant"] == "1", "a query of its own is kept"
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert {"openid", "email"} <= set(asked["scope"].split())
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        back = URL(asked["redirect_uri"]).update_query(
            code=code, state=asked["state"], iss=self.url
        )
        return web.Response(status=302, headers={"Location": str(back)})

    async def token(self, request: web.Request) -> web.Response:
        given = await request.post()
        asked = self.codes.pop(str(given["code"]), None)
        digest = hashlib.sha256(str(given["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or given["redirect_uri"] != asked["redirect_uri"]
            or given["grant_type"] != "authorization_code"
            or not self._knows(request, {k: str(v) for k, v in given.items()})
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        answer = {"token_type": "Bearer", "id_token": self._signed(asked)}
        return web.json_response(answer | {"access_token": "access to her"})

    def _knows(self, request: web.Request, given: dict[str, str]) -> bool:
        if self.public:
            return given["client_id"] == CLIENT and "client_secret" not in given
        if "client_secret" in given:
            return (given["client_id"], given["client_secret"]) == (CLIENT, SECRET)
        _, _, encoded = request.headers["Authorization"].partition(" ")
        pair = base64.b64decode(encoded).decode().partition(":")
        return (unquote_plus(pair[0]), unquote_plus(pair[2])) == (CLIENT, SECRET)

    def _signed(self, asked: dict[str, str]) -> str:
        now = self.clock().timestamp()
        claims: Claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **(self.person if not self.in_user_info else {"sub": self.person["sub"]}),
            **self.lies,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return (self.sign or honestly)(self, claims)

    async def keys(self, _request: web.Request) -> web.Response:
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        told = {**public, "kid": "one", "use": "sig"}
        return web.json_response({"keys": [{**told, "kid": "two", "use": "enc"}, told]})

    async def user_info(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer access to her"
        return web.json_response(self.person | self.lies)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path in self.down:
            return web.Response(status=503)
        handlers = {
            "/.well-known/openid-configuration": self.discover,
            "/authorize": self.authorize,
            "/token": self.token,
            "/keys": self.keys,
            "/me": self.user_info,
        }
        return await handlers[request.path](request)


def honestly(provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, provider.key, "RS256", {"kid": "one"})


def with_another_key(provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, provider.other_key, "RS256", {"kid": "one"})


def with_an_unknown_key(provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, provider.other_key, "RS256", {"kid": "three"})


def with_a_key_for_other_things(provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, provider.key, "RS256", {"kid": "two"})


def with_the_secret(_provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, SECRET * 4, "HS256", {"kid": "one"})


def with_nothing(_provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, "", "none", {"kid": "one"})


def not_at_all(_provider: Provider, _claims: Claims) -> str:
    return "no token"


@asynccontextmanager
async def open_provider(clock: Callable[[], datetime]) -> AsyncIterator[Provider]:
    """Serve a provider."""
    provider = Provider(clock)
    provider.reset()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.handle)
    async with TestServer(app) as server:
        provider.url = str(server.make_url("")).rstrip("/")
        yield provider
