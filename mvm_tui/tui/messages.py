"""What threads tell the app. They post these and touch nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from mvm_tui.fleet.changes import ChangeSet
    from mvm_tui.fleet.perform import Result
    from mvm_tui.model.errors import Problem
    from mvm_tui.tui.seams import Account


class FromThread(Message):
    """The base of all of them."""


class FleetChanged(FromThread):
    """The poller found differences, or its status changed."""

    def __init__(self, change: ChangeSet) -> None:
        super().__init__()
        self.change = change


class AccountOpened(FromThread):
    """A connection stands."""

    def __init__(self, generation: int, account: Account) -> None:
        super().__init__()
        self.generation = generation
        self.account = account


class OpenFailed(FromThread):
    """A connection could not be made."""

    def __init__(self, generation: int, problem: Problem) -> None:
        super().__init__()
        self.generation = generation
        self.problem = problem


class ActionResult(FromThread):
    """One MicroVM of an action is done with."""

    def __init__(self, job: int, result: Result) -> None:
        super().__init__()
        self.job = job
        self.result = result


class ActionEnded(FromThread):
    """An action is over; `problem` is set when it could not go on."""

    def __init__(self, job: int, problem: Problem | None) -> None:
        super().__init__()
        self.job = job
        self.problem = problem


class Answered(FromThread):
    """A read or call made for the screen is answered: `deliver` gives `answer` to who asked."""

    def __init__(self, generation: int, deliver: Callable[[Any], None], answer: Any) -> None:
        super().__init__()
        self.generation = generation
        self.deliver = deliver
        self.answer = answer
