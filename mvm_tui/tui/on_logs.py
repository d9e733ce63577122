"""What the actions on logs do. What they need is loaded when logs are first opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from mvm_tui.fleet.action import Action
from mvm_tui.model.durations import parse_duration
from mvm_tui.model.machine_zone import MACHINE_ZONE
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.log_subject import Span, Subject
    from mvm_tui.tui.screens.logs import LogsScreen

_FILTER_HELP = "words, /regex/, !not, level>=warn stream:NAME vm:ID after:14:20 before:14:30 last:5m"
_FIND_HELP = "a text, whatever its case, or /regex/"
_JUMP_HELP = "14:20, 14:20:30 or 2026-11-25T14:20"


def logs_screen(desk: Desk) -> LogsScreen:
    """The screen of logs, made if it was not yet."""
    return cast("LogsScreen", desk.sections.screen("logs"))


def open_logs(desk: Desk, subject: Subject, span: Span | None = None) -> None:
    """Read these logs on the screen of logs, which comes to the front."""
    from mvm_tui.tui.log_subject import NEWEST

    screen = logs_screen(desk)
    screen.open(subject, span or NEWEST)
    desk.sections.open("logs")


def _microvms(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.log_subject import Kind, Subject

    open_logs(desk, Subject(Kind.MICROVMS, ids))


def _choose(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.log_choice import Choices

    if desk.fleet is None:
        desk.say("There is no connection to read logs of.", "warning")
        return
    choices = Choices(desk)
    if argument:
        try:
            open_logs(desk, choices.named(argument.strip()))
        except ValueError as error:
            desk.say(clean(error), "warning")
    else:
        choices.offer(lambda subject: open_logs(desk, subject))


def _build(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.log_choice import open_build

    open_build(desk, argument, lambda subject: open_logs(desk, subject))


def _follow(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    logs_screen(desk).view.follow()


def _filter(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    screen = logs_screen(desk)
    if argument:
        _tell(desk, screen.set_filter(argument))
    else:
        _prompt(screen, "/", screen.filter_text, _FILTER_HELP, screen.set_filter)


def _find(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    screen = logs_screen(desk)
    if argument:
        _tell(desk, screen.set_search(argument))
        screen.find_when_counted()
    else:
        _prompt(
            screen, "find", screen.search_text, _FIND_HELP, screen.set_search, done=screen.find_when_counted
        )


def _prompt(
    screen: LogsScreen,
    prompt: str,
    text: str,
    help_text: str,
    apply: Callable[[str], str],
    *,
    live: bool = True,
    done: Callable[[], None] = lambda: None,
) -> None:
    from mvm_tui.tui.widgets.log_prompt import LogPrompt

    if not screen.typing:
        line = LogPrompt(prompt, text, help_text, apply, live=live, done=done)
        screen.open_line(line, LogPrompt.HINTS)


def _tell(desk: Desk, complaint: str) -> None:
    if complaint:
        desk.say(complaint, "warning")


def _next(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    screen = logs_screen(desk)
    if not screen.search_text:
        desk.say(f"Nothing is searched for: {desk.keys.label('logs.find')} finds.", "warning")
    elif not screen.go_to_found(-1 if action.id == "logs.previous" else 1):
        desk.say(f"{clean(screen.search_text, 60)} is not found in what is shown.", "warning")


def _since(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.choose import ChooseDialog
    from mvm_tui.tui.log_subject import NEWEST, SPANS

    screen = logs_screen(desk)
    reading = screen.session.reading
    if argument:
        _since_chosen(desk, argument)
        return
    dialog = ChooseDialog("Read since", (reading.span if reading else NEWEST).word)
    desk.app.push_screen(dialog, lambda word: _since_chosen(desk, word) if word else None)
    dialog.show([span.word for span in SPANS])


def _since_chosen(desk: Desk, word: str) -> None:
    from mvm_tui.tui.log_subject import SPANS, Span

    screen = logs_screen(desk)
    span = next((span for span in SPANS if span.word == word.strip()), None)
    if span is None:
        try:
            span = Span(clean(word.strip(), 20), parse_duration(word))
        except ValueError as error:
            desk.say(f"{clean(error)}, or all.", "warning")
            return
    screen.reopen(span)


def _jump(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.logs.query import parse_time
    from mvm_tui.model.log_event import milliseconds

    screen = logs_screen(desk)

    def jump(text: str) -> str:
        try:
            when = milliseconds(parse_time(text.strip(), desk.now.astimezone(MACHINE_ZONE)))
        except ValueError as error:
            return clean(error)
        screen.jump(when)
        return ""

    if argument:
        _tell(desk, jump(argument))
    else:
        _prompt(screen, "jump to", "", _JUMP_HELP, jump, live=False)


def _wrap(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    manner = logs_screen(desk).view.manner
    logs_screen(desk).set_manner(replace(manner, wrap=not manner.wrap))


def _times(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.widgets.log_lines import Times

    screen = logs_screen(desk)
    manner = screen.view.manner
    try:
        times = Times(argument.strip().lower()) if argument else manner.times.next
    except ValueError:
        words = ", ".join(times.value for times in Times)
        desk.say(f"Times are shown as {words}, not as {clean(argument, 20)!r}.", "warning")
        return
    screen.set_manner(replace(manner, times=times))


def _columns(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    manner = logs_screen(desk).view.manner
    logs_screen(desk).set_manner(replace(manner, columns=not manner.columns))


def _fold(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    screen = logs_screen(desk)
    for entry in screen.view.window.entries:
        entry.open = None
    screen.set_manner(replace(screen.view.manner, folded=not screen.view.manner.folded))


def _open(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    logs_screen(desk).view.toggle_open()


def _mark(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    logs_screen(desk).view.toggle_mark()


def _next_mark(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if not logs_screen(desk).go_to_marked():
        desk.say(f"No line is marked: {desk.keys.label('logs.mark')} marks one.", "warning")


def _select(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    logs_screen(desk).view.begin_range()


def _copy(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    view = logs_screen(desk).view
    text = view.selected_text()
    if text:
        desk.copy(text)
        view.select(None)
    else:
        desk.say("There is no line to copy.", "warning")


def _save(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.log_files import ask_and_save, save_as

    if argument:
        save_as(desk, logs_screen(desk), argument.strip())
    else:
        ask_and_save(desk, logs_screen(desk))


def _pager(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.log_files import open_pager

    open_pager(desk, logs_screen(desk))


def _live(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    session = logs_screen(desk).session
    if session.reading is None:
        desk.say("No log is open.", "warning")
    elif session.live:
        minutes = int(session.live_seconds // 60) + 1
        session.set_live(False)
        desk.say(f"Live Tail is off after {minutes} min.")
    else:
        from mvm_tui.tui.dialogs.confirm import Confirm

        desk.app.push_screen(
            Confirm(
                "Switch Live Tail on? It brings lines within a second, and is paid by the minute: "
                "1,800 minutes a month are free, then about $0.01 each.",
                "switch it on",
            ),
            lambda yes: session.set_live(True) if yes else None,
        )


HANDLERS: dict[str, Callable[[Desk, Action, tuple[str, ...], str], None]] = {
    "microvm.logs": _microvms,
    "logs.choose": _choose,
    "logs.build": _build,
    "logs.follow": _follow,
    "logs.filter": _filter,
    "logs.find": _find,
    "logs.next": _next,
    "logs.previous": _next,
    "logs.since": _since,
    "logs.jump": _jump,
    "logs.wrap": _wrap,
    "logs.times": _times,
    "logs.columns": _columns,
    "logs.fold": _fold,
    "logs.open": _open,
    "logs.mark": _mark,
    "logs.next_mark": _next_mark,
    "logs.select": _select,
    "logs.copy": _copy,
    "logs.save": _save,
    "logs.pager": _pager,
    "logs.live": _live,
}
