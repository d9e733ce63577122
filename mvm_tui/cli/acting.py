"""`suspend`, `resume`, `terminate`: the same actions as in the UI, for one or many MicroVMs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import click

from mvm_tui.cli import exits
from mvm_tui.cli.asking import confirm, yes_option
from mvm_tui.cli.choosing import Selection, image_and_state
from mvm_tui.cli.durations import Duration
from mvm_tui.cli.options import Verb, verb
from mvm_tui.cli.output import JSON, emit_line, emit_list, progress, say, say_from_handler
from mvm_tui.cli.records import cells, headings, microvm_record
from mvm_tui.cli.session import Session
from mvm_tui.fleet.action import Action
from mvm_tui.fleet.actions import BY_ID, Context, Go, Refuse, decide
from mvm_tui.fleet.perform import Result
from mvm_tui.model.errors import Gone
from mvm_tui.model.fleet_row import FleetRow

# The states in which nothing is left to do.
_REACHED = {
    "microvm.suspend": frozenset({"SUSPENDED"}),
    "microvm.resume": frozenset({"RUNNING"}),
    "microvm.terminate": frozenset({"TERMINATING", "TERMINATED"}),
}


@dataclass(frozen=True, slots=True)
class _Request:
    """What the user asked for."""

    words: tuple[str, ...]
    selection: Selection
    dry_run: bool
    yes: bool


def _acting_verb(name: str, summary: str, examples: str) -> Verb:
    action = BY_ID[f"microvm.{name}"]

    def act_verb(session: Session, **options: Any) -> None:
        selection = Selection(options["images"], options["states"], options["older_than"])
        request = _Request(options["microvms"], selection, options["dry_run"], options["yes"])
        _act(session, action, request)

    return verb(name, help=summary, examples=examples)(_with_options(act_verb))


def _with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        yes_option,
        click.option("--dry-run", is_flag=True, help="Only list the MicroVMs that it would be done to."),
        click.option(
            "--older-than", type=Duration(), metavar="TIME", help="Started longer ago: 90s, 15m, 2h."
        ),
        image_and_state,
        click.argument("microvms", metavar="[VM | -]...", nargs=-1),
    ):
        function = option(function)
    return function


def _act(session: Session, action: Action, request: _Request) -> None:
    if not request.dry_run:
        session.refuse_read_only(action)
    rows, gone = _targets(session, action, request)
    reached = [row for row in rows if row.vm.state in _REACHED[action.id]]
    todo = [row for row in rows if row.vm.state not in _REACHED[action.id]]
    if request.dry_run:
        fitting = [row for row in todo if action.applies_to(row)]
        now = session.clock.now()
        table = (cells(row, now, False) for row in fitting)
        emit_list(session.form, map(microvm_record, fitting), headings(False), table)
        if not fitting:
            say("No MicroVM matches.")
        return
    report = _Report(session.form, rows)
    ids = _decided(session, action, todo, request, report)
    for microvm_id, problem in gone.items():
        report.add(Result(microvm_id, False, problem.what, problem))
    for row in reached:
        report.add(Result(row.id, True, f"is {row.state_word} already"))
    with _interruptible() as interrupted:
        if ids:
            report.expect(action, len(ids))
            session.fleet.perform(action.id, ids, report.add, interrupted.is_set)
    code = report.finish()
    click.get_current_context().exit(exits.INTERRUPTED if interrupted.is_set() else code)


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """An event that the first ctrl-c sets, so that every MicroVM's outcome is told; the second ends all."""
    interrupted = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        say_from_handler("Interrupted: what was asked for goes on.")
        interrupted.set()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _targets(session: Session, action: Action, request: _Request) -> tuple[list[FleetRow], dict[str, Gone]]:
    """What the request names or selects, and the ids it names that do not exist."""
    from mvm_tui.cli.choosing import rows_named, words_with_stdin
    from mvm_tui.cli.reading import listed_rows

    if request.words and request.selection:
        raise click.UsageError("Either name MicroVMs or select them with --image, --state, --older-than.")
    if request.words:
        return rows_named(session, words_with_stdin(request.words))
    if not request.selection:
        raise click.UsageError("Name MicroVMs, or select them with --image, --state, --older-than.")
    now = session.clock.now()
    listing = listed_rows(session)
    request.selection.doubt(listing)
    chosen = [row for row in listing if request.selection.matches(row, now)]
    return [row for row in chosen if action.applies_to(row) and row.vm.state not in _REACHED[action.id]], {}


