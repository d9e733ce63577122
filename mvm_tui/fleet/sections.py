"""The main screens of the UI, in the order of their numbers, and which actions work on each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mvm_tui.fleet.action import Action, Scope
from mvm_tui.fleet.actions import ACTIONS


@dataclass(frozen=True, slots=True)
class Section:
    """One main screen.

    Attributes:
        id: Stable name; the action that opens it is ``app.<id>``.
        title: What the number row calls it.
        scopes: The actions that have keys and verbs on it, by what they work on.
        in_shell: Whether a shell can be on it, and so the actions whose keys follow a shell's leader.
    """

    id: str
    title: str
    scopes: frozenset[Scope]
    in_shell: bool = False

    @property
    def opener(self) -> str:
        """Id of the action that opens it."""
        return f"app.{self.id}"

    @property
    def actions(self) -> tuple[Action, ...]:
        return actions_on(self.scopes)

    def verbs(self) -> dict[str, Action]:
        """What can be typed after the colon on it, by verb."""
        return {action.verb: action for action in self.actions if action.verb}


def actions_on(scopes: Collection[Scope]) -> tuple[Action, ...]:
    """The actions that work on one of these, in the registry's order."""
    return tuple(action for action in ACTIONS if action.scope in scopes)


MICROVMS = Section(
    "microvms",
    "MicroVMs",
    frozenset({Scope.MICROVM, Scope.MICROVMS, Scope.TABLE, Scope.APP}),
    in_shell=True,
)
IMAGES = Section("images", "Images", frozenset({Scope.IMAGES, Scope.IMAGE, Scope.IMAGE_VERSION, Scope.APP}))
SHELLS = Section("shells", "Shells", frozenset({Scope.APP}), in_shell=True)
LOGS = Section("logs", "Logs", frozenset({Scope.LOGS, Scope.APP}))
COST = Section("cost", "Cost", frozenset({Scope.COST, Scope.MICROVM, Scope.MICROVMS, Scope.APP}))
SECTIONS = (MICROVMS, IMAGES, LOGS, SHELLS, COST)
