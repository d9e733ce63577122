"""Which account is on screen: opens connections, one at a time, and drops what belongs to an older one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message

from mvm_tui.model.errors import Problem
from mvm_tui.tui.background import in_thread, outcome, post_safely
from mvm_tui.tui.messages import AccountOpened, FleetChanged, OpenFailed

if TYPE_CHECKING:
    from mvm_tui.aws.session import Target
    from mvm_tui.fleet.changes import ChangeSet
    from mvm_tui.tui.seams import Account, FleetLike, Opener
    from mvm_tui.tui.start import StartOptions


class Accounts:
    """The connection in force. Every opening is a new generation; answers to older ones are dropped.

    Attributes:
        generation: Grows with every opening.
        account: What is connected; None while a connection is being opened or after it failed.
        number: The account's number; empty until it was asked for.
        problem: Why there is no connection; None while one is being opened.
    """

    def __init__(self, options: StartOptions, opener: Opener, post: Callable[[Message], bool]) -> None:
        self._options = options
        self._opener = opener
        self._post = post
        self._find_target = options.find_target
        self.target = options.target
        self.generation = 0
        self.account: Account | None = None
        self.problem: Problem | None = None
        self.number = ""

    @property
    def fleet(self) -> FleetLike | None:
        return self.account.fleet if self.account else None

    @property
    def profile(self) -> str:
        return self.account.profile if self.account else self.target.profile or ""

    @property
    def region(self) -> str:
        return self.account.region if self.account else self.target.region or ""

    @property
    def where(self) -> str:
        """Profile and region, as far as they are known, untrusted: ``prod · eu-west-1``."""
        return " · ".join(filter(None, (self.profile, self.region)))

    @property
    def read_only(self) -> bool:
        """Whether this run or the profile's settings forbid everything but reads."""
        return self._options.read_only or self._options.settings.for_profile(self.profile or None).read_only

    def open(self) -> None:
        """Open the target anew; what was open is closed."""
        self.close()
        self.generation += 1
        self.problem = None
        self.number = ""
        generation = self.generation
        in_thread("open", lambda: self._open(generation))

    def switch(self, *, profile: str | None = None, region: str | None = None) -> None:
        """Another profile (with its own region), or another region of the same profile."""
        if profile is not None:
            section = self._options.settings.profiles.get(profile)
            self.target = replace(
                self.target,
                profile=profile,
                region=section.region if section else None,
                endpoint_url=section.endpoint_url if section else None,
            )
        if region is not None:
            self.target = replace(self.target, region=region)
        self.open()

    def opened(self, message: AccountOpened) -> bool:
        """Take the connection over; False if it came too late."""
        if message.generation != self.generation:
            message.account.fleet.stop()
            return False
        self.account = message.account
        message.account.fleet.start(self._changed)
        return True

    def failed(self, message: OpenFailed) -> bool:
        """Remember why there is no connection; False if it came too late."""
        if message.generation != self.generation:
            return False
        self.problem = message.problem
        return True

    def close(self) -> None:
        """Stop what is open; its late answers find nobody."""
        if self.account is not None:
            self.account.fleet.stop()
            self.account = None

    def _open(self, generation: int) -> None:
        result = outcome(lambda: self._opener(self._found_target(), generation, self.read_only))
        if isinstance(result, Problem):
            post_safely(self._post, OpenFailed(generation, result))
        else:
            post_safely(self._post, AccountOpened(generation, result))

    def _found_target(self) -> Target:
        if self._find_target is not None:
            self.target = self._find_target()
            self._find_target = None
        return self.target

    def _changed(self, change: ChangeSet) -> None:
        post_safely(self._post, FleetChanged(change))
