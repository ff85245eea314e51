"""A small S3 for tests: put, get, head, list and delete in one bucket, all signed.

Signatures are checked as S3 checks them (AWS's documentation, "Signature Version 4").
"""

import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.s3_store import Bucket
from bot.ident import utc_now

ACCESS, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI-example-secret"
BUCKET, REGION = "media-of-tests", "eu-test-1"
_AUTH = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\S+?)/(\d{8})/(\S+?)/s3/aws4_request,"
    r" SignedHeaders=(\S+?), Signature=([0-9a-f]{64})"
)
_KEY = re.compile(r"<Key>([^<]+)</Key>")
_HTTP = "%a, %d %b %Y %H:%M:%S GMT"


def ignore(_method: str, _key: str) -> None:
    """Let a request be done, and nothing else."""


@dataclass
class S3Server:
    """What lies in the bucket, and when each object was written."""

    url: str = ""
    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False
    #: Called with each request before it is done: for races.
    meanwhile: Callable[[str, str], None] = field(default=ignore)

    @property
    def bucket(self) -> Bucket:
        """Return how it is reached, by whoever has its keys."""
        return Bucket(BUCKET, "shop/media", self.url, REGION, ACCESS, SECRET)

    def age(self, moment: datetime) -> None:
        """Let everything have been written at a moment."""
        self.objects = {key: (data, moment) for key, (data, _) in self.objects.items()}

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.is_down:
            return web.Response(status=403)
        if not _is_signed(request, body):
            return web.Response(status=403, text="<Error><Code>Denied</Code></Error>")
        key = request.match_info.get("key", "")
        self.asked.append(f"{request.method} {key or '?'}")
        self.meanwhile(request.method, key)
        if not key:
            return self._delete(body) if request.method == "POST" else self._list()
        if request.method == "PUT":
            self.objects[key] = body, utc_now().replace(microsecond=0)
            return web.Response(headers={"ETag": '"1"'})
        if key not in self.objects:
            return web.Response(status=404)
        data, at = self.objects[key]
        headers = {"Last-Modified": at.strftime(_HTTP), "ETag": '"1"'}
        return web.Response(body=data, headers=headers)

    def _list(self) -> web.Response:
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(data)}</Size>"
            f"<LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key, (data, at) in sorted(self.objects.items())
        )
        return _xml(f"<ListBucketResult>{found}</ListBucketResult>")

    def _delete(self, body: bytes) -> web.Response:
        keys = _KEY.findall(body.decode())
        for key in keys:
            self.meanwhile("DELETE", key)
            self.objects.pop(key, None)
        done = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        return _xml(f"<DeleteResult>{done}</DeleteResult>")


def _xml(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/xml")


def _is_signed(request: web.Request, body: bytes) -> bool:
    match = _AUTH.fullmatch(request.headers.get("Authorization", ""))
    claimed = request.headers.get("x-amz-content-sha256", "")
    if match is None or claimed != hashlib.sha256(body).hexdigest():
        return False
    access, day, region, signed, signature = match.groups()
    scope = f"{day}/{region}/s3/aws4_request"
    query = sorted(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in request.query.items()
    )
    headers = (f"{n}:{request.headers[n].strip()}\n" for n in signed.split(";"))
    canonical = "\n".join(
        (
            request.method,
            request.rel_url.raw_path,
            "&".join(query),
            "".join(headers),
            signed,
            claimed,
        )
    )
    moment = request.headers["x-amz-date"]
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    key: Any = b"AWS4" + SECRET.encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
    expected = hmac.new(key, text.encode(), "sha256").hexdigest()
    return access == ACCESS and hmac.compare_digest(expected, signature)


@asynccontextmanager
async def s3_server() -> AsyncIterator[S3Server]:
    """Run one on 127.0.0.1."""
    made = S3Server()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    for path in (f"/{BUCKET}", f"/{BUCKET}/{{key:.+}}"):
        app.router.add_route("*", path, made.handle)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("")).rstrip("/")
    try:
        yield made
    finally:
        await server.close()
