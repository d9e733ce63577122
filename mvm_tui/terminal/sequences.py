"""What whole sequences mean: which event of the screen, with which parameters.

The tables are pyte's, extended; a key is the private marker, the intermediates and the final character.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import lru_cache, partial

from mvm_tui.terminal.base import BaseStream
from mvm_tui.terminal.screen import Screen
from mvm_tui.terminal.styles import RESET, Attribute

Call = Callable[[], object]
PARAMETER_LIMIT = 32
# More sub-parameters than a colour has say nothing.
SUB_LIMIT = 8
# xterm's own limit of a parameter.
VALUE_LIMIT = 65_535

CONTROLS = {**BaseStream.basic, "\r\n": "new_line"}

_CSI = {
    # pyte has HPA at the wrong character, and moves VPR with the margins.
    **{final: event for final, event in BaseStream.csi.items() if final not in "'e"},
    "`": "cursor_to_column",
    "e": "cursor_to_line_relative",
    "I": "cursor_forward_tab",
    "S": "scroll_up",
    "T": "scroll_down",
    "^": "scroll_down",
    "Z": "cursor_back_tab",
    "b": "repeat",
    "s": "save_cursor",
    "t": "window_operation",
    "u": "restore_cursor",
    "x": "report_parameters",
    " @": "scroll_left",
    " A": "scroll_right",
    "'}": "insert_columns",
    "'~": "delete_columns",
    '"q': "select_protected",
    " q": "set_cursor_shape",
    "!p": "soft_reset",
    "$p": "report_mode",
    ">c": "report_secondary_attributes",
    "=c": "report_tertiary_attributes",
    ">q": "report_version",
    ">m": "set_key_modifiers",
    ">n": "reset_key_modifiers",
    "?m": "report_key_modifiers",
    "?s": "save_modes",
    "?r": "restore_modes",
}
_PRIVATE = {
    "?h": "set_mode",
    "?l": "reset_mode",
    "?J": "erase_in_display",
    "?K": "erase_in_line",
    "?n": "report_device_status",
    "?$p": "report_mode",
}
_ESCAPE = {
    **BaseStream.escape,
    "E": "next_line",
    **{"#" + final: event for final, event in BaseStream.sharp.items()},
}
_ESCAPE_WITH = {
    "=": ("set_keypad", True),
    ">": ("set_keypad", False),
    "N": ("single_shift", 2),
    "O": ("single_shift", 3),
    "n": ("shift", 2),
    "o": ("shift", 3),
    "|": ("shift", 3),
    "}": ("shift", 2),
    "~": ("shift", 1),
}
_SHAPE = re.compile(r"\x1b\[([<-?]?)([0-9;:]*)([ -/]*)([@-~])\Z")


@lru_cache(maxsize=256)
def _takes(event: str) -> int:
    """How many parameters an event takes by position; more are dropped."""
    parameters = list(inspect.signature(getattr(Screen, event)).parameters.values())[1:]
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return PARAMETER_LIMIT
    return sum(parameter.name != "private" for parameter in parameters)


def control_call(screen: Screen, control: str) -> Call | None:
    """The event of a control character; None for one that does nothing."""
    event = CONTROLS.get(control)
    return getattr(screen, event) if event else None


def csi_call(screen: Screen, sequence: str) -> Call | None:
    """The event of a control sequence; None for one that is not known or not well formed."""
    shape = _SHAPE.match(sequence)
    if shape is None:
        return None
    marker, body, intermediates, final = shape.groups()
    key = marker + intermediates + final
    if key == "m":
        change = screen.table.change(_attributes(body))
        return screen.reset_style if change is RESET else partial(screen.change_style, change)
    event, private = _PRIVATE.get(key), True
    if event is None:
        event, private = _CSI.get(key), False
    if event is None:
        return None
    method = getattr(screen, event)
    parameters = _parameters(body)[: _takes(event)]
    return partial(method, *parameters, private=True) if private else partial(method, *parameters)


def _number(text: str) -> int:
    return min(int(text), VALUE_LIMIT) if text else 0


def _parameters(body: str) -> tuple[int, ...]:
    """Parameters without their sub-parameters; one left out is 0, and none at all are none."""
    if not body:
        return ()
    return tuple(_number(field.partition(":")[0]) for field in body.split(";")[:PARAMETER_LIMIT])


def _attributes(body: str) -> tuple[Attribute, ...]:
    """The parameters of SGR, those with sub-parameters as tuples."""
    if not body:
        return ()
    fields = body.split(";")[:PARAMETER_LIMIT]
    if ":" not in body:
        return tuple([_number(field) for field in fields])
    return tuple(
        tuple(_number(sub) for sub in field.split(":")[:SUB_LIMIT]) if ":" in field else _number(field)
        for field in fields
    )


def escape_call(screen: Screen, sequence: str) -> Call | None:
    """The event of an escape sequence; None for one that is not known."""
    key = sequence[1:]
    if key in _ESCAPE:
        return getattr(screen, _ESCAPE[key])  # type: ignore[no-any-return]
    if key in _ESCAPE_WITH:
        event, argument = _ESCAPE_WITH[key]
        return partial(getattr(screen, event), argument)
    if len(key) == 2 and key[0] in "()*+-.":
        return partial(screen.define_charset, key[1], key[0])
    if key in ("%@", "%G"):
        return partial(screen.define_charset, "B", "(")
    return None
