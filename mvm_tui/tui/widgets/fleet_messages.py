"""What the MicroVM table tells its screen. Use them by their names in `FleetTable`."""

from __future__ import annotations

from textual.message import Message

from mvm_tui.model.fleet_row import FleetRow


class CursorMoved(Message, namespace="fleet_table"):
    """Another row is under the cursor, or the one that is has changed; None if there is none."""

    def __init__(self, row: FleetRow | None) -> None:
        super().__init__()
        self.row = row


class Opened(Message, namespace="fleet_table"):
    """A row was double-clicked."""

    def __init__(self, row: FleetRow) -> None:
        super().__init__()
        self.row = row


class MarksChanged(Message, namespace="fleet_table"):
    """Other rows are marked than before."""

    def __init__(self, marks: frozenset[str]) -> None:
        super().__init__()
        self.marks = marks


class VisibleChanged(Message, namespace="fleet_table"):
    """Other rows are on screen than before; sent a moment after the last change."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__()
        self.ids = ids


class Sorted(Message, namespace="fleet_table"):
    """The order was changed."""

    def __init__(self, column: str, reverse: bool) -> None:
        super().__init__()
        self.column = column
        self.reverse = reverse
