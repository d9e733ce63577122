"""What work would cost if it were done in another way: three ways side by side, moving with what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from mvm_tui.model.cost import MICROSECOND, Snapshot
from mvm_tui.model.durations import parse_duration, short_duration
from mvm_tui.model.money import dollars
from mvm_tui.model.rates import Rates
from mvm_tui.model.size import DEFAULT_MEMORY_MIB, SIZES
from mvm_tui.model.whatif import Way, Work, compare, payback_seconds
from mvm_tui.tui.cost_views import bar
from mvm_tui.tui.costs import minutes
from mvm_tui.tui.dialogs.base import Dialog

_MOST_CYCLES = 100_000
_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class WhatIfForm:
    """What is typed."""

    memory_mib: int = DEFAULT_MEMORY_MIB
    active: str = "30m"
    idle: str = "2h"
    cycles: str = "3"
    idle_after: str = "15m"
    snapshot: str = ""

    def read(self) -> tuple[Work, Snapshot]:
        """The work and the snapshot.

        Raises:
            ValueError: A field does not say what it should; the message says which.
        """
        times = {}
        for name, text in (("work", self.active), ("pause", self.idle), ("suspend after", self.idle_after)):
            try:
                times[name] = parse_duration(text or "0") * MICROSECOND
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        if not (self.cycles.isascii() and self.cycles.isdigit() and 0 < int(self.cycles) <= _MOST_CYCLES):
            raise ValueError("times: a whole number from 1 on")
        work = Work(times["work"], times["pause"], int(self.cycles), times["suspend after"])
        return work, self._snapshot()

    def _snapshot(self) -> Snapshot:
        if not self.snapshot.strip():
            return Snapshot.of_baseline(self.memory_mib)
        try:
            gb = Decimal(self.snapshot.strip())
        except InvalidOperation:
            gb = Decimal(-1)
        if not gb.is_finite() or not 0 <= gb <= 1_000:
            raise ValueError("snapshot: GB, such as 0.61")
        return Snapshot.of_gb(gb)


class WhatIfDialog(Dialog[None]):
    """Keep running, suspend in between, or terminate and relaunch."""

    DEFAULT_CSS = """
    WhatIfDialog .box { width: 92; }
    WhatIfDialog .row { height: auto; }
    WhatIfDialog .label { width: 10; color: $text-muted; }
    WhatIfDialog .word { width: auto; padding: 0 1; color: $text-muted; }
    WhatIfDialog Input { width: 9; }
    WhatIfDialog Select { width: 24; }
    WhatIfDialog #ways { height: auto; margin-top: 1; }
    """

    def __init__(self, rates: Rates, form: WhatIfForm | None = None) -> None:
        super().__init__()
        self._rates = rates
        self._start = form or WhatIfForm()

    def compose(self) -> ComposeResult:
        start = self._start
        sizes = [(f"{size.label}, {size.baseline_vcpu:g} vCPU", size.memory_mib) for size in SIZES]
        if start.memory_mib not in [value for _, value in sizes]:
            sizes.append((f"{start.memory_mib} MiB", start.memory_mib))
        with Vertical(classes="box") as box:
            box.border_title = "What if"
            with VerticalScroll(can_focus=False):
                size: Select[int] = Select(
                    sizes, value=start.memory_mib, allow_blank=False, id="size", compact=True
                )
                snapshot = Input(start.snapshot, id="snapshot", compact=True, placeholder="baseline")
                yield from _row("size", size, _word("snapshot"), snapshot, _word("GB"))
                active, idle = (
                    Input(text, id=name, compact=True)
                    for name, text in (("active", start.active), ("pause", start.idle))
                )
                cycles = Input(start.cycles, id="cycles", compact=True)
                yield from _row("work", active, _word("then nothing for"), idle, _word("times"), cycles)
                after = Input(start.idle_after, id="after", compact=True)
                yield from _row("idle", _word("suspends after"), after, _word("without traffic; 0s: at once"))
                yield Static(id="ways", markup=False)
            words = f"rates of {self._rates.region}, {self._rates.as_of.isoformat()} · esc leaves"
            yield Static(words, classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one("#size").focus()
        self._compute()

    @on(Input.Changed)
    @on(Select.Changed)
    def _compute(self) -> None:
        text = {box.id: box.value for box in self.query(Input)}
        size = self.query_one("#size", Select).value
        form = WhatIfForm(
            size if isinstance(size, int) else DEFAULT_MEMORY_MIB,
            text["active"],
            text["pause"],
            text["cycles"],
            text["after"],
            text["snapshot"],
        )
        try:
            content = comparison(form, self._rates)
        except ValueError as error:
            content = Content.styled(str(error), "$text-error")
        self.query_one("#ways", Static).update(content)


def comparison(form: WhatIfForm, rates: Rates) -> Content:
    """The three ways with what each costs, the cheapest marked. Raises ValueError, as `WhatIfForm.read`."""
    work, snapshot = form.read()
    ways = compare(work, form.memory_mib, snapshot, rates)
    most = max(way.estimate.total for way in ways)
    # Of the least that each costs none follows to be the cheapest.
    priced = not any(way.estimate.at_least for way in ways)
    best = min(ways, key=lambda way: way.estimate.total) if priced else None
    lines = [_line(way, most, way is best) for way in ways]
    if not priced:
        text = "Not all rates of this region are known: the figures are the least it costs."
        lines.append(Content.styled(text, "$text-warning"))
    payback = payback_seconds(form.memory_mib, snapshot, rates)
    if payback is not None:
        words = f"Suspending pays from a pause of {minutes(payback)} on. Relaunching loses memory and disk."
        lines += [Content(""), Content.styled(words, "$text-muted")]
    return Content("\n").join(lines)


def _line(way: Way, most: Decimal, best: bool) -> Content:
    estimate, usage = way.estimate, way.usage
    least = "≥" if estimate.at_least else ""
    runs = f"{short_duration(usage.running / MICROSECOND)} run"
    kept = f", {short_duration(usage.suspended / MICROSECOND)} asleep" if usage.suspended else ""
    launches = f", {usage.launches} launches" if usage.launches > 1 else ""
    amount = f"{least}{dollars(estimate.total)}"
    return Content.assemble(
        (f"{'▸' if best else ' '} {way.name:<23}", "bold" if best else ""),
        (f"{amount:>8}  ", "bold $accent" if best else "bold"),
        (bar(estimate.total, most), "$accent"),
        (f"  {runs}{kept}{launches}", "$text-muted"),
    )


def _word(text: str) -> Static:
    return Static(text, classes="word", markup=False)


def _row(name: str, *fields: Widget) -> Iterator[Widget]:
    yield Horizontal(Static(name, classes="label", markup=False), *fields, classes="row")
