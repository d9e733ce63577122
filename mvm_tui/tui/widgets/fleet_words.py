"""What the MicroVM table says about itself: the border's summary, and the empty table's lines."""

from __future__ import annotations

from collections.abc import Mapping

from mvm_tui.fleet.changes import PollStatus
from mvm_tui.model.text import clean
from mvm_tui.tui.widgets.fleet_columns import BY_ID
from mvm_tui.tui.widgets.fleet_line import ASCENDING, DESCENDING
from mvm_tui.tui.widgets.fleet_rows import FleetRows

_QUERY_LIMIT = 40


def summary(rows: FleetRows, complete: bool, marked: int, out_of_sight: int) -> str:
    """``5 of 6 · 2 marked · age ▾ · /web``; `out_of_sight` of the marked rows are filtered out.

    Without any row there is no count unless all were read (`complete`): unknown is not none.
    """
    count = f"{len(rows):,}" if len(rows) == rows.total else f"{len(rows):,} of {rows.total:,}"
    parts = [count] if rows.total or complete else []
    if marked:
        hidden = f" ({out_of_sight:,} not shown)" if out_of_sight else ""
        parts.append(f"{marked:,} marked{hidden}")
    if rows.ended and not rows.show_ended:
        parts.append(f"{rows.ended:,} ended hidden")
    parts.append(f"{BY_ID[rows.column].title.lower()} {DESCENDING if rows.reverse else ASCENDING}")
    if rows.query is not None:
        parts.append(f"/{clean(rows.query.text, _QUERY_LIMIT)}")
    return " · ".join(parts)


def empty_lines(rows: FleetRows, status: PollStatus, hints: Mapping[str, str]) -> tuple[str, str]:
    """Why there is nothing to see, and what can be done about it.

    `hints` are the keys for ``launch``, ``clear`` and ``ended``.
    """
    if rows.query is not None and rows.total:
        return (
            f"Nothing matches /{clean(rows.query.text, _QUERY_LIMIT)}",
            f"{hints['clear']} clears the filter",
        )
    if rows.ended and not rows.show_ended:
        count = "The only MicroVM has" if rows.ended == 1 else f"All {rows.ended:,} MicroVMs have"
        return (
            f"{count} ended",
            f"{hints['ended']} shows what has ended · {hints['launch']} launches a new one",
        )
    if status.problem is not None:
        return clean(status.problem.what), clean(f"{status.problem.why} {status.problem.fix}".strip())
    if not status.complete:
        pages = f"{status.pages:,} page{'' if status.pages == 1 else 's'} read"
        return "Reading the MicroVMs…", pages if status.pages else ""
    return "No MicroVMs here yet", f"{hints['launch']} launches one"
