"""WAHA as the product meets it: one session, its webhook, its API.

Source: WAHA's documentation, "Events", "Sessions", "Send messages".
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from bot.simulator.gateways import Gateway, Json, Person, Sent

#: Fifteen attempts: two seconds, doubling.
PAUSES = tuple(2.0 * 2**n for n in range(14))
#: WAHA names its files as it believes to be reached.
_SELF = "http://localhost:3000"


class WahaApi(Gateway):
    """A session. Its webhook is set as its owner would: by its API."""

    gives_up = frozenset()
    key_header = "X-Api-Key"
    status = "WORKING"

    # -- what people do ---------------------------------------------------------------

    async def says(
        self,
        person: Person,
        text: str,
        *,
        key: str | None = None,
        hidden: bool = False,
        **more: object,
    ) -> str:
        """Bring a text of a person; return its key. `hidden`: from the lid's chat."""
        key = key or self.new_key()
        payload = self.message(person, key, text, hidden=hidden)
        await self.tell("message.any", payload | more)
        return key

    def message(
        self,
        person: Person,
        key: str,
        text: str,
        *,
        hidden: bool = False,
        from_me: bool = False,
    ) -> dict[str, object]:
        """Return the payload of a message, sent now."""
        is_hidden = person.lid is not None and (hidden or person.hides_number)
        chat = f"{person.lid}@lid" if is_hidden else f"{person.number}@c.us"
        own = f"{self.account.number}@c.us"
        data: dict[str, object] = {"pushName": person.name}
        if is_hidden and not person.hides_number:
            alt = f"{person.number}@s.whatsapp.net"
            data["key"] = {"remoteJid": chat, "remoteJidAlt": alt, "id": key}
        return {
            "id": f"{'true' if from_me else 'false'}_{chat}_{key}",
            "timestamp": int(self.clock().timestamp()),
            "from": own if from_me else chat,
            "fromMe": from_me,
            "source": "app",
            "to": chat if from_me else own,
            "participant": None,
            "body": text,
            "hasMedia": False,
            "media": None,
            "ack": 1,
            "ackName": "SERVER",
            "vCards": [],
            "location": None,
            "replyTo": None,
            "_data": data,
        }

    def file_of(self, key: str, data: bytes, mime: str) -> Json:
        """Keep a file; return what a message says of its media."""
        path = self._path_of(key)
        self.files[path] = data
        return {"url": _SELF + path, "mimetype": mime, "filename": None, "error": None}

    def _path_of(self, key: str) -> str:
        return f"/api/files/{quote(self.account.instance, safe='')}/{key}.bin"

    async def edits(self, person: Person, key: str, text: str) -> int:
        """Bring new words of a message; return the product's status."""
        payload = self.message(person, self.new_key(), text)
        return await self.tell("message.edited", payload | {"editedMessageId": key})

    async def deletes(self, person: Person, key: str) -> int:
        """Take a message back; return the product's status."""
        after = self.message(person, self.new_key(), "")
        payload = {"after": after, "before": None, "revokedMessageId": key}
        return await self.tell("message.revoked", payload)

    async def reports(self, sent: Sent, ack: int) -> int:
        """Tell how far a message got: -1 failed, 1 sent, 2 delivered, 3 read."""
        payload = {
            "id": f"true_{sent.to}_{sent.id}",
            "from": f"{self.account.number}@c.us",
            "to": sent.to,
            "participant": None,
            "fromMe": True,
            "ack": ack,
        }
        return await self.tell("message.ack", payload)

    async def echoes(self, sent: Sent, *, key: str | None = None) -> int:
        """Tell the product of its own message: `message.any` does."""
        digits = sent.to.partition("@")[0]
        payload = self.message(Person(digits), key or sent.id, sent.text, from_me=True)
        return await self.tell("message.any", payload | {"source": "api"})

    async def shop_types(self, person: Person, text: str) -> int:
        """Have the merchant type on the own phone."""
        payload = self.message(person, self.new_key(), text, from_me=True)
        return await self.tell("message.any", payload)

    async def connects(self, status: str = "WORKING") -> int:
        """Lose the connection to WhatsApp (`FAILED`), or have it again."""
        self.status = status
        self.is_connected = status == "WORKING"
        payload = {"name": self.account.instance, "status": status}
        return await self.tell("session.status", payload)

    def envelope(self, event: str, payload: object) -> dict[str, object]:
        """Return what a webhook says of an event."""
        return {
            "id": f"evt_{self.new_key().lower()}",
            "timestamp": int(self.clock().timestamp() * 1000),
            "event": event,
            "session": self.account.instance,
            "metadata": {},
            "me": {"id": f"{self.account.number}@c.us", "pushName": "Shop"},
            "engine": "NOWEB",
            "environment": {"version": "2026.10.1", "tier": "PLUS"},
            "payload": payload,
        }

    # -- the wire ---------------------------------------------------------------------

    def _signed(self, payload: Json) -> tuple[str, bytes, Mapping[str, str]]:
        webhook = self.webhook or {}
        given = webhook.get("hmac")
        key = str(given.get("key", "")) if isinstance(given, dict) else ""
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Webhook-Hmac": hmac.new(key.encode(), body, hashlib.sha512).hexdigest(),
            "X-Webhook-Hmac-Algorithm": "sha512",
            "X-Webhook-Request-Id": self.new_key().lower(),
            "X-Webhook-Timestamp": str(int(self.clock().timestamp() * 1000)),
        }
        return str(webhook.get("url", "")), body, headers

    # -- the API ----------------------------------------------------------------------

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_put("/api/sessions/{session}", self._configure)
        router.add_get("/api/sessions/{session}", self._state)
        router.add_post("/api/sendText", self._send_text)
        router.add_post("/api/sendImage", self._send_image)
        router.add_post("/api/sendFile", self._send_file)
        router.add_put("/api/reaction", self._react)
        router.add_post("/api/sendSeen", self._seen)
        router.add_post("/api/startTyping", self._seen)
        router.add_get("/api/files/{path:.+}", self._file)
        router.add_get(
            "/api/{session}/chats/{chat}/messages/{message}", self._message_again
        )

    async def _configure(self, request: web.Request) -> web.Response:
        self._own(request.match_info["session"])
        self.webhook = (await request.json())["config"]["webhooks"][0]
        return web.json_response({"name": self.account.instance, "status": self.status})

    async def _state(self, request: web.Request) -> web.Response:
        self._own(request.match_info["session"])
        me = {"id": f"{self.account.number}@c.us", "pushName": "Shop"}
        name = self.account.instance
        return web.json_response({"name": name, "status": self.status, "me": me})

    async def _send_text(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._take(request, body, text=body.get("text"))

    async def _send_image(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        text = body.get("caption", "")
        return await self._take(request, body, text=text, image=body["file"]["url"])

    async def _send_file(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        text, file = body.get("caption", ""), body["file"]["filename"]
        return await self._take(request, body, text=text, file=file)

    async def _react(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        _, chat, key = str(body["messageId"]).split("_", 2)
        named = {"session": body.get("session"), "chatId": chat}
        return await self._take(
            request, named, text=body.get("reaction"), reacts_to=key
        )

    async def _take(
        self,
        request: web.Request,
        body: Mapping[str, object],
        *,
        text: object,
        image: str | None = None,
        file: str | None = None,
        reacts_to: str | None = None,
    ) -> web.StreamResponse:
        self._own(body.get("session"))
        chat, quotes = body.get("chatId"), body.get("reply_to")
        if not isinstance(chat, str) or not isinstance(text, str):
            return web.json_response(
                {"message": ["chatId must be a string"]}, status=400
            )
        if not self.is_connected:
            problem = {
                "error": "Session status is not as expected.",
                "session": self.account.instance,
                "status": self.status,
                "expected": ["WORKING"],
            }
            return web.json_response(problem, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        named = quotes if isinstance(quotes, str) else None
        sent = Sent(self.new_key(), chat, text, image, named, file, reacts_to)
        fault = await self._faulty(request, sent)
        if fault is not None:
            return fault
        return web.json_response(
            {
                "key": {"remoteJid": chat, "fromMe": True, "id": sent.id},
                "message": {"extendedTextMessage": {"text": text}},
                "messageTimestamp": str(int(self.clock().timestamp())),
                "status": "PENDING",
            },
            status=HTTPStatus.CREATED,
        )

    async def _seen(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._own(body.get("session"))
        self.read.append(body["chatId"])
        return web.json_response({}, status=HTTPStatus.CREATED)

    async def _file(self, request: web.Request) -> web.Response:
        data = self.files.get(request.raw_path)
        if data is None:
            raise web.HTTPNotFound
        return web.Response(body=data)

    async def _message_again(self, request: web.Request) -> web.Response:
        """Give a message once more, its media downloaded anew."""
        self._own(request.match_info["session"])
        key = request.match_info["message"].rpartition("_")[2]
        path = self._path_of(key)
        media = {"url": _SELF + path} if path in self.files else None
        return web.json_response({"id": request.match_info["message"], "media": media})

    def _own(self, session: object) -> None:
        if session != self.account.instance:
            raise web.HTTPNotFound(text='{"message":"Session not found"}')
