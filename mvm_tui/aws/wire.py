"""Reads the members of answers, whatever they hold: missing, null, odd and unknown values all survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.model.errors import GatewayFault

_ATTEMPTS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds of the year 9999: a larger number is no moment of ours.
_LAST_SECOND = 253_402_300_799


def text(members: Mapping[str, Any], name: str) -> str:
    """A string member; empty if it is missing or null. Numbers become their text."""
    value = members.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def whole(members: Mapping[str, Any], name: str) -> int | None:
    """An integer member; None if it is missing or no number."""
    value = members.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value and abs(value) < 2**63 else None


def texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of strings; anything else in it is left out."""
    value = members.get(name)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def moment(value: object) -> datetime | None:
    """A timestamp as it came: seconds since 1970 or ISO 8601. None if it is neither."""
    if isinstance(value, int | float):
        return _from_seconds(value)
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return _from_seconds(float(value))
    except ValueError:
        return None


def _from_seconds(seconds: float) -> datetime | None:
    if not 0 <= seconds <= _LAST_SECOND:
        return None
    return _EPOCH + timedelta(seconds=seconds)


def read(operation: str, call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer to a call that changes nothing, asked for again if it came broken off. Raises Problem.

    botocore retries what fails on the way and what the service says is temporary; an answer that ends in
    the middle it only reports.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with explained(operation):
                return call()
        except GatewayFault as problem:
            # An error with a code is an answer of the service, and was retried already.
            if problem.code or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def listing(
    operation: str,
    call: Callable[[dict[str, Any]], Mapping[str, Any]],
    items: str,
    *,
    ask: str = "nextToken",
    answer: str = "nextToken",
    kind: type = dict,
) -> Iterator[list[Any]]:
    """The pages of a list, to the last one; a page may be empty and still not be the last.

    Items that are not of `kind` are left out.

    Raises:
        GatewayFault: A page token came twice, so the list would never end.
        Problem: A page could not be read.
    """
    seen: set[str] = set()
    arguments: dict[str, Any] = {}
    while True:
        page = read(operation, partial(call, arguments))
        yield [item for item in page.get(items) or () if isinstance(item, kind)]
        token = text(page, answer)
        if not token:
            return
        if token in seen:
            raise GatewayFault(
                "The list does not end.",
                f"{operation} gave the same page token twice.",
                "What was read so far is shown; retry later.",
                operation=operation,
            )
        seen.add(token)
        arguments = {ask: token}
