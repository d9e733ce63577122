"""Actions under way on MicroVMs: started in a thread, counted, reported, and stopped when asked."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.message import Message

from mvm_tui.model.errors import Problem
from mvm_tui.tui.background import in_thread, outcome, post_safely
from mvm_tui.tui.messages import ActionEnded, ActionResult

if TYPE_CHECKING:
    from mvm_tui.fleet.action import Action
    from mvm_tui.fleet.perform import Result
    from mvm_tui.tui.seams import FleetLike


@dataclass(slots=True)
class Job:
    """One action on one or several MicroVMs."""

    action: Action
    ids: tuple[str, ...]
    results: list[Result] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def failures(self) -> list[Result]:
        return [result for result in self.results if not result.ok]


class Jobs:
    """The jobs under way, by number."""

    def __init__(self, post: Callable[[Message], bool]) -> None:
        self._post = post
        self._numbers = itertools.count(1)
        self._running: dict[int, Job] = {}

    def start(self, fleet: FleetLike, action: Action, ids: tuple[str, ...]) -> None:
        number = next(self._numbers)
        job = self._running[number] = Job(action, ids)

        def tell(result: Result) -> None:
            post_safely(self._post, ActionResult(number, result))

        def work() -> None:
            done = outcome(lambda: fleet.perform(action.id, ids, tell, job.stop.is_set))
            post_safely(self._post, ActionEnded(number, done if isinstance(done, Problem) else None))

        in_thread(action.id, work)

    def add_result(self, message: ActionResult) -> Job | None:
        """The job the result belongs to, or None if it was forgotten."""
        job = self._running.get(message.job)
        if job is not None:
            job.results.append(message.result)
        return job

    def end(self, message: ActionEnded) -> Job | None:
        return self._running.pop(message.job, None)

    def stop_bulk(self) -> bool:
        """Stop jobs on several MicroVMs after the call under way; whether there was one."""
        bulk = [job for job in self._running.values() if len(job.ids) > 1 and not job.stop.is_set()]
        for job in bulk:
            job.stop.set()
        return bool(bulk)

    def forget(self) -> None:
        """Stop everything and drop what is still to come: another account is on screen."""
        for job in self._running.values():
            job.stop.set()
        self._running.clear()

    def progress(self) -> str:
        """``terminate 3/50 · esc stops``, ``suspend under way`` for single ones; empty if there is none."""
        if counts := self.counts():
            return f"{counts} · esc stops"
        labels = dict.fromkeys(job.action.label for job in self._running.values())
        return f"{', '.join(labels)} under way" if labels else ""

    def counts(self) -> str:
        """``terminate 3/50, suspend 0/2`` for the jobs on several MicroVMs; empty if there is none."""
        bulk = (job for job in self._running.values() if len(job.ids) > 1)
        return ", ".join(f"{job.action.label} {len(job.results)}/{len(job.ids)}" for job in bulk)
