"""Faults: how they are written, and which calls they hit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.faults import KINDS, Fault, Faults, parse_fault, parse_faults


def hits(text: str, operations: list[str]) -> list[bool]:
    faults = Faults(parse_faults(text))
    return [bool(faults.strike(operation)) for operation in operations]


def test_a_fault_without_limits_hits_every_call() -> None:
    assert hits("throttle", ["RunMicrovm", "ListMicrovms"]) == [True, True]


def test_a_fault_for_an_operation_leaves_the_others_alone() -> None:
    assert hits("error@GetMicrovm", ["RunMicrovm", "GetMicrovm"]) == [False, True]


def test_a_counted_fault_ends() -> None:
    faults = Faults(parse_faults("html502*2"))
    assert [len(faults.strike("RunMicrovm")) for _ in range(4)] == [1, 1, 0, 0]
    assert faults.texts() == []


def test_a_fault_may_hit_every_third_call() -> None:
    assert hits("half-body/3", ["GetMicrovm"] * 6) == [False, False, True, False, False, True]


def test_a_slow_page_hits_listings_only() -> None:
    assert hits("slow-page=1", ["ListMicrovms", "RunMicrovm", "FilterLogEvents"]) == [True, False, True]


def test_a_shells_fault_hits_shells_and_nothing_else() -> None:
    faults = Faults(parse_faults("shell-drop*1,shell-slow=4000000@microvm-1,shell-refuse=429*1"))
    assert faults.strike("GetMicrovm") == {}
    assert faults.refuse_shell("microvm-2") == 429
    assert faults.refuse_shell("microvm-2") is None
    assert set(faults.strike_shell("microvm-1")) == {"shell-drop", "shell-slow"}
    assert set(faults.strike_shell("microvm-2")) == set()
    assert faults.texts() == ["shell-slow=4000000@microvm-1"]


def test_a_change_is_told() -> None:
    faults = Faults()
    told: list[list[str]] = []
    faults.watch(lambda: told.append(faults.texts()))
    faults.replace(parse_faults("shell-stall=0.5"))
    faults.replace([])
    assert told == [["shell-stall=0.5"], []]


def test_several_faults_hit_one_call() -> None:
    struck = Faults(parse_faults("latency=0.5, error=503")).strike("GetMicrovm")
    assert {kind: fault.value for kind, fault in struck.items()} == {"latency": 0.5, "error": 503.0}


def test_faults_of_event_streams_and_lines_hit_nothing_else() -> None:
    assert hits("stall=1", ["StartLiveTail", "FilterLogEvents"]) == [True, False]
    assert hits("stream-exception", ["StartLiveTail", "FilterLogEvents"]) == [True, False]
    assert hits("late=5", ["StartLiveTail", "PutLogEvents"]) == [False, False]


def test_lines_are_late_by_turns_and_the_same_again_each_time() -> None:
    faults = Faults(parse_faults("late=30/2"))
    first = [faults.lateness() for _ in range(10)]
    assert [late > 0 for late in first] == [False, True] * 5
    assert all(15 <= late <= 30 for late in first[1::2])
    assert len(set(first[1::2])) == 5
    faults.replace(parse_faults("late=30/2"))
    assert [faults.lateness() for _ in range(10)] == first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "boom",
        "latency",
        "error=404",
        "throttle=1",
        "throttle@",
        "half-body*",
        "half-body/0",
        "throttle*1/2",
        "shell-slow",
        "shell-refuse",
        "shell-refuse=200",
        "shell-refuse=403.5",
        "late",
        "late=5@PutLogEvents",
        "stream-exception=3",
    ],
)
def test_what_is_no_fault_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"fault|seconds|status|value|operation"):
        parse_fault(text)


faults_ = st.builds(
    Fault,
    kind=st.sampled_from(KINDS),
    value=st.just(0.0),
    operation=st.sampled_from(["", "RunMicrovm", "microvm-0a-1"]),
    left=st.none() | st.integers(0, 99),
)


@given(faults_, st.integers(500, 599))
def test_what_is_shown_can_be_typed_again(fault: Fault, value: int) -> None:
    if fault.kind not in (
        "throttle",
        "html502",
        "half-body",
        "expired",
        "stream-exception",
        "shell-drop",
        "empty-page",
    ):
        fault.value = float(value)
    if fault.kind == "late":
        fault.operation = ""
    assert parse_fault(str(fault)) == fault


@given(st.text().filter(lambda text: not text.strip().startswith(KINDS)))
def test_no_other_text_is_a_fault(text: str) -> None:
    with pytest.raises(ValueError, match="is no fault"):
        parse_fault(text)
