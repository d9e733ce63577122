"""What of a folder goes into a build, as Docker's patterns say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.builds.folder import read_folder, rooted
from mvm_tui.model.errors import Invalid


def folder(tmp_path: Path, ignore: str = "", *names: str) -> Path:
    for name in ("Dockerfile", "app.py", "lib/a.py", "lib/deep/b.py", "README.md", "docs/x.md", *names):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    if ignore:
        (tmp_path / ".dockerignore").write_text(ignore)
    return tmp_path


def names(tmp_path: Path, ignore: str = "", *more: str) -> set[str]:
    return {entry.name for entry in read_folder(folder(tmp_path, ignore, *more)).entries} - {".dockerignore"}


ALL = {"Dockerfile", "app.py", "lib/a.py", "lib/deep/b.py", "README.md", "docs/x.md"}


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ("", ALL),
        ("# nothing\n\n", ALL),
        ("*.md", ALL - {"README.md"}),
        ("**/*.md", ALL - {"README.md", "docs/x.md"}),
        ("docs", ALL - {"docs/x.md"}),
        ("/docs/", ALL - {"docs/x.md"}),
        ("lib/*.py", ALL - {"lib/a.py"}),
        ("a.py", ALL),
        ("lib\n!lib/deep", ALL - {"lib/a.py"}),
        ("*\n!app.py", {"app.py", "Dockerfile"}),
        ("Dockerfile", ALL),
        ("li?", ALL - {"lib/a.py", "lib/deep/b.py"}),
        ("./app.py", ALL - {"app.py"}),
        ("  app.py  ", ALL - {"app.py"}),
    ],
)
def test_patterns_mean_what_they_mean_to_docker(tmp_path: Path, ignore: str, left: set[str]) -> None:
    assert names(tmp_path, ignore) == left


def test_what_is_left_out_is_counted_and_entries_are_in_order(tmp_path: Path) -> None:
    contents = read_folder(folder(tmp_path, "docs\n*.md"))
    assert contents.ignored == 2
    listed = [entry.name for entry in contents.entries]
    assert listed == sorted(listed)
    assert contents.bytes == sum(entry.path.stat().st_size for entry in contents.entries)


def test_links_inside_are_files_and_others_are_told(tmp_path: Path) -> None:
    made = folder(tmp_path / "app")
    (made / "inside").symlink_to("app.py")
    (made / "outside").symlink_to("/etc/hostname")
    (made / "nowhere").symlink_to("missing")
    (made / "loop").symlink_to("loop")
    (made / "to-folder").symlink_to("lib")
    os.mkfifo(made / "pipe")
    contents = read_folder(made)
    inside = contents.entry("inside")
    assert inside is not None
    assert inside.size == len("app.py")
    assert {name for name, _ in contents.unusable} == {"outside", "nowhere", "loop", "to-folder", "pipe"}


def test_names_that_no_zip_carries_safely_are_told(tmp_path: Path) -> None:
    contents = read_folder(folder(tmp_path, "", "bad\x1bname", "back\\slash"))
    assert {name for name, _ in contents.unusable} == {"bad\x1bname", "back\\slash"}


def test_no_folder_and_a_broken_ignore_file_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no folder"):
        read_folder(tmp_path / "nowhere")
    (tmp_path / ".dockerignore").write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match="dockerignore"):
        read_folder(tmp_path)


@given(st.text(max_size=40))
def test_any_line_makes_a_pattern_at_the_root_or_none(line: str) -> None:
    pattern = rooted(line)
    assert pattern == "" or pattern.removeprefix("!").startswith("/")
