"""Which main screen is in front. The first lies at the bottom; of the others at most one lies over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mvm_tui.fleet.sections import COST, IMAGES, LOGS, MICROVMS, SECTIONS, SHELLS
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.widgets.section_row import Tab

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk


def _shells(desk: Desk) -> MainScreen:
    from mvm_tui.tui.screens.shells import ShellsScreen

    return ShellsScreen(desk)


def _logs(desk: Desk) -> MainScreen:
    from mvm_tui.tui.screens.logs import LogsScreen

    return LogsScreen(desk)


def _cost(desk: Desk) -> MainScreen:
    from mvm_tui.tui.screens.cost import CostScreen

    return CostScreen(desk)


def _images(desk: Desk) -> MainScreen:
    from mvm_tui.tui.screens.images import ImagesScreen

    return ImagesScreen(desk)


# Section id → what makes its screen, loaded when it is first opened.
MAKERS: dict[str, Callable[[Desk], MainScreen]] = {
    IMAGES.id: _images,
    LOGS.id: _logs,
    SHELLS.id: _shells,
    COST.id: _cost,
}


class Sections:
    """The main screens that were opened, and the one in front."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._made: dict[str, MainScreen] = {MICROVMS.id: desk.fleet_screen}

    def __iter__(self) -> Iterator[MainScreen]:
        """Those that were opened so far, in front or not."""
        return iter(self._made.values())

    @property
    def front(self) -> MainScreen:
        """The one in front, be it under dialogs."""
        stack = reversed(self._desk.app.screen_stack)
        return next((screen for screen in stack if isinstance(screen, MainScreen)), self._desk.fleet_screen)

    def screen(self, section_id: str) -> MainScreen:
        """The screen of a section, made if it was not yet."""
        if section_id not in self._made:
            made = self._made[section_id] = MAKERS[section_id](self._desk)
            # An installed screen outlives being taken off the stack.
            self._desk.app.install_screen(made, section_id)
        return self._made[section_id]

    def open(self, section_id: str) -> None:
        """Bring a section to the front; dialogs over the one in front are left."""
        app, wanted = self._desk.app, self.screen(section_id)
        if self.front is wanted and app.screen is wanted:
            return
        while app.screen is not self._desk.fleet_screen and app.screen is not wanted:
            app.pop_screen()
        if app.screen is not wanted:
            wanted.opening = app.push_screen(wanted)

    def tabs(self) -> list[Tab]:
        """The number row."""
        front, keys = self.front.section, self._desk.keys
        return [
            Tab(
                section.opener,
                next(iter(keys.of(section.opener)), ""),
                section.title,
                section is front,
                self._note(section.id),
            )
            for section in SECTIONS
        ]

    def _note(self, section_id: str) -> str:
        made = self._made.get(section_id)
        return made.note() if made is not None and made is not self.front else ""