def _decided(
    session: Session, action: Action, rows: Sequence[FleetRow], request: _Request, report: _Report
) -> tuple[str, ...]:
    """The MicroVMs to act on, after a question where one is due."""
    if not rows:
        return ()
    decision = decide(action, rows, Context(session.clock.now(), read_only=session.read_only))
    if isinstance(decision, Refuse):
        for row in rows:
            report.add(_not_applicable(action, row))
        return ()
    if not isinstance(decision, Go):
        confirm(decision, request.yes)
    for row in rows:
        if row.id not in decision.ids:
            report.add(_not_applicable(action, row))
    return decision.ids


def _not_applicable(action: Action, row: FleetRow) -> Result:
    return Result(row.id, False, f"is {row.state_word}: nothing to {action.label}")


class _Report:
    """Tells how it went for each MicroVM, as soon as it is known, except as one JSON list at the end."""

    def __init__(self, form: str, rows: Sequence[FleetRow]) -> None:
        self._form = form
        self._names = {row.id: row.name for row in rows}
        self._results: list[Result] = []
        self._progress = ""
        self._expected = 0

    def expect(self, action: Action, count: int) -> None:
        """Show on a terminal how many are still to come: retries and slow states take their time."""
        self._progress = action.label
        self._expected = len(self._results) + count
        self._tell_progress()

    def _tell_progress(self) -> None:
        if self._progress:
            left = self._expected - len(self._results)
            progress(f"{self._progress}: {left} to go" if left else "")

    def add(self, result: Result) -> None:
        name = self._names.get(result.id, "")
        self._results.append(result)
        progress("")
        emit_line(self._form, _result_record(name, result), (result.id, name, result.message))
        if result.problem is not None:
            say(f"{name or result.id}: {result.problem}")
        self._tell_progress()

    def finish(self) -> int:
        """Write what is left to write; the exit code for all of it."""
        if not self._results:
            say("No MicroVM matches.")
        if self._form == JSON:
            records = [_result_record(self._names.get(result.id, ""), result) for result in self._results]
            emit_list(JSON, records, (), ())
        failed = [result.problem for result in self._results if not result.ok]
        return exits.worst(problem.exit_code if problem else exits.FAILED for problem in failed)


def _result_record(name: str, result: Result) -> dict[str, Any]:
    problem = result.problem
    return {
        "id": result.id,
        "name": name or None,
        "ok": result.ok,
        "message": result.message,
        "error": str(problem) if problem else None,
        "code": (problem.code or None) if problem else None,
        "request_id": result.request_id or (problem.request_id if problem else "") or None,
    }


suspend_verb = _acting_verb(
    "suspend",
    "Suspend MicroVMs. Memory is kept, the baseline is no longer billed. Asks before it suspends several.",
    """
    mvm-tui suspend web-1
    mvm-tui suspend --image hello-web --older-than 2h --yes
    mvm-tui ls --state running -o ndjson | jq -r .id | mvm-tui suspend - --yes
    """,
)
resume_verb = _acting_verb(
    "resume",
    "Resume suspended MicroVMs. Asks before it resumes several.",
    """
    mvm-tui resume web-1
    mvm-tui resume --state suspended --dry-run
    """,
)
terminate_verb = _acting_verb(
    "terminate",
    "Terminate MicroVMs. They and everything in them are gone. Always asks.",
    """
    mvm-tui terminate web-1
    mvm-tui terminate --image worker:1.2 --older-than 4h --dry-run
    mvm-tui terminate 9c1f 77b0 --yes -o json
    """,
)
