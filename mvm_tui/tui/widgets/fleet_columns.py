"""The columns of the MicroVM table as data, and how they are laid out in a width.

A cell is a safe text and a role; the table gives every role a style of the theme. ``…`` stands for what
is not known yet, ``—`` for what does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from mvm_tui.model.durations import short_duration
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.money import short, span
from mvm_tui.model.size import memory_label
from mvm_tui.model.text import clean
from mvm_tui.tui.widgets.cells import ELLIPSIS, shorten_end, shorten_middle, width_of

if TYPE_CHECKING:
    from mvm_tui.fleet.spend import VmCost

Cell = tuple[str, str]
# A MicroVM's id → what it costs, as far as that is known.
CostOf = Callable[[str], "VmCost | None"]

UNKNOWN: Cell = (ELLIPSIS, "muted")
NOT_APPLICABLE: Cell = ("—", "muted")
ROLES = (
    "text",
    "muted",
    "warning",
    "error",
    "state-running",
    "state-suspended",
    "state-starting",
    "state-ending",
    "state-ended",
    "state-unknown",
)

# Seconds of life left from which on it is worth a look, and from which on it is urgent.
LEFT_WARNING = 3_600
LEFT_URGENT = 600

# Cells before the first column: the mark, the cursor, a space.
GUTTER = 3
# Cells kept free at the right, for the sign that there are more columns.
MARGIN = 1
GAP = 2
# A longer text can never be seen whole in a table.
_CELL_LIMIT = 256

_STATES: dict[str, Cell] = {
    "running": ("●", "state-running"),
    "starting": ("◌", "state-starting"),
    "resuming": ("◑", "state-starting"),
    "suspending": ("◑", "state-suspended"),
    "suspended": ("◐", "state-suspended"),
    "terminating": ("✕", "state-ending"),
    "ending": ("✕", "state-ending"),
    "ended": ("○", "state-ended"),
}
_UNKNOWN_STATE: Cell = ("?", "state-unknown")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Widths in cells.

    Attributes:
        id: Its name in config and sort: ``left``.
        title: The header's text.
        minimum: The least width worth showing; below it the column leaves the screen.
        ideal: The width it gets when there is room for all.
        maximum: The width up to which it grows when there is room to spare.
        priority: Columns with a high number leave a narrow screen first.
        read: Text and role of a row's cell at a time.
        right: Whether it is aligned at the right, as numbers are.
        shorten: How a text that is too wide is cut.
        ticks: Whether the text changes with the clock.
        whole: Whether it grows to `maximum` at once or not at all.
        extra: Whether it is shown only where the more important ones have their ideal width.
        read_cost: Text and role of a cell that needs to know what the MicroVM costs.
    """

    id: str
    title: str
    minimum: int
    ideal: int
    maximum: int
    priority: int
    read: Callable[[FleetRow, datetime], Cell]
    right: bool = False
    shorten: Callable[[str, int], str] = shorten_end
    ticks: bool = False
    whole: bool = False
    extra: bool = False
    read_cost: Callable[[FleetRow, VmCost | None], Cell] | None = None


def _state(row: FleetRow, now: datetime) -> Cell:
    return _state_cell(row.state_word)


# Few different values come again and again in these columns: they are put together once.
@lru_cache(64)
def _state_cell(word: str) -> Cell:
    glyph, role = _STATES.get(word, _UNKNOWN_STATE)
    return f"{glyph} {clean(word, _CELL_LIMIT)}", role


def _name(row: FleetRow, now: datetime) -> Cell:
    name = clean(row.name, _CELL_LIMIT) if row.name else ""
    return (name, "text") if name else NOT_APPLICABLE


def _id(row: FleetRow, now: datetime) -> Cell:
    return clean(row.vm.id, _CELL_LIMIT), "muted"


def shorten_id(text: str, width: int) -> str:
    """Without its prefix (``microvm-``) if that makes it fit, else its start and end."""
    if width_of(text) <= width:
        return text
    return shorten_middle(text.partition("-")[2] or text, width)


def _image(row: FleetRow, now: datetime) -> Cell:
    return clean(row.vm.image_label, _CELL_LIMIT), "text"


def shorten_image(text: str, width: int) -> str:
    """Keeps the version whole while half of the width is left for the name: ``hello-w…:2.0``."""
    if width_of(text) <= width:
        return text
    name, colon, version = text.rpartition(":")
    room = width - width_of(version) - 1
    if not colon or room < width // 2:
        return shorten_end(text, width)
    return f"{shorten_end(name, room)}:{version}"


