"""StartLiveTail: a session as an event stream.

Rules are the API reference's (November 2026); the texts of refusals are ours where it gives none.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

from mvm_tui.local.live_tail import Session, Subscription, session_update
from mvm_tui.local.log_patterns import PatternError, parse_pattern
from mvm_tui.local.operations.log_names import group_arn, group_name, invalid, not_found
from mvm_tui.local.wire.operations import Call, EventReply, operation

_ECHOED = ("logStreamNames", "logStreamNamePrefixes", "logEventFilterPattern")


@operation("logs", "StartLiveTail")
async def start_live_tail(call: Call) -> EventReply:
    session = call.region.live_tail.start(_subscription(call))
    return EventReply(_events(call, session), session.aclose)


async def _events(call: Call, session: Session) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    yield "sessionStart", _session_start(call)
    async for update in session:
        # Groups are named by account and name here, other than in requests.
        yield "sessionUpdate", session_update(update, lambda name: f"{call.region.account}:{name}")


def _session_start(call: Call) -> dict[str, Any]:
    return {
        "requestId": call.request_id,
        "sessionId": str(uuid.uuid4()),
        "logGroupIdentifiers": call.params["logGroupIdentifiers"],
        **{name: call.params[name] for name in _ECHOED if name in call.params},
    }


def _subscription(call: Call) -> Subscription:
    params = call.params
    names, prefixes = params.get("logStreamNames", ()), params.get("logStreamNamePrefixes", ())
    if names and prefixes:
        raise invalid("LogStream name prefixes and LogStream names are mutually exclusive parameters.")
    groups = frozenset(_known_group(call, identifier) for identifier in params["logGroupIdentifiers"])
    if (names or prefixes) and len(groups) > 1:
        raise invalid("LogStream names and prefixes can be specified with a single log group only.")
    try:
        matches = parse_pattern(params.get("logEventFilterPattern", ""))
    except PatternError as error:
        raise invalid(str(error)) from None
    return Subscription(groups, matches, frozenset(names), tuple(prefixes))


def _known_group(call: Call, identifier: str) -> str:
    """The name of a group of the caller's by its ARN."""
    if identifier.endswith("*") or not identifier.startswith("arn:"):
        raise invalid("Each log group is specified by its ARN, which cannot end with an asterisk.")
    name = group_name(identifier)
    if identifier != group_arn(call, name) or name not in call.region.logs.groups:
        raise not_found("The specified log group does not exist.")
    return name
