"""Where things live: option before environment before the platform's folders."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mvm_tui.config.paths import find_paths, private_folder, throw_away_paths


def test_option_before_environment_before_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert not find_paths({}).explicit
    assert find_paths({}).config_file.name == "config.toml"
    assert find_paths({"MVM_TUI_CONFIG": "/a.toml"}).config_file == Path("/a.toml")
    named = find_paths({"MVM_TUI_CONFIG": "/a.toml"}, "/b.toml")
    assert (named.config_file, named.explicit) == (Path("/b.toml"), True)


def test_a_throw_away_run_remembers_nothing_of_the_user(tmp_path: Path) -> None:
    paths = throw_away_paths(tmp_path, Path("/home/user/config.toml"))
    assert {path.parent for path in (paths.state_dir, paths.cache_dir)} == {tmp_path}
    assert tmp_path in paths.log_file.parents
    assert tmp_path in paths.ledger_file.parents


def test_folders_we_make_are_private(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert private_folder(folder) == folder
