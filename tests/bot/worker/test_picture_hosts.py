"""The servers of catalogs' pictures: how many are asked at once, and when none is."""

import asyncio
from datetime import datetime, timedelta

from bot.worker.picture_hosts import PictureHosts
from tests.factories import NOON

HOST = "cdn.example"


def fail(hosts: PictureHosts, times: int, now: datetime = NOON) -> None:
    for _ in range(times):
        hosts.failed(HOST, now, 1.0)


def test_one_picture_in_trouble_is_not_its_host() -> None:
    hosts = PictureHosts()
    for _ in range(5):
        fail(hosts, 2)
        hosts.answered(HOST)
    assert hosts.resting(NOON) == {}


def test_a_host_that_fails_again_and_again_is_left_alone_longer_and_longer() -> None:
    hosts, now = PictureHosts(), NOON
    fail(hosts, 3)
    rests = []
    for _ in range(12):
        fail(hosts, 9, now)  # What was under way changes nothing.
        until = hosts.resting(now)[HOST]
        rests.append(until - now)
        now = until
        assert hosts.resting(now) == {}, "it is tried again"
        fail(hosts, 1, now)
    assert rests[:3] == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert max(rests) == rests[-1] == timedelta(hours=1)
    hosts.answered(HOST)
    assert hosts.resting(now) == {}


def test_what_is_remembered_of_hosts_is_bounded() -> None:
    hosts = PictureHosts()
    for number in range(2_000):
        for _ in range(3):
            hosts.failed(f"host{number}", NOON, 0.0)
    assert len(hosts.resting(NOON)) == 1_000


async def test_a_host_is_asked_for_two_pictures_at_a_time() -> None:
    hosts, inside, most = PictureHosts(pause=0), 0, 0

    async def ask(host: str) -> None:
        nonlocal inside, most
        async with hosts.place(host):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(ask(HOST) for _ in range(8)))
    assert most == 2
    await asyncio.gather(*(ask(f"host{n}") for n in range(8)))
    assert most == 8
