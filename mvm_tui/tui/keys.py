"""Keys: the defaults of the registry, changed by the user's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from textual.binding import Binding

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.actions import ACTIONS
from mvm_tui.fleet.sections import Section

# Textual replaces the keys of bindings that exist: an action without a key is bound to one that no
# keyboard has, so that the user can give it a real one.
_NO_KEY = "unbound"

_ALIASES = {
    "/": "slash",
    ":": "colon",
    "?": "question_mark",
    "=": "equals_sign",
    "!": "exclamation_mark",
    "'": "apostrophe",
    "esc": "escape",
    "return": "enter",
    " ": "space",
}
_SHOWN = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "equals_sign": "=",
    "exclamation_mark": "!",
    "apostrophe": "'",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def bindings(section: Section) -> list[Binding]:
    """One binding with the default keys for every action that works on a main screen."""
    return [
        Binding(
            ",".join(action.keys) or f"{_NO_KEY}_{action.id}",
            f"app.invoke('{action.id}')",
            action.label,
            show=False,
            id=action.id,
        )
        for action in section.actions
    ]


class Keys:
    """The keys in force: the registry's, with the user's in their place.

    `keymap` is what `App.set_keymap` takes: action id → keys with commas.
    """

    def __init__(self, remaps: Mapping[str, Sequence[str]]) -> None:
        self.keymap: dict[str, str] = {}
        self._keys = {action.id: action.keys for action in ACTIONS}
        for action_id, wanted in remaps.items():
            keys = tuple(_ALIASES.get(key, key) for key in wanted)
            self._keys[action_id] = keys
            self.keymap[action_id] = ",".join(keys) or f"{_NO_KEY}_{action_id}"

    def action_for(self, key: str, actions: Iterable[Action]) -> Action | None:
        """The first of these actions that has a key, named as Textual names it."""
        return next((action for action in actions if key in self._keys[action.id]), None)

    def of(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action as people write them: ``/``, ``ctrl+p``. Empty if it has none."""
        return tuple(shown_key(key) for key in self._keys.get(action_id, ()))

    def label(self, action_id: str) -> str:
        """The keys of an action for a help table, joined by a space."""
        return " ".join(self.of(action_id))


def shown_key(key: str) -> str:
    """A key in the form people write it."""
    head, plus, last = key.rpartition("+")
    return f"{head}{plus}{_SHOWN.get(last, last)}"
