"""Following the printed instructions works: the simulator does what they say."""

from pathlib import Path

import pytest

from bot.channels.instructions import META_FIELDS, SHOWN_ONCE
from bot.channels.whatsapp_cloud.translate import translate
from bot.doctor.finding import Level
from bot.doctor.health import check_health
from bot.domain.message import Quarantined
from bot.simulator.network import WebhookRefused
from bot.simulator.simulator import Simulator
from bot.simulator.webhooks import Number, encode
from tests.api import open_api, open_office
from tests.bot.web.entrance import ANA
from tests.gateways import ANA as A_PERSON
from tests.gateways import KINDS, connected, paste


async def test_a_number_of_metas_hears_customers_once_its_app_is_set_up(
    sqlite_url: str,
) -> None:
    async with open_api(sqlite_url) as api:
        told = await api.admin.read("/v1/channels/chn_10001/setup")
        assert not told["is_public"]
        assert (await api.manager.get("/v1/channels/chn_10001/setup")).status == 403
        assert (await api.ben.get("/v1/channels/chn_10001/setup")).status == 404
        assert told["verify_token"] == ANA.verify_token
        assert any(told["callback_url"] in step for step in told["steps"])
        number = Number(ANA.secret, ANA.numbers[0], "token", "902120000000")
        meta = Simulator(
            number, "", clock=api.runtime.clock, new_id=lambda: api.runtime.new_id("s")
        )
        async with meta.running():
            url = api.entrance.url + told["callback_url"]
            subscribe = meta.network.subscribe
            with pytest.raises(WebhookRefused):
                await subscribe(url, "another word", told["fields"])
            await subscribe(url, told["verify_token"], told["fields"])
            await meta.phone("905551112233", "Cem").say("hello")
        assert (await api.entrance.stored())["messages"] == 1


@pytest.mark.parametrize(
    ("body", "status", "now"),
    [
        ({"per_second": 20}, 200, (20, None)),
        ({"catalog_id": "194836987003835"}, 200, (None, "194836987003835")),
        ({"per_second": 0}, 422, (None, None)),
        ({"catalog_id": "my catalog"}, 422, (None, None)),
    ],
    ids=["speed", "catalog", "no speed", "no catalog"],
)
async def test_speed_and_catalog_of_a_number_are_set_by_an_admin(
    sqlite_url: str,
    body: dict[str, object],
    status: int,
    now: tuple[int | None, str | None],
) -> None:
    async with open_api(sqlite_url) as api:
        path = "/v1/channels/chn_10001"
        assert (await api.admin("PATCH", path, body)).status == status
        assert (await api.manager("PATCH", path, body)).status == 403
        assert (await api.ben("PATCH", path, body)).status == 404
        read = await api.admin.read(path)
        assert (read["per_second"], read["catalog_id"]) == now
        if status == 200:
            assert (await api.admin("PATCH", path, dict.fromkeys(body))).status == 200
            read = await api.admin.read(path)
            assert (read["per_second"], read["catalog_id"]) == (None, None)


@pytest.mark.parametrize("field", META_FIELDS)
def test_nothing_is_subscribed_to_that_we_do_not_understand(field: str) -> None:
    change = {"field": field, "value": {"metadata": {"phone_number_id": "1"}}}
    heard = translate(
        encode(
            {
                "object": "whatsapp_business_account",
                "entry": [{"id": "1", "changes": [change]}],
            }
        )
    )
    unknown = [
        each
        for each in heard
        if isinstance(each, Quarantined) and each.reason == "unknown field"
    ]
    assert not unknown


@pytest.mark.parametrize("kind", KINDS)
async def test_a_gateway_hears_customers_once_the_command_was_run(
    sqlite_url: str, tmp_path: Path, kind: str
) -> None:
    async with open_office(sqlite_url, tmp_path, workers=0) as office:
        house, url = office.house, office.admin.url
        async with connected(
            house.runtime, house.tenant_id, kind, server="http://127.0.0.1:9"
        ) as line:
            setup = f"/v1/channels/{line.channel_id}/setup"
            told = await office.admin.read(setup)
            assert told["callback_url"] == f"{url}/webhooks/{kind}/{line.channel_id}"
            assert line.secret not in str(told)
            await paste(told["paste"].replace(SHOWN_ONCE, line.secret))
            assert line.gateway.webhook is not None
            await line.gateway.says(A_PERSON, "1 latte")
            health = await office.manager.read(f"/v1/channels/{line.channel_id}/health")
            assert health["connected"] is True
            assert health["last_inbound_at"] is not None
            async with house.runtime.database.reading() as connection:
                found = await check_health(connection, house.runtime.clock())
            (seen,) = [f for f in found if f.subject.endswith(line.channel_id)]
            assert (seen.level, "last message came" in seen.words) == (Level.OK, True)
            said = [
                field for field in told["fields"] if field in str(line.gateway.webhook)
            ]
            assert said == told["fields"]
