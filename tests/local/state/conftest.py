from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.state.world import MakeWorld, World


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    """Makes worlds with options of the cloud, and closes them."""
    made: list[World] = []

    def make(**options: Any) -> World:
        world = World(tmp_path, **options)
        made.append(world)
        return world

    yield make
    for world in made:
        await world.cloud.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()
