from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.log_events import LogEvent, Position
from mvm_tui.local.log_pages import PAGE_BYTES, BadToken, filter_streams, read_stream
from mvm_tui.local.log_store import LogStore, LogStream


def stream_of(*timestamps: int, store: LogStore | None = None, name: str = "s") -> LogStream:
    store = store or LogStore(ManualTiming())
    store.preload("g", name, [(timestamp, f"at {timestamp}") for timestamp in timestamps])
    return store.groups["g"].streams[name]


def times(events: Iterable[LogEvent]) -> list[int]:
    return [event.timestamp for event in events]


def test_forwards_from_the_head_until_the_token_repeats() -> None:
    stream = stream_of(*range(1, 8))
    page = read_stream(stream, limit=3, from_head=True)
    read = list(page.events)
    while True:
        following = read_stream(stream, limit=3, token=page.forward)
        if following.forward == page.forward:
            break
        read += following.events
        page = following
    assert times(read) == [1, 2, 3, 4, 5, 6, 7]


def test_the_end_s_token_finds_what_comes_later() -> None:
    store = LogStore(ManualTiming())
    stream = stream_of(1, 2, store=store)
    end = read_stream(stream, from_head=True).forward
    assert read_stream(stream, token=end).events == []
    store.preload("g", "s", [(2, "same time, later"), (1, "late")])
    assert [event.message for event in read_stream(stream, token=end).events] == ["same time, later"]


def test_without_a_token_the_newest_come_and_the_backward_token_goes_back() -> None:
    stream = stream_of(*range(1, 8))
    page = read_stream(stream, limit=3)
    assert times(page.events) == [5, 6, 7]
    page = read_stream(stream, limit=3, token=page.backward)
    assert times(page.events) == [2, 3, 4]
    page = read_stream(stream, limit=3, token=page.backward)
    assert times(page.events) == [1]
    assert read_stream(stream, token=page.backward).backward == page.backward


def test_an_empty_stream_gives_tokens_that_work_later() -> None:
    store = LogStore(ManualTiming())
    stream = store.create_stream("g", "s")
    page = read_stream(stream, start=5)
    store.preload("g", "s", [(5, "first")])
    assert times(read_stream(stream, token=page.forward).events) == [5]


def test_a_stream_s_window_includes_its_start_and_excludes_its_end() -> None:
    page = read_stream(stream_of(1, 2, 3, 4), start=2, end=4)
    assert times(page.events) == [2, 3]


@pytest.mark.parametrize(
    "token", ["", "f", "f/1/s", "x/" + "0" * 56 + "/s", "f/" + "0" * 56, "f/" + "z" * 56 + "/s"]
)
def test_other_tokens_are_refused(token: str) -> None:
    with pytest.raises(BadToken):
        read_stream(stream_of(1), token=token)


def test_a_page_holds_at_most_a_megabyte() -> None:
    store = LogStore(ManualTiming())
    store.preload("g", "s", [(n, "x" * 100_000) for n in range(30)])
    stream = store.groups["g"].streams["s"]
    for page in (
        read_stream(stream).events,
        [found.event for found in filter_streams([stream], bool).events],
    ):
        assert len(page) == 10
        assert sum(event.size for event in page) <= PAGE_BYTES


def everything(streams: list[LogStream], needle: str = "", **options: int | bool) -> tuple[list[str], int]:
    cursor: Position | None = None
    found: list[str] = []
    empty = 0
    while True:
        page = filter_streams(streams, lambda text: needle in text, cursor=cursor, **options)  # type: ignore[arg-type]
        found += [one.event.event_id for one in page.events]
        empty += not page.events
        cursor = page.cursor
        if cursor is None:
            return found, empty


@given(
    st.lists(st.lists(st.integers(0, 20), max_size=10), min_size=1, max_size=4),
    st.integers(1, 5),
    st.integers(1, 5),
    st.booleans(),
)
def test_pages_of_several_streams_are_one_ordered_whole(
    timestamps: list[list[int]], limit: int, scan_limit: int, newest_first: bool
) -> None:
    store = LogStore(ManualTiming())
    streams = [stream_of(*part, store=store, name=f"s{n}") for n, part in enumerate(timestamps)]
    found, _ = everything(streams, limit=limit, scan_limit=scan_limit, newest_first=newest_first)
    every = sorted((event.event_id for stream in streams for event in stream.events), reverse=newest_first)
    assert found == every


def test_a_rare_match_gives_empty_pages_with_a_cursor() -> None:
    stream = stream_of(*range(100))
    found, empty = everything([stream], "at 99", scan_limit=10)
    assert len(found) == 1
    assert empty == 9


def test_a_filter_s_window_includes_both_ends() -> None:
    page = filter_streams([stream_of(1, 2, 3, 4)], bool, start=2, end=3)
    assert times(found.event for found in page.events) == [2, 3]


STEPS = st.lists(st.tuples(st.lists(st.integers(0, 2), max_size=6), st.integers(1, 4)), max_size=12)


@given(STEPS)
def test_a_reader_by_forward_tokens_misses_and_repeats_nothing_that_comes_in_order(
    steps: list[tuple[list[int], int]],
) -> None:
    store = LogStore(ManualTiming())
    stream = store.create_stream("g", "s")
    token = read_stream(stream, from_head=True).forward
    read: list[str] = []
    now = 0
    for increments, limit in [*steps, ([], 1_000)]:
        # Many share a millisecond, also with what was read before.
        moments = [now := now + increment for increment in increments]
        store.preload("g", "s", [(moment, "x") for moment in moments])
        page = read_stream(stream, token=token, limit=limit)
        assert (page.forward == token) == (not page.events)
        assert len(page.events) <= limit
        read += [event.event_id for event in page.events]
        token = page.forward
    assert read == [event.event_id for event in stream.events]


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 7), st.integers(0, 5))
def test_backward_tokens_reach_the_beginning_whatever_is_added(
    timestamps: list[int], limit: int, added: int
) -> None:
    store = LogStore(ManualTiming())
    stream = store.create_stream("g", "s")
    store.preload("g", "s", [(timestamp, "x") for timestamp in timestamps])
    before = [event.event_id for event in stream.events]
    page = read_stream(stream, limit=limit)
    read = [event.event_id for event in page.events]
    while page.events:
        store.preload("g", "s", [(100, "newer")] * added)
        page = read_stream(stream, limit=limit, token=page.backward)
        read = [event.event_id for event in page.events] + read
    assert read == before


@given(
    st.lists(st.integers(0, 20), max_size=20),
    st.lists(st.lists(st.integers(0, 20), max_size=3), max_size=8),
    st.integers(1, 5),
)
def test_a_search_repeats_nothing_and_misses_nothing_that_was_there(
    first: list[int], late: list[list[int]], limit: int
) -> None:
    store = LogStore(ManualTiming())
    streams = [stream_of(*first[::2], store=store, name="a"), stream_of(*first[1::2], store=store, name="b")]
    there = {event.event_id for stream in streams for event in stream.events}
    found: list[str] = []
    cursor: Position | None = None
    coming = iter(late)
    while True:
        page = filter_streams(streams, bool, cursor=cursor, limit=limit)
        found += [one.event.event_id for one in page.events]
        cursor = page.cursor
        if cursor is None:
            break
        store.preload("g", "a", [(timestamp, "late") for timestamp in next(coming, [])])
    assert found == sorted(set(found))
    assert there <= set(found)
