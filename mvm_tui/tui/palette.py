"""The command palette: every action of the screen in front that can be done now, by a part of its name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.actions import Refuse

if TYPE_CHECKING:
    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.desk import Desk

_NOT_HERE = frozenset({"app.palette", "app.close"})


class ActionProvider(Provider):
    """Actions; a chosen one works on what is marked or under the cursor."""

    @property
    def _desk(self) -> Desk:
        return cast("MvmApp", self.app).desk

    def _possible(self) -> Iterator[tuple[Action, str]]:
        for action in self._desk.front.section.actions:
            front = self._desk.front
            decision = front.decision(action, rows=front.rows_in_reach(action))
            if action.id in _NOT_HERE or isinstance(decision, Refuse):
                continue
            key = self._desk.keys.label(action.id)
            yield action, f"{action.help}  {key}" if key else action.help

    async def discover(self) -> Hits:
        for action, text in self._possible():
            yield DiscoveryHit(action.label, partial(self._desk.invoke, action.id), help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action, text in self._possible():
            score = max(matcher.match(action.label), matcher.match(action.help) / 2)
            if score > 0:
                run = partial(self._desk.invoke, action.id)
                yield Hit(score, matcher.highlight(action.label), run, help=text)


class ActionPalette(CommandPalette):
    """Textual's palette over our registry."""

    DEFAULT_CSS = """
    ActionPalette > Vertical { background: $surface; max-width: 90; }
    ActionPalette CommandList { background: $surface; border: none; }
    ActionPalette #--input { background: $surface; border: none; padding: 1 0 0 0; }
    ActionPalette SearchIcon { display: none; }
    """

    def __init__(self) -> None:
        super().__init__(providers=[ActionProvider], placeholder="What shall be done?")
