"""Actions in a shell. Every key there belongs to the MicroVM but the leader; the keys of these follow it."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Danger, Scope

SHELL_ACTIONS: tuple[Action, ...] = (
    Action("shell.detach", "detach", ("d",), Scope.SHELL, "Back to the table; the shell stays attached."),
    Action("shell.next", "next", ("n",), Scope.SHELL, "Go to the next shell."),
    Action("shell.previous", "previous", ("p",), Scope.SHELL, "Go to the previous shell."),
    Action(
        "shell.again",
        "another",
        ("c",),
        Scope.SHELL,
        "Open another shell on the same MicroVM.",
        Danger.CHANGES,
    ),
    Action(
        "shell.scroll",
        "scroll back",
        ("left_square_bracket",),
        Scope.SHELL,
        "Look at what scrolled away: arrows, pages, / searches, { } go from prompt to prompt, esc leaves.",
    ),
    Action(
        "shell.search", "search", ("slash",), Scope.SHELL, "Search what the shell printed; n and N go on."
    ),
    Action("shell.record", "record", ("r",), Scope.SHELL, "Record what the shell prints to a file, or stop."),
    Action("shell.suspend", "suspend", ("z",), Scope.SHELL, "Suspend the MicroVM; asks first."),
    Action("shell.sync", "type to several", ("y",), Scope.SHELL, "Type to several shells at once, or stop."),
    Action("shell.zoom", "zoom", ("f",), Scope.SHELL, "Show the shell alone, or all around it again."),
    Action("shell.close", "close", ("x",), Scope.SHELL, "Close the shell; asks first."),
    Action("shell.help", "help", ("question_mark",), Scope.SHELL, "Show the keys."),
)
