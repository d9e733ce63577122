"""The zip: the same bytes for the same files, readable by anybody, gone afterwards."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from pathlib import Path

import pytest

from mvm_tui.builds.archive import archived
from mvm_tui.builds.folder import read_folder
from mvm_tui.model.errors import Cancelled, Invalid


def make(folder: Path) -> Path:
    (folder / "lib").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "lib" / "run.sh").write_text("#!/bin/sh\n")
    (folder / "lib" / "run.sh").chmod(0o750)
    (folder / "naïve €.txt").write_text("text")
    return folder


def test_the_same_files_give_the_same_bytes_whenever_they_were_made(tmp_path: Path) -> None:
    first, second = make(tmp_path / "one"), make(tmp_path / "two")
    os.utime(second / "Dockerfile", (1, 1))
    with archived(read_folder(first)) as one, archived(read_folder(second)) as two:
        assert one.sha256 == two.sha256
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256
        assert one.size == one.path.stat().st_size
        assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
        with zipfile.ZipFile(one.path) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["Dockerfile", "lib/run.sh", "naïve €.txt"]
            modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
            assert modes["lib/run.sh"] == stat.S_IFREG | 0o755
            assert modes["Dockerfile"] == stat.S_IFREG | 0o644
    assert not one.path.exists()


def test_progress_ends_at_all_bytes_and_it_can_be_called_off(tmp_path: Path) -> None:
    contents = read_folder(make(tmp_path / "app"))
    told: list[int] = []
    with archived(contents, told.append):
        assert told[-1] == contents.bytes
    with pytest.raises(Cancelled), archived(contents, cancelled=lambda: True):
        pass
    assert not list(Path(os.environ.get("TMPDIR", "/tmp")).glob("mvm-tui-*.zip"))


def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path) -> None:
    contents = read_folder(make(tmp_path / "app"))
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\nRUN more\n")
    with pytest.raises(Invalid, match="changed"), archived(contents):
        pass
