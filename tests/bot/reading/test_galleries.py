"""The galleries of a process: loaded when prints changed, and not all the time."""

import asyncio
import base64
from collections.abc import Mapping

import numpy as np

from bot.reading.galleries import Galleries
from catalog.domain.prints import print_of


def stored(count: int) -> dict[str, str]:
    random = np.random.default_rng(1)
    found = {}
    for number in range(count):
        kept = print_of((random.random((64, 64, 3)) * 255).astype(np.float32))
        assert kept is not None
        found[str(number)] = base64.b64encode(kept.packed()).decode()
    return found


class Shelf:
    """Prints that are loaded, slowly if need be; counts how often."""

    def __init__(self) -> None:
        self.loaded = 0
        self.asked = asyncio.Event()
        self.ready = asyncio.Event()
        self.ready.set()

    async def load(self) -> Mapping[str, str]:
        self.loaded += 1
        self.asked.set()
        await self.ready.wait()
        return stored(self.loaded)


async def test_prints_that_change_all_the_time_are_not_loaded_all_the_time() -> None:
    galleries, shelf = Galleries(pause=1_000), Shelf()
    for revision in range(1, 9):
        assert len(await galleries.current("shop", revision, shelf.load)) == 1
    assert shelf.loaded == 1


async def test_after_a_pause_they_are() -> None:
    galleries, shelf = Galleries(pause=0), Shelf()
    for revision, size in ((1, 1), (1, 1), (2, 2), (1, 2)):
        assert len(await galleries.current("shop", revision, shelf.load)) == size


async def test_nobody_waits_for_a_gallery_that_is_loaded_again() -> None:
    galleries, shelf = Galleries(pause=0), Shelf()
    await galleries.current("shop", 1, shelf.load)
    shelf.ready.clear()
    shelf.asked.clear()
    loading = asyncio.create_task(galleries.current("shop", 2, shelf.load))
    await shelf.asked.wait()
    assert len(await galleries.current("shop", 2, shelf.load)) == 1
    shelf.ready.set()
    assert len(await loading) == 2
    assert len(await galleries.current("shop", 2, shelf.load)) == 2
