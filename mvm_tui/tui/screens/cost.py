"""What the fleet costs: now, today, this month; what costs most, what may be forgotten, what only costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from mvm_tui.fleet.action import Action, Scope
from mvm_tui.fleet.actions import BY_ID, Ask, Decision, Refuse
from mvm_tui.fleet.image_decisions import ImageTarget, decide_image
from mvm_tui.fleet.sections import COST, Section
from mvm_tui.fleet.spend import by_midnight
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import RUNNING
from mvm_tui.model.money import dollars, span
from mvm_tui.model.quota import Quota
from mvm_tui.tui import cost_views, costs
from mvm_tui.tui.keys import bindings
from mvm_tui.tui.lines import View
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.widgets.border_box import BorderBox
from mvm_tui.tui.widgets.line_list import LineList
from mvm_tui.tui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    from mvm_tui.fleet.figures import Details, Figures
    from mvm_tui.fleet.storage import VersionCost
    from mvm_tui.tui.desk import Desk

VIEWS = ("MicroVMs", "images", "states", "forgotten", "storage", "quotas")
# Views whose lines are MicroVMs.
_OF_MICROVMS = frozenset({"MicroVMs", "forgotten"})
_QUOTA_SECONDS = 60.0
# Of those whose idle policy is not known, so many are read for the view of what may be forgotten.
_MOST_READ = 200


class CostScreen(MainScreen):
    """Cost."""

    section: ClassVar[Section] = COST
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COST)]
    DEFAULT_CSS = """
    CostScreen #cost-box { height: 1fr; border: round $border-blurred; padding: 0 1; }
    CostScreen #cost-box:focus-within { border: round $border; }
    CostScreen #cost-head { height: auto; padding: 0 2; }
    CostScreen #cost-titles { height: 1; }
    CostScreen #cost-empty { height: 1fr; content-align: center middle; color: $text-muted; display: none; }
    CostScreen #cost-note { height: auto; color: $text-muted; }
    CostScreen.-empty #cost-empty { display: block; }
    CostScreen.-empty LineList, CostScreen.-empty #cost-titles { display: none; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.showing = VIEWS[0]
        self._tabs = ViewTabs(VIEWS)
        self._list = LineList()
        self._quotas: Sequence[Quota] | None = None
        self._quotas_at: float | None = None

    def compose_body(self) -> ComposeResult:
        with Vertical(id="body"):
            yield Static(id="cost-head", markup=False)
            with BorderBox(id="cost-box"):
                yield self._tabs
                yield Static(id="cost-titles", markup=False)
                yield self._list
                yield Static(id="cost-empty", markup=False)
                yield Static(id="cost-note", markup=False)

    def focus_body(self) -> None:
        self._list.focus()

    def on_screen_resume(self) -> None:
        self._want(True)

    def on_screen_suspend(self) -> None:
        # Under a dialog it is still looked at.
        self._want(self.desk.front is self)

    def _want(self, wanted: bool) -> None:
        if self.desk.fleet is not None:
            self.desk.fleet.spend.want_details(wanted)

    def clear(self) -> None:
        self._quotas = self._quotas_at = None

    # What actions work on

    def rows_for(self, action: Action) -> Sequence[FleetRow]:
        """The MicroVM under the cursor, where lines are MicroVMs."""
        fleet = self.desk.fleet
        if fleet is None or action.scope not in (Scope.MICROVM, Scope.MICROVMS):
            return ()
        row = fleet.row(self._list.chosen) if self.showing in _OF_MICROVMS else None
        return () if row is None else (row,)

    def decision(
        self, action: Action, argument: str = "", *, rows: Sequence[FleetRow] | None = None
    ) -> Decision:
        if action.id != "cost.delete_version":
            return super().decision(action, argument, rows=rows)
        chosen = self.chosen_version()
        if chosen is None:
            return Refuse("Choose an image version in the view “storage” first.")
        running = self.desk.fleet.rows().values() if self.desk.fleet else ()
        users = tuple(row for row in running if row.vm.image_arn == chosen.image.arn and not row.vm.ended)
        target = ImageTarget(chosen.image, chosen.built, chosen.count, users)
        decided = decide_image(BY_ID["image.delete_version"], target, self.desk.context())
        if isinstance(decided, Ask) and chosen.saves_per_month is not None:
            saves = f"{decided.question} It saves {dollars(chosen.saves_per_month)} in 30 days."
            return replace(decided, question=saves)
        return decided

    def works(self, action: Action) -> bool:
        if action.id == "cost.delete_version" and self.chosen_version() is None:
            return False
        return super().works(action)

    def chosen_version(self) -> VersionCost | None:
        """The image version under the cursor of the storage; None elsewhere."""
        details = self._details()
        if self.showing != "storage" or details is None:
            return None
        key = tuple(self._list.chosen.split("\n"))
        return next((one for one in details.versions or () if one.version == key), None)

    def turn(self, step: int) -> None:
        """Go to the next view, or with -1 to the one before."""
        self.open_view(VIEWS[(VIEWS.index(self.showing) + step) % len(VIEWS)])

    def open_view(self, name: str) -> None:
        """Show this view."""
        self.showing = name
        self._list.highlighted = None
        if name == "forgotten":
            self._want_policies()
        self.refresh_facts()

    def _want_policies(self) -> None:
        """Only what is read one by one tells whether something will suspend it."""
        fleet = self.desk.fleet
        if fleet is not None:
            unread = [
                row for row in fleet.rows().values() if row.vm.state == RUNNING and row.vm.details is None
            ]
            unread.sort(key=lambda row: row.vm.started_at or self.desk.now)
            fleet.want_details([row.id for row in unread[:_MOST_READ]])

    @on(ViewTabs.Chosen)
    def _view_chosen(self, message: ViewTabs.Chosen) -> None:
        message.stop()
        self.open_view(message.name)

    @on(OptionList.OptionSelected)
    def _opened(self) -> None:
        if self.showing in _OF_MICROVMS:
            self.desk.invoke("microvm.details")

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self.refresh_facts()

    # What is shown

    def _figures(self) -> Figures | None:
        return self.desk.fleet.spend.figures if self.desk.fleet else None

    def _details(self) -> Details | None:
        figures = self._figures()
        return figures.details if figures else None

    def show_facts(self) -> None:
        self._want(True)
        figures = self._figures()
        self.query_one("#cost-head", Static).update(self._head(figures))
        view = self._view(figures)
        self._tabs.show(self.showing)
        self._list.show(view)
        self.set_class(not view.lines, "-empty")
        self.query_one("#cost-empty", Static).update(view.empty)
        self.query_one("#cost-titles", Static).update(self._list.heading)
        self.query_one("#cost-note", Static).update(view.note)
        self.query_one("#cost-box", BorderBox).write_border(Content(""), _rates(figures))
        if view.lines and self.focused is None:
            # What was hidden while it was empty has lost the focus.
            self._list.focus()

    def _view(self, figures: Figures | None) -> View:
        if self.showing == "quotas":
            self._read_quotas()
            return cost_views.quotas(self._quotas)
        details = figures.details if figures else None
        if figures is None or details is None:
            failed = figures is None and self.desk.overview.problem is not None
            return View(
                (), (), "The MicroVMs could not be listed." if failed else "The costs are being worked out…"
            )
        rows = self.desk.fleet.rows() if self.desk.fleet else {}
        shells = self.desk.context().shells
        makers: dict[str, Callable[[], View]] = {
            "MicroVMs": lambda: cost_views.microvms(details, rows),
            "images": lambda: cost_views.images(figures),
            "states": lambda: cost_views.states(figures),
            "forgotten": lambda: cost_views.forgotten(details, rows, shells, self.desk.now),
            "storage": lambda: cost_views.storage(details),
        }
        return makers[self.showing]()

    def _read_quotas(self) -> None:
        """Ask for them when they are looked at and were not just read."""
        fleet, now = self.desk.fleet, self.desk.options.clock.monotonic()
        if fleet is None or (self._quotas_at is not None and now - self._quotas_at < _QUOTA_SECONDS):
            return
        self._quotas_at = now
        self.desk.ask(fleet.quotas, self._take_quotas)

    def _take_quotas(self, answer: Sequence[Quota] | Problem) -> None:
        if isinstance(answer, Problem):
            self.desk.report(answer)
            return
        self._quotas = answer
        self.refresh_facts()

    # The head

    def _head(self, figures: Figures | None) -> Content:
        if figures is None:
            return Content.styled("The costs are known once the MicroVMs are listed.", "$text-muted")
        details = figures.details
        lines = [self._now(figures, details)]
        if details is not None:
            lines.append(_day(figures, details))
            lines.append(_month(details))
        if self.desk.budget is not None:
            lines.append(self._budget(figures, self.desk.budget))
        lines += self._warnings(figures, details)
        return Content("\n").join(lines)

    def _now(self, figures: Figures, details: Details | None) -> Content:
        parts = [("now    ", "$text-muted"), (f"{costs.burn(figures)}  ", "bold")]
        peak = max(details.hours, default=Decimal(0)) if details else Decimal(0)
        if peak > 0:
            words = f"  beside {dollars(peak)}, the dearest of 24 hours"
            parts += [(cost_views.bar(figures.cost.per_hour, peak), "$accent"), (words, "$text-muted")]
        return Content.assemble(*parts)

    def _budget(self, figures: Figures, budget: Decimal) -> Content:
        alarm = costs.alarm(figures, budget, self.desk.now)
        style = f"bold $text-{alarm}" if alarm else "$accent"
        coming = by_midnight(figures.cost, self.desk.now)
        words = f"  {costs.today(figures)} of {dollars(budget)} for today"
        words += f", {dollars(coming)} by midnight UTC if all stays as it is"
        return Content.assemble(
            ("budget ", "$text-muted"), (cost_views.bar(figures.cost.today, budget), style), (words, "")
        )

    def _warnings(self, figures: Figures, details: Details | None) -> list[Content]:
        found = []
        if figures.cost.unsized:
            found.append(f"{figures.cost.unsized} MicroVMs are not counted: their size is not known.")
        if not figures.cost.complete:
            found.append("Not all rates of this region are known: sums are the least it costs.")
        rates = details.rates if details else ()
        found += [
            f"The rates are of {one.oldest.isoformat()}: they may have changed since."
            for one in rates
            if one.is_old(self.desk.now.date())
        ]
        return [Content.styled(text, "$text-warning") for text in found]


def _day(figures: Figures, details: Details) -> Content:
    words = f"{costs.today(figures)} today (UTC), as known here"
    return Content.assemble(
        ("24 h   ", "$text-muted"), (cost_views.sparkline(details.hours), "$accent"), f"  {words}"
    )


def _month(details: Details) -> Content:
    month = details.month
    if month is None:
        text = "…" if details.problem is None else "not known: images could not be read"
    else:
        text = f"${span(month.low, month.high)} by the end of {month.month:%B}, {dollars(month.spent)} so far"
    return Content.assemble(("month  ", "$text-muted"), text)


def _rates(figures: Figures | None) -> Content:
    """Where the rates come from, and of which day they are."""
    rates = figures.details.rates if figures and figures.details else ()
    sources = dict.fromkeys(f"{one.source} of {one.as_of.isoformat()}" for one in rates)
    return Content.styled(f"rates: {', '.join(sources)}" if sources else "", "$text-muted")
