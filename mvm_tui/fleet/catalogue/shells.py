"""Actions in a shell. Every key there belongs to the MicroVM but the leader; the keys of these follow it."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Danger, Scope


def _shell(
    name: str, label: str, key: str, text: str, danger: Danger = Danger.NONE, *, footer: bool = False
) -> Action:
    return Action(f"shell.{name}", label, (key,), Scope.SHELL, text, danger, footer=footer)


SHELL_ACTIONS: tuple[Action, ...] = (
    _shell("detach", "detach", "d", "Back to the table; the shell stays attached.", footer=True),
    _shell("next", "next", "n", "Go to the next shell.", footer=True),
    _shell("previous", "previous", "p", "Go to the previous shell."),
    _shell("again", "another", "c", "Open another shell on the same MicroVM.", Danger.CHANGES, footer=True),
    _shell(
        "scroll",
        "scroll back",
        "left_square_bracket",
        "Look at what scrolled away; { and } go from prompt to prompt.",
        footer=True,
    ),
    _shell("search", "search", "slash", "Search what was printed; n and N go on."),
    _shell("record", "record", "r", "Record what is printed to a file, or stop."),
    _shell("suspend", "suspend", "z", "Suspend the MicroVM; asks first."),
    _shell(
        "whole",
        "whole screen",
        "S",
        "Hand it your whole terminal, until the leader and d give it back.",
    ),
    _shell("sync", "to several", "y", "Type into several shells at once, or stop."),
    _shell("zoom", "zoom", "f", "Show the shell alone, or all around it again."),
    _shell("close", "close", "x", "Close the shell; asks first."),
    _shell("help", "help", "question_mark", "Show the keys.", footer=True),
)
