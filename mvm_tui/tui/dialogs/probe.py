"""Probing a MicroVM's app: what is measured is chosen, what it costs is said, then it goes to its end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, Static

from mvm_tui.fleet.actions import display_name
from mvm_tui.model.durations import parse_duration
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.base import Dialog

if TYPE_CHECKING:
    from mvm_tui.reach.call import Caller
    from mvm_tui.reach.probe import Findings, Plan, Sample, Step

_BAR = 30


class ProbeDialog(Dialog[None]):
    """Stays open while it measures; esc stops it, and leaves once it is over."""

    DEFAULT_CSS = """
    ProbeDialog .box { width: 84; }
    ProbeDialog .row { height: 1; }
    ProbeDialog .label { width: 10; color: $text-muted; }
    ProbeDialog Input { width: 20; }
    ProbeDialog .word { width: auto; padding: 0 1; color: $text-muted; }
    ProbeDialog Input.short { width: 8; }
    ProbeDialog Checkbox { background: $surface; padding: 0; }
    ProbeDialog .note { height: auto; color: $text-muted; margin-top: 1; }
    ProbeDialog .note.-problem { color: $text-error; }
    ProbeDialog VerticalScroll:focus { background: $surface; }
    ProbeDialog .findings { height: auto; margin-top: 1; }
    ProbeDialog .buttons { dock: bottom; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "begin", "begin", show=False, priority=True, id="probe.begin"),
    ]

    def __init__(self, row: FleetRow, port: int | None, *, resume: bool) -> None:
        super().__init__()
        self._row = row
        self._port = port
        self._resume = resume
        self._measuring: asyncio.Task[None] | None = None
        self._steps: list[Step] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content(f"Probe {display_name(self._row)}")
            # Keys scroll it where a terminal is too low for all of it.
            with VerticalScroll():
                with Horizontal(classes="row"):
                    yield Static("path", classes="label", markup=False)
                    yield Input("/", id="path", compact=True)
                    yield Static("rate", classes="word", markup=False)
                    yield Input("5", id="rate", classes="short", compact=True)
                    yield Static("/s  for", classes="word", markup=False)
                    yield Input("30s", id="seconds", classes="short", compact=True)
                with Horizontal(classes="row"):
                    yield Static("also", classes="label", markup=False)
                    yield Checkbox("suspend and resume it", id="moves", compact=True)
                yield Static(classes="note", id="note", markup=False)
                yield Static(classes="findings", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Begin", id="begin", compact=True)

    def on_mount(self) -> None:
        self.query_one("#moves", Checkbox).disabled = self.desk.context().read_only
        self.query_one("#path", Input).focus()
        self._say(self._cost())

    def on_unmount(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()

    @property
    def _under_way(self) -> bool:
        return self._measuring is not None and not self._measuring.done()

    def action_close(self) -> None:
        """Stop what is measured, and keep what there is on the screen; else leave."""
        if self._measuring is not None and self._under_way:
            self._measuring.cancel()
            self._say("Stopped. ctrl+s measures again · esc leaves")
        else:
            super().action_close()

    @on(Checkbox.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        if not self._under_way:
            self._say(self._cost())

    def _cost(self) -> str:
        """What will be measured and what that costs, as the fields stand."""
        from mvm_tui.reach.cost import cycle_words, request_words
        from mvm_tui.reach.limits import request_rate

        try:
            lines = [request_words(self._plan(), request_rate(self._row.memory_mib))]
        except (ValueError, Problem) as error:
            return clean(error)
        if self.query_one("#moves", Checkbox).value:
            region = self.desk.accounts.region
            lines.append(cycle_words(self._row.memory_mib, region, auto_resume=self._auto_resumes))
            lines.append("Shells and streams on it are cut off.")
        return "\n".join([*lines, "ctrl+s begins · esc leaves"])

    @property
    def _auto_resumes(self) -> bool:
        details = self._row.vm.details
        policy = details.idle_policy if details else None
        return policy is not None and policy.auto_resume

    def _say(self, text: str, *, problem: bool = False) -> None:
        note = self.query_one("#note", Static)
        note.update(text)
        note.set_class(problem, "-problem")

    def _plan(self) -> Plan:
        """Raises ValueError or Problem for fields that make none."""
        from mvm_tui.reach.limits import request_rate
        from mvm_tui.reach.probe import Plan

        path = self.query_one("#path", Input).value.strip() or "/"
        if any(not "!" <= character <= "~" for character in path):
            raise ValueError("Write the path as it is in a URL.")
        try:
            rate = float(self.query_one("#rate", Input).value)
        except ValueError:
            raise ValueError("The rate is a number of requests a second.") from None
        seconds = parse_duration(self.query_one("#seconds", Input).value)
        plan = Plan(path if path.startswith("/") else f"/{path}", rate, seconds)
        plan.check(request_rate(self._row.memory_mib))
        return plan

    @on(Button.Pressed)
    @on(Input.Submitted)
    def action_begin(self) -> None:
        if self._under_way:
            return
        try:
            plan = self._plan()
        except (ValueError, Problem) as error:
            self._say(clean(error), problem=True)
            return
        self.query_one("#begin", Button).disabled = True
        self._steps = []
        moves = self.query_one("#moves", Checkbox).value
        self._measuring = asyncio.get_running_loop().create_task(self._measure(plan, moves=moves))

    async def _measure(self, plan: Plan, *, moves: bool) -> None:
        from mvm_tui.reach.access import target_of
        from mvm_tui.reach.call import Caller
        from mvm_tui.reach.probe import Findings, probe

        account, clock = self.desk.accounts.account, self.desk.options.clock
        if account is None:
            self.query_one("#begin", Button).disabled = False
            self._say("There is no connection.", problem=True)
            return
        access = account.port_access(self._row.id, self._port, self._resume, self.desk.say_from_thread)
        findings = Findings()

        def count(sample: Sample) -> None:
            findings.samples.append(sample)
            self._say(f"{len(findings.samples)} of {plan.requests} requests… esc stops")
            self._draw(findings)

        try:
            vm = await asyncio.to_thread(access.look)
            async with Caller(target_of(vm, self._port, self._row.memory_mib), access, clock) as caller:
                await caller.waking.awake()
                await probe(caller, plan, clock, count)
                if moves:
                    await self._cycle(caller, plan, findings)
            self._say("Done. ctrl+s measures again · esc leaves")
        except Problem as problem:
            self._say(clean(problem), problem=True)
        finally:
            if self.on_screen:
                self.query_one("#begin", Button).disabled = False

    async def _cycle(self, caller: Caller, plan: Plan, findings: Findings) -> None:
        from mvm_tui.reach.probe import Levers, cycle

        self._say("Suspending and resuming it…")

        def done(step: Step) -> None:
            self._steps.append(step)
            self._draw(findings)

        levers = Levers(lambda: self._perform("microvm.suspend"), lambda: self._perform("microvm.resume"))
        clock = self.desk.options.clock
        try:
            await cycle(caller, plan.path, levers, clock, auto_resume=self._auto_resumes, on_step=done)
        except (asyncio.CancelledError, Problem):
            name = display_name(self._row)
            self.desk.say(f"{name} may stay suspended: its probe was broken off on the way.", "warning")
            raise

    def _perform(self, action_id: str) -> None:
        """Through the fleet, so that the table shows it, and read-only mode forbids it."""
        fleet = self.desk.fleet
        if fleet is None:
            return
        for result in fleet.perform(action_id, (self._row.id,), lambda _: None):
            if result.problem is not None:
                raise result.problem

    def _draw(self, findings: Findings) -> None:
        if self.on_screen:
            self.query_one(".findings", Static).update(Content("\n").join(list(self._lines(findings))))

    def _lines(self, findings: Findings) -> Iterator[Content]:
        times = [
            (name, findings.percentile(share)) for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1))
        ]
        words = "   ".join(
            f"{name} {'—' if time is None else f'{time * 1000:,.1f} ms'}" for name, time in times
        )
        errors = (f"   {findings.errors} failed", "$text-error") if findings.errors else ""
        yield Content.assemble((words, "bold"), errors)
        if first := next((sample for sample in findings.samples if not sample.ok), None):
            why = first.problem.what if first.problem else f"HTTP {first.status}"
            yield Content.styled(f"The first failure: {clean(why)}", "$text-error")
        for step in self._steps:
            yield Content(f"{step.name:<30} {step.seconds:.2f} s")
        buckets = findings.histogram()
        most = max((count for _, count in buckets), default=1)
        for bound, count in buckets:
            label = "more" if math.isinf(bound) else f"≤ {bound * 1000:g} ms"
            bar = "█" * math.ceil(count / most * _BAR)
            yield Content.assemble((f"{label:>10}  ", "$text-muted"), (bar, "$accent"), f" {count}")
