"""Orders in the console: what everybody sees, and what only managers may do."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from bot.inbox.accounts import Role
from bot.simulator.erp import Failure
from tests.console import Person, signed_in
from tests.databases import add_test_tenant
from tests.house import House, open_house

ANA, MEHMET = ("905551112231", "Ana Yilmaz"), ("905551112232", "Mehmet Demir")


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Open a shop with two orders: #1 is at its ERP, which refused #2."""
    folder = tmp_path_factory.mktemp("orders")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        for person, words in (
            (ANA, "2 latte with oat milk, pick up"),
            (MEHMET, "3 tea, pick up"),
        ):
            if person is MEHMET:
                house.erp.fail_next(Failure.REFUSE)
            phone = house.phone(*person)
            for text in (words, "yes"):
                await phone.say(text)
                await house.settle()
        yield house


@pytest.fixture(scope="module")
async def agent(house: House) -> Person:
    return await signed_in(house)


@pytest.fixture(scope="module")
async def admin(house: House) -> Person:
    return await signed_in(house, "Selin Kaya", Role.ADMIN)


@pytest.fixture(scope="module")
async def ids(house: House) -> list[str]:
    return [order.id for order in await house.orders()]


async def test_the_list_tells_how_far_each_order_is(admin: Person) -> None:
    page = await admin.page("/console/orders")
    assert page.index("Mehmet Demir") < page.index("Ana Yilmaz")
    assert "handover failed" in page
    assert "in your system" in page
    assert ">delivered<" in page


async def test_an_agent_does_not_see_what_systems_were_told(
    agent: Person, ids: list[str]
) -> None:
    assert "Handover" not in await agent.page("/console/orders")
    page = await agent.page(f"/console/orders/{ids[1]}")
    assert "handover failed" in page
    assert "/cancel" in page
    for hidden in ("Your systems", "/retry", "redeliver", "/payment", "/fulfilments"):
        assert hidden not in page, hidden


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("search=mehmet", 2),
        ("search=%232", 2),
        ("search=905551112231", 1),
        ("state=provisioned&placed=day", 1),
    ],
)
async def test_orders_are_found(admin: Person, query: str, number: int) -> None:
    page = await admin.page(f"/console/orders?{query}")
    found = {each for each in (1, 2) if f">#{each}</a>" in page}
    assert found == {number}


async def test_a_search_without_hits_leads_back(admin: Person) -> None:
    page = await admin.page("/console/orders?search=nobody&state=&placed=")
    assert "No order fits" in page
    assert 'href="/console/orders"' in page


async def test_an_order_shows_what_was_bought_and_why(
    admin: Person, ids: list[str]
) -> None:
    page = await admin.page(f"/console/orders/{ids[0]}")
    for shown in (
        *("Oat milk", "₺211.00", "catalog price", "Tax, included"),
        *("Ana Yilmaz", "<q", "2 latte with oat milk", "Demo ERP", "Order created"),
        "/console/conversations/cnv_",
    ):
        assert shown in page, shown


async def test_an_attempt_shows_what_was_said_without_persons(
    admin: Person, ids: list[str]
) -> None:
    page = await admin.page(f"/console/orders/{ids[1]}")
    assert "HTTP 400" in page
    assert "unknown SKU" in page
    assert "/retry" in page
    sent = page[page.index("<pre") : page.rindex("</pre>")]
    assert "TEA" in sent
    assert ids[1] in sent
    for hidden in ("Mehmet", "Demir", "5551112232", "whsec", "v1,", "Bearer"):
        assert hidden not in sent, hidden


async def test_all_tries_of_an_order_are_one_look(
    admin: Person, ids: list[str]
) -> None:
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    await admin.page(f"/console/orders/{ids[0]}")
    event.remove(Engine, "before_cursor_execute", note)
    assert len([each for each in asked if "FROM outbox_attempt" in each]) == 1
    assert len([each for each in asked if "FROM order_line" in each]) == 1


async def test_only_a_system_s_own_role_reports_payments(
    house: House, admin: Person, ids: list[str]
) -> None:
    manager = await signed_in(house, "Can", Role.MANAGER)
    path = f"/console/orders/{ids[0]}"
    assert "/payment" not in await manager.page(path)
    assert "/redeliver" in await manager.page(path)
    assert "/payment" in await admin.page(path)


async def test_a_payment_stands_in_the_history(admin: Person, ids: list[str]) -> None:
    body = {"status": "paid", "message": "by card"}
    await admin.call("POST", f"/v1/orders/{ids[0]}/payment", body)
    page = await admin.page(f"/console/orders/{ids[0]}")
    assert "by card" in page
    assert "Selin Kaya" in page
    assert "/refunds" in page


async def test_the_page_refreshes_as_one_part(admin: Person, ids: list[str]) -> None:
    async with admin.session() as session:
        asked = {"X-Part": "order"}
        path = f"/console/orders/{ids[0]}"
        async with session.get(path, headers=asked) as answer:
            text = await answer.text()
    assert text.lstrip().startswith("<section")
    assert "<html" not in text


async def test_another_shop_s_order_is_no_page(house: House, ids: list[str]) -> None:
    other = await add_test_tenant(house.runtime.database)
    stranger = await signed_in(house, tenant_id=other, role=Role.ADMIN)
    path = f"/console/orders/{ids[0]}"
    async with stranger.session() as session, session.get(path) as answer:
        assert answer.status == 404
    assert "No orders yet" in await stranger.page("/console/orders")


@pytest.mark.parametrize("language", ["tr", "es", "pt", "ru"])
async def test_orders_are_told_in_every_language(
    admin: Person, ids: list[str], language: str
) -> None:
    async with admin.session() as session:
        session.cookie_jar.update_cookies({"chatorder_language": language})
        for path in ("/console/orders", f"/console/orders/{ids[1]}"):
            async with session.get(path) as answer:
                assert answer.status == 200
                assert f'<html lang="{language}"' in await answer.text()
