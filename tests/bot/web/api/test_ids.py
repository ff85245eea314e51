"""What things are called elsewhere, through the API."""

from orders.domain.ids import Face, Thing
from orders.ids import give_ids
from tests.api import Api
from tests.bot.web.entrance import ANA


async def test_names_of_a_thing_are_found_both_ways(quick_api: Api) -> None:
    runtime = quick_api.runtime
    things = [Thing("customer", f"customer_{n}") for n in range(12)]
    async with runtime.database.transaction() as connection:
        for face in (Face.ZEGOAL, Face.REPZO):
            await give_ids(connection, ANA.tenant_id, face, things, now=runtime.clock())
    agent = quick_api.agent
    listed = await agent.read("/v1/ids", face="zegoal", limit=12)
    assert listed["total"] == 12
    assert [each["external_id"] for each in listed["data"]] == [
        str(n) for n in range(1, 13)
    ]
    one = listed["data"][6]
    named = await agent.read("/v1/ids", face="zegoal", kind="customer", external_id="7")
    assert named == {"data": [one], "total": 1}
    every = await agent.read("/v1/ids", internal_id=one["internal_id"])
    assert {each["face"] for each in every["data"]} == {"zegoal", "repzo"}
    unknown = await agent.get("/v1/ids", face="fax")
    assert unknown.status == 422
