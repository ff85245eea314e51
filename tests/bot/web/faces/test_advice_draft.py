"""A proposal becomes a draft in the customer's conversation, and then an order."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.inbox.users import add_user
from orders.table import customer
from tests.api import Answer, Office, open_office


async def repzo(office: Office, method: str, path: str, body: Any = None) -> Any:
    answer: Answer = await office.integration(
        method,
        f"/activity-ai-sales-order{path}",
        body,
        headers={"api-key": str(office.integration.key)},
    )
    assert answer.status in {200, 201}, answer.raw
    return answer.body["data"]


async def test_a_proposal_becomes_a_draft_in_the_chat_once_and_then_an_order(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_office(sqlite_url, tmp_path) as office:
        phone = office.house.phone()
        chat = await office.write(phone, "2 latte", "pickup", "yes")
        runtime, tenant_id = office.house.runtime, office.house.tenant_id
        async with runtime.database.transaction() as connection:
            client = (
                await connection.execute(
                    select(customer.c.id).where(customer.c.tenant_id == tenant_id)
                )
            ).scalar_one()
            rep = await add_user(
                connection,
                id=runtime.new_id("usr"),
                tenant_id=tenant_id,
                email="rep@shop.example",
                name="Rep",
                role="agent",
                password_hash="",
                now=runtime.clock(),
            )
        body = {"client": client, "rep": rep.id, "activityType": "recommendation"}
        made = (await repzo(office, "POST", "", body))["_id"]
        early = await office.agent.post(f"/v1/advice/{made}/draft")
        assert (early.status, early.kind) == (409, "conflict")
        await repzo(office, "POST", f"/{made}/generate")
        told = await repzo(office, "GET", f"/{made}")
        (line,) = told["generatedOrder"]["items"]

        said = await office.agent.read(f"/v1/conversations/{chat}/messages")
        answer = await office.agent.post(f"/v1/advice/{made}/draft")
        assert answer.status == 201, answer.raw
        draft = answer.body
        assert draft["conversation_id"] == chat
        (put,) = draft["lines"]
        assert (put["name"], float(put["quantity"])) == ("Latte", line["quantity"])
        assert put["evidence"][0]["actor"] == office.agent.actor
        assert said == await office.agent.read(f"/v1/conversations/{chat}/messages")
        again = await office.agent.post(f"/v1/advice/{made}/draft")
        assert (again.status, again.kind) == (409, "conflict")
        assert draft["id"] in again.body["detail"]

        changed = await office.agent.post(
            f"/v1/drafts/{draft['id']}/changes",
            {
                "version": draft["version"],
                "changes": [
                    {"type": "set_fulfilment", "fulfilment": "pickup"},
                    {"type": "set_name", "name": "Ada"},
                ],
            },
        )
        assert changed.status == 200, changed.raw
        confirmed = await office.agent.post(
            f"/v1/drafts/{draft['id']}/confirm", {"version": changed.body["version"]}
        )
        assert confirmed.status == 201, confirmed.raw
        ordered = await repzo(office, "GET", f"/{made}")
        assert len(ordered["generatedOrder"]["orderId"]) == 24
        seen = await office.agent.read(f"/v1/advice/{made}")
        assert (seen["draft_id"], seen["order_id"]) == (
            draft["id"],
            confirmed.body["id"],
        )
