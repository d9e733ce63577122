"""MicroVMs: listing, reading, running, suspending, resuming, terminating. Every call may raise Problem."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from sys import intern
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.aws.wire import listing, moment, read, text, texts, whole
from mvm_tui.model.errors import Problem
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.launch import Launched, LaunchRequest
from mvm_tui.model.microvm import Details, Microvm

# The most a page of any list of the service holds.
PAGE_SIZE = 50
_ECHOED_PAYLOAD = re.compile(r"Value '.*' at 'runHookPayload'", re.DOTALL)


def pages(connection: Connection) -> Iterator[list[Microvm]]:
    """Every page of the listing as soon as it is read, without repeats; a page may be empty.

    The next page is asked for when the next item is taken, so the caller sets the pace.
    """
    client = connection.client(MICROVMS)
    seen: set[str] = set()
    for page in listing("ListMicrovms", lambda more: _list_page(client, more), "items"):
        fresh = []
        for item in page:
            vm = listed(item)
            if vm.id and vm.id not in seen:
                seen.add(vm.id)
                fresh.append(vm)
        yield fresh


def get(connection: Connection, microvm_id: str) -> Microvm:
    """One MicroVM with its details. Raises Gone if the service does not know it."""
    return detailed(_answer(connection, microvm_id))


def get_raw(connection: Connection, microvm_id: str) -> dict[str, Any]:
    """The service's answer for one MicroVM as JSON values, timestamps in ISO 8601."""
    answer = _answer(connection, microvm_id)
    members = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    for name in ("startedAt", "terminatedAt"):
        if (when := moment(members.get(name))) is not None:
            members[name] = when.isoformat().replace("+00:00", "Z")
    return members


def run(connection: Connection, request: LaunchRequest) -> Launched:
    """Launch, once. The same `client_token` makes a repeated call harmless; one is made if it is empty."""
    request = request if request.client_token else replace(request, client_token=str(uuid.uuid4()))
    parameters = request.parameters(connection.region, connection.partition)
    try:
        with explained("RunMicrovm"):
            answer = connection.client(MICROVMS, retries=False).run_microvm(**parameters)
            return Launched(detailed(answer), _request_id(answer))
    except Problem as problem:
        problem.why = _without_payload(problem.why, request.payload)
        raise


def suspend(connection: Connection, microvm_id: str) -> str:
    """Ask once for a suspension; the request id. That the call succeeds does not mean it happened yet."""
    with explained("SuspendMicrovm"):
        return _request_id(
            connection.client(MICROVMS, retries=False).suspend_microvm(microvmIdentifier=microvm_id)
        )


def resume(connection: Connection, microvm_id: str) -> str:
    """Ask once for a resumption; the request id."""
    with explained("ResumeMicrovm"):
        return _request_id(
            connection.client(MICROVMS, retries=False).resume_microvm(microvmIdentifier=microvm_id)
        )


def terminate(connection: Connection, microvm_id: str) -> str:
    """Ask once for the end; the request id."""
    with explained("TerminateMicrovm"):
        return _request_id(
            connection.client(MICROVMS, retries=False).terminate_microvm(microvmIdentifier=microvm_id)
        )


def listed(members: Mapping[str, Any]) -> Microvm:
    """An item of the listing. What thousands of items share is kept in memory once."""
    return Microvm(
        id=text(members, "microvmId"),
        state=intern(text(members, "state")),
        image_arn=intern(text(members, "imageArn")),
        image_version=intern(text(members, "imageVersion")),
        started_at=moment(members.get("startedAt")),
    )


def detailed(members: Mapping[str, Any]) -> Microvm:
    """An answer of `GetMicrovm` or `RunMicrovm`."""
    endpoint = text(members, "endpoint")
    details = Details(
        # Emulators answer with a scheme; what counts is the host and its port.
        endpoint=endpoint.partition("://")[2].rstrip("/") if "://" in endpoint else endpoint,
        maximum_duration=whole(members, "maximumDurationInSeconds"),
        idle_policy=_idle_policy(members.get("idlePolicy")),
        ingress=tuple(map(intern, texts(members, "ingressNetworkConnectors"))),
        egress=tuple(map(intern, texts(members, "egressNetworkConnectors"))),
        execution_role=text(members, "executionRoleArn") or None,
        state_reason=text(members, "stateReason") or None,
        terminated_at=moment(members.get("terminatedAt")),
    )
    return replace(listed(members), details=details)


def _answer(connection: Connection, microvm_id: str) -> Mapping[str, Any]:
    client = connection.client(MICROVMS)
    return read("GetMicrovm", lambda: client.get_microvm(microvmIdentifier=microvm_id))


def _idle_policy(members: object) -> IdlePolicy | None:
    if not isinstance(members, dict):
        return None
    idle, kept = whole(members, "maxIdleDurationSeconds"), whole(members, "suspendedDurationSeconds")
    if idle is None:
        return None
    return IdlePolicy(idle, kept or 0, bool(members.get("autoResumeEnabled")))


def _list_page(client: Any, more: dict[str, Any]) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = client.list_microvms(maxResults=PAGE_SIZE, **more)
    return answer


def _request_id(answer: Mapping[str, Any]) -> str:
    metadata = answer.get("ResponseMetadata")
    return text(metadata, "RequestId") if isinstance(metadata, dict) else ""


def _without_payload(message: str, payload: str) -> str:
    """The payload may be a secret, and a refusal repeats the value it refuses."""
    message = _ECHOED_PAYLOAD.sub("Value '…' at 'runHookPayload'", message)
    return message.replace(payload, "…") if payload else message
