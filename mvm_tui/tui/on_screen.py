"""What the actions on the table and on the app do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mvm_tui.fleet.actions import Action
from mvm_tui.model.errors import Problem
from mvm_tui.model.sorting import SORTABLE
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.tui.app import MvmApp


def _mark(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    app.fleet_screen.table.toggle_mark()


def _mark_all(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    app.fleet_screen.table.toggle_mark_all()


def _filter(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        app.fleet_screen.set_filter(argument)
    else:
        app.fleet_screen.open_filter()


def _sort(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        sort_by(app, argument.strip())
        return
    from mvm_tui.tui.dialogs.sort import SortDialog

    column, reverse = app.fleet_screen.table.sorting
    app.push_screen(SortDialog(column, reverse), lambda chosen: sort_by(app, chosen) if chosen else None)


def sort_by(app: MvmApp, text: str) -> None:
    """Sort by a column; a leading ``-`` turns the order round."""
    column = text.removeprefix("-")
    if column in SORTABLE:
        app.fleet_screen.table.sort_by(column, text.startswith("-"))
    else:
        app.say(f"Cannot sort by {clean(column, 40)!r}: use {', '.join(SORTABLE)}.", "warning")


def _reverse(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    column, reverse = app.fleet_screen.table.sorting
    app.fleet_screen.table.sort_by(column, not reverse)


def _columns(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        set_columns(app, [word for word in argument.replace(",", " ").split() if word])
        return
    from mvm_tui.tui.dialogs.columns import ColumnsDialog

    app.push_screen(
        ColumnsDialog(app.fleet_screen.table.column_ids),
        lambda chosen: set_columns(app, chosen) if chosen is not None else None,
    )


def set_columns(app: MvmApp, columns: list[str]) -> None:
    """Show these columns; none at all shows those that fit."""
    try:
        app.fleet_screen.table.set_columns(columns)
    except ValueError as error:
        app.say(clean(error), "warning")


def _ended(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    app.fleet_screen.table.toggle_ended()
    app.fleet_screen.refresh_facts()


def _command(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    app.fleet_screen.open_command_line()


def _help(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.screens.help import HelpScreen

    app.push_screen(HelpScreen())


def _palette(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.palette import ActionPalette

    app.push_screen(ActionPalette())


def _messages(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.screens.messages import MessagesScreen

    app.push_screen(MessagesScreen())


def _refresh(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    """Read again; with a new session if there is something to sign in to."""
    if app.fleet is None or app.fleet_screen.problem is not None:
        app.open_account()
    else:
        app.fleet.refresh()


def _profile(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if app.options.demo:
        app.say("The demo has no profiles: start mvm-tui without demo to use yours.", "warning")
    elif argument:
        app.open_account(profile=argument.strip())
    else:
        from mvm_tui.aws.places import profile_names

        _choose(
            app, "Profile", profile_names, app.accounts.profile, lambda name: app.open_account(profile=name)
        )


def _region(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        app.open_account(region=argument.strip())
        return
    from mvm_tui.aws.places import REGIONS

    _choose(
        app, "Region", lambda: list(REGIONS), app.accounts.region, lambda name: app.open_account(region=name)
    )


def _theme(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        app.use_theme(argument.strip())
        return
    _choose(app, "Theme", app.theme_names, app.theme, app.use_theme)


def _choose(
    app: MvmApp,
    title: str,
    names: Callable[[], list[str]],
    current: str,
    chosen: Callable[[str], None],
) -> None:
    """Open a chooser at once; its list comes from a thread."""
    from mvm_tui.tui.dialogs.choose import ChooseDialog

    dialog = ChooseDialog(title, current)

    def deliver(answer: list[str] | Problem) -> None:
        if isinstance(answer, Problem):
            app.report(answer)
        elif dialog.is_attached:
            dialog.show(answer)

    app.push_screen(dialog, lambda name: chosen(name) if name else None)
    app.ask(names, deliver)


def _close(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    """One thing at a time: what is open, then work on many MicroVMs, then filter, then marks."""
    screen = app.fleet_screen
    if app.screen is not screen:
        app.pop_screen()
    elif app.jobs.stop_bulk():
        app.say("Stopping after the call under way.")
    elif screen.filter_text:
        screen.set_filter("")
    else:
        screen.table.clear_marks()


def _back(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if app.screen is app.fleet_screen:
        app.exit(0)
    else:
        app.pop_screen()


HANDLERS: dict[str, Callable[[MvmApp, Action, tuple[str, ...], str], None]] = {
    "table.mark": _mark,
    "table.mark_all": _mark_all,
    "table.filter": _filter,
    "table.sort": _sort,
    "table.reverse": _reverse,
    "table.columns": _columns,
    "table.ended": _ended,
    "app.command": _command,
    "app.help": _help,
    "app.palette": _palette,
    "app.messages": _messages,
    "app.refresh": _refresh,
    "app.profile": _profile,
    "app.region": _region,
    "app.theme": _theme,
    "app.close": _close,
    "app.back": _back,
}
