"""The main screens as data: what works together does not clash, and each can be opened."""

from __future__ import annotations

import pytest

from mvm_tui.fleet.action import Scope
from mvm_tui.fleet.actions import ACTIONS, BY_ID
from mvm_tui.fleet.catalogue.shells import SHELL_ACTIONS
from mvm_tui.fleet.sections import SECTIONS, Section


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_keys_and_verbs_of_one_screen_are_each_used_once(section: Section) -> None:
    keys = [key for action in section.actions for key in action.keys]
    assert len(set(keys)) == len(keys)
    assert len(section.verbs()) == len([action for action in section.actions if action.verb])


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_each_is_opened_by_an_action_that_works_everywhere(section: Section) -> None:
    assert BY_ID[section.opener].scope is Scope.APP
    assert all(Scope.APP in other.scopes for other in SECTIONS)


def test_every_action_works_on_some_screen() -> None:
    with_keys = {scope for one in SECTIONS for scope in one.scopes}
    assert any(one.in_shell for one in SECTIONS)
    assert {action.scope for action in ACTIONS} <= with_keys | {Scope.SHELL}


def test_keys_after_the_leader_are_each_used_once() -> None:
    keys = [key for action in SHELL_ACTIONS for key in action.keys]
    assert len(set(keys)) == len(keys)
    assert all(action.scope is Scope.SHELL for action in SHELL_ACTIONS)
    # What the help screen has room for.
    assert all(len(action.label) <= 12 for action in SHELL_ACTIONS)
