"""Channels at gateways over the API."""

from tests.api import open_api
from tests.bot.web.test_gateway_webhooks import sample, secret, signed

GIVEN = {
    "kind": "evolution",
    "base_url": "http://127.0.0.1:9/",
    "instance": "shop1",
    "api_key": "precious-key",
}


async def test_a_gateway_is_added_heard_and_given_another_secret(
    database_url: str,
) -> None:
    async with open_api(database_url, allow_private_hosts=True) as api:
        made = await api.admin.post("/v1/channels/gateway", GIVEN)
        assert made.status == 201, made.raw
        assert b"precious" not in made.raw
        first = made.body["webhook_secret"]
        assert first in made.body["paste"]
        path = made.body["webhook_path"]
        post = api.entrance.post
        assert await post(sample("evolution"), path=path, headers=secret(first)) == 200
        shown = await api.manager.read(f"/v1/channels/{made.body['id']}")
        assert shown["last_inbound_at"] == "2026-11-22T12:00:00Z"
        assert (shown["base_url"], shown["instance"]) == ("http://127.0.0.1:9", "shop1")
        assert "webhook_secret" not in shown
        rotate = f"/v1/channels/{made.body['id']}/rotate-secret"
        changed = await api.admin.post(rotate, {"grace_seconds": 0})
        assert changed.status == 200, changed.raw
        second = changed.body["webhook_secret"]
        assert await post(sample("evolution"), path=path, headers=secret(first)) == 403
        assert await post(sample("evolution"), path=path, headers=secret(second)) == 200
        again = await api.admin.post("/v1/channels/gateway", GIVEN)
        assert again.body["errors"][0]["field"] == "instance"


async def test_a_given_secret_is_not_shown_and_works(sqlite_url: str) -> None:
    async with open_api(sqlite_url, allow_private_hosts=True) as api:
        given = GIVEN | {"kind": "waha", "instance": "default"}
        own = given | {"webhook_secret": "a-secret-of-our-own"}
        made = await api.admin.post("/v1/channels/gateway", own)
        assert made.body["webhook_secret"] is None
        body = sample("waha")
        headers = signed(body, "a-secret-of-our-own")
        path = made.body["webhook_path"]
        assert await api.entrance.post(body, path=path, headers=headers) == 200


async def test_a_gateway_inside_is_the_operators_business(sqlite_url: str) -> None:
    async with open_api(sqlite_url, allow_private_hosts=False) as api:
        for url in ("http://127.0.0.1:9", "http://169.254.169.254/latest"):
            answer = await api.admin.post(
                "/v1/channels/gateway", GIVEN | {"base_url": url}
            )
            assert answer.status == 422, answer.raw
            assert answer.body["errors"][0]["field"] == "base_url"
        meta = "/v1/channels/chn_10001/rotate-secret"
        assert (await api.admin.post(meta, {})).status == 404
        assert (await api.manager.post("/v1/channels/gateway", GIVEN)).status == 403
