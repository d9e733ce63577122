"""Which lines are on screen: following, pausing, scrolling, and what stays where it is."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.log_pipeline import Appended, Dropped, Inserted, Prepended, Restarted
from mvm_tui.tui.widgets.log_window import HEAD, LogWindow
from tests.tui.fake_logs import event

HEIGHT = 10


def entries(*numbers: int) -> list[Entry]:
    return [Entry(number, event(str(number), number)) for number in numbers]


def window(count: int = 0, height: int = HEIGHT, lines: int = 1) -> LogWindow:
    made = LogWindow(lambda entry: lines)
    made.resize(height)
    made.apply([Appended(entries(*range(1_000, 1_000 + count)))])
    return made


def shown(made: LogWindow) -> list[int]:
    """The numbers of the entries of each line on screen, 0 for the line above the first."""
    return [made.entries[at].number if at >= 0 else 0 for at, _ in made.screen]


def test_it_follows_the_newest() -> None:
    made = window(30)
    assert shown(made) == list(range(1_020, 1_030))
    made.apply([Appended(entries(1_030, 1_031))])
    assert shown(made)[-1] == 1_031
    assert made.new == 0


def test_scrolling_up_pauses_and_counts_what_comes() -> None:
    made = window(30)
    made.scroll(-3)
    before = shown(made)
    made.apply([Appended(entries(1_030, 1_031)), Inserted(entries(1_032)[0])])
    assert shown(made) == before
    assert (made.following, made.new) == (False, 3)
    made.follow()
    assert shown(made)[-1] == 1_032
    assert (made.following, made.new) == (True, 0)


def test_going_down_at_the_end_follows_again() -> None:
    made = window(30)
    made.scroll(-1)
    made.scroll(1)
    assert not made.following
    made.scroll(1)
    assert made.following


def test_what_comes_before_moves_nothing_on_screen() -> None:
    made = window(30)
    made.scroll(-5)
    before, cursor = shown(made), made.cursor_entry
    made.apply([Prepended(entries(*range(500, 540))), Inserted(entries(999)[0])])
    assert shown(made) == before
    assert made.cursor_entry is cursor


def test_the_oldest_go_without_a_jump() -> None:
    made = window(30)
    made.scroll(-5)
    before = shown(made)
    for entry in made.entries[:12]:
        entry.gone = True
    made.apply([Dropped(12)])
    assert shown(made) == before
    for entry in made.entries[:8]:
        entry.gone = True
    made.apply([Dropped(8)])
    assert shown(made)[1:3] == [1_020, 1_021], "what was on screen is gone: what is left is shown"


def test_older_lines_appear_above_the_line_that_asked_for_them() -> None:
    made = window(30)
    made.go_top(HEAD)
    assert shown(made)[:2] == [0, 1_000]
    made.apply([Prepended(entries(*range(900, 950)), history=True)])
    assert shown(made)[:2] == [949, 1_000]


def test_a_new_filter_begins_at_the_end() -> None:
    made = window(30)
    made.scroll(-9)
    made.apply([Restarted(), Prepended(entries(*range(40, 60))), Prepended(entries(*range(20, 40)))])
    assert shown(made) == list(range(50, 60))
    assert made.following


def test_a_tall_entry_is_scrolled_through_line_by_line() -> None:
    made = window(3, height=5, lines=8)
    assert made.screen == [(2, line) for line in range(3, 8)]
    made.move(-1)
    assert made.screen == [(2, line) for line in range(2, 7)]
    for _ in range(2):
        made.move(-1)
    assert made.screen[0] == (2, 0)
    made.move(-1)
    assert made.cursor == 1
    made.move(1)
    assert made.screen[-1][1] > made.screen[0][1]


def test_few_lines_stand_at_the_top() -> None:
    made = window(3)
    assert shown(made) == [0, 1_000, 1_001, 1_002]
    empty = window(0)
    empty.move(-1)
    empty.scroll(5)
    assert shown(empty) == [0]
    assert empty.cursor_entry is None


_Step = tuple[str, int]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "scroll", "add", "older", "drop", "top", "go", "follow", "height"]),
        st.integers(-15, 15),
    ),
    max_size=40,
)


@given(heights=st.lists(st.integers(1, 14), min_size=1, max_size=8), steps=_STEPS)
def test_whatever_is_done_the_screen_is_full_and_in_order(
    heights: Sequence[int], steps: Sequence[_Step]
) -> None:
    made = LogWindow(lambda entry: heights[entry.number % len(heights)])
    made.resize(HEIGHT)
    low = high = 100_000
    for name, amount in steps:
        if name == "add":
            count = abs(amount)
            made.apply([Appended(entries(*range(high, high + count)))])
            high += count
        elif name == "older":
            count = abs(amount)
            made.apply([Prepended(entries(*range(low - count, low)), history=amount > 0)])
            low -= count
        elif name == "drop":
            gone = made.entries[: abs(amount)]
            for entry in gone:
                entry.gone = True
            made.apply([Dropped(len(gone))])
        elif name == "height":
            made.resize(abs(amount) + 1)
        elif name in ("move", "scroll"):
            getattr(made, name)(amount)
        elif name == "top":
            made.go_top(amount)
        elif name == "go":
            made.go_to(amount)
        else:
            made.follow()
        _check(made, heights)


def _check(made: LogWindow, heights: Sequence[int]) -> None:
    lines = [(HEAD, 0)]
    for at, entry in enumerate(made.entries):
        lines += [(at, line) for line in range(heights[entry.number % len(heights)])]
    start = lines.index(made.screen[0])
    assert made.screen == lines[start : start + len(made.screen)]
    assert len(made.screen) == min(made._height, len(lines))
    if made.following:
        assert made.screen[-1] == lines[-1]
    assert made.cursor == HEAD if not made.entries else 0 <= made.cursor < len(made.entries)
