"""The top line: where we are, how many run, how full the account is, how long the sign-in lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from mvm_tui.model.durations import short_duration
from mvm_tui.model.quota import MemoryQuota
from mvm_tui.model.size import MIB_PER_GB
from mvm_tui.model.text import clean

_CELLS = 8
_NEARLY_FULL = 0.9
_EXPIRES_SOON = 900


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the top line says; None and empty are not known yet and not shown.

    `burn` is what the fleet costs now, `today` what it has cost since midnight UTC; `alarm` is ``warning``
    or ``error`` when that nears or passes the budget.
    """

    demo: bool = False
    read_only: bool = False
    profile: str = ""
    account: str = ""
    region: str = ""
    running: int | None = None
    suspended: int = 0
    quota: MemoryQuota | None = None
    expires_at: datetime | None = None
    burn: str = ""
    today: str = ""
    alarm: str = ""


class Header(Widget):
    """One line; what does not fit is left out, the least needed first."""

    DEFAULT_CSS = """
    Header { height: 1; background: $panel; }
    """

    facts = HeaderFacts()
    now: datetime | None = None
    _shown: tuple[HeaderFacts, str] | None = None

    def show(self, facts: HeaderFacts, now: datetime) -> None:
        """Draw again if what is said differs."""
        self.facts, self.now = facts, now
        shown = (facts, _expiry(facts, now).plain)
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        return header_line(self.facts, self.now, self.size.width)


def header_line(facts: HeaderFacts, now: datetime | None, width: int) -> Content:
    """The line for a width in cells."""
    for leave_out in range(7):
        left = _left(facts, brand=leave_out < 3, account=leave_out < 2)
        right = _right(
            facts, now, bar=leave_out < 1, words=leave_out < 4, today=leave_out < 5, burn=leave_out < 6
        )
        gap = width - left.cell_length - right.cell_length
        if gap >= 2:
            return Content.assemble(left, " " * gap, right)
    return left.truncate(width, ellipsis=True)


def _left(facts: HeaderFacts, *, brand: bool, account: bool) -> Content:
    parts: list[Content | tuple[str, str]] = [Content(" ")]
    if brand:
        parts.append(("mvm-tui  ", "bold $accent"))
    if facts.demo:
        parts += [(" DEMO ", "bold $background on $accent"), Content("  ")]
    if facts.read_only:
        parts += [(" READ-ONLY ", "bold $background on $warning"), Content("  ")]
    names = [facts.profile, facts.account if account else "", facts.region]
    parts.append(Content(" · ".join(clean(name, 40) for name in names if name)))
    return Content.assemble(*parts)


def _right(
    facts: HeaderFacts, now: datetime | None, *, bar: bool, words: bool, today: bool, burn: bool
) -> Content:
    parts = [_counts(facts, words), _gauge(facts.quota, bar)]
    # What is wrong with the money is said as long as there is room for anything.
    parts.append(_money(facts, words, today=today or bool(facts.alarm), burn=burn))
    if now is not None:
        parts.append(_expiry(facts, now))
    return Content("   ").join([part for part in parts if part]) + Content(" ")


def _counts(facts: HeaderFacts, words: bool) -> Content:
    if facts.running is None:
        return Content("")
    running = f" {facts.running:,}{' running' if words else ''}  "
    suspended = f" {facts.suspended:,}{' suspended' if words else ''}"
    return Content.assemble(("●", "$state-running"), running, ("◐", "$state-suspended"), suspended)


def _gauge(quota: MemoryQuota | None, bar: bool) -> Content:
    """``mem ▰▰▰▱▱▱▱▱ 3/8 GB``; what is allocated is a lower bound while sizes are unknown."""
    if quota is None:
        return Content("")
    at_least = "≥" if quota.unknown else ""
    used = f"{at_least}{_gigabytes(quota.used_mib)}"
    if quota.limit_mib is None:
        return Content.assemble(("mem ", "$text-muted"), f"{used} GB")
    share = quota.share or 0.0
    style = "$text-warning bold" if share >= _NEARLY_FULL else ""
    filled = min(round(share * _CELLS), _CELLS)
    cells = "▰" * filled + "▱" * (_CELLS - filled) + " " if bar else ""
    figures = f"{used}/{_gigabytes(quota.limit_mib)} GB"
    return Content.assemble(("mem ", "$text-muted"), (cells, style or "$accent"), (figures, style))


def _money(facts: HeaderFacts, words: bool, *, today: bool, burn: bool) -> Content:
    """``burn $0.25/h   today ~$1.14``."""
    style = f"bold $text-{facts.alarm}" if facts.alarm else ""
    parts = []
    if facts.burn and burn:
        parts.append(Content.assemble(("burn " if words else "", "$text-muted"), facts.burn))
    if facts.today and today:
        parts.append(Content.assemble(("today ", "$text-muted"), (facts.today, style)))
    return Content("   ").join(parts)


def _gigabytes(mib: int) -> str:
    return f"{mib / MIB_PER_GB:,.1f}".removesuffix(".0")


def _expiry(facts: HeaderFacts, now: datetime) -> Content:
    if facts.expires_at is None:
        return Content("")
    left = (facts.expires_at - now).total_seconds()
    if left <= 0:
        return Content.styled("sign-in expired", "bold $text-error")
    style = "bold $text-warning" if left < _EXPIRES_SOON else ""
    return Content.assemble(("sign-in ", "$text-muted"), (short_duration(left), style))