def _size(row: FleetRow, now: datetime) -> Cell:
    return UNKNOWN if row.memory_mib is None else (memory_label(row.memory_mib), "text")


def _age(row: FleetRow, now: datetime) -> Cell:
    started = row.vm.started_at
    if started is None or row.vm.ended:
        return NOT_APPLICABLE
    return short_duration((now - started).total_seconds()), "text"


def _left(row: FleetRow, now: datetime) -> Cell:
    vm = row.vm
    if vm.ended:
        return NOT_APPLICABLE
    ends = vm.ends_at
    if ends is None:
        return UNKNOWN if vm.details is None else NOT_APPLICABLE
    seconds = (ends - now).total_seconds()
    if seconds >= LEFT_WARNING:
        return short_duration(seconds), "text"
    if seconds >= LEFT_URGENT:
        return short_duration(seconds), "warning"
    return "!" + short_duration(seconds), "error"


def _idle(row: FleetRow, now: datetime) -> Cell:
    details = row.vm.details
    if row.vm.ended:
        return NOT_APPLICABLE
    if details is None:
        return UNKNOWN
    return ("none", "muted") if details.idle_policy is None else (_idle_label(details.idle_policy), "text")


@lru_cache(256)
def _idle_label(policy: IdlePolicy) -> str:
    return policy.label


def _shell(row: FleetRow, now: datetime) -> Cell:
    if row.vm.ended:
        return NOT_APPLICABLE
    shell = row.vm.shell
    if shell is None:
        return UNKNOWN if row.vm.details is None else ("?", "muted")
    return ("yes", "text") if shell else ("no", "muted")


def _not_costed(row: FleetRow, now: datetime) -> Cell:
    """Where nobody tells what MicroVMs cost."""
    return UNKNOWN


def shorten_amount(text: str, width: int) -> str:
    """``<.001`` for next to nothing, ``.0002``, the upper end of a range; no digit that counts is cut off."""
    if width_of(text) <= width:
        return text
    if "–" not in text and text.lstrip("~≤≥").startswith("0.") and width_of(text) == width + 1:
        return text.replace("0.", ".", 1)
    if text.startswith("<"):
        return "<.001" if width >= 5 else "~0"
    upper = f"≤{text.rpartition('–')[2]}"
    return upper if "–" in text and width_of(upper) <= width else shorten_end(text, width)


def _rate(row: FleetRow, cost: VmCost | None) -> Cell:
    if row.vm.ended:
        return NOT_APPLICABLE
    if cost is None or cost.per_hour is None:
        return UNKNOWN
    return short(cost.per_hour), "text" if cost.complete else "muted"


def _cost(row: FleetRow, cost: VmCost | None) -> Cell:
    """``~`` where part of its life was not seen, a range where a change was not."""
    if cost is None:
        return NOT_APPLICABLE if row.vm.ended else UNKNOWN
    if cost.doubtful:
        return span(cost.low, cost.high), "muted"
    return f"{cost.mark}{short(cost.total)}", "text"


COLUMNS: tuple[Column, ...] = (
    Column("state", "STATE", 11, 13, 13, 0, _state),
    Column("name", "NAME", 7, 12, 32, 1, _name),
    Column("id", "ID", 9, 9, 44, 2, _id, shorten=shorten_id, whole=True),
    Column("image", "IMAGE", 12, 18, 36, 3, _image, shorten=shorten_image),
    Column("size", "SIZE", 4, 7, 7, 6, _size, right=True),
    Column("age", "AGE", 5, 6, 6, 5, _age, right=True, ticks=True),
    Column("left", "LEFT", 5, 6, 6, 4, _left, right=True, ticks=True),
    Column(
        "rate",
        "$/H",
        5,
        5,
        7,
        7,
        _not_costed,
        right=True,
        shorten=shorten_amount,
        ticks=True,
        read_cost=_rate,
    ),
    Column(
        "cost",
        "COST $",
        6,
        7,
        13,
        8,
        _not_costed,
        right=True,
        shorten=shorten_amount,
        ticks=True,
        read_cost=_cost,
    ),
    Column("idle", "IDLE", 10, 12, 16, 10, _idle, extra=True),
    Column("shell", "SHELL", 6, 6, 6, 9, _shell, extra=True),
)
BY_ID = {column.id: column for column in COLUMNS}


def nobody_knows(microvm_id: str) -> None:
    """The costs where nobody works them out."""


