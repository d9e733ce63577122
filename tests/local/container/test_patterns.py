"""What a build leaves out, by the rules of ``.dockerignore``."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.container.patterns import Ignored, fits


@pytest.mark.parametrize(
    ("text", "left_out", "kept"),
    [
        ("", [], ["a", "a/b"]),
        ("# a\n\n  \n", [], ["a", "# a"]),
        ("a", ["a", "a/b/c"], ["b/a", "ab"]),
        ("/a/", ["a", "a/b"], ["b/a"]),
        ("*.log", ["x.log", ".log"], ["a/x.log", "x.logs"]),
        ("*/*.log", ["a/x.log"], ["x.log", "a/b/x.log"]),
        ("**/*.log", ["x.log", "a/b/x.log"], ["x.txt"]),
        ("a/**/b", ["a/b", "a/x/y/b/c"], ["b", "a/c"]),
        ("**", ["a", "a/b"], []),
        ("a?c", ["abc"], ["ac", "a/c"]),
        ("[^a]x", ["bx"], ["ax"]),
        ("*\n!b\n", ["a", "c/b"], ["b", "b/c"]),
        ("*.md\n!README.md\nREADME.md", ["x.md", "README.md"], []),
        ("a\n!a/b\na/b/c", ["a/x", "a/b/c"], ["a/b/d"]),
        ("../a", ["a"], ["b"]),
        (".\n/\n./", [], ["a", "a/b"]),
        (" # a", [" # a"[1:]], ["a"]),
        ("a*/**", ["ab/c"], ["ab"]),
    ],
)
def test_what_is_left_out(text: str, left_out: list[str], kept: list[str]) -> None:
    ignored = Ignored(text)
    assert [path for path in [*left_out, *kept] if path in ignored] == left_out


def test_files_are_removed(tmp_path: Path) -> None:
    for name in ("a/b/x.log", "a/y", "x.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert Ignored("**/*.log").remove_from(tmp_path) == 2
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["y"]
    assert Ignored("").remove_from(tmp_path) == 0


@given(st.text(), st.text())
def test_any_text_is_a_set_of_patterns(text: str, path: str) -> None:
    assert (path in Ignored(text)) in (True, False)
    assert fits(path, text) in (True, False)


def test_many_stars_take_no_time() -> None:
    text = "/".join(["**"] * 200) + "/" + "*a" * 50 + "b"
    assert "/".join(["a" * 200] * 200) not in Ignored(text)
