"""What the actions on the table and on the app do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.sections import SECTIONS
from mvm_tui.model.errors import Problem
from mvm_tui.model.sorting import SORTABLE
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk


def _mark(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.fleet_screen.table.toggle_mark()


def _mark_all(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.fleet_screen.table.toggle_mark_all()


def _filter(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        if complaint := desk.fleet_screen.set_filter(argument):
            desk.say(complaint, "warning")
    else:
        desk.fleet_screen.open_filter()


def _sort(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        sort_by(desk, argument.strip())
        return
    from mvm_tui.tui.dialogs.sort import SortDialog

    column, reverse = desk.fleet_screen.table.sorting
    desk.app.push_screen(
        SortDialog(column, reverse), lambda chosen: sort_by(desk, chosen) if chosen else None
    )


def sort_by(desk: Desk, text: str) -> None:
    """Sort by a column; a leading ``-`` turns the order round."""
    column = text.removeprefix("-")
    if column in SORTABLE:
        desk.fleet_screen.table.sort_by(column, text.startswith("-"))
    else:
        desk.say(f"Cannot sort by {clean(column, 40)!r}: use {', '.join(SORTABLE)}.", "warning")


def _reverse(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    column, reverse = desk.fleet_screen.table.sorting
    desk.fleet_screen.table.sort_by(column, not reverse)


def _columns(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        set_columns(desk, [word for word in argument.replace(",", " ").split() if word])
        return
    from mvm_tui.tui.dialogs.columns import ColumnsDialog

    desk.app.push_screen(
        ColumnsDialog(desk.fleet_screen.table.column_ids),
        lambda chosen: set_columns(desk, chosen) if chosen is not None else None,
    )


def set_columns(desk: Desk, columns: list[str]) -> None:
    """Show these columns; none at all shows those that fit."""
    try:
        desk.fleet_screen.table.set_columns(columns)
    except ValueError as error:
        desk.say(clean(error), "warning")


def _ended(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.fleet_screen.table.toggle_ended()
    desk.front.refresh_facts()


def _command(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.front.open_command_line()


def _help(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.screens.help import HelpScreen

    desk.app.push_screen(HelpScreen())


def _palette(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.palette import ActionPalette

    desk.app.push_screen(ActionPalette())


def _messages(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.screens.messages import MessagesScreen

    desk.app.push_screen(MessagesScreen())


def _refresh(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    """Read again; with a new session, and the cursor where it was, if there is something to sign in to."""
    desk.front.read_again()
    problem = desk.overview.problem
    if desk.fleet is not None and (problem is None or problem.temporary):
        desk.fleet.refresh()
        return
    row = desk.fleet_screen.table.cursor_row
    desk.open_account()
    if row is not None:
        desk.fleet_screen.follow(row.id)


def _profile(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if desk.options.demo:
        desk.say("The demo has no profiles: start mvm-tui without demo to use yours.", "warning")
    elif argument:
        desk.open_account(profile=argument.strip())
    else:
        from mvm_tui.aws.places import profile_names

        _choose(
            desk,
            "Profile",
            profile_names,
            desk.accounts.profile,
            lambda name: desk.open_account(profile=name),
        )


def _region(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        desk.open_account(region=argument.strip())
        return
    from mvm_tui.aws.places import REGIONS

    _choose(
        desk,
        "Region",
        lambda: list(REGIONS),
        desk.accounts.region,
        lambda name: desk.open_account(region=name),
    )


def _theme(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if argument:
        desk.use_theme(argument.strip())
        return
    _choose(desk, "Theme", desk.theme_names, desk.app.theme, desk.use_theme)


def _choose(
    desk: Desk,
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
            desk.report(answer)
        else:
            dialog.show(answer)

    desk.app.push_screen(dialog, lambda name: chosen(name) if name else None)
    desk.ask(names, deliver)


def _close(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    """One thing at a time: a dialog, then work on many MicroVMs, then what the screen has open."""
    if desk.app.screen is not desk.front:
        desk.app.pop_screen()
    elif desk.jobs.stop_bulk():
        desk.say("Stopping after the call under way.")
    else:
        desk.front.close_something()


def _back(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if desk.app.screen is not desk.fleet_screen:
        desk.app.pop_screen()
    else:
        leave(desk)


def leave(desk: Desk) -> None:
    """End the app; if something is lost by it, ask first. Who asks for it again while asked means it."""
    from mvm_tui.tui.dialogs.confirm import Confirm

    question = _what_leaving_costs(desk)
    asked = getattr(desk.app.screen, "asks_to_leave", False)
    if not question or asked:
        desk.app.exit(0)
        return
    dialog = Confirm(question, "leave")
    dialog.asks_to_leave = True
    desk.app.push_screen(dialog, lambda yes: desk.app.exit(0) if yes else None)


def _what_leaving_costs(desk: Desk) -> str:
    """The question for a user who leaves; empty if nothing is lost."""
    if under_way := desk.jobs.counts():
        # Nobody would go on with what is still to be asked for.
        return f"Leave with {under_way} done? The rest will be left alone."
    holders = (desk.forwards, desk.builds, *desk.sections)
    parts = (holder.leaving_costs() for holder in holders)
    costs = [cost for cost in parts if cost]
    return f"Leave? You lose {' and '.join(costs)}." if costs else ""


def _open_section(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.sections.open(action.id.removeprefix("app."))


HANDLERS: dict[str, Callable[[Desk, Action, tuple[str, ...], str], None]] = {
    **{section.opener: _open_section for section in SECTIONS},
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