def columns_by_id(ids: Sequence[str], cost_of: CostOf = nobody_knows) -> tuple[Column, ...]:
    """The columns with these ids, in this order, those of costs reading what `cost_of` answers for an id.

    Raises:
        ValueError: There is none of an id; the message names those there are.
    """
    for name in ids:
        if name not in BY_ID:
            raise ValueError(f"no column {name!r}: use {', '.join(BY_ID)}")
    return tuple(_with_costs(BY_ID[name], cost_of) for name in dict.fromkeys(ids))


def _with_costs(column: Column, cost_of: CostOf) -> Column:
    read = column.read_cost
    return column if read is None else replace(column, read=lambda row, now: read(row, cost_of(row.id)))


@dataclass(frozen=True, slots=True)
class Placed:
    """A column at its place: `x` and `width` in cells from the table's left edge, before any scrolling."""

    column: Column
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns laid out in a width.

    Attributes:
        width: The width that was to be filled.
        columns: All columns; those that did not fit come last, beyond `width`.
        fitting: How many of them are on screen when it is not scrolled.
        sticky: Cells at the left that stay when it is scrolled.
        total: Cells of all columns, at least `width`.
    """

    width: int
    columns: tuple[Placed, ...]
    fitting: int
    sticky: int
    total: int

    @property
    def farthest(self) -> int:
        """The greatest useful horizontal scroll."""
        return self.total - self.width

    def next_pan(self, pan: int, direction: int) -> int:
        """The horizontal scroll one column further to the right (1) or to the left (-1)."""
        stops = [placed.x - self.sticky for placed in self.columns if placed.x > self.sticky]
        stops = sorted({0, self.farthest, *(stop for stop in stops if stop < self.farthest)})
        if direction > 0:
            return next((stop for stop in stops if stop > pan), self.farthest)
        return next((stop for stop in reversed(stops) if stop < pan), 0)

    def column_at(self, x: int, pan: int) -> Column | None:
        """The column drawn at a cell of the screen, the gap after it included."""
        if x >= self.sticky:
            x += pan
        for placed in self.columns:
            if placed.x <= x < placed.x + placed.width + GAP:
                return placed.column
        return None


def lay_out(columns: Sequence[Column], width: int) -> Layout:
    """Give every column its place: what fits by priority first, the rest beyond the right edge."""
    chosen = _fitting(columns, width - MARGIN)
    widths = _grow(chosen, width - MARGIN)
    rest = [column for column in columns if column not in chosen]
    widths.update({column.id: column.ideal for column in rest})
    placed = []
    x = GUTTER
    for column in (*chosen, *rest):
        placed.append(Placed(column, x, widths[column.id]))
        x += widths[column.id] + GAP
    end = x - GAP + MARGIN if placed else GUTTER
    return Layout(width, tuple(placed), len(chosen), _sticky(placed, width), max(end, width))


def _fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """Those that fit at their minimum, in their order on screen; the first is there in any case."""
    least = ideal = GUTTER - GAP
    fitting: set[str] = set()
    for column in sorted(columns, key=lambda column: column.priority):
        least += column.minimum + GAP
        ideal += column.ideal + GAP
        if fitting and (ideal if column.extra else least) > width:
            break
        fitting.add(column.id)
    return [column for column in columns if column.id in fitting]


def _grow(columns: Sequence[Column], width: int) -> dict[str, int]:
    """Share out the spare cells: up to the ideal by priority, then evenly, then to whole ones."""
    widths = {column.id: column.minimum for column in columns}
    spare = width - GUTTER - sum(widths.values()) - GAP * (len(columns) - 1)
    for column in sorted(columns, key=lambda column: column.priority):
        more = max(min(column.ideal - column.minimum, spare), 0)
        widths[column.id] += more
        spare -= more
    growing = [column for column in columns if not column.whole and column.maximum > column.ideal]
    while spare > 0 and growing:
        for column in list(growing):
            if widths[column.id] >= column.maximum or spare <= 0:
                growing.remove(column)
            else:
                widths[column.id] += 1
                spare -= 1
    for column in columns:
        more = column.maximum - widths[column.id]
        if column.whole and 0 < more <= spare:
            widths[column.id] += more
            spare -= more
    return widths


def _sticky(placed: Sequence[Placed], width: int) -> int:
    """The first two columns stay while they leave half of the width for the others."""
    sticky = 0
    for column in placed[:2]:
        end = column.x + column.width + GAP
        if end <= width // 2:
            sticky = end
    return sticky or min(GUTTER, width)
