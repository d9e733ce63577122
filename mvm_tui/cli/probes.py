"""What `doctor` asks the services: one small read each, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.quotas import memory_limit
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.cli.checks import FAILED, OK, WARNING, Check
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Problem, RegionUnavailable, sentences
from mvm_tui.model.size import memory_label

# The price list is served from a few regions only; this one always has it (AWS Price List endpoints).
_PRICING_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class _Probe:
    """One service: its name, what it is good for, the call, and whether the app is of use without it."""

    name: str
    purpose: str
    ask: Callable[[Session], str]
    needed: bool = True


def service_checks(session: Session) -> Iterator[Check]:
    """Where the app connects and as whom, and whether each service answers."""
    try:
        connection = session.connection
    except Problem as problem:
        target = session.target
        yield Check("AWS", "profile", OK, target.profile or "default")
        yield Check("AWS", "region", OK, target.region or "as the AWS files say")
        yield Check("AWS", "endpoint", OK, target.endpoint_url or "as environment and AWS files say")
        yield _failed("AWS", "sign-in", problem)
        return
    yield from _configured(session, connection)
    with ThreadPoolExecutor(len(_PROBES)) as threads:
        yield from threads.map(lambda probe: _answer(probe, session), _PROBES)


def _configured(session: Session, connection: Connection) -> Iterator[Check]:
    yield Check("AWS", "profile", OK, connection.profile)
    yield Check("AWS", "region", OK, connection.region)
    yield Check("AWS", "endpoint", OK, connection.endpoint or "AWS's own")
    expires = connection.expires_at
    until = f", until {expires.isoformat(timespec='minutes')}" if expires else ""
    yield Check("AWS", "credentials", OK, f"found by {connection.credentials_source or 'unknown'}{until}")
    mode = "on: everything but reading is forbidden" if session.read_only else "off"
    yield Check("AWS", "read-only", OK, mode)


def _answer(probe: _Probe, session: Session) -> Check:
    try:
        return Check("services", probe.name, OK, probe.ask(session))
    except Problem as problem:
        if probe.needed:
            return _failed("services", probe.name, problem)
        detail = sentences(problem.what, problem.why, f"Needed for {probe.purpose}.")
        return Check("services", probe.name, WARNING, detail, problem.fix)


def _failed(group: str, name: str, problem: Problem) -> Check:
    return Check(group, name, FAILED, sentences(problem.what, problem.why), problem.fix, problem.exit_code)


def _identity(session: Session) -> str:
    identity = session.connection.identity()
    return f"account {identity.account}, {identity.arn}"


def _microvms(session: Session) -> str:
    count = len(
        _read(session.connection, MICROVMS, "list_microvms", "ListMicrovms", maxResults=50).get("items") or ()
    )
    return f"lists MicroVMs ({count} on the first page)"


def _managed_images(session: Session) -> str:
    """A region without the service may still list MicroVMs; the managed images tell for sure."""
    operation = "ListManagedMicrovmImages"
    answer = _read(session.connection, MICROVMS, "list_managed_microvm_images", operation)
    names = [str(item.get("imageArn", "")).rpartition(":")[2] for item in answer.get("items") or ()]
    if not names:
        raise RegionUnavailable(
            "The region lists no managed image.",
            "The service may not be offered here.",
            "Choose another region.",
            operation=operation,
        )
    return f"the service is here: {', '.join(names)}"


def _logs(session: Session) -> str:
    _read(session.connection, "logs", "describe_log_groups", "DescribeLogGroups", limit=1)
    return "answers"


def _quotas(session: Session) -> str:
    limit = memory_limit(session.connection)
    return "no MicroVM memory quota is told" if limit is None else f"MicroVM memory {memory_label(limit)}"


def _pricing(session: Session) -> str:
    here = session.connection
    at_home = (
        here
        if here.endpoint
        else Connection.open(replace(session.target, region=_PRICING_REGION), session.clock)
    )
    _read(at_home, "pricing", "describe_services", "DescribeServices", ServiceCode="AWSLambda", MaxResults=1)
    return "answers"


def _read(
    connection: Connection, service: str, method: str, operation: str, **arguments: Any
) -> dict[str, Any]:
    with explained(operation):
        answer: dict[str, Any] = getattr(connection.client(service), method)(**arguments)
        return answer


_PROBES = (
    _Probe("sts", "telling accounts apart", _identity),
    _Probe("lambda-microvms", "everything", _microvms),
    _Probe("managed images", "knowing whether the region has the service", _managed_images),
    _Probe("logs", "showing logs", _logs, needed=False),
    _Probe("service-quotas", "showing the memory quota", _quotas, needed=False),
    _Probe("pricing", "showing costs", _pricing, needed=False),
)
