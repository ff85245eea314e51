"""Evolution API 2.3 as the product meets it: one instance, its webhook, its API.

Source: Evolution API's `webhook.controller`, `whatsapp.baileys.service` and routes.
"""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import jwt
from aiohttp import web

from bot.simulator.gateways import Gateway, Json, Person, Sent

#: Ten attempts: five seconds, doubling up to five minutes.
PAUSES = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0)
_TOKEN_LIFE = timedelta(minutes=10)


class EvolutionApi(Gateway):
    """An instance. Its webhook is set as its owner would: by its API."""

    gives_up = frozenset({400, 401, 403, 404, 422})
    key_header = "apikey"

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
        return await self.brings(
            person, {"conversation": text}, key=key, hidden=hidden, **more
        )

    async def brings(
        self,
        person: Person,
        message: Json,
        *,
        key: str | None = None,
        hidden: bool = False,
        **more: object,
    ) -> str:
        """Bring any message of a person, as Baileys decodes it; return its key."""
        key = key or self.new_key()
        await self.tell(
            "messages.upsert", self.upsert(person, message, key, hidden=hidden) | more
        )
        return key

    def upsert(
        self,
        person: Person,
        message: Json,
        key: str,
        *,
        hidden: bool = False,
        from_me: bool = False,
    ) -> dict[str, object]:
        """Return the data of a message, sent now."""
        number = f"{person.number}@s.whatsapp.net"
        lid = f"{person.lid}@lid" if person.lid else None
        is_hidden = lid is not None and (hidden or person.hides_number)
        named: dict[str, object] = {
            "remoteJid": lid if is_hidden else number,
            "fromMe": from_me,
            "id": key,
        }
        if lid is not None and not person.hides_number:
            named["remoteJidAlt"] = number if is_hidden else lid
        if is_hidden:
            named["addressingMode"] = "lid"
        kind = next(iter(message), "conversation")
        return {
            "key": named,
            "pushName": None if from_me else person.name,
            "status": "SERVER_ACK" if from_me else "DELIVERY_ACK",
            "message": dict(message),
            "messageType": kind,
            "messageTimestamp": int(self.clock().timestamp()),
            "instanceId": "bae4d8a1-5f6e-4c7b-9a3d-2f1e0c9b8a7d",
            "source": "android",
        }

    async def edits(self, person: Person, key: str, text: str) -> int:
        """Bring new words of a message; return the product's status."""
        return await self.tell(
            "messages.edited",
            {
                "key": self._key(person, key),
                "type": "MESSAGE_EDIT",
                "editedMessage": {"conversation": text},
                "timestampMs": str(int(self.clock().timestamp() * 1000)),
            },
        )

    async def deletes(self, person: Person, key: str) -> int:
        """Take a message back; return the product's status."""
        return await self.tell("messages.delete", self._key(person, key))

    async def reports(self, sent: Sent, status: str) -> int:
        """Tell how far a message got, such as `DELIVERY_ACK`."""
        return await self.tell(
            "messages.update",
            {
                "keyId": sent.id,
                "remoteJid": sent.to,
                "fromMe": True,
                "status": status,
                "messageId": "cmb0z",
            },
        )

    async def echoes(self, sent: Sent, *, key: str | None = None) -> int:
        """Tell the product of its own message as if it were typed: versions do."""
        digits = sent.to.partition("@")[0]
        message = {"conversation": sent.text}
        person = Person(digits)
        data = self.upsert(person, message, key or sent.id, from_me=True)
        return await self.tell("messages.upsert", data)

    async def shop_types(self, person: Person, text: str) -> int:
        """Have the merchant type on the own phone."""
        message = {"conversation": text}
        data = self.upsert(person, message, self.new_key(), from_me=True)
        return await self.tell("messages.upsert", data)

    async def connects(self, state: str = "open", reason: int = 200) -> int:
        """Lose the connection to WhatsApp (`close`), or have it again."""
        self.is_connected = state == "open"
        return await self.tell(
            "connection.update",
            {
                "instance": self.account.instance,
                "state": state,
                "statusReason": reason,
            },
        )

    def envelope(self, event: str, data: object) -> dict[str, object]:
        """Return what a webhook says of an event, the instance's own key in it."""
        return {
            "event": event,
            "instance": self.account.instance,
            "data": data,
            "destination": (self.webhook or {}).get("url"),
            "date_time": self.clock().replace(tzinfo=None).isoformat() + "Z",
            "sender": f"{self.account.number}@s.whatsapp.net",
            "server_url": "http://localhost:8080",
            "apikey": self.account.api_key,
        }

    # -- the wire ---------------------------------------------------------------------

    def _signed(self, payload: Json) -> tuple[str, bytes, Mapping[str, str]]:
        webhook = self.webhook or {}
        given = webhook.get("headers")
        headers = (
            {str(k): str(v) for k, v in given.items()}
            if isinstance(given, dict)
            else {}
        )
        secret = headers.pop("jwt_key", None)
        if secret is not None:
            now = self.clock()
            claims = {
                "iat": int(now.timestamp()),
                "exp": int((now + _TOKEN_LIFE).timestamp()),
                "app": "evolution",
                "action": "webhook",
            }
            token = jwt.encode(claims, secret, algorithm="HS256")
            headers["Authorization"] = f"Bearer {token}"
        url = str(webhook.get("url", ""))
        if webhook.get("byEvents"):
            url += "/" + str(payload["event"]).replace(".", "-").lower()
        body = json.dumps(payload, ensure_ascii=False).encode()
        return url, body, {"Content-Type": "application/json", **headers}

    def _key(self, person: Person, key: str) -> Json:
        return self.upsert(person, {}, key)["key"]  # type: ignore[return-value]  # a dict

    # -- the API ----------------------------------------------------------------------

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/webhook/set/{instance}", self._set_webhook)
        router.add_post("/message/sendText/{instance}", self._send_text)
        router.add_post("/message/sendMedia/{instance}", self._send_media)
        router.add_post("/message/sendReaction/{instance}", self._send_reaction)
        router.add_post("/chat/markMessageAsRead/{instance}", self._mark_read)
        router.add_post("/chat/sendPresence/{instance}", self._presence)
        router.add_post("/chat/getBase64FromMediaMessage/{instance}", self._give_media)
        router.add_get("/instance/connectionState/{instance}", self._state)

    async def _set_webhook(self, request: web.Request) -> web.Response:
        self._own(request)
        self.webhook = (await request.json())["webhook"]
        return web.json_response(self.webhook, status=201)

    async def _send_text(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._take(request, body, text=body.get("text"))

    async def _send_media(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        kind, media = body.get("mediatype"), body.get("media")
        if kind not in {"image", "document"} or not media:
            return _refused("media is required")
        return await self._take(
            request,
            body,
            text=body.get("caption", ""),
            image=media if kind == "image" else None,
            file=body.get("fileName") if kind == "document" else None,
        )

    async def _send_reaction(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        key = body["key"]
        to = {"number": key["remoteJid"]}
        return await self._take(
            request, to, text=body.get("reaction"), reacts_to=key["id"]
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
        self._own(request)
        number, quoted = body.get("number"), body.get("quoted")
        if not isinstance(number, str) or not isinstance(text, str):
            return _refused('instance requires property "number"')
        if not self.is_connected:
            return _refused("Error: Connection Closed")
        quotes = quoted["key"]["id"] if isinstance(quoted, dict) else None
        key = self.new_key()
        sent = Sent(key, number, text, image, quotes, file, reacts_to)
        fault = await self._faulty(request, sent)
        if fault is not None:
            return fault
        jid = number if "@" in number else f"{number}@s.whatsapp.net"
        return web.json_response(
            {
                "key": {"remoteJid": jid, "fromMe": True, "id": sent.id},
                "pushName": "",
                "status": "PENDING",
                "message": {"conversation": text},
                "messageType": "conversation",
                "messageTimestamp": int(self.clock().timestamp()),
                "source": "web",
            },
            status=HTTPStatus.CREATED,
        )

    async def _mark_read(self, request: web.Request) -> web.Response:
        self._own(request)
        body = await request.json()
        self.read += [each["remoteJid"] for each in body["readMessages"]]
        return web.json_response(
            {"message": "Read messages", "read": "success"}, status=201
        )

    async def _presence(self, request: web.Request) -> web.Response:
        self._own(request)
        self.read.append((await request.json())["number"])
        return web.json_response({"presence": "composing"}, status=201)

    async def _give_media(self, request: web.Request) -> web.Response:
        self._own(request)
        key = (await request.json())["message"]["key"]["id"]
        if key not in self.files:
            return _refused("Message not found")
        encoded = base64.b64encode(self.files[key]).decode()
        return web.json_response(
            {"mediaType": "imageMessage", "base64": encoded}, status=201
        )

    async def _state(self, request: web.Request) -> web.Response:
        self._own(request)
        state = "open" if self.is_connected else "close"
        named = self.account.instance
        return web.json_response({"instance": {"instanceName": named, "state": state}})

    def _own(self, request: web.Request) -> None:
        if request.match_info["instance"] != self.account.instance:
            raise web.HTTPNotFound(text='{"error":"Not Found"}')


def _refused(why: str) -> web.Response:
    """Return Evolution's answer to nearly everything that goes wrong."""
    body = {"status": 400, "error": "Bad Request", "response": {"message": [why]}}
    return web.json_response(body, status=HTTPStatus.BAD_REQUEST)
