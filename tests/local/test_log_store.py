from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.log_events import Position, parse_position, position_id
from mvm_tui.local.log_settings import LogSettings
from mvm_tui.local.log_store import LogLimits, LogStore

SHORTEST, LONGEST = 2.0, 5.0


def store_of(**limits: int) -> tuple[LogStore, ManualTiming]:
    timing = ManualTiming()
    return LogStore(timing, LogLimits(**limits)), timing


def messages(store: LogStore, group: str = "g", stream: str = "s") -> list[str]:
    return [event.message for event in store.groups[group].streams[stream].events]


def test_a_line_is_readable_after_the_ingestion_delay_and_not_before() -> None:
    store, timing = store_of()
    store.put_line("g", "s", 1_000, "hello")
    timing.advance(SHORTEST - 0.1)
    assert store.groups == {}
    timing.advance(LONGEST)
    assert messages(store) == ["hello"]


def test_the_delay_can_be_none_at_all_or_a_fixed_one() -> None:
    timing = ManualTiming()
    store = LogStore(timing, settings=LogSettings(delay=0))
    store.put_line("g", "s", 1_000, "at once")
    assert messages(store) == ["at once"]
    store.settings.change({"delay": 40})
    store.put_line("g", "s", 2_000, "later")
    timing.advance(39.9)
    assert messages(store) == ["at once"]
    timing.advance(0.2)
    assert messages(store) == ["at once", "later"]


def test_an_announced_stream_is_there_before_its_first_event() -> None:
    store, timing = store_of()
    store.announce_stream("g", "s")
    store.put_line("g", "s", 1_000, "hello")
    timing.advance(2.9)
    assert store.groups == {}
    timing.advance(0.2)
    assert messages(store) == []
    timing.advance(2.0)
    assert messages(store) == ["hello"]


def test_a_late_line_comes_after_its_turn_and_takes_its_place() -> None:
    timing = ManualTiming()
    lateness = iter([0.0, 20.0, 0.0])
    store = LogStore(timing, settings=LogSettings(delay=1), lateness=lambda: next(lateness))
    store.put("g", "s", [(1, "one"), (2, "two"), (3, "three")])
    timing.advance(2)
    assert messages(store) == ["one", "three"]
    timing.advance(20)
    assert messages(store) == ["one", "two", "three"]
    assert store.bytes == sum(stream.bytes for stream in store.all_streams())


def test_a_late_line_of_a_deleted_stream_never_comes() -> None:
    timing = ManualTiming()
    store = LogStore(timing, settings=LogSettings(delay=1), lateness=lambda: 5.0)
    store.put("g", "s", [(1, "one")])
    store.create_stream("g", "s")
    store.delete_stream("g", "s")
    timing.advance(10)
    assert store.groups["g"].streams == {}
    assert store.bytes == 0


def test_a_group_keeps_its_newest_events_within_its_bytes() -> None:
    store, _ = store_of(group_bytes=50_000)
    for stream in range(10):
        store.preload("g", f"s{stream}", [(n, "x" * 100) for n in range(100)])
        store.preload("other", f"s{stream}", [(stream, "x")])
    assert 25_000 < store.groups["g"].bytes <= 50_000
    assert [len(stream.events) for stream in store.groups["other"].streams.values()] == [1] * 10


def test_what_is_kept_follows_the_setting() -> None:
    store = LogStore(ManualTiming(), LogLimits(group_bytes=64 << 20))
    store.settings.change({"memory_mb": 1})
    store.preload("g", "s", [(n, "x" * 1000) for n in range(3_000)])
    assert 500_000 < store.bytes <= 1 << 20


def test_speed_shortens_the_delay() -> None:
    timing = ManualTiming(speed=10.0)
    store = LogStore(timing)
    store.put_line("g", "s", 1_000, "hello")
    timing.advance(LONGEST / 10)
    assert messages(store) == ["hello"]


def test_late_events_take_their_place_and_equal_times_keep_their_arrival() -> None:
    store, timing = store_of()
    for timestamp, text in [(5, "c"), (3, "a"), (5, "d"), (4, "b")]:
        store.put_line("g", "s", timestamp, text)
    timing.advance(LONGEST)
    store.put_line("g", "s", 4, "late")
    timing.advance(LONGEST)
    assert messages(store) == ["a", "b", "late", "c", "d"]
    events = store.groups["g"].streams["s"].events
    assert events[2].ingestion > events[1].ingestion


def test_event_ids_are_unique_and_sort_like_the_events() -> None:
    store, timing = store_of()
    for stream in ("s", "t"):
        store.put("g", stream, [(7, "x")] * 50)
    timing.advance(LONGEST)
    ids = [event.event_id for stream in store.all_streams() for event in stream.events]
    assert len(set(ids)) == 100
    assert {len(event_id) for event_id in ids} == {56}
    assert ids[:50] == sorted(ids[:50])


def test_a_stream_keeps_its_newest_events_within_its_limits() -> None:
    store, _ = store_of(stream_events=100)
    store.preload("g", "s", [(n, f"line {n}") for n in range(1_000)])
    kept = messages(store)
    assert 50 < len(kept) <= 100
    assert kept[-1] == "line 999"


def test_the_whole_store_stays_within_its_bytes() -> None:
    store, _ = store_of(total_bytes=100_000)
    for stream in range(20):
        store.preload("g", f"s{stream}", [(n, "x" * 100) for n in range(100)])
    assert 50_000 < store.bytes <= 100_000
    assert store.bytes == sum(event.size for stream in store.all_streams() for event in stream.events)


def test_a_flood_that_still_waits_is_bounded_too() -> None:
    store, _ = store_of(total_bytes=100_000)
    for n in range(10_000):
        store.put_line("g", "s", n, "x" * 100)
    assert store.bytes <= 125_000


def test_the_number_of_streams_is_bounded() -> None:
    store, _ = store_of(streams=3)
    for n in range(5):
        store.preload("g", f"s{n}", [(n, "x")])
    assert list(store.groups["g"].streams) == ["s2", "s3", "s4"]
    assert store.bytes == 3 * 27


def test_an_overlong_message_is_cut_at_a_character() -> None:
    store, _ = store_of(message_bytes=26 + 10)
    store.preload("g", "s", [(1, "äöüäöüäöü")])
    assert messages(store) == ["äöüäö"]


def test_deleting_forgets_what_waits() -> None:
    store, timing = store_of()
    store.create_stream("g", "s")
    store.put_line("g", "s", 1, "x")
    store.delete_group("g")
    store.delete_group("g")
    store.delete_stream("g", "s")
    timing.advance(LONGEST)
    assert store.groups == {}
    assert store.bytes == 0


@given(st.integers(0, 1 << 41), st.integers(0, 1 << 50))
def test_a_position_is_read_back_from_its_id(timestamp: int, arrival: int) -> None:
    assert parse_position(position_id(Position(timestamp, arrival))) == Position(timestamp, arrival)


@given(st.text(max_size=60))
def test_any_text_is_an_id_or_is_not(text: str) -> None:
    place = parse_position(text)
    assert place is None or position_id(place) == text


def test_a_seeded_past_is_readable_at_once_and_its_stream_as_old() -> None:
    store, _ = store_of()
    store.preload("g", "s", [(7_000, "x"), (9_000, "y")])
    assert messages(store) == ["x", "y"]
    assert (store.groups["g"].created, store.groups["g"].streams["s"].created) == (7_000, 7_000)
