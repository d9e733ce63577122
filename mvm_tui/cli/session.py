"""What the verbs work with, made when first asked for: settings, connection, ledger, fleet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import click

from mvm_tui.cli.options import Given
from mvm_tui.cli.output import say
from mvm_tui.config.logging import start_logging
from mvm_tui.config.paths import CONFIG_VARIABLE, Paths, find_paths
from mvm_tui.config.secrets import KNOWN
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import ReadOnly

if TYPE_CHECKING:
    from mvm_tui.aws.session import Connection, Target
    from mvm_tui.config.load import Complaint, Known, Loaded
    from mvm_tui.config.schema import Settings
    from mvm_tui.fleet.action import Action
    from mvm_tui.fleet.ledger import Ledger
    from mvm_tui.fleet.service import Fleet

SHOWN_COMPLAINTS = 5
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_PROFILE_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


class Session:
    """One run of one verb."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.clock = SystemClock()
        self.form = given.output
        KNOWN.add_environment(os.environ)
        log_file = Path(given.log_file).expanduser() if given.log_file else self.paths.log_file
        start_logging(log_file, debug=given.debug)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for opened in ("connection", "ledger"):
            if opened in self.__dict__:
                self.__dict__[opened].close()

    @cached_property
    def paths(self) -> Paths:
        return find_paths(os.environ, self.given.config)

    @cached_property
    def loaded(self) -> Loaded:
        """The config file as far as verbs need it, its faults told on stderr."""
        loaded = self.read_config()
        tell(loaded.complaints)
        return loaded

    def read_config(self, known: Callable[[], Known] | None = None) -> Loaded:
        """Read the config file without telling its faults.

        `known` gives the words to check it against; it is not asked where there is no file.

        Raises:
            click.UsageError: The file that ``--config`` or ``MVM_TUI_CONFIG`` names does not exist.
        """
        from mvm_tui.config.load import load

        file = self.paths.config_file
        if self.paths.explicit and not file.exists():
            by = "--config" if self.given.config else CONFIG_VARIABLE
            raise click.UsageError(f"The config file {file} that {by} names does not exist.")
        return load(file, known() if known is not None and file.exists() else None)

    @cached_property
    def profile(self) -> str | None:
        """The profile's name if anything names one: option, environment, config file."""
        named = self.given.profile or first_of(os.environ.get(name) for name in _PROFILE_VARIABLES)
        return named or self.loaded.settings.profile

    @cached_property
    def settings(self) -> Settings:
        """The settings that hold for the profile."""
        return self.loaded.settings.for_profile(self.profile)

    @property
    def read_only(self) -> bool:
        return self.given.read_only or self.settings.read_only

    def refuse_read_only(self, action: Action) -> None:
        """Before anything is read or asked: an answer that does not matter is no help.

        Raises:
            ReadOnly: Read-only mode forbids the action; says what switched it on.
        """
        from mvm_tui.fleet.actions import Context, Refuse, decide

        decision = decide(action, (), Context(self.clock.now(), read_only=self.read_only))
        if not (self.read_only and isinstance(decision, Refuse)):
            return
        if self.given.read_only:
            raise ReadOnly(decision.reason, "--read-only forbids everything but reading.")
        raise ReadOnly(
            decision.reason,
            f"The config file {self.paths.config_file} forbids everything but reading here.",
            "See read_only in mvm-tui config show.",
        )

    @cached_property
    def target(self) -> Target:
        """Where to connect: options before environment before config file before botocore's own files."""
        from mvm_tui.aws.session import Target

        region = self.given.region or first_of(os.environ.get(name) for name in _REGION_VARIABLES)
        endpoint = self.given.endpoint_url
        if endpoint is None and not any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ):
            endpoint = self.settings.endpoint_url
        return Target(self.profile, region or self.settings.region, endpoint)

    @cached_property
    def connection(self) -> Connection:
        """Signed in; raises Problem."""
        from mvm_tui.aws.session import Connection

        return Connection.open(self.target, self.clock)

    @cached_property
    def ledger(self) -> Ledger:
        from mvm_tui.fleet.ledger import Ledger

        ledger = Ledger(self.paths.ledger_file)
        if ledger.complaint:
            say(ledger.complaint)
        return ledger

    @cached_property
    def fleet(self) -> Fleet:
        from mvm_tui.fleet.service import Fleet

        return Fleet(self.connection, self.ledger, self.clock, read_only=self.read_only)


def first_of(candidates: Iterable[str | None]) -> str | None:
    """The first that is not empty."""
    return next((candidate for candidate in candidates if candidate), None)


def tell(complaints: tuple[Complaint, ...]) -> None:
    """Say what is wrong in the config file."""
    for complaint in complaints[:SHOWN_COMPLAINTS]:
        say(str(complaint))
    if len(complaints) > SHOWN_COMPLAINTS:
        say(f"… and {len(complaints) - SHOWN_COMPLAINTS} more: see mvm-tui config check")
