"""CloudWatch Logs: groups, streams, and events by page.

Error texts are the service's own as clients report them; limits are the API reference's (November 2026).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from mvm_tui.local.log_events import (
    LogEvent,
    Position,
    event_size,
    milliseconds,
    parse_position,
    position_id,
)
from mvm_tui.local.log_pages import (
    PAGE_BYTES,
    PAGE_EVENTS,
    BadToken,
    FoundEvent,
    StreamPage,
    empty_page,
    filter_streams,
    read_stream,
)
from mvm_tui.local.log_patterns import PatternError, parse_pattern
from mvm_tui.local.log_store import LogGroup, LogStore, LogStream
from mvm_tui.local.operations.cursors import decode_cursor, encode_cursor
from mvm_tui.local.operations.log_names import exists, group_arn, group_name, invalid, not_found
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Call, operation

_LIST_PAGE = 50
_GROUPS = 10_000
_EVENT_BYTES = 1 << 20
_HOUR = 3_600_000
_TOO_OLD = 14 * 24 * _HOUR
_TOO_NEW = 2 * _HOUR
_SPAN = 24 * _HOUR
# FilterLogEvents goes backwards through events since 2024 only (API reference).
_NEWEST_FIRST_SINCE = 1_704_067_200_000

Item = TypeVar("Item")


@operation("logs", "CreateLogGroup")
async def create_log_group(call: Call) -> dict[str, Any]:
    name = call.params["logGroupName"]
    logs = call.region.logs
    if name in logs.groups:
        raise exists("The specified log group already exists")
    if len(logs.groups) >= _GROUPS:
        raise ServiceError("LimitExceededException", 400, "Resource limit exceeded.")
    logs.create_group(name, call.params.get("logGroupClass", "STANDARD"))
    return {}


@operation("logs", "DeleteLogGroup")
async def delete_log_group(call: Call) -> dict[str, Any]:
    call.region.logs.delete_group(_group(call).name)
    return {}


@operation("logs", "CreateLogStream")
async def create_log_stream(call: Call) -> dict[str, Any]:
    group = _group(call)
    name = call.params["logStreamName"]
    if name in group.streams:
        raise exists("The specified log stream already exists")
    call.region.logs.create_stream(group.name, name)
    return {}


@operation("logs", "DeleteLogStream")
async def delete_log_stream(call: Call) -> dict[str, Any]:
    group = _group(call)
    call.region.logs.delete_stream(group.name, _stream(call, group).name)
    return {}


@operation("logs", "PutLogEvents")
async def put_log_events(call: Call) -> dict[str, Any]:
    group = _group(call)
    stream = _stream(call, group)
    events = [(event["timestamp"], event["message"]) for event in call.params["logEvents"]]
    _check_batch(events)
    now = milliseconds(call.cloud.timing.now())
    expired = sum(timestamp < now - _TOO_OLD for timestamp, _ in events)
    too_new = sum(timestamp > now + _TOO_NEW for timestamp, _ in events)
    valid = events[expired : len(events) - too_new]
    if valid and valid[-1][0] - valid[0][0] > _SPAN:
        raise invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    call.region.logs.put(group.name, stream.name, valid)
    rejected: dict[str, int] = {}
    if expired:
        rejected["tooOldLogEventEndIndex"] = expired
    if too_new:
        rejected["tooNewLogEventStartIndex"] = len(events) - too_new
    answer: dict[str, Any] = {"nextSequenceToken": position_id(Position(now, 0))}
    return answer | ({"rejectedLogEventsInfo": rejected} if rejected else {})


def _check_batch(events: Sequence[tuple[int, str]]) -> None:
    sizes = [event_size(message) for _, message in events]
    for size in sizes:
        if size > _EVENT_BYTES:
            raise invalid(f"Log event too large: {size} bytes exceeds limit of {_EVENT_BYTES}")
    if sum(sizes) > PAGE_BYTES:
        raise invalid(f"Upload too large: {sum(sizes)} bytes exceeds limit of {PAGE_BYTES}")
    if any(later < earlier for (earlier, _), (later, _) in pairwise(events)):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")


@operation("logs", "DescribeLogGroups")
async def describe_log_groups(call: Call) -> dict[str, Any]:
    params = call.params
    if "logGroupNamePrefix" in params and "logGroupNamePattern" in params:
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    prefix = params.get("logGroupNamePrefix", "")
    pattern = params.get("logGroupNamePattern", "")
    wanted = {group_name(identifier) for identifier in params.get("logGroupIdentifiers", ())}
    log_class = params.get("logGroupClass")
    groups = [
        group
        for name, group in sorted(call.region.logs.groups.items())
        if name.startswith(prefix)
        and pattern in name
        and (not wanted or name in wanted)
        and log_class in (None, group.log_class)
    ]
    page, token = _page(groups, params, lambda group: group.name)
    answer: dict[str, Any] = {"logGroups": [_describe_group(call, group) for group in page]}
    return answer | token


@operation("logs", "DescribeLogStreams")
async def describe_log_streams(call: Call) -> dict[str, Any]:
    params = call.params
    prefix = params.get("logStreamNamePrefix", "")
    by_time = params.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    group = _group(call)
    streams = [stream for stream in group.streams.values() if stream.name.startswith(prefix)]
    streams.sort(
        key=lambda stream: (_last_event(stream) if by_time else 0, stream.name),
        reverse=params.get("descending", False),
    )
    page, token = _page(streams, params, lambda stream: stream.name)
    answer: dict[str, Any] = {"logStreams": [_describe_stream(call, group, stream) for stream in page]}
    return answer | token


@operation("logs", "GetLogEvents")
async def get_log_events(call: Call) -> dict[str, Any]:
    params = call.params
    stream = _stream(call, _group(call))
    token = params.get("nextToken")
    try:
        if token is not None and call.cloud.faults.empty_page(call.operation):
            return _stream_page(empty_page(token))
        page = read_stream(
            stream,
            token=token,
            limit=params.get("limit", PAGE_EVENTS),
            from_head=params.get("startFromHead", False),
            **_window(params),
        )
    except BadToken:
        raise _bad_token() from None
    return _stream_page(page)


def _stream_page(page: StreamPage) -> dict[str, Any]:
    return {
        "events": [_event(event) for event in page.events],
        "nextForwardToken": page.forward,
        "nextBackwardToken": page.backward,
    }


@operation("logs", "FilterLogEvents")
async def filter_log_events(call: Call) -> dict[str, Any]:
    params = call.params
    group = _group(call)
    streams = _searched(params, group)
    try:
        matches = parse_pattern(params.get("filterPattern", ""))
    except PatternError as error:
        raise invalid(str(error)) from None
    if params.get("startFromHead") is False and params.get("startTime", 0) < _NEWEST_FIRST_SINCE:
        raise invalid("startFromHead can be false only when startTime is on or after 2024-01-01T00:00:00Z.")
    newest_first, cursor = _parse_cursor(params, group)
    if not newest_first and call.cloud.faults.empty_page(call.operation):
        place = cursor or Position(params.get("startTime", 0), 0)
        following = _cursor(params, group, newest_first, place)
        # Another token for the same place: one that repeats would be the end to some readers.
        other = following == params.get("nextToken")
        return _filter_page([], encode_cursor(f"{_revealed(following)}{_OTHER}") if other else following)
    page = filter_streams(
        streams,
        matches,
        cursor=cursor,
        limit=params.get("limit", PAGE_EVENTS),
        newest_first=newest_first,
        **_window(params),
    )
    token = None if page.cursor is None else _cursor(params, group, newest_first, page.cursor)
    return _filter_page(page.events, token)


def _filter_page(events: Sequence[FoundEvent], token: str | None) -> dict[str, Any]:
    page: dict[str, Any] = {"events": [_found(found) for found in events], "searchedLogStreams": []}
    return page if token is None else page | {"nextToken": token}


def _searched(params: dict[str, Any], group: LogGroup) -> Iterable[LogStream]:
    names = params.get("logStreamNames")
    prefix = params.get("logStreamNamePrefix")
    if names is not None and prefix is not None:
        raise invalid("LogStream name prefix and LogStream names are mutually exclusive parameters.")
    if names is None:
        return [stream for stream in group.streams.values() if stream.name.startswith(prefix or "")]
    if any(name not in group.streams for name in names):
        raise not_found("The specified log stream does not exist.")
    return [group.streams[name] for name in dict.fromkeys(names)]


def _window(params: dict[str, Any]) -> dict[str, int]:
    return {
        ours: params[theirs]
        for ours, theirs in (("start", "startTime"), ("end", "endTime"))
        if theirs in params
    }


# A cursor of FilterLogEvents holds its place and direction, and what was searched for: with other
# parameters it is refused.
_OTHER = "-"
_SEARCH_MEMBERS = ("logStreamNames", "logStreamNamePrefix", "startTime", "endTime", "filterPattern")


def _search_mark(params: dict[str, Any], group: LogGroup) -> str:
    searched = [group.name, *(params.get(member) for member in _SEARCH_MEMBERS)]
    return hashlib.sha256(repr(searched).encode("utf-8", "replace")).hexdigest()[:16]


def _cursor(params: dict[str, Any], group: LogGroup, newest_first: bool, place: Position) -> str:
    direction = "b" if newest_first else "f"
    return encode_cursor(f"{direction}.{position_id(place)}.{_search_mark(params, group)}")


def _parse_cursor(params: dict[str, Any], group: LogGroup) -> tuple[bool, Position | None]:
    token = params.get("nextToken")
    if token is None:
        return not params.get("startFromHead", True), None
    direction, _, rest = _revealed(token).partition(".")
    digits, _, mark = rest.partition(".")
    place = parse_position(digits)
    known = mark.removesuffix(_OTHER) == _search_mark(params, group)
    if direction not in ("f", "b") or place is None or not known:
        raise _bad_token()
    return direction == "b", place


def _page(
    items: Sequence[Item], params: dict[str, Any], name: Callable[[Item], str]
) -> tuple[Sequence[Item], dict[str, str]]:
    """A page of a listing and its token: the name of the last item shown, and its index should it be gone."""
    limit = params.get("limit", _LIST_PAGE)
    start = _page_start(items, params["nextToken"], name) if "nextToken" in params else 0
    end = start + limit
    page = items[start:end]
    return page, {"nextToken": encode_cursor(f"{end - 1}.{name(page[-1])}")} if end < len(items) else {}


def _page_start(items: Sequence[Item], token: str, name: Callable[[Item], str]) -> int:
    index, _, last = _revealed(token).partition(".")
    if not last or not index.isdecimal():
        raise _bad_token()
    return next((place + 1 for place, item in enumerate(items) if name(item) == last), int(index))


def _revealed(token: str) -> str:
    place = decode_cursor(token)
    if place is None:
        raise _bad_token()
    return place


def _group(call: Call) -> LogGroup:
    params = call.params
    if ("logGroupName" in params) == ("logGroupIdentifier" in params) and call.operation in _BY_IDENTIFIER:
        raise ServiceError(
            "ValidationException", 400, "Exactly one of logGroupName or logGroupIdentifier must be specified."
        )
    logs: LogStore = call.region.logs
    group = logs.groups.get(group_name(params.get("logGroupName") or params["logGroupIdentifier"]))
    if group is None:
        raise not_found("The specified log group does not exist.")
    return group


_BY_IDENTIFIER = frozenset({"DescribeLogStreams", "GetLogEvents", "FilterLogEvents"})


def _stream(call: Call, group: LogGroup) -> LogStream:
    stream = group.streams.get(call.params["logStreamName"])
    if stream is None:
        raise not_found("The specified log stream does not exist.")
    return stream


def _describe_group(call: Call, group: LogGroup) -> dict[str, Any]:
    arn = group_arn(call, group.name)
    return {
        "logGroupName": group.name,
        "creationTime": group.created,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "storedBytes": group.bytes,
        "logGroupClass": group.log_class,
        "logGroupArn": arn,
    }


def _describe_stream(call: Call, group: LogGroup, stream: LogStream) -> dict[str, Any]:
    described: dict[str, Any] = {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "uploadSequenceToken": position_id(Position(stream.created, 0)),
        "arn": f"{group_arn(call, group.name)}:log-stream:{stream.name}",
        # The service has reported 0 for every stream since June 2019 (API reference, LogStream).
        "storedBytes": 0,
    }
    if stream.events:
        described["firstEventTimestamp"] = stream.events[0].timestamp
        described["lastEventTimestamp"] = stream.events[-1].timestamp
    if stream.last_ingestion is not None:
        described["lastIngestionTime"] = stream.last_ingestion
    return described


def _last_event(stream: LogStream) -> int:
    return stream.events[-1].timestamp if stream.events else -1


def _event(event: LogEvent) -> dict[str, Any]:
    return {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingestion}


def _found(found: FoundEvent) -> dict[str, Any]:
    timestamp, arrival, ingestion, message = found.event
    return {
        "logStreamName": found.stream,
        "timestamp": timestamp,
        "message": message,
        "ingestionTime": ingestion,
        "eventId": position_id(Position(timestamp, arrival)),
    }


def _bad_token() -> ServiceError:
    return invalid("The specified nextToken is invalid.")
