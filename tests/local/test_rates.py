"""Token buckets: bursts, refills, and who shares one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.launch import Facts
from mvm_tui.local.rates import Rates, rate_of
from mvm_tui.model.clock import ManualClock
from tests.cloud import client

SERVICE = "lambda-microvms"


def make_rates(*, on: bool = True) -> tuple[Rates, ManualClock]:
    clock = ManualClock()
    return Rates(clock.monotonic, on=on), clock


def accepted(rates: Rates, operation: str, calls: int, region: str = "us-east-1") -> int:
    return sum(rates.take(SERVICE, operation, region) == 0 for _ in range(calls))


def test_a_burst_passes_and_the_next_call_is_told_when_to_come_back() -> None:
    rates, _ = make_rates()
    assert accepted(rates, "RunMicrovm", 5) == 5
    assert rates.take(SERVICE, "RunMicrovm", "us-east-1") == 1.0


def test_an_empty_bucket_fills_at_its_rate_and_not_beyond_its_burst() -> None:
    rates, clock = make_rates()
    accepted(rates, "SuspendMicrovm", 10)
    clock.advance(0.5)
    assert accepted(rates, "SuspendMicrovm", 10) == 1
    clock.advance(60)
    assert accepted(rates, "SuspendMicrovm", 10) == 2


def test_operations_without_a_rate_of_their_own_share_one() -> None:
    rates, _ = make_rates()
    assert accepted(rates, "ListMicrovms", 10) == 10
    assert accepted(rates, "ListMicrovmImages", 10) == 5
    assert accepted(rates, "GetMicrovm", 10) == 10


def test_regions_are_throttled_apart() -> None:
    rates, _ = make_rates()
    accepted(rates, "RunMicrovm", 9)
    assert accepted(rates, "RunMicrovm", 9, "eu-west-1") == 5


def test_log_reads_have_the_rates_of_their_region() -> None:
    by_region = {
        region: rate_of("logs", "FilterLogEvents", region) for region in ("us-east-1", "eu-central-1")
    }
    rates = {region: found[1].per_second for region, found in by_region.items() if found}
    assert rates == {"us-east-1": 25, "eu-central-1": 5}
    assert rate_of("sts", "GetCallerIdentity", "us-east-1") is None


def test_each_read_of_the_logs_has_a_bucket_of_its_own_in_each_region() -> None:
    rates, _ = make_rates()

    def taken(operation: str, region: str) -> int:
        return sum(rates.take("logs", operation, region) == 0 for _ in range(40))

    assert taken("FilterLogEvents", "eu-central-1") == 5
    assert taken("GetLogEvents", "eu-central-1") == 10
    assert taken("StartLiveTail", "eu-central-1") == 5
    assert taken("DescribeLogStreams", "eu-central-1") == 25
    assert taken("FilterLogEvents", "eu-west-1") == 10


def test_rates_are_those_that_service_quotas_reports(facts: Facts) -> None:
    answer = client(facts, "service-quotas").list_service_quotas(ServiceCode="lambda")
    applied = {quota["QuotaName"]: quota["Value"] for quota in answer["Quotas"]}
    checked = 0
    for operation in ("RunMicrovm", "ResumeMicrovm", "SuspendMicrovm", "TerminateMicrovm", "GetMicrovm"):
        found = rate_of(SERVICE, operation, facts.region)
        assert found is not None
        for kind, value in (("Rate", found[1].per_second), ("Burst", found[1].burst)):
            reported = applied.get(f"{kind} of {operation} API requests", value)
            checked += f"{kind} of {operation} API requests" in applied
            assert reported == value, f"{kind} of {operation}"
    assert checked >= 9


def test_off_means_never_throttled() -> None:
    rates, _ = make_rates(on=False)
    assert accepted(rates, "SuspendMicrovm", 1000) == 1000


@given(st.lists(st.floats(0, 3), max_size=60))
def test_no_pattern_of_calls_gets_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    rates, clock = make_rates()
    passed = 0
    for pause in pauses:
        clock.advance(pause)
        passed += accepted(rates, "TerminateMicrovm", 3)
    assert passed <= 10 + 10 * clock.monotonic() + 1e-6
