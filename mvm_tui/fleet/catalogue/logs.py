"""Actions on the log that is being read."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Scope


def _logs(
    name: str, label: str, keys: tuple[str, ...], text: str, verb: str = "", *, footer: bool = False
) -> Action:
    return Action(f"logs.{name}", label, keys, Scope.LOGS, text, verb=verb, footer=footer)


LOGS_ACTIONS: tuple[Action, ...] = (
    _logs(
        "choose",
        "choose",
        ("o",),
        "Choose whose logs to read: MicroVMs, an image, its builds, all.",
        "logs",
        footer=True,
    ),
    _logs(
        "build", "build logs", (), "Read the build logs of an image: build-logs NAME [VERSION].", "build-logs"
    ),
    _logs("follow", "follow", ("G", "end"), "Go to the newest line and follow.", "follow", footer=True),
    _logs(
        "filter",
        "filter",
        ("slash",),
        "Show only lines that match; older ones are searched too.",
        "filter",
        footer=True,
    ),
    _logs(
        "find",
        "find",
        ("f",),
        "Find a text or /regex/ and count the lines that have it.",
        "find",
        footer=True,
    ),
    _logs("next", "next", ("n",), "Go to the next line found."),
    _logs("previous", "previous", ("N",), "Go to the line found before."),
    _logs("since", "since", ("s",), "Choose how far back reading begins.", "since", footer=True),
    _logs("jump", "jump", ("T",), "Jump to a time: 14:20, or 2026-11-25T14:20.", "jump"),
    _logs("wrap", "wrap", ("w",), "Wrap long lines, or cut them off.", "wrap", footer=True),
    _logs("times", "times", ("t",), "Show times as local, UTC, relative, or not at all.", "times"),
    _logs("columns", "JSON columns", ("c",), "Show JSON lines as columns, or as they are."),
    _logs("fold", "fold", ("z",), "Fold traces and other lines of several rows, or unfold them."),
    _logs(
        "open", "open", ("enter",), "Open the line: JSON spread out, a trace unfolded, a long line wrapped."
    ),
    _logs("mark", "mark", ("m",), "Mark the line, or take its mark."),
    _logs("next_mark", "next mark", ("apostrophe",), "Go to the next marked line."),
    _logs("select", "select", ("v",), "Select lines from here on; moving extends it."),
    _logs("copy", "copy", ("y",), "Copy what is selected, else the line.", footer=True),
    _logs("save", "save", ("e",), "Save to a file, what is shown or everything, as text or NDJSON.", "save"),
    _logs("pager", "pager", ("p",), "Read what is shown in $PAGER.", "pager"),
    _logs("live", "Live Tail", ("L",), "Switch Live Tail on or off: faster, and paid by the minute.", "live"),
)
