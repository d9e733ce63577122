"""Folders by name: completing them, and looking them over before a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvm_tui.tui.folders import completed_folder, looked_over


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("apps", "apple", "other", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "apart").write_text("a file is no folder")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("ap", "apple/"),
        ("apps", "apps/"),
        ("~/o", "~/other/"),
        ("./.h", "./.hidden/"),
        ("apart", None),
        ("nothing/here", None),
        ("apps/", None),
        ("", None),
    ],
)
def test_the_first_folder_that_begins_so(home: Path, typed: str, whole: str | None) -> None:
    assert completed_folder(typed) == whole


def test_a_folder_without_a_dockerfile_is_not_gone_through(home: Path) -> None:
    contents, [finding] = looked_over("~", None)
    assert contents is None
    assert finding.fatal
    assert "no Dockerfile at the root" in finding.what
    contents, [finding] = looked_over("nowhere", None)
    assert contents is None
    assert "is no folder" in finding.what


def test_a_folder_with_one_is(home: Path) -> None:
    (home / "apps" / "Dockerfile").write_text('FROM scratch\nEXPOSE 80\nCMD ["x"]\n')
    contents, findings = looked_over("~/apps/", 9_000)
    assert contents is not None
    assert [entry.name for entry in contents.entries] == ["Dockerfile"]
    assert "The hooks go to port 9000" in findings[0].what
