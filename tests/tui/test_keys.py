"""Keys in force: defaults, remaps, none."""

from __future__ import annotations

import re

from textual.binding import Binding

from mvm_tui.fleet.sections import MICROVMS
from mvm_tui.tui.dialogs.base import Dialog
from mvm_tui.tui.dialogs.choose import ChooseDialog
from mvm_tui.tui.dialogs.columns import ColumnsDialog
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.launch import LaunchDialog
from mvm_tui.tui.dialogs.text import TextDialog
from mvm_tui.tui.keys import Keys, bindings, shown_key
from mvm_tui.tui.screens.fleet import FleetScreen
from mvm_tui.tui.widgets.command_line import CommandLine
from mvm_tui.tui.widgets.filter_line import FilterLine
from mvm_tui.tui.widgets.fleet_table import FleetTable

_WITH_BINDINGS = (
    *(FleetScreen, FleetTable, FilterLine, CommandLine),
    *(Dialog, ChooseDialog, ColumnsDialog, Confirm, LaunchDialog, TextDialog),
)


def test_every_action_has_one_binding_with_its_id() -> None:
    assert [binding.id for binding in bindings(MICROVMS)] == [action.id for action in MICROVMS.actions]


def test_every_binding_of_ours_can_be_remapped() -> None:
    for owner in _WITH_BINDINGS:
        for binding in owner.BINDINGS:
            assert isinstance(binding, Binding)
            assert binding.id, (owner, binding)


def test_no_default_key_is_taken_twice() -> None:
    table = [binding for binding in FleetTable.BINDINGS if isinstance(binding, Binding)]
    taken = [key for binding in (*bindings(MICROVMS), *table) for key in re.split(",", binding.key)]
    assert len(taken) == len(set(taken))


def test_remaps_take_the_place_of_defaults() -> None:
    keys = Keys({"microvm.suspend": ("f5", "ctrl+z"), "table.filter": ("?",), "app.back": ()})
    assert keys.of("microvm.suspend") == ("f5", "ctrl+z")
    assert keys.label("table.filter") == "?"
    assert keys.of("app.back") == ()
    assert keys.of("microvm.resume") == ("r",)
    assert keys.keymap["microvm.suspend"] == "f5,ctrl+z"
    assert keys.keymap["table.filter"] == "question_mark"
    assert keys.keymap["app.back"]


def test_keys_are_shown_as_people_write_them() -> None:
    assert shown_key("ctrl+right_square_bracket") == "ctrl+]"
    assert shown_key("slash") == "/"
    assert shown_key("G") == "G"
