"""`local` and `demo`: the embedded local cloud, alone or under the UI."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import threading
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mvm_tui.cli.options import Given, verb
from mvm_tui.cli.session import Session
from mvm_tui.config.logging import start_logging
from mvm_tui.config.paths import throw_away_paths
from mvm_tui.config.secrets import KNOWN
from mvm_tui.model.errors import Unexpected

if TYPE_CHECKING:
    from mvm_tui.aws.session import Target
    from mvm_tui.local.launch import Facts, LocalCloud


@verb(
    "local",
    help="Run a local cloud. It speaks the service's HTTP API on loopback, until it is interrupted. "
    "It isolates nothing: its MicroVMs are ordinary processes of yours.",
    examples="""
    mvm-tui local --seed demo
    mvm-tui local --port 8080 --seed 1000 --rates off --print json
    mvm-tui local --speed 10 --faults throttle
    """,
)
@click.option("--port", default="0", metavar="NUMBER", help="Port; 0 takes a free one.")
@click.option("--seed", default="demo", metavar="demo|empty|N", help="What it holds at the start.")
@click.option("--speed", default="1", metavar="X", help="Divides the service's durations.")
@click.option("--rates", type=click.Choice(["on", "off"]), default="on", help="The service's API rates.")
@click.option("--faults", default="", metavar="FAULT,…", help="Faults to begin with.")
@click.option(
    "--endpoint-form", type=click.Choice(["localhost", "aws"]), default="localhost", help="Of its VMs."
)
@click.option("--strict-artifacts", is_flag=True, help="Builds fail without their artifact.")
@click.option("--run-steps", is_flag=True, help="Builds carry out RUN, as you, on this machine.")
@click.option(
    "--print", "form", type=click.Choice(["env", "json"]), default="env", help="How to tell where it is."
)
@click.option("--end-with-stdin", is_flag=True, help="End when standard input does.")
def local_verb(session: Session, form: str, **options: Any) -> None:
    from mvm_tui.local.main import main

    gc.enable()
    arguments = ["--print", form]
    for name, value in {**options, "region": session.given.region}.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(option)
        elif value:
            arguments += [option, str(value)]
    click.get_current_context().exit(main(arguments))


@verb(
    "demo",
    help="Open the UI on a local cloud. Needs no AWS account, reads no AWS settings, "
    "and leaves nothing behind.",
    examples="""
    mvm-tui demo
    mvm-tui demo --speed 10
    """,
)
@click.option("--seed", default="demo", metavar="demo|empty|N", help="What it holds at the start.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=1.0, help="Divides durations.")
def demo_verb(session: Session, seed: str, speed: float) -> None:
    from mvm_tui.cli.ui import known_words, need_terminal, run_ui

    need_terminal()
    gc.enable()
    forget_aws(os.environ)
    loaded = session.read_config(known_words)
    with tempfile.TemporaryDirectory(prefix="mvm-tui-demo-") as folder:
        paths = throw_away_paths(Path(folder), session.paths.config_file)
        _log_to(session.given, paths.log_file)
        from mvm_tui.aws.session import Target
        from mvm_tui.tui.start import StartOptions

        cloud = DemoCloud(seed, speed, paths.state_dir)
        options = StartOptions(
            target=Target(),
            find_target=cloud.start,
            state_dir=paths.state_dir,
            settings=loaded.settings.without_aws(),
            complaints=[str(complaint) for complaint in loaded.complaints],
            read_only=session.given.read_only,
            demo=True,
            clock=session.clock,
            themes_dir=paths.config_file.parent / "themes",
        )
        try:
            code = run_ui(options, abandon=lambda: shutil.rmtree(folder, ignore_errors=True))
        finally:
            cloud.close()
    click.get_current_context().exit(code)


def _log_to(given: Given, file: Path) -> None:
    """The demo's log goes with the demo, unless the user named a file for it."""
    if not given.log_file:
        start_logging(file, debug=given.debug)


def forget_aws(environ: MutableMapping[str, str]) -> None:
    """Take every AWS setting out of this process, and point to no file, so that none can be read."""
    for name in [name for name in environ if name.startswith("AWS_")]:
        del environ[name]
    environ["AWS_CONFIG_FILE"] = os.devnull
    environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    environ["AWS_EC2_METADATA_DISABLED"] = "true"


def name_demo(state_dir: Path, facts: Facts) -> None:
    """Give the demo's MicroVMs the local names that a user would have given them."""
    from mvm_tui.config.paths import LEDGER_FILE
    from mvm_tui.fleet.ledger import Ledger
    from mvm_tui.local.demo_names import NAMES, microvm_id
    from mvm_tui.model.scope import Scope

    ledger = Ledger(state_dir / LEDGER_FILE)
    scope = Scope("aws", facts.account, facts.region, facts.endpoint)
    for name in NAMES:
        ledger.set_name(scope, microvm_id(name), name)
    ledger.close()


class DemoCloud:
    """The demo's cloud: started from the UI's thread, ended with the demo."""

    def __init__(self, seed: str, speed: float, state_dir: Path) -> None:
        self._seed = seed
        self._speed = speed
        self._state_dir = state_dir
        self._lock = threading.Lock()
        self._cloud: LocalCloud | None = None
        self._closed = False

    def start(self) -> Target:
        """Start it and tell where it is. Raises Problem."""
        from mvm_tui.aws.session import Target
        from mvm_tui.local.launch import LaunchError, start

        with self._lock:
            if self._closed:
                raise Unexpected("The demo has ended.")
            if self._cloud is None:
                try:
                    self._cloud = start(seed=self._seed, speed=self._speed)
                except LaunchError as error:
                    raise Unexpected("The demo's cloud did not start.", str(error)) from error
                name_demo(self._state_dir, self._cloud.facts)
            facts = self._cloud.facts
        KNOWN.add(facts.access_key, facts.secret_key)
        return Target(
            region=facts.region,
            endpoint_url=facts.endpoint,
            access_key=facts.access_key,
            secret_key=facts.secret_key,
        )

    def close(self) -> None:
        """End it; one that is just starting is waited for."""
        with self._lock:
            self._closed = True
            if self._cloud is not None:
                self._cloud.close()
