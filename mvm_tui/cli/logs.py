"""`logs`: what MicroVMs, images and builds wrote, and what they write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from mvm_tui.cli.options import verb
from mvm_tui.cli.output import JSON, say
from mvm_tui.cli.session import Session
from mvm_tui.model.durations import plain_duration
from mvm_tui.model.errors import Denied, Gone, Problem, Unexpected, sentences
from mvm_tui.model.machine_zone import MACHINE_ZONE

if TYPE_CHECKING:
    from mvm_tui.aws.logs import LogReader
    from mvm_tui.cli.log_output import LogWriter
    from mvm_tui.cli.log_places import LogPlaces, Subject
    from mvm_tui.logs.find import Missing
    from mvm_tui.logs.query import Filter

_ALL = "all"
# So many lines are written at once where they come from the past.
_WRITTEN = 500


@verb(
    "logs",
    help="Print what a MicroVM, an image's MicroVMs or a build logged. A MicroVM's lines come from its "
    "start, an image's from the last 10 minutes, unless --since says otherwise. With --follow it goes on "
    "until ctrl-c. Text is always made harmless; -o ndjson holds it exactly, as JSON escapes.",
    examples="""
    mvm-tui logs web-1 --follow
    mvm-tui logs hello-web --since 1h --filter 'level>=warn !health'
    mvm-tui logs hello-web:2.0 --since 14:20 --until 14:25 -o ndjson
    mvm-tui logs report-renderer --build
    """,
)
@click.argument("subject", metavar="VM|IMAGE[:VERSION]")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is new.")
@click.option(
    "--since", default="", metavar="TIME", help="From then on: 10m, 7d, 14:20, 2026-11-25T14:20, all."
)
@click.option("--until", default="", metavar="TIME", help="To then; as --since.")
@click.option(
    "--filter",
    "text",
    default="",
    metavar="TERMS",
    help="As in the UI: text /regex/i !not level>=warn vm:ID.",
)
@click.option(
    "--build",
    default="",
    is_flag=False,
    flag_value="latest",
    metavar="[VERSION]",
    help="The build of the image's version, or of its newest.",
)
@click.option("--utc", is_flag=True, help="Times in UTC.")
@click.option(
    "--ordered",
    is_flag=True,
    help="With --follow: hold lines back until none that belongs before them is to come, about 40s.",
)
def logs_verb(
    session: Session,
    subject: str,
    follow: bool,
    since: str,
    until: str,
    text: str,
    build: str,
    **options: Any,
) -> None:
    from mvm_tui.aws.logs import LogReader
    from mvm_tui.cli.log_places import LogPlaces

    _check(session, follow, until, options["ordered"])
    now = session.clock.now().astimezone(UTC if options["utc"] else MACHINE_ZONE)
    wanted = _filter(text, now)
    start, end = _moment("--since", since, now), _moment("--until", until, now)
    if start is not None and end is not None and start > end:
        raise click.UsageError("--since is after --until: nothing lies between them.")
    reader = LogReader(session.connection, session.clock)
    places = LogPlaces(session, reader)
    chosen = places.choose(subject, build)
    window = _window(chosen, now, start, end, told=bool(since))
    writer = _writer(session, wanted, chosen, utc=options["utc"])
    if follow:
        from mvm_tui.cli.log_follow import follow_logs

        return follow_logs(
            session, reader, places, writer, since=window.start or 0, ordered=options["ordered"]
        )
    return _print(session, reader, places, writer, window)


@dataclass(frozen=True, slots=True)
class _Window:
    """From when to when is read, in milliseconds since 1970, and what is said where nothing was then."""

    start: int | None
    end: int | None
    nothing: str


def _check(session: Session, follow: bool, until: str, ordered: bool) -> None:
    if follow and until:
        raise click.UsageError("--follow has no end: leave out --until.")
    if follow and session.form == JSON:
        raise click.UsageError("-o json is a list, which has an end: use -o ndjson with --follow.")
    if ordered and not follow:
        raise click.UsageError("--ordered is for --follow: without it lines are in order.")


def _filter(text: str, now: datetime) -> Filter:
    from mvm_tui.logs.query import parse_filter

    try:
        return parse_filter(text, now)
    except ValueError as error:
        raise click.UsageError(f"--filter: {error}.") from None


def _moment(option: str, text: str, now: datetime) -> int | None:
    """Milliseconds since 1970 of a time ago or of a time; None where nothing or ``all`` is written."""
    from mvm_tui.logs.query import ago, parse_time
    from mvm_tui.model.log_event import milliseconds

    if text in ("", _ALL):
        return None
    try:
        dated = ":" in text or "-" in text
        return milliseconds(parse_time(text, now) if dated else ago(text, now))
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}.") from None


def _writer(session: Session, wanted: Filter, chosen: Subject, *, utc: bool) -> LogWriter:
    from mvm_tui.cli.log_output import LogWriter, on_terminal
    from mvm_tui.logs.lines import IN_UTC, LineForm

    timestamps = IN_UTC if utc else session.settings.logs.timestamps
    lines = LineForm(timestamps, source=chosen.several)
    return LogWriter(session.form, lines, wanted, colours=on_terminal())


def _window(chosen: Subject, now: datetime, start: int | None, end: int | None, *, told: bool) -> _Window:
    """What is read; `told`: the user said since when."""
    from mvm_tui.model.log_event import milliseconds

    if told or chosen.last is None:
        whole = start is None and end is None
        return _Window(start, end, "No logs yet." if whole else "No lines of that time.")
    start = (milliseconds(now) if end is None else end) - chosen.last // timedelta(milliseconds=1)
    length = plain_duration(int(chosen.last.total_seconds()))
    when = f"in the last {length}" if end is None else f"in the {length} before --until"
    nothing = f"No lines of {chosen.what} {when}: --since 1h shows more, --since all everything."
    return _Window(start, end, nothing)


def _print(
    session: Session, reader: LogReader, places: LogPlaces, writer: LogWriter, wanted: _Window
) -> None:
    from itertools import islice

    from mvm_tui.logs.find import Missing
    from mvm_tui.logs.history import window

    found = places.find()
    if isinstance(found, Missing):
        tell_missing(found)
        return writer.finish()
    events = window(reader, found, wanted.start, wanted.end)
    any_read = False
    while some := list(islice(events, _WRITTEN)):
        any_read = True
        writer.write(some, session.clock.now())
    if not any_read:
        say(wanted.nothing)
    return writer.finish()


def tell_missing(missing: Missing) -> None:
    """Say why there is nothing. That there is nothing yet is no failure.

    Raises:
        Denied: The logs may not be read.
        Gone: There is no such group.
        Unexpected: The MicroVM writes no logs.
    """
    from mvm_tui.logs.find import Absence

    kinds: dict[Absence, type[Problem]] = {Absence.DENIED: Denied, Absence.NO_GROUP: Gone}
    if missing.absence is Absence.NOT_YET:
        say(sentences(missing.what, missing.why))
    else:
        raise kinds.get(missing.absence, Unexpected)(missing.what, missing.why, missing.fix)
