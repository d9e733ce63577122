"""What every listing of the service shares: page size, cursor, and filters applied after the page is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from mvm_tui.local.state.paging import MAX_PAGE, cut_page
from mvm_tui.local.wire.operations import Call

T = TypeVar("T")


def start_of(call: Call) -> int:
    """The position the request's cursor names."""
    return call.cloud.cursors.read(_scope(call), call.params.get("nextToken"))


def size_of(call: Call) -> int:
    size: int = call.params.get("maxResults") or MAX_PAGE
    return size


def next_token(call: Call, position: int | None) -> str | None:
    return None if position is None else call.cloud.cursors.write(_scope(call), position)


def listed(
    call: Call,
    entries: Iterable[tuple[int, T]],
    describe: Callable[[T], Mapping[str, Any]],
    keep: Callable[[T], bool] = lambda _: True,
) -> dict[str, Any]:
    """One page of numbered entries; `keep` filters what the page holds, so that it may be empty."""
    page, following = cut_page(entries, start_of(call), size_of(call))
    return {
        "items": [describe(entry) for entry in page if keep(entry)],
        "nextToken": next_token(call, following),
    }


def _scope(call: Call) -> str:
    """A cursor is good for the same listing, region and filters only."""
    filters = {name: value for name, value in call.params.items() if name not in ("nextToken", "maxResults")}
    return f"{call.region.name} {call.operation} {sorted(filters.items())}"
