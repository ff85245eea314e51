"""The overview shows how the shop did, to those who may see it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.inbox.accounts import Role
from bot.web.console.plots import Series, bars, line, top_of
from tests.console import Person, signed_in
from tests.house import House, open_house


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("overview")
    file = shutil.copyfile(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


@pytest.fixture(scope="module")
async def manager(house: House) -> Person:
    return await signed_in(house, role=Role.MANAGER)


async def test_a_new_shop_is_told_that_there_is_nothing_yet(manager: Person) -> None:
    assert "nothing was ordered" in await manager.page("/console/overview")


async def test_an_order_shows_in_the_figures_the_plots_and_the_table(
    house: House, manager: Person
) -> None:
    ana = house.phone()
    for words in ("2 latte", "pickup", "yes"):
        await ana.say(words)
        await house.settle()
    page = await manager.page("/console/overview")
    assert '<dt class="quiet">Conversion</dt><dd class="figure">100%</dd>' in page
    assert "TRY" in page
    assert page.count('role="img"') == 2
    assert ": 1</title>" in page
    csv = '<a class="button" href="/v1/overview.csv?first='
    assert csv in page
    async with manager.session() as session:
        table = page.partition(csv)[2].partition('"')[0].replace("&amp;", "&")
        async with session.get(f"/v1/overview.csv?first={table}") as answer:
            lines = (await answer.text()).strip().splitlines()
    assert lines[-1].split(",")[1:3] == ["1", "1"]
    assert len(lines) == 31


async def test_a_span_is_picked_by_its_address(manager: Person) -> None:
    days = "first=2026-01-05&last=2026-01-11"
    page = await manager.page(f"/console/overview?{days}")
    assert 'value="2026-01-05"' in page
    assert "nothing was ordered" in page
    async with manager.session() as session:
        backwards = "/console/overview?first=2026-02-01&last=2026-01-01"
        async with session.get(backwards) as answer:
            assert answer.status == 422


async def test_agents_do_not_see_it(house: House) -> None:
    agent = await signed_in(house)
    async with agent.session() as session, session.get("/console/overview") as answer:
        assert answer.status == 403
        rail = (await answer.text()).partition("</nav>")[0]
        assert "/console/overview" not in rail


@pytest.mark.parametrize(
    ("highest", "top"),
    [
        (0, 2),
        (1, 2),
        (2, 2),
        (3, 4),
        (5, 6),
        (7, 8),
        (11, 20),
        (25, 30),
        (61, 80),
        (250, 300),
    ],
)
def test_an_axis_ends_at_a_round_number_that_can_be_halved(
    highest: float, top: float
) -> None:
    assert top_of(highest) == top


def test_a_plot_is_a_drawing_with_a_name_and_a_table() -> None:
    days = [f"{day} Nov" for day in range(1, 31)]
    plot = bars("Orders & more", days, [Series("<b>", [3.0, *[0.0] * 29])], str)
    drawing = ET.fromstring(plot.svg)
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label") == "Orders & more"
    (rect,) = drawing.findall("rect")
    assert rect.get("height") == "120.0"
    assert rect.findtext("title") == "1 Nov · <b>: 3.0"
    assert plot.axis == ["4.0", "2.0", "0"]
    assert plot.days == ["1 Nov", "8 Nov", "15 Nov", "23 Nov", "30 Nov"]
    assert plot.rows[0] == ["1 Nov", "3.0"]


@pytest.mark.parametrize("days", [1, 2, 366])
def test_a_line_goes_from_the_first_day_to_the_last(days: int) -> None:
    plot = line("Value", ["d"] * days, [Series("v", [5.0] * days)], str)
    points = ET.fromstring(plot.svg).find("polyline")
    assert points is not None
    places = str(points.get("points")).split()
    assert float(places[0].split(",")[0]) == 0
    assert float(places[-1].split(",")[0]) == pytest.approx(600)
    assert len(plot.days) == min(days, 5)
