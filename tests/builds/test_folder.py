"""What of a folder goes into a build, as Docker's patterns say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.builds.folder import read_folder
from mvm_tui.builds.ignore import patterns
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
    found = {entry.name for entry in read_folder(folder(tmp_path, ignore, *more)).entries}
    return {name for name in found if not name.endswith("/")} - {".dockerignore"}


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
        ("**app.py", ALL - {"app.py"}),
        ("**.py", ALL),
        ("lib**b.py", ALL - {"lib/deep/b.py"}),
        ("lib//a.py", ALL - {"lib/a.py"}),
        ("docs/../lib/./deep", ALL - {"lib/deep/b.py"}),
        ("[^a-z]*.md", ALL - {"README.md"}),
        ("a\\pp.py", ALL - {"app.py"}),
        ("a+p.py\n(app).py", ALL),
        (".\n/", ALL),
        (" # app.py\n#app.py", ALL),
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
    for broken in (b"\xff\xfe", b"a[b", b"!", b"[z-a]"):
        (tmp_path / ".dockerignore").write_bytes(broken)
        with pytest.raises(Invalid, match="dockerignore"):
            read_folder(tmp_path)


def test_folders_that_hold_nothing_go_along_unless_they_are_left_out(tmp_path: Path) -> None:
    made = folder(tmp_path, "docs/*\ncache\n")
    for name in ("data/in", "cache/x"):
        (made / name).mkdir(parents=True)
    listed = {entry.name for entry in read_folder(made).entries if entry.name.endswith("/")}
    assert listed == {"data/in/", "docs/"}


@pytest.mark.parametrize(
    "name", ["Screenshot at 3.04\u202fPM.png", "全角\u3000.txt", "👩\u200d💻.txt", "café.txt"]
)
def test_names_of_any_language_are_carried(tmp_path: Path, name: str) -> None:
    contents = read_folder(folder(tmp_path, "", name))
    assert contents.unusable == ()
    assert contents.entry(name) is not None


def test_bytes_that_are_no_text_and_folders_without_end_are_told(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / os.fsdecode(b"caf\xe9")).touch()
    (made / "/".join(["d"] * 600)).mkdir(parents=True)
    told = dict(read_folder(made).unusable)
    assert "safely" in told[os.fsdecode(b"caf\xe9")]
    assert any("deep" in why for why in told.values())


@given(st.text(max_size=40), st.text(min_size=1, max_size=20))
def test_any_text_is_patterns_or_no_patterns(text: str, path: str) -> None:
    try:
        found = patterns(text)
    except ValueError:
        return
    assert all(pattern.match_file(path) is None or pattern.include in (True, False) for pattern in found)


def test_many_stars_take_no_time() -> None:
    (pattern,) = patterns("**/" * 60 + "x")
    assert pattern.match_file("a/" * 200 + "y") is None
