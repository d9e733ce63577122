"""OSC 52 and its wrappings."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.tui.clipboard import MAX_BASE64, osc52
from tests.tui.driving import filled, said
from tests.tui.fakes import ACCOUNT, FakeAccounts, make_app, microvm

_PLAIN = re.compile("\x1b]52;c;([A-Za-z0-9+/=]*)\x07")


def copied(sequence: str) -> str:
    found = _PLAIN.fullmatch(sequence)
    assert found is not None
    return base64.b64decode(found.group(1)).decode()


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    copy = osc52(text.encode(errors="ignore").decode(), {})
    assert not copy.cut
    assert copied(copy.sequence) == text.encode(errors="ignore").decode()


@given(st.integers(0, 9), st.sampled_from("aé漢🙂"))
def test_what_is_too_long_is_cut_between_characters(extra: int, letter: str) -> None:
    text = "x" * (MAX_BASE64 // 4 * 3 - extra) + letter * 10
    copy = osc52(text, {})
    assert copy.cut
    assert text.startswith(copied(copy.sequence))
    assert len(copy.sequence) <= MAX_BASE64 + 8


def test_tmux_gets_both_forms() -> None:
    plain = osc52("id", {}).sequence
    wrapped = osc52("id", {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "screen-256color"}).sequence
    assert wrapped == plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"


@pytest.mark.parametrize("environment", [{"STY": "1.pts-0"}, {"TERM": "screen"}])
def test_screen_gets_it_in_pieces(environment: dict[str, str]) -> None:
    text = "x" * 3_000
    sequence = osc52(text, environment).sequence
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", sequence, re.DOTALL)
    assert len(pieces) > 1
    assert all(len(piece) <= 764 for piece in pieces)
    assert copied("".join(pieces)) == text


async def test_ids_and_arns_are_copied_and_told(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("y")
        assert said(app.desk)[0] == f"Copied {microvm(2).id}"
        await pilot.press("Y")
        assert said(app.desk)[0].startswith(f"Copied arn:aws:lambda:us-east-1:{ACCOUNT}:microvm:")
