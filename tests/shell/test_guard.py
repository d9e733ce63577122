"""What of a shell reaches the user's own terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.shell.guard import Guard

COPY = b"\x1b]52;c;aGVsbG8=\x07"
PASSED = [
    b"plain \xce\xbb text \xff\xc4\x9d\xc2\xa9\r\n",
    b"\x1b[?1049h\x1b[31m\x1b[6n\x1b[c\x1b[>q",
    b"\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\",
    b"\x1b]133;A\x07",
    b"\x1b]11;?\x07",
    b"\x1bPq#0;2;0;0;0\x1b\\",
    b"\x1bP$qm\x1b\\",
    b"\x1b_Gi=1;AAAA\x1b\\",
]
CLIPBOARD = [
    COPY,
    b"\x1b]52;c;aGVsbG8=\x1b\\",
    b"\x1b]52;;aGVsbG8=\x1b\\",
    b"\x1b]052;c;aGVsbG8=\x1b\\",
    b"\x1b]5\x002;c;aGVsbG8=\x1b\\",
    b"\xc2\x9d52;c;aGVsbG8=\xc2\x9c",
]
NEVER = [
    b"\x1b]52;c;?\x07",
    b"\x1b]52;pc;?\x1b\\",
    b"\x1b]52\x07",
    b"\x1b]5522;type=read\x1b\\",
    b"\x1b]1337;Copy=:eA==\x07",
    b"\x1b]3;WM_NAME=x\x07",
    b"\x1b]99999999999;x\x07",
    b"\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
]
TITLES = [b"\x1b]0;t\x07", b"\x1b]2;t\x1b\\", b"\x1b];t\x07", b"\x1b]lt\x1b\\"]


@pytest.mark.parametrize("data", PASSED)
def test_most_passes_untouched(data: bytes) -> None:
    assert Guard(titles=False).feed(data) == data


@pytest.mark.parametrize("data", CLIPBOARD)
def test_the_clipboard_is_written_only_if_allowed(data: bytes) -> None:
    guard = Guard()
    assert guard.feed(b"a" + data + b"b") == b"ab"
    assert guard.seen.clipboard_refused == 1
    assert Guard(clipboard=True).feed(b"a" + data + b"b") == b"a" + data + b"b"


@pytest.mark.parametrize("data", NEVER)
def test_some_things_never_pass(data: bytes) -> None:
    passed = Guard(clipboard=True).feed(b"a" + data + b"b")
    assert passed.startswith(b"a")
    assert passed.endswith(b"b")
    assert b"52" not in passed or data.startswith(b"\x1bPtmux")
    # Of a string within a string the ends may remain, which mean nothing by themselves.
    assert Guard().feed(b"a" + data + b"b").replace(b"\x1b\x1b\\", b"") == b"ab"


@pytest.mark.parametrize("data", TITLES)
def test_titles_follow_the_config(data: bytes) -> None:
    assert Guard(titles=False).feed(b"a" + data + b"b") == b"ab"
    assert Guard(titles=True).feed(b"a" + data + b"b") == b"a" + data + b"b"


@pytest.mark.parametrize("data", [*PASSED, *CLIPBOARD, *NEVER, *TITLES])
@pytest.mark.parametrize("allowed", [True, False])
def test_a_cut_changes_nothing(data: bytes, allowed: bool) -> None:
    text = b"a" + data + b"b"
    whole = Guard(clipboard=allowed, titles=allowed).feed(text)
    for cut in range(len(text)):
        guard = Guard(clipboard=allowed, titles=allowed)
        assert guard.feed(text[:cut]) + guard.feed(text[cut:]) == whole, cut


def test_what_is_refused_is_not_kept_in_memory() -> None:
    guard = Guard()
    assert guard.feed(b"\x1b]52;c;") == b""
    for _ in range(1_000):
        assert guard.feed(b"A" * 1_000) == b""
        assert len(guard._held) < 200
    assert guard.feed(b"\x07ok") == b"ok"


def test_it_knows_what_has_to_be_undone() -> None:
    guard = Guard()
    guard.feed(b"\x1b[?10")
    assert not guard.seen.alternate
    guard.feed(b"49h\x1b]4;1;red\x07\x1b[?6h")
    assert guard.seen.alternate
    assert guard.seen.palette
    assert guard.seen.origin
    guard.feed(b"\x1b[?25;1049l")
    assert not guard.seen.alternate


def test_what_is_held_at_the_end_comes_out() -> None:
    guard = Guard()
    assert guard.feed(b"a\x1b") == b"a"
    assert guard.flush() == b"\x1b"


_known = st.sampled_from([*PASSED, *CLIPBOARD, *NEVER, b"\x1b", b"\xc2", b"]"])


@given(st.lists(st.one_of(_known, st.binary(max_size=4))))
def test_no_clipboard_write_gets_through_however_it_is_put_together(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    whole = Guard().feed(text)
    guard = Guard()
    assert b"".join(guard.feed(text[at : at + 3]) for at in range(0, len(text), 3)) == whole
    assert b"\x1b]52" not in whole
    assert b"\xc2\x9d52" not in whole
