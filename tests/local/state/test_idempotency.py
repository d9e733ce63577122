from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.state.idempotency import Answers, TokenReusedError
from mvm_tui.local.wire.errors import ServiceError
from tests.local.state.world import World

PARAMS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4)


@given(PARAMS, PARAMS)
def test_same_params_replay_and_others_are_refused(first: dict[str, Any], second: dict[str, Any]) -> None:
    answers = Answers()
    answers.keep("Run", "token", first, {"id": 1})
    assert answers.earlier("Run", "token", dict(reversed(first.items()))) == {"id": 1}
    if first != second:
        with pytest.raises(TokenReusedError):
            answers.earlier("Run", "token", second)


def test_tokens_are_apart_and_the_oldest_go() -> None:
    answers = Answers(kept=2)
    for token in ("a", "b", "c"):
        answers.keep("Run", token, {}, {"token": token})
    assert answers.earlier("Run", "a", {}) is None
    assert answers.earlier("Run", "c", {}) == {"token": "c"}
    assert answers.earlier("Create", "c", {}) is None
    answers.keep("Run", None, {}, {})
    assert answers.earlier("Run", None, {}) is None


async def test_a_repeated_launch_gives_the_same_microvm(world: World) -> None:
    arn = await world.image()
    first = await world.call("RunMicrovm", imageIdentifier=arn, clientToken="t")
    await world.pass_time(5)
    assert await world.call("RunMicrovm", imageIdentifier=arn, clientToken="t") == first
    assert len(world.region.microvms) == 1
    with pytest.raises(ServiceError) as refused:
        await world.call("RunMicrovm", imageIdentifier=arn, clientToken="t", runHookPayload="other")
    assert (refused.value.code, refused.value.status) == ("ConflictException", 409)
    await world.call("RunMicrovm", imageIdentifier=arn, clientToken="u")
    assert len(world.region.microvms) == 2


async def test_a_refused_request_may_be_tried_again(world: World) -> None:
    arn = await world.begin_image()
    with pytest.raises(ServiceError):
        await world.call("RunMicrovm", imageIdentifier=arn, clientToken="t")
    await world.pass_time(10)
    answer = await world.call("RunMicrovm", imageIdentifier=arn, clientToken="t")
    assert answer["state"] == "PENDING"
