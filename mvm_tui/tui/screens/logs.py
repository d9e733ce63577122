"""The third screen: the log that is being read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.fleet.sections import LOGS, Section
from mvm_tui.logs.levels import level_of
from mvm_tui.logs.query import Filter, parse_filter
from mvm_tui.model.log_event import moment_of
from mvm_tui.model.machine_zone import MACHINE_ZONE
from mvm_tui.model.text import clean
from mvm_tui.tui.background import post_safely
from mvm_tui.tui.keys import bindings
from mvm_tui.tui.log_entries import Entry, place_of
from mvm_tui.tui.log_highlights import Highlights, filter_of, pattern_of
from mvm_tui.tui.log_pipeline import Counts
from mvm_tui.tui.log_session import LogSession
from mvm_tui.tui.log_sources import SourceNames, subject_words
from mvm_tui.tui.log_subject import NEWEST, Reading, Span, Subject
from mvm_tui.tui.log_words import LogFacts, empty_words, head_words, status_line
from mvm_tui.tui.messages import Answered
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.widgets.border_box import BorderBox
from mvm_tui.tui.widgets.log_content import level_role
from mvm_tui.tui.widgets.log_lines import Manner, Times
from mvm_tui.tui.widgets.log_style import complaint_about
from mvm_tui.tui.widgets.log_text import styled_lines
from mvm_tui.tui.widgets.log_view import LogView

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk

# Seconds between two looks at what came in: several batches make one drawing.
_FRAME = 0.04
# Seconds in which what came in is drawn before garbage is looked for.
_BREATH = 0.02
# The level of a line stands near its beginning, perhaps after colours.
_LEVEL_HEAD = 400


class LogsScreen(MainScreen):
    """Logs.

    Attributes:
        view: The lines.
        session: What is read.
        filter_text: The filter in force, as it was typed.
        search_text: The search in force, as it was typed.
    """

    DEFAULT_CSS = """
    LogsScreen #body { border: round $border-blurred; }
    LogsScreen #body:focus-within { border: round $border; }
    LogsScreen #log { height: 1fr; }
    /* A notice leaves the status line in sight. */
    LogsScreen ToastRack { margin-bottom: 2; }
    LogsScreen #log-status { height: 1; padding: 0 1; background: $surface; }
    """
    section: ClassVar[Section] = LOGS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LOGS)]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.session = LogSession(desk, self._woken, self.refresh_facts)
        settings = desk.options.settings.logs
        self._highlights = Highlights(settings.highlight, self._highlighted, self._complained)
        for style in settings.highlight.values():
            if complaint := complaint_about(style):
                desk.say(complaint, "warning")
        self.view = LogView(
            manner=Manner(Times(settings.timestamps), wrap=settings.wrap, fields=tuple(settings.columns)),
            clock=desk.options.clock,
            level=_level,
            highlight=self._highlights.spans,
            id="log",
        )
        self._line = Static("", id="log-status", markup=False)
        self._counts = Counts()
        self._taking: Timer | None = None
        self._took_at = 0.0
        self._names = SourceNames(desk, self.session)
        self._said = Content("")
        self._roles = 0
        self._offered = False
        self._unseen = 0
        self._find_due = False
        self._jump_to_first = False
        self.filter_text = ""
        self._filter = Filter()
        self.search_text = ""

    def compose_body(self) -> ComposeResult:
        with BorderBox(id="body"):
            yield self.view
            yield self._line

    def on_mount(self) -> None:
        # What came before there was a screen to tell is still to be taken.
        self.call_after_refresh(self._take)

    def focus_body(self) -> None:
        self.view.focus()

    def on_screen_resume(self) -> None:
        # Textual calls the handler of the base class by itself.
        self._unseen = 0
        if not self._offered and self.session.reading is None and self.desk.fleet is not None:
            self._offered = True
            self.call_after_refresh(self._offer)

    def on_screen_suspend(self) -> None:
        # Once for each time that the screen is opened: what was declined is not offered again.
        self._offered = self.desk.front is self

    def _offer(self) -> None:
        """Nothing is read: say at once what could be."""
        if self.session.reading is None and self.app.screen is self:
            self.desk.invoke("logs.choose")

    # What is read

    def open(self, subject: Subject, span: Span = NEWEST) -> None:
        """Read something else."""
        logs = self.desk.logs()
        if logs is None:
            self.desk.say("There is no connection to read logs of.", "warning")
            return
        self._names.forget()
        self._jump_to_first = False
        self.view.select(None)
        self.view.set_manner(
            replace(self.view.manner, sources=self._names.column if subject.merged else None)
        )
        self.session.open(Reading(subject, span), logs)
        self.session.pipeline.filter(self._filter)
        self.view.follow()
        self.refresh_facts()

    def reopen(self, span: Span | None = None) -> None:
        """Read the same anew, from another moment if one is given."""
        reading = self.session.reading
        if reading is not None:
            self.open(reading.subject, span or reading.span)

    def read_again(self) -> None:
        self.session.refresh()

    def clear(self) -> None:
        self.session.close()
        self._names.forget()

    def on_unmount(self) -> None:
        self.session.close()
        self.session.pipeline.close()
        self._highlights.close()

    def apply(self, change: ChangeSet) -> None:
        self._names.rename()
        self.refresh_facts()

    # What the pipeline says

    def _woken(self) -> None:
        if self._taking is None and self.is_attached:
            since = self.desk.options.clock.monotonic() - self._took_at
            # What comes after a silence is drawn at once.
            self._taking = self.set_timer(min(max(_FRAME - since, 0.001), _FRAME), self._take)

    def _take(self) -> None:
        self._taking = None
        self._took_at = self.desk.options.clock.monotonic()
        changes, counts = self.session.pipeline.take()
        complaint = counts.complaint
        if complaint and complaint != self._counts.complaint:
            self.desk.say(complaint, "warning")
        if self.desk.front is not self:
            self._unseen += max(counts.held - self._counts.held, 0)
        if self.desk.memory.grown(counts.taken - self._counts.taken):
            # Apart from this work, as a look at many new objects takes a while.
            self.set_timer(_BREATH, self.desk.memory.settle)
        self._counts = counts
        if len(self.session.roles) != self._roles:
            self._roles = len(self.session.roles)
            self._names.rename()
            self.view.redraw()
        self.view.apply(changes)
        self._find_if_due()
        if self._jump_to_first and self.view.window.entries:
            self._jump_to_first = False
            self.view.go_to(0)
        self._show_status()

    def _highlighted(self) -> None:
        self._from_thread(self.view.redraw)

    def _complained(self, complaint: str) -> None:
        self._from_thread(lambda: self.desk.say(complaint, "warning"))

    def _from_thread(self, call: Callable[[], None]) -> None:
        message = Answered(self.desk.accounts.generation, lambda _: call(), None)
        post_safely(self.desk.app.post_message, message)

    # What the screen says

    def show_facts(self) -> None:
        self._show_status()
        self.view.tick()

    def _show_status(self) -> None:
        facts = self.log_facts()
        keys = self.desk.keys
        reads = self.session.reading is not None
        line = status_line(facts, self._line.content_size.width) if reads else Content("")
        if not line.is_same(self._said):
            self._said = line
            self._line.update(line, layout=False)
        self.view.say(
            head_words(facts, self.session.at_beginning),
            empty_words(facts, reads, keys.label("logs.choose"), keys.label("app.close")),
        )
        self.query_one("#body", BorderBox).write_border(self._title())

    def log_facts(self) -> LogFacts:
        """How reading goes."""
        session, desk = self.session, self.desk
        logs = desk.logs() if session.reading is not None else None
        window = self.view.window
        return LogFacts(
            session.status,
            self._counts,
            session.status.lag(logs.now_ms()) if logs is not None else None,
            max(session.status.retry_at - desk.options.clock.monotonic(), 0.0),
            window.following,
            window.new,
            len(window.entries),
            bool(self._filter),
            session.reading_older,
            session.live_seconds if session.live else None,
            next(iter(desk.keys.of("logs.follow")), ""),
        )

    def _title(self) -> Content:
        reading = self.session.reading
        if reading is None:
            return Content.styled("Logs", "bold $foreground")
        parts = [subject_words(self.desk, reading.subject)]
        if reading.span is not NEWEST:
            parts.append("everything" if reading.span.word == "all" else f"since {reading.span.word}")
        if self.filter_text:
            parts.append(f"/{clean(self.filter_text, 40)}")
        if self.search_text:
            parts.append(f"find {clean(self.search_text, 40)}")
        return Content.assemble(("Logs", "bold $foreground"), (f"  {' · '.join(parts)}", "$text-muted"))

    def note(self) -> str:
        return f"{self._unseen:,} new" if self._unseen else ""

    def status_words(self) -> Content:
        return Content("")

    def works(self, action: Action) -> bool:
        if action.id in ("logs.choose", "logs.build") or not action.id.startswith("logs."):
            return super().works(action)
        if action.id == "logs.follow":
            return not self.view.window.following
        return self.session.reading is not None

    # What the view says

    @on(LogView.Moved)
    @on(LogView.Selected)
    def _moved(self) -> None:
        self.refresh_facts()

    @on(LogView.OlderWanted)
    def _older_wanted(self) -> None:
        if self._counts.full:
            return
        entries = self.view.window.entries
        before = entries[0].event.timestamp if entries else None
        self.session.read_older(before, self._filter.server_pattern())

    @on(LogView.Opened)
    def _opened(self) -> None:
        self.desk.invoke("logs.open")

    def on_resize(self, event: events.Resize) -> None:
        self._show_status()

    def close_something(self) -> bool:
        """One thing at a time: the selection, the search, the filter."""
        if self.view.selection is not None:
            self.view.select(None)
        elif self.search_text:
            self.set_search("")
        elif self.filter_text:
            self.set_filter("")
        else:
            return False
        return True

    # Filter and search

    def set_filter(self, text: str) -> str:
        """Show the lines that match; returns why it cannot, empty if it can."""
        try:
            wanted = parse_filter(text, self.desk.now.astimezone(MACHINE_ZONE))
        except ValueError as error:
            return clean(error)
        if wanted.text != self._filter.text:
            self.filter_text, self._filter = text.strip(), wanted
            if self.session.searched:
                # Lines that the older filter left out are missing above: read anew.
                self.reopen()
            else:
                self.session.at_beginning = False
                self.session.pipeline.filter(wanted)
            self.refresh_facts()
        return ""

    def set_search(self, text: str) -> str:
        """Mark what is found; returns why it cannot, empty if it can."""
        wanted = text.strip()
        try:
            pattern = pattern_of(wanted) if wanted else None
            found = filter_of(wanted) if wanted else None
        except ValueError as error:
            return clean(error)
        if wanted != self.search_text:
            self.search_text = wanted
            self._highlights.set_search(pattern)
            self.session.pipeline.search(found)
            self.view.redraw()
            self.refresh_facts()
        return ""

    def go_to_found(self, step: int) -> bool:
        """Put the cursor on the next or previous entry that the search finds; False if there is none."""
        return self._go_to(step, lambda entry: entry.found is True)

    def go_to_marked(self) -> bool:
        """Put the cursor on the next marked entry, the first after the last; False if there is none."""
        return self._go_to(1, lambda entry: entry.marked)

    def _go_to(self, step: int, wanted: Callable[[Entry], bool]) -> bool:
        entries, cursor = self.view.window.entries, self.view.window.cursor
        order = chain(range(cursor + 1, len(entries)), range(max(cursor, 0) + 1))
        if step < 0:
            order = chain(range(cursor - 1, -1, -1), range(len(entries) - 1, max(cursor, 0) - 1, -1))
        at = next((index for index in order if index < len(entries) and wanted(entries[index])), None)
        if at is None:
            return False
        self.view.go_to(at)
        return True

    def find_when_counted(self) -> None:
        """Go to what was found last once the search has gone through everything."""
        self._find_due = bool(self.search_text)
        self._find_if_due()

    def _find_if_due(self) -> None:
        if not self._find_due or self._counts.busy or self._counts.found is None:
            return
        self._find_due = False
        cursor = self.view.window.cursor_entry
        if cursor is not None and cursor.found:
            self.view.pause()
        elif not self.go_to_found(-1):
            self.desk.say(f"{clean(self.search_text, 60)} is not found in what is shown.", "warning")

    def count_held(self) -> int:
        """Entries held, those that the filter hides included."""
        return self._counts.held

    def all_entries(self, deliver: Callable[[list[Entry]], None]) -> None:
        """Hand over all entries held, soon."""
        self.session.pipeline.snapshot(lambda entries: self._from_thread(lambda: deliver(entries)))

    def jump(self, timestamp: int) -> None:
        """Put the cursor on the first entry at or after a moment; what is older than all is read anew."""
        entries = self.view.window.entries
        if not entries or (entries[0].event.timestamp > timestamp and not self.session.at_beginning):
            seconds = max(round(self.desk.now.timestamp() - timestamp / 1_000), 1)
            when = moment_of(timestamp).astimezone()
            self.reopen(Span(f"{when:%Y-%m-%d %H:%M:%S}", seconds))
            self._jump_to_first = True
            return
        at = place_of(entries, self.session.number_at(timestamp))
        self.view.go_to(min(at, len(entries) - 1))

    def set_manner(self, manner: Manner) -> None:
        """Show the lines in another way."""
        self.view.set_manner(manner)
        self.refresh_facts()


def _level(entry: Entry) -> str:
    head = entry.event.message[:_LEVEL_HEAD]
    if "\x1b" in head:
        head = styled_lines(head, _LEVEL_HEAD)[0].text
    return level_role(level_of(head))
