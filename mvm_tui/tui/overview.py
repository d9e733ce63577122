"""What is known of the account on screen as a whole, whichever main screen is in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.durations import short_duration
from mvm_tui.model.errors import Problem
from mvm_tui.model.microvm import RUNNING, SUSPENDED
from mvm_tui.tui import costs
from mvm_tui.tui.tally import Tally
from mvm_tui.tui.widgets.header import HeaderFacts

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk


class Overview:
    """Counts, the state of the polling, and the sentences that every main screen shows about them.

    Attributes:
        status: How reading the listing goes.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tally = Tally()
        self.status = PollStatus()

    def apply(self, change: ChangeSet) -> None:
        self.status = change.status
        self._tally.apply(change)

    def clear(self) -> None:
        """Forget all of the account: another one follows."""
        self._tally.clear()
        self.status = PollStatus()

    @property
    def problem(self) -> Problem | None:
        """What keeps the fleet from being read; None when all is well."""
        return self._desk.accounts.problem or self.status.problem

    def header_facts(self) -> HeaderFacts:
        accounts = self._desk.accounts
        account = accounts.account
        figures = account.fleet.spend.figures if account else None
        known = account is not None and (self.status.complete or self.status.pages > 0)
        return HeaderFacts(
            demo=self._desk.options.demo,
            read_only=accounts.read_only,
            profile=accounts.profile,
            account=accounts.number,
            region=accounts.region,
            running=self._tally[RUNNING] if known else None,
            suspended=self._tally[SUSPENDED],
            quota=account.fleet.quota() if account else None,
            expires_at=account.expires_at() if account else None,
            burn=costs.burn(figures),
            today=costs.today(figures),
            alarm=costs.alarm(figures, self._desk.budget, self._desk.now),
        )

    def under_way(self) -> Content:
        """What is going on in the background; empty if nothing is."""
        desk, status = self._desk, self.status
        if progress := desk.jobs.progress():
            return Content.styled(progress, "$accent")
        if desk.accounts.account is None:
            words = "not connected" if desk.accounts.problem else "connecting…"
            return Content.styled(words, "$text-muted")
        if status.back_off:
            return Content.styled(f"next try in {short_duration(status.back_off)}", "$text-warning")
        if not status.complete:
            return Content.styled(f"reading… page {status.pages + 1}", "$text-muted")
        done, wanted = desk.accounts.account.fleet.details_progress()
        if done < wanted:
            return Content.styled(f"details {done:,}/{wanted:,}", "$text-muted")
        return Content("")
