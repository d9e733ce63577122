"""Measuring an app: at the rate that was asked for, with what went wrong counted apart."""

from __future__ import annotations

import asyncio
import time

import pytest

from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Invalid
from mvm_tui.reach.call import Caller
from mvm_tui.reach.limits import request_rate
from mvm_tui.reach.probe import Findings, Levers, Plan, Sample, cycle, probe
from tests.reach.endpoint import Service, serving

CLOCK = SystemClock()


async def test_requests_go_out_at_the_rate_and_are_measured() -> None:
    async with serving() as service, Caller(service.target(), service.access(), CLOCK) as caller:
        seen: list[Sample] = []
        began = time.monotonic()
        findings = await probe(caller, Plan("/echo", rate=50, seconds=0.5), CLOCK, seen.append)
        assert time.monotonic() - began >= 0.45
        assert len(findings.samples) == len(seen) == len(service.requests) == 25
        assert findings.errors == 0
        p50, p95 = findings.percentile(0.5), findings.percentile(0.95)
        assert p50 is not None
        assert p95 is not None
        assert 0 < p50 <= p95 < 5
        assert sum(count for _, count in findings.histogram()) == 25


async def test_errors_are_counted_and_not_timed() -> None:
    async with serving() as service, Caller(service.target(), service.access(), CLOCK) as caller:
        findings = await probe(caller, Plan("/no-app", rate=100, seconds=0.1), CLOCK)
        assert findings.errors == len(findings.samples) == 10
        assert findings.percentile(0.5) is None
        assert findings.histogram() == []
        assert all(sample.problem is not None for sample in findings.samples)


def test_a_rate_above_the_share_is_refused_with_the_figure() -> None:
    assert request_rate(2_048).allowed == 30
    assert request_rate(8_192).allowed == 120
    Plan(rate=30).check(request_rate(2_048))
    with pytest.raises(Invalid, match=r"30 requests/s, three quarters of the 40 published"):
        Plan(rate=31).check(request_rate(2_048))
    with pytest.raises(Invalid, match="assumed"):
        Plan(rate=100).check(request_rate(4_096))
    with pytest.raises(Invalid):
        Plan(rate=0).check(request_rate(2_048))


def test_the_histogram_has_every_bucket_between_the_first_and_the_last() -> None:
    samples = [Sample(0, seconds, 200) for seconds in (0.0015, 0.0015, 0.03, 99.0)]
    bounds = [(bound, count) for bound, count in Findings(samples).histogram() if count]
    assert bounds == [(0.002, 2), (0.05, 1), (float("inf"), 1)]


def test_a_share_is_reached_by_the_time_named() -> None:
    findings = Findings([Sample(0, float(number), 200) for number in range(1, 21)])
    assert [findings.percentile(share) for share in (0.5, 0.95, 1.0)] == [10, 19, 20]
    assert Findings([Sample(0, 1.0, 200), Sample(0, 2.0, 200)]).percentile(0.5) == 1


async def test_what_an_app_that_stalled_is_owed_does_not_exceed_the_rate() -> None:
    async with serving() as service:
        # 7.5 requests a second for the smallest size, of which whole ones are sent.
        caller = Caller(service.target(512), service.access(), CLOCK)
        async with caller:
            for _ in range(7):
                caller.pace.reserve()
            began = time.monotonic()
            findings = await probe(caller, Plan("/echo", rate=7.5, seconds=0.9), CLOCK)
        assert len(findings.samples) == 7
        assert time.monotonic() - began >= 0.9
        # They count from when they were due.
        assert (findings.percentile(1.0) or 0) > 0.1


@pytest.mark.parametrize("auto_resume", [True, False])
async def test_a_cycle_is_timed_step_by_step(auto_resume: bool) -> None:
    async with serving() as service, Caller(service.target(), service.access(), CLOCK) as caller:
        levers = Levers(lambda: _suspend(service), service.resume)
        steps = await _with_traffic(service, caller, levers, auto_resume=auto_resume)
        names = ["suspend", "resume", "first answer after the resume"]
        assert steps == [*names, *(["first answer by auto-resume"] if auto_resume else [])]


def _suspend(service: Service) -> None:
    service.state = "SUSPENDED"


async def _with_traffic(service: Service, caller: Caller, levers: Levers, *, auto_resume: bool) -> list[str]:
    async with asyncio.timeout(20):
        steps = await cycle(caller, "/echo", levers, CLOCK, auto_resume=auto_resume)
    assert all(step.seconds >= 0 for step in steps)
    return [step.name for step in steps]
