"""Times on the command line."""

from __future__ import annotations

from typing import Any

import click

from mvm_tui.model.durations import parse_duration


class Duration(click.ParamType[int]):
    """``90s``, ``15m``, ``1h30m``: seconds."""

    name = "duration"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), parameter, context)
