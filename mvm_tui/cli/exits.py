"""Exit codes: a contract with scripts."""

from __future__ import annotations

from collections.abc import Iterable

import click

DONE = 0
FAILED = 1
USAGE = 2
SIGN_IN = 3
TEMPORARY = 4
INTERRUPTED = 130


def worst(codes: Iterable[int]) -> int:
    """One code for several: what needs the user most; "temporary" only if nothing failed for good."""
    seen = set(codes)
    for code in (SIGN_IN, FAILED, TEMPORARY):
        if code in seen:
            return code
    return DONE


class Refusal(click.ClickException):
    """The command line cannot be carried out as it stands; the message says what to write instead."""

    exit_code = USAGE
