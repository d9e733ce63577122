"""Where the config file, the remembered state and the cache live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

APP = "mvm-tui"
CONFIG_VARIABLE = "MVM_TUI_CONFIG"
LOG_FILE = "mvm-tui.log"
LEDGER_FILE = "ledger.sqlite3"


@dataclass(frozen=True, slots=True)
class Paths:
    """The three places the app reads and writes.

    Attributes:
        config_file: The TOML file; it need not exist.
        state_dir: Ledger, log file and crash files.
        cache_dir: What can be fetched again.
        explicit: Whether the user named the config file: then it has to be there.
    """

    config_file: Path
    state_dir: Path
    cache_dir: Path
    explicit: bool = False

    @property
    def log_file(self) -> Path:
        return self.state_dir / LOG_FILE

    @property
    def ledger_file(self) -> Path:
        return self.state_dir / LEDGER_FILE


def find_paths(environ: Mapping[str, str], config_file: str = "") -> Paths:
    """The user's places: `--config`, else ``MVM_TUI_CONFIG``, else the platform's own folders."""
    import platformdirs

    named = config_file or environ.get(CONFIG_VARIABLE, "")
    default = platformdirs.user_config_path(APP, appauthor=False) / "config.toml"
    return Paths(
        Path(named).expanduser() if named else default,
        platformdirs.user_state_path(APP, appauthor=False),
        platformdirs.user_cache_path(APP, appauthor=False),
        explicit=bool(named),
    )


def throw_away_paths(folder: Path, config_file: Path) -> Paths:
    """State and cache below `folder`, which the caller removes; the config file stays the user's."""
    return Paths(config_file, folder / "state", folder / "cache")


def private_folder(folder: Path) -> Path:
    """Make `folder`, readable by its user only, and return it.

    Raises:
        OSError: It cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
