"""How the UI is started: what it is handed, and its exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mvm_tui.aws.session import Target
from mvm_tui.config.schema import Settings
from mvm_tui.model.clock import Clock, SystemClock


@dataclass(frozen=True)
class StartOptions:
    """What the command line hands over.

    Attributes:
        target: Where to connect.
        state_dir: Where the ledger is kept.
        find_target: Called in a thread before the first connection; what it answers takes the place of
            `target`. The demo starts its cloud there, so that the screen need not wait for it.
        complaints: Sentences about the config file, shown once the screen stands.
        read_only: Forbid everything but reads, whatever the settings say.
        demo: Whether this is the demo: it is marked as such and has one profile.
        theme: Name of the theme; empty takes the one from the settings.
        themes_dir: Where the user's own themes are, if anywhere.
    """

    target: Target
    state_dir: Path
    settings: Settings = field(default_factory=Settings)
    find_target: Callable[[], Target] | None = None
    complaints: Sequence[str] = ()
    read_only: bool = False
    demo: bool = False
    clock: Clock = field(default_factory=SystemClock)
    theme: str = ""
    themes_dir: Path | None = None

    @property
    def recordings_dir(self) -> Path:
        """Where recordings of shells are put."""
        return self.state_dir / "recordings"


def run(options: StartOptions) -> int:
    """Run the UI until the user leaves; returns the exit code.

    Raises:
        Exception: The UI failed; the terminal is itself again, nothing was printed.
    """
    import gc

    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.connect import opener

    # Loading makes no garbage worth a look: the app collects once it stands.
    gc.disable()
    app = MvmApp(options, opener(options.state_dir, options.clock, options.settings))
    code = app.run(mouse=options.settings.mouse)
    if app.failure is not None:
        raise app.failure
    return code or 0
